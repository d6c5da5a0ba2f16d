//! The options of `bitspin boltzmann`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::count::{CHAINS, STEPS, TEMPERATURES, UNITS, count};
use super::{Replace, RunOptions, TableArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum Boltzmann {
    /// Train a Boltzmann machine on small patterns; write the model, its metrics and its pictures
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(BoltzmannTrain),
    /// Print the Boltzmann distribution of given energies: p, Z, entropy, mean energy and free energy
    #[command(after_help = DISTRIBUTION_EXAMPLES)]
    Distribution(BoltzmannDistribution),
}

const DISTRIBUTION_EXAMPLES: &str = "Examples:
  bitspin boltzmann distribution --energies 0,1,2,3 --temperature 0.5
  bitspin boltzmann distribution --energies levels.txt --json

p = exp(-E/T) / Z is the softmax of -E/T. All sums are relative to the lowest
energy, so no value of E/T overflows. An energy of inf has probability 0.";

#[derive(Debug, Args)]
pub(crate) struct BoltzmannDistribution {
    /// Energies separated by commas, or a file of numbers separated by commas, spaces or line breaks (`-` for standard
    /// input); in a file, `#` starts a comment
    #[arg(long, value_name = "LIST_OR_FILE", allow_hyphen_values = true)]
    pub(crate) energies: PathBuf,
    /// Temperature T, in the unit of the energies (k_B = 1)
    #[arg(
        long,
        value_name = "T",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub(crate) temperature: f64,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

const TRAIN_EXAMPLES: &str = "Examples:
  bitspin boltzmann train
  bitspin boltzmann train --data digit-crops --method pseudo-likelihood \\
      --out runs/crops
  bitspin boltzmann train --data votes.csv --method tempering --hidden 4 \\
      --out runs/votes

Built-in data sets: bars-and-stripes (14 pictures of 3x3), shifter (768 patterns
of 19 spins) and digit-crops (9,000 pictures of 4x4).

--out receives model.safetensors (w and h, visible spins first), metrics.csv,
learning-curve.svg, data.png, samples.png and, if all visible states can be
enumerated, probabilities.svg.";

#[derive(Debug, Args)]
pub(crate) struct BoltzmannTrain {
    /// Built-in data set, or a table of 0/1 or -1/+1: FILE.csv, .tsv, .txt, .npy or .npz[:ARRAY], raw or .gz, or `-`
    /// for standard input
    #[arg(long, value_name = "NAME_OR_FILE", default_value = "bars-and-stripes")]
    pub(crate) data: PathBuf,
    /// Estimator of the gradient
    #[arg(long, value_enum, default_value_t = BoltzmannMethod::Exact)]
    pub(crate) method: BoltzmannMethod,
    /// Number of hidden spins [default: 8 for bars-and-stripes, else 0]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, UNITS>)]
    pub(crate) hidden: Option<usize>,
    /// Number of steps, each along the gradient over all data [default: 300; 1000 with pcd and tempering]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) epochs: Option<usize>,
    /// Learning rate, 1/tau in the lecture [default: 0.05]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr: Option<f32>,
    /// Learning-rate decay D: the rate of epoch e, counted from 0, is lr / (1 + D e) [default: 0; 0.005 with pcd and
    /// tempering]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) lr_decay: Option<f32>,
    /// Momentum, from 0 to below 1 [default: 0.9; 0.5 with pcd and tempering]
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub(crate) momentum: Option<f32>,
    /// L2 weight decay: each step shrinks the couplings by lr times this
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) weight_decay: f32,
    /// Persistent chains of pcd; ladders of chains with tempering [default: 256]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, CHAINS>)]
    pub(crate) chains: Option<usize>,
    /// Sweeps of every chain per step [default: 4]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) sweeps: Option<usize>,
    /// Temperatures per ladder, at equal steps of beta up to 1 [default: 8]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, TEMPERATURES>)]
    pub(crate) temperatures: Option<usize>,
    /// Output directory
    #[arg(long, value_name = "DIR", default_value = "bitspin-out/boltzmann")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) tables: TableArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BoltzmannMethod {
    /// Exact gradient by enumeration; up to 24 spins
    Exact,
    /// Persistent contrastive divergence: chains that continue from step to step
    Pcd,
    /// As pcd, with a ladder of temperatures for each chain
    Tempering,
    /// Pseudo-likelihood: each spin given all others; no chains
    PseudoLikelihood,
    /// Ratio matching, the score matching of binary data; no chains
    RatioMatching,
    /// Minimum probability flow; no chains
    Flow,
}
