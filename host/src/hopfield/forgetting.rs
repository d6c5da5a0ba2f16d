//! Catastrophic forgetting: patterns stored one after another, and recall of the earlier ones.
//!
//! Hebb's couplings are a sum over patterns. Every pattern that is added disturbs the fields of all others, until none is
//! a fixed point any more: beyond P/N = 0.138 for random patterns, and earlier for pictures, which are alike.

use bitspin_core::Error;

use super::recall::{Motion, Trial};
use super::{Damage, Memory, MemoryError, Rule};
use crate::BitMatrix;
use crate::control::Control;

/// Settings of storing patterns one after another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adding {
    /// The rule that stores them.
    pub rule: Rule,
    /// Share of the spins that are flipped before a pattern is recalled.
    pub noise: f64,
    /// The most sweeps of a recall.
    pub sweeps: u32,
    /// Seed of the noise.
    pub seed: u64,
}

/// Recall after a pattern was added. The vectors have one element per stored pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// Whether the pattern is a fixed point: recall that starts from it does not leave it.
    pub fixed: Vec<bool>,
    /// Overlap of the pattern with the state that recall leads to from it.
    pub overlaps: Vec<f64>,
    /// Whether recall of the pattern with noise ends in it exactly.
    pub recalled: Vec<bool>,
    /// Overlap of the pattern with the state that is recalled from noise.
    pub recalled_overlaps: Vec<f64>,
    /// Earlier patterns that were fixed points before and are none now.
    pub forgotten: Vec<usize>,
}

impl Addition {
    /// Number of patterns that are fixed points.
    #[must_use]
    pub fn fixed_points(&self) -> usize {
        self.fixed.iter().filter(|&&fixed| fixed).count()
    }

    /// Number of patterns that are recalled from noise.
    #[must_use]
    pub fn recalls(&self) -> usize {
        self.recalled.iter().filter(|&&recalled| recalled).count()
    }
}

/// An error of adding patterns.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AddError {
    /// The patterns cannot be stored by the rule.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// An error of the core.
    #[error(transparent)]
    Core(#[from] Error),
}

impl Adding {
    /// Stores the patterns one after the other; after each, recalls all that are stored, from themselves and from noise. A
    /// memory is made anew for every addition, which for all rules is the one that adding would make.
    ///
    /// # Errors
    /// [`AddError`] if the rule cannot store the patterns.
    ///
    /// ```
    /// use bitspin::hopfield::{Adding, random_patterns};
    /// use bitspin_core::rng::{Purpose, Streams};
    ///
    /// let mut random = Streams::new(1, Purpose::Training).next_stream();
    /// let patterns = random_patterns(100, 40, &mut random);
    /// let adding = Adding { rule: "hebb".parse()?, noise: 0.1, sweeps: 100, seed: 1 };
    /// let steps = adding.run(&patterns, (10, 10), 1)?;
    /// // Ten patterns are beyond what Hebb's rule holds of all, forty beyond what it holds of any.
    /// assert_eq!(steps[2].fixed_points(), 3);
    /// assert!(steps[39].fixed_points() < 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run(
        &self,
        patterns: &BitMatrix,
        shape: (usize, usize),
        threads: usize,
    ) -> Result<Vec<Addition>, AddError> {
        self.run_with(patterns, shape, threads, Control::new())
    }

    /// [`Self::run`] that reports additions. An interrupt ends it early.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        patterns: &BitMatrix,
        shape: (usize, usize),
        threads: usize,
        control: Control<'_>,
    ) -> Result<Vec<Addition>, AddError> {
        // Whatever stands against a part of the patterns stands against all of them.
        Memory::store(self.rule, patterns)?;
        let mut steps: Vec<Addition> = Vec::new();
        for count in 1..=patterns.count() {
            let stored = patterns.clone().take(count);
            let memory = Memory::store(self.rule, &stored)?;
            let trial = |noise| Trial {
                damage: Damage::Noise(noise),
                motion: Motion::Ascending,
                sweeps: self.sweeps,
                seed: self.seed,
            };
            let run =
                |noise| trial(noise).run_with(&memory, &stored, shape, threads, control.silent());
            let (own, noisy) = (run(0.0)?, run(self.noise)?);
            if own.len() < count || noisy.len() < count {
                break;
            }
            let fixed: Vec<bool> = own.iter().map(|r| r.overlap_after == 1.0).collect();
            let before = steps.last().map_or(&[][..], |last| &last.fixed);
            let both = before.iter().zip(&fixed).enumerate();
            let forgotten = both.filter(|(_, (before, now))| **before && !**now);
            let forgotten = forgotten.map(|(index, _)| index).collect();
            steps.push(Addition {
                forgotten,
                fixed,
                overlaps: own.iter().map(|r| r.overlap_after).collect(),
                recalled: noisy.iter().map(|r| r.overlap_after == 1.0).collect(),
                recalled_overlaps: noisy.iter().map(|r| r.overlap_after).collect(),
            });
            control.advance(1);
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use bitspin_core::rng::{Purpose, Streams};

    use super::*;
    use crate::hopfield::random_patterns;
    use crate::interrupt::Interrupt;

    fn steps(rule: &str, count: usize) -> Vec<Addition> {
        let mut random = Streams::new(3, Purpose::Training).next_stream();
        let patterns = random_patterns(120, count, &mut random);
        let adding = Adding {
            rule: rule.parse().unwrap(),
            noise: 0.1,
            sweeps: 50,
            seed: 1,
        };
        adding.run(&patterns, (10, 12), 2).unwrap()
    }

    /// Hebb's rule holds few patterns of 120 units and loses them all; the exponential memory keeps every one.
    #[test]
    fn what_is_added_makes_hebb_forget_and_an_exponential_memory_not() {
        let hebb = steps("hebb", 40);
        assert_eq!(hebb.len(), 40);
        let most = hebb.iter().map(Addition::fixed_points).max().unwrap();
        assert!((5..30).contains(&most), "{most}");
        assert!(hebb[39].fixed_points() < 5);
        // What is forgotten at a step was held before it, and is not held after it.
        for (at, pair) in hebb.windows(2).enumerate() {
            for index in 0..=at {
                let lost = pair[0].fixed[index] && !pair[1].fixed[index];
                assert_eq!(pair[1].forgotten.contains(&index), lost);
            }
        }
        assert!(hebb.iter().any(|step| !step.forgotten.is_empty()));
        for (at, step) in steps("exponential", 20).iter().enumerate() {
            assert_eq!((step.fixed_points(), step.recalls()), (at + 1, at + 1));
            assert!(step.forgotten.is_empty());
        }
    }

    #[test]
    fn an_interrupt_ends_it_and_dependent_patterns_are_refused() {
        let one = BitMatrix::from_bits(70, vec![5, 0, 5, 0]).unwrap();
        let adding = Adding {
            rule: Rule::PseudoInverse,
            noise: 0.1,
            sweeps: 50,
            seed: 1,
        };
        let interrupt = Interrupt::manual();
        let refused = adding.run(&one, (7, 10), 1);
        assert!(matches!(refused, Err(AddError::Memory(_))));
        interrupt.set();
        let hebb = Adding {
            rule: Rule::Hebb,
            ..adding
        };
        let control = Control::new().interrupt(&interrupt);
        assert_eq!(hebb.run_with(&one, (7, 10), 1, control), Ok(vec![]));
        #[cfg(feature = "cli")]
        {
            let svg = crate::hopfield::forgetting_plot("x", &steps("hebb", 3)).unwrap();
            assert!(svg.starts_with("<svg"));
        }
    }
}
