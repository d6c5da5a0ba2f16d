//! What a program counted.

use bitspin_core::Error;
use bitspin_trials::Error;
use embedded_io::Write;

use crate::board;
use crate::console::Console;
use crate::stack;

/// What work takes, on average.
pub fn work(console: &mut Console<impl Write>, name: &str, mean: u32) {
    console.text(name).text(": ").number(mean);
    console.text(" ").text(board::COUNTED).line();
}

/// How much stack was used, and the digest of all that the program found.
pub fn end(console: &mut Console<impl Write>, digest: u64) {
    console.text("stack: ");
    console.number(stack::high_water_mark() as u32);
    console.text(" bytes").line();
    console.text("digest: ").hexadecimal(digest).line();
}

/// The exit code: 0 if what was found is what a desktop finds, 1 if not, 2 if nothing was found.
#[must_use]
pub fn exit_code(found: Result<bool, Error>) -> u8 {
    match found {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(_) => 2,
    }
}
