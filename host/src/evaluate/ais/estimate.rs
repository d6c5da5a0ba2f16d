//! From importance weights to an estimate and what it is worth.

use serde::Serialize;

/// The least share of the chains that an effective sample size should be.
const ENOUGH_SHARE: f64 = 0.1;

/// The least effective sample size.
const ENOUGH: f64 = 10.0;

/// An estimate of ln Z.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// In nats.
    pub ln_z: f64,
    /// One standard error of `ln_z`, to first order that of the mean weight divided by it. It tells what the weights seen tell:
    /// where few chains carry all weight it is too small.
    pub standard_error: f64,
    /// (sum of weights)^2 / sum of squared weights: as many equal weights would give as good an estimate.
    pub effective_sample_size: f64,
    /// Number of weights.
    pub chains: usize,
}

impl Estimate {
    /// ln Z = `base_ln_z` + ln of the mean of weights.
    pub(super) fn forward(base_ln_z: f64, ln_weights: &[f64]) -> Self {
        let mean = LnMean::new(ln_weights.iter().copied());
        Self::new(base_ln_z + mean.value, mean)
    }

    /// ln Z = `base_ln_z` - ln of the mean of inverse weights.
    pub(super) fn reverse(base_ln_z: f64, ln_weights: &[f64]) -> Self {
        let mean = LnMean::new(ln_weights.iter().map(|ln_weight| -ln_weight));
        Self::new(base_ln_z - mean.value, mean)
    }

    fn new(ln_z: f64, mean: LnMean) -> Self {
        Self {
            ln_z,
            standard_error: mean.standard_error,
            effective_sample_size: mean.effective,
            chains: mean.count,
        }
    }

    /// Whether enough of the chains count: an effective sample size of a tenth of them, and at least 10.
    #[must_use]
    pub fn is_reliable(&self) -> bool {
        self.effective_sample_size >= (ENOUGH_SHARE * self.chains as f64).max(ENOUGH)
    }
}

/// The logarithm of a mean of weights.
struct LnMean {
    value: f64,
    standard_error: f64,
    effective: f64,
    count: usize,
}

impl LnMean {
    fn new(ln_weights: impl Iterator<Item = f64> + Clone) -> Self {
        let largest = ln_weights.clone().fold(f64::NEG_INFINITY, f64::max);
        let weights = ln_weights.map(|ln_weight| (ln_weight - largest).exp());
        let (mut count, mut sum, mut squares) = (0, 0.0, 0.0);
        for weight in weights.clone() {
            count += 1;
            sum += weight;
            squares += weight * weight;
        }
        let n = f64::from(count);
        let mean = sum / n;
        let spread: f64 = weights.map(|weight| (weight / mean - 1.0).powi(2)).sum();
        Self {
            value: largest + mean.ln(),
            standard_error: (spread / (n * (n - 1.0))).sqrt(),
            effective: sum * sum / squares,
            count: count as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_errors_and_sizes_are_those_of_the_weights() {
        // Weights 1, 2, 3, 6 times e^500: mean 3, sample variance 14/3, sum^2 / squares = 144 / 50.
        let ln_weights = [1.0_f64, 2.0, 3.0, 6.0].map(|weight| weight.ln() + 500.0);
        let estimate = Estimate::forward(10.0, &ln_weights);
        assert!((estimate.ln_z - (510.0 + 3.0_f64.ln())).abs() < 1e-12);
        let expected = (14.0_f64 / 3.0 / 4.0).sqrt() / 3.0;
        assert!((estimate.standard_error - expected).abs() < 1e-12);
        assert!((estimate.effective_sample_size - 144.0 / 50.0).abs() < 1e-12);
        let inverse = ln_weights.map(|ln_weight| -ln_weight);
        let reverse = Estimate::reverse(10.0, &inverse);
        assert!((reverse.ln_z - (10.0 - 500.0 - 3.0_f64.ln())).abs() < 1e-12);
        assert!((reverse.standard_error - expected).abs() < 1e-12);
    }

    #[test]
    fn few_chains_that_count_are_not_enough() {
        let mut ln_weights = [0.0; 500];
        assert!(Estimate::forward(0.0, &ln_weights).is_reliable());
        ln_weights[7] = 6.0;
        assert!(!Estimate::forward(0.0, &ln_weights).is_reliable());
        assert!(!Estimate::forward(0.0, &ln_weights[20..29]).is_reliable());
    }
}
