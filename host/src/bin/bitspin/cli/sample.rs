//! Options of `bitspin rbm sample`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::count::{RBM_CHAINS, STEPS, count};
use super::{DataOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 64 \\
      --steps 1000 --out samples.png
  bitspin rbm sample bitspin-out/rbm/model.safetensors --from-data \\
      --steps 100 --out near-data.png
  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 1000 \\
      --out samples.npy

Chains that start from noise can all end in one or two classes, because Gibbs
chains of a well-trained model rarely change class. --from-data starts each chain
from another image, and --label asks for one class of a model with label units.
`bitspin rbm eval --mixing` measures how slowly the chains mix.";

#[derive(Clone, Debug, Args)]
pub(crate) struct Sample {
    /// Model file (model.safetensors)
    pub(crate) model: PathBuf,
    /// Number of chains; each gives one sample
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = count::<usize, 1, RBM_CHAINS>)]
    pub(crate) chains: usize,
    /// Gibbs steps per chain
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) steps: usize,
    /// Start the chains from images of the data set instead of noise
    #[arg(long)]
    pub(crate) from_data: bool,
    /// Sample from p(x|y) of this class; needs a model with label units
    #[arg(long, value_name = "CLASS")]
    pub(crate) label: Option<usize>,
    /// Shape of each picture [default: nearly square; with --from-data, the shape of the images]
    #[arg(long, value_name = "ROWSxCOLUMNS")]
    pub(crate) size: Option<Size>,
    /// Output file: FILE.png, p(v|h) of the last step as a picture; FILE.npy, the samples as uint8 of shape [chains,
    /// visible]; or FILE.csv, one line per chain
    #[arg(long, value_name = "FILE", default_value = "samples.png")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

/// Rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected rows x columns, such as 28x28, not '{text}'");
        let (rows, columns) = text.split_once('x').ok_or_else(wrong)?;
        match (rows.parse(), columns.parse()) {
            (Ok(rows), Ok(columns)) if rows > 0 && columns > 0 => Ok(Self { rows, columns }),
            _ => Err(wrong()),
        }
    }
}
