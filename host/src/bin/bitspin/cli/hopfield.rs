//! The options of `bitspin hopfield`.

use std::path::PathBuf;

use bitspin::hopfield::{Half, Loads, Rule};
use clap::{Args, Subcommand, ValueEnum};

use super::count::{STEPS, THREADS, WORD, count};
use super::{Replace, RunOptions};

/// The most networks per load, and the most probes per network.
const TRIALS: u64 = 1_000_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Hopfield {
    /// Store pictures, damage them, and recall them
    #[command(after_help = RECALL_EXAMPLES)]
    Recall(Recall),
    /// Store patterns one by one, and show which are forgotten
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// Measure how many random patterns a memory can store, and compare with theory
    #[command(after_help = CAPACITY_EXAMPLES)]
    Capacity(Capacity),
    /// Classify held-out digits by recalling their labels
    #[command(after_help = CLASSIFY_EXAMPLES)]
    Classify(Classify),
}

const RECALL_EXAMPLES: &str = "Examples:
  bitspin hopfield recall --out recall.png
  bitspin hopfield recall --rule exponential --patterns 1000 --erase bottom-half
  bitspin hopfield recall --pictures my-pictures/ --noise 0.3 --out mine.png

Without --pictures, the first digit of every class is stored, then the second
of every class, and so on. The rows of the picture: stored, damaged, recalled.";

const ADD_EXAMPLES: &str = "Examples:
  bitspin hopfield add
  bitspin hopfield add --random 100 --patterns 40 --out forgetting.svg
  bitspin hopfield add --rule storkey --patterns 50

After each addition, every stored pattern is recalled twice: from itself, and
from a copy with noise. A pattern is forgotten if recall no longer leaves it
unchanged.";

const CAPACITY_EXAMPLES: &str = "Examples:
  bitspin hopfield capacity --out capacity
  bitspin hopfield capacity --rule clipped --loads 0.02..0.16:0.02
  bitspin hopfield capacity --rule dense:3 --neurons 100 --loads 1,5,10,20,40

A load is P/N: P patterns in N units. --out receives capacity.svg and
capacity.csv.";

const CLASSIFY_EXAMPLES: &str = "Examples:
  bitspin hopfield classify
  bitspin hopfield classify --rule pseudo-inverse --patterns 500

Without --rule, a table compares classical and dense memories.";

#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz, or `built-in` [default: the built-in digits]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Brightness, from 0 to 1, from which a pixel is +1; below it is -1
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.5,
        allow_negative_numbers = true
    )]
    pub(crate) threshold: f64,
}

#[derive(Debug, Args)]
pub(crate) struct Recall {
    #[command(flatten)]
    pub(crate) source: Source,
    /// PNG or JPEG pictures, or directories of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Number of patterns to store [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64), exponential or
    /// exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::PseudoInverse)]
    pub(crate) rule: Rule,
    /// Fraction of units to flip [default: 0.2]
    #[arg(
        long,
        value_name = "FRACTION",
        allow_negative_numbers = true,
        conflicts_with = "erase"
    )]
    pub(crate) noise: Option<f64>,
    /// Half of each picture to make black, instead of flipping units: bottom-half, top-half, left-half or right-half
    #[arg(long, value_name = "HALF")]
    pub(crate) erase: Option<Half>,
    #[command(flatten)]
    pub(crate) motion: Motion,
    /// Picture to write [default: none]
    #[arg(long, value_name = "FILE.png")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    pub(crate) source: Source,
    /// PNG or JPEG pictures, or directories of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Store random patterns of N units instead of pictures
    #[arg(long, value_name = "N", conflicts_with_all = ["data", "pictures", "threshold"], value_parser = count::<usize, 1, STEPS>)]
    pub(crate) random: Option<usize>,
    /// Number of patterns to store [default: 20; all --pictures; with --random, a quarter of the units, at most 60]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64), exponential or
    /// exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::Hebb)]
    pub(crate) rule: Rule,
    /// Fraction of units to flip before a pattern is recalled
    #[arg(
        long,
        value_name = "FRACTION",
        default_value_t = 0.1,
        allow_negative_numbers = true
    )]
    pub(crate) noise: f64,
    /// Maximum number of sweeps per recall
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<u32, 1, WORD>)]
    pub(crate) sweeps: u32,
    /// Plot to write [default: none]
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

/// Dynamics of recall.
#[derive(Debug, Args)]
pub(crate) struct Motion {
    /// Update units one at a time, or all at once
    #[arg(long, value_enum, default_value_t = Dynamics::Asynchronous)]
    pub(crate) dynamics: Dynamics,
    /// Order of asynchronous updates [default: ascending]
    #[arg(long, value_enum)]
    pub(crate) order: Option<Order>,
    /// Temperature of Glauber dynamics. The unit is the field of one stored pattern on its own units (for Hebb, with
    /// couplings divided by N). At 0 each unit aligns with its field
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) temperature: f64,
    /// Maximum number of sweeps; at a temperature above 0, the exact number
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<u32, 1, WORD>)]
    pub(crate) sweeps: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dynamics {
    /// All units at once; may end in a cycle of two states
    Synchronous,
    /// One unit at a time
    Asynchronous,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// First to last
    Ascending,
    /// In a new random order in every sweep
    Random,
    /// The unit whose update lowers the energy most comes first
    Greedy,
}

#[derive(Debug, Args)]
pub(crate) struct Capacity {
    /// Number of units N
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = count::<usize, 0, STEPS>)]
    pub(crate) neurons: usize,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64), exponential or
    /// exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::Hebb)]
    pub(crate) rule: Rule,
    /// Loads P/N: numbers and ranges START..END:STEP, separated by commas [default: depends on the rule]
    #[arg(long, value_name = "LIST", allow_negative_numbers = true)]
    pub(crate) loads: Option<Loads>,
    /// Networks per load, each with new patterns
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, TRIALS>)]
    pub(crate) trials: usize,
    /// Patterns to recall per network, at most as many as it stores [default: 200,000 / N, at least 10, at most 100]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, TRIALS>)]
    pub(crate) probes: Option<usize>,
    /// Directory for the plot and the table [default: none]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Classify {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64), exponential or
    /// exponential:BETA (BETA from 0.001 to 10) [default: a table that compares several]
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<Rule>,
    /// Number of training digits to store [default: all in dense memories, 100 in others]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Copies of the label unit of each class; more copies give the label more weight beside the pixels
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, 1000>)]
    pub(crate) repeat: usize,
    /// Number of threads; the result does not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, THREADS>)]
    pub(crate) threads: Option<usize>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}
