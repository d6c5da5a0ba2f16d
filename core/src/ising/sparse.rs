//! Models with few couplings per spin: lattices and graphs.

use core::marker::PhantomData;

use super::model::{check_fraction_bits, magnitude, twice_energy};
use super::{Field, Model};
use crate::Error;
use crate::bits::spin;
use crate::error::check_len;
use crate::network::{Energy, MAX_UNITS, Network, Weight};

/// Type of a coupling in compressed rows: a [`Weight`], with fields of `i32`, or `i64`, with fields of `i64`.
pub trait SparseWeight: Copy + Into<Self::Field> {
    /// The integer of fields.
    type Field: Field;
}

impl<W: Weight> SparseWeight for W {
    type Field = i32;
}

impl SparseWeight for i64 {
    type Field = Self;
}

/// A model whose spins are coupled with few others, in compressed rows: the couplings of spin i are numbers
/// `offsets[i]..offsets[i + 1]` of `neighbours` (which spin) and of `weights` (by how much, `W` being `i8`, `i16`, `i32`
/// or `i64`). A flip costs as many additions as the spin has neighbours.
///
/// ```
/// use bitspin_core::ising::{Model, Sparse};
/// // A chain of three spins: 0 - 1 - 2.
/// let model = Sparse::new([0, 1, 3, 4], [1, 0, 2, 1], [1_i8; 4], [0; 3], 0)?;
/// let mut degree = 0;
/// model.couplings(1, |_, _| degree += 1);
/// assert_eq!(degree, 2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sparse<W, O, I, S, H> {
    offsets: O,
    neighbours: I,
    weights: S,
    external: H,
    fraction_bits: u32,
    kind: PhantomData<W>,
}

impl<W, O, I, S, H> Sparse<W, O, I, S, H>
where
    W: SparseWeight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[W::Field]>,
{
    /// Makes a model from rows of couplings, the neighbours of a row in ascending order, and one external field per spin.
    /// O(couplings log(neighbours)).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to 65,536 spins, offsets do not descend, and neighbours ascend, are other
    /// spins, and see each other by equal numbers; if a spin reaches [`FIELD_LIMIT`](super::FIELD_LIMIT), or with 64 bits
    /// all spins [`WIDE_SUM_LIMIT`](super::WIDE_SUM_LIMIT); if `fraction_bits` is above
    /// [`MAX_FRACTION_BITS`](super::MAX_FRACTION_BITS), or [`MAX_WIDE_FRACTION_BITS`](super::MAX_WIDE_FRACTION_BITS).
    /// [`Error::Length`] unless offsets are one more than spins, and there are as many neighbours and weights as the last
    /// offset says.
    pub fn new(
        offsets: O,
        neighbours: I,
        weights: S,
        external: H,
        fraction_bits: u32,
    ) -> Result<Self, Error> {
        let model = Self {
            offsets,
            neighbours,
            weights,
            external,
            fraction_bits,
            kind: PhantomData,
        };
        check_fraction_bits::<W::Field>(fraction_bits)?;
        model.check_shape()?;
        model.check_rows()?;
        Ok(model)
    }

    fn check_shape(&self) -> Result<(), Error> {
        let units = self.external.as_ref().len();
        if !(1..=MAX_UNITS).contains(&units) {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "1..=65536",
            });
        }
        let offsets = self.offsets.as_ref();
        check_len("offsets", units + 1, offsets.len())?;
        let ascending = offsets.is_sorted() && offsets.first() == Some(&0);
        if !ascending {
            return Err(Error::OutOfRange {
                what: "offsets",
                expected: "numbers from 0 on that do not descend",
            });
        }
        let count = offsets.last().map_or(0, |&last| last as usize);
        check_len("neighbours", count, self.neighbours.as_ref().len())?;
        check_len("weights", count, self.weights.as_ref().len())
    }

    fn check_rows(&self) -> Result<(), Error> {
        let units = self.external.as_ref().len();
        let mut all = 0_u64;
        for (i, &h) in self.external.as_ref().iter().enumerate() {
            let (neighbours, weights) = self.row(i);
            check_row_shape(i, units, neighbours)?;
            let mut pairs = neighbours.iter().zip(weights);
            if !pairs.all(|(&j, &w)| self.coupling(j as usize, i as u32) == Some(w.into())) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a symmetric matrix",
                });
            }
            let sum = magnitude(h, weights.iter().map(|&w| w.into()));
            W::Field::LIMITS.check(sum, 0)?;
            if W::Field::LIMITS.all < u64::MAX {
                all = all.saturating_add(sum);
            }
        }
        W::Field::LIMITS.check(0, all)
    }

    /// Where each spin's row begins, and where the last ends.
    #[must_use]
    pub fn offsets(&self) -> &[u32] {
        self.offsets.as_ref()
    }

    /// The neighbours of all rows.
    #[must_use]
    pub fn neighbours(&self) -> &[u32] {
        self.neighbours.as_ref()
    }

    /// The couplings of all rows.
    #[must_use]
    pub fn weights(&self) -> &[W] {
        self.weights.as_ref()
    }

    /// The external fields.
    #[must_use]
    pub fn fields(&self) -> &[W::Field] {
        self.external.as_ref()
    }

    /// Neighbours of a spin and the couplings with them; empty past the last spin.
    #[inline]
    #[must_use]
    pub fn row(&self, unit: usize) -> (&[u32], &[W]) {
        let offsets = self.offsets.as_ref();
        let (Some(&start), Some(&end)) = (offsets.get(unit), offsets.get(unit + 1)) else {
            return (&[], &[]);
        };
        let range = start as usize..end as usize;
        let neighbours = self.neighbours.as_ref().get(range.clone());
        let weights = self.weights.as_ref().get(range);
        (neighbours.unwrap_or_default(), weights.unwrap_or_default())
    }

    /// The coupling of two spins, if there is one.
    fn coupling(&self, unit: usize, other: u32) -> Option<W::Field> {
        let (neighbours, weights) = self.row(unit);
        let at = neighbours.binary_search(&other).ok()?;
        weights.get(at).map(|&w| w.into())
    }
}

