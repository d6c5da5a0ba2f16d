//! The command with good input: what it writes, prints and repeats.

mod derived;
mod evaluation;
mod kept;
mod training;

use std::fs;
use std::path::Path;

use bitspin::data::{Images, write_images, write_labels};
use tempfile::TempDir;

const FILES: [&str; 7] = [
    "checkpoint.bin",
    "filters.png",
    "generated.png",
    "learning-curve.svg",
    "metrics.csv",
    "model.safetensors",
    "real.png",
];

/// A directory that holds 300 small pictures of bars, and 50 held-out ones, in `data`.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 300_usize), ("t10k", 50)] {
        let pixel = |k: usize, i: usize| {
            if i % 10 == k * 7 % 10 || i / 10 == k % 9 {
                255
            } else {
                (k % 5) as u8
            }
        };
        let pixels = (0..count)
            .flat_map(|k| (0..90).map(move |i| pixel(k, i)))
            .collect();
        write_images(
            &data.join(format!("{name}-images-idx3-ubyte")),
            &Images::new(9, 10, pixels).unwrap(),
        )
        .unwrap();
        let labels: Vec<u8> = (0..count).map(|k| (k % 9) as u8).collect();
        write_labels(&data.join(format!("{name}-labels-idx1-ubyte")), &labels).unwrap();
    }
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const TRAIN: [&str; 10] = [
    "rbm", "train", "--data", "data", "--hidden", "20", "--epochs", "3", "--batch", "16",
];
