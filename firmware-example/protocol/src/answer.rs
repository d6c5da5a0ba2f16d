//! What the board answers.

use serde::{Deserialize, Serialize};

/// An answer. Variants are numbered in their order, and new ones come last.
///
/// `ticks` is what the board's work took in [`Info::unit`]s, without reception and transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// The board will not do what was asked.
    Refused(Refusal),
    /// What the board is.
    #[serde(borrow)]
    Info(Info<'a>),
    /// A piece of a model's blob.
    Piece {
        /// Bytes of the whole blob.
        blob_len: u32,
        /// The bytes from the offset asked for on; at least one.
        bytes: &'a [u8],
    },
    /// The memory now holds so many patterns.
    Stored {
        /// Patterns.
        patterns: u32,
    },
    /// A state has settled, or not.
    Recalled {
        /// How the recall ended.
        outcome: Outcome,
        /// Its time.
        ticks: u32,
        /// Its last state.
        state: &'a [u8],
    },
    /// The chain has moved.
    Sampled {
        /// Gibbs steps since the chain's start, all requests together.
        steps: u64,
        /// The time of this request's steps.
        ticks: u32,
        /// The visible vector.
        visible: &'a [u8],
        /// The hidden vector that it was drawn from; all clear before the first step.
        hidden: &'a [u8],
    },
    /// A visible vector's free energy.
    Scored {
        /// F(v) in 2^-16 nat.
        free_energy: i64,
        /// Whether it is above [`RbmInfo::threshold`].
        anomaly: bool,
        /// Its time.
        ticks: u32,
    },
    /// The Ising model's chain has moved.
    Swept {
        /// Sweeps since the chain's start, all requests together.
        sweeps: u64,
        /// The time of this request's sweeps, with that of all spins' fields once.
        ticks: u32,
        /// The state's energy, in units of 2^-[`fraction_bits`](IsingInfo::fraction_bits).
        energy: i64,
        /// The state.
        state: &'a [u8],
    },
    /// A vector of pixels has a class and an energy.
    Classified {
        /// The class of the largest logit, the first of several.
        class: u32,
        /// E(x) = -ln sum_y exp(logit_y) in 2^-16 nat.
        energy: i64,
        /// Whether it is above [`ClassifierInfo::threshold`].
        anomaly: bool,
        /// Its time.
        ticks: u32,
        /// The logits in 2^-16 nat, eight bytes each, little-endian.
        logits: &'a [u8],
    },
}

/// What the board is and what it has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info<'a> {
    /// [`VERSION`](crate::VERSION).
    pub version: u16,
    /// The board's name.
    pub board: &'a str,
    /// What ticks count: `"instructions"`, `"cycles"` or another plural.
    pub unit: &'a str,
    /// The Hopfield memory, if there is one.
    pub memory: Option<MemoryInfo>,
    /// The restricted Boltzmann machine, if there is one.
    pub rbm: Option<RbmInfo>,
    /// The Ising model, if there is one.
    pub ising: Option<IsingInfo>,
    /// The RBM with label units, if there is one.
    pub classifier: Option<ClassifierInfo>,
    /// What the program takes.
    pub sizes: Sizes,
    /// What was received.
    pub counters: Counters,
}

/// The Hopfield memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryInfo {
    /// Spins, N.
    pub units: u32,
    /// Patterns that it holds now, P.
    pub patterns: u32,
    /// Patterns of these that were there at the start.
    pub fixed: u32,
    /// Patterns that it can hold.
    pub room: u32,
    /// CRC-32 of the blob of the patterns it holds now: the last four bytes of what [`Read`](crate::Request::Read) gives.
    pub crc: u32,
}

/// The restricted Boltzmann machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RbmInfo {
    /// Visible units.
    pub visible: u32,
    /// Hidden units.
    pub hidden: u32,
    /// What the weights are stored as.
    pub weights: Weights,
    /// A free energy above this, in 2^-16 nat, is called an anomaly.
    pub threshold: i64,
    /// CRC-32 of the blob: its last four bytes.
    pub crc: u32,
}

/// The Ising model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IsingInfo {
    /// Spins.
    pub units: u32,
    /// What the couplings are stored as: [`Weights::I16`] or [`Weights::I8`].
    pub weights: Weights,
    /// Binary places of couplings, fields and energies.
    pub fraction_bits: u32,
    /// CRC-32 of the blob: its last four bytes.
    pub crc: u32,
}

/// The RBM with label units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassifierInfo {
    /// Number of visible units that are not labels.
    pub pixels: u32,
    /// Labels.
    pub classes: u32,
    /// Hidden units.
    pub hidden: u32,
    /// What the weights are stored as.
    pub weights: Weights,
    /// An energy E(x) above this, in 2^-16 nat, is called an anomaly.
    pub threshold: i64,
    /// CRC-32 of the blob: its last four bytes.
    pub crc: u32,
}

/// What weights are stored as; [`WeightFormat`](bitspin_core::rbm::WeightFormat) in words of the protocol.
#[expect(missing_docs, reason = "the names are those of the core's formats")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weights {
    I16,
    I8,
    I4,
    Ternary,
    Sign,
}

/// What the program takes, in bytes; 0 where the board does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Flash, with code and models.
    pub flash: u32,
    /// RAM beside the stack.
    pub ram: u32,
    /// The most stack that was ever used.
    pub stack: u32,
    /// The stack that there is.
    pub stack_room: u32,
}

/// What was received since the start. Numbers wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Bytes.
    pub bytes: u32,
    /// Requests that were carried out, with the one that is answered.
    pub requests: u32,
    /// Requests that were refused.
    pub refused: u32,
    /// Frames that were damaged: not COBS, or with a wrong checksum.
    pub damaged: u32,
    /// Frames that were longer than a frame may be.
    pub overlong: u32,
    /// Bytes that the port lost, or received with an error, as far as it tells.
    pub overruns: u32,
}

/// Why the board will not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is none that this version knows.
    Unknown,
    /// The board has no such model.
    NoModel,
    /// The state has another number of bytes.
    Length {
        /// Bytes that were expected.
        expected: u32,
        /// Bytes that came.
        found: u32,
    },
    /// A bit behind the last unit is set.
    Tail,
    /// There is no room for another pattern.
    Full {
        /// Number of patterns that there is room for.
        room: u32,
    },
    /// A number is too large.
    OutOfRange {
        /// The largest.
        largest: u32,
    },
    /// What was asked for is no part of this board's program.
    Unsupported,
    /// The inverse temperature is none for this model.
    Beta,
}

/// What a recall came to; [`Recall`](bitspin_core::hopfield::Recall) in words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it stopped.
    pub stop: Stop,
    /// Sweeps made.
    pub sweeps: u32,
    /// Spins turned over in all.
    pub flips: u32,
}

/// Why a recall stopped; [`Stop`](bitspin_core::hopfield::Stop) in words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stop {
    /// The state no longer changes.
    FixedPoint,
    /// The state is the one before the last.
    TwoCycle,
    /// All sweeps are made.
    SweepLimit,
}
