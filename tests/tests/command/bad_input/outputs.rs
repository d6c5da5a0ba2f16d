//! Outputs that exist, or that cannot be written.

use std::fs;

use bitspin_tests::command::refused;

use super::workplace;

#[test]
fn outputs_that_exist_or_cannot_be_written() {
    let place = workplace();
    fs::create_dir(place.path().join("taken")).unwrap();
    fs::write(place.path().join("taken/metrics.csv"), "mine").unwrap();
    let train = ["rbm", "train", "--data", "data", "--out"];
    let with = |out: &'static str| train.iter().copied().chain([out]).collect::<Vec<_>>();
    refused(
        place.path(),
        &with("taken"),
        &["taken/metrics.csv", "--force"],
    );
    refused(
        place.path(),
        &with("model.safetensors"),
        &["model.safetensors", "directory"],
    );
    refused(
        place.path(),
        &with("model.safetensors/below"),
        &["model.safetensors"],
    );
    refused(
        place.path(),
        &[
            "rbm",
            "sample",
            "model.safetensors",
            "--out",
            "taken/metrics.csv",
        ],
        &["--force"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--out", "data"],
        &["data"],
    );
}
