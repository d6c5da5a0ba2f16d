//! `bitspin boltzmann`.

mod distribution;
mod outcome;
mod train;

use bitspin::boltzmann::BoltzmannError;

use super::{CommandError, print, print_json};
use crate::cli::Boltzmann;

/// Runs a command.
pub(super) fn run(command: &Boltzmann) -> Result<(), CommandError> {
    match command {
        Boltzmann::Train(options) => train::run(options),
        Boltzmann::Distribution(options) => distribution::run(options),
    }
}

impl From<BoltzmannError> for CommandError {
    fn from(error: BoltzmannError) -> Self {
        match error {
            BoltzmannError::Diverged { .. } => Self::failed(error),
            BoltzmannError::Source { .. } => Self::usage(format!("--data: {error}")),
            _ => Self::usage(error.to_string()),
        }
    }
}
