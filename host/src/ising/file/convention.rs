//! What the weights of a file mean, and the units of its energies.

use serde::Serialize;

/// What a weight w of a file says of the model E = -sum_{i<j} J_ij s_i s_j - sum_i h_i s_i.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Convention {
    /// J = w, and an entry of the diagonal is a field, h = w.
    Ising,
    /// J = -w: cutting an edge earns its weight.
    MaxCut,
    /// J = -w and h = -w: the energy is the sum of w_ij s_i s_j and w_ii s_i, as in dimod.
    Terms,
    /// The energy is the sum of w_ij x_i x_j and w_ii x_i over bits x = (1 + s) / 2.
    Qubo,
}

impl Convention {
    /// The name, as in JSON output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ising => "ising",
            Self::MaxCut => "maxcut",
            Self::Terms => "terms",
            Self::Qubo => "qubo",
        }
    }

    /// What a weight means, in formulas.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Ising => "J = w",
            Self::MaxCut => "J = -w",
            Self::Terms => "E = sum w_ij s_i s_j + sum w_ii s_i",
            Self::Qubo => "E = sum w_ij x_i x_j + sum w_ii x_i, x = 0 or 1",
        }
    }
}

/// The units in which a file states its problem, and in which results are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Problem {
    /// The energy of spins.
    #[default]
    Ising,
    /// The energy of spins, and the cut, (sum of weights - E) / 2.
    MaxCut {
        /// The sum of the weights.
        total_weight: f64,
    },
    /// The energy of bits x = (1 + s) / 2: that of the spins plus an offset.
    Qubo {
        /// What is added to the energy of the spins.
        offset: f64,
    },
}

impl Problem {
    /// What is added to the energy of the spins: 0 but for a QUBO.
    #[must_use]
    pub fn offset(self) -> f64 {
        match self {
            Self::Qubo { offset } => offset,
            _ => 0.0,
        }
    }

    /// The cut of a state of this energy.
    #[must_use]
    pub fn cut(self, energy: f64) -> Option<f64> {
        match self {
            Self::MaxCut { total_weight } => Some((total_weight - energy) / 2.0),
            _ => None,
        }
    }

    /// Whether states are bits, 0 or 1.
    #[must_use]
    pub fn is_qubo(self) -> bool {
        matches!(self, Self::Qubo { .. })
    }
}
