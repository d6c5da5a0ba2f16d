//! What a training run with labels is asked to do.

use std::str::FromStr;

use bitspin_core::rbm::train::Method;

use super::super::{RateSchedule, Settings, TrainError};

/// What is maximised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// ln p(x, y), by contrastive divergence.
    Generative,
    /// ln p(y|x), exactly.
    Discriminative,
    /// ln p(y|x) and so much of ln p(x, y).
    Hybrid(f32),
}

impl Objective {
    /// What the generative and the discriminative gradient are multiplied by.
    #[must_use]
    pub fn weights(self) -> (f32, f32) {
        match self {
            Self::Generative => (1.0, 0.0),
            Self::Discriminative => (0.0, 1.0),
            Self::Hybrid(mix) => (mix, 1.0),
        }
    }
}

impl std::fmt::Display for Objective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Generative => f.write_str("generative"),
            Self::Discriminative => f.write_str("discriminative"),
            Self::Hybrid(mix) => write!(f, "hybrid={mix}"),
        }
    }
}

impl FromStr for Objective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "generative" => Ok(Self::Generative),
            "discriminative" => Ok(Self::Discriminative),
            other => other
                .strip_prefix("hybrid=")
                .and_then(|mix| mix.parse().ok())
                .map(Self::Hybrid)
                .ok_or_else(|| {
                    format!("expected generative, discriminative or hybrid=MIX, not '{other}'")
                }),
        }
    }
}

/// The settings of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelSettings {
    /// What is maximised.
    pub objective: Objective,
    /// Digits a minibatch.
    pub batch: usize,
    /// Epochs of the run, over which schedules go. To train for more or fewer is no error.
    pub epochs: usize,
    /// Step along the mean gradient of a minibatch, at first.
    pub learning_rate: f32,
    /// How the learning rate goes on.
    pub schedule: RateSchedule,
    /// What is kept of the velocity from one minibatch to the next.
    pub momentum: f32,
    /// L2 weight decay.
    pub weight_decay: f32,
    /// Gibbs steps of the generative gradient, in the first epoch.
    pub steps: usize,
    /// Gibbs steps of the generative gradient in the last epoch, at least as many; if `None`, as many.
    pub last_steps: Option<usize>,
    /// Where its chains start.
    pub method: Method,
    /// The seed of everything random.
    pub seed: u64,
    /// Threads; the result does not depend on their number.
    pub threads: usize,
}

/// The most digits of a minibatch, whose words of columns are kept for every visible unit.
const MOST_PLACES: usize = 4096;

impl LabelSettings {
    /// Whether a gradient of either kind is needed.
    pub(super) fn is_generative(&self) -> bool {
        self.objective.weights().0 != 0.0
    }

    /// The settings that training without labels has too.
    #[must_use]
    pub fn plain(&self) -> Settings {
        Settings {
            batch: self.batch,
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            schedule: self.schedule,
            momentum: self.momentum,
            weight_decay: self.weight_decay,
            steps: self.steps,
            last_steps: self.last_steps,
            method: self.method,
            seed: self.seed,
            threads: self.threads,
            ..Settings::default()
        }
    }

    /// Checks that every setting has a meaning, and that there are as many images as a minibatch takes.
    ///
    /// # Errors
    /// [`TrainError::Setting`] naming the option and what was expected.
    pub fn check(&self, images: Option<usize>) -> Result<(), TrainError> {
        let refuse = |option, expected: String| Err(TrainError::Setting { option, expected });
        self.plain().check(images)?;
        if self.batch > MOST_PLACES {
            return refuse(
                "--batch",
                format!("1 to {MOST_PLACES} with labels, not {}", self.batch),
            );
        }
        if let Objective::Hybrid(mix) = self.objective
            && !(mix.is_finite() && mix > 0.0)
        {
            return refuse("--mix", format!("a number above 0, not {mix}"));
        }
        Ok(())
    }
}
