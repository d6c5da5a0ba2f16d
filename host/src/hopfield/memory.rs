//! Hopfield memories by any learning rule.

mod energy;

use std::f64::consts::FRAC_2_PI;

use bitspin_core::Error;
use bitspin_core::bits::words;
use bitspin_core::hopfield::{
    ClippedCouplings, DenseMemory, ExponentialMemory, Interaction, PatternMemory, Patterns,
    exponential_table, exponential_table_len, learn,
};
use bitspin_core::network::{Couplings, MAX_UNITS, Network};

pub use energy::WithEnergy;

use super::unit_major::{Centring, UnitMajorMemory};
use super::{Rule, scan};
use crate::BitMatrix;
use crate::control::{Control, whole};

/// The most units of a rule that learns in float64: its N^2 couplings then take half a gibibyte.
const MOST_LEARNED_UNITS: usize = 1 << 13;

/// The most units of sign-clipped couplings.
const MOST_CLIPPED_UNITS: usize = 1 << 15;

/// The most spins of all patterns together, N P.
const MOST_SPINS: usize = i32::MAX as usize;

/// One in so many fields of a dense or exponential memory take the time of a synchronous sweep (N = 784, P = 60).
const FIELDS_OF_A_SWEEP: usize = 64;

/// An error of storing patterns.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A network has another number of units than the rule can work with.
    #[error("expected 2 to {most} units with rule {rule}, not {found}")]
    Units {
        /// The rule.
        rule: Rule,
        /// The most units.
        most: usize,
        /// The number of units given.
        found: usize,
    },
    /// All patterns together have too many spins.
    #[error(
        "{patterns} patterns of {units} units are more than the 2147483647 spins of one memory"
    )]
    TooManySpins {
        /// Patterns.
        patterns: usize,
        /// Units per pattern.
        units: usize,
    },
    /// The pseudo-inverse rule needs linearly independent patterns.
    #[error("{0}")]
    Dependent(String),
    /// An error of the core.
    #[error(transparent)]
    Core(#[from] Error),
}

/// A Hopfield memory by any [`Rule`], a network for [`bitspin_core::hopfield::Dynamics`].
#[derive(Clone, Debug)]
pub struct Memory {
    kind: Kind,
    field_unit: f64,
    /// Steepness of the exponential interaction; 0 for other rules.
    beta: f64,
}

#[derive(Clone, Debug)]
enum Kind {
    Patterns(UnitMajorMemory),
    Matrix(Couplings<i16, Vec<i16>>),
    Clipped(ClippedCouplings<Vec<u64>>),
    Dense(DenseMemory<Vec<u64>, Vec<i64>>),
    Exponential(ExponentialMemory<Vec<u64>, Vec<u32>>),
}

impl Memory {
    /// Checks whether `patterns` patterns of `units` units can be stored, as far as their number tells. O(1).
    ///
    /// # Errors
    /// [`MemoryError::Units`] and [`MemoryError::TooManySpins`]; [`MemoryError::Dependent`] for more patterns than units by
    /// the pseudo-inverse rule.
    pub fn check(rule: Rule, units: usize, patterns: usize) -> Result<(), MemoryError> {
        let most = match rule {
            Rule::PseudoInverse | Rule::Storkey => MOST_LEARNED_UNITS,
            Rule::Clipped => MOST_CLIPPED_UNITS,
            Rule::Hebb | Rule::Covariance | Rule::Dense(_) | Rule::Exponential(_) => MAX_UNITS,
        };
        if !(2..=most).contains(&units) {
            let found = units;
            return Err(MemoryError::Units { rule, most, found });
        }
        if patterns
            .checked_mul(units)
            .is_none_or(|spins| spins > MOST_SPINS)
        {
            return Err(MemoryError::TooManySpins { patterns, units });
        }
        if rule == Rule::PseudoInverse && patterns > units {
            return Err(MemoryError::Dependent(format!(
                "rule pseudo-inverse needs linearly independent patterns: expected at most {units}, as many as there are \
                 units, not {patterns}"
            )));
        }
        Ok(())
    }

