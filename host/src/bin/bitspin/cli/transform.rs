//! Options of `bitspin rbm transform`, and which rows of data are taken.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DataOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm transform bitspin-out/rbm/model.safetensors --out features.npy
  bitspin rbm transform bitspin-out/rbm/model.safetensors --states packed \\
      --rows test --out states.npy

FILE.npy holds p(h|v) as float32 of shape [rows, hidden]. With --states bits it
holds uint8 of shape [rows, hidden], 0 or 1. With --states packed it holds uint8
of shape [rows, ceil(hidden / 8)]; unpack it with numpy.unpackbits(a, axis=1,
count=hidden, bitorder='little'). FILE.csv holds the same numbers below a line
of names h1, h2, ...

A model with label units needs no labels here: p(h|x) is the mean of p(h|x, y)
over p(y|x), and a state is drawn together with its label.";

#[derive(Clone, Debug, Args)]
pub(crate) struct Transform {
    /// Model file, with or without label units (model.safetensors)
    pub(crate) model: PathBuf,
    /// Rows of the data to use
    #[arg(long, value_enum, default_value_t = Rows::All)]
    pub(crate) rows: Rows,
    /// Write hidden states drawn from p(h|v) instead of probabilities
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) states: Option<StateForm>,
    /// Output file: FILE.npy or FILE.csv
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
    /// Training rows, then held-out rows; for one file, all rows in their order
    All,
    /// Training rows
    Train,
    /// Held-out rows
    Test,
}

/// How states are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateForm {
    /// One byte per unit, 0 or 1
    Bits,
    /// One bit per unit; the first unit is the lowest bit of the first byte
    Packed,
}
