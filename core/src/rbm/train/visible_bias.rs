//! The biases of the visible units, and their update.

use super::super::Shape;
use super::Evidence;
use super::centring::of_visible_bias;
use super::rate::{LearningRate, update_bias};
use crate::Error;
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
        Error::check_lengths(&[
            ("visible_bias", buffers.bias.as_ref().len(), visible),
            ("visible_bias_velocity", velocity, moving),
            ("quantised", buffers.quantised.as_ref().len(), stride),
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

    /// Changes the biases by the evidence of a minibatch of `places` places, and quantises them to `fraction_bits`.
    /// Weight decay does not apply to biases. Two population counts a unit and 64 places.
    pub fn update<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let step = rate.bias_step(places, 1.0, fraction_bits);
        let b = &mut self.buffers;
        let velocity = b.velocity.as_mut();
        let biases = b.bias.as_mut().iter_mut().zip(b.quantised.as_mut());
        for (unit, (bias, quantised)) in biases.enumerate() {
            let sum: i32 = evidence.clone().map(|group| group.difference(unit)).sum();
            *quantised = update_bias(&step, sum as f32, velocity.get_mut(unit), bias);
        }
    }

    /// [`Self::update`] by the [centred](super::Centring) gradient: `means` are the units' means, `shares` what each shard of
    /// hidden units [gives](super::Centring::shares).
    pub fn update_centred<'e, 's>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        means: &[f32],
        shares: impl Iterator<Item = &'s [i64]> + Clone,
    ) {
        let step = rate.bias_step(places, 1.0, fraction_bits);
        let b = &mut self.buffers;
        let velocity = b.velocity.as_mut();
        let biases = b.bias.as_mut().iter_mut().zip(b.quantised.as_mut());
        for (unit, ((bias, quantised), mean)) in biases.zip(means).enumerate() {
            let difference = evidence.clone().map(|group| group.difference(unit)).sum();
            let sum = of_visible_bias(difference, *mean, unit, means.len(), shares.clone());
            *quantised = update_bias(&step, sum, velocity.get_mut(unit), bias);
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
