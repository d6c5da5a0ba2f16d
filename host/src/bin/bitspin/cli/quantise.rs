//! Options of `bitspin rbm quantise`.

use std::path::PathBuf;

use bitspin_core::rbm::WeightFormat;
use clap::{Args, ValueEnum};

use super::count::{BETAS, BURN_IN, RBM_CHAINS, ROUNDS, count};
use super::{DataOptions, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm quantise bitspin-out/rbm/model.safetensors --report \\
      --chains 100 --betas 1000
  bitspin rbm quantise bitspin-out/rbm/model.safetensors --format i4 \\
      --out small.safetensors";

#[derive(Clone, Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true)))]
pub(crate) struct Quantise {
    /// Model file (model.safetensors)
    pub(crate) model: PathBuf,
    /// Print how weights of 16, 8, 4, 2 and 1 bits change ln Z and the likelihood of held-out images
    #[arg(long, group = "what")]
    pub(crate) report: bool,
    /// Round the weights to this format and write the model to --out
    #[arg(long, group = "what", requires = "out")]
    pub(crate) format: Option<Weights>,
    /// Model to write
    #[arg(long, value_name = "FILE.safetensors", requires = "format")]
    pub(crate) out: Option<PathBuf>,
    /// Replace an earlier model
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// AIS chains in each direction, where ln Z cannot be enumerated
    #[arg(long, value_name = "N", default_value_t = 500, requires = "report", value_parser = count::<usize, 2, RBM_CHAINS>)]
    pub(crate) chains: usize,
    /// Temperatures of AIS
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "report", value_parser = count::<usize, 1, BETAS>)]
    pub(crate) betas: usize,
    /// Rounds of parallel tempering before reverse annealing, where ln Z cannot be enumerated
    #[arg(long, value_name = "N", default_value_t = 2000, requires = "report", value_parser = count::<usize, ROUNDS, BURN_IN>)]
    pub(crate) tempering_rounds: usize,
    #[command(flatten)]
    pub(crate) run: RunOptions,
    #[command(flatten)]
    pub(crate) data: DataOptions,
}

/// Numbers that weights are rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weights {
    /// 16 bits
    I16,
    /// 8 bits
    I8,
    /// 4 bits
    I4,
    /// -1, 0 or +1 times a scale, in 2 bits
    Ternary,
    /// -1 or +1 times a scale, in 1 bit
    Sign,
}

impl Weights {
    /// All of them, largest first.
    pub(crate) const ALL: [Self; 5] = [Self::I16, Self::I8, Self::I4, Self::Ternary, Self::Sign];

    /// As the core has it.
    pub(crate) fn format(self) -> WeightFormat {
        match self {
            Self::I16 => WeightFormat::I16,
            Self::I8 => WeightFormat::I8,
            Self::I4 => WeightFormat::I4,
            Self::Ternary => WeightFormat::Ternary,
            Self::Sign => WeightFormat::Sign,
        }
    }
}
