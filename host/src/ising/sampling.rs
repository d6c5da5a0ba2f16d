//! Sampling at one or several temperatures, and estimates from the draws.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{
    Chain, ClusterBuffers, Colouring, Exchange, Field, Model, REPLICAS, Sliced, Temperature,
    Tempering, UpdateRule,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use serde::Serialize;

use super::Graph;
use super::numbers::{Lists, Quantised};
use crate::control::Control;
use crate::evaluate::convergence::Convergence;
use crate::parallel;

/// Sampler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sampler {
    /// Sweeps of the heat bath.
    #[default]
    Glauber,
    /// Sweeps of Metropolis's rule.
    Metropolis,
    /// Wolff's clusters; a sweep is one cluster.
    Wolff,
    /// Sweeps of the heat bath at all temperatures together, with exchanges.
    Tempering,
}

/// Settings of sampling.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The model.
    pub model: Quantised,
    /// Inverse temperatures, ascending.
    pub betas: Vec<f64>,
    /// The sampler.
    pub sampler: Sampler,
    /// Measured sweeps.
    pub sweeps: usize,
    /// Sweeps before the measured ones.
    pub burn_in: usize,
    /// Chains at every temperature: even ones from random states, odd ones from all spins +1.
    pub chains: usize,
    /// Seed of everything random.
    pub seed: u64,
}

/// A mean and its standard error, by the autocorrelation of the draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
}

/// Estimates at one temperature, per spin.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// Inverse temperature.
    pub beta: f64,
    /// `<E>` / N.
    pub energy: Estimate,
    /// `<|M|>` / N, M = sum_i s_i.
    pub magnetisation: Estimate,
    /// beta^2 (`<E^2>` - `<E>^2`) / N.
    pub specific_heat: Estimate,
    /// beta (`<M^2>` - `<|M|>^2`) / N.
    pub susceptibility: Estimate,
    /// Convergence of the energies.
    pub energy_convergence: Convergence,
    /// Convergence of |M| / N.
    pub magnetisation_convergence: Convergence,
    /// Of tempering, the share of exchanges with the next colder temperature that were accepted; `None` at the coldest.
    #[serde(skip)]
    pub exchange_rate: Option<f64>,
    /// The last state of the first chain, spin by spin, +1 or not.
    #[serde(skip)]
    pub state: Vec<bool>,
    /// The last state of every chain, packed: a set bit is +1.
    #[serde(skip)]
    pub states: Vec<Vec<u64>>,
}

/// Draws of one chain at one temperature, per spin.
#[derive(Clone, Debug, Default)]
struct Draws {
    energies: Vec<f64>,
    magnetisations: Vec<f64>,
    state: Vec<bool>,
}

/// Draws by temperature, then by chain, and exchanges of each temperature with the next.
type Tempered = (Vec<Vec<Draws>>, Vec<Exchange>);

impl Draws {
    fn push(&mut self, plan: &Plan, energy: i64, magnetisation: i64) {
        let n = plan.model.units() as f64;
        self.energies.push(plan.model.real(energy) / n);
        self.magnetisations
            .push(magnetisation.unsigned_abs() as f64 / n);
    }
}

impl Plan {
    /// Samples on `threads` threads, whose number does not change the result.
    ///
    /// # Errors
    /// Those of the engine: a temperature that is none, a ladder of one.
    pub fn run(&self, threads: usize) -> Result<Vec<Point>, Error> {
        self.run_with(threads, Control::new())
    }

    /// The sweeps of all chains, burn-in included: the steps that [`Self::run_with`] reports.
    #[must_use]
    pub fn steps(&self) -> u64 {
        let sweeps = self.burn_in as u64 + self.sweeps as u64;
        (self.betas.len() as u64 * self.chains as u64).saturating_mul(sweeps)
    }

