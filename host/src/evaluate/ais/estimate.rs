//! Estimates of ln Z from importance weights.

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
    /// One standard error of `ln_z`, to first order. It is computed from the weights seen: where few chains carry most
    /// of the weight it is too small.
    pub standard_error: f64,
    /// (sum of weights)^2 / sum of squared weights: so many equal weights would give as good an estimate.
    pub effective_sample_size: f64,
    /// Number of weights.
    pub chains: usize,
}

impl Estimate {
    /// ln Z = `base_ln_z` + ln of the mean of weights.
    pub(super) fn forward(base_ln_z: f64, ln_weights: &[f64]) -> Self {
        let mean = LnMean::new(ln_weights);
        let influence = mean.relative.iter().map(|relative| relative - 1.0);
        let standard_error = standard_error(influence, mean.relative.len());
        Self::new(base_ln_z + mean.value, standard_error, &mean)
    }

    /// ln Z = `base_ln_z` - ln of the mean of inverse weights, from independent samples of the model.
    pub(super) fn reverse(base_ln_z: f64, ln_weights: &[f64]) -> Self {
        let inverse: Vec<f64> = ln_weights.iter().map(|ln_weight| -ln_weight).collect();
        let estimate = Self::forward(-base_ln_z, &inverse);
        Self {
            ln_z: -estimate.ln_z,
            ..estimate
        }
    }

    /// ln Z = `base_ln_z` - ln of the mean of inverse weights + ln of the mean of `ln_ratios`, from samples of another model
    /// close by, whose unnormalised probabilities have these ratios to its. Weights at equal places modulo `groups`
    /// may depend on each other.
    pub(super) fn reverse_of_other(
        base_ln_z: f64,
        ln_weights: &[f64],
        ln_ratios: &[f64],
        groups: usize,
    ) -> Self {
        let inverse: Vec<f64> = ln_weights.iter().map(|ln_weight| -ln_weight).collect();
        let (mean, ratio) = (LnMean::new(&inverse), LnMean::new(ln_ratios));
        let influence = mean.relative.iter().zip(&ratio.relative);
        let standard_error = standard_error(influence.map(|(w, r)| w - r), groups);
        let ln_z = base_ln_z - mean.value + ratio.value;
        Self::new(ln_z, standard_error, &mean)
    }

    fn new(ln_z: f64, standard_error: f64, mean: &LnMean) -> Self {
        Self {
            ln_z,
            standard_error,
            effective_sample_size: mean.effective,
            chains: mean.relative.len(),
        }
    }

    /// Whether enough of the chains count: an effective sample size of a tenth of them, and at least 10.
    #[must_use]
    pub fn is_reliable(&self) -> bool {
        self.effective_sample_size >= (ENOUGH_SHARE * self.chains as f64).max(ENOUGH)
    }
}

/// The logarithm of a mean of weights.
pub(super) struct LnMean {
    pub(super) value: f64,
    /// Every weight divided by the mean.
    relative: Vec<f64>,
    effective: f64,
}

impl LnMean {
    pub(super) fn new(ln_weights: &[f64]) -> Self {
        let largest = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = ln_weights
            .iter()
            .map(|ln_weight| (ln_weight - largest).exp());
        let weights: Vec<f64> = weights.collect();
        let sum: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let mean = sum / weights.len() as f64;
        Self {
            value: largest + mean.ln(),
            relative: weights.iter().map(|weight| weight / mean).collect(),
            effective: sum * sum / squares,
        }
    }
}

/// The standard error of the mean of numbers of mean 0, where those at equal places modulo `groups` may be correlated: from
/// the sums of groups.
fn standard_error(numbers: impl ExactSizeIterator<Item = f64>, groups: usize) -> f64 {
    let count = numbers.len() as f64;
    let mut sums = vec![0.0; groups.min(numbers.len())];
    for (at, number) in numbers.enumerate() {
        sums[at % groups] += number;
    }
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    let groups = sums.len() as f64;
    (squares * groups / (groups - 1.0)).sqrt() / count
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
        // Equal ratios move the estimate by as much, and its error not at all.
        let other = Estimate::reverse_of_other(10.0, &inverse, &[0.25; 4], 4);
        assert!((other.ln_z - reverse.ln_z - 0.25).abs() < 1e-12);
        assert!((other.standard_error - expected).abs() < 1e-12);
    }

    #[test]
    fn weights_of_one_group_count_as_one() {
        // Four groups of three equal weights: the error is that of four weights.
        let four = [1.0_f64, 2.0, 3.0, 6.0].map(f64::ln);
        let twelve: Vec<f64> = four.iter().copied().cycle().take(12).collect();
        let (alone, grouped) = (
            Estimate::reverse_of_other(0.0, &four, &[0.0; 4], 4),
            Estimate::reverse_of_other(0.0, &twelve, &[0.0; 12], 4),
        );
        assert!((alone.standard_error - grouped.standard_error).abs() < 1e-12);
        let independent = Estimate::reverse_of_other(0.0, &twelve, &[0.0; 12], 12);
        assert!(independent.standard_error < 0.6 * grouped.standard_error);
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
