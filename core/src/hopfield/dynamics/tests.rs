//! Sweeps against a network that offers nothing but single fields.

use std::vec;
use std::vec::Vec;

use rand_core::Rng;

use super::*;
use crate::bits::{tail_mask, words};
use crate::hopfield::{ClippedCouplings, Diagonal, LearningRule, PatternMemory, Patterns, learn};
use crate::network::Couplings;
use crate::rng::{Purpose, Streams};

/// The fields and flips of a network, without its own scans.
struct Plain<'a, N>(&'a N);

impl<N: Network> Network for Plain<'_, N> {
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

fn random_patterns(units: usize, count: usize, seed: u64) -> Vec<u64> {
    let mut random = Streams::new(seed, Purpose::Evaluation).next_stream();
    let mut rows = vec![];
    for _ in 0..count {
        rows.extend((0..words(units)).map(|_| random.next_u64()));
        if let Some(last) = rows.last_mut() {
            *last &= tail_mask(units);
        }
    }
    rows
}

/// Flips and state after each of a few sweeps from a random state, and that the cache is still that of the state.
fn sweeps(network: &impl Network, order: usize) -> Vec<(u64, Vec<u64>)> {
    let state = random_patterns(network.units(), 1, 9);
    let state = Bits::new(network.units(), state).unwrap();
    let mut dynamics = Dynamics::new(network, state, vec![7; network.cache_len()]).unwrap();
    let mut rng = Streams::new(4, Purpose::Chains).next_chain();
    let mut order = match order {
        0 => Order::Ascending,
        1 => Order::Random(&mut rng),
        _ => Order::LargestGain,
    };
    let mut sweep = || {
        let flips = dynamics.sweep(&mut order);
        let state = dynamics.state().as_words().to_vec();
        let mut fresh = vec![7; network.cache_len()];
        network.prepare(&state, &mut fresh);
        for unit in 0..network.units() {
            let field = network.field(&state, &fresh, unit);
            assert_eq!(dynamics.field(unit), field, "unit {unit}");
        }
        (flips, state)
    };
    (0..3).map(|_| sweep()).collect()
}

/// Checks every order and returns the flips of all.
fn check(network: &impl Network) -> u64 {
    let mut flips = 0;
    for order in 0..3 {
        let found = sweeps(network, order);
        assert_eq!(found, sweeps(&Plain(network), order), "order {order}");
        flips += found.iter().map(|(flips, _)| flips).sum::<u64>();
    }
    flips
}

#[test]
fn sweeps_are_those_of_single_fields() {
    let mut flips = 0;
    for (units, count) in [(2, 1), (63, 9), (65, 70), (130, 12), (700, 30)] {
        let rows = random_patterns(units, count, 3);
        let patterns = Patterns::new(units, &rows[..]).unwrap();
        for rule in [LearningRule::Hebb, LearningRule::Covariance] {
            for diagonal in [Diagonal::Zero, Diagonal::Kept] {
                flips += check(&PatternMemory::new(patterns, rule, diagonal).unwrap());
            }
        }
        let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
        let pairs = (0..units).flat_map(|i| (0..units).map(move |j| (i, j)));
        let weights: Vec<i16> = pairs.map(|(i, j)| memory.coupling(i, j) as i16).collect();
        flips += check(&Couplings::new(units, weights).unwrap());
        let (mut bits, mut ties) = (vec![0; units * words(units)], vec![0; words(units)]);
        learn::clipped(&patterns, &mut bits, &mut ties).unwrap();
        flips += check(&ClippedCouplings::new(units, bits).unwrap());
    }
    assert!(flips > 2000, "{flips}");
}
