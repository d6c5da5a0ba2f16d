//! The interface between Ising models and samplers.

use super::Field;
use crate::Error;
use crate::bits::{WORD, ones, spin};
use crate::network::Energy;
use crate::rng::UNITS_A_STEP;

/// The most binary places that couplings and fields may have.
pub const MAX_FRACTION_BITS: u32 = 24;

/// The sum of magnitudes |h_i| + sum_j |w_ij|, as integers, has to stay below this for every spin.
pub const FIELD_LIMIT: i64 = 1 << 30;

/// The most binary places of a model of 64-bit couplings.
pub const MAX_WIDE_FRACTION_BITS: u32 = 60;

/// The magnitudes of all couplings (each counted in both rows) and fields of a model of 64-bit couplings sum to less than
/// this.
pub const WIDE_SUM_LIMIT: i64 = 1 << 61;

/// An Ising model of integer couplings and fields: E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i, w symmetric with a zero
/// diagonal, the real w and h being those integers divided by `2^fraction_bits`.
///
/// It is a [`Network`](crate::network::Network) whose cache holds the field of every spin, sum_j w_ij s_j + h_i, the external one included; every
/// field lies within [`FIELD_LIMIT`], or, of integers `F` of 64 bits, within [`WIDE_SUM_LIMIT`](super::WIDE_SUM_LIMIT). [`Dynamics`](crate::hopfield::Dynamics) therefore takes models too, to let a state
/// fall into the nearest minimum.
pub trait Model<F: Field = i32>: Energy<F> {
    /// Binary places of couplings and fields.
    fn fraction_bits(&self) -> u32;

    /// The external field h_i, as an integer; 0 past the last spin.
    fn external(&self, unit: usize) -> F;

    /// Calls `each(j, w_ij)` for spins j that are coupled to `unit`; for others there may be calls with 0.
    fn couplings(&self, unit: usize, each: impl FnMut(usize, F));

    /// Whether a flip changes so many fields that it pays to hold changes back for a block of 64 spins: then sweeps use
    /// [`couplings_to`](Self::couplings_to) and [`flip_many`](Self::flip_many).
    const BLOCKED: bool = false;

    /// What the magnitude of no field is above, of integers of 32 bits.
    fn largest_field(&self) -> i32 {
        FIELD_LIMIT as i32
    }

    /// w_ij of spins `start..start + 16`; 0 past the last.
    #[inline(always)]
    fn couplings_to(&self, unit: usize, start: usize) -> [F; UNITS_A_STEP] {
        let mut row = [F::default(); UNITS_A_STEP];
        self.couplings(unit, |j, w| {
            if let Some(own) = j.checked_sub(start).and_then(|at| row.get_mut(at)) {
                *own += w;
            }
        });
        row
    }

    /// Brings the fields of spins `start..start + fields.len()` up to date after some of a block of 64 (bits of `flipped`)
    /// were turned over to be as the bits of `up` say.
    #[inline(always)]
    fn flip_many(&self, block: usize, flipped: u64, up: u64, start: usize, fields: &mut [F]) {
        for at in ones(&[flipped]) {
            let rises = up >> at & 1 != 0;
            self.couplings(WORD * block + at, |j, w| {
                if let Some(field) = j.checked_sub(start).and_then(|at| fields.get_mut(at)) {
                    if rises {
                        *field += w + w;
                    } else {
                        *field -= w + w;
                    }
                }
            });
        }
    }

    /// The energy of a state whose fields are `fields`: an integer in units of `2^-fraction_bits`, exact. O(N).
    fn energy(&self, state: &[u64], fields: &[F]) -> i64 {
        // Every pair is counted twice and every external field is doubled, so that this has no remainder.
        self.twice_energy(state, fields) / 2
    }

    /// A float for an integer of the model's format.
    fn real(&self, number: i64) -> f64 {
        number as f64 / (1_u64 << self.fraction_bits()) as f64
    }
}

/// What the integers of a model have to stay within.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most binary places, as a number and in words.
    pub(super) fraction_bits: (u32, &'static str),
    /// Sums of magnitudes stay below this for a spin.
    pub(super) spin: u64,
    /// And below this for all spins.
    pub(super) all: u64,
    /// Both in words.
    pub(super) expected: &'static str,
}

impl Limits {
    /// Refuses sums of magnitudes, of a spin and of all spins, that reach the limits.
    #[inline]
    pub(super) fn check(&self, spin: u64, all: u64) -> Result<(), Error> {
        if spin < self.spin && all < self.all {
            return Ok(());
        }
        Err(Error::OutOfRange {
            what: "couplings and fields",
            expected: self.expected,
        })
    }
}

/// Refuses more binary places than there may be.
pub(super) fn check_fraction_bits<F: Field>(fraction_bits: u32) -> Result<(), Error> {
    let (most, expected) = F::LIMITS.fraction_bits;
    if fraction_bits <= most {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "fraction bits",
        expected,
    })
}

/// The largest magnitude of a spin's field.
pub(super) fn magnitude<F: Field>(h: F, row: impl Iterator<Item = F>) -> u64 {
    row.fold(h.add_magnitude(0), |sum, w| w.add_magnitude(sum))
}

/// 2 E of a state whose fields, the external ones included, are in `fields`.
pub(super) fn twice_energy<F: Field>(state: &[u64], fields: &[F], external: &[F]) -> i64 {
    let terms = fields.iter().zip(external).enumerate();
    -terms
        .map(|(i, (&field, &h))| {
            let (field, h): (i64, i64) = (field.into(), h.into());
            i64::from(spin(state, i)) * (field + h)
        })
        .sum::<i64>()
}
