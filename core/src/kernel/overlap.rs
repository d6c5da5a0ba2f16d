//! Overlaps with packed patterns, and the fields that packed patterns make, three times: [`scalar`] in plain loops,
//! `simd` on 512 bits at a time and [`narrow`] for microcontrollers, to the bit the same.
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
//!   sqrt(N), so that a pattern has D = log2(N) / 5 digits or so (counted: 1.9 at N = 784, 2.3 at 4096): D P N / 512 times
//!   load, exclusive or, and 2 (5) operations of the adder, and about 1 more for the carries.
//! - The signs of all fields, compared as they lie: some 4 operations a binary place, N / 512 times. The fields as
//!   numbers of 32 bits cost 4 operations a place for every 16 units, which only what needs numbers pays for.
//!
//! A synchronous sweep at N = 4096, P = 400 so takes 3,200 vector steps for the overlaps and 7,300 digits for the signs,
//! 50,000 vector operations; a matrix of float32 takes 2 million and 64 MiB of memory. Measured on one core of a Zen 5
//! server with 512-bit vectors: 15 us, 2.7 of them for the overlaps and 12.6 for the signs, 1.7 ns a digit, where its five
//! vector operations alone would take some 0.4 ns. The rest has not been taken apart; candidates are finding the row of
//! each entry, and rows 512 bytes apart that share few sets of the first-level cache. N = 784, P = 60 takes 0.87 us.

mod digits;
#[cfg(target_endian = "little")]
pub mod narrow;
pub mod scalar;
pub(super) mod simd;
mod sliced;

pub use super::choose::chosen::overlap::*;

#[cfg(test)]
mod tests;
