//! Command-line options and their help.

mod boltzmann;
mod complete;
mod count;
mod data;
mod device;
mod eval;
mod firmware;
mod hopfield;
mod ising;
mod labels;
mod quantise;
mod run;
mod sample;
mod tables;
mod train;
mod transform;

use std::process::ExitCode;

use bitspin::console;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use boltzmann::{Boltzmann, BoltzmannDistribution, BoltzmannMethod, BoltzmannTrain};
pub(crate) use complete::Complete;
pub(crate) use data::{Data, DataOptions, Fetch};
pub(crate) use device::{
    BoardOptions, Device, DeviceCommand, DeviceInfo, DeviceRecall, DeviceSample, DeviceScore, Kind,
    SpinRule,
};
pub(crate) use eval::{Eval, ReverseStart};
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
pub(crate) use sample::{Sample, Size};
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
    disable_version_flag = true,
    args_conflicts_with_subcommands = true,
    after_help = EXAMPLES,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    /// With --version: also print the SIMD instructions in use
    #[arg(long, requires = "version")]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
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
    #[command(after_help = sample::EXAMPLES)]
    Sample(Sample),
    /// Evaluate a model on a data set: free energy, likelihood, mixing of its chains
    #[command(after_help = eval::EXAMPLES)]
    Eval(Eval),
    /// Round the weights to fewer bits, or report what each number of bits costs in likelihood
    #[command(after_help = quantise::EXAMPLES)]
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
    if let Some(Command::Rbm(command)) = &mut arguments.command
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
            console::say_line(words.join(" ").replace(" tip: ", "; "));
            ExitCode::from(2)
        }
    }
}
