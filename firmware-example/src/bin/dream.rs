//! Samples digits: Gibbs sampling of an RBM of 196 x 64 units whose weights, 8 bits each, stay in flash.
//!
//! A chain starts from noise, makes 1,000 steps and draws every two hundredth. Ends with exit code 0 if all its states, and
//! their free energies, are the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::{picture, report};
use bitspin_trials::{MODELS, SIDE, dream, expected};
use embedded_io::Write;

/// Steps between two drawings.
const BETWEEN: u32 = 200;

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
    let dream = dream::run(&MODELS, &mut timer, |step, visible| {
        if step % BETWEEN == 0 {
            console.text("step ").number(step).line();
            picture::side_by_side(console, SIDE, &[visible]);
        }
    })?;
    report::work(console, "Gibbs step", dream.step.mean());
    report::end(console, dream.digest);
    Ok(dream.digest == expected::DREAM)
}
