//! Temperature scaling and the expected calibration error, from their definitions.

use super::softmax::{log_sum_exp, softmax};

/// Mean `-ln softmax(z / T)_y`.
pub fn negative_log_likelihood(logits: &[Vec<f64>], labels: &[usize], temperature: f64) -> f64 {
    let mut sum = 0.0;
    for (z, &y) in logits.iter().zip(labels) {
        let scaled: Vec<f64> = z.iter().map(|z| z / temperature).collect();
        sum += log_sum_exp(&scaled) - scaled[y];
    }
    sum / logits.len() as f64
}

/// `sum_b (n_b / n) |accuracy_b - confidence_b|` over `bins` equal bins `(a, b]` of the largest probability.
pub fn expected_calibration_error(
    logits: &[Vec<f64>],
    labels: &[usize],
    temperature: f64,
    bins: usize,
) -> f64 {
    let mut error = 0.0;
    for bin in 0..bins {
        let (low, high) = (bin as f64 / bins as f64, (bin + 1) as f64 / bins as f64);
        let (mut hits, mut confidence) = (0.0, 0.0);
        for (z, &y) in logits.iter().zip(labels) {
            let p = softmax(z, temperature);
            let largest = p.iter().copied().fold(0.0, f64::max);
            if largest > low && largest <= high {
                confidence += largest;
                hits += f64::from(u8::from(p[y] == largest));
            }
        }
        error += (hits - confidence).abs() / logits.len() as f64;
    }
    error
}
