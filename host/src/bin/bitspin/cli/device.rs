//! The options of `bitspin device`.

use std::path::PathBuf;

use bitspin::data::Binarisation;
use bitspin::device::Port;
use clap::{Args, Subcommand, ValueEnum};

use super::count::{CHAINS, STEPS, count};
use super::{Replace, Seeded};

/// The most Gibbs steps of one request; of sweeps the command takes fewer.
const MOST_STEPS: u64 = bitspin_protocol::MAX_STEPS as u64;

/// The most sweeps of one request.
const MOST_SWEEPS: u64 = bitspin_protocol::MAX_SWEEPS as u64;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Device {
    /// Port of the board: a serial port, or tcp:HOST:PORT (QEMU with -serial tcp:127.0.0.1:PORT,server=on,wait=off)
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Port,
    /// Baud rate of a serial port; 8 data bits, no parity
    #[arg(long, value_name = "N", default_value_t = 115_200, value_parser = count::<u32, 1, 100_000_000>)]
    pub(crate) baud: u32,
    /// Seconds to wait for an answer
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 5.0,
        allow_negative_numbers = true
    )]
    pub(crate) timeout: f64,
    #[command(subcommand)]
    pub(crate) command: DeviceCommand,
}

const EXAMPLES: &str = "Examples:
  bitspin device --port /dev/ttyACM0 info
  bitspin device --port tcp:127.0.0.1:5555 recall
  bitspin device --port tcp:127.0.0.1:5555 sample --steps 1000 --model rbm.bsp

The board runs the program `serve` of firmware-example. The exit code is 1 if
the board does not answer, or if its results differ from this computer's.";

const SAMPLE_EXAMPLES: &str = "Examples:
  bitspin device --port /dev/ttyACM0 sample --steps 1000 --out sample.png
  bitspin device --port /dev/ttyACM0 sample --ising --beta 0.46 --steps 200";

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Show the board, its models, its memory and its counters
    Info(DeviceInfo),
    /// Recall damaged patterns on the board, and compare with this computer
    #[command(after_help = "Example:
  bitspin device --port /dev/ttyACM0 recall --noise 0.3")]
    Recall(DeviceRecall),
    /// Run a chain of the board's RBM or Ising model, and compare with this computer
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(DeviceSample),
    /// Score images and noise by their free energy on the board, and compare with this computer
    #[command(after_help = "Example:
  bitspin device --port /dev/ttyACM0 score --count 20")]
    Score(DeviceScore),
    /// Classify images and noise on the board, score them by their energy E(x), and compare with this computer
    #[command(after_help = "Example:
  bitspin device --port /dev/ttyACM0 classify --count 100")]
    Classify(DeviceScore),
}

#[derive(Debug, Args)]
pub(crate) struct DeviceInfo {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the desktop compares a board with.
#[derive(Debug, Args)]
pub(crate) struct BoardOptions {
    /// Blob that the board should hold [default: the blob is read from the board]
    #[arg(long, value_name = "FILE.bsp")]
    pub(crate) model: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: Seeded,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceRecall {
    #[command(flatten)]
    pub(crate) board: BoardOptions,
    /// PNG or JPEG pictures, or directories of them, instead of the patterns on the board; pixels of at least half the
    /// full brightness are +1
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1..)]
    pub(crate) pictures: Vec<PathBuf>,
    /// Store the pictures on the board first; they are lost when the board restarts
    #[arg(long, requires = "pictures", conflicts_with = "model")]
    pub(crate) store: bool,
    /// Number of patterns to recall [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Network that recalls the patterns
    #[arg(long, value_enum, default_value_t = Kind::Exponential)]
    pub(crate) network: Kind,
    /// Fraction of units to flip
    #[arg(
        long,
        value_name = "FRACTION",
        default_value_t = 0.2,
        allow_negative_numbers = true
    )]
    pub(crate) noise: f64,
    /// Maximum number of sweeps
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = count::<u32, 1, MOST_SWEEPS>)]
    pub(crate) sweeps: u32,
}

/// What patterns are taken as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Dense memory with an exponential energy of the overlaps
    Exponential,
    /// Network of pair couplings that is stored in the blob
    Pairs,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceSample {
    #[command(flatten)]
    pub(crate) board: BoardOptions,
    /// Sample the Ising model instead of the RBM
    #[arg(long)]
    pub(crate) ising: bool,
    /// Ising model: inverse temperature [default: 1]
    #[arg(
        long,
        value_name = "BETA",
        requires = "ising",
        allow_negative_numbers = true
    )]
    pub(crate) beta: Option<f64>,
    /// Ising model: update rule of a spin [default: glauber]
    #[arg(long, value_enum, requires = "ising")]
    pub(crate) rule: Option<SpinRule>,
    /// Gibbs steps; with --ising, sweeps
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<u64, 1, STEPS>)]
    pub(crate) steps: u64,
    /// Steps per request; the states are compared after each request
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<u32, 1, MOST_STEPS>)]
    pub(crate) every: u32,
    /// Picture of the last state on the board [default: none]
    #[arg(long, value_name = "FILE.png")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
}

/// How a spin is decided anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpinRule {
    /// Heat bath (Glauber): draw the spin from its conditional distribution
    #[value(alias = "heat-bath")]
    Glauber,
    /// Metropolis: propose a flip; a random eighth of the proposals is skipped
    Metropolis,
}

impl SpinRule {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Glauber => "glauber",
            Self::Metropolis => "metropolis",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DeviceScore {
    #[command(flatten)]
    pub(crate) board: BoardOptions,
    /// Model file that the blob was exported from. It records the data, the binarisation and the halving; a blob does
    /// not
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) trained: Option<PathBuf>,
    /// Directory of IDX files, raw or .gz; images of twice the model's height and width are halved [default: as
    /// --trained records; else the built-in digits]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// How grey pixels become bits: `stochastic` or `threshold=T` [default: as --trained records; else stochastic]
    #[arg(long, value_name = "METHOD")]
    pub(crate) binarise: Option<Binarisation>,
    /// Number of held-out images to score, and of noise vectors
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, CHAINS>)]
    pub(crate) count: usize,
}
