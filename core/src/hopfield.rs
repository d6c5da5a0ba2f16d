//! Hopfield memories: spins in {-1, +1} that settle into stored patterns.
//!
//! E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i with symmetric couplings; unit i sees the field
//! f_i = sum_j w_ij s_j + h_i and turns towards it. A field of zero keeps the spin. With a zero diagonal no such turn
//! raises the energy (Hopfield 1982), so that asynchronous dynamics ends.
//!
//! - [`Patterns`] is P packed patterns of N units in storage of the caller's.
//! - Networks made of them: [`PatternMemory`] (Hebb and covariance couplings that are never written down, P N bits),
//!   [`Couplings`](crate::network::Couplings) and [`ClippedCouplings`] (N^2 numbers or bits, by any rule of [`learn`]), [`DenseMemory`] and
//!   [`ExponentialMemory`] (interactions of higher order). [`WithFields`] puts external fields on any of them.
//! - [`Dynamics`] is one state that moves in a network: asynchronous, synchronous, or at a temperature.
//!   [`settle_synchronous`] does without the cache that one spin after the other needs.
//! - [`PatternStore`] takes new patterns in, in a buffer of fixed size: learning on a device.
//! - [`recalled`] says what a state is: a pattern, its inverse, a mixture, or spurious.
//!
//! Everything that decides is an integer: weights are integers in a unit of the network's (for Hebb's rule 1, that is
//! couplings are P times those divided by P), fields and energies are exact in that unit.
//!
//! # Memory
//! Recall of N = 784 units and P = 32 patterns keeps the patterns (32 x 13 words, 3,328 bytes) in flash and needs, in
//! RAM, the state (104 bytes) and the cache (784 + 32 numbers of 4 bytes, 3,264 bytes). [`settle_synchronous`] makes do
//! with three states and 32 numbers, 440 bytes.

mod chain;
mod clipped;
mod dense;
mod dynamics;
mod exponential;
mod external;
pub mod learn;
mod memory;
mod order;
mod outcome;
mod owned;
mod patterns;
mod store;
mod synchronous;

pub use chain::RecallChain;
pub use clipped::ClippedCouplings;
pub use dense::{DenseMemory, Interaction};
pub use dynamics::{Dynamics, Order, Recall, RecallTemperature, Stop};
pub use exponential::{ExponentialMemory, exponential_table, exponential_table_len};
pub use external::WithFields;
pub use memory::{Diagonal, LearningRule, PatternMemory};
pub use outcome::{Outcome, recalled};
pub use owned::OwnedPatterns;
pub use patterns::Patterns;
pub use store::PatternStore;
pub use synchronous::settle_synchronous;
