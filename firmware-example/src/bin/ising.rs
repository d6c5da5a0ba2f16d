//! Samples a ferromagnet and anneals a spin glass, with models in flash and integers in every decision.
//!
//! The ferromagnet is a lattice of 16 x 16 spins that starts hot, is swept 200 times by Glauber's dynamics near its critical
//! temperature, and is drawn four times; the spin glass is 64 spins with random couplings of 8 bits. Ends with exit code 0
//! if all states and energies are the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::{picture, report};
use bitspin_trials::{LATTICE, MODELS, expected, ising};
use embedded_io::Write;

/// Sweeps between two drawings.
const BETWEEN: u32 = 50;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    board::exit(report::exit_code(sample(&mut console, board.timer)))
}

fn sample(console: &mut Console<impl Write>, mut timer: board::Timer) -> Result<bool, Error> {
    let found = ising::run(&MODELS, &mut timer, |sweep, state| {
        if sweep % BETWEEN == 0 {
            console.text("sweep ").number(sweep).line();
            picture::side_by_side(console, LATTICE, &[state]);
        }
    })?;
    console
        .text("energy of the ferromagnet: ")
        .integer(found.energy as i32)
        .line();
    console
        .text("lowest energy of the spin glass: ")
        .integer(found.lowest as i32)
        .text(" after sweep ")
        .number(found.lowest_at)
        .line();
    report::work(console, "lattice sweep", found.lattice_sweep.mean());
    report::work(console, "glass sweep", found.glass_sweep.mean());
    report::work(console, "temperature", found.temperature.mean());
    report::end(console, found.digest);
    Ok(found.digest == expected::ISING)
}
