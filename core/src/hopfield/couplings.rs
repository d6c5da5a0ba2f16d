//! Written-down couplings of 8, 16 or 32 bits.

use core::marker::PhantomData;

use wide::{i8x64, i16x32};

use super::network::{turn_towards, twice_pair_energy};
use super::patterns::{check_len, check_units};
use super::{Energy, Network};
use crate::Error;
use crate::bits::{WORD, ones, spin};

mod sealed {
    pub trait Sealed {}
    impl Sealed for i8 {}
    impl Sealed for i16 {}
    impl Sealed for i32 {}
}

/// A coupling's storage: `i8`, `i16` or `i32`.
pub trait Weight: Copy + Into<i32> + sealed::Sealed {
    /// The largest magnitude that is used, so that the range is symmetric: 127, 32,767 or 2^31 - 1.
    const LIMIT: i32;
    /// No coupling.
    const ZERO: Self;
    /// Adds twice the rows of spins that became +1, less those of spins that became -1, to tiles of fields.
    #[inline]
    fn add_rows<const V: usize>(flips: &Flips<'_, Self>, tiles: &mut [[i32; WORD]; V]) {
        flips.add_to(tiles.as_flattened_mut());
    }
    /// The number, whose magnitude is [`LIMIT`](Self::LIMIT) at most; of others, the low bits.
    fn from_i32(number: i32) -> Self;
}

impl Weight for i8 {
    /// In bytes as many rows as cannot leave their range, in 16 bits all of the 64.
    #[inline]
    fn add_rows<const V: usize>(flips: &Flips<'_, Self>, tiles: &mut [[i32; WORD]; V]) {
        let rows_a_byte = Self::LIMIT / flips.magnitude.max(1);
        if rows_a_byte >= WORD as i32 {
            let mut bytes = [i8x64::ZERO; V];
            add_set(flips, flips.plus, &mut bytes);
            bytes = bytes.map(|bytes| -bytes);
            add_set(flips, flips.minus, &mut bytes);
            for (tile, bytes) in tiles.iter_mut().zip(bytes) {
                for (field, sum) in tile.iter_mut().zip(bytes.to_array()) {
                    *field -= 2 * i32::from(sum);
                }
            }
            return;
        }
        let mut sums = [[i16x32::ZERO; 2]; V];
        for (mut set, off) in [(flips.plus, false), (flips.minus, true)] {
            while set != 0 {
                let mut some = 0;
                for _ in 0..rows_a_byte {
                    some |= set & set.wrapping_neg();
                    set &= set.wrapping_sub(1);
                }
                let mut bytes = [i8x64::ZERO; V];
                add_set(flips, some, &mut bytes);
                for (sums, bytes) in sums.iter_mut().zip(bytes) {
                    let bytes = bytes.to_array();
                    for (sum, half) in sums.iter_mut().zip(bytes.as_chunks::<{ WORD / 2 }>().0) {
                        let half = i16x32::new(half.map(i16::from));
                        if off { *sum -= half } else { *sum += half }
                    }
                }
            }
        }
        for (tile, sums) in tiles.iter_mut().zip(sums) {
            for (half, sums) in tile.chunks_exact_mut(WORD / 2).zip(sums) {
                for (field, sum) in half.iter_mut().zip(sums.to_array()) {
                    *field += 2 * i32::from(sum);
                }
            }
        }
    }

    fn from_i32(number: i32) -> Self {
        number as Self
    }

    const LIMIT: i32 = 127;
    const ZERO: Self = 0;
}

impl Weight for i16 {
    fn from_i32(number: i32) -> Self {
        number as Self
    }

    const LIMIT: i32 = 32_767;
    const ZERO: Self = 0;
}

impl Weight for i32 {
    fn from_i32(number: i32) -> Self {
        number
    }

    const LIMIT: i32 = i32::MAX;
    const ZERO: Self = 0;
}

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

