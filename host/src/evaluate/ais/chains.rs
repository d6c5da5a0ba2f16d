//! Chains that are annealed together, with their buffers.

use bitspin_core::Error;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::ais::{Annealing, Chains, ChainsBuffers};
use bitspin_core::rng::ChainRng;

use crate::aligned::AlignedI16;

/// The buffers of some chains: about 5 kB per chain of 784 x 500 units.
pub(super) struct OwnedChains {
    visible: Vec<u64>,
    previous: Vec<u64>,
    hidden: Vec<u64>,
    previous_hidden: Vec<u64>,
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
    rngs: Vec<ChainRng>,
    ln_weights: Vec<f64>,
    row: AlignedI16,
    base_row: AlignedI16,
}

impl OwnedChains {
    pub(super) fn new(shape: Shape, rngs: &[ChainRng]) -> Self {
        let chains = rngs.len();
        let visible = vec![0; chains * shape.visible_words()];
        let hidden = vec![0; chains * shape.hidden_words()];
        let (hidden_stride, visible_stride) = (shape.hidden_stride(), shape.visible_stride());
        Self {
            previous: visible.clone(),
            visible,
            previous_hidden: hidden.clone(),
            hidden,
            hidden_fields: AlignedI16::zeros(chains * hidden_stride),
            visible_fields: AlignedI16::zeros(chains * visible_stride),
            rngs: rngs.to_vec(),
            ln_weights: vec![0.0; chains],
            row: AlignedI16::zeros(hidden_stride.max(visible_stride)),
            base_row: AlignedI16::zeros(visible_stride),
        }
    }

    pub(super) fn chains<'a>(
        &'a mut self,
        annealing: &'a Annealing<'a, AlignedI16>,
    ) -> Result<Chains<'a, AlignedI16>, Error> {
        let buffers = ChainsBuffers {
            visible: &mut self.visible,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            previous_hidden: &mut self.previous_hidden,
            hidden_fields: self.hidden_fields.as_mut(),
            visible_fields: self.visible_fields.as_mut(),
            rngs: &mut self.rngs,
            ln_weights: &mut self.ln_weights,
            row: self.row.as_mut(),
            base_row: self.base_row.as_mut(),
        };
        Chains::new(annealing, buffers)
    }

    pub(super) fn into_ln_weights(self) -> Vec<f64> {
        self.ln_weights
    }

    /// The visible units, and the generators as they are now.
    pub(super) fn into_states(self) -> (Vec<u64>, Vec<ChainRng>) {
        (self.visible, self.rngs)
    }
}
