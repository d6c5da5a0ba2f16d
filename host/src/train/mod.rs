//! Training: minibatches, threads, metrics.
//!
//! A [`Trainer`] holds the parameters as shards of visible units and the minibatch as places. In every minibatch each
//! thread first samples the chains of its own places, reading all shards, and then, after a barrier, updates its own
//! shard, reading the evidence of all places. Places draw from streams of their own and gradients are integer sums, so
//! the trained parameters are the same to the bit for any number of threads.

mod barrier;
mod contribution;
mod epoch;
mod filling;
mod initial;
pub mod labels;
mod metrics;
mod places;
mod settings;
mod trainer;

pub use filling::Filling;
pub use initial::initial_parameters;
pub use metrics::{EpochMetrics, write_csv};
pub use settings::{MAX_THREADS, Settings};
pub use trainer::{EpochSummary, TrainError, Trainer, TrainingData};
