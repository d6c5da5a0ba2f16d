//! Ising models: every sampler's distribution against enumeration.

use super::report::Worst;
use super::{FALSE_ALARM, Random, Row, mixing_doublings, total_variation, total_variation_bound};
use crate::reference::ising::{Ising, glauber, metropolis};
use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::exact;
use bitspin_core::ising::{
    Chain, ClusterBuffers, Colouring, Dense, Exchange, Model, Temperature, Tempering, UpdateRule,
};
use bitspin_core::rng::ChainRng;

/// A model of few spins whose couplings and fields are sixteenths, as engine and reference see it.
#[derive(Clone, Debug)]
pub struct SmallIsing {
    /// The engine's model.
    pub engine: Dense<i8, Vec<i8>, Vec<i32>>,
    /// The same numbers as floats.
    pub reference: Ising,
}

/// Binary places of [`SmallIsing`].
const PLACES: u32 = 4;

impl SmallIsing {
    /// Couplings and fields of magnitudes up to `coupling` and `field`.
    ///
    /// # Panics
    /// Unless there are 2 to 20 spins and magnitudes below 7.
    #[must_use]
    pub fn random(units: usize, coupling: f64, field: f64, random: &mut Random) -> Self {
        assert!((2..=20).contains(&units) && coupling < 7.0 && field < 7.0);
        let scale = f64::from(1 << PLACES);
        let mut number = |largest: f64| (random.number(largest) * scale).round();
        let mut w = vec![0.0; units * units];
        for i in 0..units {
            for j in 0..i {
                let coupling = number(coupling);
                (w[i * units + j], w[j * units + i]) = (coupling, coupling);
            }
        }
        let h: Vec<f64> = (0..units).map(|_| number(field)).collect();
        let weights = w.iter().map(|&w| w as i8).collect();
        let fields = h.iter().map(|&h| h as i32).collect();
        let real = |values: Vec<f64>| values.iter().map(|value| value / scale).collect();
        Self {
            engine: Dense::new(units, weights, fields, PLACES).expect("a small symmetric matrix"),
            reference: Ising {
                w: real(w),
                h: real(h),
            },
        }
    }
}

/// A way to go from one state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// A sweep in ascending order.
    Sweep(UpdateRule),
    /// As many attempts as there are spins, each for a spin drawn at random.
    RandomSites(UpdateRule),
    /// A sweep colour by colour.
    Coloured(UpdateRule),
    /// A cluster that turns over.
    Wolff,
    /// Three sweeps at a quarter, a half, three quarters and all of beta, each with exchanges; the last is read.
    Tempering,
}

impl Sampler {
    /// Every sampler, and what it is called.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Sweep(UpdateRule::Metropolis), "Metropolis, sweeps"),
        (
            Self::RandomSites(UpdateRule::Metropolis),
            "Metropolis, random spins",
        ),
        (
            Self::Coloured(UpdateRule::Metropolis),
            "Metropolis, by colours",
        ),
        (Self::Sweep(UpdateRule::Glauber), "Glauber, sweeps"),
        (
            Self::RandomSites(UpdateRule::Glauber),
            "Glauber, random spins",
        ),
        (Self::Coloured(UpdateRule::Glauber), "Glauber, by colours"),
        (Self::Wolff, "Wolff's clusters"),
        (Self::Tempering, "parallel tempering"),
    ];

    /// Steps after which a sampler has forgotten its state to within [`FORGOTTEN`], from the exact transition matrix of
    /// `model`. Clusters and tempering have none here: theirs are ample for five weakly coupled spins.
    #[must_use]
    pub fn steps(self, model: &Ising, beta: f64) -> usize {
        let p = model.distribution(beta);
        let doublings = |matrix| mixing_doublings(matrix, &p, FORGOTTEN);
        let accept = |rule| {
            move |cost| match rule {
                UpdateRule::Metropolis => metropolis(beta, cost),
                UpdateRule::Glauber => glauber(beta, cost),
            }
        };
        match self {
            // Colours of a complete graph come in ascending order: one spin each.
            Self::Sweep(rule) | Self::Coloured(rule) => 1 << doublings(model.sweep(accept(rule))),
            Self::RandomSites(rule) => {
                let attempts: usize = 1 << doublings(model.random_attempt(accept(rule)));
                attempts.div_ceil(model.units())
            }
            Self::Wolff => 32,
            Self::Tempering => 8,
        }
    }

    /// How often one chain is found in each of the states 0..2^N of a model of up to 20 spins, in `draws` draws that are
    /// `steps` steps apart, after 16 times as many for burn-in.
    ///
    /// # Errors
    /// Those of the engine: a temperature that is none, or too few generators. Tempering takes four, others one.
    pub fn frequencies(
        self,
        model: &impl Model,
        beta: f64,
        draws: usize,
        steps: usize,
        rngs: &[ChainRng],
    ) -> Result<Vec<f64>, Error> {
        let n = model.units();
        let ladder = if self == Self::Tempering { 4 } else { 1 };
        let mut states = vec![0_u64; ladder];
        let mut fields = vec![0; ladder * n];
        let parts = states.chunks_exact_mut(1).zip(fields.chunks_exact_mut(n));
        let chains = parts.zip(rngs).map(|((state, fields), rng)| {
            Chain::new(model, Bits::new(n, state)?, &mut fields[..], rng.clone())
        });
        let mut chains: Vec<_> = chains.collect::<Result<_, _>>()?;
        let (mut order, mut colours) = (vec![0; n], vec![0; n]);
        let colouring = Colouring::new(model, &mut order, &mut colours)?;
        let (mut stack, mut members) = (vec![0; n], [0]);
        let share = |k: usize| beta * (k + 1) as f64 / ladder as f64;
        let temperature = |k| Temperature::new(share(k), model.fraction_bits());
        let mut temperatures: Vec<_> = (0..ladder).map(temperature).collect::<Result<_, _>>()?;
        let mut exchanges = [Exchange::default(); 3];
        let mut step = |chains: &mut [Chain<'_, _>]| -> Result<(), Error> {
            let (chain, temperature) = (&mut chains[0], temperatures[0]);
            match self {
                Self::Sweep(rule) => chain.sweep(rule, temperature),
                Self::RandomSites(rule) => chain.random_sites(rule, temperature, n as u64),
                Self::Coloured(rule) => chain.sweep_coloured(rule, temperature, &colouring)?,
                Self::Wolff => {
                    let (stack, members) = (&mut stack[..], &mut members[..]);
                    chain.wolff(temperature, &mut ClusterBuffers { stack, members })? as u64
                }
                Self::Tempering => {
                    let ladder = &mut temperatures[..];
                    let mut tempering = Tempering::new(chains, ladder, &mut exchanges)?;
                    // Even pairs, odd pairs, even pairs: what is read has just been exchanged.
                    tempering.sweep(UpdateRule::Glauber);
                    tempering.sweep(UpdateRule::Glauber);
                    tempering.sweep(UpdateRule::Glauber)
                }
            };
            Ok(())
        };
        let mut counts = vec![0_u64; 1 << n];
        for _ in 0..16 * steps {
            step(&mut chains)?;
        }
        for _ in 0..draws {
            for _ in 0..steps {
                step(&mut chains)?;
            }
            counts[chains[ladder - 1].state().as_words()[0] as usize] += 1;
        }
        Ok(counts
            .iter()
            .map(|&count| count as f64 / draws as f64)
            .collect())
    }
}

