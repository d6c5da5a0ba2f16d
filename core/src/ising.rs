//! Ising models: spins in {-1, +1} with symmetric couplings, at a temperature.
//!
//! E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i, and p = exp(-beta E) / Z. Couplings and fields are integers of a fixed
//! number of binary places, so that fields, energies and the cost of a flip, s_k epsilon_k with epsilon_k = 2 field_k,
//! are exact.
//!
//! - Models: [`Dense`] couples all spins, [`Sparse`] is a lattice or a graph, and [`WideSparse`] one of 64-bit numbers, all over
//!   borrowed or owned numbers. [`fraction_bits`] and [`quantise`] convert floats. [`Model`] is their interface to samplers.
//! - [`IsingChain`] is one state at a [`Temperature`], updated by [`UpdateRule::Glauber`] or [`UpdateRule::Metropolis`]: spins
//!   in ascending order, drawn at random, or colour by colour ([`Colouring`]). [`Chain`] is the same over any storage, and
//!   [`sweep_replicas`] sweeps many chains together.
//! - [`Chain::anneal`] cools by a [`Schedule`] and keeps the [`Best`] state; [`Tempering`] exchanges states along a ladder of
//!   temperatures, fixed or adapted; [`Chain::wolff`] turns clusters over.
//! - [`Sliced`] is up to 64 replicas of a lattice, one bit each.
//! - [`learn`] fits a model to data.

mod anneal;
mod blocks;
mod chain;
mod cluster;
mod colouring;
mod dense;
mod field;
pub mod learn;
mod model;
mod quantise;
mod sliced;
mod sparse;
pub(crate) mod temperature;
mod tempering;

pub use crate::kernel::decide::UpdateRule;
pub use crate::kernel::replicas::{MAX_DEGREE, REPLICAS};
pub use anneal::{Best, Course, Schedule};
pub use blocks::sweep_replicas;
pub use chain::{Chain, IsingChain};
pub use cluster::{ClusterBuffers, TURNING_THRESHOLD};
pub use colouring::{Colouring, MAX_COLOURS};
pub use dense::Dense;
pub use field::Field;
pub use model::{FIELD_LIMIT, MAX_FRACTION_BITS, MAX_WIDE_FRACTION_BITS, Model, WIDE_SUM_LIMIT};
pub use quantise::{fraction_bits, quantise};
pub use sliced::Sliced;
pub use sparse::{Sparse, SparseWeight, WideSparse};
pub use temperature::Temperature;
pub use tempering::{Exchange, Tempering};
