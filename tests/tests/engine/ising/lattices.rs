//! Square lattices: enumeration of the smallest, Onsager's solution of the infinite one, and critical slowing down.

use super::{TorusCase, near};
use bitspin::evaluate::convergence::{Convergence, autocorrelation_time};
use bitspin::ising::{Graph, onsager, square};
use bitspin::validate::Random;
use bitspin_core::bits::{Bits, words};
use bitspin_core::ising::{Chain, ClusterBuffers, Colouring, Model, Temperature, UpdateRule};
use bitspin_core::network::Network;

/// How a chain moves.
#[derive(Clone, Copy, Debug)]
enum Move {
    Sweep(UpdateRule),
    Coloured(UpdateRule),
    Wolff,
}

const MOVES: [Move; 5] = [
    Move::Sweep(UpdateRule::Metropolis),
    Move::Sweep(UpdateRule::Glauber),
    Move::Coloured(UpdateRule::Metropolis),
    Move::Coloured(UpdateRule::Glauber),
    Move::Wolff,
];

/// Energies and magnetisations a spin after each move of one chain from all spins up, and the mean size of clusters.
struct Run {
    energy: Vec<f64>,
    magnetisation: Vec<f64>,
    cluster: f64,
}

fn run(
    lattice: &Graph,
    how: Move,
    beta: f64,
    draws: usize,
    burn_in: usize,
    random: &mut Random,
) -> Run {
    let n = lattice.units();
    let temperature = Temperature::new(beta, lattice.fraction_bits()).unwrap();
    let (mut state, mut fields) = (vec![0; words(n)], vec![0; n]);
    for i in 0..n {
        state[i / 64] |= 1 << (i % 64);
    }
    let bits = Bits::new(n, &mut state[..]).unwrap();
    let rng = random.chains(1).remove(0);
    let mut chain = Chain::new(lattice, bits, &mut fields, rng).unwrap();
    let (mut order, mut colours) = (vec![0; n], vec![0; n]);
    let colouring = Colouring::new(lattice, &mut order, &mut colours).unwrap();
    let (mut stack, mut members) = (vec![0; n], vec![0; words(n)]);
    let mut found = Run {
        energy: vec![],
        magnetisation: vec![],
        cluster: 0.0,
    };
    for draw in 0..draws + burn_in {
        match how {
            Move::Sweep(rule) => chain.sweep(rule, temperature),
            Move::Coloured(rule) => chain.sweep_coloured(rule, temperature, &colouring).unwrap(),
            Move::Wolff => {
                let (stack, members) = (&mut stack[..], &mut members[..]);
                let size = chain.wolff(temperature, &mut ClusterBuffers { stack, members });
                found.cluster += size.unwrap() as f64 / (draws + burn_in) as f64;
                0
            }
        };
        if draw >= burn_in {
            found.energy.push(lattice.real(chain.energy()) / n as f64);
            found
                .magnetisation
                .push(chain.magnetisation().abs() as f64 / n as f64);
        }
    }
    found
}

/// The mean is within so many of its own standard errors, which are small enough to say something.
#[track_caller]
fn within(draws: &[f64], expected: f64, errors: f64, largest: f64) {
    let found = Convergence::of(&[draws]).unwrap();
    assert!(
        found.standard_error < largest,
        "not measured well: {}",
        found.standard_error
    );
    let z = (found.mean - expected) / found.standard_error;
    assert!(
        z.abs() <= errors,
        "{} is {z} standard errors from {expected}",
        found.mean
    );
}

/// Null: means of energy and magnetisations are normal about the file's values. 5 moves x 4 temperatures x 3 means: 5.2
/// standard errors are exceeded by one in 80,000 seeds.
#[test]
fn the_torus_of_sixteen_spins_is_sampled() {
    let lattice = square(4, 4, 1, 0, 0).unwrap();
    let mut random = Random::new(31);
    for case in TorusCase::all() {
        for how in MOVES {
            let found = run(&lattice, how, case.beta, 20_000, 200, &mut random);
            let squares: Vec<f64> = found.magnetisation.iter().map(|m| m * m).collect();
            within(&found.energy, case.energy_per_spin, 5.2, 0.02);
            within(&found.magnetisation, case.abs_magnetisation, 5.2, 0.02);
            within(&squares, case.magnetisation_squared, 5.2, 0.02);
        }
    }
}

