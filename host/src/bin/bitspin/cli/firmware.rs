//! The options of `bitspin firmware`.

use std::path::PathBuf;

use bitspin::data::Binarisation;
use bitspin::hopfield::Rule;
use clap::{Args, Subcommand};

use super::count::{STEPS, count};
use super::{IsingReading, Replace, RunOptions, Weights};

#[derive(Debug, Subcommand)]
pub(crate) enum Firmware {
    /// Make a model small and write it for a board, as a blob or as a Rust source file
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Tell what a blob holds, and what a board needs for it
    #[command(after_help = "Example:\n  bitspin firmware info digits.bsp")]
    Info(FirmwareInfo),
}

const EXPORT_EXAMPLES: &str = "Examples:
  bitspin firmware export bitspin-out/rbm/model.safetensors --to digits.bsp
  bitspin firmware export bitspin-out/rbm/model.safetensors --to digits.rs --weights i4 --force
  bitspin firmware export G1.txt --beta 0.5 --to glass.bsp
  bitspin firmware export --hopfield --patterns 32 --to memory.bsp
  bitspin firmware export --hopfield --pictures my-pictures/ --rule pseudo-inverse --weights sign --to memory.rs

FILE.bsp is read by bitspin_core::blob and `bitspin device`; FILE.rs holds the same bytes as an aligned static, golden vectors,
and a function check() by which a board compares itself with the desktop.";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// A model.safetensors of an RBM, with label units or without, or of an Ising model (w [n, n], h [n]); or an edge list as
    /// in Gset
    #[arg(required_unless_present = "hopfield", conflicts_with = "hopfield")]
    pub(crate) model: Option<PathBuf>,
    /// Instead of an RBM, a Hopfield memory of digits or of --pictures
    #[arg(long)]
    pub(crate) hopfield: bool,
    /// File to write: FILE.bsp (a blob) or FILE.rs (Rust source)
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// What weights are stored as: Ising models take i16 or i8; of Hopfield memories only those of rules pseudo-inverse and
    /// storkey have weights, i16, i8 or sign [default: i8]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) weights: Option<Weights>,
    /// Directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz: what the loss is measured on, or what is stored
    /// [default: what the model records of its training, if it is there; else the built-in digits; for an RBM that no digits
    /// fit, samples of the RBM]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// RBM: how grey pixels become bits, `stochastic` or `threshold=T` [default: what the model records of its training,
    /// else stochastic]
    #[arg(long, value_name = "HOW", conflicts_with = "hopfield")]
    pub(crate) binarise: Option<Binarisation>,
    /// RBM: halve the height and the width of images first [default: what the model records of its training, else not]
    #[arg(
        long,
        value_name = "YES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        conflicts_with = "hopfield"
    )]
    pub(crate) halve: Option<bool>,
    /// Hopfield: PNG or JPEG pictures, or folders of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Hopfield: patterns to store [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Hopfield: learning rule: hebb, covariance, exponential or exponential:BETA (these store the patterns), pseudo-inverse,
    /// storkey or clipped (these store couplings) [default: exponential]
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<Rule>,
    /// Hopfield: a pixel is +1 from this share of full brightness on, and -1 below [default: 0.5]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) threshold: Option<f64>,
    /// Hopfield: share of the units that are flipped where recall is measured [default: 0.2]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) noise: Option<f64>,
    /// Ising model: inverse temperature of the golden vectors [default: 1 / the size of a typical field]
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    pub(crate) beta: Option<f64>,
    #[command(flatten)]
    pub(crate) reading: IsingReading,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Debug, Args)]
pub(crate) struct FirmwareInfo {
    /// A FILE.bsp
    pub(crate) file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}
