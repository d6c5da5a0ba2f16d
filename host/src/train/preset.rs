//! Settings that go together.

use bitspin_core::rbm::train::Method;

use super::{RateSchedule, Settings};

/// Settings that go together.
///
/// ```
/// use bitspin::train::Preset;
///
/// let quick = Preset::Quick.settings();
/// assert_eq!((quick.epochs, quick.batch, quick.steps), (50, 100, 5));
/// assert!(Preset::Quick.starts_from_means());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// As in the lecture's script: 2 epochs of CD-1 at a learning rate of 0.1, biases from zero.
    Lecture,
    /// 50 epochs of PCD-5, minibatches of 100, visible biases from the data, learning rate 0.05 falling linearly to 0.
    Quick,
    /// As quick, for 800 epochs.
    Best,
}

impl Preset {
    /// The settings, with their number of epochs.
    #[must_use]
    pub fn settings(self) -> Settings {
        // Persistent chains follow the model if they move far between small updates. A rate that falls to 0 removes the
        // noise that is left in the weights, which helps more than three times as many epochs.
        let persistent = |epochs| Settings {
            batch: 100,
            epochs,
            learning_rate: 0.05,
            schedule: RateSchedule::Linear { last: 0.0 },
            steps: 5,
            method: Method::Persistent,
            ..Settings::default()
        };
        match self {
            Self::Lecture => Settings {
                epochs: 2,
                ..Settings::default()
            },
            Self::Quick => persistent(50),
            Self::Best => persistent(800),
        }
    }

    /// Whether visible biases start from the means of the data; see
    /// [`initial_visible_bias`](super::initial_visible_bias). Otherwise they start from zero.
    #[must_use]
    pub fn starts_from_means(self) -> bool {
        self != Self::Lecture
    }
}
