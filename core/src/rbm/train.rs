//! Contrastive divergence and its update, and the discriminative gradient.
//!
//! A gradient is a list of [`Source`]s, which the update sums: rows of hidden quantities times columns of visible bits, times
//! a scale. [`Contrastive`] divergence is the lecture's: hidden *probabilities* in both statistics, sampled visible units.
//! [`Discriminative`] is that of ln p(y|x), exact, where the visible layer has a categorical [group](super::Groups) y. In
//! units of 1/256 and rounded at random without bias, probabilities are integers, so a gradient is an integer sum: its
//! value does not depend on the order or on the number of threads that take it. It is applied to float32 parameters by one
//! multiplication and one addition, and these are quantised anew for the next minibatch.
//!
//! Work splits two ways. Every range of hidden units is a [`Shard`], with its parameters and, as [`HiddenUnits`], its
//! states in all samples of the minibatch. Every range of samples has the visible units of its chains, [`Samples`]. A
//! minibatch alternates between the two:
//!
//! 1. each shard computes the fields of its hidden units at the data and draws them ([`HiddenUnits::positive`]), and sums
//!    their contributions to the fields of all visible units ([`HiddenUnits::contribute`]); for the discriminative gradient it
//!    sums softplus up for every category ([`ClassUnits::see`]);
//! 2. each range of samples draws its visible units from the contributions of all shards ([`Samples::draw_chains`]), and
//!    finds p(y|x) ([`class_weights`]);
//! 3. each shard moves its fields to the chains ([`HiddenUnits::move_fields`]), and begins the next Gibbs step
//!    ([`HiddenUnits::draw`], then 1) or, at the end, records the statistics ([`HiddenUnits::negative`],
//!    [`ClassUnits::weigh`]) and learns from them ([`Shard::update`], [`VisibleBias::update`]). The next minibatch needs nothing
//!    else.
//!
//! So threads wait for each other twice per Gibbs step, and exchange bits and the fields of visible units; weights and
//! hidden probabilities stay with the thread that owns them. Samples and words of hidden units draw from generators of
//! their own and sums are of integers: one thread with everything ([`contrast`]), and many with a part each, end in the same
//! bits.

mod centring;
mod contrastive;
mod discriminative;
mod hidden_units;
mod method;
mod rate;
mod samples;
mod shard;
mod source;
mod sparsity;
mod update;
mod visible_bias;

pub use centring::Centring;
pub use contrastive::{Contrastive, ContrastiveGroup, table_rows};
pub use discriminative::{
    BLOCK, ClassLoss, ClassUnits, ClassUnitsBuffers, Discriminative, RowBlock, class_logits,
    class_weights,
};
pub use hidden_units::{HiddenUnits, HiddenUnitsBuffers};
pub use method::{Method, contrast};
pub use rate::{LearningRate, MAX_SAMPLES};
pub use samples::{Samples, SamplesBuffers};
pub use shard::{Shard, ShardBuffers};
pub use source::Source;
pub use sparsity::Sparsity;
pub use visible_bias::{VisibleBias, VisibleBiasBuffers};
