//! Pins and clock of the Netduino Plus 2: STM32F405, Cortex-M4F, on the 16 MHz that it starts with.
//!
//! Registers are those of ST's reference manual RM0090.

use core::convert::Infallible;
use core::sync::atomic::{AtomicU32, Ordering};

use embedded_io::{ErrorType, Read, ReadReady, Write};

use super::register::Register;

/// The board's name.
pub const NAME: &str = "Netduino Plus 2 (STM32F405, Cortex-M4F)";

// What to edit for another board with a chip of this family: USART1 is on pins 6 (TX) and 7 (RX) of port B.
const PORT: usize = 0x4002_0400;
const PORT_ENABLE: u32 = 1 << 1;
const TX_PIN: u32 = 6;
const RX_PIN: u32 = 7;
/// Alternate function USART1.
const FUNCTION: u32 = 7;
/// The internal oscillator, undivided, which core, USART1 and TIM2 all run on after a reset. Where the PLL is started for
/// more, this is the clock of APB2.
const CLOCK_HZ: u32 = 16_000_000;
const BAUD: u32 = 115_200;

const RCC: usize = 0x4002_3800;
const USART1: usize = 0x4001_1000;
const TIM2: usize = 0x4000_0000;

const fn register(peripheral: usize, offset: usize) -> Register {
    // SAFETY: all peripherals and offsets of this file are the chip's.
    unsafe { Register::at(peripheral + offset) }
}

/// Puts `value` into the bits of `mask`.
fn modify(register: Register, mask: u32, value: u32) {
    register.write(register.read() & !mask | value);
}

const AHB1_ENABLE: Register = register(RCC, 0x30);
const APB1_ENABLE: Register = register(RCC, 0x40);
const APB2_ENABLE: Register = register(RCC, 0x44);
const MODE: Register = register(PORT, 0x00);
const FUNCTION_LOW: Register = register(PORT, 0x20);
const STATUS: Register = register(USART1, 0x00);
const DATA: Register = register(USART1, 0x04);
const BAUD_RATE: Register = register(USART1, 0x08);
const CONTROL: Register = register(USART1, 0x0c);
const TIMER_CONTROL: Register = register(TIM2, 0x00);
const TIMER_COUNT: Register = register(TIM2, 0x24);
const TIMER_PRESCALER: Register = register(TIM2, 0x28);
const TIMER_RELOAD: Register = register(TIM2, 0x2c);

/// Parity, framing, noise, overrun; reading the data register after the status clears them.
const ERRORS: u32 = 15;
const RECEIVED: u32 = 1 << 5;
const SENT: u32 = 1 << 6;
const CAN_SEND: u32 = 1 << 7;

/// USART1. Its flags are polled; one received byte waits at most.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    pub(super) fn start() -> Self {
        modify(AHB1_ENABLE, 0, PORT_ENABLE);
        modify(APB2_ENABLE, 0, 1 << 4);
        for pin in [TX_PIN, RX_PIN] {
            modify(FUNCTION_LOW, 15 << (4 * pin), FUNCTION << (4 * pin));
            modify(MODE, 3 << (2 * pin), 2 << (2 * pin));
        }
        BAUD_RATE.write((CLOCK_HZ + BAUD / 2) / BAUD);
        // On, sending, receiving.
        CONTROL.write(1 << 13 | 1 << 3 | 1 << 2);
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

    /// Takes note of errors.
    fn note_errors(status: u32) {
        if status & ERRORS != 0 {
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
            while STATUS.read() & CAN_SEND == 0 {}
            DATA.write(u32::from(byte));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while STATUS.read() & SENT == 0 {}
        Ok(())
    }
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(STATUS.read() & RECEIVED != 0)
    }
}

impl Read for Uart {
    /// Waits for one byte, and reads as many as are there.
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        for byte in bytes {
            let mut status = STATUS.read();
            while status & RECEIVED == 0 {
                if count > 0 {
                    return Ok(count);
                }
                status = STATUS.read();
            }
            Self::note_errors(status);
            *byte = DATA.read() as u8;
            count += 1;
        }
        Ok(count)
    }
}

/// TIM2, 32 bits: on the board it counts cycles of the core's clock. In QEMU it counts nanoseconds, that is instructions.
#[derive(Debug)]
pub struct Timer(());

impl Timer {
    pub(super) fn start() -> Self {
        modify(APB1_ENABLE, 0, 1);
        // Written back, so that the timer surely has its clock before it is set.
        modify(APB1_ENABLE, 0, 0);
        TIMER_PRESCALER.write(0);
        TIMER_RELOAD.write(u32::MAX);
        TIMER_CONTROL.write(1);
        Self(())
    }

    /// Ticks since the start, modulo 2^32.
    pub fn ticks(&mut self) -> u32 {
        TIMER_COUNT.read()
    }

    /// What [`COUNTED`](super::COUNTED) says, that a number of ticks took.
    #[must_use]
    pub fn counted(ticks: u32) -> u64 {
        u64::from(ticks)
    }
}

impl bitspin_trials::Clock for Timer {
    /// In what [`COUNTED`](super::COUNTED) says, modulo 2^32.
    fn ticks(&mut self) -> u32 {
        Self::counted(Timer::ticks(self)) as u32
    }
}