impl<W: Weight> Flips<'_, W> {
    /// Goes on to the columns after the next `columns`.
    pub(crate) fn advance(&mut self, columns: usize) {
        self.rows = self.rows.get(columns..).unwrap_or_default();
    }

    /// The first columns of the lowest spin of a set that is not empty.
    #[inline]
    fn tiles<const V: usize>(&self, set: u64) -> Option<&[[W; WORD]; V]> {
        let start = set.trailing_zeros() as usize * self.stride;
        self.rows.get(start..)?.as_chunks().0.first_chunk()
    }

    /// [`Weight::add_rows`] for any number of fields.
    #[inline]
    pub(crate) fn add_to(&self, fields: &mut [i32]) {
        for at in ones(&[self.plus | self.minus]) {
            let row = self.rows.get(at * self.stride..).unwrap_or_default();
            add_row(
                row,
                if self.plus >> at & 1 != 0 { 1 } else { -1 },
                1,
                fields,
            );
        }
    }
}

/// A symmetric matrix of N x N couplings of `W` (`i8`, `i16`, `i32`), row by row, in storage of the caller's.
///
/// The cache holds the fields, one a unit. Preparing costs N^2 additions, a flip N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Couplings<W, S> {
    units: usize,
    weights: S,
    kind: PhantomData<W>,
}

impl<W: Weight, S: AsRef<[W]>> Couplings<W, S> {
    /// Takes N x N numbers as couplings. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 <= `units` <= 65,536, if the matrix is not symmetric, or if a row's magnitudes
    /// sum to 2^30 or more; [`Error::Length`] unless there are N^2 numbers.
    pub fn new(units: usize, weights: S) -> Result<Self, Error> {
        check_units(units)?;
        let w = weights.as_ref();
        check_len("couplings", units * units, w.len())?;
        for (i, row) in w.chunks_exact(units).enumerate() {
            let column = w.iter().skip(i).step_by(units);
            let mut pairs = row.iter().zip(column).take(i);
            if pairs.any(|(&a, &b)| a.into() != b.into()) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a symmetric matrix",
                });
            }
            let sum: i64 = row.iter().map(|&w| i64::from(w.into()).abs()).sum();
            if sum >= 1 << 30 {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "magnitudes that sum to less than 2^30 a unit",
                });
            }
        }
        Ok(Self {
            units,
            weights,
            kind: PhantomData,
        })
    }

    /// The numbers, row by row.
    #[must_use]
    pub fn weights(&self) -> &[W] {
        self.weights.as_ref()
    }

    /// The storage back.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.weights
    }

    /// The couplings of a unit; empty past the last.
    pub(crate) fn row(&self, unit: usize) -> &[W] {
        let start = unit.saturating_mul(self.units);
        let rest = self.weights().get(start..).unwrap_or_default();
        rest.get(..self.units).unwrap_or_default()
    }
}

/// Adds the rows of a set of spins to tiles of bytes.
#[inline(always)]
fn add_set<const V: usize>(flips: &Flips<'_, i8>, mut set: u64, bytes: &mut [i8x64; V]) {
    while set != 0 {
        if let Some(row) = flips.tiles::<V>(set) {
            (0..V).for_each(|v| bytes[v] += i8x64::new(row[v]));
        }
        set &= set - 1;
    }
}

/// Adds `spin`, which is -1 or +1, times `2^doublings` times a row of couplings to the fields.
#[inline]
fn add_row<W: Weight>(row: &[W], spin: i32, doublings: u32, fields: &mut [i32]) {
    let pairs = fields.iter_mut().zip(row);
    if spin > 0 {
        pairs.for_each(|(field, &w)| *field += w.into() << doublings);
    } else {
        pairs.for_each(|(field, &w)| *field -= w.into() << doublings);
    }
}

impl<W: Weight, S: AsRef<[W]>> Network for Couplings<W, S> {
    fn units(&self) -> usize {
        self.units
    }

    fn cache_len(&self) -> usize {
        self.units
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        cache.fill(0);
        for (j, row) in self.weights().chunks_exact(self.units).enumerate() {
            add_row(row, spin(state, j), 0, cache);
        }
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        self.prepare(state, cache);
        turn_towards(cache, state, next);
    }

    fn field(&self, _state: &[u64], cache: &[i32], unit: usize) -> i64 {
        cache.get(unit).map_or(0, |&field| i64::from(field))
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        add_row(self.row(unit), spin(state, unit), 1, cache);
    }
}

impl<W: Weight, S: AsRef<[W]>> Energy for Couplings<W, S> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        twice_pair_energy(state, cache)
    }
}
