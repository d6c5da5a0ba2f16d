//! Options of the commands for machines with label units.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::{DataOptions, Replace, RunOptions};

pub(super) const CLASSIFY_EXAMPLES: &str = "Examples:
  bitspin rbm train --labels --momentum 0.9 --out runs/labels
  bitspin rbm classify runs/labels/model.safetensors --out reliability.svg
  bitspin rbm classify runs/labels/model.safetensors --against noise
  bitspin rbm classify runs/labels/model.safetensors --per-row scores.csv

A model without label units is taken as a feature extractor: multinomial logistic regression on its p(h|v), fitted to
the training digits, classifies the held-out ones.";

pub(super) const CALIBRATE_EXAMPLES: &str =
    "Example:\n  bitspin rbm calibrate runs/labels/model.safetensors --out calibrated.safetensors

The temperature is fitted to the first half of the held-out digits and measured on the second.";

/// What training with labels is asked for.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct LabelOptions {
    /// Learn the labels too: label units make the model a classifier whose logits are energies. Labels of a table are a
    /// column, by name or number, or a file of one per row (.npy, .csv) [default: the column `label`]
    #[arg(long, value_name = "COLUMN|FILE", num_args = 0..=1, default_missing_value = "")]
    pub(crate) labels: Option<String>,
    /// What to maximise: ln p(x, y), ln p(y|x), or the latter and --mix of the former [default: hybrid]
    #[arg(long, value_enum, requires = "labels")]
    pub(crate) objective: Option<ObjectiveName>,
    /// Weight of ln p(x, y) in the hybrid objective [default: 0.05]
    #[arg(
        long,
        value_name = "A",
        requires = "labels",
        allow_negative_numbers = true
    )]
    pub(crate) mix: Option<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ObjectiveName {
    /// ln p(x, y), by contrastive divergence
    Generative,
    /// ln p(y|x), exactly
    Discriminative,
    /// ln p(y|x) + A ln p(x, y)
    Hybrid,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ClassifyWithRbm {
    /// A model.safetensors
    pub(crate) model: PathBuf,
    /// Labels of a table: a column, by name or number, or a file of one per row [default: the column `label`]
    #[arg(long, value_name = "COLUMN|FILE")]
    pub(crate) labels: Option<String>,
    /// Temperature of p(y|x) [default: the model's, by `calibrate`, or 1]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,
    /// Tell held-out digits from other data by E(x): `noise` (each digit's pixels shuffled), or a data set
    #[arg(long, value_name = "DATA|noise")]
    pub(crate) against: Option<PathBuf>,
    /// Also ln Z and ln p(x) by enumeration; the smaller layer may have up to 24 units
    #[arg(long)]
    pub(crate) exact: bool,
    /// Also E(x), the predicted class, p(y|x) and, with --exact, ln p(x) of every held-out row: FILE.csv with row (from 0) and
    /// split, or FILE.npy, float64 of shape [rows, scores]
    #[arg(long, value_name = "FILE")]
    pub(crate) per_row: Option<PathBuf>,
    /// Plot to write: the reliability diagram
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Calibrate {
    /// A model.safetensors with label units
    pub(crate) model: PathBuf,
    /// Labels of a table: a column, by name or number, or a file of one per row [default: the column `label`]
    #[arg(long, value_name = "COLUMN|FILE")]
    pub(crate) labels: Option<String>,
    /// Model to write: the same, with the temperature that `classify` then uses
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}