    /// [`Self::run`] that reports sweeps, [`Self::steps`] in all. After an interrupt, the points that are complete are
    /// returned.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_with(&self, threads: usize, control: Control<'_>) -> Result<Vec<Point>, Error> {
        match &self.model.lists {
            Lists::Narrow(graph) => self.run_model(graph, Some(graph), threads, control),
            Lists::Wide(graph) => self.run_model(graph, None, threads, control),
        }
    }

    /// Samples a model of either width; `narrow` is the same one, where it may be sampled 64 chains at a time.
    fn run_model<F: Field, M: Model<F> + Sync>(
        &self,
        model: &M,
        narrow: Option<&Graph>,
        threads: usize,
        control: Control<'_>,
    ) -> Result<Vec<Point>, Error> {
        if self.sampler == Sampler::Tempering {
            let (draws, exchanges) = self.temper(model, control)?.unwrap_or_default();
            let points = draws.into_iter().zip(&self.betas).enumerate();
            return points
                .map(|(k, (draws, &beta))| {
                    let exchange_rate = exchanges.get(k).map(Exchange::rate);
                    let point = self.point(beta, draws)?;
                    Ok(Point {
                        exchange_rate,
                        ..point
                    })
                })
                .collect();
        }
        let work = |k: usize| -> Result<Option<Point>, Error> {
            let draws = self.sample(model, narrow, k, control)?;
            let point = draws.map(|draws| self.point(self.betas[k], draws));
            point.transpose()
        };
        let points = parallel::map_until(self.betas.len(), threads, control, work)?;
        Ok(points.into_iter().flatten().collect())
    }

    /// Generators for the chains of temperature number `k`.
    fn generators(&self, k: usize) -> Vec<ChainRng> {
        let mut streams = Streams::new(self.seed.wrapping_add(k as u64), Purpose::Chains);
        (0..self.chains).map(|_| streams.next_chain()).collect()
    }

    /// All chains at one temperature; nothing if interrupted.
    fn sample<F: Field, M: Model<F>>(
        &self,
        model: &M,
        narrow: Option<&Graph>,
        k: usize,
        control: Control<'_>,
    ) -> Result<Option<Vec<Draws>>, Error> {
        let temperature = self.model.numbers.temperature(self.betas[k])?;
        let n = model.units();
        let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
        let colouring = Colouring::new(model, &mut order, &mut scratch);
        let mut rngs = self.generators(k);
        let rule = match self.sampler {
            Sampler::Metropolis => UpdateRule::Metropolis,
            _ => UpdateRule::Glauber,
        };
        if let (Ok(colouring), Some(graph), false) =
            (colouring, narrow, self.sampler == Sampler::Wolff)
        {
            let probe = Sliced::new(graph, colouring, &mut vec![0; n], &mut rngs[..1]).is_ok();
            if probe {
                let groups = rngs.chunks_mut(REPLICAS);
                let draws = groups
                    .map(|rngs| self.sliced(graph, (rule, temperature), colouring, rngs, control));
                let draws: Option<Vec<Vec<Draws>>> = draws.collect::<Result<_, _>>()?;
                return Ok(draws.map(|draws| draws.concat()));
            }
        }
        let colouring = colouring.ok();
        let chains = rngs.into_iter().enumerate();
        chains
            .map(|(c, rng)| {
                let how = (rule, temperature);
                self.single(model, (c, rng), how, colouring.as_ref(), control)
            })
            .collect()
    }

    /// Up to 64 chains of one bit each.
    fn sliced(
        &self,
        graph: &Graph,
        (rule, temperature): (UpdateRule, Temperature),
        colouring: Colouring<'_>,
        rngs: &mut [ChainRng],
        control: Control<'_>,
    ) -> Result<Option<Vec<Draws>>, Error> {
        let n = graph.units();
        let count = rngs.len();
        let mut spins = vec![0; n];
        for (replica, rng) in rngs.iter_mut().enumerate() {
            let mut fields = vec![0; n];
            let mut state = vec![0; words(n)];
            start(graph, replica, rng, &mut state, &mut fields)?;
            for (unit, word) in spins.iter_mut().enumerate() {
                *word |= (state[unit / 64] >> (unit % 64) & 1) << replica;
            }
        }
        let mut sliced = Sliced::new(graph, colouring, &mut spins, rngs)?;
        let mut draws = vec![Draws::default(); count];
        for sweep in 0..self.burn_in + self.sweeps {
            if control.is_stopped() {
                return Ok(None);
            }
            sliced.sweep(rule, temperature);
            control.advance(count);
            if sweep >= self.burn_in {
                let (energies, magnetisations) = (sliced.energies(), sliced.magnetisations());
                for (replica, draws) in draws.iter_mut().enumerate() {
                    draws.push(self, energies[replica], magnetisations[replica]);
                }
            }
        }
        for (replica, draws) in draws.iter_mut().enumerate() {
            let spins = sliced.spins().iter().map(|word| word >> replica & 1 != 0);
            draws.state = spins.collect();
        }
        Ok(Some(draws))
    }

    /// One chain.
    fn single<F: Field, M: Model<F>>(
        &self,
        model: &M,
        (index, mut rng): (usize, ChainRng),
        (rule, temperature): (UpdateRule, Temperature),
        colouring: Option<&Colouring<'_>>,
        control: Control<'_>,
    ) -> Result<Option<Draws>, Error> {
        let n = model.units();
        let (mut state, mut fields) = (vec![0; words(n)], vec![F::default(); n]);
        start(model, index, &mut rng, &mut state, &mut fields)?;
        let mut chain = Chain::new(model, Bits::new(n, &mut state[..])?, &mut fields[..], rng)?;
        let (mut stack, mut members) = (vec![0; n], vec![0; words(n)]);
        let mut draws = Draws::default();
        for sweep in 0..self.burn_in + self.sweeps {
            if control.is_stopped() {
                return Ok(None);
            }
            match (self.sampler, colouring) {
                (Sampler::Wolff, _) => {
                    let (stack, members) = (&mut stack[..], &mut members[..]);
                    chain.wolff(temperature, &mut ClusterBuffers { stack, members })?;
                }
                (_, Some(colouring)) => {
                    chain.sweep_coloured(rule, temperature, colouring)?;
                }
                (_, None) => {
                    chain.sweep(rule, temperature);
                }
            }
            control.advance(1);
            if sweep >= self.burn_in {
                draws.push(self, chain.energy(), chain.magnetisation());
            }
        }
        draws.state = spins(&chain);
        Ok(Some(draws))
    }

    /// Ladders of all temperatures, one per chain; nothing if interrupted.
    fn temper<F: Field, M: Model<F>>(
        &self,
        model: &M,
        control: Control<'_>,
    ) -> Result<Option<Tempered>, Error> {
        let (n, steps) = (model.units(), self.betas.len());
        let mut all = vec![vec![]; steps];
        let mut exchanges = vec![Exchange::default(); steps.saturating_sub(1)];
        let mut rngs: Vec<_> = (0..steps).map(|k| self.generators(k).into_iter()).collect();
        for index in 0..self.chains {
            let (mut states, mut fields) = (
                vec![vec![0; words(n)]; steps],
                vec![vec![F::default(); n]; steps],
            );
            let mut chains = vec![];
            for ((state, fields), rngs) in states.iter_mut().zip(&mut fields).zip(&mut rngs) {
                let Some(mut rng) = rngs.next() else { continue };
                start(model, index, &mut rng, state, fields)?;
                chains.push(Chain::new(
                    model,
                    Bits::new(n, &mut state[..])?,
                    &mut fields[..],
                    rng,
                )?);
            }
            let numbers = &self.model.numbers;
            let ladder = self.betas.iter().map(|&beta| numbers.temperature(beta));
            let mut ladder: Vec<_> = ladder.collect::<Result<_, _>>()?;
            let mut tempering = Tempering::new(&mut chains, &mut ladder, &mut exchanges)?;
            let mut draws = vec![Draws::default(); steps];
            for sweep in 0..self.burn_in + self.sweeps {
                if control.is_stopped() {
                    return Ok(None);
                }
                tempering.sweep(UpdateRule::Glauber);
                control.advance(steps);
                if sweep >= self.burn_in {
                    for (draws, chain) in draws.iter_mut().zip(tempering.chains()) {
                        draws.push(self, chain.energy(), chain.magnetisation());
                    }
                }
            }
            for ((all, mut draws), chain) in all.iter_mut().zip(draws).zip(tempering.chains()) {
                draws.state = spins(chain);
                all.push(draws);
            }
        }
        Ok(Some((all, exchanges)))
    }

    /// What draws say of a temperature.
    fn point(&self, beta: f64, draws: Vec<Draws>) -> Result<Point, Error> {
        let n = self.model.units() as f64;
        let energies: Vec<&[f64]> = draws.iter().map(|draws| &draws.energies[..]).collect();
        let magnetisations: Vec<&[f64]> = draws
            .iter()
            .map(|draws| &draws.magnetisations[..])
            .collect();
        let energy = Convergence::of(&energies)?;
        let magnetisation = Convergence::of(&magnetisations)?;
        Ok(Point {
            beta,
            energy: estimate(&energy, 1.0),
            magnetisation: estimate(&magnetisation, 1.0),
            specific_heat: variance(&energies, energy.mean, beta * beta * n)?,
            susceptibility: variance(&magnetisations, magnetisation.mean, beta * n)?,
            energy_convergence: energy,
            magnetisation_convergence: magnetisation,
            exchange_rate: None,
            states: draws.iter().map(|draws| packed(&draws.state)).collect(),
            state: draws
                .into_iter()
                .next()
                .map(|draws| draws.state)
                .unwrap_or_default(),
        })
    }
}

