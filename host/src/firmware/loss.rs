//! What small numbers cost: in nats for an RBM, in recalled patterns for a Hopfield memory.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::exact::MAX_UNITS as MOST_ENUMERATED;
use bitspin_core::hopfield::settle_synchronous;
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};

use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::evaluate::{self, AisSettings, BaseRate, Bracket, BracketSettings, ReverseFrom};
use crate::hopfield::Damage;
use crate::model_file::RbmParameters;

/// Chains and temperatures of annealed importance sampling, and rounds of the parallel tempering that it starts from in reverse.
const AIS_CHAINS: usize = 100;
const AIS_BETAS: usize = 1000;
const ROUNDS: usize = 400;

/// How log-likelihoods were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// By enumeration of the smaller layer: exact.
    Exact,
    /// By annealed importance sampling, for models that are too large to enumerate.
    Ais {
        /// Whether enough chains counted for the error to mean something, and both ends agree.
        reliable: bool,
    },
}

/// One measure of a model's fit, in nats per image, of its float parameters and of its small numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// Of the float parameters.
    pub before: f64,
    /// Of the small numbers.
    pub after: f64,
}

impl Compared {
    /// The loss: what the float parameters have more.
    #[must_use]
    pub fn nats(&self) -> f64 {
        self.before - self.after
    }
}

/// What a weight format costs an RBM, in nats per image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RbmLoss {
    /// How log-likelihoods were measured.
    pub measure: Measure,
    /// The mean of ln p(v): exact, or from forward annealing, on average too high.
    pub log_likelihood: Compared,
    /// The same from reverse annealing, on average too low; `None` if it is exact.
    pub reverse: Option<Compared>,
    /// One standard error of the log-likelihood's loss; 0 if it is exact.
    pub standard_error: f64,
    /// The mean of sum_i ln p(v_i | other units), exact for any size.
    pub pseudo: Compared,
    /// By how much free energies rise, in the mean. A shift of all alike is no loss: a threshold moves with it.
    pub free_energy_shift: f64,
    /// The standard deviation of that over images: what it does to an anomaly score.
    pub free_energy_deviation: f64,
}

/// Whether a model's log-likelihood can be computed by enumeration.
fn is_enumerable(model: &RbmParameters) -> bool {
    model.visible.min(model.hidden) <= MOST_ENUMERATED
}

/// Steps that [`RbmLoss::measure`] reports.
#[must_use]
pub fn steps(model: &RbmParameters) -> u64 {
    match is_enumerable(model) {
        true => 0,
        false => 2 * settings(1, 1).steps(),
    }
}

impl RbmLoss {
    /// Compares a model's float parameters with those that its small numbers stand for, on `threads` threads, whose number
    /// does not change the result. Exact where the smaller layer has up to 24 units, at 2^units of it. Else by annealed
    /// importance sampling with this seed: O(visible x hidden) per image, and some 700,000 Gibbs steps of each model.
    ///
    /// # Errors
    /// [`Error`] if the shapes of models and images disagree.
    pub fn measure(
        full: &RbmParameters,
        small: &RbmParameters,
        images: &BitMatrix,
        seed: u64,
        threads: usize,
    ) -> Result<Self, Error> {
        Self::measure_with(full, small, images, seed, threads, Control::new()).map(whole)
    }

    /// [`Self::measure`] that reports [`steps`]; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::measure`].
    pub fn measure_with(
        full: &RbmParameters,
        small: &RbmParameters,
        images: &BitMatrix,
        seed: u64,
        threads: usize,
        control: Control<'_>,
    ) -> Result<Option<Self>, Error> {
        let base = BaseRate::of_data(images);
        let mut found = Vec::new();
        for model in [full, small] {
            found.push(if is_enumerable(full) {
                LnZ::exact(evaluate::ln_z(model, threads)?)
            } else {
                match annealed(model, &base, images, settings(seed, threads), control)? {
                    Some(found) => found,
                    None => return Ok(None),
                }
            });
        }
        let [first, second] = found[..] else {
            return Ok(None);
        };
        let before = evaluate::free_energies(full, images, threads)?;
        let after = evaluate::free_energies(small, images, threads)?;
        let count = before.len() as f64;
        let mean = |energies: &[f64]| energies.iter().sum::<f64>() / count;
        let shift = mean(&after) - mean(&before);
        let square = |(before, after): (&f64, &f64)| (after - before - shift).powi(2);
        let squares: f64 = before.iter().zip(&after).map(square).sum();
        Ok(Some(Self {
            measure: match first.reverse.is_some() {
                false => Measure::Exact,
                true => Measure::Ais {
                    reliable: first.reliable && second.reliable,
                },
            },
            log_likelihood: Compared {
                before: -mean(&before) - first.forward,
                after: -mean(&after) - second.forward,
            },
            reverse: (first.reverse.zip(second.reverse)).map(|(first, second)| Compared {
                before: -mean(&before) - first,
                after: -mean(&after) - second,
            }),
            standard_error: first.error.hypot(second.error),
            pseudo: Compared {
                before: evaluate::pseudo_log_likelihood(full, images, threads)?,
                after: evaluate::pseudo_log_likelihood(small, images, threads)?,
            },
            free_energy_shift: shift,
            free_energy_deviation: (squares / count).sqrt(),
        }))
    }
}

