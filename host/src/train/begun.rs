//! Position within an interrupted epoch.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Parts of a nat that sums of losses count: 2^-32.
pub(super) const NAT: f64 = 4_294_967_296.0;

/// Integer sums over samples, so that their value does not depend on how threads share them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Losses {
    /// Squared reconstruction errors, in 2^-24.
    pub(super) error: u64,
    /// -ln p(y|x) of the training labels, in 2^-32 nats.
    pub(super) nll: u64,
    /// Labels that are not the likeliest.
    pub(super) wrong: u64,
}

impl Losses {
    /// The sums of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            error: self.error + other.error,
            nll: self.nll.saturating_add(other.nll),
            wrong: self.wrong + other.wrong,
        }
    }
}

/// Position within an interrupted epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Begun {
    /// Rows per minibatch, which a run of more epochs would have others of.
    pub(super) batch: usize,
    pub(super) minibatches: usize,
    pub(super) images: usize,
    pub(super) losses: Losses,
    pub(super) duration: Duration,
    pub(super) fraction_bits: u32,
    /// \[sample\]\[words\]: the next minibatch's data, which have been drawn. Empty but in a state: the samples have them.
    pub(super) data: Vec<u64>,
}
