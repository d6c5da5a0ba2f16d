//! ln Z by annealed importance sampling, from below and from above.
//!
//! Forward (Neal 2001; Salakhutdinov and Murray 2008): chains start at exact samples of a base-rate model, whose ln Z is
//! known, and are annealed to the machine. The mean of their weights is an unbiased estimate of Z / Z_base; its logarithm
//! is on average too small, and Z overestimates the machine's likelihood by as much.
//!
//! Reverse (Burda, Grosse and Salakhutdinov 2015): chains start at samples of the machine and are annealed to the base-rate
//! model. If those samples are exact, the mean of the inverse weights is an unbiased estimate of Z_base / Z, and ln Z
//! is on average too large. Chains that start at data, and take some Gibbs steps first, are samples as far as they mix.
//!
//! Chains are of the quantised machine. A last step of the weights, from the quantised to the float parameters, makes
//! them estimates for the latter. It adds the variance of F_quantised - F_float, some hundredths of a nat.

mod base_rate;
mod chains;
mod estimate;

pub use base_rate::BaseRate;
pub use estimate::Estimate;

use bitspin_core::Error;
use bitspin_core::rbm::anneal::{Annealing, Beta, Chains};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{check_units, free_energies, parallel};
use crate::aligned::AlignedI16;
use crate::data::PackedImages;
use crate::engine::{Engine, engine};
use crate::interrupt::Interrupt;
use crate::model_file::RbmParameters;
use chains::OwnedChains;

/// The most temperatures: a whole number of 1/65,536 each.
pub const MAX_BETAS: usize = 1 << 16;

/// Chains that one thread anneals together: they share the rows of weights, and their fields stay in a cache.
const TOGETHER: usize = 256;

/// How much work annealing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AisSettings {
    /// Chains, at least 2. The standard error falls with their square root.
    pub chains: usize,
    /// Steps from the base-rate model to the machine, 1..=[`MAX_BETAS`]. More make all weights alike.
    pub betas: usize,
    /// Seed of the chains. Chain `k` draws the same whatever the number of chains and of threads.
    pub seed: u64,
    /// Threads; the result does not depend on it.
    pub threads: usize,
}

/// Where reverse chains start.
#[derive(Clone, Copy, Debug)]
pub enum ReverseStart<'a> {
    /// At these vectors, in turn, after so many Gibbs steps at the machine itself.
    Data(&'a PackedImages, usize),
    /// At exact samples of the machine, one a chain.
    Exact(&'a PackedImages),
}

/// A machine prepared for annealing.
pub struct Ais<'a> {
    model: &'a RbmParameters,
    engine: Engine,
    base: &'a BaseRate,
    settings: AisSettings,
}

impl<'a> ReverseStart<'a> {
    fn samples(self) -> &'a PackedImages {
        match self {
            Self::Data(samples, _) | Self::Exact(samples) => samples,
        }
    }

    fn burn_in(self) -> usize {
        match self {
            Self::Data(_, burn_in) => burn_in,
            Self::Exact(_) => 0,
        }
    }
}

impl<'a> Ais<'a> {
    /// Quantises the machine. O(visible x hidden).
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
        Annealing::new(&engine, base.biases())?;
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

