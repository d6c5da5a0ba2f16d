//! Contrastive divergence and its persistent form.

use super::{HiddenUnits, Samples};
use crate::rbm::{Groups, Weights};

/// Where the negative chains start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Contrastive divergence (Hinton 2002): every chain starts at its datum.
    ContrastiveDivergence,
    /// Persistent contrastive divergence (Tieleman 2008): chains go on from where the last minibatch left them.
    Persistent,
}

impl Method {
    /// Whether Gibbs step `step`, from 0, reconstructs the data.
    #[must_use]
    pub fn reconstructs(self, step: usize) -> bool {
        step == 0 && self == Self::ContrastiveDivergence
    }
}

/// Runs the chains of the first `count` samples for `steps` Gibbs steps, and keeps the statistics in `hidden`, which has the
/// hidden units of the whole model. Returns the sum over visible units and samples of (v - p(v|h))^2 in 2^-24, of the
/// reconstruction of the data by one step; persistent chains reconstruct nothing, and return 0.
///
/// Threads that share a minibatch take the same steps apart: see [the module](super).
pub fn contrast(
    samples: &mut Samples<'_>,
    hidden: &mut HiddenUnits<'_>,
    weights: &Weights<'_>,
    method: Method,
    steps: usize,
    count: usize,
) -> u64 {
    let (shard, bits) = (weights.shard(), weights.fraction_bits());
    let groups = Groups::all_binary(weights.shape());
    hidden.take_data(0, samples.data());
    hidden.positive(&shard, bits, method, count);
    let mut error = 0;
    for step in 0..steps {
        hidden.contribute(&shard, weights.visible_bias(), count);
        error += samples.draw_chains(
            (&[], &[hidden.visible_fields()]),
            &groups,
            bits,
            method,
            step,
            count,
        );
        hidden.take_chains(0, samples.chain());
        hidden.move_fields(&shard, method, step, count);
        if step + 1 < steps {
            hidden.draw(bits, count);
        } else {
            hidden.negative(bits, method, count);
        }
    }
    error
}
