//! The trainer: parameters in shards, minibatch samples, and the threads that work on them.

use std::sync::RwLock;

use bitspin_core::bits::{WORD, words};
use bitspin_core::fixed::MAX_FRACTION_BITS;
use bitspin_core::kernel::padded;
use bitspin_core::rbm::train::{BLOCK, Centring, Shard, VisibleBias, VisibleBiasBuffers};
use bitspin_core::rbm::{Groups, Shape};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;

use super::begun::Begun;
use super::layers::Layers;
use super::lock::{read, write};
use super::minibatch::OwnedSamples;
use super::samples::cut;
use super::worker::Worker;
use super::{Settings, TrainError as Error};
use crate::aligned::{AlignedF32, AlignedI16};
use crate::model_file::{LabelledParameters, RbmParameters};

/// An error of training.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// A setting is out of range.
    #[error("{field}: expected {expected}")]
    Setting {
        /// The field: `settings.batch`.
        field: &'static str,
        /// The accepted values, and the value given.
        expected: String,
    },
    /// The parameters do not fit together.
    #[error("{0}")]
    Model(#[from] bitspin_core::Error),
    /// The parameters grew beyond what fields can hold.
    #[error(
        "training diverged in epoch {epoch}: a unit's weights sum to more than 32767; a smaller \
         settings.learning_rate or some settings.weight_decay may help"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
}

pub(super) type HostVisibleBias = VisibleBias<AlignedF32, AlignedI16>;
pub(super) type HostShard = Shard<AlignedF32, AlignedI16>;

fn aligned(values: &[f32]) -> AlignedF32 {
    let mut aligned = AlignedF32::zeros(values.len());
    aligned.as_mut().copy_from_slice(values);
    aligned
}

/// Trains an RBM, with or without label units. Holds parameters, chains and generators between epochs.
///
/// ```
/// use bitspin::BitMatrix;
/// use bitspin::train::{Settings, Trainer, initial_parameters};
///
/// let rows: Vec<[bool; 2]> = (0..128).map(|k| [k % 2 == 0; 2]).collect();
/// let bits = BitMatrix::from_rows(&rows)?;
/// let settings = Settings { batch: 32, ..Settings::default() };
/// let mut trainer = Trainer::new(&initial_parameters(2, 2, 1), bits.count(), settings)?;
/// let epoch = trainer.epoch(&bits)?;
/// assert_eq!((epoch.images, trainer.epochs()), (128, 1));
/// assert_eq!(trainer.parameters().w.len(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trainer {
    pub(super) shape: Shape,
    /// The first visible unit of every categorical group.
    starts: Vec<usize>,
    pub(super) settings: Settings,
    pub(super) fraction_bits: u32,
    pub(super) epoch: usize,
    pub(super) shuffle: Xoshiro128PlusPlus,
    pub(super) order: Vec<u32>,
    /// The hidden units, cut among the threads; at most one per thread.
    pub(super) workers: Vec<RwLock<Worker>>,
    pub(super) visible_bias: RwLock<HostVisibleBias>,
    /// The samples of the largest minibatch, cut among the threads.
    pub(super) samples: Vec<RwLock<OwnedSamples>>,
    /// The means of the visible units, for the centred gradient; empty before the first epoch and without it.
    pub(super) visible_means: Vec<f32>,
    /// What each worker contributes to the centred gradient of the visible biases.
    pub(super) shares: Vec<RwLock<Vec<i64>>>,
    /// Where the epoch was interrupted, if it was.
    pub(super) begun: Option<Begun>,
}

