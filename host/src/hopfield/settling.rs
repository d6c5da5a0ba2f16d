//! Recall from given states.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::hopfield::{
    Dynamics, Order, Outcome, Patterns, RecallTemperature, Stop, recalled,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::Memory;
use super::recall::Motion;
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

/// A recalled state counts as a pattern if at most one spin in this many is wrong.
const TOLERATED: u32 = 20;

/// Wrong spins with which a state still counts as a pattern.
pub(super) fn tolerance(units: usize) -> u32 {
    units as u32 / TOLERATED
}

/// Classifies a packed state of a memory of `patterns`: a pattern, an inverse or a mixture if at most one spin in 20 is
/// wrong, else spurious. O(P N) bits.
///
/// # Errors
/// [`Error::Length`] unless the state has as many spins as the patterns; [`Error::OutOfRange`] for a single unit.
pub fn outcome(patterns: &BitMatrix, state: &[u64]) -> Result<Outcome, Error> {
    let units = patterns.units();
    let patterns = Patterns::new(units, patterns.bits())?;
    recalled(&patterns, &Bits::new(units, state)?, tolerance(units))
}

/// Recall from given states: the dynamics of a [`Trial`](super::recall::Trial) without its damage.
///
/// ```
/// use bitspin::BitMatrix;
/// use bitspin::hopfield::recall::Motion;
/// use bitspin::hopfield::{Memory, Rule, Settling};
///
/// let patterns = BitMatrix::from_bits(32, vec![0x00ff_00ff])?;
/// let memory = Memory::store(Rule::Hebb, &patterns)?;
/// let damaged = BitMatrix::from_bits(32, vec![0x00ff_0fff])?;
/// let settling = Settling { motion: Motion::Ascending, sweeps: 10, seed: 1 };
/// let settled = settling.run(&memory, &damaged, 1)?;
/// assert_eq!(settled[0].state, [0x00ff_00ff]);
/// // From the start, after each sweep.
/// assert!(settled[0].energies.is_sorted_by(|a, b| a >= b));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settling {
    /// Dynamics.
    pub motion: Motion,
    /// Largest number of sweeps; at a temperature, the number of sweeps.
    pub sweeps: u32,
    /// Seed of random orders and of Glauber's dynamics.
    pub seed: u64,
}

/// Result of recall from one state.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The state that was recalled, packed.
    pub state: Vec<u64>,
    /// Why recall ended.
    pub stop: Stop,
    /// Number of sweeps.
    pub sweeps: u32,
    /// [`Memory::energy`] of the given state and of that after every sweep.
    pub energies: Vec<f64>,
}

impl Settling {
    /// Recalls from every state. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a temperature that is not positive, or of a memory without temperature, the exponential
    /// one; [`Error::Length`] if the states have not as many spins as the memory has units.
    pub fn run(
        &self,
        memory: &Memory,
        states: &BitMatrix,
        threads: usize,
    ) -> Result<Vec<Settled>, Error> {
        self.run_with(memory, states, threads, Control::new())
    }