    /// ln Z from chains that start at the base-rate model; `None` if interrupted. `progress` hears of steps as they are
    /// done. O(chains x temperatures) Gibbs steps.
    ///
    /// # Errors
    /// None for a machine that [`Ais::new`] took.
    pub fn forward(
        &self,
        interrupt: &Interrupt,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<Estimate>, Error> {
        let betas = self.betas();
        self.estimate(0, interrupt, Estimate::forward, &|chains, _| {
            chains.draw_base();
            for k in 0..betas {
                if interrupt.is_set() {
                    break;
                }
                chains.weigh(Beta::step(k, betas), Beta::step(k + 1, betas));
                if k + 1 < betas {
                    chains.step(Beta::step(k + 1, betas));
                }
                progress(chains.count() as u64);
            }
            Ok(chains.visible().to_vec())
        })
    }

    /// ln Z from chains that start at samples of the machine; `None` if interrupted. Otherwise as [`Self::forward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the samples are of another number of units, or fewer exact ones than chains.
    pub fn reverse(
        &self,
        start: ReverseStart<'_>,
        interrupt: &Interrupt,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<Estimate>, Error> {
        let (betas, count) = (self.betas(), self.settings.chains);
        let samples = start.samples();
        check_units(self.model.visible, samples)?;
        if matches!(start, ReverseStart::Exact(_)) && samples.count() < count {
            return Err(Error::Length {
                what: "exact samples",
                expected: count,
                found: samples.count(),
            });
        }
        let words = samples.words_per_image();
        self.estimate(count, interrupt, Estimate::reverse, &|chains, first| {
            let own = samples.bits().iter().copied().cycle();
            let skipped = first % samples.count() * words;
            let own: Vec<u64> = own.skip(skipped).take(chains.count() * words).collect();
            chains.enter(&own)?;
            for _ in 0..start.burn_in() {
                if interrupt.is_set() {
                    break;
                }
                chains.step(Beta::ONE);
                progress(chains.count() as u64);
            }
            let visible = chains.visible().to_vec();
            for k in (0..betas).rev() {
                if interrupt.is_set() {
                    break;
                }
                chains.weigh(Beta::step(k, betas), Beta::step(k + 1, betas));
                if k > 0 {
                    chains.step(Beta::step(k, betas));
                }
                progress(chains.count() as u64);
            }
            Ok(visible)
        })
    }

    /// Anneals all chains, whose generators are those from `first_rng` on, some of them at a time, and makes an estimate of
    /// their weights. `anneal` is told the number of its first chain and returns the visible units at the machine's end
    /// of the way.
    fn estimate(
        &self,
        first_rng: usize,
        interrupt: &Interrupt,
        of_weights: fn(f64, &[f64]) -> Estimate,
        anneal: &(impl Fn(&mut Chains<'_, AlignedI16>, usize) -> Result<Vec<u64>, Error> + Sync),
    ) -> Result<Option<Estimate>, Error> {
        let AisSettings {
            chains,
            seed,
            threads,
            ..
        } = self.settings;
        let mut streams = Streams::new(seed, Purpose::Annealing);
        let rngs = (0..first_rng + chains).map(|_| streams.next_chain());
        let rngs: Vec<ChainRng> = rngs.skip(first_rng).collect();
        let together = chains.div_ceil(threads.max(1)).min(TOGETHER);
        let parts: Vec<&[ChainRng]> = rngs.chunks(together).collect();
        let annealing = Annealing::new(&self.engine, self.base.biases())?;
        let of_parts = parallel::map(
            parts.len(),
            threads,
            || (),
            |(), part| {
                let mut owned = OwnedChains::new(self.engine.shape(), parts[part]);
                let visible = anneal(&mut owned.chains(&annealing)?, part * together)?;
                Ok((owned.into_ln_weights(), visible))
            },
        );
        if interrupt.is_set() {
            return Ok(None);
        }
        let (mut ln_weights, mut visible) = (vec![], vec![]);
        for of_part in of_parts {
            let of_part: (Vec<f64>, Vec<u64>) = of_part?;
            ln_weights.extend(of_part.0);
            visible.extend(of_part.1);
        }
        let last = self.quantised_to_float(visible)?;
        for (ln_weight, last) in ln_weights.iter_mut().zip(last) {
            *ln_weight += last;
        }
        Ok(Some(of_weights(annealing.base_ln_z(), &ln_weights)))
    }

    fn betas(&self) -> u32 {
        // At most 2^16.
        self.settings.betas as u32
    }

    /// ln p*_float(v) - ln p*_quantised(v) of packed vectors.
    fn quantised_to_float(&self, visible: Vec<u64>) -> Result<Vec<f64>, Error> {
        let shape = self.engine.shape();
        let images = PackedImages::from_bits(shape.visible(), visible)?;
        let float = free_energies(self.model, &images, self.settings.threads)?;
        let mut fields = AlignedI16::zeros(shape.hidden_stride());
        let differences = images.iter().zip(float).map(|(visible, float)| {
            self.engine.hidden_fields(visible, fields.as_mut());
            self.engine.free_energy(visible, fields.as_ref()) - float
        });
        Ok(differences.collect())
    }
}