/// 64 x 64 against the infinite lattice: what is finite about it is far below the errors at these temperatures. Null as
/// above, within three standard errors: this seed's numbers, 6 comparisons a sampler.
#[test]
fn lattices_of_64_by_64_are_onsagers() {
    let lattice = square(64, 64, 1, 0, 0).unwrap();
    let mut random = Random::new(32);
    for (beta, published) in [(0.5, 0.911_319), (0.6, 0.973_609), (0.7, 0.990_163)] {
        near(onsager::magnetisation(beta), published, 1e-6);
        for (how, draws) in [
            (Move::Wolff, 2_000),
            (Move::Sweep(UpdateRule::Metropolis), 4_000),
            (Move::Coloured(UpdateRule::Glauber), 4_000),
        ] {
            let found = run(&lattice, how, beta, draws, draws / 10, &mut random);
            within(&found.magnetisation, published, 3.0, 0.001);
            within(&found.energy, onsager::energy(beta), 3.0, 0.002);
        }
    }
}

/// At the critical point single flips take hundreds of sweeps to forget a magnetisation on 64 x 64; clusters a few
/// steps of a fraction of the lattice each.
#[test]
fn clusters_do_not_slow_down_at_the_critical_point() {
    let lattice = square(64, 64, 1, 0, 0).unwrap();
    let mut random = Random::new(33);
    let single = run(
        &lattice,
        Move::Sweep(UpdateRule::Metropolis),
        onsager::CRITICAL,
        20_000,
        2_000,
        &mut random,
    );
    let cluster = run(
        &lattice,
        Move::Wolff,
        onsager::CRITICAL,
        6_000,
        500,
        &mut random,
    );
    let sweeps = autocorrelation_time(&[&single.magnetisation]).unwrap().time;
    let steps = autocorrelation_time(&[&cluster.magnetisation])
        .unwrap()
        .time;
    // A cluster step turns this share of the lattice: what it is worth in sweeps.
    let wolff = steps * cluster.cluster / 4096.0;
    println!(
        "autocorrelation time of |m|: Metropolis {sweeps:.0} sweeps, Wolff {steps:.1} clusters or {wolff:.1} sweeps"
    );
    assert!(
        sweeps > 100.0 && wolff < 10.0 && sweeps > 20.0 * wolff,
        "{sweeps}, {steps}, {wolff}"
    );
    // Both are unbiased all the same: L = 64 at the critical point has the energy that Kaufman found; 5 errors.
    let exact = kaufman_energy(64, onsager::CRITICAL);
    within(&cluster.energy, exact, 5.0, 0.005);
    within(&single.energy, exact, 5.0, 0.01);
}

/// ln Z of the L x L torus (Kaufman 1949, equation 90).
fn kaufman(side: usize, k: f64) -> f64 {
    let (l, double) = (side as f64, 2.0 * k);
    let gamma = |r: usize| -> f64 {
        if r == 0 {
            return double + k.tanh().ln();
        }
        let angle = std::f64::consts::PI * r as f64 / l;
        (double.cosh() / double.tanh() - angle.cos()).acosh()
    };
    let odd: Vec<f64> = (0..side).map(|r| gamma(2 * r + 1)).collect();
    let even: Vec<f64> = (0..side).map(|r| gamma(2 * r)).collect();
    // Of each product the logarithm of its magnitude; only the last may be negative, by its first factor.
    let ln = |gammas: &[f64], f: fn(f64) -> f64| -> f64 {
        gammas
            .iter()
            .map(|g| (2.0 * f(l * g / 2.0).abs()).ln())
            .sum()
    };
    let terms = [
        ln(&odd, f64::cosh),
        ln(&odd, f64::sinh),
        ln(&even, f64::cosh),
        ln(&even, f64::sinh),
    ];
    let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let signs = [1.0, 1.0, 1.0, even[0].signum()];
    let sum: f64 = terms
        .iter()
        .zip(signs)
        .map(|(t, sign)| sign * (t - top).exp())
        .sum();
    top + sum.ln() - 2_f64.ln() + 0.5 * l * l * (2.0 * double.sinh()).ln()
}

/// The energy per spin: minus the slope of ln Z.
fn kaufman_energy(side: usize, k: f64) -> f64 {
    let step = 1e-5;
    (kaufman(side, k - step) - kaufman(side, k + step)) / (2.0 * step * (side * side) as f64)
}

#[test]
fn kaufmans_solution_is_that_of_the_file_and_goes_to_onsagers() {
    for case in TorusCase::all() {
        near(kaufman(4, case.beta), case.ln_z, 1e-10);
        near(kaufman_energy(4, case.beta), case.energy_per_spin, 1e-7);
    }
    for beta in [0.2, 0.5, 0.7] {
        near(kaufman_energy(64, beta), onsager::energy(beta), 1e-6);
    }
}