    /// [`Self::run`] that reports states. States that were not begun before an interrupt are left out.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        memory: &Memory,
        states: &BitMatrix,
        threads: usize,
        control: Control<'_>,
    ) -> Result<Vec<Settled>, Error> {
        if states.units() != memory.units() {
            return Err(Error::Length {
                what: "states",
                expected: memory.units(),
                found: states.units(),
            });
        }
        let mut chains = Streams::new(self.seed, Purpose::Chains);
        let starts: Vec<_> = states
            .iter()
            .map(|row| (row, chains.next_chain()))
            .collect();
        let recall = |index: usize| {
            let (start, rng) = &starts[index];
            let mut energies = vec![memory.energy(start)?];
            let mut after_sweep = |state: &[u64]| -> Result<(), Error> {
                energies.push(memory.energy(state)?);
                Ok(())
            };
            let (state, stop, sweeps) =
                self.settle(memory, start, rng.clone(), Some(&mut after_sweep))?;
            control.advance(1);
            Ok(Some(Settled {
                state,
                stop,
                sweeps,
                energies,
            }))
        };
        let all = parallel::map_until(states.count(), threads, control, recall)?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Recalls from one state; what is to be done after each sweep, if anything, is given the state.
    pub(super) fn settle(
        &self,
        memory: &Memory,
        start: &[u64],
        mut rng: ChainRng,
        after_sweep: Option<AfterSweep<'_>>,
    ) -> Result<(Vec<u64>, Stop, u32), Error> {
        let mut state = start.to_vec();
        let (stop, sweeps) = match (self.motion, memory.with_fields()) {
            (Motion::Glauber(temperature), _) => {
                let sweeps = self.glauber(memory, &mut state, temperature, rng, after_sweep)?;
                (Stop::SweepLimit, sweeps)
            }
            (Motion::Greedy, Some(memory)) => {
                self.descend(&memory, &mut state, &mut rng, after_sweep)?
            }
            _ => self.descend(memory, &mut state, &mut rng, after_sweep)?,
        };
        Ok((state, stop, sweeps))
    }

    fn glauber(
        &self,
        memory: &Memory,
        state: &mut [u64],
        temperature: f64,
        mut rng: ChainRng,
        mut after_sweep: Option<AfterSweep<'_>>,
    ) -> Result<u32, Error> {
        let network = memory.with_energy().ok_or(Error::OutOfRange {
            what: "temperature",
            expected: "0 for the exponential memory",
        })?;
        let temperature = RecallTemperature::new(1.0 / (temperature * memory.field_unit()))?;
        let mut cache = vec![0; memory.cache_len()];
        let state = Bits::new(memory.units(), state)?;
        let mut dynamics = Dynamics::new(&network, state, &mut cache)?;
        for _ in 0..self.sweeps {
            dynamics.glauber_sweep(temperature, &mut rng);
            if let Some(after_sweep) = &mut after_sweep {
                after_sweep(dynamics.state().as_words())?;
            }
        }
        Ok(self.sweeps)
    }

    /// Recalls without temperature, all sweeps together or one at a time.
    fn descend(
        &self,
        network: &impl Network,
        state: &mut [u64],
        rng: &mut ChainRng,
        after_sweep: Option<AfterSweep<'_>>,
    ) -> Result<(Stop, u32), Error> {
        let cache = vec![0; network.cache_len()];
        let mut scratch = vec![0; 2 * state.len()];
        let state = Bits::new(network.units(), state)?;
        let mut dynamics = Dynamics::new(network, state, cache)?;
        let mut settle = |dynamics: &mut Dynamics<'_, _, _, _>, limit| {
            Ok::<_, Error>(match self.motion {
                Motion::Random => dynamics.settle(Order::Random(rng), limit),
                Motion::Greedy => dynamics.settle(Order::LargestGain, limit),
                Motion::Synchronous => dynamics.settle_synchronous(&mut scratch, limit)?,
                Motion::Ascending | Motion::Glauber(_) => dynamics.settle(Order::Ascending, limit),
            })
        };
        let Some(after_sweep) = after_sweep else {
            let recall = settle(&mut dynamics, self.sweeps)?;
            return Ok((recall.stop, recall.sweeps));
        };
        let mut before: Option<Vec<u64>> = None;
        for sweep in 1..=self.sweeps {
            let own = dynamics.state().as_words().to_vec();
            let stop = settle(&mut dynamics, 1)?.stop;
            let state = dynamics.state();
            after_sweep(state.as_words())?;
            if stop != Stop::SweepLimit {
                return Ok((stop, sweep));
            }
            if self.motion == Motion::Synchronous && before.as_deref() == Some(state.as_words()) {
                return Ok((Stop::TwoCycle, sweep));
            }
            before = Some(own);
        }
        Ok((Stop::SweepLimit, self.sweeps))
    }
}