/// Draws that are [`Sampler::steps`] apart bring any start to within this total variation of the distribution. What they
/// still have in common widens sums by a factor of 1 + 2 `FORGOTTEN` / (1 - `FORGOTTEN`) at most.
pub const FORGOTTEN: f64 = 0.01;

/// The largest total variation between `expected` and the frequencies of so many draws that are [`Sampler::steps`] apart. A
/// right sampler exceeds it with a probability below [`FALSE_ALARM`].
#[must_use]
pub fn sampler_bound(expected: &[f64], draws: usize) -> f64 {
    (1.0 + 2.1 * FORGOTTEN) * total_variation_bound(expected, draws, FALSE_ALARM)
}

/// Every row about Ising models.
pub(super) fn rows(random: &mut Random) -> Vec<Row> {
    let mut rows = vec![enumeration(random)];
    for (sampler, name) in Sampler::ALL {
        rows.push(distribution(sampler, name, random));
    }
    rows
}

/// ln Z and the mean energy by Gray code, against plain sums.
fn enumeration(random: &mut Random) -> Row {
    let mut worst = Worst::default();
    for units in [2, 5, 9, 12] {
        for beta in [0.1, 1.0, 4.0] {
            let model = SmallIsing::random(units, 1.0, 1.0, random).reference;
            let exact =
                exact::IsingEnumeration::new(&model.w, &model.h, beta).expect("a small model");
            let partition = exact.partition();
            worst.add(exact.ln_z_of(&partition) - model.ln_z(beta), 1e-11);
            let (mut spin, mut correlation) = (vec![0.0; units], vec![0.0; units * units]);
            let means = exact.moments(&partition, &mut spin, &mut correlation);
            let expected = model.moments(&model.distribution(beta));
            worst.add(means.expect("its lengths").energy - expected.energy, 1e-11);
            for (found, expected) in spin.iter().zip(&expected.spin) {
                worst.add(found - expected, 1e-11);
            }
            for (found, expected) in correlation.iter().zip(&expected.correlation) {
                worst.add(found - expected, 1e-11);
            }
        }
    }
    worst.row("Ising: ln Z and moments by enumeration")
}

/// Null: 2^16 draws, [`Sampler::steps`] apart, are from the Boltzmann distribution of 5 spins at beta = 1/2.
fn distribution(sampler: Sampler, name: &str, random: &mut Random) -> Row {
    const DRAWS: usize = 1 << 16;
    const BETA: f64 = 0.5;
    let model = SmallIsing::random(5, 1.0, 0.5, random);
    let rngs = random.chains(4);
    let steps = sampler.steps(&model.reference, BETA);
    let found = sampler.frequencies(&model.engine, BETA, DRAWS, steps, &rngs);
    let expected = model.reference.distribution(BETA);
    let mut worst = Worst::default();
    worst.add(
        total_variation(&found.expect("a small model"), &expected),
        sampler_bound(&expected, DRAWS),
    );
    worst.row(&format!("Ising: {name}, total variation"))
}
