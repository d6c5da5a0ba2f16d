//! The RBM of a server.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::blob::Blob;
use bitspin_core::rbm::CompactRbm;
use bitspin_core::rbm::compact::Chain;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{WORDS, checksum, weights};
use crate::{MAX_STATE, RbmInfo, Refusal, Start, state_len, to_words};

/// An RBM to serve, and its chain.
#[derive(Debug)]
pub struct Rbm<'a> {
    pub(super) model: CompactRbm<&'a [u8], &'a [i16]>,
    pub(super) threshold: i64,
    pub(super) fields: &'a mut [i16],
    chain: ChainRng,
    pub(super) steps: u64,
    pub(super) visible: [u64; WORDS],
    pub(super) hidden: [u64; WORDS],
}

impl<'a> Rbm<'a> {
    /// An RBM with a threshold for its free energy in 2^-16 nat; `fields` has
    /// [`fields_len`](CompactRbm::fields_len) numbers.
    ///
    /// # Errors
    /// [`Error`] if there are not as many fields, or the two layers' states are longer than a message.
    pub fn new(
        rbm: CompactRbm<&'a [u8], &'a [i16]>,
        threshold: i64,
        fields: &'a mut [i16],
    ) -> Result<Self, Error> {
        let shape = rbm.shape();
        if fields.len() != rbm.fields_len() {
            return Err(Error::Length {
                what: "fields",
                expected: rbm.fields_len(),
                found: fields.len(),
            });
        }
        if state_len(shape.visible()) + state_len(shape.hidden()) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        Ok(Self {
            model: rbm,
            threshold,
            fields,
            chain: Streams::new(0, Purpose::Chains).next_chain(),
            steps: 0,
            visible: [0; WORDS],
            hidden: [0; WORDS],
        })
    }

    pub(super) fn begin(&mut self, start: Start<'_>) -> Result<(), Refusal> {
        to_words(
            self.model.shape().visible(),
            start.visible,
            &mut self.visible,
        )?;
        self.chain = Streams::new(start.seed, Purpose::Chains).next_chain();
        self.steps = 0;
        self.hidden = [0; WORDS];
        Ok(())
    }

    pub(super) fn walk(&mut self, steps: u32) -> Result<(), Error> {
        let shape = self.model.shape();
        let visible = self.visible.get_mut(..shape.visible_words());
        let hidden = self.hidden.get_mut(..shape.hidden_words());
        let visible = Bits::new(shape.visible(), visible.unwrap_or_default())?;
        let hidden = Bits::new(shape.hidden(), hidden.unwrap_or_default())?;
        let rng = self.chain.clone();
        let mut chain = Chain::new(&self.model, visible, hidden, &mut *self.fields, rng)?;
        for _ in 0..steps {
            chain.step();
        }
        self.chain = chain.rng().clone();
        self.steps += u64::from(steps);
        Ok(())
    }

    /// The free energy of packed visible units.
    pub(super) fn score(&mut self, visible: &[u64; WORDS]) -> Result<i64, Error> {
        let shape = self.model.shape();
        let visible = visible.get(..shape.visible_words());
        let visible = Bits::new(shape.visible(), visible.unwrap_or_default())?;
        let fields = self.fields.get_mut(..shape.hidden());
        self.model
            .free_energy_fixed(&visible, fields.unwrap_or_default())
    }

    pub(super) fn info(&self) -> RbmInfo {
        let shape = self.model.shape();
        RbmInfo {
            visible: shape.visible() as u32,
            hidden: shape.hidden() as u32,
            weights: weights(self.model.format().weights),
            threshold: self.threshold,
            crc: checksum(&Blob::Rbm(self.model)),
        }
    }
}
