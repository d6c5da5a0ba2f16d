//! `bitspin ising`.

mod anneal;
mod convert;
mod exact;
mod sample;

use bitspin::ising::file::{Couplings, FileError, read};

use super::{CommandError, at_least_one, print, print_json, threads};
use crate::cli::{Ising, IsingModel};

/// Runs a command.
pub(super) fn run(command: &Ising) -> Result<(), CommandError> {
    match command {
        Ising::Anneal(options) => anneal::run(options),
        Ising::Sample(options) => sample::run(options),
        Ising::Exact(options) => exact::run(options),
        Ising::Convert(options) => convert::run(options),
    }
}

/// Reads the model.
fn load(options: &IsingModel) -> Result<Couplings, CommandError> {
    Ok(read(&options.model, options.symmetrise)?)
}

impl From<FileError> for CommandError {
    fn from(error: FileError) -> Self {
        Self::usage(error.to_string())
    }
}
