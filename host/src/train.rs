//! Training: minibatches, threads, metrics.
//!
//! A [`Trainer`] holds the hidden units in shards, one a thread, and the visible units of the minibatch in places, a part
//! for each thread. In every Gibbs step the threads first work on their shards, which need the visible units of all places,
//! and then, after a barrier, draw the visible units of their places, for which they need what all shards give. Words of
//! hidden units and places draw from streams of their own and gradients are integer sums, so the trained parameters are the
//! same to the bit for any number of threads.

mod barrier;
pub mod checkpoint;
mod data;
mod epoch;
mod filling;
mod initial;
pub mod labels;
mod metrics;
mod places;
mod schedule;
mod settings;
mod state;
mod trainer;
mod worker;

pub use data::TrainingData;
pub use filling::Filling;
pub use initial::{initial_parameters, initial_visible_bias};
pub use metrics::{EpochMetrics, write_csv};
pub use schedule::RateSchedule;
pub use settings::{MAX_THREADS, Settings};
pub use state::TrainerState;
pub use trainer::{EpochSummary, TrainError, Trainer};
