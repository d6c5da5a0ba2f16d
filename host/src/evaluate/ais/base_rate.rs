//! The base-rate model that annealing begins at.

use bitspin_core::bits::ones;
use bitspin_core::rbm::ais::BASE_BITS;

use crate::data::PackedImages;
use crate::model_file::RbmParameters;

/// Images that count as half set beside every hundred of the data: no pixel is taken to be impossible, and the base-rate
/// model is wider than what it is annealed to, which importance weights want.
const SMOOTHING: f64 = 0.05;

/// The largest magnitude of a bias.
const LIMIT: f64 = 12.0;

/// Visible biases of a model without weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseRate {
    biases: Vec<i16>,
}

impl BaseRate {
    /// The log-odds of every unit in the data, smoothed.
    #[must_use]
    pub fn of_data(images: &PackedImages) -> Self {
        let mut set = vec![0_u32; images.units()];
        for i in images.iter().flat_map(ones) {
            set[i] += 1;
        }
        let count = images.count() as f64;
        let biases = set.into_iter().map(|set| {
            let rate = (f64::from(set) + SMOOTHING * count) / (count * (1.0 + 2.0 * SMOOTHING));
            quantise((rate / (1.0 - rate)).ln())
        });
        Self {
            biases: biases.collect(),
        }
    }

    /// The model's own visible biases, where there are no data.
    #[must_use]
    pub fn of_model(model: &RbmParameters) -> Self {
        let biases = model.visible_bias.iter();
        Self {
            biases: biases.map(|&b| quantise(b.into())).collect(),
        }
    }

    /// With [`BASE_BITS`] binary places.
    #[must_use]
    pub fn biases(&self) -> &[i16] {
        &self.biases
    }
}

fn quantise(bias: f64) -> i16 {
    (bias.clamp(-LIMIT, LIMIT) * f64::from(1 << BASE_BITS)).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_data_and_never_certain() {
        // Unit 0 always, unit 1 never, unit 2 in half of 40 images.
        let bits = (0..40).map(|k| 1 | (k % 2) << 2).collect();
        let base = BaseRate::of_data(&PackedImages::from_bits(3, bits).unwrap());
        let real = |bias: i16| f64::from(bias) / 2048.0;
        let expected = (1.05_f64 / 0.05).ln();
        assert!((real(base.biases[0]) - expected).abs() < 1e-3);
        assert!((real(base.biases[1]) + expected).abs() < 1e-3);
        assert_eq!(base.biases[2], 0);
    }
}
