//! Options of `bitspin rbm complete`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::count::{STEPS, count};
use super::{DataOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm complete bitspin-out/rbm/model.safetensors --erase bottom --out restored.png
  bitspin rbm complete films/model.safetensors --data films --out filled.csv
  bitspin rbm complete bitspin-out/rbm/model.safetensors --erase left --samples --out restored.npy
  bitspin rbm complete films/model.safetensors --data films --hide 0.1

With --erase or --hide, held-out digits or rows lose what they have there, and what the model puts in its place is
measured beside mean-filling: the mean of each column in the training data.";

#[derive(Clone, Debug, Args)]
pub(crate) struct Complete {
    /// A model.safetensors
    pub(crate) model: PathBuf,
    /// Erase a half of every held-out digit and restore it [default for digits: bottom]
    #[arg(long, value_enum, value_name = "HALF")]
    pub(crate) erase: Option<Half>,
    /// Hide this share of the known entries of held-out rows and predict them
    #[arg(long, value_name = "SHARE", conflicts_with = "erase")]
    pub(crate) hide: Option<f64>,
    /// Gibbs steps that probabilities are means over
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) steps: usize,
    /// Gibbs steps before those
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<usize, 0, STEPS>)]
    pub(crate) burn_in: usize,
    /// Fill in samples, 0 or 1, instead of probabilities
    #[arg(long)]
    pub(crate) samples: bool,
    /// Digits to restore, from the first held-out one on
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) digits: usize,
    /// File to write. Of digits: FILE.png, a picture of the first 16. Of a table: FILE.csv, with its names. Of either: FILE.npy,
    /// all rows filled in, float32 of shape [rows, units], or uint8 with --samples; of digits FILE.csv has the same numbers
    /// [default: completed.png or completed.csv]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

/// Which half of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Half {
    Top,
    Bottom,
    Left,
    Right,
}

impl Half {
    /// Whether the pixel of row `r` and column `c` is in this half of a picture of `rows` x `columns`.
    pub(crate) fn holds(self, (r, c): (usize, usize), (rows, columns): (usize, usize)) -> bool {
        match self {
            Self::Top => r < rows / 2,
            Self::Bottom => r >= rows / 2,
            Self::Left => c < columns / 2,
            Self::Right => c >= columns / 2,
        }
    }
}
