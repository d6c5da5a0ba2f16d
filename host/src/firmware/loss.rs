//! What small numbers cost: in nats for an RBM, in recalled patterns for a Hopfield memory.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::exact::MAX_UNITS as MOST_ENUMERATED;
use bitspin_core::hopfield::{Network, settle_synchronous};
use bitspin_core::rng::{Purpose, Streams};

use crate::data::PackedImages;
use crate::evaluate;
use crate::hopfield::Damage;
use crate::model_file::RbmParameters;

/// How well a model fits data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The mean of ln p(v), exact by enumeration of the smaller layer.
    LogLikelihood,
    /// The mean of sum_i ln p(v_i | other units), for models that are too large to enumerate.
    PseudoLogLikelihood,
}

/// What a weight format costs an RBM, in nats an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RbmLoss {
    /// What was measured.
    pub measure: Measure,
    /// Of the float parameters.
    pub before: f64,
    /// Of the small numbers.
    pub after: f64,
    /// By how much free energies rise, in the mean. A shift of all alike is no loss: a threshold moves with it.
    pub free_energy_shift: f64,
    /// The standard deviation of that over images: what it does to an anomaly score.
    pub free_energy_deviation: f64,
}

impl RbmLoss {
    /// Compares a model's float parameters with those that its small numbers stand for. Exact where the smaller layer has
    /// up to 24 units, at 2^units of it; else O(visible x hidden) an image.
    ///
    /// # Errors
    /// [`Error`] if the shapes of models and images disagree.
    pub fn measure(
        full: &RbmParameters,
        small: &RbmParameters,
        images: &PackedImages,
        threads: usize,
    ) -> Result<Self, Error> {
        let exact = full.visible.min(full.hidden) <= MOST_ENUMERATED;
        let (measure, of): (_, &dyn Fn(&RbmParameters) -> Result<f64, Error>) = if exact {
            (Measure::LogLikelihood, &|model| {
                let ln_z = evaluate::ln_z(model, threads)?;
                evaluate::log_likelihood(model, ln_z, images, threads)
            })
        } else {
            (Measure::PseudoLogLikelihood, &|model| {
                evaluate::pseudo_log_likelihood(model, images, threads)
            })
        };
        let before = evaluate::free_energies(full, images, threads)?;
        let after = evaluate::free_energies(small, images, threads)?;
        let shifts = before
            .iter()
            .zip(&after)
            .map(|(before, after)| after - before);
        let count = before.len() as f64;
        let mean = shifts.clone().sum::<f64>() / count;
        let square = |shift: f64| (shift - mean) * (shift - mean);
        Ok(Self {
            measure,
            before: of(full)?,
            after: of(small)?,
            free_energy_shift: mean,
            free_energy_deviation: (shifts.map(square).sum::<f64>() / count).sqrt(),
        })
    }

    /// The loss: what the float parameters have more.
    #[must_use]
    pub fn nats(&self) -> f64 {
        self.before - self.after
    }
}

/// How many damaged patterns came back without a wrong spin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recalls {
    /// Patterns that came back exactly.
    pub exact: usize,
    /// Patterns that were damaged.
    pub of: usize,
}

impl Recalls {
    /// Damages the first `most` patterns as [`Trial`](crate::hopfield::recall::Trial) does, with this share of the spins
    /// flipped, and lets them settle, all spins at once, in at most `sweeps` sweeps.
    ///
    /// # Errors
    /// [`Error::Length`] if the patterns have another number of units than the network.
    pub fn count(
        network: &dyn Network,
        patterns: &PackedImages,
        (noise, seed): (f64, u64),
        sweeps: u32,
        most: usize,
    ) -> Result<Self, Error> {
        let mut cache = vec![0; network.synchronous_len()];
        let mut scratch = vec![0; 2 * patterns.words_per_image()];
        let mut exact = 0;
        let damaged = damaged(patterns, (noise, seed), most);
        for (pattern, state) in patterns.iter().zip(&damaged) {
            let mut state = Bits::new(patterns.units(), state.clone())?;
            settle_synchronous(network, &mut state, &mut cache, &mut scratch, sweeps)?;
            exact += usize::from(state.as_words() == pattern);
        }
        Ok(Self {
            exact,
            of: damaged.len(),
        })
    }
}

/// The first `most` patterns with this share of their units flipped, pattern k by stream k of the seed.
#[must_use]
pub fn damaged(patterns: &PackedImages, (noise, seed): (f64, u64), most: usize) -> Vec<Vec<u64>> {
    let mut streams = Streams::new(seed, Purpose::Evaluation);
    let damage = |pattern: &[u64]| {
        let mut state = pattern.to_vec();
        let (shape, stream) = ((1, patterns.units()), &mut streams.next_stream());
        Damage::Noise(noise).apply(&mut state, shape, stream);
        state
    };
    patterns.iter().take(most).map(damage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::rbm;
    use crate::train::initial_parameters;
    use bitspin_core::rbm::WeightFormat;

    fn model(visible: usize, hidden: usize) -> RbmParameters {
        let mut model = initial_parameters(visible, hidden, 3);
        model.w.iter_mut().for_each(|w| *w *= 40.0);
        model
    }

    fn images(visible: usize) -> PackedImages {
        let mut random = Streams::new(4, Purpose::Training).next_stream();
        crate::hopfield::random_patterns(visible, 40, &mut random)
    }

    #[test]
    fn fewer_bits_cost_more_nats_and_sixteen_next_to_none() {
        for (hidden, measure) in [
            (6, Measure::LogLikelihood),
            (25, Measure::PseudoLogLikelihood),
        ] {
            let (full, images) = (model(30, hidden), images(30));
            let losses = WeightFormat::ALL.map(|weights| {
                let small = rbm::parameters_of(&rbm::compact(&full, weights).unwrap());
                RbmLoss::measure(&full, &small, &images, 2).unwrap()
            });
            assert!(losses.iter().all(|loss| loss.measure == measure));
            assert!(losses[0].nats().abs() < 0.01, "{losses:?}");
            let moved = losses.map(|loss| loss.free_energy_deviation);
            assert!(moved.is_sorted(), "{moved:?}");
            assert!(moved[0] < 0.01 && moved[4] > 0.1, "{moved:?}");
            assert!(losses[0].nats().abs() < losses[4].nats().abs());
        }
    }
}
