//! The biases of the hidden units, and their update.

use super::super::Shape;
use super::Evidence;
use super::rate::{LearningRate, NARROW, update_bias};
use crate::Error;
use crate::bits::WORD;
use crate::fixed::{FIELD_LIMIT, quantise, scale};
use crate::kernel;

/// The buffers of a [`HiddenBias`].
#[derive(Clone, Debug, Default)]
pub struct HiddenBiasBuffers<F, Q> {
    /// \[hidden\]: the float biases.
    pub bias: F,
    /// \[hidden\], or empty where there is no momentum.
    pub velocity: F,
    /// \[hidden stride\]: the quantised biases, zero in the padding.
    pub quantised: Q,
    /// \[hidden stride\]: room for sums.
    pub sums: Q,
    /// \[hidden stride\]: room for the sums of many places.
    pub wide_sums: F,
}

/// The biases of the hidden units, float and quantised.
#[derive(Clone, Debug)]
pub struct HiddenBias<F, Q> {
    buffers: HiddenBiasBuffers<F, Q>,
}

impl<F, Q> HiddenBias<F, Q>
where
    F: AsRef<[f32]> + AsMut<[f32]>,
    Q: AsRef<[i16]> + AsMut<[i16]>,
{
    /// Takes buffers whose `bias` is set; call [`Self::requantise`] before sampling.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of another length than [`HiddenBiasBuffers`] states.
    pub fn new(shape: Shape, buffers: HiddenBiasBuffers<F, Q>) -> Result<Self, Error> {
        let (hidden, stride) = (shape.hidden(), shape.hidden_stride());
        let velocity = match buffers.velocity.as_ref().len() {
            0 => hidden,
            found => found,
        };
        for (what, found, expected) in [
            ("bias", buffers.bias.as_ref().len(), hidden),
            ("bias_velocity", velocity, hidden),
            ("hidden_bias", buffers.quantised.as_ref().len(), stride),
            ("sums", buffers.sums.as_ref().len(), stride),
            ("wide_sums", buffers.wide_sums.as_ref().len(), stride),
        ] {
            if found != expected {
                return Err(Error::Length {
                    what,
                    expected,
                    found,
                });
            }
        }
        Ok(Self { buffers })
    }

    /// \[hidden\]: the float biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        self.buffers.bias.as_ref()
    }

    /// \[hidden stride\]: the quantised biases.
    #[must_use]
    pub fn quantised(&self) -> &[i16] {
        self.buffers.quantised.as_ref()
    }

    /// Quantises the float biases to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        let scale = scale(fraction_bits);
        for (target, bias) in self
            .buffers
            .quantised
            .as_mut()
            .iter_mut()
            .zip(self.buffers.bias.as_ref())
        {
            *target = quantise(*bias, scale);
        }
    }

    /// Changes the biases by the evidence of a minibatch of `places` places, and quantises them to `fraction_bits`.
    /// Weight decay does not apply to biases.
    pub fn update(
        &mut self,
        evidence: &[Evidence<'_>],
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let mut step = rate.step(places, 256.0, fraction_bits);
        step.keep = 1.0;
        let quantised = self.buffers.quantised.as_mut();
        let (bias, velocity, sums) = (
            self.buffers.bias.as_mut(),
            self.buffers.velocity.as_mut(),
            self.buffers.sums.as_mut(),
        );
        let wide_sums = self.buffers.wide_sums.as_mut();
        let narrow = places <= NARROW;
        sums.fill(0);
        wide_sums.fill(0.0);
        for group in evidence {
            let all = u64::MAX >> (WORD - group.places());
            kernel::correlate(group.table(), sums.len(), 0, all, all, sums);
            if !narrow {
                kernel::widen(sums, wide_sums);
                sums.fill(0);
            }
        }
        let targets = bias.iter_mut().zip(quantised);
        for (j, (bias, quantised)) in targets.enumerate() {
            let sum = if narrow {
                f32::from(sums[j])
            } else {
                wide_sums.get(j).copied().unwrap_or(0.0)
            };
            *quantised = update_bias(&step, sum, velocity.get_mut(j), bias);
        }
    }
}

/// Whether every hidden unit's field is in range, whatever the visible units are, given the shards' [norms](super::Shard::norms).
#[must_use]
pub fn hidden_fields_fit<'n>(
    hidden_bias: &[i16],
    norms: impl Iterator<Item = &'n [i16]> + Clone,
) -> bool {
    hidden_bias.iter().enumerate().all(|(j, bias)| {
        let sum: i32 = norms
            .clone()
            .map(|norms| norms.get(j).map_or(0, |&norm| i32::from(norm)))
            .sum();
        sum + i32::from(*bias).abs() < FIELD_LIMIT
    })
}
