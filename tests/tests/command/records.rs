//! What model files record of their data, and files of numbers that commands write.

mod files;
mod prepared;

use std::fs;
use std::path::Path;

use bitspin::data::{Images, write_images, write_labels};
use bitspin_tests::command::{Outcome, run};
use serde_json::Value;
use tempfile::TempDir;

/// A directory with `digits/`, IDX images of 4 x 4 of three classes in many grey levels: 60 to train, 20 held out.
pub(crate) fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    write_set(&place.path().join("digits"), 4, 0);
    place
}

/// Writes a set of square images, which `salt` makes others.
pub(crate) fn write_set(directory: &Path, side: usize, salt: usize) {
    fs::create_dir(directory).unwrap();
    for (prefix, count) in [("train", 60), ("t10k", 20)] {
        let pixel = |k: usize| {
            let (image, at) = (k / (side * side), k % (side * side));
            let lit = at / side == image % 3;
            (if lit { 90 } else { 0 } + (k * 37 + salt * 11 + image * 5) % 166) as u8
        };
        let pixels = (0..count * side * side).map(pixel).collect();
        let images = Images::new(side, side, pixels).unwrap();
        let labels: Vec<u8> = (0..count).map(|image| (image % 3) as u8).collect();
        let at = |kind: &str| directory.join(format!("{prefix}-{kind}-ubyte"));
        write_images(&at("images-idx3"), &images).unwrap();
        write_labels(&at("labels-idx1"), &labels).unwrap();
    }
}

/// Runs `bitspin` with these words.
pub(crate) fn bitspin(place: &TempDir, words: &str) -> Outcome {
    run(place.path(), words.split_whitespace())
}

/// The same, of a run that has to succeed and print JSON.
pub(crate) fn json(place: &TempDir, words: &str) -> Value {
    bitspin(place, &format!("{words} --json")).json()
}

/// Trains a small model on `digits`, into `out/model.safetensors`.
pub(crate) fn train(place: &TempDir, words: &str) {
    let mut command = format!("rbm train --hidden 3 --batch 10 --json {words}");
    for default in ["--data digits", "--epochs 2", "--out out"] {
        let (option, _) = default.split_once(' ').unwrap();
        if !words.contains(option) {
            command = format!("{command} {default}");
        }
    }
    let trained = bitspin(place, &command);
    assert_eq!(trained.code, Some(0), "{trained:?}");
}
