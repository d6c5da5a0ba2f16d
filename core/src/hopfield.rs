//! Hopfield memories: spins in {-1, +1} that settle into stored patterns.
//!
//! E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i with symmetric couplings; unit i sees the field
//! f_i = sum_j w_ij s_j + h_i and turns towards it. A field of zero keeps the spin. With a zero diagonal no such turn
//! raises the energy (Hopfield 1982), so that asynchronous dynamics ends.
//!
//! - [`Patterns`] are P packed patterns of N units, over borrowed or owned storage.
//! - Networks: [`PatternMemory`] (Hebb and covariance couplings that are implied by the patterns, P N bits),
//!   [`Couplings`](crate::network::Couplings) and [`ClippedCouplings`] (N^2 numbers or bits, by any rule of [`learn`]),
//!   [`DenseMemory`] and [`ExponentialMemory`] (interactions of higher order). [`WithFields`] adds external fields to any of
//!   them.
//! - [`RecallChain`] is a state that is recalled, all spins at once, in buffers of fixed size; [`settle_synchronous`] does the
//!   same in borrowed buffers. [`Dynamics`] turns spins one by one, or at a temperature.
//! - [`OwnedPatterns`] stores new patterns in fixed size, [`PatternStore`] in borrowed storage: learning on a device.
//! - [`recalled`] classifies a state: a pattern, its inverse, a mixture, or spurious.
//!
//! Everything that decides is an integer: weights are integers in a unit of the network's (for Hebb's rule, couplings are P
//! times those divided by P), and fields and energies are exact in that unit.
//!
//! # Memory
//! Recall of N = 784 units and P = 32 patterns keeps the patterns in flash (32 x 13 words, 3,328 bytes). In RAM a
//! [`RecallChain`] needs three states and 32 numbers, 440 bytes; [`Dynamics`] needs one state (104 bytes) and a cache of 784 +
//! 32 numbers (3,264 bytes).

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
