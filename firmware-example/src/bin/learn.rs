//! Learns on the device: a new digit in a Hopfield memory, and an RBM of 196 x 16 units by contrastive divergence.
//!
//! The memory holds 31 digits and is shown a damaged one that it does not know, before and after it stores that digit. The
//! RBM starts from small random weights of 16 bits, in RAM, and learns 100 digits ten times over. Ends with exit code 0 if
//! all recalled states and all learned weights are the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::{picture, report};
use bitspin_trials::{EXAMPLES, MODELS, PIXELS, expected, learn};
use embedded_io::Write;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    let stored = store(&mut console);
    let learned = contrast(&mut console, board.timer);
    board::exit(report::exit_code(stored).max(report::exit_code(learned)))
}

// Two functions, so that the buffers of one are not on the stack of the other.
#[inline(never)]
fn store(console: &mut Console<impl Write>) -> Result<bool, Error> {
    let stored = learn::store(&MODELS, |pictures| {
        console
            .text("damaged; recalled before the digit is stored, and after")
            .line();
        picture::side_by_side(console, 28, &pictures);
    })?;
    let [before, after] = stored.wrong;
    console.text("wrong pixels: ").number(before);
    console
        .text(" before, ")
        .number(after)
        .text(" after")
        .line();
    console
        .text("digest of the memory: ")
        .hexadecimal(stored.digest)
        .line();
    Ok(stored.digest == expected::STORE)
}

#[inline(never)]
fn contrast(console: &mut Console<impl Write>, mut timer: board::Timer) -> Result<bool, Error> {
    let pixels = (EXAMPLES * PIXELS) as u32;
    let learned = learn::contrast(&MODELS, &mut timer, |pass, wrong| {
        console.text("pass ").number(pass).text(": ").number(wrong);
        console
            .text(" of ")
            .number(pixels)
            .text(" pixels wrong")
            .line();
    })?;
    report::work(console, "CD-1 step", learned.step.mean());
    report::end(console, learned.digest);
    Ok(learned.digest == expected::LEARN)
}
