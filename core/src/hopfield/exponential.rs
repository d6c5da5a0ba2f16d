//! The exponential memory, in fixed point relative to the best match.

use super::Patterns;
use crate::Error;
use crate::bits::spin;
use crate::kernel::overlap::{overlaps, signs};
use crate::network::Network;

/// One in the table's fixed point.
const ONE: f64 = (1_u64 << 31) as f64;

/// A dense associative memory with F(M) = exp(beta M) (Demircigil and others 2017), whose capacity grows exponentially
/// with N.
///
/// Only the ratios of the P terms matter to a spin's sign, so they are taken relative to the largest: pattern mu, whose
/// overlap is 2 k below the largest, counts exp(-2 beta k), with 31 binary places. Turning spin i towards its field
/// compares, in exact integers, the patterns that it agrees with, each one step further down for what turning away would
/// lose, with those that it does not: s_i f_i = sum_agree t(k + 1) - sum_disagree t(k). Against real numbers a sum of P
/// terms is off by P / 2 units of 2^-31 of the largest term at most, so only spins whose field is smaller than that may
/// differ.
///
/// The unit of the fields follows the state, so there is no energy in one unit: the network is no
/// [`Energy`](crate::network::Energy). The cache holds the P overlaps and the largest: a field costs P steps, so does a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExponentialMemory<S, T> {
    patterns: Patterns<S>,
    table: T,
}

/// Places that [`exponential_table`] can fill for this beta: terms from 2^-32 of the largest on count as nothing.
#[must_use]
pub fn exponential_table_len(beta: f64) -> usize {
    const LN_2_32: f64 = 22.180_709_777_918_25;
    // At most one place an overlap; a conversion from float saturates.
    ((LN_2_32 / (2.0 * beta)) as usize)
        .saturating_add(1)
        .min(crate::network::MAX_UNITS + 1)
}

/// Writes exp(-2 beta k), k = 0, 1, ..., with 31 binary places, rounded to nearest. A longer table than
/// [`exponential_table_len`] ends in zeros, a shorter one ignores patterns that it does not reach.
///
/// # Errors
/// [`Error::OutOfRange`] unless beta is positive and finite, [`Error::Empty`] for a table without places.
pub fn exponential_table(beta: f64, table: &mut [u32]) -> Result<(), Error> {
    if !(beta > 0.0 && beta.is_finite()) {
        return Err(Error::OutOfRange {
            what: "beta",
            expected: "a positive number",
        });
    }
    if table.is_empty() {
        return Err(Error::Empty {
            what: "exponential table",
        });
    }
    for (k, slot) in table.iter_mut().enumerate() {
        *slot = (libm::exp(-2.0 * beta * k as f64) * ONE + 0.5) as u32;
    }
    Ok(())
}

impl<S: AsRef<[u64]>, T: AsRef<[u32]>> ExponentialMemory<S, T> {
    /// Makes a memory from patterns and a table from [`exponential_table`]. O(table).
    ///
    /// # Errors
    /// [`Error::Empty`] for a table without places; [`Error::OutOfRange`] if the table rises, begins with zero, or has a
    /// number above 2^31.
    pub fn new(patterns: Patterns<S>, table: T) -> Result<Self, Error> {
        let values = table.as_ref();
        let Some(&first) = values.first() else {
            return Err(Error::Empty {
                what: "exponential table",
            });
        };
        if first == 0 || first > 1 << 31 || !values.is_sorted_by(|a, b| a >= b) {
            return Err(Error::OutOfRange {
                what: "exponential table",
                expected: "falling numbers from at most 2^31 on",
            });
        }
        Ok(Self { patterns, table })
    }

    /// The patterns.
    #[must_use]
    pub fn patterns(&self) -> &Patterns<S> {
        &self.patterns
    }

    /// The terms, from that of the best match on.
    #[must_use]
    pub fn table(&self) -> &[u32] {
        self.table.as_ref()
    }

    /// What a pattern of this overlap counts for a spin that agrees with it, and for one that does not.
    fn terms(&self, overlap: i32, largest: i32) -> (i64, i64) {
        let below = (largest.wrapping_sub(overlap) / 2) as usize;
        let at = |k: usize| self.table.as_ref().get(k).map_or(0, |&t| i64::from(t));
        (at(below.wrapping_add(1)), at(below))
    }

    /// Writes the largest overlap behind the overlaps.
    fn note_largest(cache: &mut [i32]) {
        if let Some((slot, overlaps)) = cache.split_last_mut() {
            *slot = overlaps.iter().copied().max().unwrap_or(0);
        }
    }
}

impl<S: AsRef<[u64]>, T: AsRef<[u32]>> Network for ExponentialMemory<S, T> {
    fn units(&self) -> usize {
        self.patterns.units()
    }

    /// P + 1.
    fn cache_len(&self) -> usize {
        self.patterns.count() + 1
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        let (words, units) = (self.patterns.as_words(), self.patterns.units());
        overlaps(words, units, state, cache);
        Self::note_largest(cache);
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        let own = spin(state, unit);
        let Some((&largest, overlaps)) = cache.split_last() else {
            return 0;
        };
        let mut sum = 0;
        for (pattern, &overlap) in self.patterns.iter().zip(overlaps) {
            let (agreeing, against) = self.terms(overlap, largest);
            sum += if spin(pattern, unit) == own {
                agreeing
            } else {
                -against
            };
        }
        sum * i64::from(own)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        let twice = 2 * spin(state, unit);
        for (pattern, overlap) in self.patterns.iter().zip(cache.iter_mut()) {
            *overlap += twice * spin(pattern, unit);
        }
        Self::note_largest(cache);
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        self.prepare(state, cache);
        let Some((&largest, overlaps)) = cache.split_last() else {
            return;
        };
        let terms = |&m: &i32| self.terms(m, largest);
        let diagonal = overlaps.iter().map(terms).map(|(a, b)| a - b).sum();
        let coefficient = |mu: usize| {
            let (a, b) = overlaps.get(mu).map_or((0, 0), terms);
            a + b
        };
        let (words, units) = (self.patterns.as_words(), self.patterns.units());
        signs(words, units, coefficient, diagonal, state, next);
    }
}
