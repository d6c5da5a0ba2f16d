//! How far an update goes.

use crate::fixed::{quantise, scale};
use crate::kernel::Step;

/// Places whose sums of probabilities fit 16 bits: 127 times 256 does.
pub(super) const NARROW: usize = 127;

/// Places whose sums of probabilities are exact in a float.
pub const MAX_PLACES: usize = 1 << 16;

/// How a minibatch changes the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    /// Step along the mean gradient of the minibatch.
    pub rate: f32,
    /// L2 weight decay: the weights shrink by `rate * weight_decay` a minibatch. Biases do not.
    pub weight_decay: f32,
    /// What is kept of the velocity from one minibatch to the next, 0..1; needs velocity buffers.
    pub momentum: f32,
}

impl LearningRate {
    /// The kernel's step for `places` places whose probabilities are counted in `unit`ths.
    pub(super) fn step(&self, places: usize, unit: f32, fraction_bits: u32) -> Step {
        Step {
            rate: self.rate / (places as f32 * unit),
            keep: 1.0 - self.rate * self.weight_decay,
            momentum: self.momentum,
            scale: scale(fraction_bits),
        }
    }

    /// [`Self::step`] for biases, which do not decay.
    pub(super) fn bias_step(&self, places: usize, unit: f32, fraction_bits: u32) -> Step {
        Step {
            keep: 1.0,
            ..self.step(places, unit, fraction_bits)
        }
    }
}

/// Applies one change to one bias.
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
