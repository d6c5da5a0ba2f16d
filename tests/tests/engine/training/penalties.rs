//! Penalties on weights and on hidden units, against what the same minibatch teaches without them.

use bitspin::data::Dataset;
use bitspin::model_file::RbmParameters;
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_core::bits::{ones, words};
use bitspin_core::rbm::train::{Method, Sparsity};

const VISIBLE: usize = 784;
const HIDDEN: usize = 130;

/// Digits as bits, set from the middle grey on.
fn digits(count: usize) -> Vec<u64> {
    let images = Dataset::load(None).unwrap().train.images.first(count);
    let width = words(VISIBLE);
    let mut bits = vec![0; count * width];
    for (row, image) in bits.chunks_exact_mut(width).zip(images.iter()) {
        for (i, _) in image.iter().enumerate().filter(|&(_, &pixel)| pixel > 127) {
            row[i / 64] |= 1 << (i % 64);
        }
    }
    bits
}

fn trained(
    initial: &RbmParameters,
    bits: &[u64],
    settings: Settings,
    epochs: usize,
) -> RbmParameters {
    let mut trainer = Trainer::new(initial, bits.len() / words(VISIBLE), settings).unwrap();
    for _ in 0..epochs {
        let data = TrainingData::Packed(bits);
        trainer.epoch(data).unwrap();
    }
    trainer.parameters()
}

/// Mean of p(h_j = 1 | v) over data, in float64, and over j.
fn activity(model: &RbmParameters, bits: &[u64]) -> Vec<f64> {
    let mut means = vec![0.0; model.hidden];
    let rows = bits.chunks_exact(words(model.visible));
    let count = rows.len() as f64;
    for row in rows {
        for (j, mean) in means.iter_mut().enumerate() {
            let w = &model.w[j * model.visible..][..model.visible];
            let field: f64 = ones(row).map(|i| f64::from(w[i])).sum();
            *mean += 1.0 / (1.0 + (-field - f64::from(model.hidden_bias[j])).exp()) / count;
        }
    }
    means
}

#[test]
fn a_minibatch_draws_biases_to_the_target_by_cost_times_distance() {
    // Of sums in 16 bits, and of more samples than these hold; with the plain and with the centred gradient.
    for (samples, centred) in [(100, false), (200, false), (100, true), (200, true)] {
        let bits = digits(samples);
        let mut initial = initial_parameters(VISIBLE, HIDDEN, 3);
        for (j, bias) in initial.hidden_bias.iter_mut().enumerate() {
            *bias = (j % 7) as f32 * 0.5 - 2.0;
        }
        let plain = Settings {
            batch: samples,
            learning_rate: 0.5,
            centred,
            threads: 2,
            ..Settings::default()
        };
        let sparse = Settings {
            sparsity: Sparsity {
                target: 0.1,
                cost: 0.2,
            },
            ..plain.clone()
        };
        let (without, with) = (
            trained(&initial, &bits, plain, 1),
            trained(&initial, &bits, sparse, 1),
        );
        assert!(with.w == without.w && with.visible_bias == without.visible_bias);
        let biases = with.hidden_bias.iter().zip(&without.hidden_bias);
        for ((with, without), q) in biases.zip(activity(&initial, &bits)) {
            let found = f64::from(with - without);
            let expected = -0.5 * 0.2 * (q - 0.1);
            // A probability is rounded by less than 1/256; weights and biases to 2^-12, of 100 pixels and more.
            let bound = 0.5 * 0.2 * (1.0 / 256.0 + 0.25 * 300.0 / 4096.0 / 10.0) + 1e-6;
            assert!(
                (found - expected).abs() < bound,
                "{found}, expected {expected}"
            );
        }
    }
}

#[test]
fn the_more_it_costs_the_closer_hidden_units_come_to_the_target() {
    let bits = digits(1000);
    let initial = initial_parameters(VISIBLE, HIDDEN, 4);
    for method in [Method::ContrastiveDivergence, Method::Persistent] {
        let run = |cost| {
            let settings = Settings {
                batch: 50,
                method,
                learning_rate: 0.1,
                sparsity: Sparsity { target: 0.1, cost },
                ..Settings::default()
            };
            activity(&trained(&initial, &bits, settings, 20), &bits)
        };
        let off =
            |means: &[f64]| means.iter().map(|q| (q - 0.1).abs()).sum::<f64>() / HIDDEN as f64;
        let [free, drawn, forced] = [0.0, 1.0, 10.0].map(|cost| off(&run(cost)));
        assert!(free > drawn && drawn > forced, "{free}, {drawn}, {forced}");
        // Where biases rest, cost (q - target) is the difference of two probabilities.
        assert!(forced < 1.0 / 10.0, "{forced}");
    }
}

#[test]
fn weights_shrink_by_the_rate_times_the_penalty_and_not_beyond_zero() {
    for (samples, centred, momentum) in [(100, false, 0.0), (200, true, 0.0), (100, false, 0.5)] {
        let bits = digits(samples);
        let initial = initial_parameters(VISIBLE, HIDDEN, 3);
        let plain = Settings {
            batch: samples,
            learning_rate: 0.5,
            weight_decay: 0.1,
            centred,
            momentum,
            threads: 2,
            ..Settings::default()
        };
        let lasso = Settings {
            l1: 0.01,
            ..plain.clone()
        };
        let (without, with) = (
            trained(&initial, &bits, plain, 1),
            trained(&initial, &bits, lasso, 1),
        );
        assert!(with.hidden_bias == without.hidden_bias);
        let (keep, by) = (1.0 - 0.5 * 0.1, 0.5 * 0.01);
        let mut held = 0;
        for ((before, without), with) in initial.w.iter().zip(&without.w).zip(&with.w) {
            let before = f64::from(*before);
            let shrunk = before.signum() * (before.abs() - by).max(0.0);
            held += usize::from(shrunk == 0.0);
            let expected = f64::from(*without) + keep * (shrunk - before);
            let found = f64::from(*with);
            assert!(
                (found - expected).abs() < 1e-7,
                "{before}: {found}, expected {expected}"
            );
        }
        // A normal of 0.01 is within 0.005 with probability 0.383.
        assert!((held as f64 / initial.w.len() as f64 - 0.383).abs() < 0.01);
    }
}

#[test]
fn penalties_depend_on_no_thread() {
    let bits = digits(300);
    let initial = initial_parameters(VISIBLE, 200, 5);
    let run = |threads| {
        let settings = Settings {
            batch: 130,
            l1: 0.001,
            sparsity: Sparsity {
                target: 0.2,
                cost: 0.5,
            },
            momentum: 0.5,
            threads,
            ..Settings::default()
        };
        trained(&initial, &bits, settings, 2)
    };
    let one = run(1);
    assert!(run(2) == one && run(3) == one);
}
