//! Command-line options and their help.

mod boltzmann;
mod complete;
mod count;
mod device;
mod firmware;
mod hopfield;
mod ising;
mod labels;
mod quantise;
mod run;
mod tables;
mod train;
mod transform;

use std::path::PathBuf;
use std::process::ExitCode;

use bitspin::console;
use bitspin::data::{Binarisation, GreyLevels, GreyRange, Holdout, Reading, TableOptions};
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use serde::{Deserialize, Serialize};

use count::{BETAS, BURN_IN, RBM_CHAINS, ROUNDS, STEPS, count};

pub(crate) use boltzmann::{Boltzmann, BoltzmannDistribution, BoltzmannMethod, BoltzmannTrain};
pub(crate) use complete::Complete;
pub(crate) use device::{
    BoardOptions, Device, DeviceCommand, DeviceInfo, DeviceRecall, DeviceSample, DeviceScore, Kind,
    SpinRule,
};
pub(crate) use firmware::{Export, Firmware, FirmwareInfo};
pub(crate) use hopfield::{
    Add, Capacity, Classify, Dynamics, Hopfield, Motion, Order, Recall, Source,
};
pub(crate) use ising::{
    Anneal, AnnealSchedule, GraphConvention, Ising, IsingConvert, IsingExact, IsingReading,
    IsingSample, IsingSampler,
};
pub(crate) use labels::{Calibrate, ClassifyWithRbm, LabelOptions, ObjectiveName};
pub(crate) use quantise::{Quantise, Weights};
pub(crate) use run::{Replace, RunOptions, Seeded, threads};
pub(crate) use tables::{HeldOutArguments, TableArguments};
pub(crate) use train::{Method, Preset, RateForm, Train, VisibleBias};
pub(crate) use transform::{Rows, StateForm, Transform};

const EXAMPLES: &str = "Examples:
  bitspin rbm train
  bitspin hopfield recall --out recall.png
  bitspin ising sample --lattice 64x64 --beta 0.4407 --sampler wolff

`bitspin rbm --help` lists the commands for RBMs, and `bitspin rbm train --help`
the options of one command.";

/// Train, sample, evaluate and plot energy-based models of binary units
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = EXAMPLES,
    max_term_width = 100,
    arg_required_else_help = true,
    subcommand_required = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Restricted Boltzmann machines (RBMs)
    #[command(subcommand, arg_required_else_help = true)]
    Rbm(Box<Rbm>),
    /// Hopfield memories
    #[command(subcommand, arg_required_else_help = true)]
    Hopfield(Hopfield),
    /// Ising models: spin glasses, lattices, MaxCut and QUBO problems
    #[command(subcommand, arg_required_else_help = true)]
    Ising(Ising),
    /// Boltzmann machines, with and without hidden spins
    #[command(subcommand, arg_required_else_help = true)]
    Boltzmann(Boltzmann),
    /// Export models for microcontrollers
    #[command(subcommand, arg_required_else_help = true)]
    Firmware(Firmware),
    /// Run the model of a connected board, and compare the board with this computer
    Device(Device),
    /// Download data sets
    #[command(subcommand, arg_required_else_help = true)]
    Data(Data),
    /// Check the engine against a plain float64 reference on random models
    #[command(after_help = "Example:
  bitspin validate --seed 7

The exit code is 1 if an error bound is exceeded.")]
    Validate(Validate),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rbm {
    /// Train an RBM on images or a table; write the model, its metrics and its pictures
    #[command(after_help = train::EXAMPLES)]
    Train(Train),
    /// Draw samples from a model by Gibbs sampling; write a picture or an array
    #[command(after_help = "Examples:
  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 64 \\
      --steps 1000 --out samples.png
  bitspin rbm sample bitspin-out/rbm/model.safetensors --from-data \\
      --steps 100 --out near-data.png
  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 1000 \\
      --out samples.npy

Chains that start from noise can all end in one or two classes, because Gibbs
chains of a well-trained model rarely change class. --from-data starts each chain
from another image, and --label asks for one class of a model with label units.
`bitspin rbm eval --mixing` measures how slowly the chains mix.")]
    Sample(Sample),
    /// Evaluate a model on a data set: free energy, likelihood, mixing of its chains
    #[command(after_help = "Examples:
  bitspin rbm eval bitspin-out/rbm/model.safetensors --json
  bitspin rbm eval bitspin-out/rbm/model.safetensors --ais --chains 100 \\
      --betas 1000
  bitspin rbm eval bitspin-out/rbm/model.safetensors --per-row scores.csv \\
      --rows test")]
    Eval(Eval),
    /// Round the weights to fewer bits, or report what each number of bits costs in likelihood
    #[command(after_help = "Examples:
  bitspin rbm quantise bitspin-out/rbm/model.safetensors --report \\
      --chains 100 --betas 1000
  bitspin rbm quantise bitspin-out/rbm/model.safetensors --format i4 \\
      --out small.safetensors")]
    Quantise(Quantise),
    /// Compute the hidden layer of data: p(h|v), or states drawn from it
    #[command(after_help = transform::EXAMPLES)]
    Transform(Transform),
    /// Fill in missing entries of a table, or an erased half of images
    #[command(after_help = complete::EXAMPLES)]
    Complete(Complete),
    /// Classify held-out images
    #[command(after_help = labels::CLASSIFY_EXAMPLES)]
    Classify(ClassifyWithRbm),
    /// Fit the temperature of a classifier, so that its probabilities match its accuracy
    #[command(after_help = labels::CALIBRATE_EXAMPLES)]
    Calibrate(Calibrate),
}

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

