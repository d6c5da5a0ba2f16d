//! Written-down couplings of 8, 16 or 32 bits.

use core::marker::PhantomData;

use wide::i16x32;

use super::network::{turn_towards, twice_pair_energy};
use super::patterns::{check_len, check_units};
use super::{Energy, Network};
use crate::Error;
use crate::bits::WORD;
use crate::kernel::overlap::spin;

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
    /// Adds 64 columns of up to 64 rows to `sums`, or takes them off.
    #[inline(always)]
    fn add_tile<'r>(rows: impl Iterator<Item = &'r [Self; WORD]>, off: bool, sums: &mut [i32; WORD])
    where
        Self: 'r,
    {
        for row in rows {
            for (sum, &w) in sums.iter_mut().zip(row) {
                *sum += if off { -w.into() } else { w.into() };
            }
        }
    }
    /// The number, whose magnitude is [`LIMIT`](Self::LIMIT) at most; of others, the low bits.
    fn from_i32(number: i32) -> Self;
}

impl Weight for i8 {
    /// In 16 bits, which hold the sum of 64 bytes.
    #[inline(always)]
    fn add_tile<'r>(
        rows: impl Iterator<Item = &'r [Self; WORD]>,
        off: bool,
        sums: &mut [i32; WORD],
    ) {
        let (mut low, mut high) = (i16x32::ZERO, i16x32::ZERO);
        for row in rows {
            let (mut a, mut b) = ([0; WORD / 2], [0; WORD / 2]);
            for at in 0..WORD / 2 {
                a[at] = i16::from(row[at]);
                b[at] = i16::from(row[at + WORD / 2]);
            }
            low += i16x32::new(a);
            high += i16x32::new(b);
        }
        let (a, b) = sums.split_at_mut(WORD / 2);
        for (sums, found) in [(a, low.to_array()), (b, high.to_array())] {
            for (sum, found) in sums.iter_mut().zip(found) {
                *sum += i32::from(if off { -found } else { found });
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
