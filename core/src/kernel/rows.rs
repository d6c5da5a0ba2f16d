//! Rows added to rows: fields from set bits, gradients from the samples that they belong to.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::{
    add_changed_rows, add_set_rows, correlate, sum_rows, tabulate, widen_scaled,
};

/// A matrix of quantised weights: one row for each input unit, one column for each output unit.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Row after row, each `stride` long.
    pub weights: &'a [i16],
    /// Length of a row: [`padded`](crate::kernel::padded) number of outputs.
    pub stride: usize,
    /// Number of outputs. Nothing needs to be done for the rest of a row.
    pub width: usize,
}

/// Samples whose hidden probabilities one word selects: one bit each in a word.
pub const GROUP: usize = 64;

/// How many samples a table of hidden probabilities with rows of `stride` numbers holds: a third of its rows.
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

#[cfg(test)]
mod tests;