/// A model in compressed rows as [`Sparse`] holds it, of couplings and fields of 64 bits: for numbers that differ
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
pub type WideSparse<O, I, S> = Sparse<i64, O, I, S, S>;

/// Refuses neighbours of spin `unit` that are not other spins in ascending order.
fn check_row_shape(unit: usize, units: usize, neighbours: &[u32]) -> Result<(), Error> {
    let other = |&j: &u32| (j as usize) < units && j as usize != unit;
    if neighbours.iter().all(other) && neighbours.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "neighbours",
        expected: "other spins, each once and in ascending order",
    })
}

impl<W, O, I, S, H> Network<W::Field> for Sparse<W, O, I, S, H>
where
    W: SparseWeight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[W::Field]>,
{
    fn units(&self) -> usize {
        self.external.as_ref().len()
    }

    fn cache_len(&self) -> usize {
        self.units()
    }

    fn prepare(&self, state: &[u64], cache: &mut [W::Field]) {
        let spins = cache.iter_mut().zip(self.external.as_ref());
        for (i, (field, &h)) in spins.enumerate() {
            *field = h;
            self.couplings(i, |j, w| *field += w * W::Field::from(spin(state, j)));
        }
    }

    fn field(&self, _state: &[u64], cache: &[W::Field], unit: usize) -> i64 {
        cache.get(unit).map_or(0, |&field| field.into())
    }

    #[inline(always)]
    fn flipped(&self, state: &[u64], cache: &mut [W::Field], unit: usize) {
        let by = W::Field::from(2 * spin(state, unit));
        self.couplings(unit, |j, w| {
            if let Some(field) = cache.get_mut(j) {
                *field += by * w;
            }
        });
    }
}

impl<W, O, I, S, H> Energy<W::Field> for Sparse<W, O, I, S, H>
where
    W: SparseWeight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[W::Field]>,
{
    fn twice_energy(&self, state: &[u64], cache: &[W::Field]) -> i64 {
        twice_energy(state, cache, self.external.as_ref())
    }
}

impl<W, O, I, S, H> Model<W::Field> for Sparse<W, O, I, S, H>
where
    W: SparseWeight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[W::Field]>,
{
    fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    fn external(&self, unit: usize) -> W::Field {
        let external = self.external.as_ref().get(unit);
        external.copied().unwrap_or_default()
    }

    #[inline]
    fn couplings(&self, unit: usize, mut each: impl FnMut(usize, W::Field)) {
        let (neighbours, weights) = self.row(unit);
        for (&j, &w) in neighbours.iter().zip(weights) {
            each(j as usize, w.into());
        }
    }
}
