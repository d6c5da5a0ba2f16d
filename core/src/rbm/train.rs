//! Contrastive divergence: the statistics of a minibatch, and the update that they ask for.
//!
//! The gradient is the lecture's: hidden *probabilities* in both statistics, sampled visible units. In units of 1/256
//! and rounded at random without bias, probabilities are integers, so the gradient is an integer sum: its value does
//! not depend on the order or on the number of threads that take it. It is applied to float32 parameters by one
//! multiplication and one addition, and these are quantised anew for the next minibatch.
//!
//! Work splits two ways. Every range of hidden units is a [`Shard`], with its parameters and, as [`HiddenUnits`], its
//! states in all places of the minibatch. Every range of places has the visible units of its chains, [`Places`]. A
//! minibatch alternates between the two:
//!
//! 1. each shard computes the fields of its hidden units at the data and draws them ([`HiddenUnits::positive`]), and adds up
//!    what they give to the fields of all visible units ([`HiddenUnits::contribute`]);
//! 2. each range of places draws its visible units from what all shards gave ([`Places::draw_chains`]);
//! 3. each shard moves its fields to the chains ([`HiddenUnits::move_fields`]), and goes on with the next Gibbs step
//!    ([`HiddenUnits::draw`], then 1) or, at the end, takes the statistics down ([`HiddenUnits::negative`]) and learns from
//!    them ([`Shard::update`], [`VisibleBias::update`]). All that this needs is at hand: the next minibatch can begin.
//!
//! So threads wait for each other twice a Gibbs step, and exchange bits and the fields of visible units; weights and
//! hidden probabilities stay with the thread that owns them. Places and words of hidden units draw from generators of
//! their own and sums are of integers: one thread with everything ([`contrast`]), and many with a part each, end in the same
//! bits.

mod centring;
mod evidence;
mod hidden_units;
mod method;
mod places;
mod rate;
mod shard;
mod sparsity;
mod visible_bias;

pub use centring::Centring;
pub use evidence::Evidence;
pub use hidden_units::{HiddenUnits, HiddenUnitsBuffers};
pub use method::{Method, contrast};
pub use places::{Places, PlacesBuffers};
pub use rate::{LearningRate, MAX_PLACES};
pub use shard::{Shard, ShardBuffers};
pub use sparsity::Sparsity;
pub use visible_bias::{VisibleBias, VisibleBiasBuffers};
