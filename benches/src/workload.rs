//! A minibatch of a model that has learned: the bits, fields and probabilities that a kernel meets in training.
//!
//! What a kernel costs depends on how many bits are set. Random bits would be five times as dense as digits, so the
//! model is trained first, and every buffer holds what training puts there.

use std::path::Path;

use bitspin::aligned::{AlignedF32, AlignedI16};
use bitspin::data::{DataError, Dataset};
use bitspin::engine::{Engine, engine};
use bitspin::model_file::RbmParameters;
use bitspin::train::minibatch::{OwnedHiddenUnits, OwnedSamples};
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_core::kernel::GROUP;
use bitspin_core::kernel::padded;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Method, Shard, ShardBuffers, contrast};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

/// Samples of the minibatch: the lecture's, and as many as one word has bits.
pub const BATCH: usize = GROUP;

/// Hidden units of the lecture's model.
pub const HIDDEN: usize = 500;

/// Digits, and a model that was trained on them.
#[derive(Debug)]
pub struct Trained {
    /// Grey levels, image after image.
    pub pixels: Vec<u8>,
    /// What was learned.
    pub parameters: RbmParameters,
}

impl Trained {
    /// Trains by the lecture's settings on the digits in `data`, or on the built-in ones.
    ///
    /// # Errors
    /// [`DataError`] if the digits cannot be read.
    ///
    /// # Panics
    /// If there are fewer images than a minibatch takes.
    pub fn new(data: Option<&Path>, hidden: usize, epochs: usize) -> Result<Self, DataError> {
        let images = Dataset::load(data)?.train.images;
        let initial = initial_parameters(images.pixels_per_image(), hidden, 1);
        let mut trainer = Trainer::new(&initial, images.count(), Settings::default())
            .expect("the lecture's settings and enough images");
        for _ in 0..epochs {
            let grey = TrainingData::Grey(images.pixels());
            trainer.epoch(grey).expect("the lecture's settings learn");
        }
        Ok(Self {
            pixels: images.pixels().to_vec(),
            parameters: trainer.parameters(),
        })
    }

    /// A trainer that goes on from what was learned, on so many threads.
    ///
    /// # Panics
    /// If `threads` is zero.
    #[must_use]
    pub fn trainer(&self, threads: usize) -> Trainer {
        let settings = Settings {
            threads,
            ..Settings::default()
        };
        let images = self.pixels.len() / self.parameters.visible;
        Trainer::new(&self.parameters, images, settings).expect("it was trained before")
    }

    /// Trains for one epoch.
    ///
    /// # Panics
    /// If training diverges, which at the lecture's rate it does not.
    pub fn epoch(&self, trainer: &mut Trainer) {
        trainer
            .epoch(TrainingData::Grey(&self.pixels))
            .expect("the lecture's settings learn");
    }

    /// The model, quantised.
    ///
    /// # Panics
    /// Never: what was trained can be quantised.
    #[must_use]
    pub fn engine(&self) -> Engine {
        engine(&self.parameters).expect("what was trained can be quantised")
    }

    /// The weights as the updates keep them: a row per visible unit, padded to the hidden stride.
    #[must_use]
    pub fn rows(&self) -> AlignedF32 {
        let (visible, hidden) = (self.parameters.visible, self.parameters.hidden);
        let stride = padded(hidden);
        let mut rows = AlignedF32::zeros(visible * stride);
        for (i, row) in rows.as_mut().chunks_exact_mut(stride).enumerate() {
            for (j, weight) in row.iter_mut().take(hidden).enumerate() {
                *weight = self.parameters.w[j * visible + i];
            }
        }
        rows
    }

    /// All hidden units as one shard, quantised.
    ///
    /// # Panics
    /// Never: the buffers are made for the shape.
    #[must_use]
    pub fn shard(&self, fraction_bits: u32) -> Shard<AlignedF32, AlignedI16> {
        let shape = self.shape();
        let (visible, hidden, stride) = (shape.visible(), shape.hidden(), shape.hidden_stride());
        let mut bias = AlignedF32::zeros(hidden);
        bias.as_mut().copy_from_slice(&self.parameters.hidden_bias);
        let buffers = ShardBuffers {
            weights: self.rows(),
            velocity: AlignedF32::zeros(0),
            bias,
            bias_velocity: AlignedF32::zeros(0),
            to_hidden: AlignedI16::zeros(visible * stride),
            to_visible: AlignedI16::zeros(hidden * shape.visible_stride()),
            hidden_bias: AlignedI16::zeros(stride),
            hidden_norms: AlignedI16::zeros(stride),
            visible_norms: AlignedI16::zeros(visible),
            sums: AlignedI16::zeros(stride),
            wide_sums: AlignedF32::zeros(stride),
            activity: AlignedF32::zeros(stride),
        };
        let mut shard = Shard::new(shape, 0, hidden, buffers).expect("buffers of this shape");
        shard.requantise(fraction_bits);
        shard
    }

    /// Numbers of units.
    ///
    /// # Panics
    /// Never: a trained model has a shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::new(self.parameters.visible, self.parameters.hidden).expect("it was trained")
    }
}

/// So many generators, as training makes them.
#[must_use]
pub fn generators(count: usize) -> Vec<ChainRng> {
    let mut streams = Streams::new(1, Purpose::Chains);
    std::iter::repeat_with(|| streams.next_chain())
        .take(count)
        .collect()
}

/// A whole minibatch.
#[derive(Debug)]
pub struct Minibatch {
    /// The visible units.
    pub samples: OwnedSamples,
    /// All hidden units.
    pub hidden: OwnedHiddenUnits,
}

impl Minibatch {
    /// Samples of zeros.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let (units, rngs) = (shape.hidden(), generators(shape.hidden_words()));
        Self {
            samples: OwnedSamples::new(shape, 0, generators(BATCH)),
            hidden: OwnedHiddenUnits::new(shape, units, BATCH, rngs),
        }
    }

    /// Draws the first digits of `trained` and runs CD-1 on them. Returns the squared error in 2^-24.
    pub fn contrast(&mut self, trained: &Trained, engine: &Engine) -> u64 {
        let visible = engine.shape().visible();
        let (mut samples, mut hidden) = (self.samples.view(), self.hidden.view());
        samples.draw_data(BATCH, |k| &trained.pixels[k * visible..][..visible]);
        let (weights, method) = (engine.weights(), Method::ContrastiveDivergence);
        contrast(&mut samples, &mut hidden, &weights, method, 1, BATCH)
    }
}
