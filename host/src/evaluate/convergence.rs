//! Convergence of Markov chains, and effective sample sizes.
//!
//! A sampler's mean has an error bar only if one knows how many *independent* draws its correlated ones are worth, and
//! it is a mean under the model only if chains that started apart have come together. [`Convergence::of`] takes the
//! draws of one quantity (an energy, a magnetisation, a free energy) from all chains and tells both:
//!
//! - the mean and its standard error from the effective sample size ([`Convergence::standard_error`]),
//! - the integrated autocorrelation time by Sokal's window ([`autocorrelation_time`]),
//! - effective sample sizes of the bulk and of the tails, and the split R-hat, rank-normalised and folded, of Vehtari,
//!   Gelman, Simpson, Carpenter and Bürkner, *Rank-normalization, folding, and localization: an improved R-hat for
//!   assessing convergence of MCMC*, Bayesian Analysis 16 (2021), whose thresholds the [`Verdict`] takes,
//! - a plain sentence that says what to change ([`Convergence::sentence`]).
//!
//! Chains are compared with their own halves, so a single chain that drifts is found out too; that a single chain is
//! stuck in one of several modes can only be seen by starting others. Costs O(draws ln draws).
//!
//! ```
//! use bitspin::evaluate::convergence::{Convergence, Verdict};
//!
//! // Two chains that sit in different modes.
//! let low: Vec<f64> = (0..200).map(|t| f64::from(t * 7919 % 100)).collect();
//! let high: Vec<f64> = low.iter().map(|x| x + 1000.0).collect();
//! let found = Convergence::of(&[low, high])?;
//! assert_eq!(found.verdict, Verdict::NotMixed);
//! assert!(found.sentence(&Default::default()).contains("have not mixed"));
//! # Ok::<(), bitspin_core::Error>(())
//! ```

mod autocorrelation;
mod effective;
mod r_hat;
mod ranks;
mod verdict;

pub use autocorrelation::{AutocorrelationTime, autocorrelation_time};
pub use verdict::{APART, Advice, ENOUGH, MIXED, Verdict, worst};

use bitspin_core::Error;
use serde::Serialize;

/// The fewest draws per chain of which anything is said: two in each half.
pub const FEWEST_DRAWS: usize = 4;

/// Convergence of several chains, judged by one sampled quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Convergence {
    /// Chains.
    pub chains: usize,
    /// Draws a chain.
    pub draws: usize,
    /// The mean over all draws.
    pub mean: f64,
    /// The standard deviation of a draw.
    pub standard_deviation: f64,
    /// The standard error of the mean: the standard deviation divided by the root of
    /// [`effective_samples`](Self::effective_samples). Infinite where every chain is stuck at a value of its own.
    pub standard_error: f64,
    /// Independent draws that all draws together are worth for the mean. NaN where nothing ever varies.
    pub effective_samples: f64,
    /// The same for ranks: for the bulk of the distribution, whatever its tails.
    pub bulk_effective_samples: f64,
    /// The lesser of the same for the 5% and the 95% quantile; NaN where no draw lies above either.
    pub tail_effective_samples: f64,
    /// Draws of one chain that are worth one independent draw, 1 + 2 sum_t rho_t, by Sokal's window.
    pub autocorrelation_time: f64,
    /// The split R-hat, rank-normalised, the greater of location and (folded) scale: 1 for chains that agree. NaN where
    /// nothing ever varies, infinite where every chain is stuck at a value of its own.
    pub r_hat: f64,
    /// What follows.
    pub verdict: Verdict,
}

impl Convergence {
    /// Judges `chains`: the draws of one quantity, in order, burn-in left out, one slice a chain, all of one length.
    ///
    /// # Errors
    /// [`Error::Empty`] without chains, [`Error::OutOfRange`] for fewer than [`FEWEST_DRAWS`] draws,
    /// [`Error::Length`] for chains of different lengths, [`Error::NotFinite`] for a draw that is no number.
    pub fn of<C: AsRef<[f64]>>(chains: &[C]) -> Result<Self, Error> {
        let chains: Vec<&[f64]> = chains.iter().map(AsRef::as_ref).collect();
        check(&chains)?;
        let draws = chains[0].len();
        let all: Vec<f64> = chains.concat();
        let mean = ranks::mean(&all);
        let standard_deviation = ranks::variance(&all, mean).sqrt();
        let halves = ranks::halves(&chains);
        let normal = ranks::normalised(&halves);
        let r_hat =
            r_hat::r_hat(&normal).max(r_hat::r_hat(&ranks::normalised(&ranks::folded(&halves))));
        let effective_samples = effective::samples(&halves);
        let standard_error = match effective_samples {
            _ if standard_deviation == 0.0 => 0.0,
            samples if samples > 0.0 => standard_deviation / samples.sqrt(),
            _ => f64::INFINITY,
        };
        let mut found = Self {
            chains: chains.len(),
            draws,
            mean,
            standard_deviation,
            standard_error,
            effective_samples,
            bulk_effective_samples: effective::samples(&normal),
            tail_effective_samples: effective::tail_samples(&all, &halves),
            autocorrelation_time: autocorrelation_time(&chains)?.time,
            r_hat,
            verdict: Verdict::Mixed,
        };
        found.verdict = Verdict::of(&found);
        Ok(found)
    }
}

fn check(chains: &[&[f64]]) -> Result<(), Error> {
    let what = "draws of a chain";
    let expected = chains.first().ok_or(Error::Empty { what: "chains" })?.len();
    if expected < FEWEST_DRAWS {
        let expected = "at least 4";
        return Err(Error::OutOfRange { what, expected });
    }
    for chain in chains {
        let found = chain.len();
        if found != expected {
            return Err(Error::Length {
                what,
                expected,
                found,
            });
        }
        if let Some(index) = chain.iter().position(|x| !x.is_finite()) {
            return Err(Error::NotFinite { what, index });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
