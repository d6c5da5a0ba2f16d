//! Models whose numbers differ by many orders of magnitude: what decides a spin, and where chains come to rest.

use super::near;
use bitspin::ising::file::{Couplings, Problem};
use bitspin::ising::{Lists, Numbers};
use bitspin::validate::Random;
use bitspin::validate::transition::{BETAS, Family};
use bitspin_core::bits::Bits;
use bitspin_core::exact::IsingEnumeration as Exact;
use bitspin_core::ising::{
    Chain, ClusterBuffers, Colouring, Exchange, Field, Model, Temperature, Tempering, UpdateRule,
    WideSparse, sweep_replicas,
};

/// Couplings of about half of the pairs, and fields, of magnitudes from 10^-5 to 10^5 times `scale`.
fn spread(n: usize, scale: f64, random: &mut Random) -> Couplings {
    let mut number = || {
        let exponent = random.number(5.0);
        scale * 10_f64.powf(exponent) * random.number(1.0).signum()
    };
    let h = (0..n).map(|_| number()).collect();
    let pairs = (0..n as u32).flat_map(|i| (i + 1..n as u32).map(move |j| (i, j)));
    let edges = pairs.map(|(i, j)| (i, j, number()));
    Couplings {
        h,
        edges: edges.step_by(2).collect(),
        problem: Problem::Ising,
    }
}

/// Every decision of every state has the heat bath's probability, by the integer thresholds that the samplers use: within
/// 2^-23 of the less likely value and 2^-31, and what rounding is allowed to change the odds by, 2^-10 at most.
fn decides<F: Field>(
    couplings: &Couplings,
    model: &impl Model<F>,
    numbers: &Numbers,
    beta: f64,
) -> f64 {
    let n = model.units();
    let w = couplings.matrix();
    let temperature = numbers.temperature(beta).unwrap();
    let mut worst = 0.0_f64;
    for state in 0..1_u64 << n {
        let mut fields = vec![F::default(); n];
        model.prepare(&[state], &mut fields);
        let energy = numbers.unit() * model.real(model.energy(&[state], &fields));
        let exact = couplings.energy(&[state]);
        assert!(
            (energy - exact).abs() <= 1e-6 * exact.abs() + 1e-3 / beta,
            "{energy}, {exact}"
        );
        for unit in 0..n {
            let sign = |j: usize| if state >> j & 1 != 0 { 1.0 } else { -1.0 };
            let sum: f64 = (0..n).map(|j| w[unit * n + j] * sign(j)).sum();
            let cost = 2.0 * beta * (sum + couplings.h[unit]);
            let p = 1.0 / (1.0 + (-cost).exp());
            let found =
                temperature.threshold(UpdateRule::Glauber, fields[unit]) as f64 / 2_f64.powi(32);
            let error = (found - p).abs() - 2_f64.powi(-31);
            worst = worst.max(error / p.min(1.0 - p).max(1e-300).max(2_f64.powi(-30)));
        }
    }
    worst
}

#[test]
fn decisions_have_their_probabilities_at_any_spread_and_scale() {
    let mut random = Random::new(11);
    let (mut narrow, mut wide) = (0, 0);
    for scale in [1.0, 1e-30, 1e12, 1e200] {
        for beta in [1e-6, 1e-2, 1.0, 100.0, 1e5] {
            let couplings = spread(7, scale, &mut random);
            let beta = beta / scale;
            let held = couplings.quantised(beta).unwrap();
            let worst = match &held.lists {
                Lists::Narrow(model) => {
                    narrow += 1;
                    decides(&couplings, model, &held.numbers, beta)
                }
                Lists::Wide(model) => {
                    wide += 1;
                    decides(&couplings, model, &held.numbers, beta)
                }
            };
            let bound = 2_f64.powi(-10) + 2_f64.powi(-22);
            assert!(worst <= bound, "scale {scale}, beta {beta}: {worst}");
        }
    }
    assert!(narrow >= 4 && wide >= 8, "{narrow} narrow, {wide} wide");
}

