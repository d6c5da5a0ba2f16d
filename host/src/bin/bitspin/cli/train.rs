//! Options of `bitspin rbm train`.

mod recorded;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::count::{BATCH, GIBBS, STEPS, UNITS, count};
use super::{DataOptions, LabelOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm train
  bitspin rbm train --data mnist --hidden 500 --epochs 10 --method pcd --lr 0.05 --out runs/pcd
  bitspin rbm train --data films --out runs/films
  bitspin rbm train --method pcd --centred --epochs 30 --lr 0.05 --lr-schedule linear --k-final 3 --out runs/annealed
  bitspin rbm train --resume runs/annealed --epochs 60
  bitspin rbm train --epochs 100 --sparsity-target 0.1 --l1 0.0001 --patience 5 --out runs/sparse

Without --data it learns the 10,000 digits that are built in (9,000 to train, 1,000 held out).
Of a table it prints which columns drive each hidden unit; missing entries are drawn anew before every epoch.
Into --out go model.safetensors, metrics.csv, real.png, generated.png, filters.png and learning-curve.svg, and
checkpoint.bin, from which --resume goes on after Ctrl-C, after a crash, or to more epochs: with the same result, to the byte,
as without the interruption.";

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Train {
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) label: LabelOptions,
    /// Hidden units [default: 500; for a table without --labels, a sixth of its columns]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, UNITS>)]
    pub(crate) hidden: Option<usize>,
    /// Passes over the training digits [default: the preset's; with --labels and no preset, 20; for a table without --labels,
    /// 200]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) epochs: Option<usize>,
    /// Digits per minibatch [default: the preset's; for a table without --labels, 16]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, BATCH>)]
    pub(crate) batch: Option<usize>,
    /// Digits per minibatch in the last epoch, to which they go in equal steps; chains that join begin with all hidden units off
    /// [default: as many as in the first]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, BATCH>)]
    pub(crate) batch_final: Option<usize>,
    /// Where the options that are not given come from
    #[arg(long, value_enum, default_value_t = Preset::Lecture)]
    pub(crate) preset: Preset,
    /// Learning rate [default: the preset's]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr: Option<f32>,
    /// How the learning rate falls [default: inverse with --lr-decay, else the preset's]
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) lr_schedule: Option<RateForm>,
    /// D of the inverse schedule [default: the preset's; 0 is a constant rate]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) lr_decay: Option<f32>,
    /// Learning rate at the end of the other schedules [default: the preset's, else 0; of exponential, a hundredth of --lr]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr_final: Option<f32>,
    /// Gibbs steps per minibatch (the k of CD-k) [default: the preset's]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, GIBBS>)]
    pub(crate) k: Option<usize>,
    /// Gibbs steps per minibatch in the last epoch, to which they grow in equal steps [default: the preset's; with --k, as many]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, GIBBS>)]
    pub(crate) k_final: Option<usize>,
    /// Where the chains start [default: the preset's]
    #[arg(long, value_enum)]
    pub(crate) method: Option<Method>,
    /// Whether to follow the centred gradient, that of units counted from their means [default: the preset's]
    #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) centred: Option<bool>,
    /// What the visible biases start from [default: the preset's]
    #[arg(long, value_enum, value_name = "START")]
    pub(crate) visible_bias: Option<VisibleBias>,
    /// Share of the last change that is repeated, 0 to below 1
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) momentum: f32,
    /// L2 weight decay: weights shrink by lr times this a minibatch
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) weight_decay: f32,
    /// L1 penalty: weights go lr times this towards zero in every minibatch
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) l1: Option<f32>,
    /// Draw hidden units to be on with this probability, on average over the data
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub(crate) sparsity_target: Option<f32>,
    /// Weight of that: a hidden bias learns C times what its unit is off the target [default: 0.1]
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    pub(crate) sparsity_cost: Option<f32>,
    /// Stop where N measurements after the best held-out one none was better; the model is that of the best. What counts is
    /// the log-likelihood with --evaluate-every, else -ln p(y|x) with --labels, else the pseudo-log-likelihood
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) patience: Option<usize>,
    /// Also the log-likelihood of held-out digits (with --labels, of digits and labels), every N epochs and after the last:
    /// exact up to 16 hidden units, else by annealed importance sampling with 100 chains and 1,000 temperatures, which is on average too high; `rbm eval --ais`
    /// estimates it from both sides
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) evaluate_every: Option<usize>,
    /// Go on with the run in DIR from its checkpoint, with its settings; --epochs may be larger
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    pub(crate) resume: Option<PathBuf>,
    /// Write a checkpoint every N epochs [default: after 45 seconds, at the end of an epoch]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) checkpoint_every: Option<usize>,
    /// Directory for the results
    #[arg(long, value_name = "DIR", default_value = "bitspin-out/rbm")]
    #[serde(skip)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) data: DataOptions,
    /// The names of the options that were given.
    #[arg(skip)]
    #[serde(skip)]
    pub(crate) given: Vec<String>,
}

/// Settings that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Preset {
    /// The lecture's script: 2 epochs of CD-1 at a rate of 0.1, biases from zero
    Lecture,
    /// 50 epochs of PCD-5, batch 100, visible biases from the data, a rate of 0.05 that falls to 0 in a line
    Quick,
    /// The same in 800 epochs
    Best,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RateForm {
    /// Epoch e (from 0) learns at lr / (1 + D e), D of --lr-decay
    Inverse,
    /// In a straight line to --lr-final, minibatch by minibatch
    Linear,
    /// By one factor a minibatch to --lr-final
    Exponential,
    /// Along half a cosine wave to --lr-final
    Cosine,
}

/// What the visible biases start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VisibleBias {
    /// Zero, as in the lecture
    Zero,
    /// The log-odds of each pixel in the data
    Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// Contrastive divergence: every chain starts at its digit
    Cd,
    /// Persistent contrastive divergence: chains go on from minibatch to minibatch
    Pcd,
}
