//! Models: fields, energies and flip costs against the reference, dense beside sparse, and what is refused.

use super::{Case, near};
use bitspin::reference::ising::{Ising, spins};
use bitspin::validate::Random;
use bitspin_core::ising::{Dense, Model, Sparse, fraction_bits, quantise};
use bitspin_core::network::Network;

/// A float model of quarters, so that every sum is exact; about half of the pairs are coupled.
fn quarters(n: usize, random: &mut Random) -> Ising {
    let mut quarter = || random.number(20.0).round() / 4.0;
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            let value = quarter();
            let coupling = if quarter() > 0.0 { value } else { 0.0 };
            (w[i * n + j], w[j * n + i]) = (coupling, coupling);
        }
    }
    let h = (0..n).map(|_| quarter()).collect();
    Ising { w, h }
}

fn whole(values: &[f64]) -> Vec<i32> {
    values.iter().map(|value| (4.0 * value) as i32).collect()
}

/// The couplings of a matrix that are not zero, in compressed rows.
fn sparse(w: &[i32], h: &[i32]) -> (Vec<u32>, Vec<u32>, Vec<i32>) {
    let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
    for row in w.chunks_exact(h.len()) {
        for (j, &w) in row.iter().enumerate().filter(|(_, w)| **w != 0) {
            neighbours.push(j as u32);
            weights.push(w);
        }
        offsets.push(neighbours.len() as u32);
    }
    (offsets, neighbours, weights)
}

/// Fields, energies and the change of both by every flip are the reference's, to the last quarter.
fn agrees(model: &impl Model, reference: &Ising, random: &mut Random) {
    let n = reference.units();
    let number = random.bits32() as usize & ((1 << n) - 1);
    let (mut state, mut fields) = ([number as u64], vec![7; n]);
    model.prepare(&state, &mut fields);
    let s = spins(number, n);
    let before = model.real(model.energy(&state, &fields));
    assert_eq!(before, reference.energy(&s));
    for k in 0..n {
        let cost = 2.0 * s[k] * model.real(fields[k].into());
        assert_eq!(cost, reference.flip_cost(&s, k));
        state[0] ^= 1 << k;
        model.flipped(&state, &mut fields, k);
        let mut afresh = vec![0; n];
        model.prepare(&state, &mut afresh);
        assert_eq!(fields, afresh);
        assert_eq!(model.real(model.energy(&state, &fields)) - before, cost);
        state[0] ^= 1 << k;
        model.flipped(&state, &mut fields, k);
    }
}

#[test]
fn dense_and_sparse_models_are_the_reference_exactly() {
    let mut random = Random::new(3);
    for n in [2, 3, 7, 16, 20] {
        let reference = quarters(n, &mut random);
        let (w, h) = (whole(&reference.w), whole(&reference.h));
        let narrow: Vec<i8> = w.iter().map(|&w| w as i8).collect();
        agrees(
            &Dense::new(n, narrow, &h[..], 2).unwrap(),
            &reference,
            &mut random,
        );
        agrees(
            &Dense::new(n, &w[..], &h[..], 2).unwrap(),
            &reference,
            &mut random,
        );
        let (offsets, neighbours, weights) = sparse(&w, &h);
        let model = Sparse::new(offsets, neighbours, &weights[..], &h[..], 2).unwrap();
        agrees(&model, &reference, &mut random);
    }
}

#[test]
fn the_files_models_are_quantised_to_within_half_a_step() {
    for case in Case::all().iter().filter(|case| case.n > 1) {
        let (w, n) = (case.w.concat(), case.n);
        let bits = fraction_bits::<i16>(&w, &case.h).unwrap();
        let (mut weights, mut fields) = (vec![0_i16; n * n], vec![0_i32; n]);
        quantise(&w, bits, &mut weights).unwrap();
        quantise(&case.h, bits, &mut fields).unwrap();
        let model = Dense::new(n, weights, fields, bits).unwrap();
        assert!(bits >= 14);
        let step = 1.0 / f64::from(1_u32 << bits);
        for (at, &a) in case.states.iter().enumerate() {
            let (state, mut cache) = ([a as u64], vec![0; n]);
            model.prepare(&state, &mut cache);
            let terms = (n * (n - 1) / 2 + n) as f64;
            let energy = model.real(model.energy(&state, &cache));
            near(energy, case.energies[at], 0.5 * step * terms);
        }
    }
}

