//! Ising models on the host: lattices and what is known of them exactly, files, annealing.

pub mod anneal;
pub mod file;
pub mod lattice;
pub mod onsager;

pub use lattice::{Graph, square};
