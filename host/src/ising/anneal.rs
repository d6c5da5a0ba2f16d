//! Simulated annealing of many replicas on several threads.

use std::time::{Duration, Instant};

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Best, Chain, Dense, Model, Rule, Schedule, fraction_bits, quantise};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::file::Couplings;
use crate::evaluate::parallel;
use crate::interrupt::Interrupt;

/// The share of couplings from which a matrix is faster than lists of neighbours: one in so many.
const DENSE: usize = 8;

/// What one replica found.
#[derive(Clone, Debug, PartialEq)]
pub struct Annealed {
    /// The state of lowest energy, packed.
    pub state: Vec<u64>,
    /// Its energy, of the couplings as they were given.
    pub energy: f64,
    /// Sweeps after which it was first seen.
    pub sweep: u32,
    /// Sweeps that were made; fewer than asked for if it was interrupted.
    pub sweeps: u32,
    /// The time that the replica took.
    pub duration: Duration,
}

/// Anneals replicas from random states by Metropolis sweeps at the schedule's temperatures, the last followed by a descent
/// to where no single flip lowers the energy. The result does not depend on the threads. Replicas that an interrupt
/// came before are left out.
///
/// Dense models are rounded to 16 bits, sparse ones to what 2^22 holds; energies are those of the model as it was given.
///
/// # Errors
/// Numbers or temperatures that are too large to be sampled with.
pub fn anneal(
    model: &Couplings,
    schedule: &Schedule,
    replicas: usize,
    seed: u64,
    threads: usize,
    interrupt: &Interrupt,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Vec<Annealed>, Error> {
    let n = model.units();
    let mut streams = Streams::new(seed, Purpose::Chains);
    let rngs: Vec<_> = (0..replicas).map(|_| streams.next_chain()).collect();
    let work = Work {
        couplings: model,
        schedule,
        interrupt,
        progress,
    };
    let is_dense = model.edges.len() > n * n / (2 * DENSE);
    let run = |found: &(dyn Fn(ChainRng) -> Result<Option<Annealed>, Error> + Sync)| {
        let parts = parallel::map(replicas, threads, || (), |(), k| found(rngs[k].clone()));
        parts.into_iter().filter_map(Result::transpose).collect()
    };
    if is_dense {
        let w = model.matrix();
        let bits = fraction_bits::<i16>(&w, &model.h)?;
        let (mut weights, mut fields) = (vec![0_i16; n * n], vec![0_i32; n]);
        quantise(&w, bits, &mut weights)?;
        quantise(&model.h, bits, &mut fields)?;
        let dense = Dense::new(n, weights, fields, bits)?;
        return run(&|rng| work.replica(&dense, rng));
    }
    let graph = model.graph()?;
    run(&|rng| work.replica(&graph, rng))
}

struct Work<'a> {
    couplings: &'a Couplings,
    schedule: &'a Schedule,
    interrupt: &'a Interrupt,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Work<'_> {
    fn replica<M: Model>(&self, model: &M, rng: ChainRng) -> Result<Option<Annealed>, Error> {
        if self.interrupt.is_set() {
            return Ok(None);
        }
        let began = Instant::now();
        let n = model.units();
        let (mut state, mut best) = (vec![0; words(n)], vec![0; words(n)]);
        let mut fields = vec![0; n];
        let mut chain = Chain::new(model, Bits::new(n, &mut state[..])?, &mut fields, rng)?;
        chain.randomise();
        let mut lowest = Best::new(Bits::new(n, &mut best[..])?, &chain)?;
        let mut sweeps = 0;
        while sweeps < self.schedule.sweeps() && !self.interrupt.is_set() {
            let temperature = self.schedule.temperature(sweeps, model.fraction_bits())?;
            chain.sweep(Rule::Metropolis, temperature);
            sweeps += 1;
            lowest.see(&chain, sweeps);
            (self.progress)(1);
        }
        chain.descend();
        lowest.see(&chain, sweeps);
        let sweep = lowest.sweep();
        Ok(Some(Annealed {
            energy: self.couplings.energy(&best),
            state: best,
            sweep,
            sweeps,
            duration: began.elapsed(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::states;
    use bitspin_core::ising::Course;

    /// A glass of 14 spins: lists of all pairs, or of every third of them.
    fn glass(every: usize) -> Couplings {
        let n = 14_u32;
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let edges = pairs.step_by(every).map(|(i, j)| {
            let w = f64::from((i * 37 + j * 101).wrapping_mul(2_654_435_761) % 1000) / 500.0 - 1.0;
            (i, j, w)
        });
        Couplings {
            h: (0..n).map(|i| f64::from(i * 7 % 5) / 10.0).collect(),
            edges: edges.filter(|edge| edge.2 != 0.0).collect(),
            total_weight: None,
        }
    }

    #[test]
    fn the_ground_state_of_small_glasses_is_found_at_any_number_of_threads() {
        for every in [1, 9] {
            let model = glass(every);
            let ground = states(14)
                .map(|v| model.energy(&[v as u64]))
                .fold(f64::INFINITY, f64::min);
            let schedule = Schedule::new(0.1, 10.0, 200, Course::Geometric).unwrap();
            let run = |threads| {
                let interrupt = Interrupt::manual();
                let found = anneal(&model, &schedule, 6, 3, threads, &interrupt, &|_| ()).unwrap();
                found
                    .into_iter()
                    .map(|one| (one.energy, one.state, one.sweep))
                    .collect::<Vec<_>>()
            };
            let found = run(1);
            assert_eq!(found, run(3));
            assert!(
                found.iter().any(|one| one.0 == ground),
                "{found:?}, not {ground}"
            );
            let stopped = Interrupt::manual();
            stopped.set();
            assert_eq!(
                anneal(&model, &schedule, 6, 3, 2, &stopped, &|_| ()),
                Ok(vec![])
            );
        }
    }
}
