//! Multinomial logistic regression on the hidden probabilities of a model without label units.
//!
//! Written here because no crate served: `smartcore` runs up to 1,000 iterations that cannot be limited, element by
//! element; `linfa-logistic` brings forty crates and float64 copies of all features, a quarter of a gigabyte for MNIST.

use bitspin_core::Error;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use super::{BLOCK, Logits, check_units, over_blocks};
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::engine::{Engine, FITS};

/// Lanes whose sums are taken apart, so that a dot product fills vectors; the order of additions is fixed.
const LANES: usize = 16;

/// Images of a minibatch, its rate at first, what is kept of the velocity, and passes over the images.
const BATCH: usize = 64;
const RATE: f32 = 0.1;
const MOMENTUM: f32 = 0.9;
const PASSES: usize = 30;

/// p(h|v) of every image, `[image][hidden]`: the features that a classifier is fitted to.
///
/// # Errors
/// [`Error::Length`] if images are of another number of units than the model.
pub fn hidden_probabilities(
    engine: &Engine,
    images: &BitMatrix,
    threads: usize,
) -> Result<Vec<f32>, Error> {
    let shape = engine.shape();
    check_units(shape.visible(), images)?;
    let features = over_blocks(
        images,
        threads,
        || AlignedI16::zeros(BLOCK * shape.hidden_stride()),
        |fields, block| {
            let count = block.len() / images.words_per_row();
            let fields = &mut fields.as_mut()[..count * shape.hidden_stride()];
            engine.hidden_fields(block, fields).expect(FITS);
            let mut row = vec![0; shape.hidden()];
            let mut features = Vec::with_capacity(count * shape.hidden());
            for fields in fields.chunks_exact(shape.hidden_stride()) {
                engine.probabilities(fields, &mut row).expect(FITS);
                features.extend(row.iter().map(|&p| f32::from(p) * (1.0 / 65_536.0)));
            }
            features
        },
    );
    Ok(features)
}

/// p(y|h) = softmax(V h + a).
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticRegression {
    classes: usize,
    features: usize,
    /// \[class\]\[features\].
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl LogisticRegression {
    /// Fits by stochastic gradient descent with momentum, at a rate that falls to zero: thirty passes, in an order drawn
    /// for each. One thread; equal arguments give equal bits. O(images x features x classes).
    ///
    /// # Panics
    /// If there are not as many features as labels ask for, or a label is no class.
    #[must_use]
    pub fn fit(features: &[f32], labels: &[u8], classes: usize, seed: u64) -> Self {
        let width = features.len() / labels.len().max(1);
        assert_eq!(
            features.len(),
            width * labels.len(),
            "whole rows of features"
        );
        let mut model = Self {
            classes,
            features: width,
            weights: vec![0.0; classes * width],
            bias: vec![0.0; classes],
        };
        let mut velocity = model.clone();
        let mut random = Streams::new(seed, Purpose::Training).next_stream();
        let mut order: Vec<usize> = (0..labels.len()).collect();
        for pass in 0..PASSES {
            for last in (1..order.len()).rev() {
                let draw = (u64::from(random.next_u32()) * (last as u64 + 1)) >> 32;
                order.swap(last, draw as usize);
            }
            let rate = RATE * (1.0 - pass as f32 / PASSES as f32);
            for batch in order.chunks(BATCH) {
                model.step(&mut velocity, features, labels, batch, rate);
            }
        }
        model
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// One minibatch.
    fn step(
        &mut self,
        velocity: &mut Self,
        features: &[f32],
        labels: &[u8],
        batch: &[usize],
        rate: f32,
    ) {
        for v in velocity.weights.iter_mut().chain(&mut velocity.bias) {
            *v *= MOMENTUM;
        }
        for &image in batch {
            let row = &features[image * self.features..][..self.features];
            let p = crate::evaluate::labels::softmax(&self.logits_of(row));
            for (y, p) in p.iter().enumerate() {
                let truth = usize::from(labels[image]);
                let lacking = (f64::from(u8::from(y == truth)) - p) as f32;
                let change = lacking * rate / batch.len() as f32;
                let target = &mut velocity.weights[y * self.features..][..self.features];
                target
                    .iter_mut()
                    .zip(row)
                    .for_each(|(v, x)| *v += change * x);
                velocity.bias[y] += change;
            }
        }
        let weights = self.weights.iter_mut().zip(&velocity.weights);
        let biases = self.bias.iter_mut().zip(&velocity.bias);
        weights.chain(biases).for_each(|(w, v)| *w += v);
    }

    fn logits_of(&self, row: &[f32]) -> Vec<f64> {
        let classes = self.weights.chunks_exact(self.features).zip(&self.bias);
        classes
            .map(|(weights, bias)| f64::from(dot(weights, row) + bias))
            .collect()
    }

    /// The logits of rows of features.
    ///
    /// # Errors
    /// [`Error::Length`] if the rows are not whole.
    pub fn logits(&self, features: &[f32]) -> Result<Logits, Error> {
        let width = self.features;
        if let Some(found @ 1..) = features.len().checked_rem(width) {
            return Err(Error::Length {
                what: "the last row of features",
                expected: width,
                found,
            });
        }
        let rows = features.chunks(width.max(1));
        Logits::new(
            self.classes,
            rows.flat_map(|row| self.logits_of(row)).collect(),
        )
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two overlapping classes in one feature: the fit is where the gradient of the likelihood vanishes.
    #[test]
    fn the_fit_is_the_maximum_of_the_likelihood() {
        let counts = [(0.0, 0, 300), (0.0, 1, 100), (1.0, 0, 50), (1.0, 1, 150)];
        let rows = counts
            .iter()
            .flat_map(|&(x, y, n)| std::iter::repeat_n((x, y), n));
        let (features, labels): (Vec<f32>, Vec<u8>) = rows.unzip();
        let model = LogisticRegression::fit(&features, &labels, 2, 1);
        let p = |x: f32| {
            let logits = model.logits(&[x]).unwrap();
            crate::evaluate::labels::softmax(logits.iter().next().unwrap())[1]
        };
        assert!(
            (p(0.0) - 0.25).abs() < 0.01 && (p(1.0) - 0.75).abs() < 0.01,
            "{} {}",
            p(0.0),
            p(1.0)
        );
        assert_eq!(model, LogisticRegression::fit(&features, &labels, 2, 1));
    }

    #[test]
    fn dot_products_have_a_rest() {
        let row: Vec<f32> = (0..35).map(|k| k as f32).collect();
        assert_eq!(
            dot(&row, &row),
            (0..35).map(|k| (k * k) as f32).sum::<f32>()
        );
    }
}
