//! Densely coupled models.

use super::model::{check_fraction_bits, magnitude, twice_energy};
use super::{Field, Model};
use crate::Error;
use crate::bits::WORD;
use crate::error::check_len;
use crate::kernel::couplings::Flips;
use crate::network::{Couplings, Energy, Network, Weight};
use crate::rng::UNITS_A_STEP;

/// Tiles of 64 fields that one pass over the rows of flipped spins brings up to date.
const TOGETHER: usize = 8;

/// A model that couples every spin with every other: N x N numbers of `W` (`i8`, `i16`, `i32`), row by row, and N
/// fields, in storage of the caller's. A flip costs N additions.
///
/// ```
/// use bitspin_core::network::Network;
/// use bitspin_core::ising::{Dense, Model};
/// // Two spins coupled by 3/4, one field of -1/2, in quarters.
/// let model = Dense::new(2, [0_i8, 3, 3, 0], [0, -2], 2)?;
/// let (state, mut fields) = ([0b01], [0; 2]); // s = +1, -1
/// model.prepare(&state, &mut fields);
/// assert_eq!(fields, [-3, 3 - 2]);
/// assert_eq!(model.real(model.energy(&state, &fields)), 0.75 - 0.5);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense<W, S, H> {
    couplings: Couplings<W, S>,
    external: H,
    fraction_bits: u32,
    /// The largest magnitude of a coupling.
    magnitude: i32,
    /// The largest magnitude that a field may reach.
    largest_field: i32,
}

impl<W: Weight, S: AsRef<[W]>, H: AsRef<[i32]>> Dense<W, S, H> {
    /// Makes a model from N x N couplings, row by row, and N external fields. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 <= `units` <= 65,536, if the matrix is not symmetric, has a diagonal that is not
    /// zero, or reaches [`FIELD_LIMIT`](super::FIELD_LIMIT), or if `fraction_bits` is above [`MAX_FRACTION_BITS`](super::MAX_FRACTION_BITS); [`Error::Length`] unless
    /// there are N^2 couplings and N fields.
    pub fn new(units: usize, weights: S, external: H, fraction_bits: u32) -> Result<Self, Error> {
        let couplings = Couplings::new(units, weights)?;
        check_len("external fields", units, external.as_ref().len())?;
        check_fraction_bits::<i32>(fraction_bits)?;
        let mut largest_field = 0;
        for (i, &h) in external.as_ref().iter().enumerate() {
            let row = couplings.row(i);
            if row.get(i).is_some_and(|&own| own.into() != 0) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a zero diagonal",
                });
            }
            let sum = magnitude(h, row.iter().map(|&w| w.into()));
            i32::LIMITS.check(sum, 0)?;
            largest_field = largest_field.max(sum as i32);
        }
        let magnitudes = couplings.weights().iter().map(|&w| w.into().abs());
        let magnitude = magnitudes.max().unwrap_or(0);
        Ok(Self {
            couplings,
            external,
            fraction_bits,
            magnitude,
            largest_field,
        })
    }

    /// The couplings, row by row.
    #[must_use]
    pub fn weights(&self) -> &[W] {
        self.couplings.weights()
    }

    /// The external fields.
    #[must_use]
    pub fn fields(&self) -> &[i32] {
        self.external.as_ref()
    }
}

impl<W: Weight, S: AsRef<[W]>, H: AsRef<[i32]>> Network for Dense<W, S, H> {
    fn units(&self) -> usize {
        self.couplings.units()
    }

    fn cache_len(&self) -> usize {
        self.couplings.units()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        self.couplings.prepare(state, cache);
        for (field, h) in cache.iter_mut().zip(self.fields()) {
            *field += h;
        }
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        self.couplings.field(state, cache, unit)
    }

    #[inline(always)]
    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.couplings.flipped(state, cache, unit);
    }
}

impl<W: Weight, S: AsRef<[W]>, H: AsRef<[i32]>> Energy for Dense<W, S, H> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        twice_energy(state, cache, self.fields())
    }
}

impl<W: Weight, S: AsRef<[W]>, H: AsRef<[i32]>> Model for Dense<W, S, H> {
    fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    fn external(&self, unit: usize) -> i32 {
        self.fields().get(unit).copied().unwrap_or(0)
    }

    fn couplings(&self, unit: usize, mut each: impl FnMut(usize, i32)) {
        for (j, &w) in self.couplings.row(unit).iter().enumerate() {
            each(j, w.into());
        }
    }

    const BLOCKED: bool = true;

    fn largest_field(&self) -> i32 {
        self.largest_field
    }

    #[inline(always)]
    fn couplings_to(&self, unit: usize, start: usize) -> [i32; UNITS_A_STEP] {
        let row = self.couplings.row(unit).get(start..).unwrap_or_default();
        let mut found = [0; UNITS_A_STEP];
        // A whole row apart, so that its loop has a length that compilers know.
        match row.first_chunk::<UNITS_A_STEP>() {
            Some(row) => {
                for (own, &w) in found.iter_mut().zip(row) {
                    *own = w.into();
                }
            }
            None => {
                for (own, &w) in found.iter_mut().zip(row) {
                    *own = w.into();
                }
            }
        }
        found
    }

    #[inline(always)]
    fn flip_many(&self, block: usize, flipped: u64, up: u64, start: usize, fields: &mut [i32]) {
        let n = self.units();
        let (tiles, rest) = fields.as_chunks_mut::<WORD>();
        let mut flips = Flips {
            plus: flipped & up,
            minus: flipped & !up,
            magnitude: self.magnitude,
            stride: n,
            rows: (self.weights().get(WORD * block * n + start..)).unwrap_or_default(),
        };
        let (wide, tiles) = tiles.as_chunks_mut::<TOGETHER>();
        for tiles in wide {
            W::add_rows(&flips, tiles);
            flips.advance(TOGETHER * WORD);
        }
        for tile in tiles {
            W::add_rows(&flips, core::array::from_mut(tile));
            flips.advance(WORD);
        }
        if !rest.is_empty() {
            flips.add_to(rest);
        }
    }
}
