//! Models with label units: the engine against the reference, and the reference against results from elsewhere.

use std::fs;

use bitspin::BitMatrix;
use bitspin::engine::engine;
use bitspin::evaluate::calibration::{
    BINS, auroc, best_temperature, expected_calibration_error, negative_log_likelihood, reliability,
};
use bitspin::evaluate::{Logits, labelled_ln_z, logits};
use bitspin::model_file::{LabelledFile, LabelledParameters, RbmFile, RbmParameters};
use bitspin::reference::labels::Labelled;
use bitspin::reference::{Rbm, calibration, state};
use bitspin::train::{Objective, Settings, Trainer, TrainingData, TrainingRows};
use bitspin_core::fixed::{MAX_FRACTION_BITS, no_overflow, quantise, scale};
use bitspin_core::rbm::train::Method;
use serde::Deserialize;

/// One model of `data/joint_ebm.json`.
#[derive(Deserialize)]
struct Case {
    visible: usize,
    hidden: usize,
    classes: usize,
    w: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    class_bias: Vec<f64>,
    ln_z: f64,
    states: Vec<usize>,
    logits: Vec<Vec<f64>>,
    p_class: Vec<Vec<f64>>,
    energy_x: Vec<f64>,
    ln_p_x: Vec<f64>,
    ln_p_joint: Vec<Vec<f64>>,
}

fn cases<T: for<'a> Deserialize<'a>>(json: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct File<T> {
        cases: Vec<T>,
    }
    let file: File<T> = serde_json::from_str(json).unwrap();
    assert!(!file.cases.is_empty());
    file.cases
}

fn models() -> Vec<Case> {
    cases(include_str!("../../data/joint_ebm.json"))
}

impl Case {
    fn reference(&self) -> Labelled {
        let (b, c) = (self.visible_bias.clone(), self.hidden_bias.clone());
        Labelled {
            rbm: Rbm::new(self.w.concat(), b, c),
            u: self.u.concat(),
            class_bias: self.class_bias.clone(),
        }
    }

    fn parameters(&self) -> LabelledParameters {
        let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let rows = self.w.iter().zip(&self.u);
        LabelledParameters {
            joint: RbmParameters {
                visible: self.visible + self.classes,
                hidden: self.hidden,
                w: rows
                    .flat_map(|(w, u)| narrow(&[&w[..], u].concat()))
                    .collect(),
                visible_bias: narrow(&[&self.visible_bias[..], &self.class_bias].concat()),
                hidden_bias: narrow(&self.hidden_bias),
            },
            classes: self.classes,
        }
    }

    /// -F(x, y) of state `k`: the file's logits are short of the term b'x, which is the same for all classes.
    fn exact_logits(&self, k: usize) -> Vec<f64> {
        let x = state(self.states[k], self.visible);
        let linear: f64 = x.iter().zip(&self.visible_bias).map(|(x, b)| x * b).sum();
        self.logits[k].iter().map(|logit| logit + linear).collect()
    }

    /// The most that a logit of the quantised model is off: half a step for every parameter, and softplus's own error.
    fn bound(&self) -> f64 {
        let half = 0.5 / 2048.0;
        let parameters = self.visible * (self.hidden + 1) + 2 * self.hidden + 1;
        half * parameters as f64 + self.hidden as f64 / 65_536.0 + 1e-6
    }
}

