//! The update of a row of weights with its quantised copy, and the transpose of quantised rows.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::{transpose_rows, update, update_wide};

/// How one update changes the parameters: velocity = momentum velocity + rate sum, w = keep w + velocity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Learning rate, divided by the number of samples and by the 256 that the sums count a probability of one as.
    pub rate: f32,
    /// What is kept of a weight: 1 - learning rate x weight decay.
    pub keep: f32,
    /// What is kept of the velocity; only used where there is one.
    pub momentum: f32,
    /// `2^fraction_bits` of the quantised copy.
    pub scale: f32,
}

impl Step {
    /// Whether a row whose sums are all zero stays as it is.
    #[must_use]
    pub fn leaves_zero_gradients(&self) -> bool {
        self.keep == 1.0
    }
}

#[cfg(test)]
mod tests;
