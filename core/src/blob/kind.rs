//! The kinds of models that a blob holds.

use crate::hopfield::{Diagonal, LearningRule};
use crate::rbm::Shape;
use crate::rbm::compact::NumberFormat;

/// Kind and shape of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A Hopfield network of packed patterns.
    Patterns {
        /// Spins, N.
        units: usize,
        /// Patterns, P.
        count: usize,
        /// Learning rule: how patterns become couplings.
        rule: LearningRule,
        /// Treatment of the couplings of units with themselves.
        diagonal: Diagonal,
    },
    /// A Hopfield network of packed patterns whose energy is the exponential of the overlaps.
    Exponential {
        /// Spins, N.
        units: usize,
        /// Patterns, P.
        count: usize,
        /// Numbers of the table of terms.
        terms: usize,
    },
    /// A Hopfield network of couplings of 16 bits.
    CouplingsI16 {
        /// Spins, N.
        units: usize,
    },
    /// A Hopfield network of couplings of 8 bits.
    CouplingsI8 {
        /// Spins, N.
        units: usize,
    },
    /// A Hopfield network of couplings of one bit.
    CouplingsSign {
        /// Spins, N.
        units: usize,
    },
    /// A restricted Boltzmann machine.
    Rbm {
        /// Numbers of units.
        shape: Shape,
        /// What its numbers mean.
        format: NumberFormat,
    },
    /// A restricted Boltzmann machine with label units.
    Labelled {
        /// Numbers of units, the labels among the visible ones.
        shape: Shape,
        /// What its numbers mean.
        format: NumberFormat,
        /// Labels: the last visible units.
        classes: usize,
    },
    /// An Ising model.
    Ising {
        /// Spins, N.
        units: usize,
        /// Couplings in compressed rows, each pair counted twice; `None` for a matrix.
        stored: Option<usize>,
        /// What couplings are stored as.
        weights: IsingWeights,
        /// Binary places of couplings and fields.
        fraction_bits: u32,
    },
}

/// Storage format of an Ising model's couplings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsingWeights {
    /// 16 bits.
    I16,
    /// 8 bits.
    I8,
}

impl IsingWeights {
    /// Bytes of a coupling.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::I16 => 2,
            Self::I8 => 1,
        }
    }
}
