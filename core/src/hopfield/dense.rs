//! Dense associative memory: interactions of higher than second order, by a table of whole numbers.

use super::Patterns;
use crate::Error;
use crate::bits::spin;
use crate::error::check_len;
use crate::kernel::overlap::{overlaps, signs};
use crate::network::{Energy, Network};

/// The interaction function F of an overlap M in E = -2 sum_mu F(M_mu).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// F(M) = M^degree. Degree 2 is Hebb's rule with a zero diagonal, with fields four times as large. Where the degree
    /// is even the inverse of a pattern is as good a memory as the pattern.
    Polynomial {
        /// The power, 1..=64.
        degree: u32,
    },
    /// F(M) = M^degree for M > 0, otherwise 0.
    Rectified {
        /// The power, 1..=64.
        degree: u32,
    },
}

impl Interaction {
    /// Writes F(2 a - N) for a = 0..=N agreeing spins of N into `table`, for networks of up to `patterns` patterns.
    ///
    /// Exact where N^degree <= 2^59 / P; otherwise 2^59 / P (M / N)^degree, to within a unit and a relative
    /// 2^-55. O(N degree).
    ///
    /// # Errors
    /// [`Error::Length`] unless the table has N + 1 places (two at least), [`Error::OutOfRange`] if the degree is not in
    /// 1..=64, [`Error::Empty`] without patterns.
    pub fn tabulate(self, patterns: usize, table: &mut [i64]) -> Result<(), Error> {
        let (degree, rectified) = match self {
            Self::Polynomial { degree } => (degree, false),
            Self::Rectified { degree } => (degree, true),
        };
        if !(1..=64).contains(&degree) {
            return Err(Error::OutOfRange {
                what: "degree",
                expected: "1..=64",
            });
        }
        if patterns == 0 {
            return Err(Error::Empty { what: "patterns" });
        }
        let units = table.len().saturating_sub(1) as u64;
        if units == 0 {
            return Err(Error::Length {
                what: "interaction table",
                expected: 2,
                found: table.len(),
            });
        }
        let limit = limit(patterns);
        let exact = units.checked_pow(degree).is_some_and(|top| top <= limit);
        for (agreeing, slot) in table.iter_mut().enumerate() {
            let overlap = 2 * agreeing as i64 - units as i64;
            let magnitude = if exact {
                overlap.unsigned_abs().pow(degree)
            } else {
                scaled_power(overlap.unsigned_abs(), units, degree, limit)
            };
            *slot = match (overlap < 0, rectified) {
                (true, true) => 0,
                (true, false) if degree % 2 == 1 => -(magnitude as i64),
                _ => magnitude as i64,
            };
        }
        Ok(())
    }
}

/// limit (overlap / units)^degree in fixed point of 62 binary places.
fn scaled_power(overlap: u64, units: u64, degree: u32, limit: u64) -> u64 {
    let ratio = (u128::from(overlap) << 62) / u128::from(units.max(1));
    let power = (1..degree).fold(ratio, |power, _| (power * ratio) >> 62);
    ((power * u128::from(limit)) >> 62) as u64
}

/// The largest magnitude that a table may hold: with it 4 sum |F|, and every sum of the kernels, stays below 2^62.
fn limit(patterns: usize) -> u64 {
    (1 << 59) / patterns.max(1) as u64
}

/// A dense associative memory (Krotov and Hopfield 2016): E = -2 sum_mu F(M_mu) with M_mu = sum_i xi_mu,i s_i, and F
/// any function, as a table of whole numbers over the number of agreeing spins. For F of degree n some N^(n-1)
/// patterns can be stored.
///
/// The field is half the cost of turning the spin over, exactly, as of pairs: f_i = sum_mu xi_mu,i (F(M_mu + d) -
/// F(M_mu - d')), where the two overlaps are those with s_i = +1 and s_i = -1. So the energy never rises in
/// asynchronous dynamics, whatever the function.
///
/// The cache holds the P overlaps: a field costs P steps, so does a flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseMemory<S, T> {
    patterns: Patterns<S>,
    table: T,
}

impl<S: AsRef<[u64]>, T: AsRef<[i64]>> DenseMemory<S, T> {
    /// Makes a memory from patterns and F(2 a - N) for a = 0..=N; see [`Interaction::tabulate`]. O(N).
    ///
    /// # Errors
    /// [`Error::Length`] unless the table has N + 1 places; [`Error::OutOfRange`] if a magnitude is above 2^59 / P.
    pub fn new(patterns: Patterns<S>, table: T) -> Result<Self, Error> {
        let values = table.as_ref();
        check_len("interaction table", patterns.units() + 1, values.len())?;
        let limit = limit(patterns.count());
        if values.iter().any(|value| value.unsigned_abs() > limit) {
            return Err(Error::OutOfRange {
                what: "interaction table",
                expected: "magnitudes of at most 2^59 / P",
            });
        }
        Ok(Self { patterns, table })
    }

    /// The patterns.
    #[must_use]
    pub fn patterns(&self) -> &Patterns<S> {
        &self.patterns
    }

    /// F(M) - F(M - 2) of a pattern that `agreeing` spins agree with: what one of them that turns away loses.
    fn step(&self, agreeing: usize) -> i64 {
        let table = self.table.as_ref();
        match (table.get(agreeing.wrapping_sub(1)), table.get(agreeing)) {
            (Some(below), Some(here)) => here - below,
            _ => 0,
        }
    }

    /// Agreeing spins of an overlap.
    fn agreeing(&self, overlap: i32) -> usize {
        ((self.patterns.units() as i32 + overlap) / 2) as usize
    }
}

impl<S: AsRef<[u64]>, T: AsRef<[i64]>> Network for DenseMemory<S, T> {
    fn units(&self) -> usize {
        self.patterns.units()
    }

    /// P.
    fn cache_len(&self) -> usize {
        self.patterns.count()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        overlaps(
            self.patterns.as_words(),
            self.patterns.units(),
            state,
            cache,
        );
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        let own = spin(state, unit);
        let mut sum = 0;
        for (pattern, &overlap) in self.patterns.iter().zip(cache) {
            let agreeing = self.agreeing(overlap);
            sum += if spin(pattern, unit) == own {
                self.step(agreeing)
            } else {
                -self.step(agreeing + 1)
            };
        }
        sum * i64::from(own)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        let own = spin(state, unit);
        for (pattern, overlap) in self.patterns.iter().zip(cache) {
            *overlap += 2 * own * spin(pattern, unit);
        }
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        self.prepare(state, cache);
        // 2 f_i = sum_mu (step(a) + step(a + 1)) xi_mu,i + s_i sum_mu (step(a) - step(a + 1)).
        let steps = |overlap: i32| {
            let agreeing = self.agreeing(overlap);
            (self.step(agreeing), self.step(agreeing + 1))
        };
        let diagonal = cache.iter().map(|&m| steps(m)).map(|(a, b)| a - b).sum();
        let coefficient = |mu: usize| {
            let (a, b) = cache.get(mu).map_or((0, 0), |&m| steps(m));
            a + b
        };
        let (words, units) = (self.patterns.as_words(), self.patterns.units());
        signs(words, units, coefficient, diagonal, state, next);
    }
}

impl<S: AsRef<[u64]>, T: AsRef<[i64]>> Energy for DenseMemory<S, T> {
    fn twice_energy(&self, _state: &[u64], cache: &[i32]) -> i64 {
        let table = self.table.as_ref();
        let value = |&m: &i32| table.get(self.agreeing(m)).copied().unwrap_or(0);
        -4 * cache.iter().map(value).sum::<i64>()
    }
}
