//! Samplers against exact distributions: transition by transition, in the long run, and model by model.

use super::near;
use bitspin::reference::ising::{glauber, metropolis, spins};
use bitspin::validate::{
    FALSE_ALARM, Random, Sampler, SmallIsing, hoeffding, sampler_bound, total_variation,
};
use bitspin_core::bits::Bits;
use bitspin_core::ising::{Chain, Dense, Model, Sparse, Temperature, UpdateRule};

fn accept(rule: UpdateRule, beta: f64) -> impl Fn(f64) -> f64 {
    move |cost| match rule {
        UpdateRule::Metropolis => metropolis(beta, cost),
        UpdateRule::Glauber => glauber(beta, cost),
    }
}

/// The probability that the engine flips spin k of a state, from its threshold.
fn flips(
    model: &impl Model,
    rule: UpdateRule,
    temperature: Temperature,
    state: u64,
    k: usize,
) -> f64 {
    let mut fields = vec![0; model.units()];
    model.prepare(&[state], &mut fields);
    let up = state >> k & 1 != 0;
    let own = if up { 1 } else { -1 };
    let count = match rule {
        UpdateRule::Metropolis => temperature.threshold(rule, own * fields[k]),
        UpdateRule::Glauber => {
            let above = temperature.threshold(rule, fields[k]);
            if up { (1 << 32) - above } else { above }
        }
    };
    count as f64 / 4_294_967_296.0
}

/// p(a) P(a to b) = p(b) P(b to a) for every pair of states that differ by a spin, P being the engine's own to the last
/// random word. Each P is within 2^-23 P + 2^-31.
#[test]
fn every_transition_is_in_detailed_balance() {
    let mut random = Random::new(21);
    for (units, scale, beta) in [(2, 1.0, 1.0), (4, 2.0, 0.4), (6, 1.0, 1.5), (7, 0.5, 3.0)] {
        let model = SmallIsing::random(units, scale, scale, &mut random);
        let temperature = Temperature::new(beta, model.engine.fraction_bits()).unwrap();
        let p = model.reference.distribution(beta);
        for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
            for a in 0..1 << units {
                for k in 0..units {
                    let b = a ^ 1 << k;
                    let out = flips(&model.engine, rule, temperature, a as u64, k);
                    let back = flips(&model.engine, rule, temperature, b as u64, k);
                    let flow = p[a] * out;
                    let bound = 2.4e-7 * flow + 5e-10 * (p[a] + p[b]);
                    near(flow, p[b] * back, bound);
                    let cost = model.reference.flip_cost(&spins(a, units), k);
                    near(out, accept(rule, beta)(cost), 1.2e-7 * out + 5e-10);
                }
            }
        }
    }
}

/// Null: 2^16 attempts from each state of 3 spins flip each spin with the reference's probability. Hoeffding's bound,
/// the false-alarm rate shared among 2 x 8 x 3 comparisons.
#[test]
fn attempts_flip_as_often_as_they_should() {
    const ATTEMPTS: usize = 1 << 16;
    let mut random = Random::new(22);
    let model = SmallIsing::random(3, 1.0, 0.7, &mut random);
    let bound = hoeffding(ATTEMPTS, FALSE_ALARM / 48.0);
    let temperature = Temperature::new(0.6, model.engine.fraction_bits()).unwrap();
    for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
        for from in 0..8_u64 {
            for k in 0..3 {
                let (mut state, mut fields) = ([from], [0; 3]);
                let start = Bits::new(3, [from]).unwrap();
                let bits = Bits::new(3, &mut state[..]).unwrap();
                let rng = random.chains(1).remove(0);
                let mut chain = Chain::new(&model.engine, bits, &mut fields, rng).unwrap();
                let mut count = 0;
                for _ in 0..ATTEMPTS {
                    count += chain.sweep_range(rule, temperature, k..k + 1);
                    chain.set_state(start.as_bits()).unwrap();
                }
                let cost = model.reference.flip_cost(&spins(from as usize, 3), k);
                let share = count as f64 / ATTEMPTS as f64;
                near(share, accept(rule, 0.6)(cost), bound);
            }
        }
    }
}

fn is_stationary(
    sampler: Sampler,
    model: &SmallIsing,
    beta: f64,
    draws: usize,
    random: &mut Random,
) {
    let steps = sampler.steps(&model.reference, beta);
    let rngs = random.chains(4);
    let found = sampler
        .frequencies(&model.engine, beta, draws, steps, &rngs)
        .unwrap();
    let expected = model.reference.distribution(beta);
    let error = total_variation(&found, &expected);
    let bound = sampler_bound(&expected, draws);
    assert!(
        error <= bound,
        "{sampler:?}: {error} above {bound} after {draws} draws {steps} steps apart"
    );
}

