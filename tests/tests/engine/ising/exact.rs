//! Enumeration, in the engine and in the reference, against results of other hands.

use super::{Case, TorusCase, near, torus};
use bitspin::reference::ising::spins;
use bitspin_core::exact::IsingEnumeration;

#[test]
fn the_reference_agrees_with_the_file() {
    for case in Case::all() {
        let (model, n) = (case.ising(), case.n);
        near(model.ln_z(case.beta), case.ln_z, 1e-12);
        let p = model.distribution(case.beta);
        for (at, &a) in case.states.iter().enumerate() {
            near(model.energy(&spins(a, n)), case.energies[at], 1e-12);
            near(p[a], case.probabilities[at], 1e-13);
        }
        let moments = model.moments(&p);
        near(moments.energy, case.mean_energy, 1e-12);
        let s = spins(case.states[0], n);
        for i in 0..n {
            near(model.flip_cost(&s, i), case.flip_delta_energy[i], 1e-12);
            near(moments.spin[i], case.mean_spin[i], 1e-12);
            for j in 0..n {
                near(
                    moments.correlation[i * n + j],
                    case.correlation[i][j],
                    1e-12,
                );
            }
        }
    }
}

#[test]
fn enumeration_agrees_with_the_file() {
    for case in Case::all() {
        let (n, w) = (case.n, case.w.concat());
        let exact = IsingEnumeration::new(&w, &case.h, case.beta).unwrap();
        let partition = exact.partition();
        let ln_z = exact.ln_z_of(&partition);
        near(ln_z, case.ln_z, 1e-12);
        for (at, &a) in case.states.iter().enumerate() {
            near(exact.energy(a), case.energies[at], 1e-12);
            near(
                exact.ln_probability(&partition, a).exp(),
                case.probabilities[at],
                1e-13,
            );
        }
        let (mut spin, mut correlation) = (vec![9.0; n], vec![9.0; n * n]);
        let means = exact
            .moments(&partition, &mut spin, &mut correlation)
            .unwrap();
        near(means.energy, case.mean_energy, 1e-12);
        near(means.entropy, case.entropy, 1e-11);
        for i in 0..n {
            near(spin[i], case.mean_spin[i], 1e-12);
            for j in 0..n {
                near(correlation[i * n + j], case.correlation[i][j], 1e-12);
            }
        }
    }
}

#[test]
fn the_torus_of_sixteen_spins_is_as_the_file_says() {
    for case in TorusCase::all() {
        let model = torus(4);
        let exact = IsingEnumeration::new(&model.w, &model.h, case.beta).unwrap();
        near(exact.ln_z(), case.ln_z, 1e-11);
        let (mut spin, mut correlation) = ([0.0; 16], [0.0; 256]);
        let means = exact.moments(&exact.partition(), &mut spin, &mut correlation);
        near(means.unwrap().energy / 16.0, case.energy_per_spin, 1e-12);
        let squared = correlation.iter().sum::<f64>() / 256.0;
        near(squared, case.magnetisation_squared, 1e-12);
        let p = model.distribution(case.beta);
        let magnetisation = |a: usize| spins(a, 16).iter().sum::<f64>().abs() / 16.0;
        let mean: f64 = p
            .iter()
            .enumerate()
            .map(|(a, p)| p * magnetisation(a))
            .sum();
        near(mean, case.abs_magnetisation, 1e-12);
    }
}

/// 2^17 states, more than a part's [`RESYNC`](bitspin_core::exact::RESYNC): a ring in a field, by its transfer matrix,
/// ln Z = ln(a^n + b^n).
#[test]
fn a_ring_is_as_its_transfer_matrix_says() {
    let (n, coupling, h, beta) = (17, 0.7, 0.3, 0.9);
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        let j = (i + 1) % n;
        (w[i * n + j], w[j * n + i]) = (coupling, coupling);
    }
    let fields = vec![h; n];
    let exact = IsingEnumeration::new(&w, &fields, beta).unwrap();
    let (cosh, sinh) = ((beta * h).cosh(), (beta * h).sinh());
    let eigenvalues = |coupling: f64, sign: f64| {
        let e = (beta * coupling).exp();
        e * cosh + sign * (e * e * sinh * sinh + (-2.0 * beta * coupling).exp()).sqrt()
    };
    let ln_z = |j: f64| (eigenvalues(j, 1.0).powi(17) + eigenvalues(j, -1.0).powi(17)).ln();
    near(exact.ln_z(), ln_z(coupling), 1e-11);
    let (mut spin, mut correlation) = (vec![0.0; n], vec![0.0; n * n]);
    exact
        .moments(&exact.partition(), &mut spin, &mut correlation)
        .unwrap();
    // <s_i s_(i+1)> is the derivative of ln Z by beta J, a n-th of it.
    let step = 1e-5;
    let slope = (ln_z(coupling + step) - ln_z(coupling - step)) / (2.0 * step * beta);
    for i in 0..n {
        near(correlation[i * n + (i + 1) % n], slope / 17.0, 1e-9);
        near(spin[i], spin[0], 1e-12);
    }
    assert!(spin[0] > 0.5);
}

