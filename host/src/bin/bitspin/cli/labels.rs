//! Options of the commands for models with label units.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::{DataOptions, Replace, RunOptions};

pub(super) const CLASSIFY_EXAMPLES: &str = "Examples:
  bitspin rbm train --labels --momentum 0.9 --out runs/labels
  bitspin rbm classify runs/labels/model.safetensors --out reliability.svg
  bitspin rbm classify runs/labels/model.safetensors --against noise
  bitspin rbm classify runs/labels/model.safetensors --per-row scores.csv

A model without label units serves as a feature extractor: a multinomial
logistic regression on p(h|v) is fitted to the training images and classifies
the held-out ones.";

pub(super) const CALIBRATE_EXAMPLES: &str = "Example:
  bitspin rbm calibrate runs/labels/model.safetensors \\
      --out calibrated.safetensors

The temperature is fitted on the first half of the held-out images and evaluated
on the second half.";

/// Options of training with labels.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct LabelOptions {
    /// Also learn labels: label units make the model a classifier. The labels of a table are a column, given by name or
    /// number, or a file of one label per row (.npy, .csv) [default: the column `label`]
    #[arg(long, value_name = "COLUMN|FILE", num_args = 0..=1, default_missing_value = "")]
    pub(crate) labels: Option<String>,
    /// Objective to maximise [default: hybrid]
    #[arg(long, value_enum, requires = "labels")]
    pub(crate) objective: Option<ObjectiveName>,
    /// Weight A of ln p(x, y) in the hybrid objective [default: 0.05]
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
    /// Model file (model.safetensors)
    pub(crate) model: PathBuf,
    /// Labels of a table: a column, given by name or number, or a file of one label per row [default: the column
    /// `label`]
    #[arg(long, value_name = "COLUMN|FILE")]
    pub(crate) labels: Option<String>,
    /// Temperature of p(y|x) [default: as `calibrate` stored in the model, else 1]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,
    /// Distinguish held-out images from other data by E(x): `noise` (each image with its pixels shuffled), or a data
    /// set
    #[arg(long, value_name = "DATA|noise")]
    pub(crate) against: Option<PathBuf>,
    /// Compute ln Z and ln p(x) by enumeration; the smaller layer may have up to 24 units
    #[arg(long)]
    pub(crate) exact: bool,
    /// Write E(x), the predicted class, p(y|x) and, with --exact, ln p(x) of each held-out row: FILE.csv with the row
    /// number (from 0) and the split, or FILE.npy, float64 of shape [rows, scores]
    #[arg(long, value_name = "FILE")]
    pub(crate) per_row: Option<PathBuf>,
    /// Plot to write: the reliability diagram [default: none]
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
    /// Model file with label units (model.safetensors)
    pub(crate) model: PathBuf,
    /// Labels of a table: a column, given by name or number, or a file of one label per row [default: the column
    /// `label`]
    #[arg(long, value_name = "COLUMN|FILE")]
    pub(crate) labels: Option<String>,
    /// Model to write: a copy with the fitted temperature, which `classify` then uses [default: none]
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}
