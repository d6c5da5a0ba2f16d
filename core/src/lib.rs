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
//! | `recall`: bytes of code | 11,738 | 11,490 |
//! | `recall`: bytes of models and tables | 3,712 | 3,704 |
//! | `recall`: bytes of RAM beside the stack | 4 | 4 |
//! | `recall`: bytes of stack at its peak | 2,632 | 2,816 |
//! | a Gibbs step, 196 x 64 units, `i8` weights: instructions | 95,727 | 133,941 |
//! | `dream`: bytes of code | 12,786 | 12,990 |
//! | `dream`: bytes of models and tables | 14,788 | 14,780 |
//! | `dream`: bytes of RAM beside the stack | 4 | 4 |
//! | `dream`: bytes of stack at its peak | 1,224 | 1,372 |
//! | a sweep of a lattice, 256 spins with 4 neighbours: instructions | 44,731 | 139,990 |
//! | a sweep of a spin glass while it cools, 64 spins, all coupled: instructions | 13,599 | 38,736 |
//! | a temperature of a geometric schedule: instructions | 10,750 | 30,303 |
//! | `ising`: bytes of code | 30,916 | 30,500 |
//! | `ising`: bytes of models and tables | 16,236 | 16,228 |
//! | `ising`: bytes of RAM beside the stack | 4 | 4 |
//! | `ising`: bytes of stack at its peak | 2,600 | 2,736 |
//! | a free energy, 196 x 64 units, `i8` weights: instructions | 24,918 | 29,930 |
//! | `score`: bytes of code | 19,172 | 18,950 |
//! | `score`: bytes of models and tables | 20,724 | 20,716 |
//! | `score`: bytes of RAM beside the stack | 4 | 4 |
//! | `score`: bytes of stack at its peak | 1,328 | 1,548 |
//! | a class and an energy, 196 pixels, 10 labels, 64 hidden units, `i8` weights: instructions | 73,645 | 95,684 |
//! | `classify`: bytes of code | 20,256 | 20,076 |
//! | `classify`: bytes of models and tables | 21,468 | 21,460 |
//! | `classify`: bytes of RAM beside the stack | 4 | 4 |
//! | `classify`: bytes of stack at its peak | 1,368 | 1,580 |
//! | a step of CD-1, 196 x 16 units, `i16` weights: instructions | 93,178 | 161,254 |
//! | `learn`: bytes of code | 30,400 | 31,028 |
//! | `learn`: bytes of models and tables | 11,096 | 11,088 |
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
pub mod error;
pub mod exact;
pub mod fixed;
pub mod hopfield;
pub mod ising;
pub mod kernel;
pub mod network;
pub mod rbm;
pub mod rng;
pub mod softmax;

pub use error::Error;
