//! Mixing of parallel tempering.

use serde::Serialize;

use crate::evaluate::convergence::Convergence;

/// Standard errors by which ladders of different starts may differ: exceeded once in 200 where they do not differ, of two
/// quantities.
const STARTS_APART: f64 = 3.0;

/// Autocorrelation times of burn-in. An integrated time is about two exponential ones, after six of which 1/400 of the
/// start is left.
const BURN_IN_TIMES: f64 = 3.0;

/// Mixing of parallel tempering.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TemperingReport {
    /// Independent ladders, half of which started at data where there are data.
    pub ladders: usize,
    /// Temperatures of each ladder, after adaptation.
    pub temperatures: usize,
    /// Rounds: one Gibbs step of every replica, and one round of exchanges. The first half is burn-in.
    pub rounds: usize,
    /// The least exchange rate between two neighbours in the second half.
    pub least_exchange_rate: f64,
    /// Rounds from one draw to the next.
    pub rounds_a_draw: usize,
    /// Of the free energy F(v) at the model's temperature. Times are in draws.
    pub free_energy: Convergence,
    /// Of the number of set visible units.
    pub set_units: Convergence,
    /// The greater integrated autocorrelation time of both quantities in rounds.
    pub autocorrelation_rounds: f64,
    /// How far the ladders that started at data are from those that started at the base-rate model, in standard errors of the
    /// difference of their means; the greater of both quantities. 0 without data.
    pub starts_apart: f64,
}

impl TemperingReport {
    /// Whether the ladders have forgotten where they started: those of both starts agree within 3 standard errors, and burn-in is at
    /// least 3 autocorrelation times long.
    ///
    /// The R-hat of single ladders does not decide: it asks whether each ladder by itself is long enough for an average, where
    /// here only its states after burn-in are wanted, of many ladders.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.starts_apart <= STARTS_APART && self.rounds_wanted() <= self.rounds
    }

    /// The fewest rounds that autocorrelation times allow; half of them are burn-in.
    #[must_use]
    pub fn rounds_wanted(&self) -> usize {
        // Not-a-number where nothing varied, which becomes 0.
        (2.0 * BURN_IN_TIMES * self.autocorrelation_rounds).ceil() as usize
    }
}

/// The difference of the means of even and odd chains in standard errors, from the means of chains: 0 where none varies.
pub(super) fn starts_apart(chains: &[Vec<f64>]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let [even, odd] = [0, 1].map(|first| {
        let means: Vec<f64> = (chains.iter().skip(first).step_by(2))
            .map(|chain| mean(chain))
            .collect();
        let (center, count) = (mean(&means), means.len() as f64);
        let squares: f64 = means.iter().map(|x| (x - center).powi(2)).sum();
        (center, squares / (count * (count - 1.0)))
    });
    let (difference, error) = ((even.0 - odd.0).abs(), (even.1 + odd.1).sqrt());
    // Not-a-number of fewer than two ladders of a start.
    if difference == 0.0 || error.is_nan() {
        return 0.0;
    }
    difference / error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_compared_by_the_means_of_their_chains() {
        // Means 1 and 3 of one start, 7 and 9 of the other: 6 apart, errors of 1 each.
        let chains = [[0.0, 2.0], [6.0, 8.0], [2.0, 4.0], [8.0, 10.0]].map(Vec::from);
        assert!((starts_apart(&chains) - 6.0 / 2_f64.sqrt()).abs() < 1e-12);
        assert_eq!(starts_apart(&chains[..2]), 0.0);
        let frozen = [[1.0; 2], [5.0; 2], [1.0; 2], [5.0; 2]].map(Vec::from);
        assert_eq!(starts_apart(&frozen), f64::INFINITY);
    }
}
