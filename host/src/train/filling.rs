//! Training data with missing entries.

use bitspin_core::Error;
use bitspin_core::rbm::Groups;

use crate::BitMatrix;
use crate::completion::{Plan, complete};
use crate::engine::Engine;

/// Gibbs steps of the missing entries before every epoch.
const STEPS: usize = 20;

/// Rows with missing entries, which are sampled before every epoch from the model given the known entries: a
/// stochastic version of expectation and maximisation. They stay free while the known ones are clamped.
#[derive(Clone, Debug)]
pub struct Filling {
    start: BitMatrix,
    known: Vec<u64>,
    /// The first unit of every categorical group.
    starts: Vec<usize>,
    seed: u64,
}

impl Filling {
    /// Rows whose missing entries start from what `start` has there; `known` is packed like `start`. Categorical groups
    /// begin at the units `starts`, and each is known as a whole or not at all.
    #[must_use]
    pub fn new(start: BitMatrix, known: Vec<u64>, starts: Vec<usize>, seed: u64) -> Self {
        Self {
            start,
            known,
            starts,
            seed,
        }
    }

    /// The rows for epoch `epoch`, counted from 0, with all their visible units; missing ones are filled in by the model
    /// before the epoch. A function of its arguments alone: no state is kept from epoch to epoch.
    ///
    /// # Errors
    /// [`Error::Length`] if the model has another number of visible units than the rows.
    pub fn rows(&self, engine: &Engine, epoch: usize, threads: usize) -> Result<BitMatrix, Error> {
        // Apart from the chains of the training itself, which are those of the seed as it is.
        let seed = self.seed ^ (epoch as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let plan = Plan {
            burn_in: STEPS,
            steps: 0,
            seed,
            threads,
        };
        let groups = Groups::new(engine.shape(), &self.starts)?;
        let filled = complete(engine, &groups, &self.start, &self.known, plan)?;
        Ok(filled.sample)
    }
}
