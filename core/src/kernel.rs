//! The inner loops, twice: [`scalar`] in plain loops and [`simd`] on `wide`, with the same names and signatures and,
//! to the bit, the same results.
//!
//! The functions of this module are the ones that the target runs fastest: `simd` on 64-bit little-endian machines,
//! `scalar` on microcontrollers.
//!
//! # Shapes
//! Rows of weights, fields, probabilities and sums are padded to whole [`LANES`]; see [`padded`]. The padding of rows
//! and biases is zero. Nothing here checks shapes with a panic: what does not fit a whole row or vector is left alone.

pub mod anneal;
pub mod classes;
pub mod overlap;
pub mod scalar;
pub mod simd;

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
pub use scalar::*;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub use simd::*;

/// Elements that rows are padded to: one 512-bit register of 16-bit numbers.
pub const LANES: usize = 32;

/// Rows of a multiple of so many elements are lengthened by [`LANES`].
const ALIASING: usize = 256;

/// The length of a row of `units` elements after padding.
///
/// A multiple of [`LANES`], but not of 256: rows whose distance is a large power of two compete for the same places in
/// a cache, so such rows are one vector longer (v -> h fields of 500 hidden units take a quarter less time so).
///
/// ```
/// use bitspin_core::kernel::padded;
/// assert_eq!([64, 65, 500].map(padded), [64, 96, 544]);
/// ```
#[must_use]
pub const fn padded(units: usize) -> usize {
    let length = units.next_multiple_of(LANES);
    if length.is_multiple_of(ALIASING) && length > 0 {
        length + LANES
    } else {
        length
    }
}

/// A matrix of quantised weights: one row for each input unit, one column for each output unit.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Row after row, each `stride` long.
    pub weights: &'a [i16],
    /// Length of a row: [`padded`] number of outputs.
    pub stride: usize,
    /// Number of outputs. Nothing needs to be done for the rest of a row.
    pub width: usize,
}

/// Samples whose evidence one table holds at most: one bit each in a word.
pub const GROUP: usize = 64;

/// How many samples a table of evidence of rows `stride` long holds: a third of its rows.
///
/// For sample `k` of `n`, row `k` holds p - p', row `n + k` holds p, row `2 n + k` holds -p', where p and p' are the
/// hidden probabilities in 1/256, at the data and at the end of the chain. Sums over [`GROUP`] samples fit an `i16`.
#[must_use]
pub const fn capacity(table: &[i16], stride: usize) -> usize {
    match table.len().checked_div(stride) {
        Some(rows) => rows / 3,
        None => 0,
    }
}

/// How one update changes the parameters: velocity = momentum velocity + rate sum, w = keep w + velocity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Learning rate, divided by the number of samples and by the 256 that the sums count a probability of one as.
    pub rate: f32,
    /// What is kept of a weight: 1 - learning rate x weight decay.
    pub keep: f32,
    /// What is kept of the velocity; only used where there is one.
    pub momentum: f32,
    /// `2^fraction_bits` of the quantised copy.
    pub scale: f32,
}

impl Step {
    /// Whether a row whose sums are all zero stays as it is.
    #[must_use]
    pub fn leaves_zero_gradients(&self) -> bool {
        self.keep == 1.0
    }
}

#[cfg(test)]
mod tests;
