//! A minibatch of a machine that has learned: the bits, fields and probabilities that a kernel meets in training.
//!
//! What a kernel costs depends on how many bits are set. Random bits would be five times as dense as digits, so the
//! machine is trained first, and every buffer holds what training puts there.

use std::path::Path;

use bitspin::aligned::{AlignedF32, AlignedI16};
use bitspin::data::{DataError, Dataset};
use bitspin::engine::{Engine, engine};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_core::kernel::GROUP;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{
    HiddenBias, HiddenBiasBuffers, Method, Places, PlacesBuffers, Shard, ShardBuffers,
};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

/// Places of the minibatch: the lecture's, and as many as one word has bits.
pub const BATCH: usize = GROUP;

/// Hidden units of the lecture's machine.
pub const HIDDEN: usize = 500;

/// Digits, and a machine that was trained on them.
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
            trainer
                .epoch(grey, &Interrupt::manual(), &|_| ())
                .expect("the lecture's settings learn");
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
            .epoch(
                TrainingData::Grey(&self.pixels),
                &Interrupt::manual(),
                &|_| (),
            )
            .expect("the lecture's settings learn");
    }

    /// The machine, quantised.
    ///
    /// # Panics
    /// Never: what was trained can be quantised.
    #[must_use]
    pub fn engine(&self) -> Engine {
        engine(&self.parameters).expect("what was trained can be quantised")
    }

    /// The weights as the updates keep them: a row a visible unit, padded to the hidden stride.
    #[must_use]
    pub fn rows(&self) -> AlignedF32 {
        let (visible, hidden) = (self.parameters.visible, self.parameters.hidden);
        let stride = bitspin_core::kernel::padded(hidden);
        let mut rows = AlignedF32::zeros(visible * stride);
        for (i, row) in rows.as_mut().chunks_exact_mut(stride).enumerate() {
            for (j, weight) in row.iter_mut().take(hidden).enumerate() {
                *weight = self.parameters.w[j * visible + i];
            }
        }
        rows
    }

    /// All visible units as one shard, quantised.
    ///
    /// # Panics
    /// Never: the buffers are made for the shape.
    #[must_use]
    pub fn shard(&self, fraction_bits: u32) -> Shard<AlignedF32, AlignedI16> {
        let shape = self.shape();
        let (visible, stride) = (shape.visible(), shape.hidden_stride());
        let mut bias = AlignedF32::zeros(visible);
        bias.as_mut().copy_from_slice(&self.parameters.visible_bias);
        let buffers = ShardBuffers {
            weights: self.rows(),
            velocity: AlignedF32::zeros(0),
            bias,
            bias_velocity: AlignedF32::zeros(0),
            to_hidden: AlignedI16::zeros(visible * stride),
            to_visible: AlignedI16::zeros(shape.hidden() * shape.visible_stride()),
            visible_bias: AlignedI16::zeros(shape.visible_stride()),
            norms: AlignedI16::zeros(stride),
            unit_norms: AlignedI16::zeros(visible),
            sums: AlignedI16::zeros(stride),
            wide_sums: AlignedF32::zeros(stride),
        };
        let mut shard = Shard::new(shape, 0, visible, buffers).expect("buffers of this shape");
        shard.requantise(fraction_bits);
        shard
    }

    /// The hidden biases, quantised.
    ///
    /// # Panics
    /// Never: the buffers are made for the shape.
    #[must_use]
    pub fn hidden_bias(&self, fraction_bits: u32) -> HiddenBias<Vec<f32>, AlignedI16> {
        let shape = self.shape();
        let row = || AlignedI16::zeros(shape.hidden_stride());
        let buffers = HiddenBiasBuffers {
            bias: self.parameters.hidden_bias.clone(),
            velocity: Vec::new(),
            quantised: row(),
            sums: row(),
            wide_sums: vec![0.0; shape.hidden_stride()],
        };
        let mut bias = HiddenBias::new(shape, buffers).expect("this shape");
        bias.requantise(fraction_bits);
        bias
    }

    /// Numbers of units.
    ///
    /// # Panics
    /// Never: a trained machine has a shape.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::new(self.parameters.visible, self.parameters.hidden).expect("it was trained")
    }
}

/// Generators of the places, as training makes them.
#[must_use]
pub fn generators() -> Vec<ChainRng> {
    let mut streams = Streams::new(1, Purpose::Chains);
    std::iter::repeat_with(|| streams.next_chain())
        .take(BATCH)
        .collect()
}

/// Storage of a whole minibatch's [`Places`].
#[derive(Debug)]
pub struct Minibatch {
    shape: Shape,
    data: Vec<u64>,
    chain: Vec<u64>,
    previous: Vec<u64>,
    hidden: Vec<u64>,
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
    probabilities: AlignedI16,
    table: AlignedI16,
    data_columns: Vec<u64>,
    chain_columns: Vec<u64>,
    rngs: Vec<ChainRng>,
}

impl Minibatch {
    /// Empty places.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let vectors = || vec![0; BATCH * shape.visible_words()];
        let columns = || vec![0; GROUP * shape.visible_words()];
        Self {
            shape,
            data: vectors(),
            chain: vectors(),
            previous: vectors(),
            hidden: vec![0; BATCH * shape.hidden_words()],
            hidden_fields: AlignedI16::zeros(BATCH * shape.hidden_stride()),
            visible_fields: AlignedI16::zeros(BATCH * shape.visible_stride()),
            probabilities: AlignedI16::zeros(shape.hidden_stride()),
            table: AlignedI16::zeros(3 * BATCH * shape.hidden_stride()),
            data_columns: columns(),
            chain_columns: columns(),
            rngs: generators(),
        }
    }

    /// The places as the core works on them.
    ///
    /// # Panics
    /// Never: the buffers are made for the shape.
    pub fn places(&mut self) -> Places<'_> {
        let buffers = PlacesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            hidden_fields: self.hidden_fields.as_mut(),
            visible_fields: self.visible_fields.as_mut(),
            probabilities: self.probabilities.as_mut(),
            table: self.table.as_mut(),
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        Places::new(self.shape, BATCH, buffers).expect("buffers of this shape")
    }

    /// Draws the first digits of `trained` and runs CD-1 on them. Returns the squared error in 2^-24.
    pub fn contrast(&mut self, trained: &Trained, engine: &Engine) -> u64 {
        let visible = self.shape.visible();
        let mut places = self.places();
        places.draw_data(BATCH, |k| &trained.pixels[k * visible..][..visible]);
        let shard = [engine.shard()];
        places.contrast(
            &engine.weights(&shard),
            Method::ContrastiveDivergence,
            1,
            BATCH,
        )
    }
}
