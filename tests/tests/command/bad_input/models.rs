//! Models that are missing or damaged, and those that do not fit the data.

use std::fs;

use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin_tests::command::refused;

use super::workplace;

/// The bytes of a safetensors file.
fn safetensors(header: &str, values: &[f32]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[test]
fn missing_and_damaged_models_are_refused() {
    let place = workplace();
    let path = place.path().join("model.safetensors");
    let whole = fs::read(&path).unwrap();
    let header = |v_bias: usize| {
        format!(
            r#"{{"W":{{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}},"v_bias":{{"dtype":"F32","shape":[{v_bias}],"data_offsets":[8,{}]}},"h_bias":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}}}"#,
            8 + 4 * v_bias,
            8 + 4 * v_bias,
            12 + 4 * v_bias
        )
    };
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (vec![], &[]),
        (
            b"not a model at all, but a text of some length".to_vec(),
            &["safetensors"],
        ),
        (whole[..whole.len() - 1].to_vec(), &[]),
        (whole[..20].to_vec(), &[]),
        (safetensors(&header(3), &[0.0; 6]), &["v_bias"]),
        (
            safetensors(&header(2), &[0.0, f32::NAN, 0.0, 0.0, 0.0]),
            &["W", "NaN"],
        ),
        (
            safetensors(&header(2), &[0.0, 0.0, 0.0, 0.0, f32::INFINITY]),
            &["h_bias", "inf"],
        ),
        (safetensors("{}", &[]), &["W"]),
    ];
    for (bytes, words) in &cases {
        fs::write(&path, bytes).unwrap();
        for verb in ["eval", "sample"] {
            refused(
                place.path(),
                &["rbm", verb, "model.safetensors"],
                &[&["model.safetensors"], *words].concat(),
            );
        }
    }
    fs::write(&path, safetensors(&header(2), &[1e9, 0.0, 0.0, 0.0, 0.0])).unwrap();
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors"],
        &["model.safetensors", "W"],
    );
    fs::remove_file(&path).unwrap();
    refused(
        place.path(),
        &["rbm", "eval", "model.safetensors"],
        &["model.safetensors"],
    );
    refused(place.path(), &["rbm", "eval", "data"], &["data"]);
}

#[test]
fn models_and_data_that_do_not_fit_are_refused() {
    let place = workplace();
    refused(
        place.path(),
        &["rbm", "eval", "model.safetensors"],
        &["20 visible", "784"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--from-data"],
        &["20 visible", "784"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--size", "3x5"],
        &["--size", "20"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--size", "ten"],
        &["--size", "ten"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--chains", "0"],
        &["--chains"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--steps", "0"],
        &["--steps"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--data", "data"],
        &["--from-data"],
    );
    let large = RbmParameters {
        visible: 30,
        hidden: 25,
        w: vec![0.0; 750],
        visible_bias: vec![0.0; 30],
        hidden_bias: vec![0.0; 25],
    };
    let file = RbmFile {
        parameters: large,
        metadata: Default::default(),
    };
    fs::write(
        place.path().join("large.safetensors"),
        file.to_bytes().unwrap(),
    )
    .unwrap();
    refused(
        place.path(),
        &["rbm", "eval", "large.safetensors", "--exact"],
        &["--exact", "24"],
    );
}
