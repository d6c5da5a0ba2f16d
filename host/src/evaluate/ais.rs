//! ln Z by annealed importance sampling, and likelihoods from both sides.
//!
//! | estimate | ln Z is on average | so ln p is on average | provided that |
//! | --- | --- | --- | --- |
//! | [`Ais::forward`] | too low | too high | always |
//! | [`Ais::reverse`] from samples of the model | too high | too low | the samples are the model's |
//! | [`Ais::reverse`] from data | either | either | |
//! | [`Ais::raise`] | | too low, for the annealing model | always |
//!
//! Forward (Neal 2001; Salakhutdinov and Murray 2008): chains start at exact samples of a base-rate model, whose ln Z is
//! known, and are annealed to the model. The mean of their weights is an unbiased estimate of Z / Z_base. By Jensen's
//! inequality its logarithm is on average too low. The fewer temperatures there are and the worse chains mix, the
//! more so, and then the standard error is too small as well: chains that never found a mode say nothing of it.
//!
//! Reverse (Burda, Grosse and Salakhutdinov 2015): chains start at samples of the model and are annealed to the base-rate
//! model. If the samples are exact, the mean of the inverse weights is an unbiased estimate of Z_base / Z, and ln Z is on
//! average too high. Samples come from enumeration ([`exact_samples`](super::exact_samples)), or from parallel tempering
//! ([`Ais::tempered`]), whose convergence is checked. Chains that start at data are samples of the model only as far as
//! some Gibbs steps make them so: where the model's modes are not those of the data, their ln Z can be too low, by
//! many nats.
//!
//! RAISE is explained at [`Raise`]. [`Bracket`] has both ends, and says when they should not be trusted.
//!
//! Chains are of the quantised model. A last step of the weights, from the quantised to the float parameters, makes
//! them estimates for the latter. It adds the variance of F_quantised - F_float, some hundredths of a nat.

mod base_rate;
mod bracket;
mod chains;
mod estimate;
mod raise;
mod tempering;

pub use base_rate::BaseRate;
pub use bracket::{Bracket, BracketSettings, Doubt, Errs, ReverseFrom, Stage};
pub use estimate::Estimate;
pub use raise::{Raise, drawn};
pub use tempering::{FEWEST_ROUNDS, Tempered, TemperingReport};

use bitspin_core::Error;
use bitspin_core::rbm::ais::{Beta, Chains};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{check_units, free_energies};
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::control::{Control, whole};
use crate::engine::{Engine, FITS, engine};
use crate::model_file::RbmParameters;
use crate::parallel;
use chains::OwnedChains;

/// Largest number of steps: inverse temperatures are multiples of 1/65,536.
pub const MAX_BETAS: usize = 1 << 16;

/// Chains that one thread anneals together: they share the rows of weights, and their fields stay in a cache.
const TOGETHER: usize = 256;

/// Settings of annealed importance sampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AisSettings {
    /// Chains, at least 2. The standard error falls with their square root.
    pub chains: usize,
    /// Steps from the base-rate model to the model, 1..=[`MAX_BETAS`]. More make all weights alike.
    pub betas: usize,
    /// Seed of the chains. Chain `k` draws the same whatever the number of chains and of threads.
    pub seed: u64,
    /// Threads; the result does not depend on it.
    pub threads: usize,
}

/// 500 chains of 10,000 steps with seed 1, on one thread.
impl Default for AisSettings {
    fn default() -> Self {
        Self {
            chains: 500,
            betas: 10_000,
            seed: 1,
            threads: 1,
        }
    }
}

