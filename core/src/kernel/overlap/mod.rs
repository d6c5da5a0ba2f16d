//! Overlaps with packed patterns, and the fields that packed patterns make, twice: [`scalar`] in plain loops and
//! [`simd`] on 512 bits at a time, to the bit the same.
//!
//! # Shapes
//! `patterns` is packed spin vectors one after the other, of as many words each as the state has (or as `words` says),
//! with zero tails. Nothing here checks shapes with a panic: what does not fit is left alone.
//!
//! # What it costs
//! For P patterns of N units, in operations on vectors of 512 bits (half as wide, twice as many):
//! - Overlaps: P N / 512 times load, exclusive or, popcount, add.
//! - Fields of coefficients c_mu, for N units side by side as bits of numbers that lie across the vectors. A number is
//!   written with digits -1, 0, +1, a third of which are not zero; the full adder that takes one such digit of
//!   one pattern in is two ternary logic operations (five of two operands). Overlaps of random patterns are about
//!   sqrt(N), so that a pattern has D = 1/2 + log2(N) / 6 digits or so, 2.5 at N = 4096: D P N / 512 times
//!   load, exclusive or, and 2 (5) operations of the adder, and about 1 more for the carries.
//! - The signs of all fields, compared as they lie: some 4 operations a binary place, N / 512 times. The fields as
//!   numbers of 32 bits cost 4 operations a place for every 16 units, which only what needs numbers pays for.

mod digits;
pub mod scalar;
pub mod simd;
mod sliced;

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
pub use scalar::*;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub use simd::*;

#[cfg(test)]
mod tests;
