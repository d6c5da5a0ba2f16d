//! Gradient steps of a Boltzmann machine.

use bitspin_core::Error;
use bitspin_core::bits::words;
use bitspin_core::exact::IsingEnumeration;
use bitspin_core::ising::learn::{BoltzmannMachine, GradientStep, MAX_HIDDEN, Sums};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use super::chains::Ladders;
use super::measure::partition;
use super::thermal::{Quantised, Wide};
use super::{BoltzmannError, Method, Patterns, Settings};
use crate::control::{Control, whole};
use crate::parallel;

/// Patterns that one part of the work takes on: fixed, so that parts do not depend on the threads.
const PART: usize = 64;

/// Couplings of hidden spins start between minus and plus this, to break the symmetry between them.
const START: f64 = 0.1;

/// What adds to the sums for a pattern and its count.
type Add<'f> = dyn Fn(&BoltzmannMachine<'_>, &[u64], i64, &mut [f64], &mut Sums<'_>) -> Result<(), Error>
    + Sync
    + 'f;

/// How the hidden spins are averaged over while the visible ones show a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clamped {
    /// There are none.
    NoHidden,
    /// Over all their states, exactly.
    Exact,
    /// By one persistent chain per pattern.
    Sampled,
}

/// Trains a Boltzmann machine.
#[derive(Clone, Debug)]
pub struct Trainer<'a> {
    patterns: &'a Patterns,
    settings: Settings,
    w: Vec<f32>,
    h: Vec<f32>,
    velocity: (Vec<f32>, Vec<f32>),
    /// Chains of the thermal phase.
    free: Option<Ladders>,
    /// Chains of the clamped phase, one per pattern.
    clamped: Option<Ladders>,
    epoch: usize,
}

impl<'a> Trainer<'a> {
    /// Starts from zero, but for the couplings of hidden spins, which are small random numbers.
    ///
    /// # Errors
    /// [`BoltzmannError::Setting`] as [`Settings::check`].
    pub fn new(patterns: &'a Patterns, settings: Settings) -> Result<Self, BoltzmannError> {
        settings.check(patterns)?;
        let visible = patterns.visible();
        let n = visible + settings.hidden;
        let mut training = Streams::new(settings.seed, Purpose::Training);
        let mut stream = training.next_stream();
        let mut w = vec![0.0; n * n];
        for i in visible..n {
            for j in 0..i {
                let unit = f64::from(stream.next_u32() as i32) / f64::from(1_u32 << 31);
                w[i * n + j] = (START * unit) as f32;
                w[j * n + i] = w[i * n + j];
            }
        }
        let mut streams = Streams::new(settings.seed, Purpose::Chains);
        let free = match settings.method {
            Method::Persistent => Some(1),
            Method::Tempering => Some(settings.temperatures),
            Method::Exact | Method::SamplerFree(_) => None,
        };
        let free = free.map(|rungs| Ladders::new(n, settings.chains, rungs, &mut streams));
        let sampled = settings.hidden > MAX_HIDDEN;
        let clamped = sampled.then(|| {
            let mut states = vec![0; patterns.distinct() * words(n)];
            for (to, (from, _)) in states.chunks_exact_mut(words(n)).zip(patterns.iter()) {
                to[..from.len()].copy_from_slice(from);
            }
            Ladders::from_states(n, states, &mut streams)
        });
        Ok(Self {
            patterns,
            w,
            h: vec![0.0; n],
            velocity: (vec![0.0; n * n], vec![0.0; n]),
            free,
            clamped,
            settings,
            epoch: 0,
        })
    }

    /// How the clamped phase is averaged.
    #[must_use]
    pub fn clamped(&self) -> Clamped {
        match self.settings.hidden {
            0 => Clamped::NoHidden,
            1..=MAX_HIDDEN => Clamped::Exact,
            _ => Clamped::Sampled,
        }
    }

    /// Couplings, N x N.
    #[must_use]
    pub fn w(&self) -> &[f32] {
        &self.w
    }

    /// Fields, N.
    #[must_use]
    pub fn h(&self) -> &[f32] {
        &self.h
    }

