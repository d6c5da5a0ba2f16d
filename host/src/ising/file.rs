//! Ising models from files: safetensors, graphs as edge lists, DIMACS, MatrixMarket and COO, and QUBO files.
//!
//! | format | recognised by | vertices from | equal pairs |
//! | --- | --- | --- | --- |
//! | safetensors, `w` \[n, n\] and `h` \[n\] | its ending | 0 | |
//! | edge list, as in Gset: `vertices edges`, then `i j [weight]` | a first line of two numbers | 1, or 0 where vertex 0 occurs | refused |
//! | COO: `i j weight`, and `i i field`, without a heading | a first line of three numbers | as above | refused |
//! | COO of dimod | a comment `# vartype=SPIN` or `BINARY` | as above | summed |
//! | DIMACS: `p edge n m`, then `e i j [weight]` | its problem line | 1 | refused |
//! | MatrixMarket, coordinate or array | its banner | 1 | refused |
//! | qbsolv: `p qubo 0 n diagonals couplers`, then `i j weight` | its problem line | 0 | summed |
//!
//! An undirected graph that lists every edge in both directions, by equal weights, is taken as the graph. Lines that start
//! with `#`, `%` or the word `c` are comments, and so is what follows ` #` or ` %`.
//!
//! [`Convention`] says what a weight means. Whatever is not evident from a file is told in [`Source::notes`].

mod convention;
mod couplings;
mod dimacs;
mod edge_list;
mod matrix_market;
mod qubo;
mod terms;
mod text;

use std::path::{Path, PathBuf};

use thiserror::Error as ThisError;

pub use convention::{Convention, Problem};
pub use couplings::Couplings;

use crate::display::shown;
use crate::input::{self, Format, InputError};
use crate::model_file::{IsingFile, ModelFileError};
use terms::Terms;
use text::Wrong;

/// The most spins of a model.
pub const MAX_SPINS: usize = 1 << 16;

/// Graphs and QUBOs; the densest of [`MAX_SPINS`] spins that fits has some 50 million edges.
const TEXT: Format = Format::new("graph", 1 << 30);

/// An error of reading or writing a model. Every message is one line and names the file.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum FileError {
    /// A safetensors file holds no model.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A line of a text file is not what it should be.
    #[error("{}, line {line}: {reason}", shown(path))]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was expected and what was found.
        reason: String,
    },
    /// The convention does not apply to the format.
    #[error("{}: reading.convention = {}: {reason}", shown(path), convention.name())]
    Convention {
        /// The file.
        path: PathBuf,
        /// The convention that was asked for.
        convention: Convention,
        /// Why it does not apply.
        reason: &'static str,
    },
}

/// Options of reading a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Couplings that differ in the two directions become their mean, which gives the same energy -1/2 s'ws. A matrix that
    /// gives each pair in one direction only is taken as its couplings with or without this.
    pub symmetrise: bool,
    /// What the weights of a graph mean: [`Convention::MaxCut`] (the default) or [`Convention::Ising`].
    pub convention: Option<Convention>,
}

/// A model, and how its file was interpreted.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The model.
    pub couplings: Couplings,
    /// The format, in words.
    pub format: String,
    /// What its weights mean.
    pub convention: Convention,
    /// What was not evident from the file, and how it was taken: a sentence each.
    pub notes: Vec<String>,
}

/// Reads a model: a `.safetensors` file by its tensors `w` and `h`, text by its first lines.
///
/// # Errors
/// [`FileError`] naming the file, and the line or the place in a tensor.
pub fn read(path: &Path, reading: Reading) -> Result<Source, FileError> {
    if is_safetensors(path) {
        let (file, notes) = IsingFile::load_noted(path, reading.symmetrise)?;
        if let Some(convention) = reading.convention.filter(|&c| c != Convention::Ising) {
            return Err(FileError::Convention {
                path: path.to_owned(),
                convention,
                reason: "tensor w of a safetensors file holds couplings, J = w",
            });
        }
        let couplings = Couplings::of_file(&file);
        return Ok(Source {
            convention: match couplings.problem {
                Problem::Qubo { .. } => Convention::Qubo,
                _ => Convention::Ising,
            },
            couplings,
            format: "safetensors".into(),
            notes,
        });
    }
    let bytes = input::read(path, &TEXT)?;
    parse(&bytes, reading).map_err(|(line, reason)| FileError::Line {
        path: path.to_owned(),
        line,
        reason,
    })
}

/// Whether a path names a safetensors file.
#[must_use]
pub fn is_safetensors(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors"))
}

/// Reads a model from the bytes of a text file, of any of the formats.
///
/// # Errors
/// The line that is wrong, from 1, and what was expected.
pub fn parse(bytes: &[u8], reading: Reading) -> Result<Source, (usize, String)> {
    let text = text::decode(bytes)?;
    let (terms, own): (Terms, _) = if let Some(banner) = matrix_market::banner(&text) {
        (matrix_market::parse(&text, banner)?, None)
    } else {
        let first = text::lines(&text)
            .next()
            .ok_or((1, "the file is empty".to_string()))?;
        match first.words().next() {
            Some("p") if qubo::announced(&first) => (qubo::parse(&text)?, Some(Convention::Qubo)),
            Some("p") => (dimacs::parse(&text)?, None),
            _ => edge_list::parse(&text)?,
        }
    };
    let convention = match (own, reading.convention) {
        (Some(own), Some(asked)) => return Err(own.refuses(asked)),
        (Some(own), None) => own,
        (None, asked) => asked.unwrap_or(Convention::MaxCut),
    };
    let mut notes = terms.notes.clone();
    let couplings = terms.couplings(convention, reading, &mut notes)?;
    Ok(Source {
        couplings,
        format: terms.format,
        convention,
        notes,
    })
}

impl Convention {
    fn refuses(self, asked: Self) -> Wrong {
        let reason = format!(
            "reading.convention = {}: the file itself says what its weights mean ({})",
            asked.name(),
            self.sentence()
        );
        (1, reason)
    }
}

#[cfg(test)]
mod tests;
