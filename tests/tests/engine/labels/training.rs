//! Training with labels: steps along the exact gradient, chains from the exact softmax, no part played by threads.

use bitspin::model_file::LabelledParameters;
use bitspin::reference::state;
use bitspin::train::{Objective, Settings, Trainer, TrainingData, TrainingRows};
use bitspin_core::fixed::{MAX_FRACTION_BITS, no_overflow, quantise, scale};
use bitspin_core::rbm::train::Method;

use super::models;

fn settings(objective: Objective, batch: usize, threads: usize) -> Settings {
    Settings {
        objective,
        batch,
        learning_rate: 0.5,
        threads,
        ..Settings::default()
    }
}

/// One minibatch of everything, discriminative: every parameter moves by the rate times the exact gradient, within what
/// quantised weights (half a step of 2^-11 each), rounded sigmoids and rounded rows allow.
#[test]
fn a_minibatch_moves_parameters_along_the_exact_gradient() {
    for case in models() {
        let parameters = case.parameters();
        let numbers: Vec<u64> = (0..150).map(|k| k * 37 % (1 << case.visible)).collect();
        let labels: Vec<u8> = (0..150).map(|k| (k * k % case.classes) as u8).collect();
        let data: Vec<_> = numbers
            .iter()
            .map(|&x| state(x as usize, case.visible))
            .collect();
        let truth: Vec<usize> = labels.iter().map(|&y| usize::from(y)).collect();
        let gradient = case.reference().gradient(&data, &truth);
        let mut trainer = Trainer::new(
            &parameters,
            150,
            settings(Objective::Discriminative, 150, 2),
        )
        .unwrap();
        let rows = TrainingRows {
            binary: TrainingData::Packed(&numbers),
            categories: &labels,
        };
        let epoch = trainer.epoch(rows).unwrap();
        let exact = -case.reference().conditional_log_likelihood(&data, &truth);
        let (nll, _) = epoch.classification.unwrap();
        assert!((nll - exact).abs() < 2.0 * case.bound(), "{nll}, {exact}");
        let moved = trainer.labelled_parameters().unwrap();
        let classes = case.classes;
        let width = case.visible + classes;
        // Rows of 64 samples count 1/500 at the worst; logits are off by the engine's bound, and p by a quarter of twice it.
        let bound = 0.5 * (1.0 / 500.0 + case.bound());
        let close = |what: &str, before: f32, after: f32, slope: f64| {
            let change = f64::from(after - before);
            assert!(
                (change - 0.5 * slope).abs() < bound,
                "{what}: {change}, {}",
                0.5 * slope
            );
        };
        for j in 0..case.hidden {
            for i in 0..width {
                let slope = match i.checked_sub(case.visible) {
                    None => gradient.w[j * case.visible + i],
                    Some(y) => gradient.u[j * classes + y],
                };
                let at = j * width + i;
                close("w", parameters.joint.w[at], moved.joint.w[at], slope);
            }
            let (before, after) = (&parameters.joint.hidden_bias, &moved.joint.hidden_bias);
            close("c", before[j], after[j], gradient.hidden_bias[j]);
        }
        for i in 0..width {
            let slope = i
                .checked_sub(case.visible)
                .map_or(0.0, |y| gradient.class_bias[y]);
            let (before, after) = (&parameters.joint.visible_bias, &moved.joint.visible_bias);
            close("b", before[i], after[i], slope);
        }
    }
}

/// A hidden unit's norm is stored as the bits of a `u16`. Norms on both sides of 32,767 and of 65,535 have to lower the
/// fraction bits until no field can leave the range of an `i16`.
#[test]
fn large_norms_of_hidden_units_take_fraction_bits_away() {
    const PIXELS: usize = 40;
    let (labels, images) = ([0, 1, 1], [0x7f_u64, 0xff_ffff_ffff, 0xaa_aaaa_aaaa]);
    for weight in [0.3_f32, 0.41, 0.5, 0.79, 0.81, 1.7, 3.3] {
        let mut initial =
            LabelledParameters::new(&bitspin::train::initial_parameters(PIXELS, 2, 1), 2);
        for (at, w) in initial.joint.w.iter_mut().enumerate() {
            // One unit's weights have one sign and the other's do not; those of labels stay 0.
            let sign = if at > PIXELS + 2 && at % 2 == 1 {
                -1.0
            } else {
                1.0
            };
            *w = if at % (PIXELS + 2) < PIXELS {
                sign * weight
            } else {
                0.0
            };
        }
        for objective in [Objective::Discriminative, Objective::Hybrid(0.1)] {
            let mut settings = settings(objective, 3, 1);
            settings.learning_rate = 1e-6;
            let mut trainer = Trainer::new(&initial, 3, settings).unwrap();
            let rows = TrainingRows {
                binary: TrainingData::Packed(&images),
                categories: &labels,
            };
            trainer.epoch(rows).unwrap();
            let largest = (0..=MAX_FRACTION_BITS).rev().find(|&bits| {
                let quantised = quantise(weight, scale(bits));
                no_overflow(1, std::iter::repeat_n(quantised, PIXELS))
            });
            assert_eq!(
                Some(trainer.fraction_bits()),
                largest,
                "weights of {weight}"
            );
        }
    }
}

