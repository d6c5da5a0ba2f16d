//! The interface of networks of spins: fields, energies and flips.
//!
//! Hopfield memories and Ising models are networks, and so is a matrix of [`Couplings`].

mod couplings;

pub use couplings::{Couplings, Weight};

use crate::Error;
use crate::bits::{WORD, spin};

/// The most units that a network may have.
pub const MAX_UNITS: usize = 1 << 16;

/// A network of coupled spins: fields, kept up to date in a cache that the caller provides.
///
/// States are packed spins of [`units`](Self::units) bits with a zero tail, caches are [`cache_len`](Self::cache_len)
/// numbers whose meaning is the network's own (fields, or overlaps), of integers `F`.
/// [`Dynamics`](crate::hopfield::Dynamics) and [`settle_synchronous`](crate::hopfield::settle_synchronous) check both
/// lengths once; with other lengths the methods do not panic, but what they compute means nothing.
pub trait Network<F = i32> {
    /// Number of spins, N.
    fn units(&self) -> usize;

    /// Length of a cache.
    fn cache_len(&self) -> usize;

    /// Fills the cache for a state.
    fn prepare(&self, state: &[u64], cache: &mut [F]);

    /// The field of a unit: turning spin s_i over costs 2 s_i f_i. Couplings of a unit with itself count as couplings
    /// do: they add w_ii s_i.
    fn field(&self, state: &[u64], cache: &[F], unit: usize) -> i64;

    /// Brings the cache up to date after `unit` was turned over; `state` is the state after that.
    fn flipped(&self, state: &[u64], cache: &mut [F], unit: usize);

    /// The first unit from `from` on whose flip lowers the energy: s_i f_i < 0. Networks whose cache holds the fields find
    /// it faster than one by one.
    fn first_unstable(&self, state: &[u64], cache: &[F], from: usize) -> Option<usize> {
        (from..self.units()).find(|&unit| gain(self, state, cache, unit) > 0)
    }

    /// The unit whose flip lowers the energy most, the first of those that lower it equally; `None` where none does.
    fn largest_gain(&self, state: &[u64], cache: &[F]) -> Option<usize> {
        let mut best = (0, None);
        for unit in 0..self.units() {
            let gain = gain(self, state, cache, unit);
            if gain > best.0 {
                best = (gain, Some(unit));
            }
        }
        best.1
    }

    /// Length of the cache of [`synchronous`](Self::synchronous), at most [`cache_len`](Self::cache_len): less where it needs no
    /// fields as numbers.
    fn synchronous_len(&self) -> usize {
        self.cache_len()
    }

    /// Writes the state after all spins turned towards their fields at once into `next`. `cache` is at least
    /// [`synchronous_len`](Self::synchronous_len) numbers of any content, and unspecified afterwards.
    fn synchronous(&self, state: &[u64], cache: &mut [F], next: &mut [u64]) {
        self.prepare(state, cache);
        for (at, word) in next.iter_mut().enumerate() {
            *word = 0;
            for bit in 0..WORD.min(self.units().saturating_sub(at * WORD)) {
                let unit = at * WORD + bit;
                let field = self.field(state, cache, unit);
                let set = field > 0 || (field == 0 && spin(state, unit) > 0);
                *word |= u64::from(set) << bit;
            }
        }
    }
}

/// A network whose fields are differences of one energy in one unit, whatever the state.
pub trait Energy<F = i32>: Network<F> {
    /// 2 E, in the unit of the network's weights; an integer, and exact. `cache` is that of `state`.
    fn twice_energy(&self, state: &[u64], cache: &[F]) -> i64;
}

/// - sum_i s_i f_i for fields in a cache: 2 E of a network of pairs without external fields. O(N).
pub(crate) fn twice_pair_energy(state: &[u64], fields: &[i32]) -> i64 {
    let terms = fields.iter().enumerate();
    -terms
        .map(|(i, &field)| i64::from(spin(state, i)) * i64::from(field))
        .sum::<i64>()
}

/// - s_i f_i: half of what a flip of the unit lowers the energy by.
fn gain<F>(network: &(impl Network<F> + ?Sized), state: &[u64], cache: &[F], unit: usize) -> i64 {
    -i64::from(spin(state, unit)) * network.field(state, cache, unit)
}

/// Requires at least two units: a single unit has no field.
pub(crate) fn check_units(units: usize) -> Result<(), Error> {
    if (2..=MAX_UNITS).contains(&units) {
        Ok(())
    } else {
        Err(Error::OutOfRange {
            what: "units",
            expected: "2..=65536",
        })
    }
}