/// Where reverse chains start.
#[derive(Clone, Copy, Debug)]
pub enum ReverseStart<'a> {
    /// At exact samples of the model, one per chain.
    Exact(&'a BitMatrix),
    /// At samples of parallel tempering, one per chain.
    Tempering(&'a Tempered),
    /// At these vectors, in turn, after this number of Gibbs steps of the model: not samples of the model in general.
    Data(&'a BitMatrix, usize),
}

/// Annealed importance sampling of a model.
///
/// ```
/// use bitspin::evaluate::{self, Ais, AisSettings, BaseRate};
/// use bitspin::train::initial_parameters;
///
/// let model = initial_parameters(8, 4, 1);
/// let base = BaseRate::of_model(&model);
/// let settings = AisSettings { chains: 20, betas: 50, ..AisSettings::default() };
/// let found = Ais::new(&model, &base, settings)?.forward()?;
/// assert!((found.ln_z - evaluate::ln_z(&model, 1)?).abs() < 0.01);
/// # Ok::<(), bitspin::Error>(())
/// ```
pub struct Ais<'a> {
    model: &'a RbmParameters,
    engine: Engine,
    base: &'a BaseRate,
    settings: AisSettings,
}

/// Results of annealed chains.
struct Annealed {
    base_ln_z: f64,
    ln_weights: Vec<f64>,
    /// ln f_float(v) - ln f_quantised(v) of the states at the model's end.
    ln_ratios: Vec<f64>,
}

impl Annealed {
    /// The weights to the float parameters.
    fn to_float(&self) -> Vec<f64> {
        let both = self.ln_weights.iter().zip(&self.ln_ratios);
        both.map(|(ln_weight, ln_ratio)| ln_weight + ln_ratio)
            .collect()
    }
}

impl<'a> ReverseStart<'a> {
    fn samples(self) -> &'a BitMatrix {
        match self {
            Self::Data(samples, _) | Self::Exact(samples) => samples,
            Self::Tempering(tempered) => &tempered.samples,
        }
    }

    fn burn_in(self) -> usize {
        match self {
            Self::Data(_, burn_in) => burn_in,
            Self::Exact(_) | Self::Tempering(_) => 0,
        }
    }
}

impl<'a> Ais<'a> {
    /// Quantises the model. O(visible x hidden).
    ///
    /// # Errors
    /// [`Error`] if the model's shapes disagree, a parameter is not finite or too large for 16-bit fields, `base` is of
    /// another number of units, or a setting is out of range.
    pub fn new(
        model: &'a RbmParameters,
        base: &'a BaseRate,
        settings: AisSettings,
    ) -> Result<Self, Error> {
        let out_of_range = |what, expected| Err(Error::OutOfRange { what, expected });
        if settings.chains < 2 {
            return out_of_range("chains", "at least 2");
        }
        if !(1..=MAX_BETAS).contains(&settings.betas) {
            return out_of_range("betas", "1 to 65536");
        }
        let engine = engine(model)?;
        base.annealing(&engine)?;
        Ok(Self {
            model,
            engine,
            base,
            settings,
        })
    }

    /// Gibbs steps that [`Self::forward`] takes, for a progress bar.
    #[must_use]
    pub fn forward_steps(&self) -> u64 {
        self.settings.chains as u64 * self.settings.betas as u64
    }

    /// Gibbs steps that [`Self::reverse`] takes.
    #[must_use]
    pub fn reverse_steps(&self, start: ReverseStart<'_>) -> u64 {
        self.forward_steps() + self.settings.chains as u64 * start.burn_in() as u64
    }

    /// ln Z from chains that start at the base-rate model. O(chains x temperatures) Gibbs steps.
    ///
    /// # Errors
    /// None for a model that [`Ais::new`] took.
    pub fn forward(&self) -> Result<Estimate, Error> {
        self.forward_with(Control::new()).map(whole)
    }

    /// [`Self::forward`] that reports Gibbs steps; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::forward`].
    pub fn forward_with(&self, control: Control<'_>) -> Result<Option<Estimate>, Error> {
        let betas = self.betas();
        let annealed = self.anneal(0, self.settings.chains, control, &|chains, _| {
            chains.draw_base();
            for k in 0..betas {
                if control.is_stopped() {
                    break;
                }
                chains.weigh(Beta::step(k, betas), Beta::step(k + 1, betas));
                if k + 1 < betas {
                    chains.step(Beta::step(k + 1, betas));
                }
                control.advance(chains.count());
            }
            Ok(chains.visible().to_vec())
        })?;
        Ok(annealed.map(|annealed| Estimate::forward(annealed.base_ln_z, &annealed.to_float())))
    }

    /// ln Z from chains that start at samples of the model. Otherwise as [`Self::forward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the samples are of another number of units, or fewer samples of the model than chains.
    pub fn reverse(&self, start: ReverseStart<'_>) -> Result<Estimate, Error> {
        self.reverse_with(start, Control::new()).map(whole)
    }

