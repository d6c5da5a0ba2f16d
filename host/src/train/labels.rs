//! Training of machines with label units: generative, discriminative, or both.
//!
//! The discriminative gradient is that of ln p(y|x), exact (Larochelle and Bengio 2008): with o_yj the field of hidden unit
//! j at x and label y,
//!
//! d ln p(t|x) / d w_ji = x_i sum_y ([y = t] - p(y|x)) sigmoid(o_yj), and for u_jy the term of y alone.
//!
//! So every sample has one row of hidden units, and its gradient is that row added to the weights of the pixels that are
//! set. The generative gradient is contrastive divergence on (x, y), where the labels of the chain are drawn from a
//! softmax. Both are weighed and applied in one update.
//!
//! The hidden units are cut into blocks of a size that does not depend on the number of threads. A thread
//! owns some blocks with all that belongs to them; threads exchange bits, and for every block the softplus sums of each
//! class, which are added in the order of the blocks. Gradients are integer sums. So the result is the same to the bit at
//! any number of threads.

mod block;
mod epoch;
mod exchange;
mod settings;
mod softmax;
mod state;
mod visible;

pub use epoch::LabelEpoch;
pub use settings::{LabelSettings, Objective};
pub use state::LabelState;

use std::sync::RwLock;

use bitspin_core::Error as CoreError;
use bitspin_core::fixed::MAX_FRACTION_BITS;
use bitspin_core::rbm::Shape;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{TrainError, TrainingData};
use crate::interrupt::Interrupt;
use crate::model_file::LabelledParameters;
use block::{BLOCK, Block};
use exchange::Loader;
use state::Begun;
use visible::VisibleUnits;

/// A training run of a machine with label units: parameters, chains and generators between epochs.
#[derive(Debug)]
pub struct LabelTrainer {
    shape: Shape,
    classes: usize,
    settings: LabelSettings,
    fraction_bits: u32,
    epoch: usize,
    shuffle: Xoshiro128PlusPlus,
    order: Vec<u32>,
    blocks: Vec<Block>,
    visible: RwLock<VisibleUnits>,
    loaders: Vec<Loader>,
    /// Where the epoch was interrupted, if it was.
    begun: Option<Begun>,
}

impl LabelTrainer {
    /// Sets up a run that starts from `initial` parameters and trains on `images` many images.
    ///
    /// # Errors
    /// [`TrainError`] if a setting has no meaning, or the parameters do not fit their shape, are not finite or too large.
    pub fn new(
        initial: &LabelledParameters,
        images: usize,
        settings: LabelSettings,
    ) -> Result<Self, TrainError> {
        settings.check(Some(images))?;
        let joint = &initial.joint;
        // The labels are the last of the visible units, and pixels come before them.
        if !(1..joint.visible).contains(&initial.classes) {
            return Err(CoreError::OutOfRange {
                what: "classes",
                expected: "at least one, and fewer than visible units",
            }
            .into());
        }
        let shape = Shape::new(joint.visible, joint.hidden)?;
        crate::engine::parameters(joint)?.check()?;
        let mut chains = Streams::new(settings.seed, Purpose::Chains);
        let loaders = (0..settings.batch)
            .map(|_| Loader::new(chains.next_chain()))
            .collect();
        let blocks = (0..joint.hidden)
            .step_by(BLOCK)
            .map(|first| {
                let rngs = (0..settings.batch).map(|_| chains.next_chain()).collect();
                Block::new(initial, first, &settings, rngs)
            })
            .collect();
        let mut training = Streams::new(settings.seed, Purpose::Training);
        // The first stream of this purpose draws the initial weights.
        training.next_stream();
        Ok(Self {
            shape,
            classes: initial.classes,
            fraction_bits: MAX_FRACTION_BITS,
            epoch: 0,
            shuffle: training.next_stream(),
            order: (0..images as u32).collect(),
            blocks,
            visible: RwLock::new(VisibleUnits::new(&joint.visible_bias, &settings)),
            loaders,
            begun: None,
            settings,
        })
    }

    /// The float parameters as they stand.
    #[must_use]
    pub fn parameters(&self) -> LabelledParameters {
        let mut joint = crate::model_file::RbmParameters {
            visible: self.shape.visible(),
            hidden: self.shape.hidden(),
            w: vec![0.0; self.shape.visible() * self.shape.hidden()],
            visible_bias: epoch::read(&self.visible).bias().to_vec(),
            hidden_bias: Vec::with_capacity(self.shape.hidden()),
        };
        for block in &self.blocks {
            block.copy_to(&mut joint);
        }
        LabelledParameters {
            joint,
            classes: self.classes,
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
        self.settings.plain().rate(self.epoch, 0, 1)
    }

    /// Trains on every image once, in an order drawn for this epoch; `progress` hears of every minibatch's size.
    ///
    /// If `interrupt` is set meanwhile, the epoch stops after the minibatch at hand, and the next call goes on with the rest of
    /// it.
    ///
    /// # Errors
    /// [`TrainError::Model`] if images or labels are not as many as the trainer was made for, or a label is no class;
    /// [`TrainError::Diverged`].
    pub fn epoch(
        &mut self,
        data: TrainingData<'_>,
        labels: &[u8],
        interrupt: &Interrupt,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<LabelEpoch, TrainError> {
        self.check_data(data, labels)?;
        if self.begun.is_none() {
            for last in (1..self.order.len()).rev() {
                let draw = (u64::from(self.shuffle.next_u32()) * (last as u64 + 1)) >> 32;
                self.order.swap(last, draw as usize);
            }
        }
        epoch::run(self, data, labels, interrupt, progress)
    }

    fn check_data(&self, data: TrainingData<'_>, labels: &[u8]) -> Result<(), TrainError> {
        let pixels = self.shape.visible() - self.classes;
        let images = data.count(pixels)?;
        for (what, found) in [
            ("the training images", images),
            ("the labels", labels.len()),
        ] {
            if found != self.order.len() {
                let expected = self.order.len();
                return Err(bitspin_core::Error::Length {
                    what,
                    expected,
                    found,
                }
                .into());
            }
        }
        if labels
            .iter()
            .any(|&label| usize::from(label) >= self.classes)
        {
            return Err(bitspin_core::Error::OutOfRange {
                what: "a label",
                expected: "less than the number of classes",
            }
            .into());
        }
        Ok(())
    }
}
