//! Intermediate models of annealed importance sampling: their fields, and how a sum of softplus functions changes with
//! the temperature. Both back ends agree to the bit, floats included.
//!
//! # The softplus of a change of temperature
//! softplus(b x) - softplus(a x) is the integral of x sigmoid(t x) over t from a to b, which is much larger than its rounding
//! errors however close a and b are. With e = exp(-|t x|) and s = 1 / (1 + e),
//!
//! x sigmoid(t x) = max(x, 0) - |x| e s,
//!
//! so that one part is an integer sum and the other no larger than ln 2 a unit in all, integrated from 0 to 1. A panel of
//! width d is taken at its middle t with the first term of the midpoint rule's error, d^3/24 times the second derivative,
//! |x|^3 e s^3 (1 - e) d^2/24 relative to the width. What is left is below 6.8e-5 (d |x|)^5, from the fourth derivative.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::intermediate::*;

#[cfg(test)]
mod tests;

/// Lanes of the float sums: the order of a sum belongs to its definition.
pub const SUM_LANES: usize = 16;

/// From a model's fields to those of a mixture of models: (field * factor) / 2^shift, rounded half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// 0..=65,536.
    pub factor: i32,
    /// 1..=16.
    pub shift: u32,
}

/// A panel of inverse temperatures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Panel {
    /// What a field of 1 is in nats.
    pub step: f32,
    /// The inverse temperature in its middle, above 0.
    pub middle: f32,
    /// Its width squared, divided by 24.
    pub curvature: f32,
}

/// A panel's sums over fields x: all x sigmoid(t x), t its middle, sum to `step * above - below`, with the correction
/// that the [module](self) states in `below`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PanelSum {
    /// The sum of max(field, 0), in fields.
    pub above: i64,
    /// The sum of |x| e s (1 + ...), in nats.
    pub below: f64,
}

/// -1 / ln 2.
const PER_HALVING: f32 = -core::f32::consts::LOG2_E;

/// The largest t |x| that is not held: e^-80 is a normal float, and nothing beside 1.
const LARGEST: f32 = 80.0;

/// 2^f for f in -1/2..=1/2, lowest power first: interpolation at Chebyshev nodes, relative error below 1.1e-7 in float32.
const POWER_OF_2: [f32; 7] = [
    1.0,
    core::f32::consts::LN_2,
    0.240_226_5,
    0.055_503_27,
    0.009_618_057,
    0.001_340_042_8,
    0.000_154_614_45,
];
