//! The potential scale reduction R-hat.

use super::ranks::{mean, variance};

/// The mean variance within chains W, and the variance B/n of their means (0 of a single chain).
pub(super) fn within_and_between(chains: &[Vec<f64>]) -> (f64, f64) {
    let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
    let variances: Vec<f64> = chains
        .iter()
        .zip(&means)
        .map(|(chain, &mean)| variance(chain, mean))
        .collect();
    (mean(&variances), variance(&means, mean(&means)))
}

/// sqrt(((n - 1)/n W + B/n) / W): by how much the spread of a chain could still grow (Vehtari et al. 2021, equations 1
/// to 4). 1 where chains agree, infinite where none moves and they differ, NaN where nothing ever varies.
pub(super) fn r_hat(chains: &[Vec<f64>]) -> f64 {
    let draws = chains[0].len() as f64;
    let (within, between) = within_and_between(chains);
    (((draws - 1.0) / draws * within + between) / within).sqrt()
}
