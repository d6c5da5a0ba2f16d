//! What the computer asks for.

use serde::{Deserialize, Serialize};

/// A request. Variants are numbered in their order, and new ones come last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Request<'a> {
    /// What the board is and what it has counted: [`Answer::Info`](crate::Answer::Info).
    Info,
    /// Bytes of a model's blob from `offset` on, as many as an answer takes: [`Answer::Piece`](crate::Answer::Piece). Ask again from where it
    /// ends, until it ends with the blob. The memory's blob holds the patterns that were stored since, too. Refused:
    /// [`NoModel`](crate::Refusal::NoModel); [`OutOfRange`](crate::Refusal::OutOfRange) from the blob's end on.
    Read {
        /// Which of the board's models.
        model: Model,
        /// The first byte.
        offset: u32,
    },
    /// Stores a pattern in the Hopfield memory, behind all others and until the board restarts:
    /// [`Answer::Stored`](crate::Answer::Stored). A pattern that is stored already is not stored twice, so that asking again does no harm.
    /// Refused: [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail), [`Full`](crate::Refusal::Full),
    /// [`NoModel`](crate::Refusal::NoModel).
    Store {
        /// The pattern, [`state_len`](crate::state_len) bytes for [`MemoryInfo::units`](crate::MemoryInfo::units).
        state: &'a [u8],
    },
    /// Forgets the patterns that were stored since the start: [`Answer::Stored`](crate::Answer::Stored), with the number that is left.
    Forget,
    /// Recalls from a state: [`Answer::Recalled`](crate::Answer::Recalled). What the board does is
    /// [`settle_synchronous`](bitspin_core::hopfield::settle_synchronous) on the network named. Refused:
    /// [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail),
    /// [`OutOfRange`](crate::Refusal::OutOfRange) for more than [`MAX_SWEEPS`](crate::MAX_SWEEPS),
    /// [`NoModel`](crate::Refusal::NoModel).
    Recall {
        /// What the patterns are taken as.
        network: Network,
        /// The most sweeps.
        sweeps: u32,
        /// The state to begin with.
        state: &'a [u8],
    },
    /// Walks the RBM's chain: [`Answer::Sampled`](crate::Answer::Sampled). What the board does is
    /// [`Chain::step`](bitspin_core::rbm::compact::Chain::step), h given v and then v given h, `steps` times.
    /// Refused: [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail),
    /// [`OutOfRange`](crate::Refusal::OutOfRange) for more than [`MAX_STEPS`](crate::MAX_STEPS),
    /// [`NoModel`](crate::Refusal::NoModel).
    Sample {
        /// Where a new chain begins; without it, the chain goes on. A board that has just started is at the start of a
        /// chain with seed 0 and all visible units clear.
        start: Option<Start<'a>>,
        /// Gibbs steps; 0 is allowed and tells where the chain stands.
        steps: u32,
    },
    /// The free energy of a visible vector: [`Answer::Scored`](crate::Answer::Scored). What the board does is
    /// [`CompactRbm::free_energy_fixed`](bitspin_core::rbm::CompactRbm::free_energy_fixed). Refused:
    /// [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail), [`NoModel`](crate::Refusal::NoModel).
    Score {
        /// The visible vector, [`state_len`](crate::state_len) bytes for [`RbmInfo::visible`](crate::RbmInfo::visible).
        visible: &'a [u8],
    },
    /// Moves the Ising model's chain: [`Answer::Swept`](crate::Answer::Swept). What the board does is
    /// [`Chain::sweep`](bitspin_core::ising::Chain::sweep), `sweeps` times; another temperature a request makes a schedule.
    /// Refused: [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail), [`Beta`](crate::Refusal::Beta),
    /// [`OutOfRange`](crate::Refusal::OutOfRange) for more than [`MAX_SWEEPS`](crate::MAX_SWEEPS),
    /// [`NoModel`](crate::Refusal::NoModel).
    Sweep {
        /// Where a new chain begins; without it, the chain goes on. A board that has just started is at the start of a
        /// chain with seed 0 and all spins -1.
        start: Option<Start<'a>>,
        /// How a spin is decided anew.
        rule: Rule,
        /// The inverse temperature, of [`Temperature::new`](bitspin_core::ising::Temperature::new).
        beta: f64,
        /// Sweeps; 0 is allowed and tells where the chain stands.
        sweeps: u32,
    },
    /// The class of a vector of pixels, and its energy: [`Answer::Classified`](crate::Answer::Classified). What the board
    /// does is [`CompactLabelled::logits`](bitspin_core::rbm::compact::CompactLabelled::logits). Refused:
    /// [`Length`](crate::Refusal::Length), [`Tail`](crate::Refusal::Tail), [`NoModel`](crate::Refusal::NoModel).
    Classify {
        /// The pixels, [`state_len`](crate::state_len) bytes for
        /// [`ClassifierInfo::pixels`](crate::ClassifierInfo::pixels).
        visible: &'a [u8],
    },
}

/// One of the board's models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Model {
    /// The Hopfield memory: a blob of patterns.
    Memory,
    /// The restricted Boltzmann machine.
    Rbm,
    /// The Ising model.
    Ising,
    /// The RBM with label units.
    Classifier,
}

/// How a spin of an Ising model is decided anew; [`UpdateRule`](bitspin_core::ising::UpdateRule) in words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// +1 with probability 1 / (1 + exp(-2 beta field)).
    Glauber,
    /// Turned over with probability min(1, exp(-beta cost)).
    Metropolis,
}

/// What the memory's patterns are taken as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// The [`PatternMemory`](bitspin_core::hopfield::PatternMemory) of the memory's blob, with its rule and its diagonal.
    Pairs,
    /// An [`ExponentialMemory`](bitspin_core::hopfield::ExponentialMemory) with
    /// [`exponential_table`](bitspin_core::hopfield::exponential_table) of [`BETA`](crate::BETA), whole.
    Exponential,
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start<'a> {
    /// The generator is that of chain 0: `Streams::new(seed, Purpose::Chains).next_chain()`.
    pub seed: u64,
    /// The visible vector, or the spins, before the first step: [`state_len`](crate::state_len) bytes for
    /// [`RbmInfo::visible`](crate::RbmInfo::visible) or [`IsingInfo::units`](crate::IsingInfo::units).
    pub visible: &'a [u8],
}
