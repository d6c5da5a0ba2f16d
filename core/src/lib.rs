//! Energy-based models of binary units on packed bits.
//!
//! # On a microcontroller
//! What the programs of `firmware-example` take, instructions counted in QEMU:
//!
//! <!-- boards:begin -->
//! | | Cortex-M4F | Cortex-M0 |
//! | --- | --- | --- |
//! | a sweep of the exponential memory, N = 784, P = 32: instructions | 43,388 | 64,837 |
//! | a sweep by Hebb's rule, N = 784, P = 32: instructions | 65,589 | 99,130 |
//! | a sweep by the covariance rule, N = 784, P = 32: instructions | 65,911 | 99,458 |
//! | `recall`: bytes of code | 11,772 | 11,528 |
//! | `recall`: bytes of models and tables | 3,712 | 3,704 |
//! | `recall`: bytes of RAM beside the stack | 4 | 4 |
//! | `recall`: bytes of stack at its peak | 2,632 | 2,816 |
//! | a Gibbs step, 196 x 64 units, `i8` weights: instructions | 95,728 | 133,943 |
//! | `dream`: bytes of code | 12,924 | 13,096 |
//! | `dream`: bytes of models and tables | 14,792 | 14,784 |
//! | `dream`: bytes of RAM beside the stack | 4 | 4 |
//! | `dream`: bytes of stack at its peak | 1,240 | 1,396 |
//! | a free energy, 196 x 64 units, `i8` weights: instructions | 25,120 | 29,785 |
//! | `score`: bytes of code | 14,632 | 14,608 |
//! | `score`: bytes of models and tables | 20,460 | 20,452 |
//! | `score`: bytes of RAM beside the stack | 4 | 4 |
//! | `score`: bytes of stack at its peak | 1,256 | 1,484 |
//! | a step of CD-1, 196 x 16 units, `i16` weights: instructions | 93,178 | 161,254 |
//! | `learn`: bytes of code | 26,180 | 27,016 |
//! | `learn`: bytes of models and tables | 10,836 | 10,828 |
//! | `learn`: bytes of RAM beside the stack | 4 | 4 |
//! | `learn`: bytes of stack at its peak | 9,080 | 9,248 |
//!
//! cargo 1.96.0 (30a34c682 2026-05-25) (built from a source tarball), QEMU emulator version 7.2.22.
//! <!-- boards:end -->
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
