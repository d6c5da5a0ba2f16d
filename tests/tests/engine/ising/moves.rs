//! What must hold of any run: determinism, replicas, colourings, annealing, ladders.

use super::torus;
use bitspin::ising::square;
use bitspin::validate::{Random, SmallIsing};
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{
    Best, Chain, Colouring, Course, Dense, Exchange, Model, Schedule, Temperature, Tempering,
    UpdateRule, sweep_replicas,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

/// A dense model of couplings -9..=9 whose number of spins is no multiple of anything.
fn glass(units: usize, random: &mut Random) -> Dense<i8, Vec<i8>, Vec<i32>> {
    let mut w = vec![0; units * units];
    for i in 0..units {
        for j in 0..i {
            let coupling = random.number(9.0).round() as i8;
            (w[i * units + j], w[j * units + i]) = (coupling, coupling);
        }
    }
    let h = (0..units)
        .map(|_| random.number(9.0).round() as i32)
        .collect();
    Dense::new(units, w, h, 3).unwrap()
}

fn generators(count: usize) -> Vec<ChainRng> {
    let mut streams = Streams::new(5, Purpose::Chains);
    (0..count).map(|_| streams.next_chain()).collect()
}

/// Words and fields of chains, which borrow them.
struct Room {
    states: Vec<Vec<u64>>,
    fields: Vec<Vec<i32>>,
}

impl Room {
    fn new(units: usize, count: usize) -> Self {
        Self {
            states: vec![vec![0; words(units)]; count],
            fields: vec![vec![0; units]; count],
        }
    }

    fn chains<'a, M: Model>(&'a mut self, model: &'a M, rngs: &[ChainRng]) -> Vec<Chain<'a, M>> {
        let n = model.units();
        let parts = self.states.iter_mut().zip(&mut self.fields).zip(rngs);
        parts
            .map(|((state, fields), rng)| {
                let bits = Bits::new(n, &mut state[..]).unwrap();
                Chain::new(model, bits, &mut fields[..], rng.clone()).unwrap()
            })
            .collect()
    }
}

fn is_consistent<M: Model>(chain: &Chain<'_, M>) {
    let mut fields = vec![0; chain.model().units()];
    chain.model().prepare(chain.state().as_words(), &mut fields);
    assert_eq!(chain.fields(), fields);
    let energy = chain.model().energy(chain.state().as_words(), &fields);
    assert_eq!(chain.energy(), energy);
}

#[test]
fn replicas_are_what_they_would_be_alone() {
    let mut random = Random::new(41);
    for units in [2, 15, 16, 17, 63, 64, 100] {
        let model = glass(units, &mut random);
        let rngs = generators(5);
        let temperatures =
            [0.02, 0.1, 0.2, 0.5, 3.0].map(|beta| Temperature::new(beta, 3).unwrap());
        for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
            let (mut together, mut alone) = (Room::new(units, 5), Room::new(units, 5));
            let mut replicas = together.chains(&model, &rngs);
            let mut singles = alone.chains(&model, &rngs);
            let mut flips = [0; 2];
            for _ in 0..20 {
                flips[0] += sweep_replicas(&mut replicas, rule, &temperatures).unwrap();
                for (chain, &temperature) in singles.iter_mut().zip(&temperatures) {
                    flips[1] += chain.sweep(rule, temperature);
                }
            }
            assert_eq!(flips[0], flips[1]);
            for (a, b) in replicas.iter().zip(&singles) {
                assert_eq!(
                    (a.state(), a.energy(), a.rng()),
                    (b.state(), b.energy(), b.rng())
                );
                is_consistent(a);
            }
        }
    }
}

