//! Couplings of one bit.

use super::Patterns;
use crate::Error;
use crate::bits::{Bits, spin};
use crate::kernel::overlap::{add_signs, overlaps};
use crate::kernel::stability::{first_unstable, largest_gain, turn_towards};
use crate::network::check_units;
use crate::network::twice_pair_energy;
use crate::network::{Energy, Network};

/// A symmetric matrix of N x N couplings of one bit, -1 or +1 with a zero diagonal: row i is a packed vector of N bits
/// whose bit j is set where w_ij = +1. Sompolinsky (1986): capacity 0.102 N patterns.
///
/// The cache holds the fields, one per unit. Preparing costs N^2 bits of exclusive or and popcount, a flip N additions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClippedCouplings<S> {
    rows: Patterns<S>,
}

impl<S: AsRef<[u64]>> ClippedCouplings<S> {
    /// Makes couplings from N rows of N bits; see [`learn::clipped`](super::learn::clipped). O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 <= `units` <= 46,340, if a bit past a row's end is set, if the matrix is not
    /// symmetric, or a bit of the diagonal is set; [`Error::Length`] unless there are N rows.
    pub fn new(units: usize, storage: S) -> Result<Self, Error> {
        check_units(units)?;
        let rows = Patterns::new(units, storage)?;
        crate::error::check_len("couplings", units, rows.count())?;
        for (i, row) in rows.iter().enumerate() {
            let mut below = rows.iter().enumerate().take(i + 1);
            if below.any(|(j, other)| {
                let (a, b) = (spin(row, j), spin(other, i));
                a != b || (i == j && a > 0)
            }) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a symmetric matrix with a clear diagonal",
                });
            }
        }
        Ok(Self { rows })
    }

    /// The coupling w_ij.
    #[must_use]
    pub fn coupling(&self, i: usize, j: usize) -> i32 {
        match self.rows.iter().nth(i) {
            Some(row) if i != j => spin(row, j),
            _ => 0,
        }
    }

    /// The words of all rows, one row behind the other.
    #[must_use]
    pub fn as_words(&self) -> &[u64] {
        self.rows.as_words()
    }

    /// Row `index`, or `None` past the last.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Bits<&[u64]>> {
        self.rows.get(index)
    }
}

impl<S: AsRef<[u64]>> Network for ClippedCouplings<S> {
    fn units(&self) -> usize {
        self.rows.units()
    }

    fn cache_len(&self) -> usize {
        self.rows.units()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        overlaps(self.rows.as_words(), self.rows.units(), state, cache);
        // The clear bit of the diagonal counted as a coupling of -1.
        for (i, field) in cache.iter_mut().enumerate() {
            *field += spin(state, i);
        }
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

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        let Some(row) = self.rows.iter().nth(unit) else {
            return;
        };
        let twice = 2 * spin(state, unit);
        add_signs(row, twice, cache);
        if let Some(own) = cache.get_mut(unit) {
            *own += twice;
        }
    }
}

impl<S: AsRef<[u64]>> Energy for ClippedCouplings<S> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        twice_pair_energy(state, cache)
    }
}
