//! Resumable training state between two minibatches, independent of the number of threads.

use std::time::Duration;

use bitspin_core::Error as CoreError;
use bitspin_core::bits::WORD;
use bitspin_core::fixed::MAX_FRACTION_BITS;
use bitspin_core::rng::ChainRng;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;
use serde::{Deserialize, Serialize};

use super::begun::Begun;
use super::layers::Layers;
use super::lock::{read, write};
use super::{Settings, TrainError, Trainer};
use crate::model_file::RbmParameters;

/// The state of a chain's generator, eight lanes of four words.
pub(super) type Generator = [[u32; 8]; 4];

/// The order in which images are taken, and the generator that draws it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OrderState {
    shuffle: [u8; 16],
    order: Vec<u32>,
}

impl OrderState {
    pub(super) fn new(shuffle: &Xoshiro128PlusPlus, order: &[u32]) -> Self {
        Self {
            shuffle: shuffle.state(),
            order: order.to_vec(),
        }
    }

    /// The generator, and the order of `images` images.
    pub(super) fn restore(
        self,
        images: usize,
    ) -> Result<(Xoshiro128PlusPlus, Vec<u32>), CoreError> {
        check("the order of the images", self.order.len(), images)?;
        if self.order.iter().any(|&item| item as usize >= images) {
            return Err(CoreError::OutOfRange {
                what: "the order of the images",
                expected: "numbers of images",
            });
        }
        Ok((Xoshiro128PlusPlus::from_seed(self.shuffle), self.order))
    }
}

/// Refuses a part of a state that has another length than the settings ask for.
fn check(what: &'static str, found: usize, expected: usize) -> Result<(), CoreError> {
    if found == expected {
        return Ok(());
    }
    Err(CoreError::Length {
        what,
        expected,
        found,
    })
}

/// Refuses more epochs than any run has, with which the arithmetic of schedules would overflow.
pub(super) fn check_epochs(over: usize) -> Result<(), CoreError> {
    if over as u64 <= 1 << 32 {
        return Ok(());
    }
    Err(CoreError::OutOfRange {
        what: "the epochs that are over",
        expected: "at most 2^32",
    })
}

/// The longest that an epoch has taken before it was interrupted: a century.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Refuses a position in an epoch that no interrupt leaves.
pub(super) fn check_begun(
    (minibatches, images, fraction_bits): (usize, usize, u32),
    (batch, total): (usize, usize),
    duration: Duration,
) -> Result<(), CoreError> {
    let whole = minibatches.checked_mul(batch) == Some(images);
    if duration <= LONGEST
        && whole
        && (1..total).contains(&images)
        && fraction_bits <= MAX_FRACTION_BITS
    {
        return Ok(());
    }
    Err(CoreError::OutOfRange {
        what: "the position in the epoch",
        expected: "the end of a minibatch",
    })
}

/// A resumable [`Trainer`] between two minibatches: parameters, velocities, chains, generators, means, and how
/// far an epoch has come that was interrupted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerState {
    parameters: RbmParameters,
    /// The first visible unit of every categorical group.
    starts: Vec<usize>,
    velocity: Option<RbmParameters>,
    epoch: usize,
    order: OrderState,
    /// One per sample, and one per word of hidden units.
    samples: Vec<Generator>,
    words: Vec<Generator>,
    /// \[sample\]\[words\]: the chains' hidden units.
    hidden: Vec<u64>,
    /// Empty without the centred gradient, and the first before the first epoch.
    visible_means: Vec<f32>,
    hidden_means: Vec<f32>,
    begun: Option<Begun>,
}

impl TrainerState {
    /// Epochs that are over.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epoch
    }

    /// The number of rows that the run learns from.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.order.order.len()
    }

    /// The state as bytes, which [`Self::from_bytes`] of the same version of the library reads.
    ///
    /// # Panics
    /// Never: nothing that is kept here has an unknown length.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("memory can be written")
    }

    /// The state that [`Self::to_bytes`] wrote; `None` if it is another's. What a state holds is checked where it is
    /// [resumed](Trainer::resume).
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match postcard::take_from_bytes(bytes) {
            Ok((state, [])) => Some(state),
            _ => None,
        }
    }

    /// Images that an epoch which was interrupted has learned from.
    #[must_use]
    pub fn images_of_epoch(&self) -> usize {
        self.begun.as_ref().map_or(0, |begun| begun.images)
    }
}

