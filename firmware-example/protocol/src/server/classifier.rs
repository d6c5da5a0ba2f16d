//! The classifier of a server: an RBM with label units.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::Blob;
use bitspin_core::rbm::compact::CompactLabelled;

use super::{WORDS, checksum, weights};
use crate::{ClassifierInfo, MAX_CLASSES, MAX_STATE, Refusal, state_len, to_words};

/// An RBM with label units to serve.
#[derive(Debug)]
pub struct Classifier<'a> {
    pub(super) model: CompactLabelled<&'a [u8], &'a [i16]>,
    pub(super) threshold: i64,
    fields: &'a mut [i16],
    pub(super) logits: [i64; MAX_CLASSES],
}

impl<'a> Classifier<'a> {
    /// A classifier with a threshold for its energy E(x) in 2^-16 nat; `fields` has one number per hidden unit.
    ///
    /// # Errors
    /// [`Error`] if there are not as many fields, more than [`MAX_CLASSES`] labels, or more pixels than a message has.
    pub fn new(
        model: CompactLabelled<&'a [u8], &'a [i16]>,
        threshold: i64,
        fields: &'a mut [i16],
    ) -> Result<Self, Error> {
        let hidden = model.rbm().shape().hidden();
        if fields.len() != hidden {
            return Err(Error::Length {
                what: "fields",
                expected: hidden,
                found: fields.len(),
            });
        }
        if model.classes() > MAX_CLASSES || state_len(model.pixels()) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        Ok(Self {
            model,
            threshold,
            fields,
            logits: [0; MAX_CLASSES],
        })
    }

    /// The packed pixels of a message.
    pub(super) fn pixels(&self, visible: &[u8]) -> Result<[u64; WORDS], Refusal> {
        let mut words = [0; WORDS];
        to_words(self.model.pixels(), visible, &mut words)?;
        Ok(words)
    }

    /// The logits.
    pub(super) fn judge(&mut self, pixels: &[u64; WORDS]) -> Result<&[i64], Error> {
        let (units, logits) = (self.model.pixels(), &mut self.logits);
        let x = Bits::new(units, pixels.get(..words(units)).unwrap_or_default())?;
        let logits = logits.get_mut(..self.model.classes()).unwrap_or_default();
        self.model.logits(&x, self.fields, logits)?;
        Ok(logits)
    }

    pub(super) fn info(&self) -> ClassifierInfo {
        let rbm = self.model.rbm();
        ClassifierInfo {
            pixels: self.model.pixels() as u32,
            classes: self.model.classes() as u32,
            hidden: rbm.shape().hidden() as u32,
            weights: weights(rbm.format().weights),
            threshold: self.threshold,
            crc: checksum(&Blob::Labelled(self.model)),
        }
    }
}
