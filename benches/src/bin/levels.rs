//! Times the same work at every instruction set of this CPU, for `benches/peers/levels`, which runs this built without
//! compiler flags and for the CPU at hand in turn.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use bitspin::BitMatrix;
use bitspin::aligned::AlignedI8;
use bitspin::data::{Binarisation, Dataset};
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate, HiddenLayer};
use bitspin::ising::{onsager, square};
use bitspin_benches::workload::{HIDDEN, Trained, generators};
use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::hopfield::{Diagonal, Dynamics, LearningRule, Order, PatternMemory, Patterns};
use bitspin_core::ising::{
    Chain, Colouring, Dense, Sliced, Temperature, UpdateRule, sweep_replicas,
};
use bitspin_core::network::Network;
use bitspin_core::rng::Purpose;
use bitspin_core::simd::{Level, set_level};
use clap::Parser;
use serde_json::json;

/// Prints one JSON object: for every level and workload, the seconds of each round.
#[derive(Debug, Parser)]
struct Arguments {
    /// Directory of MNIST's IDX files [default: the built-in digits]
    #[arg(long, value_name = "DIR", env = "BITSPIN_MNIST_DIR")]
    data: Option<PathBuf>,
    /// Rounds, in each of which every workload runs at every level
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Only this level
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// Only the workloads whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// A level of this CPU, by its name.
fn level(name: &str) -> Result<Level, String> {
    let names: Vec<_> = Level::available().map(Level::name).collect();
    Level::available()
        .find(|level| level.name() == name)
        .ok_or_else(|| format!("expected {}", names.join(" or ")))
}

/// A workload: its name, and a run of it.
type Workload<'a> = (&'static str, Box<dyn FnMut() + 'a>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let trained = Trained::new(arguments.data.as_deref(), HIDDEN, 1)?;
    let mut trainer = trained.trainer(1);
    let base = BaseRate::of_model(&trained.parameters);
    let settings = AisSettings {
        chains: 256,
        betas: 200,
        ..AisSettings::default()
    };
    let ais = Ais::new(&trained.parameters, &base, settings)?;
    let images = Dataset::load(arguments.data.as_deref())?.test.images;
    let rows = BitMatrix::binarise(&images, Binarisation::Stochastic, 1, Purpose::Evaluation);
    let hidden = HiddenLayer::new(&trained.parameters)?;
    let (small, large) = (memory(784, 60), memory(4096, 400));
    let couplings = couplings(1024);
    let lattice = square(64, 64, 1, 0, 0)?;
    let mut workloads: Vec<Workload<'_>> = vec![
        ("training", Box::new(|| trained.epoch(&mut trainer))),
        (
            "annealed importance sampling",
            Box::new(|| {
                black_box(ais.forward().expect("a model and its base"));
            }),
        ),
        (
            "hidden probabilities",
            Box::new(|| {
                black_box(hidden.probabilities(&rows, 1).expect("rows of the model"));
            }),
        ),
        (
            "free energies",
            Box::new(|| {
                black_box(
                    evaluate::free_energies(&trained.parameters, &rows, 1)
                        .expect("rows of the model"),
                );
            }),
        ),
        (
            "Hopfield, synchronous, N = 784, P = 60",
            Box::new(|| synchronous(&small, 20_000)),
        ),
        (
            "Hopfield, synchronous, N = 4096, P = 400",
            Box::new(|| synchronous(&large, 1_000)),
        ),
        (
            "Hopfield, asynchronous, N = 784, P = 60",
            Box::new(|| asynchronous(&small, 200)),
        ),
        (
            "annealing, dense, N = 1024, 1 chain",
            Box::new(|| anneal(&couplings, 1, 300)),
        ),
        (
            "annealing, dense, N = 1024, 32 chains",
            Box::new(|| anneal(&couplings, 32, 20)),
        ),
        (
            "lattice, 64 x 64, one chain",
            Box::new(|| {
                let n = lattice.units();
                let (mut state, mut fields) = (vec![0; words(n)], vec![0; n]);
                let state = Bits::new(n, &mut state[..]).expect("words of the lattice");
                let rng = generators(1).remove(0);
                let mut chain = Chain::new(&lattice, state, &mut fields[..], rng).expect("a chain");
                let temperature = Temperature::new(onsager::CRITICAL, 0).expect("a temperature");
                for _ in 0..300 {
                    chain.sweep(UpdateRule::Glauber, temperature);
                }
            }),
        ),
        (
            "lattice, 64 x 64, 64 replicas",
            Box::new(|| {
                let n = lattice.units();
                let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
                let colouring =
                    Colouring::new(&lattice, &mut order, &mut scratch).expect("two colours");
                let (mut spins, mut rngs) = (vec![0; n], generators(64));
                let mut sliced =
                    Sliced::new(&lattice, colouring, &mut spins, &mut rngs).expect("a lattice");
                let temperature = Temperature::new(onsager::CRITICAL, 0).expect("a temperature");
                for _ in 0..1000 {
                    sliced.sweep(UpdateRule::Glauber, temperature);
                }
            }),
        ),
    ];
    workloads.retain(|(name, _)| name.contains(&arguments.only));
    let levels: Vec<Level> = match arguments.level {
        Some(level) => vec![level],
        None => Level::available().collect(),
    };
    let mut seconds: BTreeMap<&str, BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for round in 0..=arguments.rounds {
        for (name, run) in &mut workloads {
            for &level in &levels {
                set_level(level)?;
                let start = Instant::now();
                run();
                // The first round fills caches.
                if round > 0 {
                    let times = seconds.entry(level.name()).or_default();
                    times
                        .entry(name)
                        .or_default()
                        .push(start.elapsed().as_secs_f64());
                }
            }
        }
    }
    println!("{}", json!(seconds));
    Ok(())
}

