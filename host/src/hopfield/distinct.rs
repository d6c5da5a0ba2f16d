//! Patterns that a memory cannot tell apart: equal ones, and complements.

use std::collections::HashMap;

use super::Rule;
use crate::BitMatrix;

/// What a rule makes of a pattern and its complement, which has every spin turned around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complements {
    /// They are one pattern: each recalls the other's couplings.
    Same,
    /// They cancel: nothing of either is stored.
    Cancel,
    /// They are two patterns.
    Distinct,
}

impl Rule {
    /// What the rule makes of complements. Couplings that are sums of products xi_i xi_j do not change with the sign of
    /// xi; a power of an odd degree of the overlap changes its sign. The covariance rule subtracts the mean first.
    #[must_use]
    pub const fn complements(self) -> Complements {
        match self {
            Self::Hebb | Self::PseudoInverse | Self::Storkey | Self::Clipped => Complements::Same,
            Self::Dense(degree) if degree.is_multiple_of(2) => Complements::Same,
            Self::Dense(_) => Complements::Cancel,
            Self::Covariance | Self::Exponential(_) => Complements::Distinct,
        }
    }
}

/// The first pattern that is equal to an earlier one: the earlier, then it. O(patterns).
///
/// ```
/// use bitspin::BitMatrix;
/// use bitspin::hopfield::{complements, equal_patterns};
///
/// let patterns = BitMatrix::from_bits(3, vec![0b001, 0b110, 0b001])?;
/// assert_eq!(equal_patterns(&patterns), Some((0, 2)));
/// assert_eq!(complements(&patterns), Some((0, 1)));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[must_use]
pub fn equal_patterns(patterns: &BitMatrix) -> Option<(usize, usize)> {
    first_pair(patterns, <[u64]>::to_vec)
}

/// The first pattern that is the complement of an earlier one: the earlier, then it. O(patterns).
#[must_use]
pub fn complements(patterns: &BitMatrix) -> Option<(usize, usize)> {
    let units = patterns.units();
    first_pair(patterns, |pattern| {
        let mut complement: Vec<u64> = pattern.iter().map(|word| !word).collect();
        let used = units % 64;
        if let (Some(last), 1..) = (complement.last_mut(), used) {
            *last &= (1 << used) - 1;
        }
        complement
    })
}

/// The first pattern whose image under `map` is an earlier pattern.
fn first_pair(patterns: &BitMatrix, map: impl Fn(&[u64]) -> Vec<u64>) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    for (index, pattern) in patterns.iter().enumerate() {
        if let Some(&earlier) = seen.get(map(pattern).as_slice()) {
            return Some((earlier, index));
        }
        seen.entry(pattern).or_insert(index);
    }
    None
}

#[cfg(test)]
mod tests {
    use bitspin_core::network::Network;

    use super::*;
    use crate::hopfield::Memory;

    #[test]
    fn pairs_are_found_across_words_and_others_are_not() {
        let of = |bits: &[u64]| BitMatrix::from_bits(70, bits.to_vec()).unwrap();
        let all = u64::MAX;
        assert_eq!(equal_patterns(&of(&[1, 2, 3, 4, 1, 2])), Some((0, 2)));
        assert_eq!(equal_patterns(&of(&[1, 2, 1, 3])), None);
        assert_eq!(complements(&of(&[1, 2, all - 1, 0x3d])), Some((0, 1)));
        assert_eq!(complements(&of(&[1, 2, all - 1, 0x3c])), None);
        assert_eq!(complements(&of(&[0, 0])), None);
    }

    /// The fields of a memory of two patterns, and of one in which the second is turned around.
    #[test]
    fn rules_make_of_complements_what_is_said() {
        let rules = "hebb covariance storkey clipped dense:2 dense:3 dense:4 exponential:0.1";
        for rule in rules.split(' ').map(|rule| rule.parse::<Rule>().unwrap()) {
            let fields = |bits: &[u64]| {
                let patterns = BitMatrix::from_bits(12, bits.to_vec()).unwrap();
                let memory = Memory::store(rule, &patterns).unwrap();
                let state = [0b0000_0110_1101];
                let mut cache = vec![0; memory.cache_len()];
                memory.prepare(&state, &mut cache);
                (0..12)
                    .map(|unit| memory.field(&state, &cache, unit))
                    .collect::<Vec<_>>()
            };
            let (one, other) = (0b1110_0100_1011, 0b0001_1111_0010);
            let complement = !other & 0xfff;
            let (usual, turned) = (fields(&[one, other]), fields(&[one, complement]));
            assert_eq!(
                usual == turned,
                rule.complements() == Complements::Same,
                "{rule}"
            );
            let cancelled = fields(&[one, !one & 0xfff]).iter().all(|&field| field == 0);
            assert_eq!(
                cancelled,
                rule.complements() == Complements::Cancel,
                "{rule}"
            );
        }
    }
}