#[test]
fn a_sparse_model_moves_as_the_dense_one_does() {
    let lattice = square(5, 7, 3, -1, 1).unwrap();
    let mut w = vec![0; 35 * 35];
    (0..35).for_each(|i| lattice.couplings(i, |j, value| w[i * 35 + j] = value));
    let dense = Dense::new(35, w, vec![-1; 35], 1).unwrap();
    let (mut a, mut b) = (Room::new(35, 1), Room::new(35, 1));
    let rngs = generators(1);
    let (mut a, mut b) = (a.chains(&lattice, &rngs), b.chains(&dense, &rngs));
    let temperature = Temperature::new(0.4, 1).unwrap();
    for _ in 0..50 {
        a[0].sweep(UpdateRule::Metropolis, temperature);
        b[0].sweep(UpdateRule::Metropolis, temperature);
        a[0].random_sites(UpdateRule::Glauber, temperature, 21);
        b[0].random_sites(UpdateRule::Glauber, temperature, 21);
        assert_eq!((a[0].state(), a[0].energy()), (b[0].state(), b[0].energy()));
    }
    is_consistent(&a[0]);
}

#[test]
fn colourings_part_what_is_coupled_and_chequerboards_take_two() {
    for (lattice, colours) in [
        (square(6, 8, 1, 0, 0), Some(2)),
        (square(5, 5, 1, 0, 0), None),
    ] {
        let lattice = lattice.unwrap();
        let n = lattice.units();
        let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
        let colouring = Colouring::new(&lattice, &mut order, &mut scratch).unwrap();
        let mut seen = vec![false; n];
        for class in colouring.classes() {
            for &i in class {
                assert!(!std::mem::replace(&mut seen[i as usize], true));
                lattice.couplings(i as usize, |j, _| assert!(!class.contains(&(j as u32))));
            }
        }
        assert!(seen.iter().all(|&seen| seen));
        assert!(colours.is_none_or(|colours| colouring.classes().count() == colours));
    }
    let complete = |n: usize| {
        let mut w = vec![1_i8; n * n];
        (0..n).for_each(|i| w[i * n + i] = 0);
        let model = Dense::new(n, w, vec![0; n], 0).unwrap();
        let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
        let colouring = Colouring::new(&model, &mut order, &mut scratch);
        colouring.map(|colouring| colouring.classes().count())
    };
    assert_eq!(complete(64), Ok(64));
    assert!(complete(65).is_err());
}

/// Ground states of 16 random models of 14 spins, by enumeration: annealing finds each in one of four runs.
#[test]
fn annealing_finds_ground_states() {
    let mut random = Random::new(43);
    let schedule = Schedule::new(0.1, 8.0, 200, Course::Geometric).unwrap();
    for _ in 0..16 {
        let model = SmallIsing::random(14, 2.0, 1.0, &mut random);
        let lowest = model
            .reference
            .energies()
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        let rngs = random.chains(4);
        let mut room = Room::new(14, 4);
        let energies = room
            .chains(&model.engine, &rngs)
            .into_iter()
            .map(|mut chain| {
                let mut state = [0];
                chain.randomise();
                let mut best = Best::new(Bits::new(14, &mut state[..]).unwrap(), &chain).unwrap();
                chain
                    .anneal(UpdateRule::Metropolis, &schedule, &mut best)
                    .unwrap();
                let again = model.reference.energy(&bitspin::reference::ising::spins(
                    best.state().as_words()[0] as usize,
                    14,
                ));
                let energy = model.engine.real(best.energy());
                assert_eq!(energy, again);
                assert!(best.sweep() <= 200 && best.energy() <= chain.energy());
                is_consistent(&chain);
                energy
            });
        assert_eq!(energies.fold(f64::INFINITY, f64::min), lowest);
    }
}

#[test]
fn a_descent_ends_where_no_flip_helps() {
    let mut random = Random::new(44);
    let model = glass(130, &mut random);
    let mut room = Room::new(130, 1);
    let mut chain = room.chains(&model, &generators(1)).remove(0);
    chain.randomise();
    let before = chain.energy();
    assert!(chain.descend() > 0 && chain.energy() < before);
    for (i, &field) in chain.fields().iter().enumerate() {
        let own = if chain.state().get(i) == Some(true) {
            1
        } else {
            -1
        };
        assert!(own * field >= 0);
    }
    assert_eq!(chain.descend(), 0);
}

