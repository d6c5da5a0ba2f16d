//! Options of `bitspin rbm complete`.

use std::path::PathBuf;

use bitspin::hopfield::Half;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::count::{STEPS, count};
use super::{DataOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm complete bitspin-out/rbm/model.safetensors --out restored.png
  bitspin rbm complete bitspin-out/rbm/model.safetensors --erase left \\
      --out restored.npy
  bitspin rbm complete runs/films/model.safetensors --data films \\
      --out filled.csv
  bitspin rbm complete runs/films/model.safetensors --data films --hide 0.1

--erase and --hide remove known entries of held-out images or rows. The error of
the model on these entries is printed beside that of mean-filling, which uses
the mean of each column in the training data.";

/// The names of the halves of a picture.
const HALVES: [&str; 4] = ["top", "bottom", "left", "right"];

#[derive(Clone, Debug, Args)]
pub(crate) struct Complete {
    /// Model file (model.safetensors)
    pub(crate) model: PathBuf,
    /// Erase this half of every held-out image and restore it [default for images: bottom]
    #[arg(long, value_parser = PossibleValuesParser::new(HALVES).map(half), value_name = "HALF")]
    pub(crate) erase: Option<Half>,
    /// Hide this fraction of the known entries of held-out rows and predict them
    #[arg(long, value_name = "FRACTION", conflicts_with = "erase")]
    pub(crate) hide: Option<f64>,
    /// Gibbs steps over which probabilities are averaged
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) steps: usize,
    /// Gibbs steps before averaging starts
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<usize, 0, STEPS>)]
    pub(crate) burn_in: usize,
    /// Fill in samples (0 or 1) instead of probabilities
    #[arg(long)]
    pub(crate) samples: bool,
    /// Number of held-out images to restore
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) digits: usize,
    /// Output file. For images: FILE.png, a picture of the first 16. For a table: FILE.csv, with the names of the
    /// table. For both: FILE.npy, all completed rows as float32 of shape [rows, units], or uint8 with --samples. For
    /// images, FILE.csv holds the same numbers [default: completed.png or completed.csv]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

/// The half of a picture that a name on the command line stands for.
fn half(name: String) -> Half {
    match name.as_str() {
        "top" => Half::Top,
        "bottom" => Half::Bottom,
        "left" => Half::Left,
        _ => Half::Right,
    }
}
