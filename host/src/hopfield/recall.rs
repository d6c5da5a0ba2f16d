//! Recall of damaged patterns.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::hopfield::{
    Dynamics, Order, Outcome, Patterns, RecallTemperature, Stop, recalled,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{Damage, Memory};
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

/// A recalled state counts as a pattern if at most one spin in this many is wrong.
const TOLERATED: u32 = 20;

/// Dynamics of recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// One unit after the other, first to last.
    Ascending,
    /// One unit after the other, in another random order every sweep.
    Random,
    /// Always the unit whose turn lowers the energy most.
    Greedy,
    /// All units at once.
    Synchronous,
    /// Glauber's dynamics at this temperature above 0, in units of [`Memory::field_unit`].
    Glauber(f64),
}

/// Recall of stored patterns from damaged ones.
///
/// ```
/// use bitspin::BitMatrix;
/// use bitspin::hopfield::recall::{Motion, Trial};
/// use bitspin::hopfield::{Damage, Memory, Rule};
///
/// let pattern: Vec<bool> = (0..32).map(|i| i % 3 == 0).collect();
/// let patterns = BitMatrix::from_rows(&[pattern])?;
/// let memory = Memory::store(Rule::Hebb, &patterns)?;
/// let trial = Trial { damage: Damage::Noise(0.1), motion: Motion::Ascending, sweeps: 10, seed: 1 };
/// let recalled = trial.run(&memory, &patterns, (4, 8), 1)?;
/// assert!(recalled[0].is_exact());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Damage before recall.
    pub damage: Damage,
    /// Dynamics.
    pub motion: Motion,
    /// Largest number of sweeps; at a temperature, the number of sweeps.
    pub sweeps: u32,
    /// Seed of the noise, of random orders and of Glauber's dynamics.
    pub seed: u64,
}

/// Result of one recall.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// Index of the pattern.
    pub pattern: usize,
    /// The damaged pattern, packed.
    pub damaged: Vec<u64>,
    /// The state that was recalled from it, packed.
    pub state: Vec<u64>,
    /// Overlap of the damaged pattern with the pattern.
    pub overlap_before: f64,
    /// Overlap of the recalled state with the pattern.
    pub overlap_after: f64,
    /// Number of sweeps.
    pub sweeps: u32,
    /// Why recall ended.
    pub stop: Stop,
    /// Comparison of the state with all patterns.
    pub outcome: Outcome,
}

impl Recalled {
    /// Whether the pattern was recalled without a wrong unit.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.outcome.exactly() == Some(self.pattern) || self.overlap_after == 1.0
    }
}

impl Trial {
    /// Damages and recalls every pattern, an image of `shape` (rows, columns). The result does not depend on the number
    /// of threads.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a temperature that is not positive, or of a memory without energy, the exponential one;
    /// [`Error::Length`] if the pictures have not as many pixels as the memory has units.
    pub fn run(
        &self,
        memory: &Memory,
        images: &BitMatrix,
        shape: (usize, usize),
        threads: usize,
    ) -> Result<Vec<Recalled>, Error> {
        self.run_with(memory, images, shape, threads, Control::new())
    }

