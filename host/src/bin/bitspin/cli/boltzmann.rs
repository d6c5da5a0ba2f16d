//! The options of `bitspin boltzmann`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::count::{CHAINS, STEPS, TEMPERATURES, UNITS, count};
use super::{Replace, RunOptions, TableArguments};

#[derive(Debug, Subcommand)]
pub(crate) enum Boltzmann {
    /// Learn small patterns; write the model, its figures and its pictures
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(BoltzmannTrain),
    /// Print the Boltzmann distribution of listed energies: p, Z, entropy, mean and free energy
    #[command(after_help = DISTRIBUTION_EXAMPLES)]
    Distribution(BoltzmannDistribution),
}

const DISTRIBUTION_EXAMPLES: &str = "Examples:
  bitspin boltzmann distribution --energies 0,1,2,3 --temperature 0.5
  bitspin boltzmann distribution --energies levels.txt --json

p = exp(-E/T) / Z is the softmax of -E/T. Sums are taken relative to the lowest energy, so that no size of E/T overflows.
inf is the energy of a state that does not occur.";

#[derive(Debug, Args)]
pub(crate) struct BoltzmannDistribution {
    /// Energies with commas between them, or a file of numbers (`-` for standard input) with commas, spaces or line breaks
    /// between them; `#` begins a comment
    #[arg(long, value_name = "LIST_OR_FILE", allow_hyphen_values = true)]
    pub(crate) energies: PathBuf,
    /// Temperature T in the unit of the energies (k_B = 1)
    #[arg(
        long,
        value_name = "T",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub(crate) temperature: f64,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const TRAIN_EXAMPLES: &str = "Examples:
  bitspin boltzmann train
  bitspin boltzmann train --data digit-crops --method pseudo-likelihood --out runs/crops
  bitspin boltzmann train --data votes.csv --method tempering --hidden 4

Built-in data: bars-and-stripes (14 pictures of 3 x 3), shifter (19 spins, 768 patterns), digit-crops (9,000 of 4 x 4).
Into --out go model.safetensors (w, h; the visible spins first), metrics.csv, learning-curve.svg, data.png, samples.png
and, where all visible states can be listed, probabilities.svg.";

#[derive(Debug, Args)]
pub(crate) struct BoltzmannTrain {
    /// Built-in data, or a table of 0 and 1 or of -1 and +1: FILE.csv, .tsv or .txt, or NumPy's FILE.npy or FILE.npz[:ARRAY],
    /// raw or .gz, or `-`, standard input
    #[arg(long, value_name = "NAME_OR_FILE", default_value = "bars-and-stripes")]
    pub(crate) data: PathBuf,
    #[command(flatten)]
    pub(crate) tables: TableArguments,
    /// Estimator of the gradient
    #[arg(long, value_enum, default_value_t = BoltzmannMethod::Exact)]
    pub(crate) method: BoltzmannMethod,
    /// Hidden spins [default: 8 for bars-and-stripes, else 0]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, UNITS>)]
    pub(crate) hidden: Option<usize>,
    /// Steps, each along the gradient of all data [default: 300; 1000 where chains sample]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) epochs: Option<usize>,
    /// Learning rate, the lecture's 1/tau [default: 0.05]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) lr: Option<f32>,
    /// Learning-rate decay D: epoch e (from 0) learns at lr / (1 + D e) [default: 0; 0.005 where chains sample]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    pub(crate) lr_decay: Option<f32>,
    /// Share of the last step that is repeated, 0 to below 1 [default: 0.9; 0.5 where chains sample]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) momentum: Option<f32>,
    /// L2 weight decay: couplings shrink by lr times this a step
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) weight_decay: f32,
    /// Chains, or with tempering ladders of chains, that go on from step to step [default: 256]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, CHAINS>)]
    pub(crate) chains: Option<usize>,
    /// Sweeps of every chain a step [default: 4]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, STEPS>)]
    pub(crate) sweeps: Option<usize>,
    /// Temperatures of a ladder, of equal steps in beta up to 1 [default: 8]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, TEMPERATURES>)]
    pub(crate) temperatures: Option<usize>,
    /// Directory for the results
    #[arg(long, value_name = "DIR", default_value = "bitspin-out/boltzmann")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BoltzmannMethod {
    /// <s s'> of the data less the thermal one, by enumeration; up to 24 spins
    Exact,
    /// The same, the thermal one by chains that go on from step to step
    Pcd,
    /// The same, each chain being the coldest of a ladder of temperatures
    Tempering,
    /// Every spin given the others; no chains
    PseudoLikelihood,
    /// Score matching for bits; no chains
    RatioMatching,
    /// Minimum probability flow; no chains
    Flow,
}
