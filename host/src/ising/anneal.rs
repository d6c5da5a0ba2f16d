//! Simulated annealing of many replicas on several threads.

use std::time::{Duration, Instant};

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Best, Chain, Dense, Field, Model, Schedule, UpdateRule, sweep_replicas};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::domains;
use super::file::Couplings;
use super::numbers::{Lists, Numbers, Quantised, Room, dense, dense_in};
use crate::aligned::{AlignedI8, AlignedI16};
use crate::control::Control;
use crate::parallel;

/// The share of couplings from which a matrix is faster than lists of neighbours: one in so many.
const DENSE: usize = 8;

/// Largest number of replicas that a thread sweeps together.
const TOGETHER: usize = 16;

/// Result of one replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Annealed {
    /// The state of lowest energy, packed.
    pub state: Vec<u64>,
    /// Its energy, by the couplings as given.
    pub energy: f64,
    /// Sweeps until it was first seen.
    pub sweep: u32,
    /// Number of sweeps; fewer than asked for if it was interrupted.
    pub sweeps: u32,
    /// Time of this replica and those swept together with it.
    pub duration: Duration,
}

/// Settings of simulated annealing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The temperatures.
    pub schedule: Schedule,
    /// Update rule of a spin.
    pub rule: UpdateRule,
    /// Independent runs from random states.
    pub replicas: usize,
    /// Seed of everything random.
    pub seed: u64,
}

/// Anneals replicas from random states by sweeps at the schedule's temperatures, the last followed by a descent
/// to where neither a single flip lowers the energy nor turning over a domain, spins that satisfied couplings connect. The
/// result does not depend on the threads.
///
/// Dense models are held in 8 bits where these are exact, else in 16 or 32 bits, sparse ones in 32 bits, and all in 64 bits where
/// those do not hold their numbers well; how is returned too. Energies are those of the model as it was given.
///
/// # Errors
/// Numbers or temperatures that are too large to be sampled with.
///
/// ```
/// use bitspin::ising::anneal::{Plan, anneal};
/// use bitspin::ising::{Couplings, Course, Schedule, UpdateRule};
///
/// // Two spins that want to be opposite, the first of them +1: E = s_0 s_1 - s_0 / 2.
/// let model = Couplings::new(vec![0.5, 0.0], &[(0, 1, -1.0)])?;
/// let schedule = Schedule::new(0.1, 5.0, 100, Course::Geometric)?;
/// let plan = Plan { schedule, rule: UpdateRule::default(), replicas: 2, seed: 1 };
/// let (found, _) = anneal(&model, &plan, 1)?;
/// assert_eq!((found[0].energy, &found[0].state[..]), (-1.5, &[0b01][..]));
/// # Ok::<(), bitspin::Error>(())
/// ```
pub fn anneal(
    model: &Couplings,
    plan: &Plan,
    threads: usize,
) -> Result<(Vec<Annealed>, Numbers), Error> {
    anneal_with(model, plan, threads, Control::new())
}

