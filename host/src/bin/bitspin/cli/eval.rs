//! Options of `bitspin rbm eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::count::{BETAS, BURN_IN, RBM_CHAINS, ROUNDS, count};
use super::{DataOptions, Rows, RunOptions};

pub(super) const EXAMPLES: &str = "Examples:
  bitspin rbm eval bitspin-out/rbm/model.safetensors --json
  bitspin rbm eval bitspin-out/rbm/model.safetensors --ais --chains 100 \\
      --betas 1000
  bitspin rbm eval bitspin-out/rbm/model.safetensors --per-row scores.csv \\
      --rows test";

/// Where reverse annealing starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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
