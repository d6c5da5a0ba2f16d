//! Data that are missing or damaged.

use std::fs;

use bitspin::data::write_labels;
use bitspin_tests::command::{refused, run};

use super::{IMAGES, workplace};

const LABELS: &str = "train-labels-idx1-ubyte";

#[test]
fn missing_and_damaged_data_are_refused() {
    let place = workplace();
    let train = |words: &[&str]| refused(place.path(), &["rbm", "train", "--data", "data"], words);
    refused(
        place.path(),
        &["rbm", "train", "--data", "nowhere"],
        &["nowhere: no such directory; ", "MNIST", "built-in digits"],
    );
    refused(
        place.path(),
        &["rbm", "train", "--data", "model.safetensors"],
        &["model.safetensors", "directory"],
    );
    let images = place.path().join("data").join(IMAGES);
    let labels = place.path().join("data").join(LABELS);
    let whole = fs::read(&images).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>), words: &[&str]| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(&images, bytes).unwrap();
        train(&[&[IMAGES], words].concat());
        fs::write(&images, &whole).unwrap();
    };
    with(&|bytes| bytes.clear(), &["no bytes"]);
    with(&|bytes| bytes.truncate(7), &[]);
    with(&|bytes| bytes.truncate(500), &["500"]);
    with(&|bytes| bytes.push(0), &[]);
    with(&|bytes| bytes[3] = 9, &["magic"]);
    with(
        &|bytes| bytes[4..8].copy_from_slice(&[0; 4]),
        &["at least one image"],
    );
    with(&|bytes| bytes[4..8].copy_from_slice(&[255; 4]), &[]);
    with(
        &|bytes| bytes[8..12].copy_from_slice(&[0; 4]),
        &["at least one row"],
    );
    with(
        &|bytes| bytes[..2].copy_from_slice(&[0x1f, 0x8b]),
        &["gzip"],
    );
    fs::remove_file(&images).unwrap();
    train(&[IMAGES]);
    fs::write(&images, &whole).unwrap();
    let right = fs::read(&labels).unwrap();
    write_labels(&labels, &[1; 39]).unwrap();
    train(&[LABELS, "39", "40"]);
    fs::write(&labels, right).unwrap();
    assert_eq!(
        run(
            place.path(),
            ["rbm", "train", "--data", "data", "--batch", "10"]
        )
        .code,
        Some(0)
    );
}
