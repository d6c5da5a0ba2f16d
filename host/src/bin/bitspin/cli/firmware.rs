//! The options of `bitspin firmware`.

use std::path::PathBuf;

use bitspin::data::Binarisation;
use bitspin::hopfield::Rule;
use clap::{Args, Subcommand};

use super::count::{STEPS, count};
use super::{IsingReading, Replace, RunOptions, Weights};

#[derive(Debug, Subcommand)]
pub(crate) enum Firmware {
    /// Quantise a model and write it for a board, as a blob or as Rust source
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(Export),
    /// Show what a blob holds, and how much memory it needs on a board
    #[command(after_help = "Example:
  bitspin firmware info digits.bsp")]
    Info(FirmwareInfo),
}

const EXPORT_EXAMPLES: &str = "Examples:
  bitspin firmware export bitspin-out/rbm/model.safetensors --to digits.bsp
  bitspin firmware export bitspin-out/rbm/model.safetensors --to digits.rs \\
      --weights i4
  bitspin firmware export G1.txt --beta 0.5 --to glass.bsp
  bitspin firmware export --hopfield --patterns 32 --to memory.bsp
  bitspin firmware export --hopfield --pictures my-pictures/ \\
      --rule pseudo-inverse --weights sign --to memory.rs

bitspin_core::blob and `bitspin device` read FILE.bsp. FILE.rs holds the same
bytes as an aligned static, with golden vectors and a function check() that
verifies the board against this computer.";

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Model file: model.safetensors of an RBM (with or without label units) or of an Ising model (w [n, n], h [n]), or
    /// an edge list in Gset format
    #[arg(required_unless_present = "hopfield", conflicts_with = "hopfield")]
    pub(crate) model: Option<PathBuf>,
    /// Export a Hopfield memory of digits or of --pictures instead of a model file
    #[arg(long)]
    pub(crate) hopfield: bool,
    /// Output file: FILE.bsp (a blob) or FILE.rs (Rust source)
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// Format of the weights. Ising models take i16 or i8. Hopfield memories have weights only with the rules
    /// pseudo-inverse and storkey: i16, i8 or sign [default: i8]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) weights: Option<Weights>,
    /// Directory of IDX files (MNIST, Fashion-MNIST, ...), raw or .gz: the images on which the loss is measured, or
    /// which a memory stores [default: the data that the model records, if they are still there; else the built-in
    /// digits; for an RBM of another size, samples of the RBM]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// RBM: how grey pixels become bits, `stochastic` or `threshold=T` [default: as the model records; else stochastic]
    #[arg(long, value_name = "METHOD", conflicts_with = "hopfield")]
    pub(crate) binarise: Option<Binarisation>,
    /// RBM: halve the height and the width of images first [default: as the model records; else false]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        conflicts_with = "hopfield"
    )]
    pub(crate) halve: Option<bool>,
    /// Hopfield: PNG or JPEG pictures, or directories of them, all of one size, instead of a data set
    #[arg(long, value_name = "FILE_OR_DIR", num_args = 1.., conflicts_with = "data")]
    pub(crate) pictures: Vec<PathBuf>,
    /// Hopfield: number of patterns to store [default: 10, or all --pictures]
    #[arg(long, value_name = "N", value_parser = count::<usize, 0, STEPS>)]
    pub(crate) patterns: Option<usize>,
    /// Hopfield: learning rule. hebb, covariance, exponential and exponential:BETA store the patterns; pseudo-inverse,
    /// storkey and clipped store couplings [default: exponential]
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Option<Rule>,
    /// Hopfield: brightness, from 0 to 1, from which a pixel is +1; below it is -1 [default: 0.5]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) threshold: Option<f64>,
    /// Hopfield: fraction of units to flip where recall is measured [default: 0.2]
    #[arg(long, value_name = "FRACTION", allow_negative_numbers = true)]
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
    /// Blob file (FILE.bsp)
    pub(crate) file: PathBuf,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}