#[test]
fn ladders_exchange_and_adapt() {
    let lattice = square(8, 8, 1, 0, 0).unwrap();
    let mut room = Room::new(64, 5);
    let mut chains = room.chains(&lattice, &generators(5));
    let ladder = |betas: [f64; 5]| betas.map(|beta| Temperature::new(beta, 0).unwrap());
    let mut temperatures = ladder([0.2, 0.21, 0.22, 0.23, 0.7]);
    let mut exchanges = [Exchange::default(); 4];
    let mut tempering = Tempering::new(&mut chains, &mut temperatures, &mut exchanges).unwrap();
    let spread = |exchanges: &[Exchange]| {
        let rates = exchanges.iter().map(Exchange::rate);
        rates.clone().fold(0.0, f64::max) - rates.fold(1.0, f64::min)
    };
    for _ in 0..500 {
        tempering.sweep(UpdateRule::Metropolis);
    }
    let before = spread(tempering.exchanges());
    for _ in 0..6 {
        tempering.adapt(&mut [0.0; 5]).unwrap();
        for _ in 0..1000 {
            tempering.sweep(UpdateRule::Metropolis);
        }
    }
    let after = spread(tempering.exchanges());
    assert!(
        before > 0.6 && after < 0.25,
        "spread of acceptance {before}, then {after}"
    );
    let betas: Vec<f64> = tempering
        .temperatures()
        .iter()
        .map(Temperature::beta)
        .collect();
    assert!(
        betas.is_sorted() && betas[0] == 0.2 && betas[4] == 0.7,
        "{betas:?}"
    );
    tempering.chains().iter().for_each(is_consistent);
    let refused = |betas: &[f64]| {
        let mut room = Room::new(64, betas.len());
        let mut chains = room.chains(&lattice, &generators(betas.len()));
        let temperatures = betas.iter().map(|&beta| Temperature::new(beta, 0).unwrap());
        let mut temperatures: Vec<_> = temperatures.collect();
        let mut exchanges = vec![Exchange::default(); betas.len() - 1];
        Tempering::new(&mut chains, &mut temperatures, &mut exchanges).err()
    };
    assert!(refused(&[1.0]).is_some() && refused(&[1.0, 0.5]).is_some());
    assert!(refused(&[1.0, 1.0]).is_some() && refused(&[0.5, 1.0]).is_none());
}

/// Equal seeds, equal flips: what a chain of 16 spins is after a thousand sweeps, pinned.
#[test]
fn a_seed_is_a_trajectory() {
    let model = torus(4);
    let w: Vec<i8> = model.w.iter().map(|&w| w as i8).collect();
    let model = Dense::new(16, w, vec![0; 16], 0).unwrap();
    let mut room = Room::new(16, 1);
    let mut chain = room.chains(&model, &generators(1)).remove(0);
    let temperature = Temperature::new(0.3, 0).unwrap();
    let mut digest = 0_u64;
    for sweep in 0..1000 {
        let rule = [UpdateRule::Metropolis, UpdateRule::Glauber][sweep % 2];
        chain.sweep(rule, temperature);
        digest = digest.rotate_left(5) ^ chain.state().as_words()[0].wrapping_mul(0x9e37_79b9);
    }
    assert_eq!(digest, PINNED);
}

const PINNED: u64 = 1_537_976_864_034_740_731;

#[test]
fn impossible_schedules_are_refused() {
    for (first, last, sweeps) in [
        (0.0, 1.0, 9),
        (1.0, f64::INFINITY, 9),
        (1.0, f64::NAN, 9),
        (1.0, 2.0, 0),
    ] {
        assert!(Schedule::new(first, last, sweeps, Course::Linear).is_err());
    }
    let one = Schedule::new(0.5, 2.0, 1, Course::Linear).unwrap();
    assert_eq!(one.beta(0), 2.0);
    let three = Schedule::new(0.5, 2.5, 3, Course::Linear).unwrap();
    assert!(
        (0..4)
            .map(|sweep| three.beta(sweep))
            .eq([0.5, 1.5, 2.5, 2.5])
    );
}
