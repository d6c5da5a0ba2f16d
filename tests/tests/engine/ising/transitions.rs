//! Transition matrices of every sampler, and three planted faults that they show.

use bitspin::reference::ising::{metropolis, product};
use bitspin::validate::Random;
use bitspin::validate::transition::{BETAS, Family, Law, Matrix, Path, Verdict, laws};
use bitspin_core::ising::{Temperature, UpdateRule};

const RULES: [UpdateRule; 2] = [UpdateRule::Glauber, UpdateRule::Metropolis];

/// The verdict on sweeps in an order.
fn verdict(family: &Family, order: &[usize], beta: f64, flips: &impl laws::Flips) -> Verdict {
    let matrix = laws::sweep(family, order, flips);
    let distribution = family.reference().distribution(beta);
    let rounding = laws::rounding(family, flips, &distribution);
    Verdict::of(&matrix, &distribution, rounding)
}

fn ascending(family: &Family) -> Vec<usize> {
    (0..family.units()).collect()
}

/// pi P = pi, and 1 is the only eigenvalue of modulus 1, for every sampler on every kind of graph at every temperature.
#[test]
fn every_sampler_keeps_the_distribution_and_forgets_its_start() {
    for (law, name) in Law::ALL {
        let mut longest = [0.0_f64; BETAS.len()];
        for family in Family::all() {
            for (longest, beta) in longest.iter_mut().zip(BETAS) {
                let Some(found) = law.verdict(&family, beta).unwrap() else {
                    continue;
                };
                assert!(
                    found.passed(),
                    "{name}, {}, beta {beta}: {found:?}",
                    family.name
                );
                *longest = longest.max(found.relaxation.unwrap());
            }
        }
        println!("{name}: longest relaxation times {longest:.3?} sweeps at beta {BETAS:?}");
    }
}

/// The engine decides by these thresholds, in every way that it has of making a sweep.
#[test]
fn the_engine_decides_by_its_thresholds() {
    let mut random = Random::new(41);
    for (path, name) in Path::ALL {
        let mut states = 0;
        for family in Family::all() {
            for beta in BETAS {
                for rule in RULES {
                    let (wrong, all) = path.differences(&family, rule, beta, &mut random).unwrap();
                    assert_eq!(
                        wrong, 0,
                        "{name}, {rule:?}, {}, beta {beta}: of {all}",
                        family.name
                    );
                    states += all;
                }
            }
        }
        assert!(states > 900, "{name}: only {states} states");
    }
}

/// The first planted fault: flips that cost nothing are certain, in a fixed order.
#[test]
fn certain_ties_in_a_fixed_order_are_found_out() {
    let mut caught = vec![];
    for family in Family::all() {
        for beta in BETAS {
            let temperature = Temperature::new(beta, 2).unwrap();
            let flips = |up: bool, field: i32| {
                let along = if up { field } else { -field };
                let words = temperature.threshold(UpdateRule::Metropolis, along);
                words as f64 / 4_294_967_296.0 / 0.875
            };
            let found = verdict(&family, &ascending(&family), beta, &flips);
            // It keeps the distribution, which is why no average of one sweep tells.
            assert!(
                found.stationary_error <= found.bound,
                "{}: {found:?}",
                family.name
            );
            if !found.passed() {
                caught.push((family.name.clone(), beta));
            }
        }
    }
    for name in [
        "ring of 3, J 4/4",
        "ring of 4, J 4/4",
        "ring of 6, J 4/4",
        "K(2,4)",
        "complete graph of 5",
        "2 x 2 lattice",
        "4 spins without couplings",
    ] {
        let found = caught.iter().filter(|(caught, _)| caught == name).count();
        assert!(found >= 4, "{name}: only at {found} temperatures");
    }
    let free = Family::all().len();
    assert!(caught.iter().filter(|(_, beta)| *beta == 0.0).count() == free);
}

/// Heat bath ties in a fixed order are random, whatever the temperature.
#[test]
fn ties_are_even_by_the_heat_bath() {
    for beta in BETAS {
        let temperature = Temperature::new(beta, 2).unwrap();
        assert_eq!(temperature.threshold(UpdateRule::Glauber, 0), 1 << 31);
        assert_eq!(temperature.threshold(UpdateRule::Metropolis, 0), 7 << 29);
    }
}

/// The second: a spin is never visited. The distribution stays as it is, so only the eigenvalues tell.
#[test]
fn a_spin_that_is_never_visited_is_found_out() {
    for family in Family::all() {
        for beta in BETAS {
            for rule in RULES {
                let mut order = ascending(&family);
                order.remove(family.units() / 2);
                let found = verdict(&family, &order, beta, &laws::engine(rule, beta));
                assert!(found.stationary_error <= found.bound);
                assert_eq!(found.relaxation, None, "{}, beta {beta}", family.name);
            }
        }
    }
}

/// The third: beta is off by 1%.
#[test]
fn a_beta_that_is_off_by_one_in_a_hundred_is_found_out() {
    for family in Family::all() {
        let alone = family.couplings.is_empty() && family.fields.iter().all(|&h| h == 0);
        for beta in BETAS.into_iter().filter(|&beta| beta > 0.0 && !alone) {
            for rule in RULES {
                let found = verdict(
                    &family,
                    &ascending(&family),
                    beta,
                    &laws::engine(rule, 1.01 * beta),
                );
                assert!(
                    found.stationary_error > 2.0 * found.bound,
                    "{}, beta {beta}: {found:?}",
                    family.name
                );
            }
        }
    }
}

/// Colder than thresholds of 2^-32 resolve, a state without a way out is one: this is what the check then says.
#[test]
fn states_without_a_way_out_are_found_out() {
    let pairs = (0..6).flat_map(|i| (0..i).map(move |j| (j, i, 4)));
    let mut family = Family::all().remove(0);
    family.couplings = pairs.collect();
    family.fields = vec![0; 6];
    let at = |beta| {
        verdict(
            &family,
            &ascending(&family),
            beta,
            &laws::engine(UpdateRule::Glauber, beta),
        )
    };
    assert!(at(1.0).passed());
    // A flip of a spin among five of its own costs 10.
    assert_eq!(at(3.0).relaxation, None);
}

/// The matrices are those of the float64 reference.
#[test]
fn matrices_are_those_of_the_reference() {
    for family in Family::all().iter().filter(|family| family.units() <= 4) {
        let reference = family.reference();
        for beta in [0.01, 1.0] {
            let expected = reference.sweep(|cost| metropolis(beta, cost));
            let flips = laws::engine(UpdateRule::Metropolis, beta);
            let found = laws::sweep(family, &ascending(family), &flips);
            let squared = product(&expected, &expected).concat();
            for (found, expected) in [
                (found.clone(), expected.concat()),
                (found.power(2), squared),
            ] {
                let size = 1 << family.units();
                let zero = Matrix::from_rows(size, expected);
                let far = Matrix::mixture(size, [(1.0, found), (-1.0, zero)]);
                assert!(far.largest() < 1e-6);
            }
        }
    }
}
