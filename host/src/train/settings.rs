//! Settings of training.

use bitspin_core::rbm::train::{MAX_SAMPLES, Method, Sparsity};

use super::schedule::{self, RateSchedule};
use super::{Objective, TrainError};

/// Settings of training. The defaults are the lecture's.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Training objective.
    pub objective: Objective,
    /// Rows per minibatch, in the first epoch. Fewer rows than that are one minibatch.
    pub batch: usize,
    /// Rows per minibatch in the last epoch; if `None`, the same as in the first.
    pub last_batch: Option<usize>,
    /// Epochs of the run, which schedules extend over. Training for more or fewer epochs is allowed.
    pub epochs: usize,
    /// Learning rate of the first epoch: the step along the mean gradient of a minibatch.
    pub learning_rate: f32,
    /// Learning rate schedule.
    pub schedule: RateSchedule,
    /// Momentum: the share of the velocity that is kept from one minibatch to the next.
    pub momentum: f32,
    /// L2 weight decay.
    pub weight_decay: f32,
    /// L1 penalty: every minibatch moves each weight towards zero by the learning rate times this.
    pub l1: f32,
    /// Target of the hidden units' mean probability at the data.
    pub sparsity: Sparsity,
    /// Whether to follow the centred gradient.
    pub centred: bool,
    /// Gibbs steps per minibatch of the contrastive gradient, in the first epoch.
    pub steps: usize,
    /// Gibbs steps per minibatch in the last epoch, at least `steps`; if `None`, the same as in the first.
    pub last_steps: Option<usize>,
    /// Where the chains start.
    pub method: Method,
    /// The seed of everything random.
    pub seed: u64,
    /// Threads; the result does not depend on their number.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            objective: Objective::Generative,
            batch: 64,
            last_batch: None,
            epochs: 1,
            learning_rate: 0.1,
            schedule: RateSchedule::Inverse { decay: 0.0 },
            momentum: 0.0,
            weight_decay: 0.0,
            l1: 0.0,
            sparsity: Sparsity::NONE,
            centred: false,
            steps: 1,
            last_steps: None,
            method: Method::ContrastiveDivergence,
            seed: 1,
            threads: 1,
        }
    }
}

impl Settings {
    /// The learning rate of minibatch `batch` of epoch `epoch`, both from 0, of `batches` per epoch.
    #[must_use]
    pub fn rate(&self, epoch: usize, batch: usize, batches: usize) -> f32 {
        let (epochs, batches) = ((epoch, self.epochs), (batch, batches));
        self.schedule.rate(self.learning_rate, epochs, batches)
    }

    /// The Gibbs steps per minibatch of the last epoch.
    #[must_use]
    pub fn final_steps(&self) -> usize {
        self.last_steps.unwrap_or(self.steps)
    }

    /// The Gibbs steps per minibatch of epoch `epoch`, from 0.
    #[must_use]
    pub fn steps_in(&self, epoch: usize) -> usize {
        schedule::stepped(self.steps, self.final_steps(), epoch, self.epochs)
    }

    /// The rows per minibatch of the last epoch.
    #[must_use]
    pub fn final_batch(&self) -> usize {
        self.last_batch.unwrap_or(self.batch)
    }

    /// The rows per minibatch of epoch `epoch`, from 0.
    #[must_use]
    pub fn batch_in(&self, epoch: usize) -> usize {
        schedule::stepped(self.batch, self.final_batch(), epoch, self.epochs)
    }

    /// The most rows per minibatch.
    pub(super) fn largest_batch(&self) -> usize {
        self.batch.max(self.final_batch())
    }

    /// Checks that every setting has a meaning, and where `images` are given, that there are as many as a minibatch takes.
    ///
    /// # Errors
    /// [`TrainError::Setting`] naming the field and what was expected.
    pub fn check(&self, images: Option<usize>) -> Result<(), TrainError> {
        let refuse = |field, expected: String| Err(TrainError::Setting { field, expected });
        for (field, batch) in [
            ("settings.batch", self.batch),
            ("settings.last_batch", self.final_batch()),
        ] {
            if batch == 0 || batch > MAX_SAMPLES {
                return refuse(field, format!("1 to {MAX_SAMPLES}, not {batch}"));
            }
            if let Some(images) = images.filter(|&images| batch > images) {
                let expected = format!("at most the {images} training images, not {batch}");
                return refuse(field, expected);
            }
        }
        if let Objective::Hybrid(mix) = self.objective
            && !(mix.is_finite() && mix > 0.0)
        {
            return refuse("settings.objective", format!("a weight above 0, not {mix}"));
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return refuse(
                "settings.learning_rate",
                format!("a number above 0, not {}", self.learning_rate),
            );
        }
        self.schedule.check(self.learning_rate)?;
        if !(0.0..1.0).contains(&self.momentum) {
            return refuse(
                "settings.momentum",
                format!("a number from 0 to below 1, not {}", self.momentum),
            );
        }
        let shrink = self.weight_decay * self.learning_rate;
        if !(self.weight_decay >= 0.0 && shrink < 1.0) {
            return refuse(
                "settings.weight_decay",
                format!(
                    "from 0 to below 1 / {}, not {}",
                    self.learning_rate, self.weight_decay
                ),
            );
        }
        if !(self.l1.is_finite() && self.l1 >= 0.0) {
            return refuse(
                "settings.l1",
                format!("a number from 0 on, not {}", self.l1),
            );
        }
        let Sparsity { target, cost } = self.sparsity;
        if cost != 0.0 && !(target > 0.0 && target < 1.0) {
            return refuse(
                "settings.sparsity.target",
                format!("above 0 and below 1, not {target}"),
            );
        }
        if !(cost.is_finite() && cost >= 0.0) {
            return refuse(
                "settings.sparsity.cost",
                format!("a number from 0 on, not {cost}"),
            );
        }
        if self.steps == 0 {
            return refuse("settings.steps", "at least 1".into());
        }
        if let Some(last) = self.last_steps.filter(|&last| last < self.steps) {
            return refuse(
                "settings.last_steps",
                format!("at least settings.steps, {}, not {last}", self.steps),
            );
        }
        if self.threads == 0 || self.threads > MAX_THREADS {
            return refuse(
                "settings.threads",
                format!("1 to {MAX_THREADS}, not {}", self.threads),
            );
        }
        Ok(())
    }
}

/// Largest number of threads.
pub const MAX_THREADS: usize = 256;
