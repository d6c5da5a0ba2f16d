//! Hopfield networks whose couplings are implied by their patterns.

use super::Patterns;
use crate::Error;
use crate::bits::spin;
use crate::kernel::overlap::{add_fields, add_signs, overlaps, signs};
use crate::kernel::pairs::{add_pairs, subtract_own};
use crate::kernel::stability::{first_unstable, largest_gain, turn_towards};
use crate::network::twice_pair_energy;
use crate::network::{Energy, Network};

/// Learning rule: how patterns become couplings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearningRule {
    /// w_ij = sum_mu xi_mu,i xi_mu,j (Hopfield 1982), P times the coupling that is divided by P.
    Hebb,
    /// w_ij = P sum_mu xi_mu,i xi_mu,j - S_i S_j with S_i = sum_mu xi_mu,i: P^2 times the covariance, that is Hebb's
    /// rule for patterns minus their mean. For patterns of low activity, and for images that look alike.
    Covariance,
}

/// Treatment of the couplings of units with themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagonal {
    /// w_ii = 0: asynchronous recall never raises the energy.
    Zero,
    /// w_ii as the rule gives it.
    Kept,
}

/// A Hopfield network of P packed patterns of N units, whose N^2 couplings are implied by the patterns.
///
/// Fields follow from the overlaps M_mu = sum_j xi_mu,j s_j. Hebb: f_i = sum_mu M_mu xi_mu,i - P s_i. Covariance:
/// f_i = sum_mu (P M_mu - sum_nu M_nu) xi_mu,i - (P^2 - S_i^2) s_i, since the mean pattern's part of the sum cancels.
/// (The terms in s_i take the diagonal away, and fall away where it is [`Diagonal::Kept`].) All of it is exact.
///
/// The cache holds the fields, one per unit, and behind them what each pattern counts. A flip costs P N bits. Synchronous
/// dynamics needs only the latter, P numbers, wherever the diagonal is the same for all units: for Hebb's rule, and for
/// the covariance rule with [`Diagonal::Kept`].
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::hopfield::{Diagonal, Dynamics, Order, PatternMemory, Patterns, LearningRule, Stop};
/// static PATTERNS: [u64; 2] = [0x00ff, 0x0f0f];
/// let memory = PatternMemory::new(Patterns::new(16, &PATTERNS)?, LearningRule::Hebb, Diagonal::Zero)?;
/// let (mut state, mut fields) = ([0x00fe], [0; 16 + 2]);
/// let mut dynamics = Dynamics::new(&memory, Bits::new(16, &mut state[..])?, &mut fields)?;
/// assert_eq!(dynamics.settle(Order::Ascending, 10).stop, Stop::FixedPoint);
/// assert_eq!(state, [0x00ff]);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternMemory<S> {
    patterns: Patterns<S>,
    rule: LearningRule,
    diagonal: Diagonal,
}

impl<S: AsRef<[u64]>> PatternMemory<S> {
    /// Makes a network from patterns. O(1).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a field could leave the range of an `i32`: for Hebb's rule from N P = 2^31 on, which
    /// [`Patterns`] excludes, for the covariance rule from N P^2 = 2^31 on (N = 784: above 1,655 patterns).
    pub fn new(
        patterns: Patterns<S>,
        rule: LearningRule,
        diagonal: Diagonal,
    ) -> Result<Self, Error> {
        let (units, count) = (patterns.units() as u128, patterns.count() as u128);
        if rule == LearningRule::Covariance && units * count * count > i32::MAX as u128 {
            return Err(Error::OutOfRange {
                what: "patterns",
                expected: "N P^2 below 2^31 for the covariance rule",
            });
        }
        Ok(Self {
            patterns,
            rule,
            diagonal,
        })
    }

