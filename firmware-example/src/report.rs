//! Output of measurements.

use bitspin_core::Error;
use embedded_io::Write;

use crate::board;
use crate::console::Console;
use crate::stack;

/// Prints the mean of a measurement.
pub fn work(console: &mut Console<impl Write>, name: &str, mean: u32) {
    console.text(name).text(": ").number(mean);
    console.text(" ").text(board::COUNTED).line();
}

/// Prints the peak of the stack and the digest of the results.
pub fn end(console: &mut Console<impl Write>, digest: u64) {
    console.text("stack: ");
    console.number(stack::high_water_mark() as u32);
    console.text(" bytes").line();
    console.text("digest: ").hexadecimal(digest).line();
}

/// The exit code: 0 if the results are those of a desktop, 1 if not, 2 after an error.
#[must_use]
pub fn exit_code(found: Result<bool, Error>) -> u8 {
    match found {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(_) => 2,
    }
}
