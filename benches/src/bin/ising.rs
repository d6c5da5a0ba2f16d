//! Times Ising sweeps for `benches/peers/ising.py`, which runs this and dwave-samplers on the same models in turn.

use std::path::PathBuf;
use std::time::Instant;

use bitspin::aligned::AlignedI8;
use bitspin::ising::{onsager, square};
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{
    Chain, Colouring, Course, Dense, Schedule, Sliced, Temperature, UpdateRule, sweep_replicas,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};

/// Prints one JSON object a run.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to time
    #[command(subcommand)]
    work: Work,
}

#[derive(Debug, Subcommand)]
enum Work {
    /// Simulated annealing of a dense model
    Anneal {
        /// N x N couplings, bytes of two's complement, row by row
        couplings: PathBuf,
        /// First beta
        #[arg(long)]
        hot: f64,
        /// Last beta
        #[arg(long)]
        cold: f64,
        /// Sweeps
        #[arg(long)]
        sweeps: u32,
        /// Replicas
        #[arg(long)]
        reads: usize,
        /// Seed
        #[arg(long)]
        seed: u64,
    },
    /// Sweeps of an L x L lattice at its critical point, in 64 replicas of one bit
    Lattice {
        /// L
        #[arg(long)]
        side: usize,
        /// Sweeps
        #[arg(long)]
        sweeps: u32,
        /// Seed
        #[arg(long)]
        seed: u64,
    },
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let result = match Arguments::parse().work {
        Work::Anneal {
            couplings,
            hot,
            cold,
            sweeps,
            reads,
            seed,
        } => {
            let bytes = std::fs::read(couplings)?;
            let schedule = Schedule::new(hot, cold, sweeps, Course::Geometric)?;
            anneal(bytes, &schedule, reads, seed)?
        }
        Work::Lattice { side, sweeps, seed } => lattice(side, sweeps, seed)?,
    };
    println!("{result}");
    Ok(())
}

fn generators(count: usize, seed: u64) -> Vec<ChainRng> {
    let mut streams = Streams::new(seed, Purpose::Chains);
    (0..count).map(|_| streams.next_chain()).collect()
}

/// One sweep a temperature, as dwave-samplers makes; the energies are those of the last states.
fn anneal(
    bytes: Vec<u8>,
    schedule: &Schedule,
    reads: usize,
    seed: u64,
) -> Result<Value, bitspin_core::Error> {
    let n = bytes.len().isqrt();
    let mut weights = AlignedI8::zeros(n * n);
    for (w, byte) in weights.as_mut().iter_mut().zip(bytes) {
        *w = byte as i8;
    }
    let model = Dense::new(n, weights, vec![0; n], 0)?;
    let (mut states, mut fields) = (vec![vec![0; words(n)]; reads], vec![vec![0; n]; reads]);
    let parts = states.iter_mut().zip(&mut fields);
    let chains = parts
        .zip(generators(reads, seed))
        .map(|((state, fields), rng)| {
            let mut chain =
                Chain::new(&model, Bits::new(n, &mut state[..])?, &mut fields[..], rng)?;
            chain.randomise();
            Ok(chain)
        });
    let mut chains: Vec<_> = chains.collect::<Result<_, bitspin_core::Error>>()?;
    let start = Instant::now();
    let mut flips = 0;
    for sweep in 0..schedule.sweeps() {
        let temperatures = vec![schedule.temperature(sweep, 0)?; reads];
        flips += sweep_replicas(&mut chains, UpdateRule::Metropolis, &temperatures)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let attempts = n as f64 * f64::from(schedule.sweeps()) * reads as f64;
    let energies: Vec<i64> = chains.iter().map(Chain::energy).collect();
    Ok(json!({
        "seconds": seconds,
        "attempts_per_us": attempts / seconds / 1e6,
        "flips": flips as f64 / attempts,
        "energies": energies,
    }))
}

fn lattice(side: usize, sweeps: u32, seed: u64) -> Result<Value, bitspin_core::Error> {
    let model = square(side, side, 1, 0, 0)?;
    let n = model.units();
    let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
    let colouring = Colouring::new(&model, &mut order, &mut scratch)?;
    let (mut spins, mut rngs) = (vec![0; n], generators(64, seed));
    let mut sliced = Sliced::new(&model, colouring, &mut spins, &mut rngs)?;
    let temperature = Temperature::new(onsager::CRITICAL, 0)?;
    let mut timed = |rule| {
        let start = Instant::now();
        for _ in 0..sweeps {
            sliced.sweep(rule, temperature);
        }
        let seconds = start.elapsed().as_secs_f64();
        64.0 * n as f64 * f64::from(sweeps) / seconds / 1e9
    };
    Ok(json!({
        "glauber_attempts_per_ns": timed(UpdateRule::Glauber),
        "metropolis_attempts_per_ns": timed(UpdateRule::Metropolis),
    }))
}
