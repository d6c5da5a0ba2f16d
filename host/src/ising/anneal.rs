//! Simulated annealing of many replicas on several threads.

use std::time::{Duration, Instant};

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Best, Chain, Field, Model, UpdateRule, sweep_replicas};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::domains;
use super::file::Couplings;
use super::numbers::{Lists, Numbers};
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

mod betas;
mod held;

pub use betas::Betas;
use held::{Held, Integers};

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
pub struct Plan<'a> {
    /// The temperatures.
    pub betas: Betas<'a>,
    /// Update rule of a spin.
    pub rule: UpdateRule,
    /// Independent runs.
    pub replicas: usize,
    /// Where replicas start, a row each; replicas past the rows start from random states.
    pub starts: Option<&'a BitMatrix>,
    /// Seed of everything random.
    pub seed: u64,
}

/// Anneals replicas by sweeps at the plan's temperatures, the last followed by a descent
/// to where neither a single flip lowers the energy nor turning over a domain, spins that satisfied couplings connect. The
/// result does not depend on the threads.
///
/// Dense models are held in 8 bits where these are exact, else in 16 or 32 bits, sparse ones in 32 bits, and all in 64 bits where
/// those do not hold their numbers well; how is returned too. Energies are those of the model as it was given.
///
/// # Errors
/// Numbers or temperatures that are too large to be sampled with; a list of no temperatures, or of numbers that are none;
/// starts of another number of spins.
///
/// ```
/// use bitspin::ising::anneal::{Plan, anneal};
/// use bitspin::ising::{Couplings, Course, Schedule, UpdateRule};
///
/// // Two spins that want to be opposite, the first of them +1: E = s_0 s_1 - s_0 / 2.
/// let model = Couplings::new(vec![0.5, 0.0], &[(0, 1, -1.0)])?;
/// let schedule = Schedule::new(0.1, 5.0, 100, Course::Geometric)?;
/// let (rule, betas) = (UpdateRule::default(), schedule.into());
/// let plan = Plan { betas, rule, replicas: 2, starts: None, seed: 1 };
/// let (found, _) = anneal(&model, &plan, 1)?;
/// assert_eq!((found[0].energy, &found[0].state[..]), (-1.5, &[0b01][..]));
/// # Ok::<(), bitspin::Error>(())
/// ```
pub fn anneal(
    model: &Couplings,
    plan: &Plan<'_>,
    threads: usize,
) -> Result<(Vec<Annealed>, Numbers), Error> {
    anneal_with(model, plan, threads, Control::new())
}