impl std::str::FromStr for Size {
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

/// Where reverse annealing starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReverseStart {
    /// Exact samples of the model, by enumeration; up to 24 units
    Exact,
    /// Samples of the model by parallel tempering; convergence is checked
    Tempering,
    /// Training rows after --burn-in Gibbs steps; gives no bound
    Data,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Eval {
    /// Model file (model.safetensors)
    pub(crate) model: PathBuf,
    /// Compute ln Z and log-likelihoods by enumeration; the smaller layer may have up to 24 units
    #[arg(long)]
    pub(crate) exact: bool,
    /// Estimate ln Z and log-likelihoods by annealed importance sampling (AIS). The forward estimate of the test
    /// log-likelihood, from the base-rate model, is on average too high. The reverse estimate, from samples of the
    /// model, and RAISE, in reverse from test rows, are on average too low
    #[arg(long)]
    pub(crate) ais: bool,
    /// Chains of --ais in each direction
    #[arg(long, value_name = "N", default_value_t = 500, requires = "ais", value_parser = count::<usize, 2, RBM_CHAINS>)]
    pub(crate) chains: usize,
    /// Temperatures of --ais and RAISE
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "ais", value_parser = count::<usize, 1, BETAS>)]
    pub(crate) betas: usize,
    /// Start of the reverse chains [default: exact for up to 24 units in the smaller layer, else tempering]
    #[arg(long, value_enum, value_name = "START", requires = "ais")]
    pub(crate) reverse_from: Option<ReverseStart>,
    /// Rounds of parallel tempering. In each round every replica takes one Gibbs step, and neighbouring temperatures
    /// exchange states. The first half is burn-in, in which the temperatures adapt
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "ais", value_parser = count::<usize, ROUNDS, BURN_IN>)]
    pub(crate) tempering_rounds: usize,
    /// Gibbs steps from training rows before reverse annealing, with --reverse-from data
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "ais", value_parser = count::<usize, 0, BURN_IN>)]
    pub(crate) burn_in: usize,
    /// Test rows of RAISE, drawn at random; 0 turns RAISE off
    #[arg(long, value_name = "N", default_value_t = 200, requires = "ais", value_parser = count::<usize, 0, RBM_CHAINS>)]
    pub(crate) raise_rows: usize,
    /// Chains of RAISE per row. More chains tighten the bound
    #[arg(long, value_name = "N", default_value_t = 5, requires = "ais", value_parser = count::<usize, 1, RBM_CHAINS>)]
    pub(crate) raise_chains: usize,
    /// Write the free energy, the pseudo-log-likelihood and, with --exact or --ais, the log-likelihood of each row, in
    /// nats: FILE.csv with the row number (from 0) and the split, or FILE.npy, float64 of shape [rows, scores]
    #[arg(long, value_name = "FILE")]
    pub(crate) per_row: Option<PathBuf>,
    /// Rows of --per-row
    #[arg(long, value_enum, default_value_t = Rows::All, requires = "per_row")]
    pub(crate) rows: Rows,
    /// Replace an earlier file of --per-row
    #[arg(long, requires = "per_row")]
    pub(crate) force: bool,
    /// Check whether Gibbs chains mix (R-hat, autocorrelation), and compare their samples with the test images by a
    /// nearest-neighbour test
    #[arg(long)]
    pub(crate) mixing: bool,
    /// Chains of --mixing; half start from images, half from noise
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "mixing", value_parser = count::<usize, 2, RBM_CHAINS>)]
    pub(crate) samples: usize,
    /// Gibbs steps of --mixing
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "mixing", value_parser = count::<usize, 8, BURN_IN>)]
    pub(crate) steps: usize,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
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

#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) run: Seeded,
}

/// Parses the command line.
///
/// # Errors
/// What was wrong with it, or the help that was asked for.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    let mut command = Arguments::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let mut arguments =
        Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    if let Command::Rbm(command) = &mut arguments.command
        && let Rbm::Train(options) = command.as_mut()
    {
        options.given = given(&matches);
    }
    Ok(arguments)
}

/// The options that are on the command line, in the last subcommand.
fn given(mut matches: &ArgMatches) -> Vec<String> {
    while let Some((_, subcommand)) = matches.subcommand() {
        matches = subcommand;
    }
    let ids = matches.ids().map(clap::Id::as_str);
    ids.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine))
        .map(String::from)
        .collect()
}

/// Prints what was wrong with the command line, in one line, or the help that was asked for.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            console::record(error.print());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            let text = error.to_string();
            let lines = text
                .lines()
                .map(str::trim)
                .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
            let words: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            console::say_line(words.join(" "));
            ExitCode::from(2)
        }
    }
}
