//! Hopfield sweeps beside `benches/peers/hopfield.py`, which times NumPy's `sign(W @ s)` at the same sizes:
//!
//!     cargo bench --bench hopfield && python3 benches/peers/hopfield.py
//!
//! Patterns are random, the state is a pattern with a tenth of its spins wrong, one thread.

use bitspin::BitMatrix;
use bitspin::hopfield::{Memory, Rule};
use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::hopfield::{
    DenseMemory, Diagonal, Dynamics, ExponentialMemory, Interaction, LearningRule, Order,
    PatternMemory, Patterns, Recall, exponential_table, exponential_table_len,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use std::fmt::Display;
use std::hint::black_box;

/// Units and patterns.
const SIZES: [(usize, usize); 2] = [(784, 60), (4096, 400)];

/// The most units of rules that write down couplings; learning more takes longer than measuring.
const MOST_LEARNED_UNITS: usize = 784;

/// Random words, from the upper halves of the engine's own streams.
fn random_words(count: usize, seed: u64) -> Vec<u64> {
    let mut rng = Streams::new(seed, Purpose::Chains).next_chain();
    let word = |_| {
        let upper = rng.step().upper;
        upper[..4]
            .iter()
            .fold(0, |word, &bits| word << 16 | u64::from(bits))
    };
    (0..count).map(word).collect()
}

fn patterns(units: usize, count: usize) -> Vec<u64> {
    let mut words_of_all = random_words(words(units) * count, 1);
    for row in words_of_all.chunks_exact_mut(words(units)) {
        row[words(units) - 1] &= tail_mask(units);
    }
    words_of_all
}

/// The first pattern with every tenth spin wrong.
fn probe(units: usize, patterns: &[u64]) -> Vec<u64> {
    let mut state = patterns[..words(units)].to_vec();
    for i in (0..units).step_by(10) {
        state[i / 64] ^= 1 << (i % 64);
    }
    state
}

fn synchronous(c: &mut Criterion) {
    let mut group = c.benchmark_group("synchronous sweep");
    for (units, count) in SIZES {
        let words_of_all = patterns(units, count);
        let stored = Patterns::new(units, &words_of_all[..]).expect("whole patterns");
        let state = probe(units, &words_of_all);
        let mut next = vec![0; words(units)];
        let name = |kind: &str| format!("{kind}, N = {units}, P = {count}");
        let mut run = |kind: &str, network: &dyn Network| {
            let mut cache = vec![0; network.cache_len()];
            group.bench_function(name(kind), |b| {
                b.iter(|| network.synchronous(black_box(&state), &mut cache, &mut next));
            });
        };
        let memory = |rule, diagonal| PatternMemory::new(stored, rule, diagonal).expect("it fits");
        run("Hebb", &memory(LearningRule::Hebb, Diagonal::Zero));
        run(
            "covariance",
            &memory(LearningRule::Covariance, Diagonal::Zero),
        );
        let mut table = vec![0; units + 1];
        let interaction = Interaction::Polynomial { degree: 4 };
        interaction.tabulate(count, &mut table).expect("it fits");
        let dense = DenseMemory::new(stored, &table[..]).expect("a table");
        run("degree 4", &dense);
        let mut table = vec![0; exponential_table_len(0.1)];
        exponential_table(0.1, &mut table).expect("a temperature");
        let exponential = ExponentialMemory::new(stored, &table[..]).expect("a table");
        run("exponential", &exponential);
    }
    group.finish();
}

/// Recall in all orders of the units and all at once, from the core's memories and those of the host.
fn recall(c: &mut Criterion) {
    let mut group = c.benchmark_group("recall");
    for (units, count) in SIZES {
        let words_of_all = patterns(units, count);
        let stored = Patterns::new(units, &words_of_all[..]).expect("whole patterns");
        let start = probe(units, &words_of_all);
        let name = |rule: &dyn Display| format!("{rule}, N = {units}, P = {count}");
        for (kind, rule) in [
            ("Hebb", LearningRule::Hebb),
            ("covariance", LearningRule::Covariance),
        ] {
            let memory = PatternMemory::new(stored, rule, Diagonal::Zero).expect("it fits");
            recall_from(&mut group, &name(&kind), &memory, &start, &ORDERS);
        }
        let rows = BitMatrix::from_bits(units, words_of_all.clone()).expect("whole patterns");
        for rule in [
            Rule::Hebb,
            Rule::Covariance,
            Rule::Dense(4),
            Rule::PseudoInverse,
            Rule::Clipped,
        ] {
            let writes_down = matches!(rule, Rule::PseudoInverse | Rule::Clipped);
            if writes_down && units > MOST_LEARNED_UNITS {
                continue;
            }
            let memory = Memory::store(rule, &rows).expect("it fits");
            // The others look at single fields, and recall by the largest gain from another memory.
            let orders = if writes_down {
                &ORDERS[..]
            } else {
                &ORDERS[..3]
            };
            let name = name(&format_args!("host {rule}"));
            recall_from(&mut group, &name, &memory, &start, orders);
        }
    }
    group.finish();
}

const ORDERS: [&str; 4] = ["ascending", "random", "synchronous", "largest gain"];

/// Recall from `start` in each order. The name gives the flips, for the time per flip.
fn recall_from(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    network: &impl Network,
    start: &[u64],
    orders: &[&str],
) {
    let units = network.units();
    let mut cache = vec![0; network.cache_len()];
    let mut scratch = vec![0; 2 * words(units)];
    let rng = Streams::new(3, Purpose::Chains).next_chain();
    for &order in orders {
        let mut run = || {
            let state = Bits::new(units, start.to_vec()).expect("a state");
            let mut dynamics = Dynamics::new(network, state, &mut cache).expect("lengths that fit");
            match order {
                "random" => dynamics.settle(Order::Random(&mut rng.clone()), 100),
                "largest gain" => dynamics.settle(Order::LargestGain, 100),
                "synchronous" => dynamics
                    .settle_synchronous(&mut scratch, 100)
                    .expect("lengths that fit"),
                _ => dynamics.settle(Order::Ascending, 100),
            }
        };
        let Recall { flips, sweeps, .. } = run();
        let name = format!("{name}, {order}: {flips} flips, {sweeps} sweeps");
        group.bench_function(name, |b| b.iter(&mut run));
    }
}

criterion_group!(benches, synchronous, recall);
criterion_main!(benches);
