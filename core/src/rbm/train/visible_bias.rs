//! The biases of the visible units, and their update.

use super::super::Shape;
use super::centring::of_visible_bias;
use super::rate::{LearningRate, update_biases};
use super::source::{self, Source};
use crate::Error;
use crate::bits::WORD;
use crate::error::check_lens;
use crate::fixed::{FIELD_LIMIT, quantise, scale};
use crate::kernel::LANES;

/// The buffers of a [`VisibleBias`].
#[derive(Clone, Debug, Default)]
pub struct VisibleBiasBuffers<F, Q> {
    /// \[visible\]: the float biases.
    pub bias: F,
    /// \[visible\], or empty where there is no momentum.
    pub velocity: F,
    /// \[visible stride\]: the quantised biases, zero in the padding.
    pub quantised: Q,
}

/// The biases of the visible units, float and quantised.
#[derive(Clone, Debug)]
pub struct VisibleBias<F, Q> {
    buffers: VisibleBiasBuffers<F, Q>,
}

impl<F, Q> VisibleBias<F, Q>
where
    F: AsRef<[f32]> + AsMut<[f32]>,
    Q: AsRef<[i16]> + AsMut<[i16]>,
{
    /// Takes buffers whose `bias` is set; call [`Self::requantise`] before sampling.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of another length than [`VisibleBiasBuffers`] states.
    pub fn new(shape: Shape, buffers: VisibleBiasBuffers<F, Q>) -> Result<Self, Error> {
        let (visible, stride) = (shape.visible(), shape.visible_stride());
        let velocity = buffers.velocity.as_ref().len();
        let moving = if velocity == 0 { 0 } else { visible };
        check_lens(&[
            ("visible_bias", visible, buffers.bias.as_ref().len()),
            ("visible_bias_velocity", moving, velocity),
            ("quantised", stride, buffers.quantised.as_ref().len()),
        ])?;
        Ok(Self { buffers })
    }

    /// \[visible\]: the float biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        self.buffers.bias.as_ref()
    }

    /// \[visible\]: their velocities; empty where there is no momentum.
    #[must_use]
    pub fn velocity(&self) -> &[f32] {
        self.buffers.velocity.as_ref()
    }

    /// \[visible stride\]: the quantised biases.
    #[must_use]
    pub fn quantised(&self) -> &[i16] {
        self.buffers.quantised.as_ref()
    }

    /// Quantises the float biases to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        let scale = scale(fraction_bits);
        let targets = self.buffers.quantised.as_mut().iter_mut();
        for (target, bias) in targets.zip(self.buffers.bias.as_ref()) {
            *target = quantise(*bias, scale);
        }
    }

    /// Changes the biases by the gradient of a minibatch of `samples` samples, and quantises them to `fraction_bits`.
    /// Weight decay does not apply to biases. Two population counts per unit and 64 samples.
    pub fn update(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let gradient = |first: usize, gradient: &mut [f32]| {
            gradient.fill(0.0);
            source::add_visible(sources, first, gradient);
        };
        self.update_by(gradient, samples, rate, fraction_bits);
    }

    /// [`Self::update`] by the [centred](super::Centring) gradient: `means` are the units' means, `shares` what each shard of
    /// hidden units [gives](super::Centring::shares).
    pub fn update_centred<'s>(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        means: &[f32],
        shares: impl Iterator<Item = &'s [i64]> + Clone,
    ) {
        let gradient = |first: usize, gradient: &mut [f32]| {
            for (unit, gradient) in (first..).zip(gradient) {
                let mean = means.get(unit).copied().unwrap_or(0.0);
                *gradient = of_visible_bias(sources, (unit, mean, means.len()), shares.clone());
            }
        };
        self.update_by(gradient, samples, rate, fraction_bits);
    }

    /// `gradient(first, gradient)` computes the gradient of the units from `first`, a multiple of 64, on.
    fn update_by(
        &mut self,
        gradient: impl Fn(usize, &mut [f32]),
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let step = rate.bias_step(samples, 1.0, fraction_bits);
        let b = &mut self.buffers;
        let mut velocities = b.velocity.as_mut().chunks_mut(WORD);
        let biases = b.bias.as_mut().chunks_mut(WORD);
        let words = biases.zip(b.quantised.as_mut().chunks_mut(WORD));
        let mut sums = [0.0; WORD];
        for (word, (bias, quantised)) in words.enumerate() {
            let sums = &mut sums[..bias.len()];
            gradient(word * WORD, sums);
            let velocity = velocities.next().unwrap_or_default();
            update_biases(&step, sums, velocity, bias, quantised);
        }
    }

    /// Whether every visible unit's field is in range, whatever the hidden units are, given the shards'
    /// [norms](super::Shard::visible_norms); see [`no_overflow`](crate::fixed::no_overflow).
    #[must_use]
    pub fn fields_fit(&self, norms: &[&[i16]]) -> bool {
        let mut first = 0;
        self.quantised().chunks(LANES).all(|bias| {
            let mut sums = [0; LANES];
            for (sum, bias) in sums.iter_mut().zip(bias) {
                *sum = i32::from(*bias).abs();
            }
            for norms in norms {
                let norms = norms.get(first..).unwrap_or_default();
                for (sum, norm) in sums.iter_mut().zip(norms) {
                    *sum += i32::from(*norm);
                }
            }
            first += LANES;
            sums.iter().all(|&sum| sum < FIELD_LIMIT)
        })
    }
}
