//! Class probabilities of a model with label units.

use bitspin_core::Error;
use bitspin_core::rbm::labels::Labelled;

use super::{BLOCK, over_blocks};
use crate::BitMatrix;
use crate::engine::{Engine, FITS};
use crate::model_file::LabelledParameters;

/// The logits of images, in nats, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    classes: usize,
    /// \[image\]\[class\].
    values: Vec<f64>,
}

impl Logits {
    /// Takes logits, \[image\]\[class\].
    ///
    /// # Errors
    /// [`Error::Empty`] if there are none, [`Error::Length`] if the last image's are not whole.
    pub fn new(classes: usize, values: Vec<f64>) -> Result<Self, Error> {
        if classes == 0 || values.is_empty() {
            return Err(Error::Empty { what: "the logits" });
        }
        match values.len() % classes {
            0 => Ok(Self { classes, values }),
            found => Err(Error::Length {
                what: "the last image's logits",
                expected: classes,
                found,
            }),
        }
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of images.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len() / self.classes
    }

    /// The logits of one image after another.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.classes)
    }

    /// The class of the largest logit of every image, the first of several.
    #[must_use]
    pub fn predictions(&self) -> Vec<usize> {
        let best = |logits: &[f64]| {
            let better = |best: usize, y: usize| if logits[y] > logits[best] { y } else { best };
            (0..logits.len()).fold(0, better)
        };
        self.iter().map(best).collect()
    }

    /// p(y|x) at a temperature, exp(logits_y / T) / sum_k exp(logits_k / T), of every image.
    pub fn probabilities(&self, temperature: f64) -> impl Iterator<Item = Vec<f64>> + '_ {
        self.iter().map(move |logits| {
            let cooled: Vec<f64> = logits.iter().map(|z| z / temperature).collect();
            softmax(&cooled)
        })
    }

    /// E(x) = -ln sum_y exp(logits_y) of every image, in nats.
    #[must_use]
    pub fn energies(&self) -> Vec<f64> {
        self.iter().map(|logits| -log_sum_exp(logits)).collect()
    }
}

/// ln sum exp, relative to the largest.
pub(super) fn log_sum_exp(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + values.iter().map(|z| libm::exp(z - most)).sum::<f64>().ln()
}

/// exp(z_y) / sum_k exp(z_k).
pub(super) fn softmax(logits: &[f64]) -> Vec<f64> {
    let ln_sum = log_sum_exp(logits);
    logits.iter().map(|z| libm::exp(z - ln_sum)).collect()
}

/// -F(x, y) of every image and class, from the quantised model in integers: the same on every machine.
/// O(hidden x (set pixels + classes)) an image.
///
/// # Errors
/// [`Error`] if there are no classes or no pixels besides, or images are of another number of pixels.
pub fn logits(
    engine: &Engine,
    classes: usize,
    images: &BitMatrix,
    threads: usize,
) -> Result<Logits, Error> {
    let model = Labelled::new(engine, classes)?;
    super::check_units(model.pixels(), images)?;
    let words = images.words_per_row();
    let logits = over_blocks(
        images,
        threads,
        || (vec![0; engine.shape().hidden_stride()], vec![0; classes]),
        |(fields, logits), block| {
            let mut values = Vec::with_capacity(BLOCK * classes);
            for image in block.chunks_exact(words) {
                model.logits(image, fields, logits).expect(FITS);
                values.extend(logits.iter().map(|&logit| model.nats(logit)));
            }
            values
        },
    );
    Logits::new(classes, logits)
}

/// ln Z of pixels and labels together, exactly: ln sum_y exp(d_y) Z_y, where Z_y is that of the model that label y
/// makes. Costs as many enumerations as there are classes.
///
/// # Errors
/// As [`ln_z`](super::ln_z).
pub fn labelled_ln_z(model: &LabelledParameters, threads: usize) -> Result<f64, Error> {
    let of_class = |class| {
        let ln_z = super::ln_z(&model.given(class), threads)?;
        Ok(ln_z + f64::from(model.class_bias(class)))
    };
    let parts = (0..model.classes)
        .map(of_class)
        .collect::<Result<Vec<f64>, Error>>()?;
    Ok(log_sum_exp(&parts))
}
