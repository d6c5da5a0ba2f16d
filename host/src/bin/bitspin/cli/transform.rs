//! Options of `bitspin rbm transform`, and which rows of data are taken.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DataOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm transform bitspin-out/rbm/model.safetensors --data mnist --out features.npy
  bitspin rbm transform bitspin-out/rbm/model.safetensors --states packed --rows test --out states.npy

features.npy holds p(h|v) as float32 of shape [rows, hidden]. Of --states bits, uint8 of [rows, hidden], 0 or 1; of --states
packed, uint8 of [rows, hidden / 8 rounded up], which numpy.unpackbits(a, axis=1, count=hidden, bitorder='little') unpacks.
A CSV file has the same numbers below a line of names h1, h2, ...
Of a model with label units, labels are not given: p(h|x) is the mean of p(h|x, y) over p(y|x), and a state is drawn with its label.";

#[derive(Clone, Debug, Args)]
pub(crate) struct Transform {
    /// A model.safetensors, with label units or without
    pub(crate) model: PathBuf,
    /// Rows of the data that are taken
    #[arg(long, value_enum, default_value_t = Rows::All)]
    pub(crate) rows: Rows,
    /// Hidden states drawn from p(h|v) instead of probabilities
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) states: Option<StateForm>,
    /// File to write: FILE.npy or FILE.csv
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

/// Which rows of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rows {
    /// Those to train on, then those held out: all rows of a file in their order, where its last are held out
    All,
    /// Those to train on
    Train,
    /// Those held out
    Test,
}

/// How states are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateForm {
    /// A byte per unit, 0 or 1
    Bits,
    /// A bit per unit, the first in the lowest bit of the first byte
    Packed,
}
