//! The options of `bitspin ising`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::count::{CHAINS, TEMPERATURES, WORD, count};
use super::{Replace, RunOptions, Size, SpinRule};

/// The most sweeps of a chain; more are taken for a mistake.
const SWEEPS: u64 = 100_000_000;

#[derive(Debug, Subcommand)]
pub(crate) enum Ising {
    /// Search for the state of lowest energy by simulated annealing
    #[command(after_help = ANNEAL_EXAMPLES)]
    Anneal(Anneal),
    /// Sample a model or a lattice at one or more temperatures; measure, plot and draw
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(IsingSample),
    /// Compute ln Z, mean energy, entropy, mean spins and correlations by enumeration, up to 24 spins
    #[command(after_help = "Examples:
  bitspin ising exact bitspin-out/boltzmann/model.safetensors --json
  bitspin ising exact G.txt --beta 0.5 --probabilities p.npy")]
    Exact(IsingExact),
    /// Convert a model to safetensors or to an edge list
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(IsingConvert),
}

const ANNEAL_EXAMPLES: &str = "Examples:
  bitspin ising anneal G1.txt --sweeps 2000 --replicas 16
  bitspin ising anneal model.safetensors --betas 0.1..8 --schedule linear \\
      --out state.txt

A model is a .safetensors file (w [n, n], h [n]), a graph or a QUBO. Formats of
graphs: edge lists as in Gset (`vertices edges`, then `i j weight` per edge),
COO lists (`i j weight` per line, `i i field` for fields), DIMACS, MatrixMarket.
QUBOs are in the format of qbsolv.

A graph is read as a MaxCut problem, J = -w, and the cut is printed; with
--convention ising, J = w. For a QUBO, the energy is that of the file, including
its offset, and states are bits.";

const SAMPLE_EXAMPLES: &str = "Examples:
  bitspin ising sample --lattice 16x16 --betas 0.3..0.6 --out lattice
  bitspin ising sample --lattice 64x64 --beta 0.4407 --sampler wolff --json
  bitspin ising sample G1.txt --betas 0.1..2 --sampler tempering
  bitspin ising sample G1.txt --beta 0.5 --chains 1000 --sweeps 100 \\
      --states states.npy

--out receives observables.csv, temperature.svg and, for a lattice, states.png
(hottest first). Energies are per spin, in units of the couplings. Specific heat
and susceptibility are the fluctuations of E and |M|.";

const CONVERT_EXAMPLES: &str = "Examples:
  bitspin ising convert G1.txt G1.safetensors
  bitspin ising convert bitspin-out/rbm/model.safetensors \\
      rbm-as-ising.safetensors

An RBM becomes an Ising model with the same distribution; visible units come
first.";

/// Which model, and how it is read.
#[derive(Debug, Args)]
pub(crate) struct IsingModel {
    /// Model file: .safetensors, a graph (edge list, COO, DIMACS, MatrixMarket) or a QUBO (qbsolv)
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) reading: IsingReading,
}

/// How a model is read.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct IsingReading {
    /// Replace couplings that differ in the two directions by their mean; a triangular matrix needs no option
    #[arg(long)]
    pub(crate) symmetrise: bool,
    /// Meaning of the weights w of a graph [default: maxcut]
    #[arg(long, value_enum)]
    pub(crate) convention: Option<GraphConvention>,
}

/// What the weights of a graph mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphConvention {
    /// J = -w: the lowest energy is the largest cut
    Maxcut,
    /// J = w, and weights on the diagonal are fields
    Ising,
}

#[derive(Debug, Args)]
pub(crate) struct Anneal {
    #[command(flatten)]
    pub(crate) model: IsingModel,
    /// Update rule of a spin
    #[arg(long, value_enum, default_value_t = SpinRule::Glauber)]
    pub(crate) rule: SpinRule,
    /// How beta goes from its first to its last value
    #[arg(long, value_enum, default_value_t = AnnealSchedule::Geometric)]
    pub(crate) schedule: AnnealSchedule,
    /// First and last inverse temperature [default: 0.1 and 10, divided by the size of a typical field]
    #[arg(long, value_name = "FIRST..LAST", allow_hyphen_values = true)]
    pub(crate) betas: Option<Betas>,
    /// Sweeps per replica
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<u32, 1, WORD>)]
    pub(crate) sweeps: u32,
    /// Number of independent runs from random states
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = count::<usize, 1, CHAINS>)]
    pub(crate) replicas: usize,
    /// File for the best state: FILE.txt, one line per spin, 1 or -1; or FILE.npy, int8 of shape [spins] [default:
    /// none]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnnealSchedule {
    /// In equal steps
    Linear,
    /// By equal factors
    Geometric,
}

