//! Golden vectors of RBMs with label units.

use bitspin_core::Error;
use bitspin_core::rbm::compact::CompactLabelled;
use bitspin_core::rbm::labels::{self, Labelled};

use super::Digest;
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::engine::Engine;
use crate::firmware::rbm::desktop;

/// The host's engine of a classifier.
#[derive(Clone, Debug)]
pub struct Judge {
    engine: Engine,
    fields: AlignedI16,
    logits: Vec<i64>,
}

impl Judge {
    /// The small numbers in the desktop's engine. O(visible x hidden).
    ///
    /// # Errors
    /// None that a valid model can cause; the core's checks are repeated.
    pub fn new(model: &CompactLabelled<&[u8], &[i16]>) -> Result<Self, Error> {
        let engine = desktop(model.rbm())?;
        Labelled::new(&engine, model.classes())?;
        Ok(Self {
            fields: AlignedI16::zeros(engine.shape().hidden_stride()),
            logits: vec![0; model.classes()],
            engine,
        })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The logits of packed pixels in 2^-16 nat.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of pixels.
    pub fn logits(&mut self, pixels: &[u64]) -> Result<&[i64], Error> {
        let model = Labelled::new(&self.engine, self.logits.len())?;
        model.logits(pixels, self.fields.as_mut(), &mut self.logits)?;
        Ok(&self.logits)
    }

    /// The energy E(x), in 2^-16 nat, that a share of images is above (fewer, where some are equal).
    ///
    /// # Errors
    /// [`Error::Length`] for images of another number of pixels.
    pub fn threshold(&mut self, images: &BitMatrix, share: f64) -> Result<i64, Error> {
        let energies = images.iter();
        let energies = energies.map(|image| self.logits(image).map(labels::energy_fixed));
        Ok(super::above(energies.collect::<Result<_, _>>()?, share))
    }
}

/// Images and their classification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelVectors {
    /// An energy above this, in 2^-16 nat, is an anomaly.
    pub threshold: i64,
    /// Packed pixels.
    pub images: Vec<Vec<u64>>,
    /// Their logits in 2^-16 nat, \[image\]\[class\].
    pub logits: Vec<Vec<i64>>,
    /// Their classes.
    pub classes: Vec<usize>,
    /// Their energies in 2^-16 nat.
    pub energies: Vec<i64>,
    /// Over all logits.
    pub digest: u64,
}

impl LabelVectors {
    /// Judges images on the desktop.
    ///
    /// # Errors
    /// [`Error::Length`] for images of another number of pixels.
    pub fn judge(judge: &mut Judge, images: Vec<Vec<u64>>, threshold: i64) -> Result<Self, Error> {
        let mut digest = Digest::default();
        let logits = images
            .iter()
            .map(|image| judge.logits(image).map(<[i64]>::to_vec))
            .collect::<Result<Vec<_>, _>>()?;
        for logit in logits.iter().flatten() {
            digest.add(&[*logit as u64]);
        }
        Ok(Self {
            threshold,
            images,
            classes: logits.iter().map(|logits| labels::class(logits)).collect(),
            energies: logits
                .iter()
                .map(|logits| labels::energy_fixed(logits))
                .collect(),
            logits,
            digest: digest.value(),
        })
    }
}