/// ln Z of a model.
#[derive(Clone, Copy)]
struct LnZ {
    /// Exact, or from forward annealing.
    forward: f64,
    reverse: Option<f64>,
    error: f64,
    reliable: bool,
}

impl LnZ {
    fn exact(ln_z: f64) -> Self {
        Self {
            forward: ln_z,
            reverse: None,
            error: 0.0,
            reliable: true,
        }
    }
}

fn settings(seed: u64, threads: usize) -> BracketSettings {
    BracketSettings {
        ais: AisSettings {
            chains: AIS_CHAINS,
            betas: AIS_BETAS,
            seed,
            threads,
        },
        from: ReverseFrom::Tempering,
        rounds: ROUNDS,
        burn_in: 0,
    }
}

/// ln Z from both ends; `None` if interrupted.
fn annealed(
    model: &RbmParameters,
    base: &BaseRate,
    images: &BitMatrix,
    settings: BracketSettings,
    control: Control<'_>,
) -> Result<Option<LnZ>, Error> {
    let found = Bracket::new_with(model, base, Some(images), settings, &|_, _| (), control)?;
    Ok(found.map(|found| LnZ {
        forward: found.forward.ln_z,
        reverse: Some(found.reverse.ln_z),
        error: found.forward.standard_error,
        reliable: found.doubts().is_empty(),
    }))
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
        patterns: &BitMatrix,
        (noise, seed): (f64, u64),
        sweeps: u32,
        most: usize,
    ) -> Result<Self, Error> {
        let mut cache = vec![0; network.synchronous_len()];
        let mut scratch = vec![0; 2 * patterns.words_per_row()];
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
pub fn damaged(patterns: &BitMatrix, (noise, seed): (f64, u64), most: usize) -> Vec<Vec<u64>> {
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
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::firmware::rbm;
    use crate::interrupt::Interrupt;
    use crate::train::initial_parameters;
    use bitspin_core::rbm::WeightFormat;

    fn model(visible: usize, hidden: usize) -> RbmParameters {
        let mut model = initial_parameters(visible, hidden, 3);
        model.w.iter_mut().for_each(|w| *w *= 40.0);
        model
    }

    fn images(visible: usize) -> BitMatrix {
        let mut random = Streams::new(4, Purpose::Training).next_stream();
        crate::hopfield::random_patterns(visible, 40, &mut random)
    }

    #[test]
    fn fewer_bits_cost_more_nats_and_sixteen_next_to_none() {
        for hidden in [6, 25] {
            let (full, images) = (model(30, hidden), images(30));
            let told = AtomicU64::new(0);
            let progress = |steps| _ = told.fetch_add(steps, Ordering::Relaxed);
            let losses = WeightFormat::ALL.map(|weights| {
                let small = rbm::parameters_of(&rbm::compact(&full, weights).unwrap());
                let loss = RbmLoss::measure_with(
                    &full,
                    &small,
                    &images,
                    1,
                    2,
                    Control::new().progress(&progress),
                );
                loss.unwrap().unwrap()
            });
            assert_eq!(told.into_inner(), 5 * steps(&full));
            let exact = Measure::Exact;
            assert!(
                losses
                    .iter()
                    .all(|loss| (loss.measure == exact) == (hidden == 6))
            );
            assert!(
                losses
                    .iter()
                    .all(|loss| (loss.standard_error == 0.0) == (hidden == 6))
            );
            let first = losses[0];
            let bound = 0.01 + 5.0 * first.standard_error;
            assert!(first.log_likelihood.nats().abs() < bound, "{losses:?}");
            assert!(first.pseudo.nats().abs() < 0.01, "{losses:?}");
            let moved = losses.map(|loss| loss.free_energy_deviation);
            // Signs err more than four bits do, but on a few images not always more than three values.
            assert!(moved[..4].is_sorted() && moved[4] > moved[2], "{moved:?}");
            assert!(moved[0] < 0.01 && moved[4] > 0.1, "{moved:?}");
        }
    }

    #[test]
    fn annealing_agrees_with_enumeration_on_what_a_format_costs() {
        // 25 x 24 units are enumerated, 25 x 25 annealed; the last hidden unit of the larger model is connected to none.
        let (images, interrupt) = (images(25), Interrupt::manual());
        let small_model = model(25, 24);
        let mut large = small_model.clone();
        large.hidden = 25;
        large.w.extend([0.0; 25]);
        large.hidden_bias.push(0.0);
        let loss = |full: &RbmParameters| {
            let small = rbm::parameters_of(&rbm::compact(full, WeightFormat::Ternary).unwrap());
            RbmLoss::measure(full, &small, &images, 2, 2).unwrap()
        };
        let (exact, annealed) = (loss(&small_model), loss(&large));
        assert_eq!(exact.measure, Measure::Exact);
        let difference = exact.log_likelihood.nats() - annealed.log_likelihood.nats();
        // Five standard errors: a false alarm in 1.7 million, were they exact.
        assert!(
            difference.abs() < 5.0 * annealed.standard_error,
            "{exact:?} {annealed:?}"
        );
        interrupt.set();
        let small = rbm::parameters_of(&rbm::compact(&large, WeightFormat::I8).unwrap());
        let control = Control::new().interrupt(&interrupt);
        let stopped = RbmLoss::measure_with(&large, &small, &images, 2, 1, control);
        assert_eq!(stopped, Ok(None));
    }
}