impl Trainer {
    /// Sets up a run that starts from `initial` parameters and trains on `rows` rows.
    ///
    /// # Errors
    /// [`TrainError::Setting`] if a setting is out of range, [`TrainError::Model`] if the parameters do not fit their
    /// shape or are not finite, [`TrainError::Diverged`] if they are too large.
    pub fn new<'a>(
        initial: impl Into<Layers<'a>>,
        rows: usize,
        settings: Settings,
    ) -> Result<Self, Error> {
        Self::with_velocity(initial.into(), None, rows, settings)
    }

    /// [`Self::new`] with velocities, which are zero if not given. They have no effect without momentum.
    pub(super) fn with_velocity(
        layers: Layers<'_>,
        velocity: Option<&RbmParameters>,
        rows: usize,
        settings: Settings,
    ) -> Result<Self, Error> {
        settings.check(None)?;
        let Layers {
            parameters: initial,
            starts,
        } = layers;
        let shape = Shape::new(initial.visible, initial.hidden)?;
        bitspin_core::rbm::Parameters {
            shape,
            w: &initial.w,
            visible_bias: &initial.visible_bias,
            hidden_bias: &initial.hidden_bias,
        }
        .check()?;
        let groups = Groups::new(shape, &starts)?;
        let target = match settings.objective.weights() {
            (_, 0.0) => None,
            _ if groups.categorical() == 0 => {
                return Err(Error::Setting {
                    field: "settings.objective",
                    expected: "generative where there are no labels".into(),
                });
            }
            _ => Some(groups.units(0)),
        };
        let still = RbmParameters {
            w: vec![0.0; initial.w.len()],
            visible_bias: vec![0.0; shape.visible()],
            hidden_bias: vec![0.0; shape.hidden()],
            ..*initial
        };
        let velocity = velocity.unwrap_or(&still);
        for (found, expected) in [
            (velocity.w.len(), initial.w.len()),
            (velocity.visible_bias.len(), shape.visible()),
            (velocity.hidden_bias.len(), shape.hidden()),
        ] {
            if found != expected {
                let what = "velocities";
                return Err(Error::Model(bitspin_core::Error::Length {
                    what,
                    expected,
                    found,
                }));
            }
        }
        let velocity = (settings.momentum > 0.0).then_some(velocity);
        let buffers = VisibleBiasBuffers {
            bias: aligned(&initial.visible_bias),
            velocity: match velocity {
                Some(velocity) => aligned(&velocity.visible_bias),
                None => AlignedF32::zeros(0),
            },
            quantised: AlignedI16::zeros(shape.visible_stride()),
        };
        let visible_bias = VisibleBias::new(shape, buffers)?;
        let mut chains = Streams::new(settings.seed, Purpose::Chains);
        let most = settings.largest_batch();
        let mut streams = |count: usize| (0..count).map(|_| chains.next_chain()).collect();
        let mut generators: Vec<_> = streams(settings.batch);
        let unit = if target.is_some() { BLOCK } else { WORD };
        let workers = cut(shape.hidden(), unit, settings.threads)
            .map(|range| {
                let rngs = streams(words(range.len()));
                let target = target.clone();
                Worker::new(shape, initial, range, velocity, target, most, rngs).map(RwLock::new)
            })
            .collect::<Result<_, _>>()?;
        // Those of samples that only later minibatches have: the first epoch is that of a batch that stays.
        generators.append(&mut streams(most - settings.batch));
        let samples = OwnedSamples::new(shape, 0, generators);
        let mut training = Streams::new(settings.seed, Purpose::Training);
        // The first stream of this purpose draws the initial weights.
        training.next_stream();
        let mut trainer = Self {
            shape,
            starts,
            fraction_bits: MAX_FRACTION_BITS,
            epoch: 0,
            shuffle: training.next_stream(),
            order: (0..rows as u32).collect(),
            workers,
            visible_bias: RwLock::new(visible_bias),
            samples: vec![RwLock::new(samples)],
            visible_means: Vec::new(),
            shares: Vec::new(),
            begun: None,
            settings,
        };
        trainer.cut_samples(trainer.settings.batch);
        trainer.quantise_afresh()?;
        Ok(trainer)
    }

    /// The current float parameters.
    #[must_use]
    pub fn parameters(&self) -> RbmParameters {
        self.gather(|shard| (shard.weights(), shard.bias()), VisibleBias::bias)
    }

    /// The float parameters of a model of labels: one whose visible layer has one categorical group.
    #[must_use]
    pub fn labelled_parameters(&self) -> Option<LabelledParameters> {
        let [start] = self.starts[..] else {
            return None;
        };
        Some(LabelledParameters {
            joint: self.parameters(),
            classes: self.shape.visible() - start,
        })
    }

    /// The groups of the visible layer.
    #[must_use]
    pub fn groups(&self) -> Groups<'_> {
        Groups::new(self.shape, &self.starts).expect("it was checked when the run was set up")
    }

    /// The visible units whose category the discriminative gradient is of; `None` without one.
    pub(super) fn target(&self) -> Option<std::ops::Range<usize>> {
        let discriminative = self.settings.objective.weights().1 != 0.0;
        discriminative.then(|| self.groups().units(0))
    }

    /// The velocities of the parameters, where there is momentum.
    pub(super) fn velocity(&self) -> RbmParameters {
        self.gather(
            |shard| (shard.velocity(), shard.bias_velocity()),
            VisibleBias::velocity,
        )
    }

    /// Brings together what the shards have of the whole model: weights and biases, or their like.
    fn gather(
        &self,
        of: impl Fn(&HostShard) -> (&[f32], &[f32]),
        of_visible: impl Fn(&HostVisibleBias) -> &[f32],
    ) -> RbmParameters {
        let (visible, hidden) = (self.shape.visible(), self.shape.hidden());
        let mut w = vec![0.0; visible * hidden];
        let mut hidden_bias = Vec::with_capacity(hidden);
        for worker in &self.workers {
            let shard = &read(worker).shard;
            let (weights, biases) = of(shard);
            hidden_bias.extend_from_slice(biases);
            let rows = weights.chunks_exact(padded(shard.units()));
            for (i, row) in rows.enumerate() {
                let targets = w[shard.first() * visible + i..].iter_mut();
                for (weight, target) in row.iter().zip(targets.step_by(visible)) {
                    *target = *weight;
                }
            }
        }
        let visible_bias = of_visible(&read(&self.visible_bias)).to_vec();
        RbmParameters {
            visible,
            hidden,
            w,
            visible_bias,
            hidden_bias,
        }
    }

    /// Fraction bits of the quantised weights.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.settings.threads
    }

    /// Epochs completed.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epoch
    }

    /// The learning rate that the next epoch begins with.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        self.settings.rate(self.epoch, 0, 1)
    }

    /// Sets the means of the visible units, for the centred gradient.
    pub(super) fn set_means(&mut self, means: Vec<f32>) {
        let sources = match self.settings.objective.weights() {
            (generative, discriminative) if generative != 0.0 && discriminative != 0.0 => 2,
            _ => 1,
        };
        let shares = vec![0; Centring::shares(means.len(), sources)];
        let of_workers = self.workers.iter();
        self.shares = of_workers.map(|_| RwLock::new(shares.clone())).collect();
        self.visible_means = means;
    }

    /// Draws the order of the epoch's images (Fisher and Yates), 32 random bits per step.
    pub(super) fn shuffle_order(&mut self) {
        for last in (1..self.order.len()).rev() {
            let draw = (u64::from(self.shuffle.next_u32()) * (last as u64 + 1)) >> 32;
            self.order.swap(last, draw as usize);
        }
    }

    /// Quantises all parameters with as many fraction bits as leave every field in range.
    pub(super) fn quantise_afresh(&mut self) -> Result<(), Error> {
        for fraction_bits in (0..=MAX_FRACTION_BITS).rev() {
            self.requantise(fraction_bits);
            if self.fields_fit() {
                return Ok(());
            }
        }
        Err(Error::Diverged {
            epoch: self.epoch + 1,
        })
    }

    /// Quantises all parameters to `fraction_bits`.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        write(&self.visible_bias).requantise(fraction_bits);
        for worker in &self.workers {
            write(worker).shard.requantise(fraction_bits);
        }
        self.fraction_bits = fraction_bits;
    }

    /// Whether no field can overflow.
    pub(super) fn fields_fit(&self) -> bool {
        let workers: Vec<_> = self.workers.iter().map(read).collect();
        let norms: Vec<_> = workers.iter().map(|w| w.shard.visible_norms()).collect();
        workers.iter().all(|w| w.shard.hidden_fields_fit())
            && read(&self.visible_bias).fields_fit(&norms)
    }
}
