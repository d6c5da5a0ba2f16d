//! Energy-based models of binary units on packed bits.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod bits;
#[cfg(target_endian = "little")]
pub mod blob;
pub mod boltzmann;
pub mod error;
pub mod exact;
pub mod fixed;
pub mod hopfield;
pub mod ising;
pub mod kernel;
pub mod rbm;
pub mod rng;

pub use error::Error;