    /// The patterns.
    #[must_use]
    pub fn patterns(&self) -> &Patterns<S> {
        &self.patterns
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> LearningRule {
        self.rule
    }

    /// The treatment of couplings of units with themselves.
    #[must_use]
    pub fn diagonal(&self) -> Diagonal {
        self.diagonal
    }

    /// The coupling w_ij, in the unit of the rule. O(P).
    #[must_use]
    pub fn coupling(&self, i: usize, j: usize) -> i32 {
        if i == j && self.diagonal == Diagonal::Zero {
            return 0;
        }
        let count = self.patterns.count() as i32;
        let (mut pair, mut sum_i, mut sum_j) = (0, 0, 0);
        for pattern in self.patterns.iter() {
            let (a, b) = (spin(pattern, i), spin(pattern, j));
            pair += a * b;
            sum_i += a;
            sum_j += b;
        }
        match self.rule {
            LearningRule::Hebb => pair,
            LearningRule::Covariance => count * pair - sum_i * sum_j,
        }
    }

    /// What each pattern counts in a state's fields: its overlap, or P times it less the sum of all.
    fn coefficients(&self, state: &[u64], coefficients: &mut [i32]) {
        let (row, units) = (self.patterns.as_words(), self.patterns.units());
        overlaps(row, units, state, coefficients);
        if self.rule == LearningRule::Covariance {
            let (sum, count) = (
                coefficients.iter().sum::<i32>(),
                self.patterns.count() as i32,
            );
            coefficients.iter_mut().for_each(|c| *c = count * *c - sum);
        }
    }

    /// What s_i counts in its own field beside the patterns, if that is the same for all units.
    fn even_diagonal(&self) -> Option<i64> {
        match (self.rule, self.diagonal) {
            (_, Diagonal::Kept) => Some(0),
            (LearningRule::Hebb, Diagonal::Zero) => Some(-(self.patterns.count() as i64)),
            (LearningRule::Covariance, Diagonal::Zero) => None,
        }
    }

    /// Takes w_ii s_i away from every field.
    fn remove_diagonal(&self, state: &[u64], fields: &mut [i32]) {
        let (row, words) = (self.patterns.as_words(), self.patterns.words());
        match self.rule {
            LearningRule::Hebb => add_signs(state, -(self.patterns.count() as i32), fields),
            LearningRule::Covariance => subtract_own(row, words, state, fields),
        }
    }
}

impl<S: AsRef<[u64]>> Network for PatternMemory<S> {
    fn units(&self) -> usize {
        self.patterns.units()
    }

    /// N + P.
    fn cache_len(&self) -> usize {
        self.patterns.units() + self.patterns.count()
    }

    /// O(P N) bits.
    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        let Some((fields, coefficients)) = cache.split_at_mut_checked(self.units()) else {
            return;
        };
        self.coefficients(state, coefficients);
        fields.fill(0);
        let (words, row) = (self.patterns.words(), self.patterns.as_words());
        let coefficient = |mu: usize| coefficients.get(mu).copied().unwrap_or(0);
        add_fields(row, words, coefficient, fields);
        if self.diagonal == Diagonal::Zero {
            self.remove_diagonal(state, fields);
        }
    }

    /// P, or N + P for the covariance rule without a diagonal.
    fn synchronous_len(&self) -> usize {
        match self.even_diagonal() {
            Some(_) => self.patterns.count(),
            None => self.cache_len(),
        }
    }

    /// O(P N) bits, without fields as numbers wherever the diagonal is the same for all units.
    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        let Some(diagonal) = self.even_diagonal() else {
            self.prepare(state, cache);
            return turn_towards(cache.get(..self.units()).unwrap_or_default(), state, next);
        };
        let coefficients = cache.get_mut(..self.patterns.count()).unwrap_or_default();
        self.coefficients(state, coefficients);
        let coefficient = |mu: usize| coefficients.get(mu).map_or(0, |&c| i64::from(c));
        let (row, units) = (self.patterns.as_words(), self.patterns.units());
        signs(row, units, coefficient, diagonal, state, next);
    }

    fn field(&self, _state: &[u64], cache: &[i32], unit: usize) -> i64 {
        cache.get(unit).map_or(0, |&field| i64::from(field))
    }

    fn first_unstable(&self, state: &[u64], cache: &[i32], from: usize) -> Option<usize> {
        first_unstable(cache.get(..self.units()).unwrap_or_default(), state, from)
    }

    fn largest_gain(&self, state: &[u64], cache: &[i32]) -> Option<usize> {
        largest_gain(cache.get(..self.units()).unwrap_or_default(), state)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        let words = self.patterns.words();
        let fields = cache.get_mut(..self.units()).unwrap_or_default();
        let twice = 2 * spin(state, unit);
        let own = fields.get(unit).copied();
        let factors = match self.rule {
            LearningRule::Hebb => (twice, -twice),
            LearningRule::Covariance => {
                let count = self.patterns.count() as i32;
                let sum: i32 = self.patterns.iter().map(|p| spin(p, unit)).sum();
                (twice * (count - sum), twice * (-count - sum))
            }
        };
        add_pairs(self.patterns.as_words(), words, unit, factors, fields);
        if self.diagonal == Diagonal::Zero
            && let (Some(field), Some(own)) = (fields.get_mut(unit), own)
        {
            *field = own;
        }
    }
}

impl<S: AsRef<[u64]>> Energy for PatternMemory<S> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        twice_pair_energy(state, cache.get(..self.units()).unwrap_or_default())
    }
}
