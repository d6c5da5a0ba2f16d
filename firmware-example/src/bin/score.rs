//! Scores inputs by their free energy under an RBM, and calls those above a threshold anomalies.
//!
//! The inputs are 64 digits that the RBM has not seen, as they are and with 15% of their pixels inverted; the first is
//! drawn both ways. The threshold is the free energy that 99 in 100 training digits are below. Ends with exit code 0 if all
//! free energies are the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::{picture, report};
use bitspin_trials::{MODELS, SIDE, expected, score};
use embedded_io::Write;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    board::exit(report::exit_code(judge(&mut console, board.timer)))
}

fn judge(console: &mut Console<impl Write>, mut timer: board::Timer) -> Result<bool, Error> {
    let mut drawn = 0;
    let score = score::run(&MODELS, &mut timer, |pixels, energy, anomaly| {
        if drawn < 2 {
            picture::side_by_side(console, SIDE, &[pixels]);
            // 2^-16 nat as whole nats, without a division.
            console.text("free energy: ").integer((energy >> 16) as i32);
            console.text(if anomaly {
                " nats: an anomaly"
            } else {
                " nats: a digit"
            });
            console.line();
            drawn += 1;
        }
    })?;
    console
        .text("threshold: ")
        .integer((MODELS.threshold >> 16) as i32);
    console.text(" nats").line();
    for (what, found) in [
        ("digits", score.false_alarms),
        ("damaged digits", score.found),
    ] {
        console.text("called anomalies: ").number(found);
        console.text(" of ").number(score.digits);
        console.text(" ").text(what).line();
    }
    report::work(console, "free energy", score.free_energy.mean());
    report::end(console, score.digest);
    Ok(score.digest == expected::SCORE)
}