    /// [`Self::reverse`] that reports Gibbs steps; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::reverse`].
    pub fn reverse_with(
        &self,
        start: ReverseStart<'_>,
        control: Control<'_>,
    ) -> Result<Option<Estimate>, Error> {
        let count = self.settings.chains;
        let samples = start.samples();
        check_units(self.model.visible, samples)?;
        let least = match start {
            ReverseStart::Data(..) => 1,
            ReverseStart::Exact(_) | ReverseStart::Tempering(_) => count,
        };
        if samples.count() < least {
            return Err(Error::Length {
                what: "samples to start from",
                expected: least,
                found: samples.count(),
            });
        }
        let words = samples.words_per_row();
        let annealed = self.anneal(count, count, control, &|chains, first| {
            let own = samples.bits().iter().copied().cycle();
            let skipped = first % samples.count() * words;
            let own: Vec<u64> = own.skip(skipped).take(chains.count() * words).collect();
            chains.enter(&own)?;
            for _ in 0..start.burn_in() {
                if control.is_stopped() {
                    break;
                }
                chains.step(Beta::ONE);
                control.advance(chains.count());
            }
            let visible = chains.visible().to_vec();
            self.down(chains, control);
            Ok(visible)
        })?;
        Ok(annealed.map(|annealed| match start {
            ReverseStart::Exact(_) => Estimate::reverse(annealed.base_ln_z, &annealed.to_float()),
            // These are samples of the quantised model.
            ReverseStart::Tempering(_) | ReverseStart::Data(..) => Estimate::reverse_of_other(
                annealed.base_ln_z,
                &annealed.ln_weights,
                &annealed.ln_ratios,
                match start {
                    ReverseStart::Tempering(tempered) => tempered.mixing.ladders,
                    _ => count,
                },
            ),
        }))
    }

    /// From the model to the base-rate model.
    fn down(&self, chains: &mut Chains<'_, AlignedI16>, control: Control<'_>) {
        let betas = self.betas();
        for k in (0..betas).rev() {
            if control.is_stopped() {
                break;
            }
            chains.weigh(Beta::step(k, betas), Beta::step(k + 1, betas));
            if k > 0 {
                chains.step(Beta::step(k, betas));
            }
            control.advance(chains.count());
        }
    }

    /// Anneals `chains` chains, whose generators are those from `first_rng` on, in groups; `None` if interrupted.
    /// `work` is told the number of its first chain and returns the visible units at the model's end of the way,
    /// or nothing where no ratios are wanted.
    fn anneal(
        &self,
        first_rng: usize,
        chains: usize,
        control: Control<'_>,
        work: &(impl Fn(&mut Chains<'_, AlignedI16>, usize) -> Result<Vec<u64>, Error> + Sync),
    ) -> Result<Option<Annealed>, Error> {
        let AisSettings { seed, threads, .. } = self.settings;
        let mut streams = Streams::new(seed, Purpose::Annealing);
        let rngs = (0..first_rng + chains).map(|_| streams.next_chain());
        let rngs: Vec<ChainRng> = rngs.skip(first_rng).collect();
        let together = chains.div_ceil(threads.max(1)).min(TOGETHER);
        let parts: Vec<&[ChainRng]> = rngs.chunks(together).collect();
        let annealing = self.base.annealing(&self.engine)?;
        let of_parts = parallel::map(
            parts.len(),
            threads,
            || (),
            |(), part| {
                let mut owned = OwnedChains::new(self.engine.shape(), parts[part]);
                let visible = work(&mut owned.chains(&annealing)?, part * together)?;
                Ok((owned.into_ln_weights(), visible))
            },
        );
        if control.is_stopped() {
            return Ok(None);
        }
        let (mut ln_weights, mut visible) = (vec![], vec![]);
        for of_part in of_parts {
            let of_part: (Vec<f64>, Vec<u64>) = of_part?;
            ln_weights.extend(of_part.0);
            visible.extend(of_part.1);
        }
        Ok(Some(Annealed {
            base_ln_z: annealing.base_ln_z(),
            ln_weights,
            ln_ratios: self.quantised_to_float(visible)?,
        }))
    }

    fn betas(&self) -> u32 {
        // At most 2^16.
        self.settings.betas as u32
    }

    /// ln f_float(v) - ln f_quantised(v) of packed vectors, f = exp(-F).
    fn quantised_to_float(&self, visible: Vec<u64>) -> Result<Vec<f64>, Error> {
        if visible.is_empty() {
            return Ok(vec![]);
        }
        let images = BitMatrix::from_bits(self.engine.shape().visible(), visible)?;
        let float = free_energies(self.model, &images, self.settings.threads)?;
        let quantised = self.quantised_free_energies(&images);
        let both = quantised.into_iter().zip(float);
        Ok(both.map(|(quantised, float)| quantised - float).collect())
    }

    /// F of the quantised parameters.
    fn quantised_free_energies(&self, images: &BitMatrix) -> Vec<f64> {
        let mut fields = AlignedI16::zeros(self.engine.shape().hidden_stride());
        let energies = images.iter().map(|visible| {
            self.engine
                .hidden_fields(visible, fields.as_mut())
                .expect(FITS);
            self.engine
                .free_energy(visible, fields.as_ref())
                .expect(FITS)
        });
        energies.collect()
    }
}
