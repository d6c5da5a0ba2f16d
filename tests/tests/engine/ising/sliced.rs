//! Replicas of one bit each: every one the chain that it would be alone, and all of them the right distribution.

use super::{TorusCase, near};
use bitspin::evaluate::convergence::Convergence;
use bitspin::ising::{Graph, square};
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Chain, Colouring, Sliced, Sparse, Temperature, UpdateRule};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

fn generators(count: usize) -> Vec<ChainRng> {
    let mut streams = Streams::new(6, Purpose::Chains);
    (0..count).map(|_| streams.next_chain()).collect()
}

/// A square lattice whose couplings are +-2 halves, in turn.
fn glass(rows: usize, columns: usize, field: i32) -> Graph {
    let lattice = square(rows, columns, 2, field, 1).unwrap();
    let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
    for i in 0..lattice.units() {
        let (row, couplings) = lattice.row(i);
        for (&j, &w) in row.iter().zip(couplings) {
            let sign = if (i as u32 ^ j).count_ones() % 3 == 1 {
                -1
            } else {
                1
            };
            neighbours.push(j);
            weights.push(sign * w);
        }
        offsets.push(neighbours.len() as u32);
    }
    Sparse::new(
        offsets,
        neighbours,
        weights,
        vec![field; lattice.units()],
        1,
    )
    .unwrap()
}

/// A ring: two neighbours a spin, three colours if it is odd.
fn ring(units: usize) -> Graph {
    let (mut offsets, mut neighbours) = (vec![0], vec![]);
    for i in 0..units {
        let mut both = [(i + 1) % units, (i + units - 1) % units];
        both.sort_unstable();
        neighbours.extend(both.map(|j| j as u32));
        offsets.push(neighbours.len() as u32);
    }
    Sparse::new(offsets, neighbours, vec![-3; 2 * units], vec![0; units], 2).unwrap()
}

fn agrees(model: &Graph, replicas: usize, rule: UpdateRule, temperature: Temperature) {
    let n = model.units();
    let (mut order, mut scratch) = (vec![0; n], vec![0; n]);
    let colouring = Colouring::new(model, &mut order, &mut scratch).unwrap();
    let (mut spins, mut rngs) = (vec![0; n], generators(replicas));
    let mut sliced = Sliced::new(model, colouring, &mut spins, &mut rngs).unwrap();
    for _ in 0..30 {
        sliced.sweep(rule, temperature);
    }
    let (energies, magnetisations) = (sliced.energies(), sliced.magnetisations());
    for (replica, rng) in generators(replicas).into_iter().enumerate() {
        let (mut state, mut fields) = (vec![0; words(n)], vec![0; n]);
        let bits = Bits::new(n, &mut state[..]).unwrap();
        let mut chain = Chain::new(model, bits, &mut fields, rng).unwrap();
        for _ in 0..30 {
            chain.sweep_coloured(rule, temperature, &colouring).unwrap();
        }
        let mut found = Bits::new(n, vec![0; words(n)]).unwrap();
        sliced.state(replica, &mut found).unwrap();
        assert_eq!(
            found.as_bits(),
            chain.state(),
            "replica {replica} of {replicas}, {rule:?}"
        );
        assert_eq!(energies[replica], chain.energy());
        assert_eq!(magnetisations[replica], chain.magnetisation());
    }
}

#[test]
fn replicas_are_the_chains_of_their_generators() {
    let models = [
        square(4, 4, 1, 0, 1).unwrap(),
        square(6, 10, 1, 1, 1).unwrap(),
        square(5, 7, -1, 0, 1).unwrap(),
        square(3, 11, 2, -3, 1).unwrap(),
        glass(8, 8, 0),
        glass(7, 9, 1),
        ring(5),
        ring(66),
    ];
    for model in models {
        let bits = bitspin_core::ising::Model::fraction_bits(&model);
        for (beta, replicas) in [(0.05, 64), (0.5, 17), (2.0, 1), (0.8, 64)] {
            let temperature = Temperature::new(beta, bits).unwrap();
            agrees(&model, replicas, UpdateRule::Metropolis, temperature);
            agrees(&model, replicas, UpdateRule::Glauber, temperature);
        }
    }
}

