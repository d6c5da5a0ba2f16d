//! Models of 64-bit couplings and fields.

use super::Model;
use super::sparse::check_row_shape;
use crate::Error;
use crate::bits::spin;
use crate::error::check_len;
use crate::network::check_units;
use crate::network::{Energy, Network};

/// The most binary places of a [`WideSparse`] model.
pub const MAX_WIDE_FRACTION_BITS: u32 = 60;

/// The magnitudes of all couplings (each counted in both rows) and fields of a [`WideSparse`] model sum to less than this.
pub const WIDE_SUM_LIMIT: i64 = 1 << 61;

/// A model in compressed rows as [`Sparse`](super::Sparse) holds it, of couplings and fields of 64 bits: for numbers that differ
/// by many orders of magnitude, and for large ones. All single-flip, coloured, cluster and tempered samplers take it, with
/// fields of `i64`; sweeps cost some three times as much.
///
/// ```
/// use bitspin_core::network::Network;
/// use bitspin_core::ising::{Model, WideSparse};
/// // Spins coupled by 2^40, in a field of 1 in 2^10.
/// let model = WideSparse::new([0, 1, 2], [1, 0], [1_i64 << 50; 2], [1, 0], 10)?;
/// let (state, mut fields) = ([0b11], [0_i64; 2]);
/// model.prepare(&state, &mut fields);
/// assert_eq!(model.energy(&state, &fields), -(1 << 50) - 1);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WideSparse<O, I, S> {
    offsets: O,
    neighbours: I,
    weights: S,
    external: S,
    fraction_bits: u32,
}

impl<O, I, S> WideSparse<O, I, S>
where
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[i64]>,
{
    /// Takes rows of couplings, the neighbours of a row in ascending order, and one external field a spin.
    /// O(couplings log(neighbours)).
    ///
    /// # Errors
    /// As [`Sparse::new`](super::Sparse::new), with [`WIDE_SUM_LIMIT`] for the sum of all magnitudes and
    /// [`MAX_WIDE_FRACTION_BITS`] for the binary places.
    pub fn new(
        offsets: O,
        neighbours: I,
        weights: S,
        external: S,
        fraction_bits: u32,
    ) -> Result<Self, Error> {
        let model = Self {
            offsets,
            neighbours,
            weights,
            external,
            fraction_bits,
        };
        if fraction_bits > MAX_WIDE_FRACTION_BITS {
            return Err(Error::OutOfRange {
                what: "fraction bits",
                expected: "at most 60",
            });
        }
        model.check()?;
        Ok(model)
    }

    fn check(&self) -> Result<(), Error> {
        let (offsets, external) = (self.offsets.as_ref(), self.external.as_ref());
        let units = external.len();
        check_units(units)?;
        check_len("offsets", units + 1, offsets.len())?;
        if !offsets.is_sorted() || offsets.first() != Some(&0) {
            return Err(Error::OutOfRange {
                what: "offsets",
                expected: "numbers from 0 on that do not descend",
            });
        }
        let count = offsets.last().map_or(0, |&last| last as usize);
        check_len("neighbours", count, self.neighbours.as_ref().len())?;
        check_len("weights", count, self.weights.as_ref().len())?;
        let mut sum = 0_u64;
        for (i, &h) in external.iter().enumerate() {
            let (neighbours, weights) = self.row(i);
            check_row_shape(i, units, neighbours)?;
            let mut pairs = neighbours.iter().zip(weights);
            if !pairs.all(|(&j, &w)| self.coupling(j as usize, i as u32) == Some(w)) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a symmetric matrix",
                });
            }
            let magnitudes = weights.iter().chain([&h]).map(|w| w.unsigned_abs());
            sum = magnitudes.fold(sum, u64::saturating_add);
        }
        if sum < WIDE_SUM_LIMIT as u64 {
            return Ok(());
        }
        Err(Error::OutOfRange {
            what: "couplings and fields",
            expected: "magnitudes that sum to less than 2^61",
        })
    }

    /// Neighbours of a spin and the couplings with them; empty past the last spin.
    #[inline]
    #[must_use]
    pub fn row(&self, unit: usize) -> (&[u32], &[i64]) {
        let offsets = self.offsets.as_ref();
        let (Some(&start), Some(&end)) = (offsets.get(unit), offsets.get(unit + 1)) else {
            return (&[], &[]);
        };
        let range = start as usize..end as usize;
        let neighbours = self.neighbours.as_ref().get(range.clone());
        let weights = self.weights.as_ref().get(range);
        (neighbours.unwrap_or_default(), weights.unwrap_or_default())
    }

    fn coupling(&self, unit: usize, other: u32) -> Option<i64> {
        let (neighbours, weights) = self.row(unit);
        let at = neighbours.binary_search(&other).ok()?;
        weights.get(at).copied()
    }
}

impl<O, I, S> Network<i64> for WideSparse<O, I, S>
where
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[i64]>,
{
    fn units(&self) -> usize {
        self.external.as_ref().len()
    }

    fn cache_len(&self) -> usize {
        self.units()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i64]) {
        let spins = cache.iter_mut().zip(self.external.as_ref());
        for (i, (field, &h)) in spins.enumerate() {
            *field = h;
            self.couplings(i, |j, w| *field += w * i64::from(spin(state, j)));
        }
    }

    fn field(&self, _state: &[u64], cache: &[i64], unit: usize) -> i64 {
        cache.get(unit).copied().unwrap_or(0)
    }

    #[inline]
    fn flipped(&self, state: &[u64], cache: &mut [i64], unit: usize) {
        let by = 2 * i64::from(spin(state, unit));
        self.couplings(unit, |j, w| {
            if let Some(field) = cache.get_mut(j) {
                *field += by * w;
            }
        });
    }
}

impl<O, I, S> Energy<i64> for WideSparse<O, I, S>
where
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[i64]>,
{
    fn twice_energy(&self, state: &[u64], cache: &[i64]) -> i64 {
        let terms = cache.iter().zip(self.external.as_ref()).enumerate();
        -terms
            .map(|(i, (&field, &h))| i64::from(spin(state, i)) * (field + h))
            .sum::<i64>()
    }
}

impl<O, I, S> Model<i64> for WideSparse<O, I, S>
where
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[i64]>,
{
    fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    fn external(&self, unit: usize) -> i64 {
        self.external.as_ref().get(unit).copied().unwrap_or(0)
    }

    #[inline]
    fn couplings(&self, unit: usize, mut each: impl FnMut(usize, i64)) {
        let (neighbours, weights) = self.row(unit);
        for (&j, &w) in neighbours.iter().zip(weights) {
            each(j as usize, w);
        }
    }
}
