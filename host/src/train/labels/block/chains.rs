//! The chains of the generative gradient, as a block's hidden units see them.

use bitspin_core::kernel::{self, Rows, padded};
use bitspin_core::rbm::train::Method;

use super::Block;
use crate::aligned::AlignedI16;

impl Block {
    /// Takes p(h|x, y) of every place's label down and draws h; unless chains persist, which then go on.
    pub(in super::super) fn begin(
        &mut self,
        labels: impl Iterator<Item = usize>,
        method: Method,
        bits: u32,
    ) {
        let (stride, width, pixels) = (self.stride, self.units.div_ceil(64), self.pixels());
        let fresh = method == Method::ContrastiveDivergence || !self.started;
        let places = self.fields.as_ref().chunks_exact(stride);
        let chains = self.hidden.chunks_exact_mut(width).zip(&mut self.rngs);
        let targets = self.positive.as_mut().chunks_exact_mut(stride);
        for (((fields, p), (hidden, rng)), label) in places.zip(targets).zip(chains).zip(labels) {
            let row = &self.to_hidden.as_ref()[(pixels + label) * stride..][..stride];
            let labelled = self.labelled.as_mut();
            for ((target, field), weight) in labelled.iter_mut().zip(fields).zip(row) {
                *target = field.wrapping_add(*weight);
            }
            if fresh {
                kernel::sample_with_probabilities(labelled, bits, self.units, rng, hidden, p);
            } else {
                kernel::probabilities(labelled, bits, self.units, rng, p);
            }
        }
        self.started = true;
    }

    /// Adds what the drawn hidden units give to the fields of visible units, \[place\]\[visible stride\].
    pub(in super::super) fn contribute(&self, fields: &mut [i16]) {
        let stride = padded(self.visible);
        let rows = Rows {
            weights: self.to_visible.as_ref(),
            stride,
            width: self.visible,
        };
        let width = self.units.div_ceil(64);
        kernel::add_set_rows(
            &rows,
            width,
            &self.hidden[..fields.len() / stride * width],
            fields,
        );
    }

    /// Goes on from the chains' visible units: draws h, and at the last step takes p(h|chain) down.
    pub(in super::super) fn go_on(&mut self, chain: &[u64], words: usize, last: bool, bits: u32) {
        let (stride, width) = (self.stride, self.units.div_ceil(64));
        let mut fields = std::mem::replace(&mut self.chain_fields, AlignedI16::zeros(0));
        self.add_fields(
            chain,
            words,
            &mut fields.as_mut()[..chain.len() / words * stride],
        );
        self.chain_fields = fields;
        let places = self.chain_fields.as_ref().chunks_exact(stride);
        let chains = self.hidden.chunks_exact_mut(width).zip(&mut self.rngs);
        let targets = self.negative.as_mut().chunks_exact_mut(stride);
        for (((fields, q), (hidden, rng)), _) in
            places.zip(targets).zip(chains).zip(0..chain.len() / words)
        {
            if last {
                kernel::sample_with_probabilities(fields, bits, self.units, rng, hidden, q);
                q.iter_mut().for_each(|q| *q = -*q);
            } else {
                kernel::sample(fields, bits, self.units, rng, hidden);
            }
        }
    }
}
