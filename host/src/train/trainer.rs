//! The trainer: parameters in shards, a minibatch in places, and the threads that work on them.

use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bitspin_core::bits::{WORD, words};
use bitspin_core::fixed::MAX_FRACTION_BITS;
use bitspin_core::kernel::padded;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Centring, Shard, VisibleBias, VisibleBiasBuffers};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;
use serde::{Deserialize, Serialize};

use super::barrier::Barrier;
use super::data::TrainingData;
use super::epoch::{EpochRun, Part, read, write};
use super::places::{OwnedPlaces, cut};
use super::state::{Begun, check};
use super::worker::Worker;
use super::{Settings, TrainError as Error};
use crate::aligned::{AlignedF32, AlignedI16};
use crate::interrupt::Interrupt;
use crate::model_file::RbmParameters;

/// Why a run could not be started or went wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// A setting has no meaning.
    #[error("{option}: expected {expected}")]
    Setting {
        /// The option of the command.
        option: &'static str,
        /// What would have been right, and what was given.
        expected: String,
    },
    /// The parameters do not fit together.
    #[error("{0}")]
    Model(#[from] bitspin_core::Error),
    /// The parameters grew beyond what fields can hold.
    #[error(
        "training diverged in epoch {epoch}: a unit's weights sum to more than 32767; a smaller --lr or some \
         --weight-decay may help"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
    },
}

/// What an epoch of training came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochSummary {
    /// Wall-clock time.
    pub duration: Duration,
    /// Images that were trained on: fewer than there are if the epoch was interrupted.
    pub images: usize,
    /// Mean of (v - p(v|h))^2 while training; `None` for persistent chains.
    pub reconstruction_mse: Option<f64>,
    /// Whether the epoch was cut short by an interrupt.
    pub interrupted: bool,
}

pub(super) type HostVisibleBias = VisibleBias<AlignedF32, AlignedI16>;
pub(super) type HostShard = Shard<AlignedF32, AlignedI16>;

fn aligned(values: &[f32]) -> AlignedF32 {
    let mut aligned = AlignedF32::zeros(values.len());
    aligned.as_mut().copy_from_slice(values);
    aligned
}

/// A training run: parameters, chains and generators between epochs.
#[derive(Debug)]
pub struct Trainer {
    pub(super) shape: Shape,
    pub(super) settings: Settings,
    pub(super) fraction_bits: u32,
    pub(super) epoch: usize,
    pub(super) shuffle: Xoshiro128PlusPlus,
    pub(super) order: Vec<u32>,
    /// The hidden units, cut among the threads; at most one a thread.
    pub(super) workers: Vec<RwLock<Worker>>,
    pub(super) visible_bias: RwLock<HostVisibleBias>,
    /// The places of the largest minibatch, cut among the threads.
    pub(super) places: Vec<RwLock<OwnedPlaces>>,
    /// The means of the visible units, for the centred gradient; empty before the first epoch and without it.
    pub(super) visible_means: Vec<f32>,
    /// What each worker gives to the centred gradient of the visible biases.
    pub(super) shares: Vec<RwLock<Vec<i64>>>,
    /// Where the epoch was interrupted, if it was.
    pub(super) begun: Option<Begun>,
}

impl Trainer {
    /// Sets up a run that starts from `initial` parameters and trains on `images` many images.
    ///
    /// # Errors
    /// [`TrainError::Setting`] if a setting has no meaning, [`TrainError::Model`] if the parameters do not fit their
    /// shape or are not finite, [`TrainError::Diverged`] if they are too large.
    pub fn new(initial: &RbmParameters, images: usize, settings: Settings) -> Result<Self, Error> {
        Self::with_velocity(initial, None, images, settings)
    }

    /// [`Self::new`] with velocities, which are zero if not given. They have no effect without momentum.
    pub(super) fn with_velocity(
        initial: &RbmParameters,
        velocity: Option<&RbmParameters>,
        images: usize,
        settings: Settings,
    ) -> Result<Self, Error> {
        settings.check(Some(images))?;
        let shape = Shape::new(initial.visible, initial.hidden)?;
        bitspin_core::rbm::Parameters {
            shape,
            w: &initial.w,
            visible_bias: &initial.visible_bias,
            hidden_bias: &initial.hidden_bias,
        }
        .check()?;
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
            check("velocities", found, expected)?;
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
        let workers = cut(shape.hidden(), WORD, settings.threads)
            .map(|range| {
                let rngs = streams(words(range.len()));
                Worker::new(shape, initial, range, velocity, most, rngs).map(RwLock::new)
            })
            .collect::<Result<_, _>>()?;
        // Those of places that only later minibatches have: the first epoch is that of a batch that stays.
        generators.append(&mut streams(most - settings.batch));
        let places = OwnedPlaces::new(shape, 0, generators);
        let mut training = Streams::new(settings.seed, Purpose::Training);
        // The first stream of this purpose draws the initial weights.
        training.next_stream();
        let mut trainer = Self {
            shape,
            fraction_bits: MAX_FRACTION_BITS,
            epoch: 0,
            shuffle: training.next_stream(),
            order: (0..images as u32).collect(),
            workers,
            visible_bias: RwLock::new(visible_bias),
            places: vec![RwLock::new(places)],
            visible_means: Vec::new(),
            shares: Vec::new(),
            begun: None,
            settings,
        };
        trainer.cut_places(trainer.settings.batch);
        trainer.quantise_afresh()?;
        Ok(trainer)
    }

