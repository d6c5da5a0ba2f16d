//! Sixteen spins decided one after the other at a temperature.
//!
//! A spin is to be +1 where its field is above a bound that 32 random bits make; by Metropolis's rule the bound of a spin -1
//! is the complement of that of a spin +1, so that what is decided is a flip. A flip changes the fields of the spins that
//! are decided after it by a row of couplings.

mod approximation;
pub mod scalar;
pub(super) mod simd;

pub use approximation::Approximation;
#[cfg(test)]
use approximation::LOGARITHM_ERROR;

pub(crate) use super::choose::chosen::decide::{VECTORS, decide, decide_exactly, wanted};

use crate::rng::UNITS_A_STEP;

/// How a spin is decided anew. Both leave exp(-beta E) / Z as it is, by detailed balance with every single flip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpdateRule {
    /// Flips with probability 7/8 min(1, exp(-beta cost)): Metropolis's rule, of which an eighth of the attempts is left
    /// out.
    ///
    /// With all attempts, flips that cost nothing are certain. Sweeps in a fixed order are then deterministic wherever
    /// flips cost nothing, and nearly so at high temperatures: the chain has a period, or never leaves a part of the
    /// states, on rings, complete graphs, lattices of two rows and spins without a field. Drawing spins at random leaves
    /// a period of two at beta = 0. A chance of less than one to flip makes every state reachable, and none periodic, on
    /// every model at every temperature and in every order.
    ///
    /// With an acceptance of c, a sweep at high temperatures forgets a spin by a factor of |1 - 2 c|: relaxation takes 1.4
    /// sweeps for c = 3/4, 3.5 for 7/8, 7.5 for 15/16; at low temperatures it takes 1/c times as long as with all
    /// attempts. [`Glauber`](Self::Glauber) takes less than a sweep and up to twice as long.
    Metropolis,
    /// Heat bath, or Glauber's dynamics: +1 with probability 1 / (1 + exp(-2 beta field)), whatever the spin was; it
    /// flips with probability 1 / (1 + exp(beta cost)). The default.
    #[default]
    Glauber,
}

/// Of 2^32 random words, those below this let Metropolis flip a spin for which a flip costs nothing or less: 7/8.
///
/// Were it all of them, a sweep in a fixed order would decide nothing by chance wherever flips cost nothing, and the
/// chain would be periodic or stay in a part of the states. [`UpdateRule::Metropolis`] has the reasons for this number.
pub(crate) const ACCEPTED: u32 = 7 << 29;

/// -log2 of 7/8, with [`NOISE_BITS`](crate::fixed::noise::NOISE_BITS) binary places.
pub(crate) const ACCEPTED_LOG2: u32 = 12_928_192;

/// The couplings of sixteen spins to one another.
pub trait Block {
    /// Those of one spin.
    fn row(&self, spin: usize) -> [i32; UNITS_A_STEP];
}

#[cfg(test)]
mod tests;
