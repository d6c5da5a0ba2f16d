//! Why a model cannot learn.

use thiserror::Error;

/// Every message is one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BoltzmannError {
    /// An option has no meaning, or does not fit the data.
    #[error("{option}: expected {expected}")]
    Setting {
        /// The option.
        option: &'static str,
        /// What was expected, and what was given.
        expected: String,
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
    #[error("learning diverged in epoch {epoch}: give a smaller --lr than {rate}")]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The learning rate.
        rate: f32,
    },
}