/// Random numbers whose upper halves tie with a threshold come once in 65,536: 2^20 attempts per replica of a small
/// lattice hold some hundreds.
#[test]
fn ties_are_settled_as_chains_do() {
    let model = ring(64);
    let temperature = Temperature::new(0.3, 2).unwrap();
    let (mut order, mut scratch) = (vec![0; 64], vec![0; 64]);
    let colouring = Colouring::new(&model, &mut order, &mut scratch).unwrap();
    let (mut spins, mut rngs) = (vec![0; 64], generators(64));
    let mut sliced = Sliced::new(&model, colouring, &mut spins, &mut rngs).unwrap();
    let (mut state, mut fields) = ([0], [0; 64]);
    let bits = Bits::new(64, &mut state[..]).unwrap();
    let rng = generators(64).remove(40);
    let mut chain = Chain::new(&model, bits, &mut fields, rng).unwrap();
    for _ in 0..1 << 14 {
        sliced.sweep(UpdateRule::Glauber, temperature);
        chain
            .sweep_coloured(UpdateRule::Glauber, temperature, &colouring)
            .unwrap();
        let mut found = Bits::new(64, [0]).unwrap();
        sliced.state(40, &mut found).unwrap();
        assert_eq!(found.as_bits(), chain.state());
    }
}

/// Null: 64 independent replicas, whose means over 400 sweeps are normal about the file's value; 5.2 standard errors of
/// them are exceeded by one of the 16 comparisons in 300,000 seeds.
#[test]
fn replicas_have_the_toruss_moments() {
    let model = square(4, 4, 1, 0, 0).unwrap();
    let (mut order, mut scratch) = (vec![0; 16], vec![0; 16]);
    let colouring = Colouring::new(&model, &mut order, &mut scratch).unwrap();
    for case in TorusCase::all() {
        let temperature = Temperature::new(case.beta, 0).unwrap();
        for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
            let (mut spins, mut rngs) = (vec![0; 16], generators(64));
            let mut sliced = Sliced::new(&model, colouring, &mut spins, &mut rngs).unwrap();
            let (mut energies, mut magnetisations) = (vec![vec![]; 64], vec![vec![]; 64]);
            for sweep in 0..1_200 {
                sliced.sweep(rule, temperature);
                if sweep < 200 {
                    continue;
                }
                let (e, m) = (sliced.energies(), sliced.magnetisations());
                for replica in 0..64 {
                    energies[replica].push(e[replica] as f64 / 16.0);
                    magnetisations[replica].push(m[replica].abs() as f64 / 16.0);
                }
            }
            for (draws, expected) in [
                (&energies, case.energy_per_spin),
                (&magnetisations, case.abs_magnetisation),
            ] {
                let found = Convergence::of(draws).unwrap();
                assert!(found.standard_error < 0.01);
                near(found.mean, expected, 5.2 * found.standard_error);
            }
        }
    }
}

#[test]
fn irregular_models_are_refused() {
    let (mut order, mut scratch) = (vec![0; 6], vec![0; 6]);
    let narrow = square(2, 3, 1, 0, 0).unwrap();
    let colouring = Colouring::new(&narrow, &mut order, &mut scratch).unwrap();
    let refused = |model: &Graph, spins: usize, replicas: usize| {
        let (mut spins, mut rngs) = (vec![0; spins], generators(replicas));
        Sliced::new(model, colouring, &mut spins, &mut rngs)
            .err()
            .map(|error| error.to_string())
    };
    assert!(refused(&narrow, 6, 1).unwrap().contains("one magnitude"));
    let ring = ring(6);
    assert_eq!(refused(&ring, 6, 64), None);
    assert!(
        refused(&ring, 5, 1)
            .unwrap()
            .contains("spins: expected 6 elements, found 5")
    );
    assert!(refused(&ring, 6, 0).unwrap().contains("1 to 64"));
    assert!(refused(&ring, 6, 65).unwrap().contains("1 to 64"));
}
