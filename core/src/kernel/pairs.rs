//! Couplings that packed patterns imply: what one unit adds to the fields of all others, and what it adds to its own.
//!
//! # Shapes
//! `patterns` is packed spin vectors one after the other, `words` words each, with zero tails. Nothing here checks shapes
//! with a panic: what does not fit is left alone.
//!
//! # Cost
//! A row of couplings of P patterns of N units is P N / 512 times load, exclusive or and a full adder on vectors of 512
//! bits, which count the patterns in bit-sliced numbers. A transpose of bits then makes them bytes: 144 operations for every
//! 512 units and 248 patterns.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::pairs::*;

#[cfg(test)]
mod tests;
