//! softplus(x) = ln(1 + e^x) and sigmoid of many fields at once, in float64: what likelihoods and free energies are sums of.
//!
//! One logarithm serves many: that of a product. Back ends agree within the stated errors, not to the bit; nothing is decided
//! by these numbers.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::softplus::{
    add_scaled_rows, add_set_rows, add_single_rows, exponentials, ln_products, probabilities,
    sigmoids, single_sigmoids, sum,
};

/// Fields of a vector.
pub const LANES: usize = 8;

/// Numbers of a row of factors.
pub const TILE: usize = 2 * LANES;

/// A field of which ln(1 + e^x) is zero and e^x a normal number: what padding is filled with.
pub const NEVER: f64 = -700.0;

/// A hidden unit, given the visible units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// What it sees.
    pub field: f64,
    /// Probability that it is set.
    pub p: f64,
    /// Probability that it is not.
    pub q: f64,
}

#[cfg(test)]
mod tests;
