//! Scans of fields for units whose spin points against its field: the first of them, the one whose flip gains most, and all.
//!
//! # Shapes
//! `fields` is one number per unit, above `i32::MIN`; `state` is packed spins. Units without a spin count as -1.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::stability::*;

#[cfg(test)]
mod tests;
