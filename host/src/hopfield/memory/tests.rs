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
    let set = |patterns: &[u64]| BitMatrix::from_bits(8, patterns.to_vec()).unwrap();
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

/// From states near a pattern and far from all: few and many units are unstable, some in the last places.
#[test]
fn the_first_unstable_unit_is_that_of_single_fields() {
    let mut random = Streams::new(6, Purpose::Evaluation).next_stream();
    let units = 300;
    let patterns = random_patterns(units, 12, &mut random);
    let far = random_patterns(units, 1, &mut random).bits().to_vec();
    let mut near = patterns.row(0).to_vec();
    near[4] ^= 1 << 43 | 1;
    for rule in RULES {
        let memory = Memory::store(rule, &patterns).unwrap();
        let mut found = 0;
        for state in [&far, &near] {
            let mut cache = vec![0; memory.cache_len()];
            memory.prepare(state, &mut cache);
            for from in 0..=units {
                let unstable = |&unit: &usize| {
                    let own = i64::from(bitspin_core::bits::spin(state, unit));
                    own * memory.field(state, &cache, unit) < 0
                };
                let expected = (from..units).find(unstable);
                assert_eq!(
                    memory.first_unstable(state, &cache, from),
                    expected,
                    "{rule} {from}"
                );
                found += usize::from(expected.is_some());
            }
        }
        assert!(found > units, "{rule}: {found}");
    }
}
