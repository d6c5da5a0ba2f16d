//! Written-down couplings of 8, 16 or 32 bits.

use core::marker::PhantomData;

use super::{Energy, Network, check_units, twice_pair_energy};
use crate::Error;
use crate::bits::{WORD, spin};
use crate::error::check_len;
use crate::kernel::at_level;
use crate::kernel::couplings::{Flips, add_row, add_rows_of_bytes};
use crate::kernel::stability::{first_unstable, largest_gain, turn_towards};

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
    #[inline(always)]
    fn add_rows<const V: usize>(flips: &Flips<'_, Self>, tiles: &mut [[i32; WORD]; V]) {
        flips.add_to(tiles.as_flattened_mut());
    }
    /// The number, whose magnitude is [`LIMIT`](Self::LIMIT) at most; of others, the low bits.
    fn from_i32(number: i32) -> Self;
}

impl Weight for i8 {
    #[inline(always)]
    fn add_rows<const V: usize>(flips: &Flips<'_, Self>, tiles: &mut [[i32; WORD]; V]) {
        add_rows_of_bytes(flips, tiles);
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
/// The cache holds the fields, one per unit. Preparing costs N^2 additions, a flip N.
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
    #[inline(always)]
    pub(crate) fn row(&self, unit: usize) -> &[W] {
        let start = unit.saturating_mul(self.units);
        let rest = self.weights().get(start..).unwrap_or_default();
        rest.get(..self.units).unwrap_or_default()
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
        at_level(
            #[inline(always)]
            || {
                for (j, row) in self.weights().chunks_exact(self.units).enumerate() {
                    add_row(row, spin(state, j), 0, cache);
                }
            },
        );
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        self.prepare(state, cache);
        turn_towards(cache, state, next);
    }

    fn field(&self, _state: &[u64], cache: &[i32], unit: usize) -> i64 {
        cache.get(unit).map_or(0, |&field| i64::from(field))
    }

    fn first_unstable(&self, state: &[u64], cache: &[i32], from: usize) -> Option<usize> {
        first_unstable(cache, state, from)
    }

    fn largest_gain(&self, state: &[u64], cache: &[i32]) -> Option<usize> {
        largest_gain(cache, state)
    }

    #[inline(always)]
    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        add_row(self.row(unit), spin(state, unit), 1, cache);
    }
}

impl<W: Weight, S: AsRef<[W]>> Energy for Couplings<W, S> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        twice_pair_energy(state, cache)
    }
}
