//! The centred gradient, against the plain one of the same minibatch.

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset, Images};
use bitspin::model_file::RbmParameters;
use bitspin::train::{
    RateSchedule, Settings, Trainer, TrainingData, initial_parameters, initial_visible_bias,
};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;

const VISIBLE: usize = 784;

fn digits(count: usize) -> Images {
    Dataset::load(None).unwrap().train.images.first(count)
}

fn trained(
    initial: &RbmParameters,
    images: &Images,
    settings: Settings,
    epochs: usize,
) -> RbmParameters {
    let mut trainer = Trainer::new(initial, images.count(), settings).unwrap();
    for _ in 0..epochs {
        let data = TrainingData::Grey(images.pixels());
        trainer.epoch(data).unwrap();
    }
    trainer.parameters()
}

/// What changed, divided by the rate.
fn gradient(before: &[f32], after: &[f32], rate: f64) -> Vec<f64> {
    let pairs = before.iter().zip(after);
    pairs
        .map(|(&b, &a)| (f64::from(a) - f64::from(b)) / rate)
        .collect()
}

#[track_caller]
fn near(what: &str, found: &[f64], expected: &[f64], bound: f64) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(error < bound, "{what}, {at}: {found}, expected {expected}");
    }
}

#[test]
fn the_first_minibatch_is_the_plain_one_with_corrections_of_rank_one() {
    const HIDDEN: usize = 130;
    // One minibatch an epoch: of sums in 16 bits, and of more samples than these hold.
    for batch in [50, 100, 200] {
        let images = digits(batch);
        let initial = initial_parameters(VISIBLE, HIDDEN, 3);
        let rate = 0.5;
        let plain = Settings {
            batch,
            learning_rate: rate,
            threads: 2,
            ..Settings::default()
        };
        let centred = Settings {
            centred: true,
            ..plain.clone()
        };
        let of = |settings| {
            let after = trained(&initial, &images, settings, 1);
            [
                gradient(&initial.w, &after.w, rate.into()),
                gradient(&initial.visible_bias, &after.visible_bias, rate.into()),
                gradient(&initial.hidden_bias, &after.hidden_bias, rate.into()),
            ]
        };
        let [s, b, d] = of(plain);
        let [w_found, b_found, d_found] = of(centred);
        let means = TrainingData::Grey(images.pixels()).means(VISIBLE).unwrap();
        let m: Vec<f64> = means.iter().map(|&mean| mean.into()).collect();
        // Weights are small, so that all hidden means are 1/2 yet.
        let l = 0.5;
        let mut w = s.clone();
        for j in 0..HIDDEN {
            for i in 0..VISIBLE {
                w[j * VISIBLE + i] -= m[i] * d[j] + b[i] * l;
            }
        }
        let mut expected_b = b.clone();
        let mut expected_d = d.clone();
        for j in 0..HIDDEN {
            for i in 0..VISIBLE {
                expected_b[i] -= l * w[j * VISIBLE + i];
                expected_d[j] -= m[i] * w[j * VISIBLE + i];
            }
        }
        assert!(w.iter().zip(&s).any(|(w, s)| (w - s).abs() > 0.01));
        // Changes of float32 parameters are told to 2^-24 of these; the sums are of 130 and of 784 such.
        near("W", &w_found, &w, 1e-6);
        near("b", &b_found, &expected_b, 2e-5);
        near("c", &d_found, &expected_d, 1e-4);
    }
}

#[test]
fn one_seed_gives_one_model_at_any_number_of_threads() {
    let images = digits(300);
    for (batch, momentum, method) in [
        (64, 0.0, Method::Persistent),
        (130, 0.5, Method::ContrastiveDivergence),
    ] {
        let run = |threads| {
            let settings = Settings {
                batch,
                momentum,
                method,
                threads,
                centred: true,
                learning_rate: 0.5,
                epochs: 3,
                schedule: RateSchedule::Cosine { last: 0.01 },
                last_steps: Some(3),
                ..Settings::default()
            };
            let mut initial = initial_parameters(VISIBLE, 200, 4);
            let means = TrainingData::Grey(images.pixels()).means(VISIBLE).unwrap();
            initial.visible_bias = initial_visible_bias(&means);
            trained(&initial, &images, settings, 3)
        };
        let one = run(1);
        assert!(one.w.iter().any(|w| w.abs() > 0.1));
        for threads in [2, 3, 5] {
            assert!(run(threads) == one, "{threads} threads, batches of {batch}");
        }
    }
}

#[test]
fn means_of_grey_levels_and_of_bits_start_the_biases() {
    let images = Images::new(1, 3, vec![0, 255, 51, 0, 255, 102]).unwrap();
    let grey = TrainingData::Grey(images.pixels()).means(3).unwrap();
    assert_eq!(grey, [0.0, 1.0, 0.3]);
    let how = Binarisation::Threshold(0.3);
    let packed = BitMatrix::binarise(&images, how, 1, Purpose::Training);
    let means = TrainingData::Packed(packed.bits()).means(3).unwrap();
    assert_eq!(means, [0.0, 1.0, 0.5]);
    let biases = initial_visible_bias(&grey);
    assert!((biases[0] + 9.21).abs() < 0.01 && (biases[1] - 9.21).abs() < 0.01);
    assert!((biases[2] - (0.3_f32 / 0.7).ln()).abs() < 1e-6);
}