#[test]
fn exact_numbers_take_few_binary_places_and_large_ones_are_refused() {
    let two = |w: f64, h: f64| fraction_bits::<i8>(&[0.0, w, w, 0.0], &[h, 0.0]);
    assert_eq!(two(1.0, 0.0), Ok(0));
    assert_eq!(two(0.75, 0.0), Ok(2));
    assert_eq!(two(0.1, 0.0), Ok(10)); // 102.4; 204.8 is no i8
    assert!(two(1.0, 4_194_304.0).is_err());
    assert!(two(128.0, 0.0).is_err() && two(127.0, 0.0).is_ok());
    assert!(two(f64::NAN, 0.0).is_err() && two(1.0, f64::INFINITY).is_err());
    assert!(fraction_bits::<i8>(&[0.0; 3], &[0.0; 2]).is_err());
}

#[test]
fn shapes_and_values_that_are_no_model_are_refused() {
    let dense = |n: usize, w: &[i8], h: &[i32], bits| {
        Dense::new(n, w, h, bits)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(dense(2, &[0, 1, 1, 0], &[0, 0], 0), None);
    let refused = |error: Option<String>, word: &str| assert!(error.unwrap().contains(word));
    refused(dense(1, &[0], &[0], 0), "units");
    refused(
        dense(2, &[0, 1, 1], &[0, 0], 0),
        "couplings: expected 4 elements, found 3",
    );
    refused(dense(2, &[0, 1, 2, 0], &[0, 0], 0), "symmetric");
    refused(dense(2, &[1, 1, 1, 0], &[0, 0], 0), "diagonal");
    refused(dense(2, &[0, 1, 1, 0], &[0], 0), "external fields");
    refused(dense(2, &[0, 1, 1, 0], &[0, 0], 25), "fraction bits");
    refused(dense(2, &[0, 1, 1, 0], &[(1 << 30) - 1, 0], 0), "2^30");
    let sparse = |offsets: &[u32], neighbours: &[u32], w: &[i32], h: &[i32]| {
        Sparse::new(offsets, neighbours, w, h, 0)
            .err()
            .map(|error| error.to_string())
    };
    assert_eq!(sparse(&[0, 1, 2], &[1, 0], &[5, 5], &[0; 2]), None);
    assert_eq!(sparse(&[0, 0, 0], &[], &[], &[0; 2]), None);
    assert_eq!(sparse(&[0, 0], &[], &[], &[7]), None);
    refused(sparse(&[0], &[], &[], &[]), "units");
    refused(
        sparse(&[0, 1], &[1, 0], &[5, 5], &[0; 2]),
        "offsets: expected 3 elements, found 2",
    );
    refused(sparse(&[1, 1, 2], &[1, 0], &[5, 5], &[0; 2]), "offsets");
    refused(sparse(&[0, 2, 1], &[1, 0], &[5, 5], &[0; 2]), "offsets");
    refused(
        sparse(&[0, 1, 2], &[1], &[5, 5], &[0; 2]),
        "neighbours: expected 2 elements, found 1",
    );
    refused(
        sparse(&[0, 1, 2], &[1, 0], &[5], &[0; 2]),
        "weights: expected 2 elements, found 1",
    );
    refused(sparse(&[0, 1, 2], &[1, 0], &[5, 4], &[0; 2]), "symmetric");
    refused(sparse(&[0, 1, 1], &[1], &[5], &[0; 2]), "symmetric");
    refused(sparse(&[0, 1, 2], &[0, 1], &[5, 5], &[0; 2]), "other spins");
    refused(sparse(&[0, 1, 2], &[2, 0], &[5, 5], &[0; 2]), "other spins");
    refused(
        sparse(&[0, 2, 4], &[1, 1, 0, 0], &[5; 4], &[0; 2]),
        "each once",
    );
    refused(sparse(&[0, 1, 2], &[1, 0], &[i32::MIN; 2], &[0; 2]), "2^30");
}
