//! From softplus sums to p(y|x), and from there to what every class weighs in the gradient.

use bitspin_core::kernel::classes::UNIT;

/// What the classes of one sample come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    /// -ln p(t|x) of the true class.
    pub(super) nll: f64,
    /// Whether another class was likelier.
    pub(super) wrong: bool,
}

/// Turns the logits of a sample into weights [y = t] - p(y|x) in 1/[`UNIT`]. Float64 by a portable library: the same on
/// every machine.
pub(super) fn weigh(logits: &mut [f64], truth: usize, weights: &mut [i16]) -> Sample {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wrong = logits
        .iter()
        .enumerate()
        .any(|(y, &z)| y != truth && z >= logits[truth]);
    let true_logit = logits[truth] - most;
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = libm::exp(*logit - most);
        sum += *logit;
    }
    // What the true class lacks of 1, as a sum of small numbers rather than a difference of large ones.
    let others: f64 = logits
        .iter()
        .enumerate()
        .filter(|&(y, _)| y != truth)
        .map(|(_, p)| p / sum)
        .sum();
    for (y, (p, weight)) in logits.iter().zip(weights).enumerate() {
        let exact = if y == truth { others } else { -p / sum };
        *weight = libm::rint(exact * f64::from(UNIT)) as i16;
    }
    Sample {
        nll: libm::log(sum) - true_logit,
        wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_the_truth_less_the_softmax() {
        let mut logits = [1.0, 2.0, 0.5];
        let p = crate::reference::softmax::softmax(&logits, 1.0);
        let mut weights = [0; 3];
        let sample = weigh(&mut logits, 0, &mut weights);
        for (y, weight) in weights.iter().enumerate() {
            let exact = f64::from(u8::from(y == 0)) - p[y];
            assert!((f64::from(*weight) / f64::from(UNIT) - exact).abs() < 2e-5);
        }
        assert!(sample.wrong && (sample.nll + p[0].ln()).abs() < 1e-12);
        let mut far = [1000.0, -1000.0];
        assert_eq!(weigh(&mut far, 1, &mut weights[..2]).nll, 2000.0);
        assert_eq!(weights[..2], [-UNIT, UNIT]);
    }
}
