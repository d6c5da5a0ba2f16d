//! Rows of couplings added to fields when many spins of a block turn over.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::couplings::add_rows_of_bytes;

use crate::bits::{WORD, ones};

/// Which spins of a block of 64 were turned over, and their couplings from a column on.
#[derive(Clone, Copy, Debug)]
pub struct Flips<'a, W> {
    /// Those that became +1, one bit each.
    pub(crate) plus: u64,
    /// Those that became -1.
    pub(crate) minus: u64,
    /// The largest magnitude of a coupling.
    pub(crate) magnitude: i32,
    /// Length of a row.
    pub(crate) stride: usize,
    /// The rows of the block from a column of the first on.
    pub(crate) rows: &'a [W],
}

impl<W: Copy + Into<i32>> Flips<'_, W> {
    /// Goes on to the columns after the next `columns`.
    pub(crate) fn advance(&mut self, columns: usize) {
        self.rows = self.rows.get(columns..).unwrap_or_default();
    }

    /// The first columns of the lowest spin of a set that is not empty.
    #[inline(always)]
    fn tiles<const V: usize>(&self, set: u64) -> Option<&[[W; WORD]; V]> {
        let start = set.trailing_zeros() as usize * self.stride;
        self.rows.get(start..)?.as_chunks().0.first_chunk()
    }

    /// Adds twice the rows of spins that became +1, less those of spins that became -1, to any number of fields.
    #[inline(always)]
    pub(crate) fn add_to(&self, fields: &mut [i32]) {
        for at in ones(&[self.plus | self.minus]) {
            let row = self.rows.get(at * self.stride..).unwrap_or_default();
            let spin = if self.plus >> at & 1 != 0 { 1 } else { -1 };
            add_row(row, spin, 1, fields);
        }
    }
}

/// Adds `spin`, which is -1 or +1, times `2^doublings` times a row of couplings to the fields.
#[inline(always)]
pub(crate) fn add_row<W: Copy + Into<i32>>(
    row: &[W],
    spin: i32,
    doublings: u32,
    fields: &mut [i32],
) {
    let pairs = fields.iter_mut().zip(row);
    if spin > 0 {
        pairs.for_each(|(field, &w)| *field += w.into() << doublings);
    } else {
        pairs.for_each(|(field, &w)| *field -= w.into() << doublings);
    }
}

#[cfg(test)]
mod tests;
