//! The biases of pixels and labels.

use bitspin_core::fixed::{quantise, scale};
use bitspin_core::kernel::padded;

use super::LabelSettings;
use crate::aligned::AlignedI16;

/// Float and quantised biases of all visible units, and the change that waits to be applied.
#[derive(Debug)]
pub(super) struct VisibleUnits {
    bias: Vec<f32>,
    velocity: Vec<f32>,
    momentum: f32,
    quantised: AlignedI16,
    pending: Vec<f32>,
}

impl VisibleUnits {
    pub(super) fn new(bias: &[f32], settings: &LabelSettings) -> Self {
        Self {
            bias: bias.to_vec(),
            velocity: vec![0.0; bias.len()],
            momentum: settings.momentum,
            quantised: AlignedI16::zeros(padded(bias.len())),
            pending: vec![0.0; bias.len()],
        }
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    pub(super) fn velocity(&self) -> &[f32] {
        &self.velocity
    }

    pub(super) fn set_velocity(&mut self, velocity: &[f32]) {
        self.velocity.copy_from_slice(velocity);
    }

    pub(super) fn quantised(&self) -> &[i16] {
        self.quantised.as_ref()
    }

    /// Notes the sums of a minibatch's gradient times the rate, to be applied by [`Self::apply`].
    pub(super) fn note(&mut self, unit: usize, change: f32) {
        self.pending[unit] = change;
    }

    /// Applies what was noted. Weight decay does not apply to biases.
    pub(super) fn apply(&mut self) {
        let biases = self.bias.iter_mut().zip(&mut self.velocity);
        for ((bias, velocity), pending) in biases.zip(&mut self.pending) {
            *velocity = *velocity * self.momentum + *pending;
            *bias += *velocity;
            *pending = 0.0;
        }
    }

    /// Quantises the biases.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        let scale = scale(fraction_bits);
        for (target, bias) in self.quantised.as_mut().iter_mut().zip(&self.bias) {
            *target = quantise(*bias, scale);
        }
    }

    /// Whether every field of a visible unit whose weights sum to `norms` is in range.
    pub(super) fn fit(&self, norms: &[i32]) -> bool {
        let limit = bitspin_core::fixed::FIELD_LIMIT;
        let biases = norms.iter().zip(self.quantised.as_ref());
        biases
            .into_iter()
            .all(|(norm, bias)| norm + i32::from(bias.abs()) < limit)
    }
}
