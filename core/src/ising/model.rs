//! What every Ising model tells its samplers, and densely coupled models.

use crate::Error;
use crate::bits::{WORD, ones};
use crate::hopfield::{Couplings, Energy, Network, Weight, check_len};
use crate::kernel::overlap::spin;

/// The most binary places that couplings and fields may have.
pub const MAX_FRACTION_BITS: u32 = 24;

/// The sum of magnitudes |h_i| + sum_j |w_ij|, as integers, has to stay below this for every spin.
pub const FIELD_LIMIT: i64 = 1 << 30;

/// An Ising model of integer couplings and fields: E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i, w symmetric with a zero
/// diagonal, the real w and h being those integers divided by `2^fraction_bits`.
///
/// It is a [`Network`] whose cache holds the field of every spin, sum_j w_ij s_j + h_i, the external one included; every
/// field lies within [`FIELD_LIMIT`]. [`Dynamics`](crate::hopfield::Dynamics) therefore takes models too, to let a state
/// fall into the nearest minimum.
pub trait Model: Energy {
    /// Binary places of couplings and fields.
    fn fraction_bits(&self) -> u32;

    /// The external field h_i, as an integer; 0 past the last spin.
    fn external(&self, unit: usize) -> i32;

    /// Calls `each(j, w_ij)` for spins j that are coupled to `unit`; for others there may be calls with 0.
    fn couplings(&self, unit: usize, each: impl FnMut(usize, i32));

    /// Whether a flip changes so many fields that it pays to hold changes back for a block of 64 spins: then sweeps use
    /// [`flip_within`](Self::flip_within) and [`flip_outside`](Self::flip_outside).
    const BLOCKED: bool = false;

    /// Brings the fields of spins `64 block..` up to date after `unit` was turned over to be `spin`.
    fn flip_within(&self, block: usize, unit: usize, spin: i32, fields: &mut [i32]) {
        let start = WORD * block;
        self.couplings(unit, |j, w| {
            if let Some(field) = j.checked_sub(start).and_then(|at| fields.get_mut(at)) {
                *field += 2 * spin * w;
            }
        });
    }

    /// Brings the fields of all spins outside of a block of 64 up to date after some in it (`flipped`) were turned over
    /// to be as they are in `state`.
    fn flip_outside(&self, block: usize, flipped: u64, state: &[u64], fields: &mut [i32]) {
        for at in ones(&[flipped]) {
            let unit = WORD * block + at;
            let by = 2 * spin(state, unit);
            self.couplings(unit, |j, w| {
                if let Some(field) = fields.get_mut(j).filter(|_| j / WORD != block) {
                    *field += by * w;
                }
            });
        }
    }

    /// The energy of a state whose fields are `fields`: an integer in units of `2^-fraction_bits`, exact. O(N).
    fn energy(&self, state: &[u64], fields: &[i32]) -> i64 {
        // Every pair is counted twice and every external field is doubled, so that this has no remainder.
        self.twice_energy(state, fields) / 2
    }

    /// A float for an integer of the model's format.
    fn real(&self, number: i64) -> f64 {
        number as f64 / f64::from(1_u32 << self.fraction_bits())
    }
}

/// A model that couples every spin with every other: N x N numbers of `W` (`i8`, `i16`, `i32`), row by row, and N
/// fields, in storage of the caller's. A flip costs N additions.
///
/// ```
/// use bitspin_core::hopfield::Network;
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
}

