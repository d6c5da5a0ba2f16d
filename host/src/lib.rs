#![doc = include_str!("../README.md")]
// Text is printed by `console` alone.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod aligned;
#[doc(hidden)]
pub mod array_file;
mod bit_matrix;
pub mod boltzmann;
pub mod completion;
#[doc(hidden)]
pub mod console;
mod control;
pub mod data;
pub mod device;
#[doc(hidden)]
pub mod display;
pub mod engine;
pub mod evaluate;
pub mod firmware;
pub mod hopfield;
#[doc(hidden)]
pub mod input;
pub mod interrupt;
pub mod ising;
pub mod model_file;
pub mod npy;
#[doc(hidden)]
pub mod output;
mod parallel;
#[doc(hidden)]
pub mod reference;
pub mod report;
#[doc(hidden)]
pub mod sampling;
pub mod train;
#[doc(hidden)]
pub mod validate;

pub use bit_matrix::BitMatrix;
pub use bitspin_core;
pub use bitspin_core::Error;
pub use control::Control;
pub use sampling::Chains;
