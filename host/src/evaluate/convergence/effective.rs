//! Effective sample sizes: independent draws that correlated ones are worth.

use super::autocorrelation::autocovariance;
use super::r_hat::within_and_between;
use super::ranks;

/// Independent draws that all draws of all chains are worth, for their mean (Vehtari et al. 2021, equations 10 to 13).
///
/// The correlation at a lag is what chains do not share with the variance of all of them, so that chains that disagree
/// are worth little however fast each moves. Sums of neighbouring lags are positive and fall for a reversible chain
/// (Geyer 1992); the sum over lags ends where the estimate breaks that, and is held to falling before. At most
/// S log10 S for S draws, which chains that swing to and fro would pass. 0 where every chain is stuck at a value of its
/// own, NaN where nothing ever varies.
pub(super) fn samples(chains: &[Vec<f64>]) -> f64 {
    let draws = chains[0].len();
    let (within, between) = within_and_between(chains);
    let total = (draws as f64 - 1.0) / draws as f64 * within + between;
    if within == 0.0 {
        return if total > 0.0 { 0.0 } else { f64::NAN };
    }
    let mut covariance = vec![0.0; draws];
    for chain in chains {
        let mean = ranks::mean(chain);
        for (sum, one) in covariance.iter_mut().zip(autocovariance(chain, mean)) {
            *sum += one / chains.len() as f64;
        }
    }
    let rho = |lag: usize| match lag {
        0 => 1.0,
        _ => 1.0 - (within - covariance[lag]) / total,
    };
    let size = (draws * chains.len()) as f64;
    let time = initial_monotone_sum(draws, rho).max(1.0 / size.log10());
    size / time
}

/// 1 + 2 sum_t rho_t up to the first pair of lags (2k, 2k + 1) whose sum is not positive, pairs held to falling; of the pair
/// that ends the sum the first lag still counts where it is positive, which lessens the bias of chains that swing (Stan).
fn initial_monotone_sum(draws: usize, rho: impl Fn(usize) -> f64) -> f64 {
    let mut time = -1.0;
    let mut least = f64::INFINITY;
    let mut lag = 0;
    while lag + 4 < draws {
        let pair = rho(lag) + rho(lag + 1);
        if pair <= 0.0 {
            break;
        }
        least = least.min(pair);
        time += 2.0 * least;
        lag += 2;
    }
    time + rho(lag).max(0.0)
}

/// The lesser effective sample size of the 5% and the 95% quantile of `all` draws: of being at most there, in halves.
/// A quantile that no draw lies above says nothing; NaN where both do.
pub(super) fn tail_samples(all: &[f64], halves: &[Vec<f64>]) -> f64 {
    let of = |part| {
        let edge = ranks::quantile(all, part);
        samples(&ranks::map(halves, |x| f64::from(u8::from(x <= edge))))
    };
    // The minimum of a number and of not-a-number is the number.
    of(0.05).min(of(0.95))
}
