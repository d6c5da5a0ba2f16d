//! What work takes.

/// Something that counts: instructions, cycles.
pub trait Clock {
    /// Ticks since the start, modulo 2^32.
    fn ticks(&mut self) -> u32;
}

/// A clock that stands still, for where nobody asks.
impl Clock for () {
    fn ticks(&mut self) -> u32 {
        0
    }
}

/// Ticks of the same work done many times.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    ticks: u64,
    count: u32,
}

impl Tally {
    /// Does the work once more.
    #[inline]
    pub fn of<T>(&mut self, clock: &mut impl Clock, work: impl FnOnce() -> T) -> T {
        let before = clock.ticks();
        let result = work();
        self.ticks += u64::from(clock.ticks().wrapping_sub(before));
        self.count += 1;
        result
    }

    /// Ticks of the work, on average.
    #[must_use]
    pub fn mean(&self) -> u32 {
        (self.ticks / u64::from(self.count.max(1))) as u32
    }
}
