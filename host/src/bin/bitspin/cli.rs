//! The command line: what can be asked for, and how it is explained.

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
pub(crate) use complete::{Complete, Half};
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

/// Train, sample, measure and draw energy-based models of binary units.
#[derive(Debug, Parser)]
#[command(
    version,
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
    /// Restricted Boltzmann machines
    #[command(subcommand, arg_required_else_help = true)]
    Rbm(Box<Rbm>),
    /// Hopfield memories
    #[command(subcommand, arg_required_else_help = true)]
    Hopfield(Hopfield),
    /// Ising models
    #[command(subcommand, arg_required_else_help = true)]
    Ising(Ising),
    /// Boltzmann machines, with and without hidden spins
    #[command(subcommand, arg_required_else_help = true)]
    Boltzmann(Boltzmann),
    /// Models for microcontrollers
    #[command(subcommand, arg_required_else_help = true)]
    Firmware(Firmware),
    /// A board that runs a model: drive it, and compare it with the desktop
    Device(Device),
    /// Data sets
    #[command(subcommand, arg_required_else_help = true)]
    Data(Data),
    /// Check the engine against a plain float64 reference on random models
    #[command(
        after_help = "Example:\n  bitspin validate --seed 7\n\nExit code 1 if any bound is broken."
    )]
    Validate(Validate),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rbm {
    /// Learn from digits; write the model, its figures and its pictures
    #[command(after_help = train::EXAMPLES)]
    Train(Train),
    /// Draw samples from a model by Gibbs sampling, as a picture or as numbers
    #[command(
        after_help = "Examples:\n  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 64 --steps 1000 --out samples.png\n  bitspin rbm sample bitspin-out/rbm/model.safetensors --chains 1000 --out samples.npy"
    )]
    Sample(Sample),
    /// Measure how good a model is on a data set
    #[command(
        after_help = "Examples:\n  bitspin rbm eval bitspin-out/rbm/model.safetensors --json\n  bitspin rbm eval bitspin-out/rbm/model.safetensors --ais --chains 100 --betas 1000\n  bitspin rbm eval bitspin-out/rbm/model.safetensors --per-row scores.csv --rows test"
    )]
    Eval(Eval),
    /// Measure what small weights cost in likelihood, or write a model with weights rounded to a format
    #[command(
        after_help = "Examples:\n  bitspin rbm quantise bitspin-out/rbm/model.safetensors --report --chains 100 --betas 1000\n  bitspin rbm quantise bitspin-out/rbm/model.safetensors --format i4 --out small.safetensors"
    )]
    Quantise(Quantise),
    /// Write the hidden layer of data: p(h|v), or states drawn from it
    #[command(after_help = transform::EXAMPLES)]
    Transform(Transform),
    /// Fill in what is missing: entries of a table, or an erased half of digits
    #[command(after_help = complete::EXAMPLES)]
    Complete(Complete),
    /// Classify held-out digits with a model that has label units
    #[command(after_help = labels::CLASSIFY_EXAMPLES)]
    Classify(ClassifyWithRbm),
    /// Fit the temperature at which a classifier's probabilities can be trusted
    #[command(after_help = labels::CALIBRATE_EXAMPLES)]
    Calibrate(Calibrate),
}

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DataOptions {
    /// Directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz; a table of 0/1, -1/+1 or grey entries: FILE.csv, .tsv
    /// or .txt, where an empty cell, `?`, NaN, NA or null is missing, or FILE.npy or FILE.npz[:ARRAY], raw or .gz, or `-`,
    /// standard input; or `films`, a built-in table of film likes [default: what the
    /// model records of its training, if it is there; else, and to train, the built-in digits]
    #[arg(long, value_name = "DATA")]
    #[serde(skip)]
    pub(crate) data: Option<PathBuf>,
    /// How grey pixels become bits: `stochastic` (set with probability grey / 255), or `threshold=T` (set from T on;
    /// 0.5 if only `threshold` is given) [default: what the model records of its training; stochastic where it records
    /// nothing, and to train]
    #[arg(long, value_name = "HOW")]
    pub(crate) binarise: Option<Binarisation>,
    /// Halve the height and the width of images first: 28 x 28 digits become 14 x 14, small enough for small boards
    /// [default: what the model records of its training, else not; --halve=false takes images as they are]
    #[arg(
        long,
        value_name = "YES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) halve: Option<bool>,
    /// Grey levels of IDX files and tables that stand for black and white, such as 0..16 [default: what the model records of its
    /// training; else found in the data, and said where it is not 0..255]
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
    /// A model.safetensors
    pub(crate) model: PathBuf,
    /// Chains, one picture each
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = count::<usize, 1, RBM_CHAINS>)]
    pub(crate) chains: usize,
    /// Gibbs steps per chain
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<usize, 1, STEPS>)]
    pub(crate) steps: usize,
    /// Start from digits of the data set instead of noise
    #[arg(long)]
    pub(crate) from_data: bool,
    /// Draw from p(x|y) of this class, in a model with label units
    #[arg(long, value_name = "CLASS")]
    pub(crate) label: Option<usize>,
    /// Rows and columns of the picture of a sample [default: a square, or the data's with --from-data]
    #[arg(long, value_name = "ROWSxCOLUMNS")]
    pub(crate) size: Option<Size>,
    /// File to write: FILE.png, the p(v|h) of the last step as a picture; FILE.npy, the sampled visible units as uint8 of
    /// shape [chains, visible], 0 or 1; or FILE.csv, a line per chain
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
    /// Exact samples of the model, by enumeration of up to 24 units
    Exact,
    /// Samples of the model by parallel tempering, whose convergence is checked
    Tempering,
    /// Training rows after --burn-in Gibbs steps: no bound
    Data,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Eval {
    /// A model.safetensors
    pub(crate) model: PathBuf,
    /// Also ln Z and log-likelihoods by enumeration; the smaller layer may have up to 24 units
    #[arg(long)]
    pub(crate) exact: bool,
    /// Also ln Z and log-likelihoods by annealed importance sampling (AIS). Forward, from the base-rate model: test ln p is
    /// on average too high. In reverse, from samples of the model: too low. RAISE, in reverse from test rows: too low
    #[arg(long)]
    pub(crate) ais: bool,
    /// Chains of --ais each way
    #[arg(long, value_name = "N", default_value_t = 500, requires = "ais", value_parser = count::<usize, 2, RBM_CHAINS>)]
    pub(crate) chains: usize,
    /// Temperatures of --ais, RAISE included
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "ais", value_parser = count::<usize, 1, BETAS>)]
    pub(crate) betas: usize,
    /// Where reverse chains start [default: exact for up to 24 units in the smaller layer, else tempering]
    #[arg(long, value_enum, value_name = "START", requires = "ais")]
    pub(crate) reverse_from: Option<ReverseStart>,
    /// Rounds of parallel tempering: a Gibbs step of every replica and exchanges between temperatures. The first half is
    /// burn-in, in which the ladder of temperatures is adapted
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "ais", value_parser = count::<usize, ROUNDS, BURN_IN>)]
    pub(crate) tempering_rounds: usize,
    /// Gibbs steps from training rows before reverse annealing, with --reverse-from data
    #[arg(long, value_name = "N", default_value_t = 1000, requires = "ais", value_parser = count::<usize, 0, BURN_IN>)]
    pub(crate) burn_in: usize,
    /// Test rows of RAISE, drawn at random; 0 leaves RAISE out
    #[arg(long, value_name = "N", default_value_t = 200, requires = "ais", value_parser = count::<usize, 0, RBM_CHAINS>)]
    pub(crate) raise_rows: usize,
    /// Chains of RAISE for each row. More make it less conservative
    #[arg(long, value_name = "N", default_value_t = 5, requires = "ais", value_parser = count::<usize, 1, RBM_CHAINS>)]
    pub(crate) raise_chains: usize,
    /// Also the free energy, the pseudo-log-likelihood and, where ln Z is known by --exact or --ais, the log-likelihood of
    /// single rows, in nats: FILE.csv with row (from 0) and split, or FILE.npy, float64 of shape [rows, scores]
    #[arg(long, value_name = "FILE")]
    pub(crate) per_row: Option<PathBuf>,
    /// Rows of --per-row
    #[arg(long, value_enum, default_value_t = Rows::All, requires = "per_row")]
    pub(crate) rows: Rows,
    /// Replace an earlier file of --per-row
    #[arg(long, requires = "per_row")]
    pub(crate) force: bool,
    /// Also whether Gibbs chains mix (R-hat, autocorrelation), and a nearest-neighbour test of their samples against the digits
    #[arg(long)]
    pub(crate) mixing: bool,
    /// Chains of --mixing, half from digits and half from noise
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
    /// Download a data set into a directory (needs a build with `--features download`)
    #[command(after_help = "Example:\n  bitspin data fetch mnist")]
    Fetch(Fetch),
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Directory for the four files
    pub(crate) dir: PathBuf,
    /// Fashion-MNIST instead of MNIST
    #[arg(long)]
    pub(crate) fashion: bool,
    /// Print one JSON object
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
