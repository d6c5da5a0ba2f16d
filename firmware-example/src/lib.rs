//! What the programs share: a board with a serial port and a timer, output, and measurements.
//!
//! - [`board`] is the board that the program is built for; its pins and its clock are in one file.
//! - [`console`] prints text and numbers without `core::fmt`, which would be the largest part of the program.
//! - [`sizes`] measures flash and RAM, [`stack`] the peak of the stack.
//! - [`digits`] are the patterns of `recall`, and [`picture`] draws them.
//! - [`report`] prints measurements, which the table of sizes is made from.
#![no_std]

pub mod board;
pub mod console;
pub mod digits;
pub mod picture;
pub mod report;
pub mod sizes;
pub mod stack;

/// A panic ends the program, in QEMU with exit code 101. The message is not formatted: that would cost more flash than the rest.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(101)
}
