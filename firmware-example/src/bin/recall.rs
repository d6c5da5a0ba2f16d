//! Recalls damaged digits.
#![no_std]
#![no_main]

use bitspin_firmware::board::{self, Board};
use bitspin_firmware::console::Console;
use bitspin_firmware::stack;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(mut board) = Board::take() else {
        board::exit(1);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    let a = board.timer.ticks();
    let b = board.timer.ticks();
    console
        .number(board::Timer::counted(b - a) as u32)
        .text(" ")
        .text(board::COUNTED)
        .line();
    console
        .text("stack: ")
        .number(stack::high_water_mark() as u32)
        .line();
    board::exit(0)
}
