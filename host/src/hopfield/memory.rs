//! A memory made of patterns by any of the rules, in storage of its own.

use std::f64::consts::FRAC_2_PI;

use bitspin_core::Error;
use bitspin_core::bits::words;
use bitspin_core::hopfield::{
    ClippedCouplings, Couplings, DenseMemory, Energy, ExponentialMemory, Interaction, MAX_UNITS,
    Network, Patterns, exponential_table, exponential_table_len, learn,
};

use super::Rule;
use super::unit_major::{Centring, UnitMajorMemory};
use crate::data::PackedImages;

/// The most units of a rule that learns in float64: its N^2 couplings then take half a gibibyte.
const MOST_LEARNED_UNITS: usize = 1 << 13;

/// The most units of sign-clipped couplings.
const MOST_CLIPPED_UNITS: usize = 1 << 15;

/// The most spins of all patterns together, N P.
const MOST_SPINS: usize = i32::MAX as usize;

/// Why patterns cannot be stored.
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
        /// The units there are.
        found: usize,
    },
    /// All patterns together have too many spins.
    #[error(
        "{patterns} patterns of {units} units are more than the 2147483647 spins of one memory"
    )]
    TooManySpins {
        /// Patterns.
        patterns: usize,
        /// Units a pattern.
        units: usize,
    },
    /// The pseudo-inverse rule needs linearly independent patterns.
    #[error("{0}")]
    Dependent(String),
    /// The core refuses, with its own words.
    #[error(transparent)]
    Core(#[from] Error),
}

