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
    /// Where the board is: a serial port, or tcp:HOST:PORT (QEMU with -serial tcp:127.0.0.1:PORT,server=on,wait=off)
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Port,
    /// Baud rate of a serial port, 8 bits, no parity
    #[arg(long, value_name = "N", default_value_t = 115_200, value_parser = count::<u32, 1, 100_000_000>)]
    pub(crate) baud: u32,
    /// Seconds that an answer may take
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

The board runs `serve` of firmware-example. Exit code 1 if it does not answer, or answers otherwise than the desktop.";

const SAMPLE_EXAMPLES: &str = "Examples:
  bitspin device --port /dev/ttyACM0 sample --steps 1000 --out sample.png
  bitspin device --port /dev/ttyACM0 sample --ising --beta 0.46 --steps 200";

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// What the board is, holds, needs and has counted
    Info(DeviceInfo),
    /// Recall damaged patterns on the board, and compare with the desktop
    #[command(after_help = "Example:\n  bitspin device --port /dev/ttyACM0 recall --noise 0.3")]
    Recall(DeviceRecall),
    /// Walk a chain on the board, of its RBM or of its Ising model, and compare with the desktop
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(DeviceSample),
    /// Score digits and noise by their free energy on the board, and compare with the desktop
    #[command(after_help = "Example:\n  bitspin device --port /dev/ttyACM0 score --count 20")]
    Score(DeviceScore),
    /// Classify digits and noise by their logits on the board, score them by their energy E(x), and compare with the desktop
    #[command(after_help = "Example:\n  bitspin device --port /dev/ttyACM0 classify --count 100")]
    Classify(DeviceScore),
}

#[derive(Debug, Args)]
pub(crate) struct DeviceInfo {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the desktop compares a board with.
#[derive(Debug, Args)]
pub(crate) struct BoardOptions {
    /// The blob that the board should have; without it, the desktop takes the one that the board sends
    #[arg(long, value_name = "FILE.bsp")]
    pub(crate) model: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: Seeded,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceRecall {
    #[command(flatten)]
    pub(crate) board: BoardOptions,
    /// PNG or JPEG pictures, or folders of them, instead of the patterns that the board has; pixels of at least half the full
    /// brightness are +1
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1..)]
    pub(crate) pictures: Vec<PathBuf>,
    /// Store the pictures on the board first; it forgets them when it restarts
    #[arg(long, requires = "pictures", conflicts_with = "model")]
    pub(crate) store: bool,
    /// Patterns to recall, the first ones [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// What the board takes its patterns as
    #[arg(long, value_enum, default_value_t = Kind::Exponential)]
    pub(crate) network: Kind,
    /// Share of the units that are flipped
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.2,
        allow_negative_numbers = true
    )]
    pub(crate) noise: f64,
    /// The most sweeps
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = count::<u32, 1, MOST_SWEEPS>)]
    pub(crate) sweeps: u32,
}

/// What patterns are taken as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A memory whose energy is the exponential of the overlaps
    Exponential,
    /// The network of pair couplings that the blob states
    Pairs,
}

#[derive(Debug, Args)]
pub(crate) struct DeviceSample {
    #[command(flatten)]
    pub(crate) board: BoardOptions,
    /// Sweeps of the Ising model instead of Gibbs steps of the RBM
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
    /// Ising model: how a spin is decided anew [default: glauber]
    #[arg(long, value_enum, requires = "ising")]
    pub(crate) rule: Option<SpinRule>,
    /// Gibbs steps, or sweeps
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<u64, 1, STEPS>)]
    pub(crate) steps: u64,
    /// Steps between two comparisons: those of one request
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<u32, 1, MOST_STEPS>)]
    pub(crate) every: u32,
    /// Picture of the board's last state [default: none]
    #[arg(long, value_name = "FILE.png")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
}

/// How a spin is decided anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpinRule {
    /// Heat bath (Glauber's dynamics): drawn anew, whatever the spin was
    #[value(alias = "heat-bath")]
    Glauber,
    /// Metropolis's rule, of which an eighth of the attempts is left out: turned over, or left
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
    /// The model that the blob was made from: its record says which data, binarisation and halving are used where the
    /// options do not; a blob holds no such record
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) trained: Option<PathBuf>,
    /// Directory of IDX files, raw or .gz; images of twice the model's height and width are halved [default: what --trained
    /// records, else the built-in digits]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// How grey pixels become bits: `stochastic` or `threshold=T` [default: what --trained records, else stochastic]
    #[arg(long, value_name = "HOW")]
    pub(crate) binarise: Option<Binarisation>,
    /// Held-out images to score, and as many vectors of noise
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, CHAINS>)]
    pub(crate) count: usize,
}
