//! The hidden layer given data: its probabilities, and states drawn from them.

use bitspin_core::Error;
use bitspin_core::kernel::softplus::{self, sigmoids};
use bitspin_core::rbm::labels::{Labelled, set_label};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::fields::{FieldTable, TILE};
use super::labels::{log_sum_exp, softmax};
use super::{BLOCK, check_units, over_blocks};
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::engine::{Engine, parameters};
use crate::model_file::{LabelledParameters, RbmParameters};

/// p(h|v) of a model, prepared for many images.
///
/// Of a model with label units that is p(h|x) = sum_y p(y|x) p(h|x, y): labels are not given, and summed over.
pub struct HiddenLayer {
    table: FieldTable,
    visible: usize,
    hidden: usize,
    /// \[class\]; none in a model without label units.
    classes: Vec<Class>,
}

/// What a label adds to the model of the pixels.
struct Class {
    bias: f64,
    /// \[tile\]\[lane\], zero in the padding.
    weights: Vec<[f64; TILE]>,
}

impl HiddenLayer {
    /// The hidden layer of a model without label units. O(visible x hidden).
    ///
    /// # Errors
    /// [`Error`] if the model's shapes disagree or a parameter is not finite.
    pub fn new(model: &RbmParameters) -> Result<Self, Error> {
        parameters(model)?.check()?;
        Ok(Self {
            table: FieldTable::new(model),
            visible: model.visible,
            hidden: model.hidden,
            classes: Vec::new(),
        })
    }

    /// The hidden layer of a model with label units.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_labels(model: &LabelledParameters) -> Result<Self, Error> {
        let (joint, pixels) = (&model.joint, model.pixels());
        parameters(joint)?.check()?;
        let rows = joint.w.chunks_exact(joint.visible);
        let mut layer = Self::new(&model.pixels_alone())?;
        layer.classes = (0..model.classes)
            .map(|class| {
                let mut weights = vec![[0.0; TILE]; layer.table.tiles()];
                for (j, row) in rows.clone().enumerate() {
                    weights[j / TILE][j % TILE] = f64::from(row[pixels + class]);
                }
                let bias = f64::from(model.class_bias(class));
                Class { bias, weights }
            })
            .collect();
        Ok(layer)
    }

    /// Hidden units.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// The probabilities of every image, \[image\]\[hidden\], from float32 parameters in float64 and rounded to float32.
    /// O(set pixels x hidden) per image, with label units also O(classes x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] if images are of another number of units than the model.
    pub fn probabilities(&self, images: &BitMatrix, threads: usize) -> Result<Vec<f32>, Error> {
        check_units(self.visible, images)?;
        let words = images.words_per_row();
        let found = over_blocks(images, threads, Vec::new, |fields, block| {
            let mut found = Vec::with_capacity(BLOCK * self.hidden);
            for image in block.chunks_exact(words) {
                fields.clear();
                fields.extend((0..self.table.tiles()).map(|tile| self.table.fields(tile, image)));
                self.of_fields(fields, &mut found);
            }
            found
        });
        Ok(found)
    }

    /// Appends the probabilities that follow from an image's fields.
    fn of_fields(&self, fields: &[[f64; TILE]], found: &mut Vec<f32>) {
        let end = found.len() + self.hidden;
        let shares = softmax(&self.logits(fields));
        for (tile, fields) in fields.iter().enumerate() {
            let mut p = [0.0; TILE];
            if self.classes.is_empty() {
                sigmoids(fields, 1.0, &mut p);
            }
            for (class, share) in self.classes.iter().zip(&shares) {
                let added = sum(fields, &class.weights[tile]);
                sigmoids(&added, *share, &mut p);
            }
            found.extend(p.map(|p| p as f32));
        }
        found.truncate(end);
    }

    /// ln p(y|x) and what is common to all labels; nothing without label units.
    fn logits(&self, fields: &[[f64; TILE]]) -> Vec<f64> {
        let of = |class: &Class| {
            let tiles = fields.iter().zip(&class.weights);
            let sums = tiles.map(|(fields, weights)| softplus::sum(&sum(fields, weights)));
            class.bias + sums.sum::<f64>()
        };
        self.classes.iter().map(of).collect()
    }
}

fn sum(fields: &[f64; TILE], weights: &[f64; TILE]) -> [f64; TILE] {
    std::array::from_fn(|lane| fields[lane] + weights[lane])
}

/// Hidden states of data, drawn by the quantised model: the same on every machine and at any number of threads.
pub struct HiddenStates<'a> {
    engine: &'a Engine,
    /// 0 of a model without label units.
    classes: usize,
    streams: Streams,
}

impl<'a> HiddenStates<'a> {
    /// States drawn from a seed, by the model of pixels and `classes` label units (0 for none). Image `k`, counted over all
    /// calls, draws from chain `k` of the seed.
    #[must_use]
    pub fn new(engine: &'a Engine, classes: usize, seed: u64) -> Self {
        Self {
            engine,
            classes,
            streams: Streams::new(seed, Purpose::Chains),
        }
    }

    /// Draws h from p(h|v) for every image, packed, an image after the other. With label units a label is drawn from p(y|x)
    /// first, and h from p(h|x, y).
    ///
    /// # Errors
    /// [`Error`] if images are of another number of units than the model.
    pub fn draw(&mut self, images: &BitMatrix) -> Result<Vec<u64>, Error> {
        let shape = self.engine.shape();
        let pixels = shape.visible() - self.classes;
        check_units(pixels, images)?;
        let mut rngs: Vec<_> = images.iter().map(|_| self.streams.next_chain()).collect();
        let mut fields = AlignedI16::zeros(shape.hidden_stride());
        let mut hidden = vec![0; images.count() * shape.hidden_words()];
        let labelled = match self.classes {
            0 => None,
            classes => Some(Labelled::new(self.engine, classes)?),
        };
        let (mut joint, mut logits) = (vec![0; shape.visible_words()], vec![0; self.classes]);
        let rows = images
            .iter()
            .zip(hidden.chunks_exact_mut(shape.hidden_words()));
        for ((image, hidden), rng) in rows.zip(rngs.chunks_mut(1)) {
            joint.fill(0);
            joint[..image.len()].copy_from_slice(image);
            if let Some(labelled) = &labelled {
                labelled.logits(image, fields.as_mut(), &mut logits)?;
                let nats: Vec<f64> = logits.iter().map(|&logit| labelled.nats(logit)).collect();
                let class = draw(&nats, share(&mut rng[0]));
                set_label(&mut joint, pixels, self.classes, class)?;
            }
            self.engine
                .sample_hidden(&joint, fields.as_mut(), rng, hidden)?;
        }
        Ok(hidden)
    }
}

/// A number from 0 to below 1, of 32 random bits.
fn share(rng: &mut ChainRng) -> f64 {
    let draw = rng.step();
    let random = u32::from(draw.upper[0]) << 16 | u32::from(draw.lower[0]);
    f64::from(random) / 4_294_967_296.0
}

/// The class below whose cumulative probability `share`, from 0 to below 1, falls.
fn draw(logits: &[f64], share: f64) -> usize {
    let ln_sum = log_sum_exp(logits);
    let mut below = 0.0;
    let last = logits.len().saturating_sub(1);
    let found = logits.iter().position(|logit| {
        below += libm::exp(logit - ln_sum);
        share < below
    });
    found.unwrap_or(last)
}
