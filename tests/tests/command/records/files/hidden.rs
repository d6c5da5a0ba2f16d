//! The hidden layer of rows, as probabilities and as states that are drawn.

use bitspin::evaluate::{hidden_probabilities, logits};
use bitspin::model_file::{LabelledFile, RbmFile};
use bitspin::npy::Kind;
use serde_json::json;

use super::{MODEL, all_rows, read_csv, read_npy};
use crate::records::{json, place, train};

#[test]
fn the_hidden_layer_is_written_as_probabilities() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let told = json(&place, "rbm transform out/model.safetensors --out h.npy");
    assert_eq!(
        (&told["files"][0]["dtype"], &told["files"][0]["shape"]),
        (&json!("float32"), &json!([80, 3]))
    );
    assert_eq!(told["binarise"], "threshold=0.3");
    let (kind, shape, found) = read_npy(&place, "h.npy");
    assert_eq!((kind, shape.as_slice()), (Kind::Float, &[80, 3][..]));
    let parameters = RbmFile::load(place.path().join(MODEL)).unwrap().parameters;
    let rows = all_rows(&place);
    for (row, image) in rows.iter().enumerate() {
        for j in 0..3 {
            let on = (0..16).filter(|i| image[0] >> i & 1 == 1);
            let field: f64 = on.map(|i| f64::from(parameters.w[j * 16 + i])).sum();
            let field = field + f64::from(parameters.hidden_bias[j]);
            let expected = 1.0 / (1.0 + (-field).exp());
            assert!((found[row * 3 + j] - expected).abs() < 1e-7);
        }
    }
    // CSV has the same numbers, and other rows are parts of all.
    json(&place, "rbm transform out/model.safetensors --out h.csv");
    let (names, csv) = read_csv(&place, "h.csv");
    assert_eq!(names, ["h1", "h2", "h3"]);
    assert!(
        csv.concat()
            .iter()
            .zip(&found)
            .all(|(a, b)| *a as f32 == *b as f32)
    );
    json(
        &place,
        "rbm transform out/model.safetensors --rows train --out train.npy",
    );
    json(
        &place,
        "rbm transform out/model.safetensors --rows test --out test.npy",
    );
    let (train, test) = (
        read_npy(&place, "train.npy").2,
        read_npy(&place, "test.npy").2,
    );
    assert_eq!((train.len(), test.len()), (180, 60));
    assert_eq!([train, test].concat(), found);
}

/// 4,000 draws of a unit of probability p have a mean within 5 standard deviations of p but for 6e-7 of the runs; of all
/// 80 x 3 means below, two seeds of 50 draws each are compared by their sums, which are 240 x 50 draws.
#[test]
fn hidden_states_are_drawn_packed_or_not() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let transform = "rbm transform out/model.safetensors --force --out";
    json(&place, &format!("{transform} p.npy"));
    let (_, _, p) = read_npy(&place, "p.npy");
    let (mut sum, mut expected, mut variance) = (0.0, 0.0, 0.0);
    let mut first = Vec::new();
    for seed in 1..=5 {
        json(
            &place,
            &format!("{transform} b.npy --states bits --seed {seed}"),
        );
        let (kind, shape, bits) = read_npy(&place, "b.npy");
        assert_eq!((kind, shape.as_slice()), (Kind::Unsigned, &[80, 3][..]));
        for (bit, p) in bits.iter().zip(&p) {
            sum += bit;
            expected += p;
            variance += p * (1.0 - p);
        }
        if seed == 1 {
            first = bits;
        } else {
            assert_ne!(first, bits);
        }
    }
    let (sum, expected, variance): (f64, f64, f64) = (sum, expected, variance);
    assert!(
        (sum - expected).abs() < 5.0 * variance.sqrt(),
        "{sum} {expected}"
    );
    let told = json(
        &place,
        &format!("{transform} k.npy --states packed --threads 2"),
    );
    assert_eq!(told["files"][0]["shape"], json!([80, 1]));
    let (_, _, packed) = read_npy(&place, "k.npy");
    for (row, byte) in packed.iter().enumerate() {
        for j in 0..3 {
            assert_eq!(f64::from(*byte as u8 >> j & 1), first[row * 3 + j]);
        }
        assert_eq!(*byte as u8 >> 3, 0);
    }
}

#[test]
fn of_a_model_with_labels_the_hidden_layer_is_a_mean_over_labels() {
    let place = place();
    train(
        &place,
        "--labels --binarise threshold=0.3 --epochs 30 --lr 0.5",
    );
    json(&place, "rbm transform out/model.safetensors --out h.npy");
    let (_, shape, found) = read_npy(&place, "h.npy");
    assert_eq!(shape, [80, 3]);
    let file = LabelledFile::load(place.path().join(MODEL))
        .unwrap()
        .unwrap();
    let model = &file.parameters;
    let rows = all_rows(&place);
    let joint = bitspin::engine::engine(&model.joint).unwrap();
    let logits = logits(&joint, model.classes, &rows, 1).unwrap();
    let mut means = vec![0.0; 240];
    for class in 0..model.classes {
        let engine = bitspin::engine::engine(&model.given(class)).unwrap();
        let given = hidden_probabilities(&engine, &rows, 1).unwrap();
        for (row, logits) in logits.iter().enumerate() {
            let total: f64 = logits
                .iter()
                .map(|logit| (logit - logits[class]).exp())
                .sum();
            for j in 0..3 {
                means[row * 3 + j] += f64::from(given[row * 3 + j]) / total;
            }
        }
    }
    // The reference is the quantised model: weights of 16 bits.
    for (found, expected) in found.iter().zip(&means) {
        assert!((found - expected).abs() < 2e-3, "{found} {expected}");
    }
    let (mut sum, mut variance) = (0.0, 0.0);
    for seed in 1..=5 {
        json(
            &place,
            &format!(
                "rbm transform out/model.safetensors --states bits --seed {seed} --force --out b.npy"
            ),
        );
        let bits = read_npy(&place, "b.npy").2;
        sum += bits.iter().zip(&found).map(|(bit, p)| bit - p).sum::<f64>();
        variance += found.iter().map(|p| p * (1.0 - p)).sum::<f64>();
    }
    // Units of a row share their label, so that their covariance is at most 3 times the sum of variances; false alarm 6e-7.
    assert!(
        sum.abs() < 5.0 * f64::sqrt(3.0 * variance),
        "{sum} {variance}"
    );
}
