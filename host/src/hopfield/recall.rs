//! Recall of damaged patterns.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::hopfield::{Outcome, Patterns, Stop, recalled};
use bitspin_core::rng::{Purpose, Streams};

use super::settling::{Settling, tolerance};
use super::{Damage, Memory};
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

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
            let settling = Settling {
                motion: self.motion,
                sweeps: self.sweeps,
                seed: self.seed,
            };
            let (state, stop, sweeps) = settling.settle(memory, damaged, rng.clone(), None)?;
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
                outcome: recalled(&patterns, &state, tolerance(images.units()))?,
                damaged: damaged.clone(),
                state: state.as_words().to_vec(),
            };
            control.advance(1);
            Ok(Some(result))
        };
        let all = parallel::map_until(images.count(), threads, control, recall)?;
        Ok(all.into_iter().flatten().collect())
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
