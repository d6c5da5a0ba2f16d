//! One thread's shard of hidden units: parameters, states in every sample of the minibatch, generators.

use std::ops::Range;

use bitspin_core::Error;
use bitspin_core::kernel::padded;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Centring, HiddenUnits, Method, Shard, ShardBuffers};
use bitspin_core::rng::ChainRng;

use super::minibatch::{OwnedClassUnits, OwnedHiddenUnits, OwnedSamples};
use crate::aligned::{AlignedF32, AlignedI16};
use crate::model_file::RbmParameters;

/// A shard and its hidden units' states.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) shard: Shard<AlignedF32, AlignedI16>,
    pub(super) hidden: OwnedHiddenUnits,
    /// With a discriminative gradient.
    pub(super) classes: Option<OwnedClassUnits>,
    /// The generators as they were before the positive phase, which may have to be repeated.
    before: Vec<ChainRng>,
    pub(super) centring: OwnedCentring,
}

/// The buffers of a shard's [`Centring`].
#[derive(Debug)]
pub(super) struct OwnedCentring {
    pub(super) hidden_means: AlignedF32,
    offsets: AlignedI16,
    differences: AlignedF32,
    projections: AlignedF32,
}

impl OwnedCentring {
    fn new(units: usize) -> Self {
        let mut hidden_means = AlignedF32::zeros(padded(units));
        hidden_means.as_mut()[..units].fill(0.5);
        Self {
            differences: hidden_means.clone(),
            projections: hidden_means.clone(),
            hidden_means,
            offsets: AlignedI16::zeros(padded(units)),
        }
    }

    /// The buffers as the core works on them, with the means of the visible units and room for [`Centring::shares`].
    pub(super) fn view<'a>(
        &'a mut self,
        visible_means: &'a [f32],
        shares: &'a mut [i64],
    ) -> Centring<'a> {
        Centring {
            visible_means,
            hidden_means: self.hidden_means.as_mut(),
            offsets: self.offsets.as_mut(),
            differences: self.differences.as_mut(),
            projections: self.projections.as_mut(),
            shares,
        }
    }
}

/// What a minibatch's first phases need to know of the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub(super) fraction_bits: u32,
    pub(super) method: Method,
    /// Whether the gradient has a contrastive part.
    pub(super) generative: bool,
    /// Samples of the minibatch.
    pub(super) count: usize,
}

impl Worker {
    /// The hidden units `range` of a model that starts at `initial`, with that velocity where there is momentum, one
    /// generator for each word of them; and with a discriminative gradient where there is a group to tell.
    pub(super) fn new(
        shape: Shape,
        initial: &RbmParameters,
        range: Range<usize>,
        velocity: Option<&RbmParameters>,
        target: Option<Range<usize>>,
        samples: usize,
        rngs: Vec<ChainRng>,
    ) -> Result<Self, Error> {
        let shard = new_shard(shape, initial, range, velocity)?;
        let units = shard.units();
        Ok(Self {
            hidden: OwnedHiddenUnits::new(shape, units, samples, rngs),
            classes: target.map(|target| OwnedClassUnits::new(shape, units, samples, target)),
            before: Vec::new(),
            centring: OwnedCentring::new(units),
            shard,
        })
    }

    /// Copies the data of some samples.
    pub(super) fn take_data(&mut self, samples: &OwnedSamples) {
        self.hidden.view().take_data(samples.first, &samples.data);
    }

    /// The positive phase, and what the hidden units contribute to the visible fields, from `bias` on; see
    /// [`HiddenUnits::contribute`].
    pub(super) fn positive(&mut self, bias: &[i16], phase: Phase) {
        let Phase {
            fraction_bits,
            method,
            generative,
            count,
        } = phase;
        self.before.clone_from(&self.hidden.rngs);
        let weights = self.shard.quantised();
        let mut hidden = self.hidden.view();
        if generative {
            hidden.positive(&weights, fraction_bits, method, count);
            hidden.contribute(&weights, bias, count);
        } else {
            hidden.see(&weights, count);
        }
        if let Some(classes) = &mut self.classes {
            classes.view().see(&hidden, &weights, fraction_bits, count);
        }
    }

    /// Goes back to before [`Self::positive`], and takes another format.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        self.hidden.rngs.clone_from(&self.before);
        self.shard.requantise(fraction_bits);
    }

    /// Copies the chains of some samples.
    pub(super) fn take_chains(&mut self, samples: &OwnedSamples) {
        self.hidden
            .view()
            .take_chains(samples.first, &samples.chain);
    }

    /// Gibbs step `step`, from 0, from the chains' visible units on, where it is not the last.
    pub(super) fn step(&mut self, bias: &[i16], phase: Phase, step: usize) {
        let weights = self.shard.quantised();
        let mut hidden: HiddenUnits<'_> = self.hidden.view();
        hidden.move_fields(&weights, phase.method, step, phase.count);
        hidden.draw(phase.fraction_bits, phase.count);
        hidden.contribute(&weights, bias, phase.count);
    }
}

/// A shard of `range`'s hidden units that starts from `initial`, and moves with `velocity`.
fn new_shard(
    shape: Shape,
    initial: &RbmParameters,
    range: Range<usize>,
    velocity: Option<&RbmParameters>,
) -> Result<Shard<AlignedF32, AlignedI16>, Error> {
    let (visible, units) = (shape.visible(), range.len());
    let stride = padded(units);
    let rows = visible * stride;
    let transposed = |w: &[f32]| {
        let mut weights = AlignedF32::zeros(rows);
        for (i, row) in weights.as_mut().chunks_exact_mut(stride).enumerate() {
            for (weight, j) in row.iter_mut().zip(range.clone()) {
                *weight = w[j * visible + i];
            }
        }
        weights
    };
    let part = |biases: &[f32]| {
        let mut bias = AlignedF32::zeros(units);
        bias.as_mut().copy_from_slice(&biases[range.clone()]);
        bias
    };
    let nothing = || AlignedF32::zeros(0);
    let buffers = ShardBuffers {
        weights: transposed(&initial.w),
        velocity: velocity.map_or_else(nothing, |velocity| transposed(&velocity.w)),
        bias: part(&initial.hidden_bias),
        bias_velocity: velocity.map_or_else(nothing, |velocity| part(&velocity.hidden_bias)),
        to_hidden: AlignedI16::zeros(rows),
        to_visible: AlignedI16::zeros(units * shape.visible_stride()),
        hidden_bias: AlignedI16::zeros(stride),
        hidden_norms: AlignedI16::zeros(stride),
        visible_norms: AlignedI16::zeros(visible),
        sums: AlignedI16::zeros(stride),
        wide_sums: AlignedF32::zeros(stride),
        activity: AlignedF32::zeros(stride),
    };
    Shard::new(shape, range.start, units, buffers)
}