    /// [`Self::run`] that reports patterns. Patterns that were not begun before an interrupt are left out.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        memory: &Memory,
        images: &BitMatrix,
        shape: (usize, usize),
        threads: usize,
        control: Control<'_>,
    ) -> Result<Vec<Recalled>, Error> {
        let patterns = Patterns::new(images.units(), images.bits())?;
        let mut streams = Streams::new(self.seed, Purpose::Evaluation);
        let mut chains = Streams::new(self.seed, Purpose::Chains);
        let starts: Vec<_> = images
            .iter()
            .map(|pattern| {
                let mut damaged = pattern.to_vec();
                self.damage
                    .apply(&mut damaged, shape, &mut streams.next_stream());
                (damaged, chains.next_chain())
            })
            .collect();
        let recall = |index: usize| {
            let (damaged, rng) = &starts[index];
            let mut state = damaged.clone();
            let (stop, sweeps) = self.settle(memory, &mut state, rng.clone())?;
            let state = Bits::new(images.units(), state)?;
            let overlap = |from: &[u64]| -> Result<f64, Error> {
                let pattern = Bits::new(
                    images.units(),
                    &images.bits()[index * patterns.words()..][..patterns.words()],
                )?;
                let differing = pattern.hamming(&Bits::new(images.units(), from)?)?;
                Ok(1.0 - 2.0 * f64::from(differing) / images.units() as f64)
            };
            let result = Recalled {
                pattern: index,
                overlap_before: overlap(damaged)?,
                overlap_after: overlap(state.as_words())?,
                sweeps,
                stop,
                outcome: recalled(&patterns, &state, images.units() as u32 / TOLERATED)?,
                damaged: damaged.clone(),
                state: state.as_words().to_vec(),
            };
            control.advance(1);
            Ok(Some(result))
        };
        let all = parallel::map_until(images.count(), threads, control, recall)?;
        Ok(all.into_iter().flatten().collect())
    }

    fn settle(
        &self,
        memory: &Memory,
        state: &mut [u64],
        mut rng: ChainRng,
    ) -> Result<(Stop, u32), Error> {
        let mut cache = vec![0; memory.cache_len()];
        let mut scratch = vec![0; 2 * state.len()];
        if let Motion::Glauber(temperature) = self.motion {
            let network = memory.with_energy().ok_or(Error::OutOfRange {
                what: "temperature",
                expected: "0 for the exponential memory",
            })?;
            let temperature = RecallTemperature::new(1.0 / (temperature * memory.field_unit()))?;
            let state = Bits::new(memory.units(), state)?;
            let mut dynamics = Dynamics::new(&network, state, &mut cache)?;
            for _ in 0..self.sweeps {
                dynamics.glauber_sweep(temperature, &mut rng);
            }
            return Ok((Stop::SweepLimit, self.sweeps));
        }
        let state = Bits::new(memory.units(), state)?;
        if let (Motion::Greedy, Some(memory)) = (self.motion, memory.with_fields()) {
            let cache = vec![0; memory.cache_len()];
            let mut dynamics = Dynamics::new(&memory, state, cache)?;
            let recall = dynamics.settle(Order::LargestGain, self.sweeps);
            return Ok((recall.stop, recall.sweeps));
        }
        let mut dynamics = Dynamics::new(memory, state, &mut cache)?;
        let recall = match self.motion {
            Motion::Random => dynamics.settle(Order::Random(&mut rng), self.sweeps),
            Motion::Greedy => dynamics.settle(Order::LargestGain, self.sweeps),
            Motion::Synchronous => dynamics.settle_synchronous(&mut scratch, self.sweeps)?,
            Motion::Ascending | Motion::Glauber(_) => {
                dynamics.settle(Order::Ascending, self.sweeps)
            }
        };
        Ok((recall.stop, recall.sweeps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::{Half, Rule, random_patterns};

    fn run(rule: Rule, motion: Motion, damage: Damage, threads: usize) -> Vec<Recalled> {
        let mut random = Streams::new(8, Purpose::Training).next_stream();
        let patterns = random_patterns(300, 5, &mut random);
        let memory = Memory::store(rule, &patterns).unwrap();
        let trial = Trial {
            damage,
            motion,
            sweeps: 50,
            seed: 1,
        };
        trial.run(&memory, &patterns, (15, 20), threads).unwrap()
    }

    #[test]
    fn every_motion_recalls_on_any_number_of_threads() {
        for motion in [
            Motion::Ascending,
            Motion::Random,
            Motion::Greedy,
            Motion::Synchronous,
        ] {
            let all = run(Rule::PseudoInverse, motion, Damage::Noise(0.15), 1);
            assert_eq!(all.len(), 5);
            for recalled in &all {
                assert!(recalled.is_exact(), "{motion:?}: {recalled:?}");
                assert_eq!(recalled.stop, Stop::FixedPoint);
                assert!((0.5..0.9).contains(&recalled.overlap_before));
            }
            assert_eq!(
                all,
                run(Rule::PseudoInverse, motion, Damage::Noise(0.15), 3)
            );
        }
    }

    #[test]
    fn a_low_temperature_keeps_near_and_a_high_one_forgets() {
        let damage = Damage::Erase(Half::Bottom);
        for recalled in run(Rule::Hebb, Motion::Glauber(0.2), damage, 2) {
            assert!(recalled.overlap_after > 0.9, "{recalled:?}");
            assert_eq!((recalled.stop, recalled.sweeps), (Stop::SweepLimit, 50));
        }
        for recalled in run(Rule::Hebb, Motion::Glauber(20.0), damage, 2) {
            assert!(recalled.overlap_after < 0.5, "{recalled:?}");
        }
    }

    #[test]
    fn what_is_inverted_comes_back_inverted() {
        for recalled in run(Rule::Hebb, Motion::Ascending, Damage::Noise(1.0), 1) {
            assert_eq!(
                (recalled.overlap_before, recalled.overlap_after),
                (-1.0, -1.0)
            );
            assert!(matches!(recalled.outcome, Outcome::Inverse { .. }));
            assert!(!recalled.is_exact());
        }
    }
}
