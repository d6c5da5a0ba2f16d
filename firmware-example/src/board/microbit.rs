//! Pins and clock of the BBC micro:bit v1: nRF51822, Cortex-M0 at 16 MHz.
//!
//! Registers are those of the nRF51 Series Reference Manual.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU32, Ordering};

use embedded_io::{ErrorType, Read, ReadReady, Write};

use super::register::Register;

/// The board's name.
pub const NAME: &str = "micro:bit (nRF51822, Cortex-M0)";

// What to edit for another board with this chip: the pins of port 0.
const TX_PIN: u32 = 24;
const RX_PIN: u32 = 25;
/// 115,200 baud.
const BAUD_RATE: u32 = 0x01d7_e000;

/// Instructions of QEMU that 16 ticks of the timer take: 16 MHz on its clock of 1 ns an instruction.
#[cfg(feature = "qemu")]
const COUNTED_IN_16_TICKS: u64 = 1000;
/// The core and the timer have one clock.
#[cfg(not(feature = "qemu"))]
const COUNTED_IN_16_TICKS: u64 = 16;

const CLOCK: usize = 0x4000_0000;
const UART: usize = 0x4000_2000;
const TIMER0: usize = 0x4000_8000;
const GPIO: usize = 0x5000_0000;

const fn register(peripheral: usize, offset: usize) -> Register {
    // SAFETY: all peripherals and offsets of this file are the chip's.
    unsafe { Register::at(peripheral + offset) }
}

const HFCLK_START: Register = register(CLOCK, 0x000);
const HFCLK_STARTED: Register = register(CLOCK, 0x100);
const OUT_SET: Register = register(GPIO, 0x508);
const DIR_SET: Register = register(GPIO, 0x518);
const START_RX: Register = register(UART, 0x000);
const START_TX: Register = register(UART, 0x008);
const RX_READY: Register = register(UART, 0x108);
const TX_READY: Register = register(UART, 0x11c);
const ERROR_SOURCE: Register = register(UART, 0x480);
const ENABLE: Register = register(UART, 0x500);
const SELECT_TX: Register = register(UART, 0x50c);
const SELECT_RX: Register = register(UART, 0x514);
const RX_DATA: Register = register(UART, 0x518);
const TX_DATA: Register = register(UART, 0x51c);
const BAUD: Register = register(UART, 0x524);
const TIMER_START: Register = register(TIMER0, 0x000);
const TIMER_CAPTURE: Register = register(TIMER0, 0x040);
const TIMER_BITS: Register = register(TIMER0, 0x508);
const TIMER_PRESCALER: Register = register(TIMER0, 0x510);
const TIMER_VALUE: Register = register(TIMER0, 0x540);

/// The chip's serial port. Its events are polled; six received bytes wait at most.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Starts the crystal, without which the baud rate is too far off, and the port.
    pub(super) fn start() -> Self {
        HFCLK_STARTED.write(0);
        HFCLK_START.write(1);
        while HFCLK_STARTED.read() == 0 {}
        OUT_SET.write(1 << TX_PIN);
        DIR_SET.write(1 << TX_PIN);
        SELECT_TX.write(TX_PIN);
        SELECT_RX.write(RX_PIN);
        BAUD.write(BAUD_RATE);
        ENABLE.write(4);
        START_TX.write(1);
        START_RX.write(1);
        Self(())
    }
}

/// Times that the port has lost bytes or received one with an error.
static OVERRUNS: AtomicU32 = AtomicU32::new(0);

impl Uart {
    /// How often bytes were lost, or received with an error.
    #[must_use]
    pub fn overruns() -> u32 {
        OVERRUNS.load(Ordering::Relaxed)
    }

    /// Takes note of errors, and forgets them.
    fn note_errors() {
        let errors = ERROR_SOURCE.read();
        if errors != 0 {
            ERROR_SOURCE.write(errors);
            let noted = OVERRUNS.load(Ordering::Relaxed);
            OVERRUNS.store(noted.wrapping_add(1), Ordering::Relaxed);
        }
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            TX_READY.write(0);
            TX_DATA.write(u32::from(byte));
            while TX_READY.read() == 0 {}
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(RX_READY.read() != 0)
    }
}

impl Read for Uart {
    /// Waits for one byte, and reads as many as are there.
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        for byte in bytes {
            while RX_READY.read() == 0 {
                if count > 0 {
                    return Ok(count);
                }
            }
            Self::note_errors();
            // The event first: the next byte raises it anew.
            RX_READY.write(0);
            *byte = RX_DATA.read() as u8;
            count += 1;
        }
        Ok(count)
    }
}

/// TIMER0, 32 bits at 16 MHz. The nRF51 has no SysTick.
#[derive(Debug)]
pub struct Timer(());

impl Timer {
    pub(super) fn start() -> Self {
        TIMER_BITS.write(3);
        TIMER_PRESCALER.write(0);
        TIMER_START.write(1);
        Self(())
    }

    /// Ticks since the start, modulo 2^32.
    pub fn ticks(&mut self) -> u32 {
        TIMER_CAPTURE.write(1);
        TIMER_VALUE.read()
    }

    /// What [`COUNTED`](super::COUNTED) says, that a number of ticks took.
    #[must_use]
    pub fn counted(ticks: u32) -> u64 {
        u64::from(ticks) * COUNTED_IN_16_TICKS / 16
    }
}

impl bitspin_trials::Clock for Timer {
    /// In what [`COUNTED`](super::COUNTED) says, modulo 2^32.
    fn ticks(&mut self) -> u32 {
        Self::counted(Timer::ticks(self)) as u32
    }
}
