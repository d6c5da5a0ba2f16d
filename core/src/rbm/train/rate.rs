//! How far an update goes.

use super::Sparsity;
use crate::fixed::{quantise, scale};
use crate::kernel::Step;

/// Samples whose sums of probabilities fit 16 bits: 127 times 256 does.
pub(super) const NARROW: usize = 127;

/// Samples whose sums of probabilities are exact in a float.
pub const MAX_SAMPLES: usize = 1 << 16;

/// How a minibatch changes the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    /// Step along the mean gradient of the minibatch.
    pub rate: f32,
    /// L2 weight decay: the weights shrink by `rate * weight_decay` a minibatch. Biases do not.
    pub weight_decay: f32,
    /// What is kept of the velocity from one minibatch to the next, 0..1; needs velocity buffers.
    pub momentum: f32,
    /// L1 penalty: before a minibatch changes them, weights go `rate * l1` towards zero, and no further. Biases do not.
    pub l1: f32,
    /// What the hidden units' mean probability at the data is drawn to.
    pub sparsity: Sparsity,
}

impl LearningRate {
    /// A step along the gradient alone: neither decay, momentum nor penalties.
    #[must_use]
    pub const fn plain(rate: f32) -> Self {
        Self {
            rate,
            weight_decay: 0.0,
            momentum: 0.0,
            l1: 0.0,
            sparsity: Sparsity::NONE,
        }
    }

    /// How far the L1 penalty takes a weight towards zero.
    pub(super) fn shrinkage(&self) -> f32 {
        self.rate * self.l1
    }

    /// The kernel's step for `samples` samples whose probabilities are counted in `unit`ths.
    pub(super) fn step(&self, samples: usize, unit: f32, fraction_bits: u32) -> Step {
        Step {
            rate: self.rate / (samples as f32 * unit),
            keep: 1.0 - self.rate * self.weight_decay,
            momentum: self.momentum,
            scale: scale(fraction_bits),
        }
    }

    /// [`Self::step`] for biases, which do not decay.
    pub(super) fn bias_step(&self, samples: usize, unit: f32, fraction_bits: u32) -> Step {
        Step {
            keep: 1.0,
            ..self.step(samples, unit, fraction_bits)
        }
    }
}

/// Takes weights so far towards zero, and no further: the proximal map of the L1 norm.
pub(super) fn shrink(weights: &mut [f32], by: f32) {
    for weight in weights {
        let magnitude = weight.abs() - by;
        *weight = if magnitude > 0.0 {
            magnitude.copysign(*weight)
        } else {
            0.0
        };
    }
}

/// Applies one change to each bias; the velocities are as many, or none.
pub(super) fn update_biases(
    step: &Step,
    sums: &[f32],
    velocities: &mut [f32],
    biases: &mut [f32],
    quantised: &mut [i16],
) {
    let rows = biases.iter_mut().zip(quantised).zip(sums);
    if velocities.is_empty() {
        for ((bias, quantised), sum) in rows {
            *quantised = update_bias(step, *sum, None, bias);
        }
    } else {
        for (((bias, quantised), sum), velocity) in rows.zip(velocities) {
            *quantised = update_bias(step, *sum, Some(velocity), bias);
        }
    }
}

/// Applies one change to one bias.
#[inline]
pub(super) fn update_bias(
    step: &Step,
    sum: f32,
    velocity: Option<&mut f32>,
    bias: &mut f32,
) -> i16 {
    let mut change = sum * step.rate;
    if let Some(velocity) = velocity {
        change += *velocity * step.momentum;
        *velocity = change;
    }
    *bias += change;
    quantise(*bias, step.scale)
}