/// What is done with the state after every sweep.
type AfterSweep<'a> = &'a mut dyn FnMut(&[u64]) -> Result<(), Error>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::recall::Trial;
    use crate::hopfield::{Damage, Rule, random_patterns};

    const MOTIONS: [Motion; 5] = [
        Motion::Ascending,
        Motion::Random,
        Motion::Greedy,
        Motion::Synchronous,
        Motion::Glauber(0.3),
    ];

    /// A trial's damaged patterns settle as they do in the trial, sweep by sweep or together, past capacity too.
    #[test]
    fn given_states_settle_as_damaged_patterns_do() {
        for count in [5, 40] {
            let mut random = Streams::new(8, Purpose::Training).next_stream();
            let patterns = random_patterns(130, count, &mut random);
            for rule in ["hebb", "covariance", "storkey", "clipped", "dense:3"] {
                let memory = Memory::store(rule.parse().unwrap(), &patterns).unwrap();
                for motion in MOTIONS {
                    let (sweeps, seed) = (30, 4);
                    let damage = Damage::Noise(0.2);
                    let trial = Trial {
                        damage,
                        motion,
                        sweeps,
                        seed,
                    };
                    let expected = trial.run(&memory, &patterns, (10, 13), 1).unwrap();
                    let damaged = expected.iter().flat_map(|one| one.damaged.clone());
                    let damaged = BitMatrix::from_bits(130, damaged.collect()).unwrap();
                    let settling = Settling {
                        motion,
                        sweeps,
                        seed,
                    };
                    let found = settling.run(&memory, &damaged, 2).unwrap();
                    for (found, expected) in found.iter().zip(&expected) {
                        assert_eq!(
                            (&found.state, found.stop, found.sweeps),
                            (&expected.state, expected.stop, expected.sweeps),
                            "{rule}, {motion:?}"
                        );
                        assert_eq!(found.energies.len(), found.sweeps as usize + 1);
                        let state = found.energies.last();
                        assert_eq!(state, Some(&memory.energy(&found.state).unwrap()));
                        assert_eq!(outcome(&patterns, &found.state).unwrap(), expected.outcome);
                    }
                }
            }
        }
    }

    /// The energy of Hebb's couplings divided by N, and that no asynchronous sweep raises the energy under any rule.
    #[test]
    fn energies_are_those_of_the_couplings_and_never_rise() {
        let mut random = Streams::new(3, Purpose::Training).next_stream();
        let patterns = random_patterns(90, 30, &mut random);
        let states = random_patterns(90, 6, &mut random);
        let memory = Memory::store(Rule::Hebb, &patterns).unwrap();
        let spin =
            |bits: &BitMatrix, row: usize, unit: usize| if bits.get(row, unit) { 1 } else { -1 };
        for (row, state) in states.iter().enumerate() {
            let overlap = |mu: usize| -> i32 {
                (0..90)
                    .map(|i| spin(&patterns, mu, i) * spin(&states, row, i))
                    .sum()
            };
            let squares: i32 = (0..30).map(|mu| overlap(mu).pow(2) - 90).sum();
            assert_eq!(memory.energy(state).unwrap(), f64::from(-squares) / 180.0);
        }
        for rule in ["covariance", "pseudo-inverse", "dense:4", "exponential:0.2"] {
            let memory = Memory::store(rule.parse().unwrap(), &patterns).unwrap();
            for motion in [Motion::Ascending, Motion::Random, Motion::Greedy] {
                let settling = Settling {
                    motion,
                    sweeps: 40,
                    seed: 2,
                };
                for settled in settling.run(&memory, &states, 1).unwrap() {
                    let energies = &settled.energies;
                    let falls = energies.is_sorted_by(|a, b| *b <= a + 1e-9 * a.abs());
                    assert!(falls, "{rule}, {motion:?}: {energies:?}");
                }
            }
        }
    }

    #[test]
    fn other_sizes_and_temperatures_are_refused() {
        let patterns = BitMatrix::from_bits(20, vec![5, 9]).unwrap();
        let memory = Memory::store(Rule::Exponential(1.0), &patterns).unwrap();
        let settling = |motion| Settling {
            motion,
            sweeps: 3,
            seed: 1,
        };
        let other = BitMatrix::from_bits(21, vec![5]).unwrap();
        assert!(settling(Motion::Ascending).run(&memory, &other, 1).is_err());
        assert!(
            settling(Motion::Glauber(1.0))
                .run(&memory, &patterns, 1)
                .is_err()
        );
    }
}
