//! Classifies digits by an RBM with label units, and detects anomalies by its energy E(x).
//!
//! The inputs are 64 digits that the model has not seen, intact and with 15% of their pixels inverted; the first
//! is drawn both ways. Class and energy come from the same ten logits, in integers. Ends with exit code 0 if all logits are
//! the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::{picture, report};
use bitspin_trials::{MODELS, SIDE, classify, expected};
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
    let found = classify::run(&MODELS, &mut timer, |pixels, class, energy, anomaly| {
        if drawn < 2 {
            picture::side_by_side(console, SIDE, &[pixels]);
            console.text("class: ").number(class as u32);
            // 2^-16 nat as whole nats, without a division.
            console.text(", energy: ").integer((energy >> 16) as i32);
            console.text(if anomaly {
                " nats: an anomaly"
            } else {
                " nats: a digit"
            });
            console.line();
            drawn += 1;
        }
    })?;
    console.text("taken for another: ").number(found.errors);
    console
        .text(" of ")
        .number(found.digits)
        .text(" digits")
        .line();
    for (what, anomalies) in [
        ("digits", found.false_alarms),
        ("damaged digits", found.found),
    ] {
        console.text("called anomalies: ").number(anomalies);
        console.text(" of ").number(found.digits);
        console.text(" ").text(what).line();
    }
    report::work(console, "classification", found.classification.mean());
    report::end(console, found.digest);
    Ok(found.digest == expected::CLASSIFY)
}