/// A chain of weak bonds beside one of 10^5, at a temperature of the weak ones: mean energies of all samplers against
/// enumeration, relative to the strong bond, which is always satisfied after burn-in. 2^13 sweeps of 8 chains each, of which
/// every 8th counts: standard errors are below 1/sqrt(8192) of a spread of 0.03 if up to 8 sweeps correlate. Five such bounds at
/// a fixed seed; false alarms 1 in 10^6.
#[test]
fn all_samplers_agree_with_enumeration_beside_a_strong_bond() {
    let weak = [-0.006538, 0.00784, 0.014934, -0.012591, 0.015139, 0.002645];
    let n = weak.len() + 2;
    let edges = weak
        .iter()
        .enumerate()
        .map(|(i, &w)| (i as u32, i as u32 + 1, w));
    let strong = (n as u32 - 2, n as u32 - 1, 1e5);
    let mut h = vec![0.0; n];
    h[0] = 0.001;
    let couplings = Couplings {
        h,
        edges: edges.chain([strong]).collect(),
        problem: Problem::Ising,
    };
    let beta = 100.0;
    let w = couplings.matrix();
    let exact = Exact::new(&w, &couplings.h, beta).unwrap();
    let (mut spin, mut pair) = (vec![0.0; n], vec![0.0; n * n]);
    let means = exact.moments(&exact.partition(), &mut spin, &mut pair);
    let expected = means.unwrap().energy + 1e5;
    let held = couplings.quantised(beta).unwrap();
    let Lists::Wide(model) = &held.lists else {
        panic!("{:?} do not hold these", held.numbers);
    };
    let unit = held.numbers.unit();
    let temperature = held.numbers.temperature(beta).unwrap();
    let start = |rng: &bitspin_core::rng::ChainRng| {
        let states = vec![0_u64; 1];
        (states, vec![0_i64; n], rng.clone())
    };
    let rngs = Random::new(7).chains(16);
    for sampler in ["sweep", "random sites", "metropolis", "wolff", "tempering"] {
        let (mut sum, mut count) = (0.0, 0);
        let mut see = |energy: i64| {
            sum += unit * model.real(energy) + 1e5;
            count += 1;
        };
        for two in rngs.chunks_exact(2) {
            let (mut a, mut b) = (start(&two[0]), start(&two[1]));
            if sampler == "tempering" {
                let mut chains = [chain_of(model, &mut a, n), chain_of(model, &mut b, n)];
                let hot = held.numbers.temperature(beta / 2.0).unwrap();
                let (mut ladder, mut counts) = ([hot, temperature], [Exchange::default()]);
                let mut tempering = Tempering::new(&mut chains, &mut ladder, &mut counts).unwrap();
                for sweep in 0..1 << 13 {
                    tempering.sweep(UpdateRule::Glauber);
                    if sweep >= 64 && sweep % 8 == 0 {
                        see(tempering.chains()[1].energy());
                    }
                }
                continue;
            }
            let mut chain = chain_of(model, &mut a, n);
            let (mut stack, mut members) = (vec![0; n], vec![0; 1]);
            for sweep in 0..1 << 13 {
                match sampler {
                    "sweep" => chain.sweep(UpdateRule::Glauber, temperature),
                    "random sites" => {
                        chain.random_sites(UpdateRule::Glauber, temperature, n as u64)
                    }
                    "metropolis" => chain.sweep(UpdateRule::Metropolis, temperature),
                    _ => {
                        let (stack, members) = (&mut stack[..], &mut members[..]);
                        let mut buffers = ClusterBuffers { stack, members };
                        let turned = (0..4).map(|_| chain.wolff(temperature, &mut buffers));
                        turned.map(|size| size.unwrap() as u64).sum()
                    }
                };
                if sweep >= 64 && sweep % 8 == 0 {
                    see(chain.energy());
                }
            }
        }
        near(
            sum / f64::from(count),
            expected,
            5.0 * 0.03 / 8192_f64.sqrt(),
        );
    }
}

fn chain_of<'a, M: Model<i64>>(
    model: &'a M,
    (state, fields, rng): &'a mut (Vec<u64>, Vec<i64>, bitspin_core::rng::ChainRng),
    n: usize,
) -> Chain<'a, M, i64> {
    let bits = Bits::new(n, &mut state[..]).unwrap();
    let mut chain = Chain::new(model, bits, &mut fields[..], rng.clone()).unwrap();
    chain.randomise();
    chain
}

/// The narrowest integers that hold a model at the temperature are taken; what none hold is refused.
#[test]
fn integers_are_as_wide_as_the_numbers_need() {
    let pair = |w: f64, h: f64| Couplings {
        h: vec![h, 0.0, 0.0],
        edges: vec![(0, 1, w), (1, 2, 1.0)],
        problem: Problem::Ising,
    };
    let bits = |w, h, beta| pair(w, h).quantised(beta).map(|held| held.numbers.bits);
    let error = |w, h, beta| pair(w, h).quantised(beta).unwrap().numbers.largest_error;
    assert_eq!(bits(1.0, -3.0, 1e300), Ok(32));
    assert_eq!(bits(204_091.0, 0.5, 1e9), Ok(32));
    assert_eq!(
        (bits(0.1, 0.3, 1.0), error(0.1, 0.3, 1.0) > 0.0),
        (Ok(32), true)
    );
    assert_eq!(bits(1e5, 0.001_296, 100.0), Ok(64));
    assert_eq!(bits(1e12, 1.0, 1.0), Ok(64));
    // At a temperature of the large ones the small ones do not matter.
    assert_eq!(bits(1e12, 0.1, 1e-12), Ok(32));
    assert!(bits(1e25, 0.1, 1.0).is_err());
    assert!(bits(f64::MAX, 1.0, 1.0).is_err());
}

