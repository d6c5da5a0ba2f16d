//! Energy-based models of binary units on packed bits.
#![no_std]
#![forbid(unsafe_code)]

pub mod boltzmann;
pub mod error;

pub use error::Error;