    /// The float parameters as they stand.
    #[must_use]
    pub fn parameters(&self) -> RbmParameters {
        self.gather(|shard| (shard.weights(), shard.bias()), VisibleBias::bias)
    }

    /// The velocities of the parameters, where there is momentum.
    pub(super) fn velocity(&self) -> RbmParameters {
        self.gather(
            |shard| (shard.velocity(), shard.bias_velocity()),
            VisibleBias::velocity,
        )
    }

    /// Brings together what the shards have of the whole machine: weights and biases, or their like.
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

    /// Binary places of the quantised weights at the moment.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.settings.threads
    }

    /// Epochs that are over.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epoch
    }

    /// The learning rate that the next epoch begins with.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        self.settings.rate(self.epoch, 0, 1)
    }

    /// Trains on every image once, in an order drawn for this epoch; `progress` hears of every minibatch's size.
    ///
    /// If `interrupt` is set meanwhile, the epoch stops after the minibatch at hand, and the next call goes on with the rest of
    /// it.
    ///
    /// # Errors
    /// [`TrainError::Model`] if the data are not whole images, as many as the trainer was made for;
    /// [`TrainError::Diverged`].
    pub fn epoch(
        &mut self,
        data: TrainingData<'_>,
        interrupt: &Interrupt,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<EpochSummary, Error> {
        let found = data.count(self.shape.visible())?;
        if found != self.order.len() {
            let expected = self.order.len();
            return Err(bitspin_core::Error::Length {
                what: "the training images",
                expected,
                found,
            }
            .into());
        }
        let begin = Instant::now();
        if self.settings.centred && self.visible_means.is_empty() {
            self.set_means(data.means(self.shape.visible())?);
        }
        let begun = self.begun.take();
        if begun.is_none() {
            self.shuffle_order();
        }
        let batch = begun
            .as_ref()
            .map_or_else(|| self.settings.batch_in(self.epoch), |begun| begun.batch);
        self.cut_places(batch);
        let run = EpochRun {
            trainer: self,
            data,
            batch,
            begun: begun.as_ref(),
            barrier: Barrier::new(self.settings.threads),
            stop: AtomicBool::new(false),
            interrupt,
            progress,
        };
        let parts: Vec<Part> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.settings.threads)
                .map(|thread| {
                    scope.spawn({
                        let run = &run;
                        move || run.work(thread)
                    })
                })
                .collect();
            let mut parts = vec![run.work(0)];
            parts.extend(
                others
                    .into_iter()
                    .map(|thread| thread.join().expect("a worker does not panic")),
            );
            parts
        });
        let before = begun
            .as_ref()
            .map_or(Duration::ZERO, |begun| begun.duration);
        let duration = before + begin.elapsed();
        let error: u64 = parts.iter().map(|part| part.error).sum();
        let images = parts[0].images;
        let interrupted = images < self.order.len();
        if parts[0].diverged {
            let epoch = self.epoch + 1;
            return Err(Error::Diverged { epoch });
        }
        if interrupted {
            self.fraction_bits = parts[0].fraction_bits;
            self.begun = Some(Begun {
                batch,
                minibatches: images / batch,
                images,
                error,
                duration,
                fraction_bits: self.fraction_bits,
                data: Vec::new(),
            });
        } else {
            // With as many fraction bits as the parameters leave room for now, which may be more than there were.
            self.quantise_afresh()?;
            self.epoch += 1;
        }
        let mse = error as f64 / f64::from(1_u32 << 24) / (images * self.shape.visible()) as f64;
        let measured = self.settings.method
            == bitspin_core::rbm::train::Method::ContrastiveDivergence
            && images > 0;
        let reconstruction_mse = measured.then_some(mse);
        Ok(EpochSummary {
            duration,
            images,
            reconstruction_mse,
            interrupted,
        })
    }

    /// Sets the means of the visible units, for the centred gradient.
    pub(super) fn set_means(&mut self, means: Vec<f32>) {
        let shares = vec![0; Centring::shares(means.len())];
        let of_workers = self.workers.iter();
        self.shares = of_workers.map(|_| RwLock::new(shares.clone())).collect();
        self.visible_means = means;
    }

    /// Draws the order of the epoch's images (Fisher and Yates), 32 random bits a step.
    fn shuffle_order(&mut self) {
        for last in (1..self.order.len()).rev() {
            let draw = (u64::from(self.shuffle.next_u32()) * (last as u64 + 1)) >> 32;
            self.order.swap(last, draw as usize);
        }
    }

    /// Quantises all parameters with as many fraction bits as leave every field in range.
    fn quantise_afresh(&mut self) -> Result<(), Error> {
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
