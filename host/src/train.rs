//! Training: minibatches, threads, metrics.
//!
//! A [`Trainer`] holds the hidden units in shards, one per thread, and the visible units of the minibatch in samples, a part
//! for each thread. In every Gibbs step the threads first work on their shards, which need the visible units of all samples,
//! and then, after a barrier, draw the visible units of their samples, for which they need what all shards contribute. Words
//! of hidden units and samples draw from streams of their own and gradients are integer sums, so the trained parameters are
//! the same to the bit for any number of threads.
//!
//! The visible layer may have categorical groups, such as labels; [`Settings::objective`] says what is maximised then. The
//! arithmetic is the core's, in [`bitspin_core::rbm::train`].

mod barrier;
mod begun;
pub mod checkpoint;
mod data;
mod epoch;
mod filling;
mod initial;
mod layers;
#[cfg(feature = "cli")]
mod learning_curve;
mod lock;
mod metrics;
pub mod minibatch;
mod objective;
mod persistent;
mod preset;
mod samples;
mod schedule;
mod settings;
mod state;
mod trainer;
mod worker;

pub use data::{TrainingData, TrainingRows};
pub use epoch::EpochSummary;
pub use filling::Filling;
pub use initial::{initial_parameters, initial_visible_bias};
pub use layers::Layers;
#[cfg(feature = "cli")]
pub use learning_curve::learning_curve;
pub use metrics::{EpochMetrics, Likelihood, Measures};
pub use objective::Objective;
pub use preset::Preset;
pub use schedule::RateSchedule;
pub use settings::{MAX_THREADS, Settings};
pub use state::TrainerState;
pub use trainer::{TrainError, Trainer};

pub use bitspin_core::rbm::train::{Method, Sparsity};
