//! Errors of Boltzmann machine learning.

use thiserror::Error;

/// An error of Boltzmann machine learning. Every message is one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BoltzmannError {
    /// A setting is out of range, or does not fit the data.
    #[error("{field}: expected {expected}")]
    Setting {
        /// The field: `settings.method`.
        field: &'static str,
        /// What was expected, and what was given.
        expected: String,
    },
    /// No built-in data set has this name, and it is no table.
    #[error("expected {expected}, not {name}")]
    Source {
        /// What was expected.
        expected: String,
        /// What was given.
        name: String,
    },
    /// Data cannot be read.
    #[error("{0}")]
    Data(#[from] crate::data::DataError),
    /// The data cannot be learned.
    #[error("{name}: {reason}")]
    Patterns {
        /// Where the data came from.
        name: String,
        /// What is wrong with them.
        reason: String,
    },
    /// A parameter grew beyond what can be sampled.
    #[error(
        "training diverged in epoch {epoch}: a smaller settings.learning_rate than {rate} may help"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The learning rate.
        rate: f32,
    },
}
