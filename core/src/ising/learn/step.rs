//! One step of learning.

use crate::Error;
use crate::error::check_len;

/// A step along a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientStep {
    /// Learning rate, 1 / tau.
    pub rate: f32,
    /// Momentum: the share of the last step that is repeated, 0 to below 1.
    pub momentum: f32,
    /// Weight decay: the share of a parameter that a step subtracts, times the rate.
    pub decay: f32,
}

impl GradientStep {
    /// velocity = momentum velocity + rate (gradient - decay parameter); parameter += velocity. Entries that are equal
    /// stay equal, so that a symmetric matrix stays symmetric. In float32, one operation after the other: the same on
    /// every machine.
    ///
    /// # Errors
    /// [`Error::Length`] unless all three are equally long.
    pub fn ascend(
        &self,
        gradient: &[f32],
        velocity: &mut [f32],
        parameters: &mut [f32],
    ) -> Result<(), Error> {
        check_len("velocity", gradient.len(), velocity.len())?;
        check_len("parameters", gradient.len(), parameters.len())?;
        for ((&g, v), p) in gradient.iter().zip(velocity).zip(parameters) {
            *v = self.momentum * *v + self.rate * (g - self.decay * *p);
            *p += *v;
        }
        Ok(())
    }
}
