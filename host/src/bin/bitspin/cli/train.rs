//! Options of `bitspin rbm train`.

mod recorded;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::count::{BATCH, GIBBS, STEPS, UNITS, count};
use super::{DataOptions, LabelOptions, Replace, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm train
  bitspin rbm train --data films --out runs/films
  bitspin rbm train --preset quick --out runs/quick
  bitspin rbm train --method pcd --centred --epochs 30 --lr 0.05 --out runs/pcd
  bitspin rbm train --resume runs/pcd --epochs 60
  bitspin rbm train --data mnist --hidden 500 --epochs 10 --out runs/mnist

Without --data, the RBM learns 10,000 built-in MNIST digits: 9,000 to train
and 1,000 held out. For MNIST, --data names a directory with its four IDX files.
For a table, the columns with the largest weights of each hidden unit are
printed, and missing entries are sampled again before every epoch.

--out receives model.safetensors, metrics.csv, real.png, generated.png,
filters.png, learning-curve.svg and checkpoint.bin. --resume continues from
checkpoint.bin after Ctrl-C, after a crash, or with more epochs. The result is
the same, byte for byte, as without the interruption.";

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Train {
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) label: LabelOptions,
    /// Number of hidden units [default: 500; for a table without --labels, a sixth of its columns]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, UNITS>)]
    pub(crate) hidden: Option<usize>,
    /// Passes over the training data [default: the preset's; with --labels and no preset, 20; for a table without
    /// --labels, 200]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) epochs: Option<usize>,
    /// Images or rows per minibatch [default: the preset's; for a table without --labels, 16]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, BATCH>)]
    pub(crate) batch: Option<usize>,
    /// Minibatch size in the last epoch, reached in equal steps; added chains start with all hidden units off [default:
    /// as in the first epoch]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, BATCH>)]
    pub(crate) batch_final: Option<usize>,
    /// Preset that supplies the options that are not given
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Preset::Lecture)]
    pub(crate) preset: Preset,
    /// Learning rate [default: the preset's]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr: Option<f32>,
    /// Schedule of the learning rate [default: inverse with --lr-decay, else the preset's]
    #[arg(long, value_enum, value_name = "SCHEDULE")]
    pub(crate) lr_schedule: Option<RateForm>,
    /// Decay D of the inverse schedule; 0 is a constant rate [default: the preset's]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) lr_decay: Option<f32>,
    /// Final learning rate of the other schedules [default: the preset's, else 0; for exponential, a hundredth of --lr]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr_final: Option<f32>,
    /// Gibbs steps per minibatch, the k of CD-k [default: the preset's]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, GIBBS>)]
    pub(crate) k: Option<usize>,
    /// Gibbs steps per minibatch in the last epoch, reached in equal steps [default: the preset's; with --k, the same]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, GIBBS>)]
    pub(crate) k_final: Option<usize>,
    /// Where the Gibbs chains start [default: the preset's]
    #[arg(long, value_enum)]
    pub(crate) method: Option<Method>,
    /// Use the centred gradient, in which units are counted from their means [default: the preset's]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) centred: Option<bool>,
    /// Initial values of the visible biases [default: the preset's]
    #[arg(long, value_enum, value_name = "START")]
    pub(crate) visible_bias: Option<VisibleBias>,
    /// Momentum, from 0 to below 1
    #[arg(
        long,
        value_name = "M",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) momentum: f32,
    /// L2 weight decay: each minibatch shrinks the weights by lr times this
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) weight_decay: f32,
    /// L1 penalty: each minibatch moves the weights towards zero by lr times this
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) l1: Option<f32>,
    /// Target for the mean activation of each hidden unit over the data
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub(crate) sparsity_target: Option<f32>,
    /// Weight of the sparsity target: a hidden bias learns C times the distance to the target [default: 0.1]
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    pub(crate) sparsity_cost: Option<f32>,
    /// Stop when N evaluations in a row did not improve on the best held-out score, and keep the best model. The score
    /// is the log-likelihood with --evaluate-every, else -ln p(y|x) with --labels, else the pseudo-log-likelihood
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) patience: Option<usize>,
    /// Compute the log-likelihood of held-out data (with --labels, of data and labels) every N epochs and after the
    /// last. It is exact for up to 16 hidden units. Otherwise it is an AIS estimate with 100 chains and 1,000
    /// temperatures, on average too high; `rbm eval --ais` gives estimates from both sides
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) evaluate_every: Option<usize>,
    /// Continue the run in DIR from its checkpoint, with its settings; --epochs may be larger
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    pub(crate) resume: Option<PathBuf>,
    /// Write a checkpoint every N epochs [default: at the end of an epoch, if the last was written 45 seconds ago or
    /// more]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) checkpoint_every: Option<usize>,
    /// Output directory
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
    /// As in the lecture's script: 2 epochs of CD-1 at a learning rate of 0.1, biases from zero
    Lecture,
    /// 50 epochs of PCD-5, minibatches of 100, visible biases from the data, learning rate 0.05 falling linearly to 0
    Quick,
    /// As quick, for 800 epochs
    Best,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RateForm {
    /// lr / (1 + D e) in epoch e, counted from 0, with D of --lr-decay
    Inverse,
    /// Linear to --lr-final, minibatch by minibatch
    Linear,
    /// Exponential to --lr-final, minibatch by minibatch
    Exponential,
    /// Half a cosine wave to --lr-final, minibatch by minibatch
    Cosine,
}

/// What the visible biases start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VisibleBias {
    /// Zero, as in the lecture
    Zero,
    /// The log-odds of each pixel in the training data
    Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// Contrastive divergence: each chain starts from its training image
    Cd,
    /// Persistent contrastive divergence: chains continue from minibatch to minibatch
    Pcd,
}
