//! One thread's places of the minibatch, with storage of their own.

use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Places, PlacesBuffers};
use bitspin_core::rng::ChainRng;

use crate::aligned::AlignedI16;

/// The buffers of some places of the minibatch.
#[derive(Debug)]
pub(super) struct OwnedPlaces {
    shape: Shape,
    /// The first place's number within the minibatch.
    pub(super) first: usize,
    pub(super) data: Vec<u64>,
    pub(super) chain: Vec<u64>,
    fields: AlignedI16,
    pub(super) rngs: Vec<ChainRng>,
}

impl OwnedPlaces {
    /// Places `first..first + rngs.len()`.
    pub(super) fn new(shape: Shape, first: usize, rngs: Vec<ChainRng>) -> Self {
        Self {
            shape,
            first,
            data: vec![0; rngs.len() * shape.visible_words()],
            chain: vec![0; rngs.len() * shape.visible_words()],
            fields: AlignedI16::zeros(shape.visible_stride()),
            rngs,
        }
    }

    /// The places as the core works on them.
    pub(super) fn view(&mut self) -> Places<'_> {
        let buffers = PlacesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            fields: self.fields.as_mut(),
            rngs: &mut self.rngs,
        };
        Places::new(self.shape, buffers).expect("the buffers were made for this shape")
    }

    /// How many of a minibatch's `items` fall to these places.
    pub(super) fn share(&self, items: usize) -> usize {
        items.saturating_sub(self.first).min(self.rngs.len())
    }
}
