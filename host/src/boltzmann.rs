//! Boltzmann machines that learn small patterns, with and without hidden spins.
//!
//! [`Patterns`] are the data, [`Trainer`] learns by one of the [`Method`]s, [`measure`] says how far the model is
//! from the data where enumeration can, [`survey`] draws from the model and judges whether its chains mixed. What is
//! decided is decided by the core's integers; what threads share is summed in integers, or in an order of its own, so that
//! one seed gives one model to the bit at any number of threads.

mod chains;
mod distribution;
mod error;
mod file;
mod measure;
mod patterns;
#[cfg(feature = "cli")]
mod plots;
mod probabilities;
mod row;
mod settings;
mod survey;
mod thermal;
mod trainer;

pub use distribution::{Distribution, MOST_STATES, parse_energies};
pub use error::BoltzmannError;
pub use file::model_file;
pub use measure::{Measured, ln_probabilities, measure};
pub use patterns::{BUILT_IN, Patterns};
#[cfg(feature = "cli")]
pub use plots::{learning_curve, probability_plot};
pub use probabilities::visible_probabilities;
pub use row::Row;
pub use settings::{Method, Settings};
pub use survey::{Survey, survey, survey_with};
pub use trainer::{Clamped, Trainer};

pub use bitspin_core::ising::learn::Objective;
