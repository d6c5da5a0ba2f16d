//! Every Ising sampler without statistics: the transition matrix of a sweep from the engine's own integer thresholds, and
//! the engine's decisions against these thresholds.
//!
//! [`laws`] builds the matrix of every sampler on [every kind of graph](Family::all) of up to 6 spins. [`Verdict::of`] says
//! whether it leaves the Boltzmann distribution as it is, to the error that the thresholds state, and whether 1 is its
//! only eigenvalue of modulus 1: then every start is forgotten, at the rate that the relaxation time tells.
//!
//! That the engine samples by these matrices is the other half ([`Path::differences`]): generators are made that draw
//! the last word below every threshold, or the first that is not, and the engine has to decide as it should, for spins
//! anywhere in a vector; random words then decide all that is far from a threshold.

mod families;
pub mod laws;
mod matrix;
mod plain;
mod real;
mod script;

pub use families::Family;
pub use matrix::{LONGEST, Matrix};
pub use real::Path;

use bitspin_core::Error;
use bitspin_core::ising::{Colouring, UpdateRule};

use super::report::Worst;
use super::{Random, Row};

/// Inverse temperatures of all checks.
pub const BETAS: [f64; 5] = [0.0, 0.01, 0.3, 1.0, 3.0];

/// The largest of [`BETAS`] that is hot: no sampler is slow there.
const HOT: f64 = 0.3;

/// Sweeps, or steps, that no sampler's relaxation takes more of where it is hot.
const HOT_RELAXATION: f64 = 25.0;

/// What one decision may move of a distribution at most: 2^-23 and 2^-31 out of a state, and into another.
const DECISION: f64 = 2.0 * (laws::RELATIVE + laws::ABSOLUTE);

/// What a transition matrix says of a sampler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How much of the distribution a sweep moves: sum_b |sum_a pi_a P_ab - pi_b|.
    pub stationary_error: f64,
    /// How much the rounding of thresholds may move.
    pub bound: f64,
    /// Sweeps after which the slowest deviation has fallen by a factor of e; `None` if one never falls.
    pub relaxation: Option<f64>,
}

impl Verdict {
    /// Of the matrix of a sweep whose thresholds may move so much of a distribution.
    #[must_use]
    pub fn of(matrix: &Matrix, distribution: &[f64], rounding: f64) -> Self {
        Self {
            stationary_error: matrix.stationary_error(distribution),
            bound: rounding + 1e-14,
            relaxation: matrix.relaxation(),
        }
    }

    /// Whether the sampler is one: its distribution stationary, and the only one that it has.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.stationary_error <= self.bound && self.relaxation.is_some()
    }
}

/// A sampler, as its transition matrix sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Sweeps in ascending order: by single spins, blocks and replicas.
    Sweep(UpdateRule),
    /// As many attempts as there are spins, each for a spin drawn at random.
    RandomSites(UpdateRule),
    /// Sweeps colour by colour: by chains and by multi-spin coding.
    Coloured(UpdateRule),
    /// Wolff's clusters.
    Wolff,
    /// Two sweeps of each of two chains, at beta / 2 and beta, with an exchange between them; of three for two spins.
    Tempering(UpdateRule),
}

