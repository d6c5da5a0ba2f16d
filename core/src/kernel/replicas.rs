//! Spins of up to 64 replicas, one bit each: the random numbers of all replicas, and what they decide.

pub mod scalar;
pub(super) mod simd;

pub(crate) use super::choose::chosen::replicas::{Planes, decide, draw};

/// Replicas that a word holds.
pub const REPLICAS: usize = 64;

/// The most neighbours of a spin: as many as three bits count.
pub const MAX_DEGREE: usize = 7;

/// Spins that are decided at once, one to an element of a vector.
pub(crate) const TOGETHER: usize = 4;

/// What decides a spin of some numbers of satisfied couplings: it is +1, or flips, where a random number is below this.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Bit k is set for a number of k.
    counts: u8,
    /// Which value of the spin it is for; both, if none.
    up: Option<bool>,
    threshold: u64,
}

/// The distinct decisions of a sweep: a count each, or a count and a spin each.
#[derive(Debug)]
pub struct Entries {
    list: [Entry; 2 * (MAX_DEGREE + 1)],
    len: usize,
    /// Whether counts are of couplings that the spin satisfies, and what is decided is a flip; otherwise counts are of
    /// neighbours that favour +1, and what is decided is the spin.
    relative: bool,
}

impl Entries {
    /// None yet. Decisions are `relative` to the spin, or not.
    pub(crate) fn new(relative: bool) -> Self {
        let none = Entry {
            counts: 0,
            up: None,
            threshold: 0,
        };
        Self {
            list: [none; 2 * (MAX_DEGREE + 1)],
            len: 0,
            relative,
        }
    }

    /// Decides a count, for a value of the spin or for both, by a threshold.
    pub(crate) fn push(&mut self, count: usize, up: Option<bool>, threshold: u64) {
        let alike = |entry: &&mut Entry| entry.up == up && entry.threshold == threshold;
        let known = self.list[..self.len].iter_mut().find(alike);
        if let Some(entry) = known {
            entry.counts |= 1 << count;
            return;
        }
        self.list[self.len] = Entry {
            counts: 1 << count,
            up,
            threshold,
        };
        self.len += 1;
    }

    /// The decisions.
    fn list(&self) -> &[Entry] {
        &self.list[..self.len]
    }

    /// Whether flips are decided, and not the spins themselves: by Metropolis's rule.
    fn decide_flips(&self) -> bool {
        self.relative || self.list[0].up.is_some()
    }
}

#[cfg(test)]
mod tests;