    /// Stores patterns. O(P N) for rules that keep the patterns, O(P N^2) for those that write down couplings.
    ///
    /// # Errors
    /// As [`check`](Self::check), and [`MemoryError::Dependent`] for patterns that are not linearly independent (twice the
    /// same, or an inverse, for one) by the pseudo-inverse rule.
    ///
    /// ```
    /// use bitspin::BitMatrix;
    /// use bitspin::bitspin_core::network::Network;
    /// use bitspin::hopfield::{Memory, Rule};
    ///
    /// let patterns = BitMatrix::from_rows(&[[true, true, false, false], [true, false, true, false]])?;
    /// let memory = Memory::store(Rule::Hebb, &patterns)?;
    /// assert_eq!(memory.units(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn store(rule: Rule, images: &BitMatrix) -> Result<Self, MemoryError> {
        Self::store_with(rule, images, Control::new()).map(whole)
    }

    /// [`Self::store`] that by Storkey's and the pseudo-inverse rule is `None` if interrupted, and by Storkey's reports
    /// patterns.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub fn store_with(
        rule: Rule,
        images: &BitMatrix,
        control: Control<'_>,
    ) -> Result<Option<Self>, MemoryError> {
        let (units, count) = (images.units(), images.count());
        Self::check(rule, units, count)?;
        let patterns = || Patterns::new(units, images.bits().to_vec());
        let (kind, field_unit) = match rule {
            Rule::Hebb => {
                let memory = UnitMajorMemory::new(images, Centring::None);
                (Kind::Patterns(memory), units as f64)
            }
            Rule::Covariance => {
                let memory = UnitMajorMemory::new(images, Centring::Mean);
                (Kind::Patterns(memory), (units * count) as f64)
            }
            Rule::PseudoInverse | Rule::Storkey => {
                let Some(weights) = float_couplings(rule, images, control)? else {
                    return Ok(None);
                };
                quantised(units, &weights)?
            }
            Rule::Clipped => {
                let mut rows = vec![0; units * words(units)];
                let mut ties = vec![0; words(units)];
                learn::clipped(&patterns()?, &mut rows, &mut ties)?;
                let couplings = ClippedCouplings::new(units, rows)?;
                // The mean of a sign times one of the P terms of a sum is sqrt(2 / (pi P)).
                let share = (FRAC_2_PI / count as f64).sqrt();
                (Kind::Clipped(couplings), share * units as f64)
            }
            Rule::Dense(degree) => {
                let mut table = vec![0; units + 1];
                Interaction::Polynomial { degree }.tabulate(count, &mut table)?;
                let field = (table[units] - table[units - 1]) as f64;
                (Kind::Dense(DenseMemory::new(patterns()?, table)?), field)
            }
            Rule::Exponential(beta) => {
                let mut table = vec![0; exponential_table_len(beta)];
                exponential_table(beta, &mut table)?;
                let field = table.get(1).map_or(0.0, |&field| f64::from(field));
                let memory = ExponentialMemory::new(patterns()?, table)?;
                (Kind::Exponential(memory), field)
            }
        };
        let beta = match rule {
            Rule::Exponential(beta) => beta,
            _ => 0.0,
        };
        Ok(Some(Self {
            kind,
            field_unit,
            beta,
        }))
    }

    /// The field that a single stored pattern adds to its own units (in the mean, for sign-clipped couplings):
    /// the unit in which temperatures are given. It makes Hebb's couplings those that are divided by N.
    #[must_use]
    pub fn field_unit(&self) -> f64 {
        self.field_unit
    }

    /// Patterns' memory with its fields in the cache, for dynamics that looks at all fields before each flip; `None` for
    /// other rules, and where the fields leave the range of the cache.
    pub(super) fn with_fields(&self) -> Option<PatternMemory<&[u64]>> {
        match &self.kind {
            Kind::Patterns(memory) => memory.with_fields(),
            _ => None,
        }
    }

    /// The memory with its energy: any but the exponential one, whose fields have no unit that holds for all states.
    #[must_use]
    pub fn with_energy(&self) -> Option<WithEnergy<'_>> {
        match self.kind {
            Kind::Exponential(_) => None,
            _ => Some(WithEnergy(self)),
        }
    }
}

