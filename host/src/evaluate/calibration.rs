//! How far a classifier's probabilities can be trusted: negative log-likelihood, expected calibration error, and the
//! temperature that mends it (Guo et al., "On Calibration of Modern Neural Networks", 2017).

use serde::Serialize;

use super::Logits;
use super::labels::log_sum_exp;

/// Bins of confidence, equal in width, each without its lower end and with its upper.
pub const BINS: usize = 15;

/// The range of temperatures that is searched.
const TEMPERATURES: (f64, f64) = (0.05, 20.0);

/// Mean -ln p(y|x) of the true classes at a temperature, in nats. Labels are `u8`, `u16` or `usize`.
///
/// # Panics
/// If a label is no class.
#[must_use]
pub fn negative_log_likelihood<L: Copy + Into<usize>>(
    logits: &Logits,
    labels: &[L],
    temperature: f64,
) -> f64 {
    let mut scaled = vec![0.0; logits.classes()];
    let pairs = logits.iter().zip(labels);
    let sum: f64 = pairs
        .map(|(logits, &label)| {
            scaled
                .iter_mut()
                .zip(logits)
                .for_each(|(scaled, z)| *scaled = z / temperature);
            log_sum_exp(&scaled) - scaled[label.into()]
        })
        .sum();
    sum / logits.count() as f64
}

/// Images whose largest probability falls into one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// How many.
    pub count: usize,
    /// Their mean largest probability.
    pub confidence: f64,
    /// The share of them whose likeliest class is the true one.
    pub accuracy: f64,
}

/// The reliability diagram: [`BINS`] bins of the largest probability at a temperature.
#[must_use]
pub fn reliability(logits: &Logits, labels: &[u8], temperature: f64) -> Vec<Bin> {
    let mut bins = vec![Bin::default(); BINS];
    let predictions = logits.predictions();
    for ((logits, &label), predicted) in logits.iter().zip(labels).zip(predictions) {
        let scaled: Vec<f64> = logits.iter().map(|z| z / temperature).collect();
        let confidence = libm::exp(scaled[predicted] - log_sum_exp(&scaled));
        let at = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        bins[at].count += 1;
        bins[at].confidence += confidence;
        bins[at].accuracy += f64::from(u8::from(predicted == usize::from(label)));
    }
    for bin in &mut bins {
        let count = bin.count.max(1) as f64;
        bin.confidence /= count;
        bin.accuracy /= count;
    }
    bins
}

/// The expected calibration error: the mean over images of how far their bin's accuracy is from its confidence.
#[must_use]
pub fn expected_calibration_error(bins: &[Bin]) -> f64 {
    let count: usize = bins.iter().map(|bin| bin.count).sum();
    let gaps = bins
        .iter()
        .map(|bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs());
    gaps.sum::<f64>() / count.max(1) as f64
}

/// The temperature, between 0.05 and 20, at which the negative log-likelihood is least, by golden-section search over its
/// logarithm; it has one minimum only, being convex in 1/T.
///
/// # Panics
/// If a label is no class.
#[must_use]
pub fn best_temperature<L: Copy + Into<usize>>(logits: &Logits, labels: &[L]) -> f64 {
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let nll = |ln_t: f64| negative_log_likelihood(logits, labels, ln_t.exp());
    let (mut low, mut high) = (TEMPERATURES.0.ln(), TEMPERATURES.1.ln());
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (nll(a), nll(b));
    while high - low > 1e-6 {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = nll(a);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = nll(b);
        }
    }
    ((low + high) / 2.0).exp()
}

/// The area under the ROC curve of telling `outside` from `inside` by their scores: the probability that one of the
/// former has a higher score than one of the latter, ties counting half. O(n ln n).
///
/// ```
/// use bitspin::evaluate::calibration::auroc;
/// assert_eq!(auroc(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
/// assert_eq!(auroc(&[1.0, 3.0], &[1.0, 3.0]), 0.5);
/// ```
#[must_use]
pub fn auroc(inside: &[f64], outside: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = inside.iter().map(|&score| (score, false)).collect();
    all.extend(outside.iter().map(|&score| (score, true)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum) = (0.0, 0.0);
    for ties in all.chunk_by(|a, b| a.0 == b.0) {
        let outsiders = ties.iter().filter(|(_, outside)| *outside).count() as f64;
        let insiders = ties.len() as f64 - outsiders;
        sum += outsiders * (below + insiders / 2.0);
        below += insiders;
    }
    sum / (inside.len() as f64 * outside.len() as f64)
}
