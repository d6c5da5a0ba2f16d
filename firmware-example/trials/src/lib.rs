//! The computations of the firmware's programs, independent of the board.
//!
//! Each trial takes its models and a [`Clock`], and returns its results with a digest of every state. On a board the programs
//! `dream`, `ising`, `score`, `classify` and `learn` print them, and end with exit code 0 if the digest is the one in
//! [`expected`]. On a desktop the example `digests` prints the same digests.
#![no_std]

pub mod classify;
pub mod digest;
pub mod dream;
pub mod expected;
pub mod ising;
pub mod learn;
pub mod score;
mod tally;

pub use tally::{Clock, Tally};

use bitspin_core::Error;
use bitspin_core::blob::{Blob, Ising};
use bitspin_core::hopfield::PatternMemory;
use bitspin_core::include_blob;
use bitspin_core::rbm::CompactRbm;
use bitspin_core::rbm::compact::CompactLabelled;

/// Pixels of a row, and rows, of the small digits that the RBM knows.
pub const SIDE: usize = 14;
/// Pixels of a small digit.
pub const PIXELS: usize = SIDE * SIDE;
/// Hidden units of the RBM.
pub const HIDDEN: usize = 64;
/// Labels.
pub const CLASSES: usize = 10;
/// Spins of a row, and rows, of the lattice.
pub const LATTICE: usize = 16;
/// Spins of the spin glass.
pub const GLASS: usize = 64;
/// Small digits to learn from, which come first in their blob.
pub const EXAMPLES: usize = 100;
/// The seed of all that is random.
pub const SEED: u64 = 5;

/// The models, as blobs.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    /// A Hopfield memory of 32 digits of 28 x 28 pixels.
    pub memory: &'a [u8],
    /// An RBM of 196 x 64 units with weights of 8 bits, trained on small digits.
    pub rbm: &'a [u8],
    /// Small digits: [`EXAMPLES`] of those that the RBM was trained on, and as many that it has not seen as follow.
    pub digits: &'a [u8],
    /// The free energy that 99 in 100 training digits are below, in 2^-16 nat.
    pub threshold: i64,
    /// An RBM of 196 x 64 units and ten labels with weights of 8 bits, trained on small digits.
    pub labelled: &'a [u8],
    /// The energy E(x) that 99 in 100 training digits are below, in 2^-16 nat.
    pub energy_threshold: i64,
    /// What the small digits that no model has seen are.
    pub truth: &'a [u8],
    /// A ferromagnet: a square lattice of [`LATTICE`] x [`LATTICE`] spins with periodic ends, in sparse rows.
    pub lattice: &'a [u8],
    /// A spin glass: [`GLASS`] spins, all coupled at random.
    pub glass: &'a [u8],
}

/// The models in flash, which `cargo run -p bitspin-tests --bin firmware-models` makes.
pub const MODELS: Models<'static> = Models {
    memory: include_blob!("../models/memory.bsp"),
    rbm: include_blob!("../models/rbm.bsp"),
    digits: include_blob!("../models/digits.bsp"),
    threshold: expected::THRESHOLD,
    labelled: include_blob!("../models/labelled.bsp"),
    energy_threshold: expected::ENERGY_THRESHOLD,
    truth: &expected::TRUTH,
    lattice: include_blob!("../models/lattice.bsp"),
    glass: include_blob!("../models/glass.bsp"),
};

/// A model whose shape is not that of its trial.
pub const SHAPE: Error = Error::OutOfRange {
    what: "model",
    expected: "the shape that the program was written for",
};

/// The RBM in a blob.
///
/// # Errors
/// [`Error`] if it is damaged or of another kind.
pub fn rbm(bytes: &[u8]) -> Result<CompactRbm<&[u8], &[i16]>, Error> {
    Blob::parse(bytes)?.try_into()
}

/// The RBM with label units in a blob.
///
/// # Errors
/// [`Error`] if it is damaged or of another kind.
pub fn labelled(bytes: &[u8]) -> Result<CompactLabelled<&[u8], &[i16]>, Error> {
    Blob::parse(bytes)?.try_into()
}

/// The patterns in a blob.
///
/// # Errors
/// [`Error`] if it is damaged or of another kind.
pub fn patterns(bytes: &[u8]) -> Result<PatternMemory<&[u64]>, Error> {
    Blob::parse(bytes)?.try_into()
}

/// The Ising model in a blob.
///
/// # Errors
/// [`Error`] if it is damaged or of another kind.
pub fn spins(bytes: &[u8]) -> Result<Ising<'_>, Error> {
    Blob::parse(bytes)?.try_into()
}
