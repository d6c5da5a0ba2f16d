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
    /// Store patterns one by one and show which are forgotten
    #[command(after_help = ADD_EXAMPLES)]
    Add(Add),
    /// Measure how many random patterns a memory holds, beside what theory says
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

Stored are the first digits of every class in turn, or your pictures. Rows of the picture: stored, damaged, recalled.";

const ADD_EXAMPLES: &str = "Examples:
  bitspin hopfield add
  bitspin hopfield add --random 100 --patterns 40 --out forgetting.svg
  bitspin hopfield add --rule storkey --patterns 50

After each addition every stored pattern is recalled, from itself and from noise. A pattern that recall no longer leaves
as it is, is forgotten.";

const CAPACITY_EXAMPLES: &str = "Examples:
  bitspin hopfield capacity --out capacity
  bitspin hopfield capacity --rule clipped --loads 0.02..0.16:0.02
  bitspin hopfield capacity --rule dense:3 --neurons 100 --loads 1,5,10,20,40

Into --out go capacity.svg and capacity.csv. A load is P/N, patterns per neuron.";

const CLASSIFY_EXAMPLES: &str = "Examples:
  bitspin hopfield classify
  bitspin hopfield classify --rule pseudo-inverse --patterns 500

Without --rule a table compares classical and dense memories.";

#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz, or `built-in` [default: the built-in digits]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A pixel is +1 from this share of full brightness on, and -1 below
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
    /// PNG or JPEG pictures, or folders of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Patterns to store [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64),
    /// exponential or exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::PseudoInverse)]
    pub(crate) rule: Rule,
    /// Share of the units that are flipped [default: 0.2]
    #[arg(
        long,
        value_name = "SHARE",
        allow_negative_numbers = true,
        conflicts_with = "erase"
    )]
    pub(crate) noise: Option<f64>,
    /// Half of the picture that is made black: bottom-half, top-half, left-half or right-half
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
    /// PNG or JPEG pictures, or folders of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Random patterns of N units instead of pictures
    #[arg(long, value_name = "N", conflicts_with_all = ["data", "pictures", "threshold"], value_parser = count::<usize, 1, STEPS>)]
    pub(crate) random: Option<usize>,
    /// Patterns to add [default: 20; all --pictures; a quarter of the units of --random, up to 60]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64),
    /// exponential or exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::Hebb)]
    pub(crate) rule: Rule,
    /// Share of the units that are flipped before a pattern is recalled
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.1,
        allow_negative_numbers = true
    )]
    pub(crate) noise: f64,
    /// The most sweeps of a recall
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

/// How states move.
#[derive(Debug, Args)]
pub(crate) struct Motion {
    /// Whether units turn one after the other, or all at once
    #[arg(long, value_enum, default_value_t = Dynamics::Asynchronous)]
    pub(crate) dynamics: Dynamics,
    /// The order of asynchronous turns [default: ascending]
    #[arg(long, value_enum)]
    pub(crate) order: Option<Order>,
    /// Temperature of Glauber dynamics, in units of the field that one stored pattern has on its own units (for Hebb,
    /// couplings divided by N); 0 turns every unit towards its field
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.0,
        allow_negative_numbers = true
    )]
    pub(crate) temperature: f64,
    /// The most sweeps; at a temperature, all of them
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count::<u32, 1, WORD>)]
    pub(crate) sweeps: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dynamics {
    /// All units turn at once; may end in a cycle of two states
    Synchronous,
    /// One unit after the other
    Asynchronous,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// First to last
    Ascending,
    /// Shuffled anew every sweep
    Random,
    /// The unit first whose turn lowers the energy most
    Greedy,
}

#[derive(Debug, Args)]
pub(crate) struct Capacity {
    /// Units of the network, N
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = count::<usize, 0, STEPS>)]
    pub(crate) neurons: usize,
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64),
    /// exponential or exponential:BETA (BETA from 0.001 to 10)
    #[arg(long, value_name = "RULE", default_value_t = Rule::Hebb)]
    pub(crate) rule: Rule,
    /// Loads P/N: numbers and ranges START..END:STEP, with commas between [default: as fits the rule]
    #[arg(long, value_name = "LIST", allow_negative_numbers = true)]
    pub(crate) loads: Option<Loads>,
    /// Networks per load, each of new patterns
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, TRIALS>)]
    pub(crate) trials: usize,
    /// Patterns per network that are recalled, or all if there are fewer [default: 200,000 / N, at least 10, at most 100]
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
    /// Learning rule: hebb, covariance, pseudo-inverse, storkey, clipped, dense:N (N from 2 to 64),
    /// exponential or exponential:BETA (BETA from 0.001 to 10)
    /// [default: several, side by side]
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<Rule>,
    /// Training digits to store [default: all in dense memories, 100 in others]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Units a class: its label unit is repeated so often, to weigh something beside the pixels
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count::<usize, 1, 1000>)]
    pub(crate) repeat: usize,
    /// Threads [default: one per core]; the result does not depend on it
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, THREADS>)]
    pub(crate) threads: Option<usize>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