impl<W: Weight, S: AsRef<[W]>, H: AsRef<[i32]>> Dense<W, S, H> {
    /// Takes N x N integers as couplings and N as external fields. O(N^2).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 <= `units` <= 65,536, if the matrix is not symmetric, has a diagonal that is not
    /// zero, or reaches [`FIELD_LIMIT`], or if `fraction_bits` is above [`MAX_FRACTION_BITS`]; [`Error::Length`] unless
    /// there are N^2 couplings and N fields.
    pub fn new(units: usize, weights: S, external: H, fraction_bits: u32) -> Result<Self, Error> {
        let couplings = Couplings::new(units, weights)?;
        check_len("external fields", units, external.as_ref().len())?;
        check_fraction_bits(fraction_bits)?;
        for (i, &h) in external.as_ref().iter().enumerate() {
            let row = couplings.row(i);
            if row.get(i).is_some_and(|&own| own.into() != 0) {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "a zero diagonal",
                });
            }
            check_magnitudes(h, row.iter().map(|&w| w.into()))?;
        }
        Ok(Self {
            couplings,
            external,
            fraction_bits,
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

/// Refuses more binary places than there may be.
pub(super) fn check_fraction_bits(fraction_bits: u32) -> Result<(), Error> {
    if fraction_bits <= MAX_FRACTION_BITS {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "fraction bits",
        expected: "at most 24",
    })
}

/// Refuses a spin whose field could leave the range.
pub(super) fn check_magnitudes(h: i32, row: impl Iterator<Item = i32>) -> Result<(), Error> {
    let sum: i64 = row.map(|w| i64::from(w).abs()).sum();
    if sum + i64::from(h).abs() < FIELD_LIMIT {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "couplings and fields",
        expected: "magnitudes that sum to less than 2^30 a spin",
    })
}

/// 2 E of a state whose fields, the external ones included, are in `fields`.
pub(super) fn twice_energy(state: &[u64], fields: &[i32], external: &[i32]) -> i64 {
    let terms = fields.iter().zip(external).enumerate();
    -terms
        .map(|(i, (&field, &h))| i64::from(spin(state, i)) * (i64::from(field) + i64::from(h)))
        .sum::<i64>()
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

    #[inline]
    fn flip_within(&self, block: usize, unit: usize, spin: i32, fields: &mut [i32]) {
        let row = self.couplings.row(unit);
        let row = row.get(WORD * block..).unwrap_or_default();
        let pairs = fields.iter_mut().zip(row);
        if spin > 0 {
            pairs.for_each(|(field, &w)| *field += 2 * w.into());
        } else {
            pairs.for_each(|(field, &w)| *field -= 2 * w.into());
        }
    }

    fn flip_outside(&self, block: usize, flipped: u64, state: &[u64], fields: &mut [i32]) {
        let up = state.get(block).copied().unwrap_or(0);
        let n = fields.len();
        let whole = n / WORD * WORD;
        // Where the rows of the spins that became +1 begin, then those of the others.
        let (mut starts, mut count) = ([0; WORD], 0);
        for at in ones(&[flipped & up]).chain(ones(&[flipped & !up])) {
            starts[count] = (WORD * block + at) * n;
            count += 1;
        }
        let (plus, minus) = starts[..count].split_at((flipped & up).count_ones() as usize);
        let weights = self.couplings.weights();
        for (tile, fields) in fields.chunks_exact_mut(WORD).enumerate() {
            if tile == block {
                continue;
            }
            let rows = |starts: &[usize], off, sums: &mut [i32; WORD]| {
                let rows = starts
                    .iter()
                    .filter_map(|start| weights.get(start + WORD * tile..)?.first_chunk::<WORD>());
                W::add_tile(rows, off, sums);
            };
            let mut sums = [0; WORD];
            rows(plus, false, &mut sums);
            rows(minus, true, &mut sums);
            for (field, sum) in fields.iter_mut().zip(sums) {
                *field += 2 * sum;
            }
        }
        for at in ones(&[flipped]) {
            let unit = WORD * block + at;
            let by = 2 * spin(state, unit);
            let row = self.couplings.row(unit).get(whole..).unwrap_or_default();
            for (at, (field, &w)) in fields[whole..].iter_mut().zip(row).enumerate() {
                if (whole + at) / WORD != block {
                    *field += by * w.into();
                }
            }
        }
    }
}