/// [`anneal`] that reports sweeps of single replicas. Replicas that were not begun before an interrupt are left out, and so
/// are those that were not begun before a deadline, but for the first few, whose first states are descended from.
///
/// # Errors
/// As [`anneal`].
pub fn anneal_with(
    model: &Couplings,
    plan: &Plan<'_>,
    threads: usize,
    control: Control<'_>,
) -> Result<(Vec<Annealed>, Numbers), Error> {
    let replicas = plan.replicas;
    plan.betas.check()?;
    if let Some(starts) = plan.starts
        && starts.units() != model.units()
    {
        return Err(Error::Length {
            what: "starts",
            expected: model.units(),
            found: starts.units(),
        });
    }
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
    let groups: Vec<_> = groups
        .into_iter()
        .enumerate()
        .map(|(k, rngs)| (k * together, rngs))
        .collect();
    let held = Held::new(model, plan.betas.coldest())?;
    let found = match &held.integers {
        Integers::I8(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::I16(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::I32(dense) => work.run(dense, &held.numbers, &groups, threads),
        Integers::Lists(Lists::Narrow(graph)) => work.run(graph, &held.numbers, &groups, threads),
        Integers::Lists(Lists::Wide(graph)) => work.run(graph, &held.numbers, &groups, threads),
    };
    Ok((found?, held.numbers))
}

struct Work<'a> {
    couplings: &'a Couplings,
    plan: &'a Plan<'a>,
    control: Control<'a>,
}

impl Work<'_> {
    /// What all groups of replicas find, each on one of the threads.
    fn run<F: Field, M: Model<F> + Sync>(
        &self,
        model: &M,
        numbers: &Numbers,
        groups: &[(usize, &[ChainRng])],
        threads: usize,
    ) -> Result<Vec<Annealed>, Error> {
        let found = |(): &mut (), k: usize| self.replicas(model, numbers, groups[k]);
        let parts = parallel::map(groups.len(), threads, || (), found);
        let parts: Vec<_> = parts.into_iter().collect::<Result<_, _>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What replicas of some generators find, the first of them numbered `first`, each by itself, but all of them sweep by
    /// sweep.
    fn replicas<F: Field, M: Model<F>>(
        &self,
        model: &M,
        numbers: &Numbers,
        (first, rngs): (usize, &[ChainRng]),
    ) -> Result<Vec<Annealed>, Error> {
        let control = &self.control;
        if control.is_interrupted() || first > 0 && control.is_stopped() {
            return Ok(Vec::new());
        }
        let began = Instant::now();
        let (n, count) = (model.units(), rngs.len());
        let mut states = vec![vec![0; words(n)]; count];
        let mut best = states.clone();
        let mut fields = vec![vec![F::default(); n]; count];
        let parts = states.iter_mut().zip(&mut fields).zip(rngs).enumerate();
        let chains = parts.map(|(k, ((state, fields), rng))| {
            let start = self
                .plan
                .starts
                .and_then(|starts| starts.iter().nth(first + k));
            if let Some(start) = start {
                state.copy_from_slice(start);
            }
            let mut chain = Chain::new(
                model,
                Bits::new(n, &mut state[..])?,
                &mut fields[..],
                rng.clone(),
            )?;
            if start.is_none() {
                chain.randomise();
            }
            Ok(chain)
        });
        let mut chains: Vec<_> = chains.collect::<Result<_, Error>>()?;
        let lowest = best.iter_mut().zip(&chains);
        let lowest = lowest.map(|(best, chain)| Best::new(Bits::new(n, &mut best[..])?, chain));
        let mut lowest: Vec<_> = lowest.collect::<Result<_, Error>>()?;
        let mut sweeps = 0;
        let betas = &self.plan.betas;
        while (sweeps as usize) < betas.sweeps() && !control.is_stopped() {
            let temperature = numbers.temperature(betas.beta(sweeps as usize))?;
            sweep_replicas(&mut chains, self.plan.rule, &vec![temperature; count])?;
            sweeps += 1;
            for (lowest, chain) in lowest.iter_mut().zip(&chains) {
                lowest.see(chain, sweeps);
            }
            control.advance(count);
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
    use bitspin_core::ising::{Course, Schedule};

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
                betas: schedule.into(),
                rule: UpdateRule::default(),
                replicas: 6,
                starts: None,
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

    fn found(model: &Couplings, plan: &Plan<'_>, threads: usize) -> Vec<(f64, Vec<u64>)> {
        let (found, _) = anneal(model, plan, threads).unwrap();
        found
            .into_iter()
            .map(|one| (one.energy, one.state))
            .collect()
    }

    #[test]
    fn a_list_of_temperatures_does_what_its_schedule_does() {
        let schedule = Schedule::new(0.1, 4.0, 50, Course::Linear).unwrap();
        let plan = Plan {
            betas: schedule.into(),
            rule: UpdateRule::Metropolis,
            replicas: 5,
            starts: None,
            seed: 7,
        };
        let list: Vec<f64> = (0..50).map(|sweep| schedule.beta(sweep)).collect();
        let betas = Betas::List(&list);
        let listed = Plan { betas, ..plan };
        for model in [glass(1), glass(9)] {
            assert_eq!(found(&model, &plan, 1), found(&model, &listed, 2));
        }
        for wrong in [&[][..], &[f64::NAN], &[1.0, -0.1], &[f64::INFINITY, 1.0]] {
            let betas = Betas::List(wrong);
            assert!(anneal(&glass(1), &Plan { betas, ..plan }, 1).is_err());
        }
        // All at an infinite temperature.
        let betas = Betas::List(&[0.0; 3]);
        assert_eq!(found(&glass(1), &Plan { betas, ..plan }, 1).len(), 5);
    }

    /// In the cold replicas stay where they start if that is a minimum, and others start at random as ever.
    #[test]
    fn replicas_start_where_they_are_told() {
        let model = Couplings::new(vec![0.0; 70], &[(0, 1, 1.0), (68, 69, -1.0)]).unwrap();
        let start = vec![0b11, 1 << 4];
        let starts = BitMatrix::from_bits(70, start.repeat(2)).unwrap();
        let plan = Plan {
            betas: Betas::List(&[0.5, 1.0]),
            rule: UpdateRule::Glauber,
            replicas: 20,
            starts: None,
            seed: 1,
        };
        let random = found(&model, &plan, 1);
        let starts = Some(&starts);
        for threads in [1, 2] {
            let told = found(&model, &Plan { starts, ..plan }, threads);
            assert_eq!((told[0].0, told[1].0), (-2.0, -2.0));
            assert_eq!(told[0].1, start);
            assert_eq!(told[2..], random[2..]);
        }
        let other = BitMatrix::from_bits(3, vec![0]).unwrap();
        let starts = Some(&other);
        assert!(anneal(&model, &Plan { starts, ..plan }, 1).is_err());
    }

    #[test]
    fn a_deadline_leaves_the_first_replicas() {
        let model = glass(1);
        let plan = Plan {
            betas: Betas::default_for(&model, 1000, Course::Geometric).unwrap(),
            rule: UpdateRule::Glauber,
            replicas: 100,
            starts: None,
            seed: 1,
        };
        let control = Control::new().deadline(Instant::now());
        let (found, _) = anneal_with(&model, &plan, 2, control).unwrap();
        assert_eq!(found.len(), TOGETHER);
        assert!(found.iter().all(|one| one.sweeps == 0));
        let later = Control::new().deadline(Instant::now() + Duration::from_secs(1000));
        let (found, _) = anneal_with(&model, &plan, 2, later).unwrap();
        assert!(found.len() == 100 && found.iter().all(|one| one.sweeps == 1000));
    }
}