    /// The learning rate of the next epoch.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        self.settings.learning_rate / (1.0 + self.settings.learning_rate_decay * self.epoch as f32)
    }

    /// One step along the gradient of all data. Returns its largest component: for the lecture's rule, by how much a mean
    /// spin or a correlation of the data and the thermal one differ.
    ///
    /// # Errors
    /// [`BoltzmannError::Diverged`] if a parameter grew beyond what can be sampled or enumerated; the parameters are then
    /// those before the step.
    pub fn step(&mut self) -> Result<f32, BoltzmannError> {
        self.step_with(Control::new()).map(whole)
    }

    /// So many steps, whose largest components are added to `gradients`. Reports steps; an interrupt leaves the model of the
    /// last whole step.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn train_with(
        &mut self,
        epochs: usize,
        gradients: &mut Vec<f32>,
        control: Control<'_>,
    ) -> Result<(), BoltzmannError> {
        for _ in 0..epochs {
            let Some(gradient) = self.step_with(control.silent())? else {
                break;
            };
            gradients.push(gradient);
            control.advance(1);
        }
        Ok(())
    }

    /// [`Self::step`]; `None`, and the parameters before it, if interrupted.
    fn step_with(&mut self, control: Control<'_>) -> Result<Option<f32>, BoltzmannError> {
        let rate = self.learning_rate();
        let (epoch, first) = (self.epoch + 1, self.settings.learning_rate);
        let diverged = |_| BoltzmannError::Diverged { epoch, rate: first };
        let before = (self.w.clone(), self.h.clone());
        let Some(largest) = self.ascend(rate, control).map_err(diverged)? else {
            return Ok(None);
        };
        let magnitudes = self
            .w
            .iter()
            .chain(&self.h)
            .fold(0.0_f32, |top, x| top.max(x.abs()));
        let finite = self.w.iter().chain(&self.h).all(|x| x.is_finite());
        if !finite || magnitudes > 1000.0 {
            (self.w, self.h) = before;
            return Err(diverged(Error::NotFinite {
                what: "couplings",
                index: 0,
            }));
        }
        self.epoch += 1;
        Ok(Some(largest))
    }

    /// The step itself; `None`, and nothing but chains moved, if interrupted.
    fn ascend(&mut self, rate: f32, control: Control<'_>) -> Result<Option<f32>, Error> {
        let wide = Wide::new(&self.w, &self.h);
        let (w, h) = match self.settings.method {
            Method::Exact => {
                let mut gradient = self.data(&wide)?;
                let threads = self.settings.threads;
                if !subtract_exact(&wide, &mut gradient, threads, control)? {
                    return Ok(None);
                }
                gradient
            }
            Method::Persistent | Method::Tempering => {
                let quantised = Quantised::new(&wide)?;
                let mut gradient = match &mut self.clamped {
                    Some(chains) => {
                        sampled(chains, &quantised, self.patterns, &self.settings, control)?
                    }
                    None => self.data(&wide)?,
                };
                self.subtract_sampled(&quantised, &mut gradient, control)?;
                gradient
            }
            Method::SamplerFree(objective) => {
                self.over_patterns(&wide, &|model, state, times, scratch, sums| {
                    model.add_gradient(objective, state, times, scratch, sums)
                })?
            }
        };
        if control.is_stopped() {
            return Ok(None);
        }
        let largest = w.iter().chain(&h).fold(0.0_f32, |top, g| top.max(g.abs()));
        let step = |decay| GradientStep {
            rate,
            momentum: self.settings.momentum,
            decay,
        };
        let decay = self.settings.weight_decay;
        step(decay).ascend(&w, &mut self.velocity.0, &mut self.w)?;
        step(0.0).ascend(&h, &mut self.velocity.1, &mut self.h)?;
        Ok(Some(largest))
    }

    /// The data's averages, hidden spins summed over.
    fn data(&self, wide: &Wide) -> Result<(Vec<f32>, Vec<f32>), Error> {
        self.over_patterns(wide, &|model, state, times, scratch, sums| {
            model.add_clamped(state, times, scratch, sums)
        })
    }

    /// Means over all data of what `add` adds for a pattern: of pairs and of spins.
    fn over_patterns(&self, wide: &Wide, add: &Add<'_>) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let model = wide.model(self.patterns.visible())?;
        let n = model.units();
        let all: Vec<_> = self.patterns.iter().collect();
        let parts: Vec<_> = all.chunks(PART).collect();
        let scratch = || vec![0.0; model.scratch_len()];
        let sums = parallel::map(
            parts.len(),
            self.settings.threads,
            scratch,
            |scratch, part| {
                let (mut spin, mut pair) = (vec![0; n], vec![0; n * n]);
                let mut sums = Sums::new(&mut spin, &mut pair)?;
                for &(state, times) in parts[part] {
                    add(&model, state, times, scratch, &mut sums)?;
                }
                Ok((spin, pair))
            },
        );
        let (mut spin, mut pair) = (vec![0; n], vec![0; n * n]);
        let mut total = Sums::new(&mut spin, &mut pair)?;
        for part in sums {
            let (mut spin, mut pair) = part?;
            total.merge(&Sums::new(&mut spin, &mut pair)?)?;
        }
        means(&total, self.patterns.total() as f64)
    }

    fn subtract_sampled(
        &mut self,
        model: &Quantised,
        gradient: &mut (Vec<f32>, Vec<f32>),
        control: Control<'_>,
    ) -> Result<(), Error> {
        let Some(chains) = &mut self.free else {
            return Ok(());
        };
        let settings = &self.settings;
        let mut moved = chains.run(
            model,
            0,
            settings.sweeps,
            false,
            &|_| 1,
            (settings.threads, control),
        )?;
        let sums = Sums::new(&mut moved.sums.0, &mut moved.sums.1)?;
        let thermal = means(&sums, (settings.chains * settings.sweeps) as f64)?;
        let pairs = gradient.0.iter_mut().zip(&thermal.0);
        let spins = gradient.1.iter_mut().zip(&thermal.1);
        pairs.chain(spins).for_each(|(g, thermal)| *g -= thermal);
        Ok(())
    }
}

