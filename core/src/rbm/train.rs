//! Contrastive divergence: the statistics of a minibatch, and the update that they ask for.
//!
//! The gradient is the lecture's: hidden *probabilities* in both statistics, sampled visible units. In units of 1/256
//! and rounded at random without bias, probabilities are integers, so the gradient is an integer sum: its value does
//! not depend on the order or on the number of threads that take it. It is applied to float32 parameters by one
//! multiplication and one addition, and these are quantised anew for the next minibatch.
//!
//! Work splits two ways. While sampling, every place of the minibatch is a chain of its own ([`Places`] holds some of
//! them). While updating, every range of visible units is a [`Shard`] of its own. One thread with all places and one
//! shard, and many threads with a part of both, end in the same bits.

mod hidden_bias;
mod places;
mod rate;
mod shard;

pub use hidden_bias::{HiddenBias, HiddenBiasBuffers, hidden_fields_fit};
pub use places::{Evidence, Method, Places, PlacesBuffers, Start, moves_from};
pub use rate::{LearningRate, MAX_PLACES};
pub use shard::{Shard, ShardBuffers};
