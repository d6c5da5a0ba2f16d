//! Hopfield sweeps beside `benches/peers/hopfield.py`, which times NumPy's `sign(W @ s)` at the same sizes:
//!
//!     cargo bench --bench hopfield && python3 benches/peers/hopfield.py
//!
//! Patterns are random, the state is a pattern with a tenth of its spins wrong, one thread.

use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::hopfield::{
    DenseMemory, Diagonal, Dynamics, ExponentialMemory, Interaction, LearningRule, Order,
    PatternMemory, Patterns, exponential_table, exponential_table_len,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// Units and patterns.
const SIZES: [(usize, usize); 2] = [(784, 60), (4096, 400)];

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

fn asynchronous(c: &mut Criterion) {
    let mut group = c.benchmark_group("asynchronous recall");
    for (units, count) in SIZES {
        let words_of_all = patterns(units, count);
        let stored = Patterns::new(units, &words_of_all[..]).expect("whole patterns");
        let memory = PatternMemory::new(stored, LearningRule::Hebb, Diagonal::Zero)
            .expect("patterns that fit");
        let state = probe(units, &words_of_all);
        let mut moving = state.clone();
        let mut cache = vec![0; memory.cache_len()];
        group.bench_function(format!("N = {units}, P = {count}, a tenth wrong"), |b| {
            b.iter(|| {
                moving.copy_from_slice(&state);
                let state = Bits::new(units, &mut moving[..]).expect("a state");
                let mut dynamics =
                    Dynamics::new(&memory, state, &mut cache).expect("lengths that fit");
                dynamics.settle(Order::Ascending, 100)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, synchronous, asynchronous);
criterion_main!(benches);
