//! Ising models on the host: lattices, and what is known of them exactly.

pub mod lattice;
pub mod onsager;

pub use lattice::{Graph, square};