/// The clamped averages from chains that hold the patterns.
fn sampled(
    chains: &mut Ladders,
    model: &Quantised,
    patterns: &Patterns,
    settings: &Settings,
    control: Control<'_>,
) -> Result<(Vec<f32>, Vec<f32>), Error> {
    let counts: Vec<i64> = patterns.iter().map(|(_, count)| count).collect();
    let (first, sweeps) = (patterns.visible(), settings.sweeps);
    let mut moved = chains.run(
        model,
        first,
        sweeps,
        false,
        &|k| counts[k],
        (settings.threads, control),
    )?;
    let sums = Sums::new(&mut moved.sums.0, &mut moved.sums.1)?;
    means(&sums, (patterns.total() * sweeps as i64) as f64)
}

/// Takes the thermal averages off, by enumeration; false if interrupted.
fn subtract_exact(
    wide: &Wide,
    gradient: &mut (Vec<f32>, Vec<f32>),
    threads: usize,
    control: Control<'_>,
) -> Result<bool, Error> {
    let exact = IsingEnumeration::new(&wide.w, &wide.h, 1.0)?;
    let n = exact.units();
    let Some(partition) = partition(&exact, threads, control)? else {
        return Ok(false);
    };
    let (mut spin, mut pair, mut excess) = (vec![0.0; n], vec![0.0; n * n], 0.0);
    for part in 0..exact.parts() {
        if control.is_stopped() {
            return Ok(false);
        }
        exact.add_moments_of_part(&partition, part, &mut excess, &mut spin, &mut pair)?;
    }
    exact.finish_moments(&partition, excess, &mut pair)?;
    (0..n).for_each(|i| pair[i * n + i] = 0.0);
    let pairs = gradient.0.iter_mut().zip(&pair);
    let spins = gradient.1.iter_mut().zip(&spin);
    // In float64, and rounded once.
    pairs
        .chain(spins)
        .for_each(|(g, thermal)| *g = (f64::from(*g) - thermal) as f32);
    Ok(true)
}

fn means(sums: &Sums<'_>, total: f64) -> Result<(Vec<f32>, Vec<f32>), Error> {
    let n = sums.units();
    let (mut pair, mut spin) = (vec![0.0; n * n], vec![0.0; n]);
    sums.pair_means(total, &mut pair)?;
    sums.spin_means(total, &mut spin)?;
    Ok((pair, spin))
}
