//! What learning p(y|x) needs of hidden units: for every class, softplus and sigmoid of the fields that they see with the
//! label set, and sums of sigmoids weighted by how wrong p(y|x) is. Twice, like all kernels: equal to the bit.
//!
//! Sigmoids are whole numbers of 15 binary places, and weighted ones are counted in 1/[`UNIT`], so that sums over classes
//! fit 16 bits and sums over samples are exact in any order. The softplus is learning's alone and comes as a float: its
//! rounding is that of float multiplications in a fixed order, the same on every platform.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::classes::*;

use super::LANES;

/// What a weight of one counts. Below 2^15 by more than the roundings of 256 classes add up to.
pub const UNIT: i16 = 32_000;

/// Vectors after which products are turned into logarithms: factors are at least 1/2, so that those of a lane stay
/// above 2^-64, and those of eight lanes above 2^-512.
const VECTORS: usize = 64;

/// Lanes whose products are multiplied before the logarithm.
const TOGETHER: usize = 8;

/// -ln of the product of all lanes.
fn minus_ln(products: &[f32; LANES]) -> f64 {
    let of = |lanes: &[f32]| lanes.iter().map(|&x| f64::from(x)).product::<f64>();
    let ln: f64 = products
        .chunks(TOGETHER)
        .map(|lanes| libm::log(of(lanes)))
        .sum();
    -ln
}

#[cfg(test)]
mod tests;
