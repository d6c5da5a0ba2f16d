//! Scans of fields for units whose spin points against its field: the first of them, the one whose flip gains most, and all.
//!
//! # Shapes
//! `fields` is one number per unit, above `i32::MIN`; `state` is packed spins. Units without a spin count as -1.

pub mod scalar;
pub mod simd;

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
pub(crate) use scalar::*;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub(crate) use simd::*;

#[cfg(test)]
mod tests;