impl Law {
    /// Every sampler, and what it is called.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Sweep(UpdateRule::Glauber), "heat bath, sweeps"),
        (
            Self::RandomSites(UpdateRule::Glauber),
            "heat bath, random spins",
        ),
        (Self::Coloured(UpdateRule::Glauber), "heat bath, colours"),
        (Self::Sweep(UpdateRule::Metropolis), "Metropolis, sweeps"),
        (
            Self::RandomSites(UpdateRule::Metropolis),
            "Metropolis, random spins",
        ),
        (
            Self::Coloured(UpdateRule::Metropolis),
            "Metropolis, colours",
        ),
        (Self::Wolff, "Wolff's clusters"),
        (Self::Tempering(UpdateRule::Glauber), "tempering"),
        (
            Self::Tempering(UpdateRule::Metropolis),
            "tempering by Metropolis",
        ),
    ];

    /// The verdict on a model; `None` of tempering for models of more than three spins, whose pairs of states are too many.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn verdict(self, family: &Family, beta: f64) -> Result<Option<Verdict>, Error> {
        let n = family.units();
        let distribution = laws::product_distribution(family, &[beta]);
        let attempts = |matrix: Matrix, rule| {
            let rounding = laws::rounding(family, &laws::engine(rule, beta), &distribution);
            Ok(Some(Verdict::of(&matrix, &distribution, rounding)))
        };
        match self {
            Self::Sweep(rule) => {
                let order: Vec<_> = (0..n).collect();
                attempts(laws::sweep(family, &order, &laws::engine(rule, beta)), rule)
            }
            Self::RandomSites(rule) => {
                attempts(laws::random_sites(family, &laws::engine(rule, beta)), rule)
            }
            Self::Coloured(rule) => {
                let model = family.sparse()?;
                let (mut order, mut colours) = (vec![0; n], vec![0; n]);
                let colouring = Colouring::new(&model, &mut order, &mut colours)?;
                let order: Vec<_> = colouring
                    .classes()
                    .flatten()
                    .map(|&unit| unit as usize)
                    .collect();
                attempts(laws::sweep(family, &order, &laws::engine(rule, beta)), rule)
            }
            Self::Wolff => {
                // A bond, or a field, each, and two words more.
                let decisions = (n * (n + 1) / 2 + 2) as f64;
                let matrix = laws::wolff(family, beta);
                Ok(Some(Verdict::of(
                    &matrix,
                    &distribution,
                    decisions * DECISION,
                )))
            }
            Self::Tempering(rule) => {
                let ladder = match n {
                    ..=2 => ladder(beta, 3),
                    3 => ladder(beta, 2),
                    _ => return Ok(None),
                };
                let matrix = laws::tempering(family, &ladder, rule);
                let distribution = laws::product_distribution(family, &ladder);
                let decisions = (2 * (n * ladder.len() + 1)) as f64;
                Ok(Some(Verdict::of(
                    &matrix,
                    &distribution,
                    decisions * DECISION,
                )))
            }
        }
    }
}

/// Inverse temperatures of so many chains up to beta, or from 0 on where beta is 0.
fn ladder(beta: f64, chains: usize) -> Vec<f64> {
    if beta == 0.0 {
        return (0..chains).map(|k| 0.1 * k as f64).collect();
    }
    (1..=chains)
        .map(|k| beta * k as f64 / chains as f64)
        .collect()
}

/// Rows of every sampler: what its matrices move of the distribution, and their relaxation times; then the states
/// that the engine reached and should not.
pub(super) fn rows(random: &mut Random) -> Vec<Row> {
    let families = Family::all();
    let mut rows = vec![];
    for (law, name) in Law::ALL {
        let (mut stationary, mut hot, mut cold) =
            (Worst::default(), Worst::default(), Worst::default());
        for family in &families {
            for beta in BETAS {
                let found = law.verdict(family, beta).expect("a small model");
                let Some(found) = found else { continue };
                stationary.add(found.stationary_error, found.bound);
                let (worst, bound) = if beta <= HOT {
                    (&mut hot, HOT_RELAXATION)
                } else {
                    (&mut cold, LONGEST)
                };
                worst.add(found.relaxation.unwrap_or(f64::INFINITY), bound);
            }
        }
        rows.push(stationary.row(&format!("Ising: {name}, pi P - pi")));
        rows.push(hot.row(&format!("  relaxation time, beta 0 to {HOT}")));
        rows.push(cold.row("  relaxation time, beta 1 to 3"));
    }
    for (path, name) in Path::ALL {
        let mut worst = Worst::default();
        for family in &families {
            for beta in BETAS {
                for rule in [UpdateRule::Glauber, UpdateRule::Metropolis] {
                    let found = path
                        .differences(family, rule, beta, random)
                        .expect("a small model");
                    if found.1 > 0 {
                        worst.add(found.0 as f64, 0.0);
                    }
                }
            }
        }
        rows.push(worst.row(&format!("Ising: {name}, words at thresholds")));
    }
    rows
}
