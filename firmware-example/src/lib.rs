//! What the binaries share: a board with a serial port and a timer, and what they print and measure with.
//!
//! - [`board`] is the board that was built for; its pins and its clock are in one file.
//! - [`console`] prints text and numbers without `core::fmt`, which would be the largest part of the program.
//! - [`sizes`] tells what the program takes, [`stack`] how much of the stack was ever used.
//! - [`digits`] is what `recall` recalls, and [`picture`] draws it.
//! - [`report`] prints what a program counted, for people and for the table of sizes.
#![no_std]

pub mod board;
pub mod console;
pub mod digits;
pub mod picture;
pub mod report;
pub mod sizes;
pub mod stack;

/// What cannot go on ends, in QEMU with exit code 101. Nothing is formatted: that would cost more flash than the rest.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(101)
}