/// [`anneal`] that reports sweeps of single replicas. Replicas that were not begun before an interrupt are left out.
///
/// # Errors
/// As [`anneal`].
pub fn anneal_with(
    model: &Couplings,
    plan: &Plan,
    threads: usize,
    control: Control<'_>,
) -> Result<(Vec<Annealed>, Numbers), Error> {
    let replicas = plan.replicas;
    let mut streams = Streams::new(plan.seed, Purpose::Chains);
    let rngs: Vec<_> = (0..replicas).map(|_| streams.next_chain()).collect();
    let work = Work {
        couplings: model,
        plan,
        control,
    };
    // Replicas of a thread read the couplings together, as many as stay near.
    let together = replicas.div_ceil(threads.max(1)).clamp(1, TOGETHER);
    let groups: Vec<_> = rngs.chunks(together).collect();
    let beta = plan
        .schedule
        .beta(0)
        .max(plan.schedule.beta(plan.schedule.sweeps()));
    let held = Held::new(model, beta)?;
    let found = match &held.integers {
        Integers::I8(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::I16(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::I32(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::Lists(Lists::Narrow(graph)) => work.run(graph, &held.numbers, &groups, threads),
        Integers::Lists(Lists::Wide(graph)) => work.run(graph, &held.numbers, &groups, threads),
    };
    Ok((found?, held.numbers))
}

/// A model in the integers that are fastest of those that hold it.
struct Held {
    integers: Integers,
    numbers: Numbers,
}

enum Integers {
    I8(Dense<i8, AlignedI8, Vec<i32>>),
    I16(Dense<i16, AlignedI16, Vec<i32>>),
    I32(Dense<i32, Vec<i32>, Vec<i32>>),
    Lists(Lists),
}

impl Held {
    /// Chooses for temperatures down to 1 / `beta`.
    fn new(model: &Couplings, beta: f64) -> Result<Self, Error> {
        let n = model.units();
        let hold = |room| Numbers::hold(model, room, beta);
        let integers = |integers, numbers| Ok(Self { integers, numbers });
        if model.edges.len() > n * n / (2 * DENSE) {
            if let Some(numbers) = hold(Room::I8).filter(|numbers| numbers.largest_error == 0.0) {
                let dense = dense_in(model, &numbers, AlignedI8::zeros(n * n))?;
                return integers(Integers::I8(dense), numbers);
            }
            if let Some(numbers) = hold(Room::I16) {
                let dense = dense_in(model, &numbers, AlignedI16::zeros(n * n))?;
                return integers(Integers::I16(dense), numbers);
            }
            if let Some(numbers) = hold(Room::I32) {
                let dense = dense(model, &numbers)?;
                return integers(Integers::I32(dense), numbers);
            }
        }
        let Quantised { lists, numbers } = model.quantised(beta)?;
        integers(Integers::Lists(lists), numbers)
    }
}

struct Work<'a> {
    couplings: &'a Couplings,
    plan: &'a Plan,
    control: Control<'a>,
}

impl Work<'_> {
    /// What all groups of replicas find, each on one of the threads.
    fn run<F: Field, M: Model<F> + Sync>(
        &self,
        model: &M,
        numbers: &Numbers,
        groups: &[&[ChainRng]],
        threads: usize,
    ) -> Result<Vec<Annealed>, Error> {
        let found = |(): &mut (), k: usize| self.replicas(model, numbers, groups[k]);
        let parts = parallel::map(groups.len(), threads, || (), found);
        let parts: Vec<_> = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What replicas of some generators find, each by itself, but all of them sweep by sweep.
    fn replicas<F: Field, M: Model<F>>(
        &self,
        model: &M,
        numbers: &Numbers,
        rngs: &[ChainRng],
    ) -> Result<Vec<Annealed>, Error> {
        if self.control.is_stopped() {
            return Ok(Vec::new());
        }
        let began = Instant::now();
        let (n, count) = (model.units(), rngs.len());
        let mut states = vec![vec![0; words(n)]; count];
        let mut best = states.clone();
        let mut fields = vec![vec![F::default(); n]; count];
        let parts = states.iter_mut().zip(&mut fields).zip(rngs);
        let chains = parts.map(|((state, fields), rng)| {
            let mut chain = Chain::new(
                model,
                Bits::new(n, &mut state[..])?,
                &mut fields[..],
                rng.clone(),
            )?;
            chain.randomise();
            Ok(chain)
        });
        let mut chains: Vec<_> = chains.collect::<Result<_, Error>>()?;
        let lowest = best.iter_mut().zip(&chains);
        let lowest = lowest.map(|(best, chain)| Best::new(Bits::new(n, &mut best[..])?, chain));
        let mut lowest: Vec<_> = lowest.collect::<Result<_, Error>>()?;
        let mut sweeps = 0;
        let schedule = &self.plan.schedule;
        while sweeps < schedule.sweeps() && !self.control.is_stopped() {
            let temperature = numbers.temperature(schedule.beta(sweeps))?;
            sweep_replicas(&mut chains, self.plan.rule, &vec![temperature; count])?;
            sweeps += 1;
            for (lowest, chain) in lowest.iter_mut().zip(&chains) {
                lowest.see(chain, sweeps);
            }
            self.control.advance(count);
        }
        for (lowest, chain) in lowest.iter_mut().zip(&mut chains) {
            domains::descend(chain)?;
            lowest.see(chain, sweeps);
        }
        let first: Vec<_> = lowest.iter().map(Best::sweep).collect();
        let duration = began.elapsed();
        let found = best.into_iter().zip(first);
        Ok(found
            .map(|(state, sweep)| Annealed {
                energy: self.couplings.energy(&state),
                state,
                sweep,
                sweeps,
                duration,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interrupt::Interrupt;
    use crate::ising::file::Problem;
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
            problem: Problem::Ising,
        }
    }

    #[test]
    fn the_ground_state_of_small_glasses_is_found_at_any_number_of_threads() {
        // Sixteen bits, lists of neighbours, and eight bits.
        let mut signs = glass(1);
        signs
            .edges
            .iter_mut()
            .for_each(|edge| edge.2 = edge.2.signum());
        signs.h.fill(1.0);
        for model in [glass(1), glass(9), signs] {
            let ground = states(14)
                .map(|v| model.energy(&[v as u64]))
                .fold(f64::INFINITY, f64::min);
            let schedule = Schedule::new(0.1, 10.0, 200, Course::Geometric).unwrap();
            let plan = Plan {
                schedule,
                rule: UpdateRule::default(),
                replicas: 6,
                seed: 3,
            };
            let run = |threads| {
                let found = anneal(&model, &plan, threads).unwrap().0;
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
            let control = Control::new().interrupt(&stopped);
            let none = anneal_with(&model, &plan, 2, control).unwrap();
            assert_eq!(none.0, []);
        }
    }
}