/// Random patterns and a state that is the first of them with every tenth spin wrong.
struct Memory {
    units: usize,
    patterns: Vec<u64>,
    state: Vec<u64>,
}

fn memory(units: usize, count: usize) -> Memory {
    let mut rng = generators(1).remove(0);
    let mut patterns = vec![0; words(units) * count];
    for row in patterns.chunks_exact_mut(words(units)) {
        for word in row.iter_mut() {
            let random = rng.words();
            *word = u64::from(random[0]) << 32 | u64::from(random[1]);
        }
        row[words(units) - 1] &= tail_mask(units);
    }
    let mut state = patterns[..words(units)].to_vec();
    for i in (0..units).step_by(10) {
        state[i / 64] ^= 1 << (i % 64);
    }
    Memory {
        units,
        patterns,
        state,
    }
}

fn network(memory: &Memory) -> PatternMemory<&[u64]> {
    let patterns = Patterns::new(memory.units, &memory.patterns[..]).expect("whole patterns");
    PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).expect("patterns that fit")
}

fn synchronous(memory: &Memory, sweeps: usize) {
    let network = network(memory);
    let mut cache = vec![0; network.cache_len()];
    let mut next = memory.state.clone();
    for _ in 0..sweeps {
        network.synchronous(black_box(&memory.state), &mut cache, &mut next);
    }
    black_box(next);
}

fn asynchronous(memory: &Memory, recalls: usize) {
    let network = network(memory);
    let mut cache = vec![0; network.cache_len()];
    for _ in 0..recalls {
        let mut words = memory.state.clone();
        let state = Bits::new(memory.units, &mut words[..]).expect("a state");
        let mut dynamics = Dynamics::new(&network, state, &mut cache).expect("lengths that fit");
        black_box(dynamics.settle(Order::Ascending, 100));
    }
}

/// Couplings of -1 and +1.
fn couplings(units: usize) -> Dense<i8, AlignedI8, Vec<i32>> {
    let mut rng = generators(1).remove(0);
    let mut weights = AlignedI8::zeros(units * units);
    for i in 0..units {
        for j in 0..i {
            let w = if rng.words()[0] & 1 == 0 { 1 } else { -1 };
            weights.as_mut()[i * units + j] = w;
            weights.as_mut()[j * units + i] = w;
        }
    }
    Dense::new(units, weights, vec![0; units], 0).expect("symmetric couplings")
}

fn anneal(model: &Dense<i8, AlignedI8, Vec<i32>>, chains: usize, sweeps: usize) {
    let n = model.units();
    let (mut states, mut fields) = (vec![vec![0; words(n)]; chains], vec![vec![0; n]; chains]);
    let parts = states.iter_mut().zip(&mut fields).zip(generators(chains));
    let mut chains: Vec<_> = parts
        .map(|((state, fields), rng)| {
            let state = Bits::new(n, &mut state[..]).expect("words of the model");
            let mut chain = Chain::new(model, state, &mut fields[..], rng).expect("a chain");
            chain.randomise();
            chain
        })
        .collect();
    for sweep in 0..sweeps {
        let beta = (0.005 + 0.1 * sweep as f64 / sweeps as f64) / 2.0;
        let temperatures = vec![Temperature::new(beta, 0).expect("a temperature"); chains.len()];
        sweep_replicas(&mut chains, UpdateRule::Metropolis, &temperatures)
            .expect("lengths that fit");
    }
    black_box(chains.iter().map(Chain::energy).sum::<i64>());
}