/// A chain's generator, state and energy.
type Seen = (u64, i64, bitspin_core::rng::ChainRng);

/// What comes of every sampler, one after the other, from one seed.
fn all_samplers<F: Field, M: Model<F>>(model: &M, rule: UpdateRule, beta: f64) -> Vec<Seen> {
    let n = model.units();
    let rngs = Random::new(23).chains(3);
    let temperature = |beta| Temperature::new(beta, model.fraction_bits()).unwrap();
    let mut rooms: Vec<_> = rngs.iter().map(|_| ([0], vec![F::default(); n])).collect();
    let parts = rooms.iter_mut().zip(&rngs);
    let chains = parts.map(|((state, fields), rng)| {
        let bits = Bits::new(n, &mut state[..]).unwrap();
        Chain::new(model, bits, &mut fields[..], rng.clone()).unwrap()
    });
    let mut chains: Vec<_> = chains.collect();
    let (mut order, mut colours) = (vec![0; n], vec![0; n]);
    let colouring = Colouring::new(model, &mut order, &mut colours).unwrap();
    let (mut stack, mut members) = (vec![0; n], vec![0]);
    let mut seen = vec![];
    let mut see = |chain: &Chain<'_, M, F>| {
        let state = chain.state().as_words()[0];
        seen.push((state, chain.energy(), chain.rng().clone()));
    };
    let t = temperature(beta);
    for _ in 0..4 {
        let chain = &mut chains[0];
        chain.randomise();
        for _ in 0..8 {
            chain.sweep(rule, t);
            see(chain);
            chain.sweep_range(rule, t, 1..n);
            chain.random_sites(rule, t, n as u64);
            see(chain);
            chain.sweep_coloured(rule, t, &colouring).unwrap();
            see(chain);
            let (stack, members) = (&mut stack[..], &mut members[..]);
            chain
                .wolff(t, &mut ClusterBuffers { stack, members })
                .unwrap();
            see(chain);
        }
        chain.descend();
        see(chain);
        sweep_replicas(&mut chains, rule, &[t; 3]).unwrap();
        let mut ladder = [0.25, 0.5, 1.0].map(|share| temperature(share * beta.max(1e-9)));
        let mut counts = [Exchange::default(); 2];
        let mut tempering = Tempering::new(&mut chains, &mut ladder, &mut counts).unwrap();
        (0..8).for_each(|_| {
            tempering.sweep(rule);
        });
        chains.iter().for_each(&mut see);
    }
    seen
}

/// In 64 bits every sampler does, to the bit, what it does in 32 bits, of which the transition matrices are checked.
#[test]
fn wide_samplers_are_the_narrow_ones_to_the_bit() {
    for family in Family::all() {
        let pairs = family.couplings.iter();
        let mut edges: Vec<_> = pairs
            .map(|&(i, j, w)| (i as u32, j as u32, f64::from(w) / 4.0))
            .collect();
        edges.sort_by_key(|&(i, j, _)| (i, j));
        let couplings = Couplings {
            h: family.fields.iter().map(|&h| f64::from(h) / 4.0).collect(),
            edges,
            problem: Problem::Ising,
        };
        let Lists::Narrow(narrow) = couplings.quantised(3.0).unwrap().lists else {
            panic!("quarters are narrow");
        };
        let wide = WideSparse::new(
            narrow.offsets(),
            narrow.neighbours(),
            narrow.weights().iter().map(|&w| i64::from(w)).collect(),
            narrow
                .fields()
                .iter()
                .map(|&h| i64::from(h))
                .collect::<Vec<_>>(),
            narrow.fraction_bits(),
        );
        let wide = wide.unwrap();
        for beta in BETAS {
            for rule in [UpdateRule::Glauber, UpdateRule::Metropolis] {
                assert_eq!(
                    all_samplers(&narrow, rule, beta),
                    all_samplers(&wide, rule, beta),
                    "{}, beta {beta}",
                    family.name
                );
            }
        }
    }
}
