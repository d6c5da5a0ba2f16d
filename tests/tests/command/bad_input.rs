//! The command with bad input: one clear line on standard error, exit code 2, nothing written, nothing lost.

mod checkpoints;
mod data;
mod models;
mod options;
mod outputs;

use std::fs;

use bitspin::data::{Images, write_images, write_labels};
use bitspin::model_file::{RbmFile, RbmParameters};
use tempfile::TempDir;

const IMAGES: &str = "train-images-idx3-ubyte";

/// A directory with a small data set in `data` and a model that fits it in `model.safetensors`.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 40_usize), ("t10k", 10)] {
        let pixels = (0..count * 20).map(|k| (k * 37 % 256) as u8).collect();
        let images = Images::new(4, 5, pixels).unwrap();
        write_images(&data.join(format!("{name}-images-idx3-ubyte")), &images).unwrap();
        write_labels(
            &data.join(format!("{name}-labels-idx1-ubyte")),
            &vec![1; count],
        )
        .unwrap();
    }
    let model = RbmFile {
        parameters: parameters(),
        metadata: Default::default(),
    };
    fs::write(
        directory.path().join("model.safetensors"),
        model.to_bytes().unwrap(),
    )
    .unwrap();
    directory
}

fn parameters() -> RbmParameters {
    RbmParameters {
        visible: 20,
        hidden: 3,
        w: vec![0.1; 60],
        visible_bias: vec![0.0; 20],
        hidden_bias: vec![0.0; 3],
    }
}
