//! What is measured of models, against the float64 reference and results made elsewhere.

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Images};
use bitspin::engine::engine;
use bitspin::evaluate;
use bitspin::model_file::RbmParameters;
use bitspin::reference::{self, state, states};
use bitspin_core::Error;
use bitspin_core::rng::Purpose;
use proptest::prelude::*;
use serde::Deserialize;

/// Numbers from `-1..1`, from a seed.
fn random(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

fn model(visible: usize, hidden: usize, scale: f32, seed: u64) -> RbmParameters {
    let mut next = random(seed);
    RbmParameters {
        visible,
        hidden,
        w: (0..visible * hidden).map(|_| scale * next()).collect(),
        visible_bias: (0..visible).map(|_| scale * next()).collect(),
        hidden_bias: (0..hidden).map(|_| scale * next()).collect(),
    }
}

fn reference_of(model: &RbmParameters) -> reference::Rbm {
    let wide = |values: &[f32]| values.iter().map(|&x| x.into()).collect();
    let (b, c) = (&model.visible_bias, &model.hidden_bias);
    reference::Rbm::new(wide(&model.w), wide(b), wide(c))
}

fn sum_of_magnitudes(model: &RbmParameters) -> f64 {
    let biases = model.visible_bias.iter().chain(&model.hidden_bias);
    let all = model.w.iter().chain(biases);
    all.map(|x| f64::from(x.abs())).sum()
}

/// Random images of a fifth of their units set, and the same as lists.
fn images(units: usize, count: usize, seed: u64) -> (BitMatrix, Vec<Vec<f64>>) {
    let mut next = random(seed);
    let set = |x: f32| if x < -0.6 { 1.0 } else { 0.0 };
    let rows: Vec<f32> = (0..units * count).map(|_| set(next())).collect();
    let lists = rows.chunks(units);
    let lists = lists.map(|row| row.iter().map(|&x| x.into()).collect());
    let lists = lists.collect();
    (BitMatrix::from_numbers(units, &rows).unwrap(), lists)
}

#[track_caller]
fn near(what: &str, found: f64, expected: f64, bound: f64) {
    let error = (found - expected).abs();
    assert!(
        error <= bound,
        "{what} is {found}, expected {expected} within {bound}"
    );
}

/// The bound on a free energy's error that the documentation states.
fn rounding(model: &RbmParameters) -> f64 {
    let terms = (model.visible + model.hidden + 40) as f64;
    2_f64.powi(-53) * terms * (sum_of_magnitudes(model) + model.hidden as f64)
}

/// Holds free energies and the pseudo-likelihood to their bounds, twice over: the reference rounds as well.
#[track_caller]
fn agrees_with_the_reference(model: &RbmParameters, packed: &BitMatrix, lists: &[Vec<f64>]) {
    let reference = reference_of(model);
    let bound = 2.0 * rounding(model);
    let free = evaluate::free_energies(model, packed, 1).unwrap();
    assert_eq!(free.len(), lists.len());
    let mut mean = 0.0;
    for (found, v) in free.iter().zip(lists) {
        let expected = reference.free_energy(v);
        near("F(v)", *found, expected, bound);
        mean += expected / lists.len() as f64;
    }
    let found = evaluate::free_energy(model, packed, 1).unwrap();
    near("mean F", found, mean, bound);
    let pseudo = evaluate::pseudo_log_likelihood(model, packed, 1).unwrap();
    let expected = reference.pseudo_log_likelihood(lists);
    let bound = 2.0 * model.visible as f64 * bound;
    near("pseudo", pseudo, expected, bound);
}

#[derive(Deserialize)]
struct Case {
    visible: usize,
    hidden: usize,
    w: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    ln_z: f64,
    data: Vec<usize>,
    log_likelihood: f64,
    pseudo_log_likelihood: f64,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[test]
fn likelihoods_agree_with_the_file() {
    let file: File = serde_json::from_str(include_str!("../../data/rbm_exact.json")).unwrap();
    assert_eq!(file.cases.len(), 4);
    for case in file.cases {
        // Rounding the parameters to float32 moves no free energy and no ln Z by more than the sum of the changes.
        let mut rounding = 0.0;
        let mut narrow = |values: &[f64]| -> Vec<f32> {
            let changes = values.iter().map(|&x| (x - f64::from(x as f32)).abs());
            rounding += changes.sum::<f64>();
            values.iter().map(|&x| x as f32).collect()
        };
        let model = RbmParameters {
            visible: case.visible,
            hidden: case.hidden,
            w: narrow(&case.w.concat()),
            visible_bias: narrow(&case.visible_bias),
            hidden_bias: narrow(&case.hidden_bias),
        };
        assert!(rounding < 2e-5, "{rounding}");
        let lists: Vec<_> = case.data.iter().map(|&v| state(v, case.visible)).collect();
        let bits = case.data.iter().map(|&v| v as u64).collect();
        let packed = BitMatrix::from_bits(case.visible, bits).unwrap();
        let ln_z = evaluate::ln_z(&model, 2).unwrap();
        near("ln Z", ln_z, case.ln_z, rounding + 1e-9);
        let found = evaluate::log_likelihood(&model, ln_z, &packed, 2).unwrap();
        near("ln p", found, case.log_likelihood, 2.0 * rounding + 1e-9);
        let found = evaluate::pseudo_log_likelihood(&model, &packed, 2).unwrap();
        let bound = 2.0 * case.visible as f64 * rounding + 1e-9;
        near("pseudo", found, case.pseudo_log_likelihood, bound);
        // Of the rounded parameters the reference says the same to many more digits.
        let rounded = reference_of(&model);
        near("ln Z", ln_z, rounded.ln_z(), 1e-9);
        let expected = rounded.pseudo_log_likelihood(&lists);
        near("pseudo", found, expected, 1e-12 * expected.abs());
        agrees_with_the_reference(&model, &packed, &lists);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn free_energies_and_pseudo_likelihoods_agree_with_the_reference(
        visible in 1_usize..=70,
        hidden in 1_usize..=40,
        scale in prop::sample::select(vec![0.0_f32, 0.01, 1.0, 5.0, 40.0, 599.0, 1e5]),
        seed: u64,
    ) {
        let (packed, lists) = images(visible, 3, seed);
        agrees_with_the_reference(&model(visible, hidden, scale, seed), &packed, &lists);
    }
}

#[test]
fn boundary_sizes_agree_with_the_reference() {
    for visible in [1, 15, 16, 17, 63, 64, 65, 128] {
        for hidden in [1, 8, 31, 32, 33, 64] {
            let (packed, lists) = images(visible, 2, 5);
            agrees_with_the_reference(&model(visible, hidden, 1.0, 6), &packed, &lists);
        }
    }
}

#[test]
fn many_saturated_hidden_units_do_not_overflow_products() {
    // Every factor is near its end, e^(+-5): 400 of them are beyond float64.
    for sign in [-1.0, 1.0] {
        let mut model = model(20, 400, 0.01, 7);
        model.w.iter_mut().for_each(|w| *w += sign * 5.0);
        model.hidden_bias.fill(-sign * 40.0);
        let (packed, lists) = images(20, 4, 8);
        agrees_with_the_reference(&model, &packed, &lists);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let model = model(90, 11, 0.5, 9);
    let (packed, _) = images(90, 333, 10);
    let engine = engine(&model).unwrap();
    let all = |threads: usize| {
        let gibbs = evaluate::reconstruction(&engine, &packed, 3, threads).unwrap();
        [
            evaluate::ln_z(&model, threads).unwrap(),
            evaluate::free_energy(&model, &packed, threads).unwrap(),
            evaluate::pseudo_log_likelihood(&model, &packed, threads).unwrap(),
            gibbs.reconstruction_mse,
            gibbs.free_energy_gap,
        ]
        .map(f64::to_bits)
    };
    let one = all(1);
    for threads in [0, 2, 3, 100] {
        assert_eq!(all(threads), one, "{threads} threads");
    }
}

/// A mean of `n` draws lies within this of its expectation, but for one in two million.
fn five_sigma(variance: f64, n: usize) -> f64 {
    5.0 * (variance / n as f64).sqrt()
}

#[test]
fn reconstructions_have_their_exact_expectation() {
    const DRAWS: usize = 20_000;
    let mut model = model(5, 4, 2.0, 11);
    // Numbers that the engine holds without rounding.
    let hold = |x: &mut f32| *x = (*x * 256.0).round() / 256.0;
    model.w.iter_mut().for_each(hold);
    model.visible_bias.iter_mut().for_each(hold);
    model.hidden_bias.iter_mut().for_each(hold);
    let (reference, engine) = (reference_of(&model), engine(&model).unwrap());
    for start in [0, 13, 31] {
        let v = state(start, 5);
        let packed = BitMatrix::from_bits(5, vec![start as u64; DRAWS]).unwrap();
        let found = evaluate::reconstruction(&engine, &packed, 12, 2).unwrap();

        let p_hidden = reference.p_hidden(&v);
        let (mut mean, mut square) = (0.0, 0.0);
        for h in states(4) {
            let h = state(h, 4);
            let p: f64 = h
                .iter()
                .zip(&p_hidden)
                .map(|(&h, p)| if h == 1.0 { *p } else { 1.0 - p })
                .product();
            let reconstruction = reference.p_visible(&h);
            let squares = v.iter().zip(&reconstruction).map(|(v, p)| (v - p).powi(2));
            let mse = squares.sum::<f64>() / 5.0;
            mean += p * mse;
            square += p * mse * mse;
        }
        // Probabilities are within 5e-5 and differences rounded to 1/4096.
        let bound = five_sigma(square - mean * mean, DRAWS) + 3e-4;
        near("mse", found.reconstruction_mse, mean, bound);

        let (mut mean, mut square) = (0.0, 0.0);
        let free = reference.free_energy(&v);
        for (after, p) in reference.gibbs_transition(&v).into_iter().enumerate() {
            let gap = free - reference.free_energy(&state(after, 5));
            mean += p * gap;
            square += p * gap * gap;
        }
        let bound = five_sigma(square - mean * mean, DRAWS) + 1e-6;
        near("gap", found.free_energy_gap, mean, bound);
    }
}

#[test]
fn reconstructions_do_not_draw_the_numbers_that_made_their_image() {
    const DRAWS: usize = 20_000;
    // Were h decided by the number that decided v, h would be set twice as often where v is, and never where it is not.
    let model = RbmParameters {
        visible: 1,
        hidden: 1,
        w: vec![1.0],
        visible_bias: vec![-0.5],
        hidden_bias: vec![-2.0],
    };
    let grey = Images::new(1, 1, vec![128; DRAWS]).unwrap();
    let packed = BitMatrix::binarise(&grey, Binarisation::Stochastic, 5, Purpose::Evaluation);
    let engine = engine(&model).unwrap();
    let found = evaluate::reconstruction(&engine, &packed, 5, 1).unwrap();
    let sigmoid = reference::rbm::sigmoid;
    // h speaks for what v is: where v is set and h is, where v is clear and h is.
    let p_v = 128.0 / 255.0;
    let p_right = p_v * sigmoid(-1.0) + (1.0 - p_v) * sigmoid(2.0);
    let (right, wrong) = (sigmoid(-0.5).powi(2), sigmoid(0.5).powi(2));
    let mean = p_right * right + (1.0 - p_right) * wrong;
    let variance = p_right * right.powi(2) + (1.0 - p_right) * wrong.powi(2) - mean * mean;
    let bound = five_sigma(variance, DRAWS) + 3e-4;
    near("mse", found.reconstruction_mse, mean, bound);
}

#[test]
fn wrong_shapes_are_typed_errors() {
    let (packed, _) = images(9, 2, 1);
    let good = model(9, 3, 1.0, 1);
    let other = model(10, 3, 1.0, 1);
    let expected = Error::Length {
        what: "a row",
        expected: 10,
        found: 9,
    };
    let errors = [
        evaluate::free_energy(&other, &packed, 1).unwrap_err(),
        evaluate::pseudo_log_likelihood(&other, &packed, 1).unwrap_err(),
        evaluate::log_likelihood(&other, 0.0, &packed, 1).unwrap_err(),
        evaluate::reconstruction(&engine(&other).unwrap(), &packed, 1, 1).unwrap_err(),
    ];
    assert!(errors.iter().all(|&error| error == expected), "{errors:?}");
    let mut bad = good.clone();
    bad.w[4] = f32::INFINITY;
    for error in [
        evaluate::free_energy(&bad, &packed, 1).unwrap_err(),
        evaluate::pseudo_log_likelihood(&bad, &packed, 1).unwrap_err(),
        evaluate::ln_z(&bad, 1).unwrap_err(),
    ] {
        assert_eq!(
            error,
            Error::NotFinite {
                what: "W",
                index: 4
            }
        );
    }
    let error = evaluate::ln_z(&model(25, 25, 1.0, 1), 1).unwrap_err();
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");

    assert!(BitMatrix::from_bits(9, vec![1 << 9]).is_err());
    assert!(BitMatrix::from_bits(65, vec![0; 3]).is_err());
    assert!(BitMatrix::from_bits(9, vec![]).is_err());
    assert!(BitMatrix::from_bits(0, vec![1]).is_err());
    assert!(BitMatrix::from_numbers(2, &[0.0, 0.5]).is_err());
    assert!(BitMatrix::from_numbers(2, &[0.0, 1.0, 1.0]).is_err());
    assert!(BitMatrix::from_numbers(0, &[0.0]).is_err());
    let packed = BitMatrix::from_numbers(65, &[1.0; 130]).unwrap();
    assert_eq!(packed.bits(), [u64::MAX, 1, u64::MAX, 1]);
}
