//! Registers of the chip's peripherals.

use core::ptr;

/// One register of 32 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Register(*mut u32);

impl Register {
    /// The register at this address.
    ///
    /// # Safety
    /// There has to be a register of the chip, of which reading and writing touches no memory of the program.
    pub(super) const unsafe fn at(address: usize) -> Self {
        Self(address as *mut u32)
    }

    pub(super) fn read(self) -> u32 {
        // SAFETY: there is a register, as whoever called `at` made sure of.
        unsafe { ptr::read_volatile(self.0) }
    }

    pub(super) fn write(self, value: u32) {
        // SAFETY: as above.
        unsafe { ptr::write_volatile(self.0, value) }
    }
}