/// The N x N couplings of a rule that learns in float64: Storkey's, or for any other the pseudo-inverse one. O(P N^2).
/// `None` if interrupted.
pub(crate) fn float_couplings(
    rule: Rule,
    images: &BitMatrix,
    control: Control<'_>,
) -> Result<Option<Vec<f64>>, MemoryError> {
    let (units, count) = (images.units(), images.count());
    let patterns = Patterns::new(units, images.bits())?;
    let mut weights = vec![0.0; units * units];
    if rule == Rule::Storkey {
        let mut fields = vec![0.0; units];
        for pattern in (0..count).filter_map(|index| patterns.get(index)) {
            if control.is_stopped() {
                return Ok(None);
            }
            learn::storkey_store(&pattern, &mut weights, &mut fields)?;
            control.advance(1);
        }
    } else {
        let mut basis = vec![0.0; count * units];
        let goes_on = || !control.is_stopped();
        let ended = learn::project_while(&patterns, &mut basis, &mut weights, goes_on);
        if !ended.map_err(|error| dependent(images, error))? {
            return Ok(None);
        }
    }
    Ok(Some(weights))
}

/// Float64 couplings in 16 bits, and what is 1 in them.
fn quantised(units: usize, weights: &[f64]) -> Result<(Kind, f64), Error> {
    let mut quantised = vec![0_i16; units * units];
    let scale = learn::quantise(units, weights, &mut quantised)?;
    Ok((Kind::Matrix(Couplings::new(units, quantised)?), scale))
}

/// The core's refusal of patterns that are not independent, with the pair that is alike if there is one.
fn dependent(images: &BitMatrix, error: Error) -> MemoryError {
    if !matches!(error, Error::OutOfRange { .. }) {
        return error.into();
    }
    let alike = |a: &[u64], b: &[u64]| {
        let differing = bitspin_core::bits::hamming(a, b) as usize;
        match differing {
            0 => Some("are the same"),
            _ if differing == images.units() => Some("are inverses of each other"),
            _ => None,
        }
    };
    let pair = images.iter().enumerate().find_map(|(j, b)| {
        let mut earlier = images.iter().take(j).enumerate();
        earlier.find_map(|(i, a)| Some((i, j, alike(a, b)?)))
    });
    let reason = match pair {
        Some((i, j, how)) => format!("patterns {i} and {j} {how}"),
        None => "one is a combination of others".into(),
    };
    MemoryError::Dependent(format!(
        "rule pseudo-inverse needs linearly independent patterns: {reason}"
    ))
}

/// Passes a call on to whichever network it is.
macro_rules! each {
    ($memory:expr, $network:ident => $call:expr) => {
        match &$memory.kind {
            Kind::Patterns($network) => $call,
            Kind::Matrix($network) => $call,
            Kind::Clipped($network) => $call,
            Kind::Dense($network) => $call,
            Kind::Exponential($network) => $call,
        }
    };
}

impl Network for Memory {
    #[inline]
    fn units(&self) -> usize {
        each!(self, network => network.units())
    }

    fn cache_len(&self) -> usize {
        each!(self, network => network.cache_len())
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        each!(self, network => network.prepare(state, cache));
    }

    #[inline]
    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        each!(self, network => network.field(state, cache, unit))
    }

    #[inline]
    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        each!(self, network => network.flipped(state, cache, unit));
    }

    fn first_unstable(&self, state: &[u64], cache: &[i32], from: usize) -> Option<usize> {
        let patience = self.units() / FIELDS_OF_A_SWEEP;
        let sweep = |next: &mut [u64]| self.synchronous(state, &mut cache.to_vec(), next);
        match &self.kind {
            Kind::Dense(network) => {
                scan::first_unstable(network, state, cache, from, patience, sweep)
            }
            Kind::Exponential(network) => {
                scan::first_unstable(network, state, cache, from, patience, sweep)
            }
            Kind::Patterns(network) => network.first_unstable(state, cache, from),
            Kind::Matrix(network) => network.first_unstable(state, cache, from),
            Kind::Clipped(network) => network.first_unstable(state, cache, from),
        }
    }

    fn largest_gain(&self, state: &[u64], cache: &[i32]) -> Option<usize> {
        each!(self, network => network.largest_gain(state, cache))
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        each!(self, network => network.synchronous(state, cache, next));
    }
}

#[cfg(test)]
mod tests;
