//! The host side of bitspin: data, training, memories, measuring, drawing.

// Text is printed by `console` alone.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod aligned;
pub mod array_file;
mod bit_matrix;
pub mod boltzmann;
pub mod completion;
pub mod console;
mod control;
pub mod cpu;
pub mod data;
pub mod device;
pub mod display;
pub mod engine;
pub mod evaluate;
pub mod firmware;
pub mod hopfield;
pub mod input;
pub mod interrupt;
pub mod ising;
pub mod model_file;
pub mod npy;
pub mod output;
mod parallel;
pub mod reference;
pub mod report;
pub mod sampling;
pub mod train;
pub mod validate;

pub use bit_matrix::BitMatrix;
pub use control::Control;
pub use sampling::Chains;
