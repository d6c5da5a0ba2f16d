//! The parameters that training starts from.

use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use crate::model_file::RbmParameters;

/// The lecture's start: weights drawn from a normal distribution of standard deviation 0.01, biases zero.
///
/// Box and Muller's transform of the seed's training stream, in float64 by a portable library: the same numbers on
/// every machine. O(visible x hidden).
#[must_use]
pub fn initial_parameters(visible: usize, hidden: usize, seed: u64) -> RbmParameters {
    let mut stream = Streams::new(seed, Purpose::Training).next_stream();
    let mut uniform = || (f64::from(stream.next_u32()) + 0.5) / 4_294_967_296.0;
    let mut pair = || {
        let radius = libm::sqrt(-2.0 * libm::log(uniform()));
        let angle = core::f64::consts::TAU * uniform();
        [radius * libm::cos(angle), radius * libm::sin(angle)]
    };
    let w = std::iter::repeat_with(&mut pair)
        .flatten()
        .take(visible * hidden)
        .map(|x| (0.01 * x) as f32)
        .collect();
    RbmParameters {
        visible,
        hidden,
        w,
        visible_bias: vec![0.0; visible],
        hidden_bias: vec![0.0; hidden],
    }
}

/// The smallest chance that a visible bias starts from, and the smallest of the contrary.
const RAREST: f32 = 1e-4;

/// Visible biases with which a model without weights has the means of the data: their log-odds (Hinton, *A practical guide to
/// training restricted Boltzmann machines*, 2010, section 8.1), clamped to +-9.2.
#[must_use]
pub fn initial_visible_bias(means: &[f32]) -> Vec<f32> {
    let held = means.iter().map(|mean| mean.clamp(RAREST, 1.0 - RAREST));
    held.map(|p| libm::log(f64::from(p) / (1.0 - f64::from(p))) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_have_the_mean_and_the_spread_that_they_claim() {
        let w = initial_parameters(200, 500, 3).w;
        let n = w.len() as f64;
        let mean = w.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = w.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / n;
        let fourth = w.iter().map(|&x| f64::from(x).powi(4)).sum::<f64>() / n;
        // Five standard errors of each: false alarm 6e-7.
        assert!(mean.abs() < 5.0 * 0.01 / n.sqrt());
        assert!((variance / 1e-4 - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!((fourth / 3e-8 - 1.0).abs() < 5.0 * (96.0 / 9.0 / n).sqrt());
        assert_ne!(w, initial_parameters(200, 500, 4).w);
    }
}
