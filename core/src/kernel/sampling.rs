//! Draws of units from their fields, their probabilities, and draws of pixels.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::{
    binarise, probabilities, probabilities16, sample, sample_with_error, sample_with_probabilities,
};

#[cfg(test)]
mod tests;
