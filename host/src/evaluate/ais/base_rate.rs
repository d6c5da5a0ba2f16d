//! The base-rate model that annealing begins at.

use bitspin_core::Error;
use bitspin_core::bits::ones;
use bitspin_core::rbm::Groups;
use bitspin_core::rbm::ais::{Annealing, BASE_BITS};

use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::engine::Engine;
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
    /// The first unit of every categorical group.
    starts: Vec<usize>,
}

impl BaseRate {
    /// The log-odds of every unit in the data, smoothed.
    #[must_use]
    pub fn of_data(images: &BitMatrix) -> Self {
        Self::of_groups(images, &[])
    }

    /// [`Self::of_data`] where categorical groups begin at the units `starts`: the biases of a group are the logarithms of its
    /// units' shares.
    #[must_use]
    pub fn of_groups(images: &BitMatrix, starts: &[usize]) -> Self {
        let binary = starts.first().copied().unwrap_or(images.units());
        let mut set = vec![0_u32; images.units()];
        for i in images.iter().flat_map(ones) {
            set[i] += 1;
        }
        let count = images.count() as f64;
        let biases = set.into_iter().enumerate().map(|(unit, set)| {
            let rate = (f64::from(set) + SMOOTHING * count) / (count * (1.0 + 2.0 * SMOOTHING));
            let against = if unit < binary { 1.0 - rate } else { 1.0 };
            quantise((rate / against).ln())
        });
        Self {
            biases: biases.collect(),
            starts: starts.to_vec(),
        }
    }

    /// The model's own visible biases, where there are no data.
    #[must_use]
    pub fn of_model(model: &RbmParameters) -> Self {
        let biases = model.visible_bias.iter();
        Self {
            biases: biases.map(|&b| quantise(b.into())).collect(),
            starts: Vec::new(),
        }
    }

    /// The path from this model to `engine`.
    pub(super) fn annealing<'a>(
        &'a self,
        engine: &'a Engine,
    ) -> Result<Annealing<'a, AlignedI16>, Error> {
        let groups = Groups::new(engine.shape(), &self.starts)?;
        Annealing::with_groups(engine, groups, &self.biases)
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
        let base = BaseRate::of_data(&BitMatrix::from_bits(3, bits).unwrap());
        let real = |bias: i16| f64::from(bias) / 2048.0;
        let expected = (1.05_f64 / 0.05).ln();
        assert!((real(base.biases[0]) - expected).abs() < 1e-3);
        assert!((real(base.biases[1]) + expected).abs() < 1e-3);
        assert_eq!(base.biases[2], 0);
    }
}
