//! `bitspin ising`.

mod anneal;
mod convert;
mod exact;
mod probabilities;
mod sample;
mod shown;
mod states;

use std::path::Path;

use bitspin::console::note;
use bitspin::display::shown;
use bitspin::ising::file::{Convention, Reading, Source, read};

use super::{CommandError, print, print_json};
use crate::cli::{GraphConvention, Ising, IsingReading};

/// Runs a command.
pub(super) fn run(command: &Ising) -> Result<(), CommandError> {
    match command {
        Ising::Anneal(options) => anneal::run(options),
        Ising::Sample(options) => sample::run(options),
        Ising::Exact(options) => exact::run(options),
        Ising::Convert(options) => convert::run(options),
    }
}

/// Reads a model. The caller prints its notes by [`tell`].
pub(super) fn load(path: &Path, reading: IsingReading) -> Result<Source, CommandError> {
    Ok(read(path, reading.into())?)
}

/// Prints the notes on how a file was read, once all other input is known to be good.
pub(super) fn tell(path: &Path, source: &Source) {
    for text in &source.notes {
        note(format_args!("{}: {text}", shown(path)));
    }
}

/// How the weights were read, in words.
fn weights(source: &Source) -> String {
    let Source {
        format, convention, ..
    } = source;
    format!("{format}, {}: {}", convention.name(), convention.sentence())
}

impl From<IsingReading> for Reading {
    fn from(options: IsingReading) -> Self {
        Self {
            symmetrise: options.symmetrise,
            convention: options.convention.map(|convention| match convention {
                GraphConvention::Maxcut => Convention::MaxCut,
                GraphConvention::Ising => Convention::Ising,
            }),
        }
    }
}