/// Two inverse temperatures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Betas {
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl std::str::FromStr for Betas {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected FIRST..LAST, two finite numbers above 0, not '{text}'");
        let (first, last) = text.split_once("..").ok_or_else(wrong)?;
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last))
                if [first, last]
                    .iter()
                    .all(|&b: &f64| b > 0.0 && b.is_finite()) =>
            {
                Ok(Self { first, last })
            }
            _ => Err(wrong()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct IsingExact {
    #[command(flatten)]
    pub(crate) model: IsingModel,
    /// Inverse temperature
    #[arg(
        long,
        value_name = "BETA",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub(crate) beta: f64,
    /// File for the probabilities of all states: FILE.csv for up to 20 spins, or FILE.npy, 2^N float64. Bit i of the
    /// number of a state is 1 where spin i is +1 [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) probabilities: Option<PathBuf>,
    /// Replace an earlier file
    #[arg(long, requires = "probabilities")]
    pub(crate) force: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct IsingConvert {
    #[command(flatten)]
    pub(crate) model: IsingModel,
    /// Output file: safetensors if its name ends in .safetensors, else an edge list of MaxCut weights (J = -w)
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) replace: Replace,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct IsingSample {
    /// Model file: .safetensors, a graph (edge list, COO, DIMACS, MatrixMarket) or a QUBO (qbsolv)
    #[arg(conflicts_with = "lattice")]
    pub(crate) model: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: IsingReading,
    /// Sample a square lattice with periodic boundaries instead of a model file
    #[arg(long, value_name = "ROWSxCOLUMNS")]
    pub(crate) lattice: Option<Size>,
    /// Coupling J of neighbours on the lattice [default: 1]
    #[arg(
        long,
        value_name = "J",
        allow_negative_numbers = true,
        requires = "lattice"
    )]
    pub(crate) coupling: Option<f64>,
    /// Field on every spin of the lattice [default: 0]
    #[arg(
        long,
        value_name = "H",
        allow_negative_numbers = true,
        requires = "lattice"
    )]
    pub(crate) field: Option<f64>,
    /// Inverse temperature [default: 1]
    #[arg(
        long,
        value_name = "BETA",
        allow_negative_numbers = true,
        conflicts_with = "betas"
    )]
    pub(crate) beta: Option<f64>,
    /// Range of inverse temperatures, in equal steps
    #[arg(long, value_name = "FIRST..LAST", allow_hyphen_values = true)]
    pub(crate) betas: Option<Betas>,
    /// Number of temperatures in --betas
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = count::<usize, 1, TEMPERATURES>)]
    pub(crate) points: usize,
    /// Algorithm that updates the states
    #[arg(long, value_enum, default_value_t = IsingSampler::Glauber)]
    pub(crate) sampler: IsingSampler,
    /// Measured sweeps per chain; with wolff, clusters
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = count::<usize, 4, SWEEPS>)]
    pub(crate) sweeps: usize,
    /// Sweeps before measuring starts
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = count::<usize, 0, SWEEPS>)]
    pub(crate) burn_in: usize,
    /// Chains per temperature; half start with all spins +1, half from random states
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = count::<usize, 1, 1024>)]
    pub(crate) chains: usize,
    /// File for the last state of every chain: FILE.npy, int8 of shape [temperatures, chains, spins], -1 or 1 (for a
    /// QUBO, its variables 0 or 1); or FILE.csv, one line per chain with its beta [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) states: Option<PathBuf>,
    /// Output directory [default: none]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) replace: Replace,
    #[command(flatten)]
    pub(crate) run: RunOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IsingSampler {
    /// Single spin flips by the heat bath (Glauber)
    #[value(alias = "heat-bath")]
    Glauber,
    /// Single spin flips by Metropolis; a random eighth of the proposals is skipped
    Metropolis,
    /// Cluster flips (Wolff); mixes fast at the critical temperature
    Wolff,
    /// Heat bath at all --betas together, with exchanges between temperatures
    Tempering,
}