/// A memory made of patterns, by whichever rule, as a network for [`bitspin_core::hopfield::Dynamics`].
#[derive(Clone, Debug)]
pub struct Memory {
    kind: Kind,
    field_unit: f64,
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
    /// Whether so many patterns of so many units can be stored, as far as can be told without them. O(1).
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
    pub fn store(rule: Rule, images: &PackedImages) -> Result<Self, MemoryError> {
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
            Rule::PseudoInverse => {
                let mut basis = vec![0.0; count * units];
                let mut weights = vec![0.0; units * units];
                learn::project(&patterns()?, &mut basis, &mut weights)
                    .map_err(|error| dependent(images, error))?;
                quantised(units, &weights)?
            }
            Rule::Storkey => {
                let mut fields = vec![0.0; units];
                let mut weights = vec![0.0; units * units];
                let patterns = patterns()?;
                for pattern in (0..count).filter_map(|index| patterns.get(index)) {
                    learn::storkey_store(&pattern, &mut weights, &mut fields)?;
                }
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
        Ok(Self { kind, field_unit })
    }

    /// What a pattern that is stored alone adds to the fields of its own units (in the mean, for sign-clipped couplings):
    /// the unit in which temperatures are given. It makes Hebb's couplings those that are divided by N.
    #[must_use]
    pub fn field_unit(&self) -> f64 {
        self.field_unit
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

/// Float64 couplings in 16 bits, and what is 1 in them.
fn quantised(units: usize, weights: &[f64]) -> Result<(Kind, f64), Error> {
    let mut quantised = vec![0_i16; units * units];
    let scale = learn::quantise(units, weights, &mut quantised)?;
    Ok((Kind::Matrix(Couplings::new(units, quantised)?), scale))
}

/// The core's refusal of patterns that are not independent, with the pair that is alike if there is one.
fn dependent(images: &PackedImages, error: Error) -> MemoryError {
    if !matches!(error, Error::OutOfRange { .. }) {
        return error.into();
    }
    let alike = |a: &[u64], b: &[u64]| {
        let differing = bitspin_core::kernel::hamming(a, b) as usize;
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
    fn units(&self) -> usize {
        each!(self, network => network.units())
    }

    fn cache_len(&self) -> usize {
        each!(self, network => network.cache_len())
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        each!(self, network => network.prepare(state, cache));
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        each!(self, network => network.field(state, cache, unit))
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        each!(self, network => network.flipped(state, cache, unit));
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        each!(self, network => network.synchronous(state, cache, next));
    }
}

/// A memory that has an energy.
#[derive(Clone, Copy, Debug)]
pub struct WithEnergy<'a>(&'a Memory);

impl Network for WithEnergy<'_> {
    fn units(&self) -> usize {
        self.0.units()
    }

    fn cache_len(&self) -> usize {
        self.0.cache_len()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        self.0.prepare(state, cache);
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        self.0.field(state, cache, unit)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.0.flipped(state, cache, unit);
    }
}

impl Energy for WithEnergy<'_> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        match &self.0.kind {
            Kind::Patterns(network) => network.twice_energy(state, cache),
            Kind::Matrix(network) => network.twice_energy(state, cache),
            Kind::Clipped(network) => network.twice_energy(state, cache),
            Kind::Dense(network) => network.twice_energy(state, cache),
            // Never made of one.
            Kind::Exponential(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use bitspin_core::bits::Bits;
    use bitspin_core::hopfield::{Dynamics, Order, Stop};
    use bitspin_core::rng::{Purpose, Streams};

    use super::*;
    use crate::hopfield::random_patterns;

    const RULES: [Rule; 8] = [
        Rule::Hebb,
        Rule::Covariance,
        Rule::PseudoInverse,
        Rule::Storkey,
        Rule::Clipped,
        Rule::Dense(2),
        Rule::Dense(5),
        Rule::Exponential(1.0),
    ];

    #[test]
    fn every_rule_recalls_a_few_random_patterns() {
        let mut random = Streams::new(2, Purpose::Evaluation).next_stream();
        let patterns = random_patterns(400, 12, &mut random);
        for rule in RULES {
            let memory = Memory::store(rule, &patterns).unwrap();
            let mut cache = vec![0; memory.cache_len()];
            for pattern in patterns.iter() {
                let mut state = pattern.to_vec();
                state[0] ^= 0xfff0_0000_0fff_0f0f;
                let bits = Bits::new(400, &mut state[..]).unwrap();
                let mut dynamics = Dynamics::new(&memory, bits, &mut cache).unwrap();
                let recall = dynamics.settle(Order::Ascending, 50);
                assert_eq!(recall.stop, Stop::FixedPoint, "{rule}");
                assert_eq!(state, pattern, "{rule}");
            }
        }
    }

    #[test]
    fn energies_are_there_but_for_the_exponential_memory() {
        let mut random = Streams::new(3, Purpose::Evaluation).next_stream();
        let patterns = random_patterns(70, 3, &mut random);
        for rule in RULES {
            let memory = Memory::store(rule, &patterns).unwrap();
            let Some(network) = memory.with_energy() else {
                assert!(matches!(rule, Rule::Exponential(_)));
                continue;
            };
            let mut state = patterns.iter().next().unwrap().to_vec();
            let mut cache = vec![0; network.cache_len()];
            let bits = Bits::new(70, &mut state[..]).unwrap();
            let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
            let before = dynamics.twice_energy();
            let cost = dynamics.flip(5).unwrap();
            assert_eq!(dynamics.twice_energy() - before, cost, "{rule}");
        }
    }

    #[test]
    fn what_cannot_be_stored_is_refused_with_a_reason() {
        let pattern = |bits: u64| bits & 0xff;
        let set = |patterns: &[u64]| PackedImages::from_bits(8, patterns.to_vec()).unwrap();
        let refused = |patterns: &[u64]| {
            Memory::store(Rule::PseudoInverse, &set(patterns))
                .unwrap_err()
                .to_string()
        };
        assert!(refused(&[1, 7, 1]).contains("patterns 0 and 2 are the same"));
        assert!(refused(&[1, 7, pattern(!7)]).contains("patterns 1 and 2 are inverses"));
        // The sum of the first two is that of the others, spin by spin.
        assert!(refused(&[0b0011, 0b0101, 0b0001, 0b0111]).contains("combination"));
        assert!(refused(&[0; 9]).contains("at most 8"));
        for rule in RULES {
            assert!(Memory::check(rule, 1, 1).is_err() && Memory::check(rule, 0, 1).is_err());
            assert!(Memory::check(rule, 1 << 17, 1).is_err());
            assert!(Memory::check(rule, 1 << 10, 1 << 40).is_err());
        }
    }
}
