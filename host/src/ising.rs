//! Ising models: annealing, sampling, files, and lattices with their exact solution.

mod advice;
pub mod anneal;
mod domains;
pub mod file;
pub mod lattice;
pub mod numbers;
pub mod onsager;
pub mod sampling;
mod states_picture;
#[cfg(feature = "cli")]
mod temperature_plot;

pub use advice::{FasterSampler, Ladder, faster_sampler};
pub use lattice::{Graph, square, square_couplings};
pub use numbers::{Lists, Numbers, Quantised, WideGraph};
pub use states_picture::states_picture;
#[cfg(feature = "cli")]
pub use temperature_plot::temperature_plot;

pub use bitspin_core::ising::{Course, Schedule, UpdateRule};
pub use file::{Couplings, Problem};
