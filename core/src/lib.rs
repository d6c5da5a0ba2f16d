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
//! | a Gibbs step, 196 x 64 units, `i8` weights: instructions | 95,727 | 133,942 |
//! | `dream`: bytes of code | 12,960 | 13,152 |
//! | `dream`: bytes of models and tables | 14,792 | 14,784 |
//! | `dream`: bytes of RAM beside the stack | 4 | 4 |
//! | `dream`: bytes of stack at its peak | 1,224 | 1,380 |
//! | a sweep of a lattice, 256 spins with 4 neighbours: instructions | 45,458 | 144,459 |
//! | a sweep of a spin glass while it cools, 64 spins, all coupled: instructions | 13,772 | 39,853 |
//! | a temperature of a geometric schedule: instructions | 10,686 | 30,164 |
//! | `ising`: bytes of code | 32,816 | 32,096 |
//! | `ising`: bytes of models and tables | 16,308 | 16,300 |
//! | `ising`: bytes of RAM beside the stack | 4 | 4 |
//! | `ising`: bytes of stack at its peak | 2,676 | 2,840 |
//! | a free energy, 196 x 64 units, `i8` weights: instructions | 24,922 | 29,931 |
//! | `score`: bytes of code | 19,168 | 18,752 |
//! | `score`: bytes of models and tables | 20,676 | 20,668 |
//! | `score`: bytes of RAM beside the stack | 4 | 4 |
//! | `score`: bytes of stack at its peak | 1,400 | 1,620 |
//! | a step of CD-1, 196 x 16 units, `i16` weights: instructions | 93,178 | 161,254 |
//! | `learn`: bytes of code | 30,296 | 30,792 |
//! | `learn`: bytes of models and tables | 11,060 | 11,052 |
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