/// Sizes that a checkpoint of a right checksum may claim.
#[test]
fn classes_that_are_no_units_are_refused() {
    for classes in [0, 4] {
        let joint = bitspin::train::initial_parameters(3, 2, 1);
        let initial = LabelledParameters { joint, classes };
        let settings = settings(Objective::Discriminative, 1, 1);
        let refused = Trainer::new(&initial, 1, settings).unwrap_err();
        assert!(refused.to_string().contains("groups"), "{refused}");
    }
}

/// Bars with labels that are not told by one pixel alone: grey images and their classes.
fn bars(count: usize) -> (Vec<u8>, Vec<u8>) {
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    for k in 0..count {
        let (row, column) = (k * 7 % 10, k * 3 % 9);
        pixels.extend((0..90).map(|i| {
            if i / 9 == row || i % 9 == column {
                240
            } else {
                (k % 7 * 6) as u8
            }
        }));
        labels.push(((row + column) % 3) as u8);
    }
    (pixels, labels)
}

#[test]
fn what_is_learned_depends_on_no_thread() {
    let (pixels, labels) = bars(300);
    let zeros = bitspin::train::initial_parameters(90, 300, 4);
    let initial = LabelledParameters::new(&zeros, 3);
    let train = |mut settings: Settings, threads| {
        settings.threads = threads;
        settings.momentum = 0.5;
        settings.weight_decay = 1e-4;
        let mut trainer = Trainer::new(&initial, 300, settings).unwrap();
        let mut figures = Vec::new();
        for _ in 0..3 {
            let rows = TrainingRows {
                binary: TrainingData::Grey(&pixels),
                categories: &labels,
            };
            let epoch = trainer.epoch(rows).unwrap();
            figures.push((epoch.classification, epoch.reconstruction_mse));
        }
        (trainer.parameters(), figures)
    };
    for objective in [
        Objective::Discriminative,
        Objective::Generative,
        Objective::Hybrid(0.3),
    ] {
        for (method, steps, batch) in [
            (Method::ContrastiveDivergence, 1, 64),
            (Method::Persistent, 3, 100),
        ] {
            let mut settings = settings(objective, batch, 1);
            (settings.method, settings.steps) = (method, steps);
            settings.learning_rate = 0.1;
            let expected = train(settings.clone(), 1);
            for threads in [2, 5] {
                assert!(
                    train(settings.clone(), threads) == expected,
                    "{objective} on {threads} threads"
                );
            }
        }
    }
}

/// Null: one minibatch of CD-1 on the joint changes parameters, on average, by the exact expectation over chains. Labels
/// and pixels of 4,000 samples of one (x, y): the hidden state is drawn from p(h|x, y), the chain from p(x, y|h).
/// Hoeffding's bound on the label biases: false alarm below 1e-6.
#[test]
fn chains_draw_labels_from_their_softmax() {
    const SAMPLES: usize = 4000;
    let case = &models()[0];
    let (parameters, model) = (case.parameters(), case.reference());
    let (x, y) = (58_usize, 1);
    let mut trainer = Trainer::new(
        &parameters,
        SAMPLES,
        settings(Objective::Generative, SAMPLES, 2),
    )
    .unwrap();
    let (data, labels) = (vec![x as u64; SAMPLES], vec![y as u8; SAMPLES]);
    let rows = TrainingRows {
        binary: TrainingData::Packed(&data),
        categories: &labels,
    };
    trainer.epoch(rows).unwrap();
    let moved = trainer.labelled_parameters().unwrap();
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let p: Vec<f64> = (0..case.hidden)
        .map(|j| sigmoid(model.field(&state(x, case.visible), j, y)))
        .collect();
    let mut expected = vec![0.0; case.classes];
    for h in 0..1 << case.hidden {
        let h = state(h, case.hidden);
        let p_h: f64 = h
            .iter()
            .zip(&p)
            .map(|(&h, p)| if h == 1.0 { *p } else { 1.0 - p })
            .product();
        let score = |k: usize| {
            let weights = (0..case.hidden).map(|j| model.u[j * case.classes + k] * h[j]);
            model.class_bias[k] + weights.sum::<f64>()
        };
        let scores: Vec<f64> = (0..case.classes).map(score).collect();
        let softmax = bitspin::reference::softmax::softmax(&scores, 1.0);
        expected
            .iter_mut()
            .zip(softmax)
            .for_each(|(sum, q)| *sum += p_h * q);
    }
    let bound = bitspin::validate::hoeffding(SAMPLES, 1e-6 / 3.0) + 1e-3;
    let biases = |model: &LabelledParameters| model.joint.visible_bias[case.visible..].to_vec();
    let changes = biases(&moved)
        .into_iter()
        .zip(biases(&parameters))
        .map(|(after, before)| after - before);
    for (k, (change, expected)) in changes.zip(expected).enumerate() {
        let (change, exact) = (
            f64::from(change) / 0.5,
            f64::from(u8::from(k == y)) - expected,
        );
        assert!((change - exact).abs() < bound, "{k}: {change}, {exact}");
    }
}
