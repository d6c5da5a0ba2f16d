//! Options that say which data are used and how they are read, and those of `bitspin data`.

use std::path::PathBuf;

use bitspin::data::{Binarisation, GreyLevels, GreyRange, Holdout, Reading, TableOptions};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{HeldOutArguments, TableArguments};

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DataOptions {
    /// Data to use: a directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz; a table of 0/1, -1/+1 or grey
    /// values, FILE.csv, .tsv, .txt, .npy or .npz[:ARRAY], raw or .gz, or `-` for standard input; or `films`, a
    /// built-in table of film likes. In a text table, an empty cell, `?`, NaN, NA or null is a missing value [default:
    /// the data that the model records, if they are still there; else the built-in digits]
    #[arg(long, value_name = "DATA")]
    #[serde(skip)]
    pub(crate) data: Option<PathBuf>,
    /// How grey pixels become bits: `stochastic`, 1 with probability grey/255, or `threshold=T`, 1 if grey/255 is at
    /// least T (`threshold` alone: 0.5) [default: as the model records; else stochastic]
    #[arg(long, value_name = "METHOD")]
    pub(crate) binarise: Option<Binarisation>,
    /// Halve the height and the width of images first: 28x28 becomes 14x14, which fits small boards [default: as the
    /// model records; else false]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) halve: Option<bool>,
    /// Grey levels of black and white in the data, such as 0..16 [default: as the model records; else detected, with a
    /// note unless it is 0..255]
    #[arg(long, value_name = "BLACK..WHITE", allow_hyphen_values = true)]
    pub(crate) grey_range: Option<GreyRange>,
    /// The range that the model records.
    #[arg(skip)]
    #[serde(skip)]
    pub(crate) recorded_range: Option<GreyRange>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) held_out: HeldOutArguments,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) tables: TableArguments,
}

impl DataOptions {
    /// How the data are read: labels are where `labels` says, and `holdout` applies unless it is given.
    pub(crate) fn reading(&self, labels: Option<&str>, holdout: Holdout) -> Reading {
        self.held_out.reading(self.table(labels), holdout)
    }

    /// How a table is read.
    pub(crate) fn table(&self, labels: Option<&str>) -> TableOptions {
        TableOptions {
            grey: match (self.grey_range, self.recorded_range) {
                (Some(range), _) => GreyLevels::In(range),
                (None, Some(range)) => GreyLevels::Like(range),
                (None, None) => GreyLevels::Found,
            },
            ..self.tables.options(labels)
        }
    }

    /// How grey pixels become bits.
    pub(crate) fn binarise(&self) -> Binarisation {
        self.binarise.unwrap_or(Binarisation::Stochastic)
    }

    /// Whether images are halved first.
    pub(crate) fn halve(&self) -> bool {
        self.halve.unwrap_or(false)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Data {
    /// Download a data set into a directory; needs a build with `--features download`
    #[command(after_help = "Example:
  bitspin data fetch mnist")]
    Fetch(Fetch),
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Directory for the four files
    pub(crate) dir: PathBuf,
    /// Download Fashion-MNIST instead of MNIST
    #[arg(long)]
    pub(crate) fashion: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}
