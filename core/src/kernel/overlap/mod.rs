//! Overlaps with packed patterns, and the fields that packed patterns make, twice: [`scalar`] in plain loops and
//! [`simd`] on whole words of bits, to the bit the same.
//!
//! # Shapes
//! `patterns` is packed spin vectors one after the other, `words` words each, with zero tails. Nothing here checks
//! shapes with a panic: what does not fit is left alone.

pub mod scalar;

pub use scalar::*;
