//! The random words of a chain, sixteen at a time.

pub mod scalar;
pub(super) mod simd;

use super::choose::chosen::random;
use crate::rng::{ChainRng, UNITS_A_STEP};

impl ChainRng {
    /// One step: the 32 random bits of sixteen units, `upper << 16 | lower` of what [`step`](Self::step) draws.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn words(&mut self) -> [u32; UNITS_A_STEP] {
        random::words(self)
    }
}

#[cfg(test)]
mod tests;