/// Two ground states of -6 whatever the temperature, and the states above them counted apart: the glass of seven bonds, and
/// one of bonds that no binary fraction holds, whose two ground states differ by rounding where floats are added up.
#[test]
fn cold_models_rest_in_their_ground_states() {
    let glass = |scale: f64| {
        let mut w = vec![0.0; 36];
        for (i, j, weight) in [
            (0, 1, 1.0),
            (1, 2, -1.0),
            (2, 3, 2.0),
            (3, 4, 1.0),
            (4, 5, 1.0),
            (0, 5, -1.0),
            (1, 4, 1.0),
        ] {
            (w[i * 6 + j], w[j * 6 + i]) = (-weight * scale, -weight * scale);
        }
        w
    };
    let h = [0.0; 6];
    for (scale, ground) in [(1.0, -6.0), (0.1, -0.6), (1e-7 / 3.0, -2e-7)] {
        for beta in [1e3, 1e9, 1e16, 1e200] {
            let w = glass(scale);
            let beta = beta / scale;
            let exact = IsingEnumeration::new(&w, &h, beta).unwrap();
            let partition = exact.partition();
            let (mut spin, mut correlation) = ([0.0; 6], [0.0; 36]);
            let means = exact
                .moments(&partition, &mut spin, &mut correlation)
                .unwrap();
            near(means.energy / scale, ground / scale, 1e-12);
            near(means.entropy, std::f64::consts::LN_2, 1e-12);
            near(correlation[1].abs(), 1.0, 1e-12);
            let mut p = vec![9.0; 64];
            exact.distribution(&partition, &mut p).unwrap();
            near(p.iter().sum(), 1.0, 1e-12);
            assert_eq!(p.iter().filter(|&&p| p == 0.5).count(), 2, "beta {beta}");
            let top = p.iter().position(|&p| p == 0.5).unwrap();
            near(
                exact.ln_probability(&partition, top),
                -std::f64::consts::LN_2,
                1e-12,
            );
            let ln_z = exact.ln_z() / beta;
            near(ln_z / scale, -ground / scale, 1e-2);
        }
    }
    // Couplings that differ by ten orders of magnitude, and a temperature that tells the least of them.
    let (large, small) = (1e5, 3e-6);
    let w = [0.0, large, 0.0, large, 0.0, small, 0.0, small, 0.0];
    let beta = 1e6;
    let exact = IsingEnumeration::new(&w, &[0.0; 3], beta).unwrap();
    let (mut spin, mut correlation) = ([0.0; 3], [0.0; 9]);
    let means = exact.moments(&exact.partition(), &mut spin, &mut correlation);
    near(correlation[5], (beta * small).tanh(), 1e-9);
    near(
        means.unwrap().energy,
        -large - small * (beta * small).tanh(),
        1e-9,
    );
}

#[test]
fn bad_parameters_are_refused() {
    let refused =
        |w: &[f64], h: &[f64], beta| IsingEnumeration::new(w, h, beta).unwrap_err().to_string();
    assert!(refused(&[], &[], 1.0).contains("the number of spins"));
    assert!(refused(&[0.0; 625], &[0.0; 25], 1.0).contains("1 to 24"));
    assert!(refused(&[0.0; 3], &[0.0; 2], 1.0).contains("couplings: expected 4 elements, found 3"));
    assert!(refused(&[0.0, 1.0, 2.0, 0.0], &[0.0; 2], 1.0).contains("symmetric"));
    assert!(refused(&[0.0, 1.0, 1.0, 0.5], &[0.0; 2], 1.0).contains("diagonal"));
    assert!(refused(&[0.0, f64::NAN, 1.0, 0.0], &[0.0; 2], 1.0).contains("position 1"));
    assert!(refused(&[0.0], &[f64::INFINITY], 1.0).contains("external fields"));
    let large = [0.0, 1e308, 1e308, 0.0];
    assert!(refused(&large, &[1e308, 0.0], 1.0).contains("finite"));
    assert!(refused(&large, &[0.0; 2], 1e10).contains("finite times beta"));
    let spread = [0.0, 1e30, 1e30, 0.0];
    assert!(refused(&spread, &[1e-30, 0.0], 1e20).contains("2^-124"));
    for beta in [-1.0, f64::INFINITY, f64::NAN] {
        assert!(refused(&[0.0], &[0.0], beta).contains("beta"));
    }
}