#[test]
fn the_reference_is_the_joint_energy_based_model() {
    for case in models() {
        let model = case.reference();
        let close = |found: f64, expected: f64| {
            assert!(
                (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{found}, {expected}"
            );
        };
        close(model.ln_z(), case.ln_z);
        for (k, &number) in case.states.iter().enumerate() {
            let x = state(number, case.visible);
            let found = model.logits(&x);
            for (y, &logit) in found.iter().enumerate() {
                close(logit, case.exact_logits(k)[y]);
                close(model.p_class(&x)[y], case.p_class[k][y]);
                close(logit - model.ln_z(), case.ln_p_joint[k][y]);
            }
            close(model.energy(&x), case.energy_x[k]);
            close(-model.energy(&x) - model.ln_z(), case.ln_p_x[k]);
        }
    }
}

#[test]
fn the_engine_is_the_reference_within_its_bound() {
    for case in models() {
        let parameters = case.parameters();
        let engine = engine(&parameters.joint).unwrap();
        assert_eq!(engine.fraction_bits(), 11);
        let bits = case.states.iter().map(|&x| x as u64).collect();
        let images = BitMatrix::from_bits(case.visible, bits).unwrap();
        let found = logits(&engine, case.classes, &images, 2).unwrap();
        assert_eq!(found, logits(&engine, case.classes, &images, 1).unwrap());
        let bound = case.bound();
        for (k, logits) in found.iter().enumerate() {
            for (logit, exact) in logits.iter().zip(case.exact_logits(k)) {
                assert!((logit - exact).abs() < bound, "{logit}, {exact}");
            }
            assert!((found.energies()[k] - case.energy_x[k]).abs() < bound);
        }
        let ln_z = labelled_ln_z(&parameters, 2).unwrap();
        assert!((ln_z - case.ln_z).abs() < 1e-5, "{ln_z}, {}", case.ln_z);
        for y in 0..case.classes {
            let given = parameters.given(y);
            let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            let rbm = Rbm::new(
                wide(&given.w),
                wide(&given.visible_bias),
                wide(&given.hidden_bias),
            );
            let pairs = rbm
                .visible_distribution()
                .into_iter()
                .zip(case.reference().p_given_class(y));
            pairs.for_each(|(p, q)| assert!((p - q).abs() < 1e-6, "p(x|y) of class {y}"));
        }
        assert!(logits(&engine, case.classes + 1, &images, 1).is_err());
    }
}

#[test]
fn the_discriminative_gradient_is_the_slope_of_ln_p_of_y_given_x() {
    const STEP: f64 = 1e-5;
    for case in models() {
        let model = case.reference();
        let data: Vec<_> = case
            .states
            .iter()
            .map(|&x| state(x, case.visible))
            .collect();
        let labels: Vec<usize> = (0..data.len()).map(|k| k * k % case.classes).collect();
        let gradient = model.gradient(&data, &labels);
        let near = |found: f64, change: &dyn Fn(&mut Labelled, f64)| {
            let at = |step| {
                let mut moved = model.clone();
                change(&mut moved, step);
                moved.conditional_log_likelihood(&data, &labels)
            };
            let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((found - slope).abs() < 1e-8, "{found}, {slope}");
        };
        for (k, &found) in gradient.w.iter().enumerate() {
            near(found, &|m, step| m.rbm.w[k] += step);
        }
        for (k, &found) in gradient.u.iter().enumerate() {
            near(found, &|m, step| m.u[k] += step);
        }
        for (k, &found) in gradient.hidden_bias.iter().enumerate() {
            near(found, &|m, step| m.rbm.hidden_bias[k] += step);
        }
        for (k, &found) in gradient.class_bias.iter().enumerate() {
            near(found, &|m, step| m.class_bias[k] += step);
        }
    }
}

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

#[derive(Deserialize)]
struct Calibrated {
    logits: Vec<Vec<f64>>,
    labels: Vec<usize>,
    nll_at_1: f64,
    ece_at_1: f64,
    best_temperature: f64,
    nll_at_best: f64,
    ece_at_best: f64,
}

#[test]
fn temperatures_and_calibration_errors_are_the_published_definitions() {
    for case in cases::<Calibrated>(include_str!("../../data/calibration.json")) {
        let found = Logits::new(case.logits[0].len(), case.logits.concat()).unwrap();
        let labels: Vec<u8> = case.labels.iter().map(|&y| y as u8).collect();
        let t = best_temperature(&found, &labels);
        assert!((t - case.best_temperature).abs() < 1e-4, "{t}");
        for (t, nll, ece) in [
            (1.0, case.nll_at_1, case.ece_at_1),
            (case.best_temperature, case.nll_at_best, case.ece_at_best),
        ] {
            let bins = reliability(&found, &labels, t);
            let of_reference = (
                calibration::negative_log_likelihood(&case.logits, &case.labels, t),
                calibration::expected_calibration_error(&case.logits, &case.labels, t, BINS),
            );
            let ours = (
                negative_log_likelihood(&found, &labels, t),
                expected_calibration_error(&bins),
            );
            for (a, b) in [of_reference, ours] {
                assert!((a - nll).abs() < 1e-9 && (b - ece).abs() < 1e-9, "{a}, {b}");
            }
        }
    }
    assert_eq!(auroc(&[0.0, 1.0, 2.0], &[1.0, 5.0]), 0.75);
}

#[test]
fn files_with_labels_come_back_and_damaged_ones_are_named() {
    let file = LabelledFile {
        parameters: models()[1].parameters(),
        metadata: [("seed".to_string(), "1".to_string())].into(),
    };
    let bytes = file.to_bytes().unwrap();
    assert_eq!(
        LabelledFile::from_bytes(&bytes).unwrap(),
        Some(file.clone())
    );
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("U").unwrap().shape(), [7, 4]);
    assert_eq!(tensors.tensor("W").unwrap().shape(), [7, 9]);
    assert!(
        RbmFile::from_bytes(&bytes)
            .unwrap_err()
            .to_string()
            .contains("label units")
    );
    let plain = RbmFile {
        parameters: file.parameters.given(0),
        metadata: Default::default(),
    };
    assert_eq!(
        LabelledFile::from_bytes(&plain.to_bytes().unwrap()).unwrap(),
        None
    );
    let mut broken = file.clone();
    broken.parameters.joint.w[9] = f32::NAN;
    assert!(broken.to_bytes().is_err());
    assert!(LabelledFile::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    let shape = String::from_utf8_lossy(&bytes)
        .find("\"shape\":[7,4]")
        .unwrap();
    let mut wrong = bytes.clone();
    wrong[shape..shape + 13].copy_from_slice(b"\"shape\":[4,7]");
    assert!(
        LabelledFile::from_bytes(&wrong)
            .unwrap_err()
            .to_string()
            .contains("tensor U")
    );
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("m"), &bytes[..30]).unwrap();
    assert!(LabelledFile::load(directory.path().join("m")).is_err());
}
