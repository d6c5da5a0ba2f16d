//! The inner loops (internal). Every topic has a folder, and in it every back end: `scalar` in plain loops, `simd` on vectors
//! and, where it pays, `narrow` for 32-bit cores without SIMD. All back ends of a topic have the same names, and the same
//! results to the bit ([`softplus`]: within its error). This is the only place that knows SIMD.
//!
//! Kernels on vectors are generic over the instruction set, a type that implements `Simd`: `wide` on every
//! target, AVX2 and AVX-512 by intrinsics. On x86-64 each is compiled for all three.
//!
//! The functions of a topic are those of the back end that the target, and on x86-64 the CPU, runs fastest. One file
//! chooses, `choose.rs`.
//!
//! # Shapes
//! Rows of weights, fields, probabilities and sums are padded to whole [`LANES`]; see [`padded`]. The padding of rows
//! and biases is zero. Nothing here checks shapes with a panic: what does not fit a whole row or vector is left alone.

pub mod bit_block;
mod choose;
pub mod classes;
pub mod couplings;
pub mod decide;
pub mod intermediate;
pub mod listed;
pub mod overlap;
pub mod pairs;
pub mod random;
pub mod replicas;
pub mod requantise;
pub mod rows;
pub mod sampling;
pub mod softplus;
pub mod stability;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use choose::*;
pub use requantise::{Step, transpose_rows, update, update_wide};
pub use rows::{
    GROUP, Rows, add_changed_rows, add_set_rows, capacity, correlate, sum_rows, tabulate,
    widen_scaled,
};
pub use sampling::{
    binarise, probabilities, probabilities16, sample, sample_with_error, sample_with_probabilities,
};

/// Elements that rows are padded to: one 512-bit register of 16-bit numbers.
pub const LANES: usize = 32;

/// Rows of a multiple of so many elements are lengthened by [`LANES`].
const ALIASING: usize = 256;

/// The length of a row of `units` elements after padding.
///
/// A multiple of [`LANES`], but not of 256: rows whose distance is a large power of two compete for the same places in
/// a cache, so such rows are one vector longer (v -> h fields of 500 hidden units take a quarter less time so).
#[must_use]
pub const fn padded(units: usize) -> usize {
    let length = units.next_multiple_of(LANES);
    if length.is_multiple_of(ALIASING) && length > 0 {
        length + LANES
    } else {
        length
    }
}

#[cfg(test)]
mod tests;
