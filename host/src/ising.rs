//! Ising models on the host: lattices and what is known of them exactly, files, annealing.

mod advice;
pub mod anneal;
mod domains;
pub mod file;
pub mod lattice;
pub mod numbers;
pub mod onsager;
pub mod sampling;
mod sampling_plot;

pub use advice::{FasterSampler, Ladder, faster_sampler};
pub use lattice::{Graph, square, square_couplings};
pub use numbers::{Lists, Numbers, Quantised, WideGraph};
pub use sampling_plot::{states_picture, temperature_plot};
