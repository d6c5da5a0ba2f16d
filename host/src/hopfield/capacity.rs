//! How many random patterns a memory holds: the overlap that is left of them, against the load.
//!
//! At each load P/N, networks of new random patterns are made; some of the patterns of each are the start of
//! asynchronous dynamics, which runs to a fixed point. What is measured is that fixed point's overlap with the pattern
//! (the quantity of [`theory`](super::theory), for N to infinity) and how often it is the pattern exactly.
//!
//! In a network of finite size the collapse is rounded: below capacity a few patterns are lost already (at N = 2000 and
//! a load of 0.12 about one in a hundred under Hebb's rule, which takes 0.005 from the mean overlap), and just above it
//! many are kept still.

use bitspin_core::bits::{Bits, WORD, tail_mask, words};
use bitspin_core::hopfield::{Dynamics, Order, Stop};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;
use serde::Serialize;

use super::theory::retrieval_overlap;
use super::{Memory, MemoryError, Rule};
use crate::BitMatrix;
use crate::control::Control;
use crate::parallel;

/// Sweeps after which a probe that still moves is left as it is. Near capacity some need a few dozen.
const MOST_SWEEPS: u32 = 1000;

/// Settings of a capacity measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Units of the network, N, at least 2.
    pub neurons: usize,
    /// The rule that stores the patterns.
    pub rule: Rule,
    /// Loads P/N, ascending.
    pub loads: Vec<f64>,
    /// Networks per load, at least 1.
    pub trials: usize,
    /// Patterns per network that are recalled, at least 1; all of them if there are fewer.
    pub probes: usize,
    /// Seed of the patterns.
    pub seed: u64,
}

/// Measurement at one load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LoadPoint {
    /// The load that was asked for.
    pub load: f64,
    /// Patterns stored, P: the load times N, rounded, at least 1.
    pub patterns: usize,
    /// Patterns recalled, in all trials.
    pub probes: usize,
    /// Mean overlap of a fixed point with the pattern it started from, -1..=1.
    pub overlap: f64,
    /// Standard error of the overlap, from the scatter of the trials' means; none of a single trial.
    pub overlap_error: Option<f64>,
    /// Share of the patterns that are fixed points themselves, or lead back to themselves.
    pub exact_recall: f64,
    /// Standard error of that share, as that of the overlap.
    pub exact_recall_error: Option<f64>,
    /// The theory's overlap at P/N for N to infinity, where there is one for the rule.
    pub theory_overlap: Option<f64>,
    /// Share of the probes that reached a fixed point within the sweeps allowed.
    pub settled: f64,
}

impl Plan {
    /// Patterns stored at a load.
    #[must_use]
    pub fn patterns(&self, load: f64) -> usize {
        ((load * self.neurons as f64).round() as usize).max(1)
    }

    /// Measures on `threads` threads; the result does not depend on their number.
    ///
    /// # Errors
    /// [`MemoryError`] if the patterns of a load cannot be stored.
    pub fn run(&self, threads: usize) -> Result<Vec<LoadPoint>, MemoryError> {
        self.run_with(threads, Control::new())
    }

