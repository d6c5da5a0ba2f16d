//! The board: a serial port, a timer, and an end.
//!
//! Each board is a file with its pins and its clock, and the same two types: `Uart`, which is read and written through
//! `embedded-io`, and `Timer`, which counts. No hardware abstraction layer is used, since what is needed is a dozen
//! registers; in firmware of your own take your chip's, any UART with `embedded-io` fits [`Console`](crate::console::Console).

#[cfg(board = "microbit")]
mod microbit;
#[cfg(board = "microbit")]
use microbit as chosen;

#[cfg(board = "netduinoplus2")]
mod netduinoplus2;
#[cfg(board = "netduinoplus2")]
use netduinoplus2 as chosen;

mod register;

pub use chosen::{NAME, Timer, Uart};

/// What is on the board.
#[derive(Debug)]
pub struct Board {
    /// The serial port, at 115,200 baud, 8 bits, no parity.
    pub uart: Uart,
    /// The timer.
    pub timer: Timer,
}

impl Board {
    /// Starts clock, serial port and timer. Once: the second time there is `None`.
    #[must_use]
    pub fn take() -> Option<Self> {
        // The core's peripherals are given out once, so they stand for the chip's.
        let _once = cortex_m::Peripherals::take()?;
        Some(Self {
            uart: Uart::start(),
            timer: Timer::start(),
        })
    }
}

/// What [`Timer`] counts: instructions in QEMU, whose clock advances 1 ns for each with `-icount shift=0`.
#[cfg(feature = "qemu")]
pub const COUNTED: &str = "instructions";
/// What [`Timer`] counts: cycles of the core's clock.
#[cfg(not(feature = "qemu"))]
pub const COUNTED: &str = "cycles";

/// The end of the program: QEMU ends with this exit code.
#[cfg(feature = "qemu")]
pub fn exit(code: u8) -> ! {
    // The call SYS_EXIT_EXTENDED, the only one that takes an exit code of a 32-bit core, and its reason
    // ADP_Stopped_ApplicationExit (Arm, Semihosting for AArch32 and AArch64, 7.7).
    const EXIT_EXTENDED: usize = 0x20;
    const APPLICATION_EXIT: u32 = 0x2_0026;
    // SAFETY: the call reads two words from the address that it is given.
    unsafe {
        cortex_m_semihosting::syscall(EXIT_EXTENDED, &[APPLICATION_EXIT, u32::from(code)]);
    }
    stop()
}

/// The end of the program. Nobody is there to take the exit code.
#[cfg(not(feature = "qemu"))]
pub fn exit(_code: u8) -> ! {
    stop()
}

fn stop() -> ! {
    cortex_m::interrupt::disable();
    loop {
        cortex_m::asm::wfi();
    }
}