fn packed(state: &[bool]) -> Vec<u64> {
    let word = |spins: &[bool]| {
        let spins = spins.iter().rev();
        spins.fold(0, |word, &up| word << 1 | u64::from(up))
    };
    state.chunks(64).map(word).collect()
}

fn estimate(found: &Convergence, factor: f64) -> Estimate {
    Estimate {
        mean: factor * found.mean,
        error: factor * found.standard_error,
    }
}

/// The variance of draws and its standard error: that of the mean of squared deviations, to which the error of the mean
/// itself adds nothing in first order.
fn variance(chains: &[&[f64]], mean: f64, factor: f64) -> Result<Estimate, Error> {
    let squares = chains
        .iter()
        .map(|draws| draws.iter().map(|x| (x - mean).powi(2)).collect());
    let squares: Vec<Vec<f64>> = squares.collect();
    Ok(estimate(&Convergence::of(&squares)?, factor))
}

fn spins<F: Field, M: Model<F>>(chain: &Chain<'_, M, F>) -> Vec<bool> {
    let state = chain.state();
    (0..state.len())
        .map(|unit| state.get(unit) == Some(true))
        .collect()
}

/// Where chain `index` starts: even ones at random, odd ones with all spins +1.
fn start<F: Field, M: Model<F>>(
    model: &M,
    index: usize,
    rng: &mut ChainRng,
    state: &mut [u64],
    fields: &mut [F],
) -> Result<(), Error> {
    let n = model.units();
    if index % 2 == 1 {
        (0..n).for_each(|unit| state[unit / 64] |= 1 << (unit % 64));
        return Ok(());
    }
    let mut chain = Chain::new(model, Bits::new(n, state)?, &mut fields[..], rng.clone())?;
    chain.randomise();
    *rng = chain.rng().clone();
    Ok(())
}
