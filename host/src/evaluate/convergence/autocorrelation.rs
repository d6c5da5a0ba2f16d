//! Autocovariances by the fast Fourier transform, and the integrated autocorrelation time by Sokal's window.

use bitspin_core::Error;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;
use serde::Serialize;

use super::{check, ranks};

/// Sokal's c: the window is the first that is at least so many autocorrelation times long.
const WINDOW: f64 = 5.0;

/// The shortest window: that of two draws, without which the sum for chains that swing would end at its first term.
const SHORTEST: f64 = 2.0 * WINDOW;

/// An integrated autocorrelation time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AutocorrelationTime {
    /// 1 + 2 sum_t rho_t: draws that are worth one independent draw; 1 for independent draws. (In physics half of it is
    /// usual, 1/2 + sum_t rho_t.) NaN where nothing ever varies.
    pub time: f64,
    /// Its standard error, `time` sqrt(2 (2 window + 1) / all draws) (Madras and Sokal 1988, equation E.11).
    pub error: f64,
    /// The last lag of the sum.
    pub window: usize,
    /// Whether a chain is at least 50 autocorrelation times long; if not, `time` is most likely too small.
    pub resolved: bool,
}

/// The integrated autocorrelation time of a quantity, from draws of one or several chains of one length, in draws.
///
/// The autocorrelation function is the mean over chains, about their common mean, so that chains that disagree count as
/// correlated. The sum ends at the first lag that is at least 10, and 5 of the times summed so far (Sokal, *Monte Carlo methods in
/// statistical mechanics*, 1989, section 3; Goodman and Weare 2010 for several chains): noise beyond it would add up to
/// more than what is left out. O(draws ln draws).
///
/// # Errors
/// As [`Convergence::of`](super::Convergence::of).
pub fn autocorrelation_time<C: AsRef<[f64]>>(chains: &[C]) -> Result<AutocorrelationTime, Error> {
    let chains: Vec<&[f64]> = chains.iter().map(AsRef::as_ref).collect();
    check(&chains)?;
    let draws = chains[0].len();
    let mean = ranks::mean(&chains.concat());
    let mut total = vec![0.0; draws];
    for chain in &chains {
        for (sum, covariance) in total.iter_mut().zip(autocovariance(chain, mean)) {
            *sum += covariance;
        }
    }
    let mut time = 1.0;
    let mut window = 0;
    while (window as f64) < SHORTEST.max(WINDOW * time) && window + 1 < draws {
        window += 1;
        time += 2.0 * total[window] / total[0];
    }
    if total[0] == 0.0 {
        time = f64::NAN;
    }
    let all = (draws * chains.len()) as f64;
    Ok(AutocorrelationTime {
        time,
        error: time * (2.0 * (2.0 * window as f64 + 1.0) / all).sqrt(),
        window,
        resolved: 50.0 * time <= draws as f64,
    })
}

/// (1/n) sum_t (x_t - mean) (x_(t + lag) - mean) for every lag from 0 to n - 1: the biased estimate, whose noise falls
/// off with the lag.
pub(super) fn autocovariance(chain: &[f64], mean: f64) -> Vec<f64> {
    let draws = chain.len();
    // Twice the length, so that the end of the chain does not meet its beginning.
    let length = (2 * draws).next_power_of_two();
    let mut buffer = vec![Complex64::default(); length];
    for (to, x) in buffer.iter_mut().zip(chain) {
        to.re = x - mean;
    }
    if buffer.iter().all(|x| x.re == 0.0) {
        return vec![0.0; draws];
    }
    let mut planner = FftPlanner::new();
    planner.plan_fft_forward(length).process(&mut buffer);
    for x in &mut buffer {
        *x = Complex64::new(x.norm_sqr(), 0.0);
    }
    planner.plan_fft_inverse(length).process(&mut buffer);
    let scale = 1.0 / (length as f64 * draws as f64);
    buffer[..draws].iter().map(|x| x.re * scale).collect()
}
