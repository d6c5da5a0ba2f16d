//! Options that commands share: how they compute, report and replace.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::count::{THREADS, count};

/// How a command computes, and how it reports.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct RunOptions {
    /// Seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of threads; the result does not depend on it [default: one per core]
    #[arg(long, value_name = "N", value_parser = count::<usize, 1, THREADS>)]
    #[serde(skip)]
    pub(crate) threads: Option<usize>,
    /// Print one JSON object instead of text
    #[arg(long)]
    #[serde(skip)]
    pub(crate) json: bool,
}

impl RunOptions {
    /// The threads to use.
    pub(crate) fn threads(&self) -> usize {
        threads(self.threads)
    }
}

/// The threads to use: as many as asked for, or one per core.
pub(crate) fn threads(asked: Option<usize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or_else(|| cores().min(THREADS as usize))
}

/// The seed of a command that computes on one thread, and how it reports.
#[derive(Clone, Debug, Args)]
pub(crate) struct Seeded {
    /// Seed of all random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whether what an earlier run wrote may be replaced.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Replace {
    /// Replace files of an earlier run
    #[arg(long)]
    pub(crate) force: bool,
}