impl Trainer {
    /// The run as it stands between two epochs, or where the last was interrupted. O(parameters + images).
    #[must_use]
    pub fn state(&self) -> TrainerState {
        let centred = self.settings.centred;
        let words = self.shape.hidden_words();
        let (mut generators, mut hidden_means) = (Vec::with_capacity(words), Vec::new());
        for worker in &self.workers {
            let worker = read(worker);
            generators.extend(worker.hidden.rngs.iter().map(ChainRng::state));
            if centred {
                let units = worker.shard.units();
                hidden_means.extend_from_slice(&worker.centring.hidden_means.as_ref()[..units]);
            }
        }
        let samples: Vec<_> = self.samples.iter().map(read).collect();
        let begun = self.begun.clone().map(|begun| Begun {
            data: samples
                .iter()
                .flat_map(|s| s.data.iter().copied())
                .collect(),
            ..begun
        });
        TrainerState {
            parameters: self.parameters(),
            starts: self.groups().starts().to_vec(),
            velocity: (self.settings.momentum > 0.0).then(|| self.velocity()),
            epoch: self.epoch,
            order: OrderState::new(&self.shuffle, &self.order),
            samples: samples
                .iter()
                .flat_map(|s| s.rngs.iter().map(ChainRng::state))
                .collect(),
            words: generators,
            hidden: self.hidden_words(),
            visible_means: self.visible_means.clone(),
            hidden_means,
            begun,
        }
    }

    /// Goes on from a state with the settings that led to it; the number of threads may be another, and that of epochs.
    ///
    /// # Errors
    /// As [`Trainer::new`]; [`TrainError::Model`] also if the state is of other settings or of another number of images.
    pub fn resume(
        state: TrainerState,
        images: usize,
        settings: Settings,
    ) -> Result<Self, TrainError> {
        let layers = Layers {
            parameters: &state.parameters,
            starts: state.starts,
        };
        let mut trainer = Self::with_velocity(layers, state.velocity.as_ref(), images, settings)?;
        let (shape, batch) = (trainer.shape, trainer.settings.largest_batch());
        let words = shape.hidden_words();
        check("sample generators", state.samples.len(), batch)?;
        check("word generators", state.words.len(), words)?;
        check("hidden states", state.hidden.len(), batch * words)?;
        (trainer.shuffle, trainer.order) = state.order.restore(images)?;
        check_epochs(state.epoch)?;
        trainer.epoch = state.epoch;
        trainer.set_hidden_words(&state.hidden);
        trainer.restore_workers(&state.words, &state.hidden_means)?;
        if !state.visible_means.is_empty() {
            check("visible means", state.visible_means.len(), shape.visible())?;
            trainer.set_means(state.visible_means);
        }
        let width = shape.visible_words();
        if let Some(begun) = &state.begun {
            check("data of the minibatch", begun.data.len(), batch * width)?;
            let at = (begun.minibatches, begun.images, begun.fraction_bits);
            let own = begun.batch;
            let own = if own <= batch { own } else { 0 };
            check_begun(at, (own, images), begun.duration)?;
            // In 2^-24, at most 1 for each pixel.
            let most = (begun.images as u64).saturating_mul((shape.visible() as u64) << 24);
            if begun.losses.error > most {
                return Err(CoreError::OutOfRange {
                    what: "the error of the epoch so far",
                    expected: "at most 1 for each pixel",
                }
                .into());
            }
            if begun.losses.wrong > begun.images as u64 {
                return Err(CoreError::OutOfRange {
                    what: "the wrong labels of the epoch so far",
                    expected: "at most as many as images",
                }
                .into());
            }
        }
        for samples in &trainer.samples {
            let mut samples = write(samples);
            let range = samples.first..samples.first + samples.rngs.len();
            for (rng, state) in samples.rngs.iter_mut().zip(&state.samples[range.clone()]) {
                *rng = ChainRng::from_state(*state)?;
            }
            if let Some(begun) = &state.begun {
                let data = &begun.data[range.start * width..range.end * width];
                samples.data.copy_from_slice(data);
            }
        }
        if let Some(begun) = state.begun {
            trainer.requantise(begun.fraction_bits);
            trainer.begun = Some(Begun {
                data: Vec::new(),
                ..begun
            });
        }
        Ok(trainer)
    }

    fn restore_workers(&self, words: &[Generator], means: &[f32]) -> Result<(), CoreError> {
        if self.settings.centred {
            check("hidden means", means.len(), self.shape.hidden())?;
        }
        for worker in &self.workers {
            let mut worker = write(worker);
            let (start, units) = (worker.shard.first(), worker.shard.units());
            let states = &words[start / WORD..];
            for (rng, state) in worker.hidden.rngs.iter_mut().zip(states) {
                *rng = ChainRng::from_state(*state)?;
            }
            if self.settings.centred {
                worker.centring.hidden_means.as_mut()[..units]
                    .copy_from_slice(&means[start..start + units]);
            }
        }
        Ok(())
    }
}