    /// [`Self::run`] that reports trials. After an interrupt, the loads that were finished are returned.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(
        &self,
        threads: usize,
        control: Control<'_>,
    ) -> Result<Vec<LoadPoint>, MemoryError> {
        let mut streams = Streams::new(self.seed, Purpose::Evaluation);
        let jobs: Vec<_> = self
            .loads
            .iter()
            .flat_map(|&load| std::iter::repeat_n(load, self.trials))
            .map(|load| (load, streams.next_stream()))
            .collect();
        let results = parallel::map_until(jobs.len(), threads, control, |job| {
            let (load, random) = &jobs[job];
            let trial = self.trial(self.patterns(*load), random.clone(), control)?;
            control.advance(1);
            Ok::<_, MemoryError>(trial)
        })?;
        let points = self.loads.iter().zip(results.chunks(self.trials.max(1)));
        Ok(points
            .filter_map(|(&load, trials)| {
                let trials = trials.iter().copied().collect::<Option<Vec<Trial>>>()?;
                Some(self.point(load, &trials))
            })
            .collect())
    }

    /// One network of random patterns, and the recall of some of them; none if interrupted.
    fn trial(
        &self,
        count: usize,
        mut random: Xoshiro128PlusPlus,
        control: Control<'_>,
    ) -> Result<Option<Trial>, MemoryError> {
        let patterns = random_patterns(self.neurons, count, &mut random);
        let memory = Memory::store(self.rule, &patterns)?;
        let mut cache = vec![0; memory.cache_len()];
        let mut state = vec![0; patterns.words_per_row()];
        let mut trial = Trial::default();
        // The patterns are all alike, so the first are as good as any.
        for pattern in patterns.iter().take(self.probes) {
            if control.is_stopped() {
                return Ok(None);
            }
            state.copy_from_slice(pattern);
            let bits = Bits::new(self.neurons, &mut state[..])?;
            let mut dynamics = Dynamics::new(&memory, bits, &mut cache)?;
            let recall = dynamics.settle(Order::Ascending, MOST_SWEEPS);
            let differing = bitspin_core::bits::hamming(&state, pattern);
            trial.probes += 1;
            trial.differing += u64::from(differing);
            trial.exact += usize::from(differing == 0);
            trial.settled += usize::from(recall.stop == Stop::FixedPoint);
        }
        Ok(Some(trial))
    }

    fn point(&self, load: f64, trials: &[Trial]) -> LoadPoint {
        let patterns = self.patterns(load);
        let units = self.neurons as f64;
        let overlaps = trials
            .iter()
            .map(|t| 1.0 - 2.0 * t.differing as f64 / (units * t.probes as f64));
        let exact = trials.iter().map(|t| t.exact as f64 / t.probes as f64);
        let (overlap, overlap_error) = mean_and_error(overlaps);
        let (exact_recall, exact_recall_error) = mean_and_error(exact);
        let probes: usize = trials.iter().map(|t| t.probes).sum();
        let settled: usize = trials.iter().map(|t| t.settled).sum();
        let theory = self.rule.theory();
        LoadPoint {
            load,
            patterns,
            probes,
            overlap,
            overlap_error,
            exact_recall,
            exact_recall_error,
            theory_overlap: theory.map(|c| retrieval_overlap(patterns as f64 / units, c)),
            settled: settled as f64 / probes as f64,
        }
    }
}

/// Sums over the probes of one network.
#[derive(Clone, Copy, Debug, Default)]
struct Trial {
    probes: usize,
    differing: u64,
    exact: usize,
    settled: usize,
}

/// The mean of equally many probes a trial, and its standard error. O(values).
fn mean_and_error(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    let error = (count > 1.0).then(|| (squares / (count - 1.0) / count).sqrt());
    (mean, error)
}

/// Patterns whose units are +1 or -1 with equal chance, each on its own. O(units x count).
///
/// # Panics
/// If there are no units or no patterns.
#[must_use]
pub fn random_patterns(units: usize, count: usize, random: &mut impl Rng) -> BitMatrix {
    let mut bits: Vec<u64> = (0..count * words(units))
        .map(|_| random.next_u64())
        .collect();
    for last in bits.chunks_mut(words(units)).filter_map(<[u64]>::last_mut) {
        *last &= tail_mask(units);
    }
    debug_assert!(units.div_ceil(WORD) * count == bits.len());
    BitMatrix::from_bits(units, bits).expect("whole patterns with clear tails")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::interrupt::Interrupt;

    fn plan() -> Plan {
        Plan {
            neurons: 150,
            rule: Rule::Hebb,
            loads: vec![0.02, 0.1, 0.3],
            trials: 3,
            probes: 5,
            seed: 3,
        }
    }

    #[test]
    fn threads_change_nothing_and_seeds_do() {
        let run = |plan: &Plan, threads| plan.run(threads).unwrap();
        let one = run(&plan(), 1);
        assert_eq!(one, run(&plan(), 3));
        assert_ne!(one, run(&Plan { seed: 4, ..plan() }, 1));
        let counts: Vec<_> = one.iter().map(|p| (p.patterns, p.probes)).collect();
        assert_eq!(counts, [(3, 9), (15, 15), (45, 15)]);
        assert_eq!((one[0].overlap, one[0].exact_recall), (1.0, 1.0));
        assert!(one[2].overlap < 0.9);
        assert_eq!(one[2].theory_overlap, Some(0.0));
    }

    #[test]
    fn an_interrupt_keeps_the_loads_that_are_done() {
        let interrupt = Interrupt::manual();
        let done = AtomicUsize::new(0);
        let stop = |_| {
            if done.fetch_add(1, Ordering::Relaxed) + 1 == 7 {
                interrupt.set();
            }
        };
        let points = plan()
            .run_with(1, Control::new().interrupt(&interrupt).progress(&stop))
            .unwrap();
        assert_eq!(points.len(), 2);
        let whole = plan().run(1).unwrap();
        assert_eq!(points[..], whole[..2]);
    }

    #[test]
    fn standard_errors_are_those_of_the_mean() {
        let (mean, error) = mean_and_error([1.0, 2.0, 3.0].into_iter());
        assert_eq!(mean, 2.0);
        assert!((error.unwrap() - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(mean_and_error([4.0].into_iter()), (4.0, None));
    }
}