/// Null: 10^7 draws have the Boltzmann distribution of three spins:
/// those of 21 such models side by side, which do not see each other. The bound is 1.3e-3; a threshold that is off by 2^-10
/// of all random numbers moves the distribution by more.
#[test]
fn ten_million_draws_have_the_distribution() {
    const COPIES: usize = 21;
    const UNITS: usize = 3 * COPIES;
    const DRAWS: usize = 10_000_000;
    const BETA: f64 = 1.6;
    let mut random = Random::new(23);
    let small = SmallIsing::random(3, 0.5, 1.0, &mut random);
    let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
    for unit in 0..UNITS {
        let (copy, i) = (unit / 3, unit % 3);
        for j in (0..3).filter(|&j| j != i) {
            neighbours.push((3 * copy + j) as u32);
            weights.push(small.engine.weights()[3 * i + j]);
        }
        offsets.push(neighbours.len() as u32);
    }
    let (h, bits) = (
        small.engine.fields().repeat(COPIES),
        small.engine.fraction_bits(),
    );
    let model = Sparse::new(offsets, neighbours, weights, h, bits).unwrap();
    let temperature = Temperature::new(BETA, model.fraction_bits()).unwrap();
    let expected = small.reference.distribution(BETA);
    for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
        let steps = Sampler::Sweep(rule).steps(&small.reference, BETA);
        let (mut state, mut fields) = ([0], [0; UNITS]);
        let bits = Bits::new(UNITS, &mut state[..]).unwrap();
        let rng = random.chains(1).remove(0);
        let mut chain = Chain::new(&model, bits, &mut fields, rng).unwrap();
        let mut counts = [0_u32; 8];
        for draw in 0..DRAWS.div_ceil(COPIES) + 10 {
            for _ in 0..steps {
                chain.sweep(rule, temperature);
            }
            let word = chain.state().as_words()[0];
            if draw >= 10 {
                (0..COPIES).for_each(|copy| counts[(word >> (3 * copy) & 7) as usize] += 1);
            }
        }
        let total: u32 = counts.iter().sum();
        assert!(total as usize >= DRAWS);
        let found = counts.map(|count| f64::from(count) / f64::from(total));
        let error = total_variation(&found, &expected);
        let bound = sampler_bound(&expected, DRAWS);
        assert!(
            error <= bound,
            "{rule:?}: {error} above {bound}, {steps} sweeps apart"
        );
    }
}

/// Without fields, where clusters need no ghost spin. `bitspin validate` has the same test for a model with fields.
#[test]
fn every_sampler_has_the_distribution() {
    let mut random = Random::new(24);
    let model = SmallIsing::random(4, 0.9, 0.0, &mut random);
    for (sampler, _) in Sampler::ALL {
        is_stationary(sampler, &model, 1.0, 1 << 16, &mut random);
    }
}

/// Curie and Weiss: all pairs of 64 spins coupled by 1/64, so that E = -M^2 / 128 + 1/2. Null: the mean of m^2 over 64
/// independent chains is normal about its exact value; 5.2 standard errors are exceeded once in 5 million times.
#[test]
fn curie_and_weiss_have_their_magnetisation() {
    let mut w = vec![1_i8; 64 * 64];
    (0..64).for_each(|i| w[65 * i] = 0);
    let model = Dense::new(64, w, vec![0; 64], 6).unwrap();
    let mut random = Random::new(25);
    for (beta, expected) in [(0.5, 0.030_337_7), (1.0, 0.142_340_6), (1.5, 0.715_899_0)] {
        let temperature = Temperature::new(beta, 6).unwrap();
        let means: Vec<f64> = (0..64)
            .map(|_| {
                let (mut state, mut fields) = ([0], [0; 64]);
                let bits = Bits::new(64, &mut state[..]).unwrap();
                let rng = random.chains(1).remove(0);
                let mut chain = Chain::new(&model, bits, &mut fields, rng).unwrap();
                chain.randomise();
                let mut sum = 0.0;
                for sweep in 0..2500 {
                    chain.sweep(UpdateRule::Glauber, temperature);
                    let m = chain.magnetisation() as f64 / 64.0;
                    sum += if sweep < 500 { 0.0 } else { m * m };
                }
                sum / 2000.0
            })
            .collect();
        let mean = means.iter().sum::<f64>() / 64.0;
        let variance = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 63.0;
        let error = (variance / 64.0).sqrt();
        assert!(error < 0.01 * expected + 0.001);
        near(mean, expected, 5.2 * error + 1e-7);
    }
}
