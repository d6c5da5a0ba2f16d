//! The kernel in plain loops.

use crate::rng::{ChainRng, UNITS_A_STEP};

/// The 32 random bits of sixteen units.
pub fn words(rng: &mut ChainRng) -> [u32; UNITS_A_STEP] {
    let draw = rng.step();
    core::array::from_fn(|at| u32::from(draw.upper[at]) << 16 | u32::from(draw.lower[at]))
}
