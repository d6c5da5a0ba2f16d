//! `bitspin hopfield`: what it prints and writes, how it refuses, and what it measures against theory.

mod add;
mod capacity;
mod classify;
mod options;
mod patterns;
mod recall;

use std::fs;
use std::path::Path;

use bitspin::data::{Images, write_images, write_labels};
use bitspin_tests::command::{self, Outcome, run};
use serde_json::Value;
use tempfile::TempDir;

/// A directory with a small labelled data set in `data`, and pictures in `pictures`.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::create_dir(place.join("data")).unwrap();
    for (name, count) in [("train", 30_usize), ("t10k", 12)] {
        let pixels: Vec<u8> = (0..count).flat_map(|k| picture(k % 3, k)).collect();
        let images = Images::new(8, 9, pixels).unwrap();
        write_images(
            &place.join(format!("data/{name}-images-idx3-ubyte")),
            &images,
        )
        .unwrap();
        let labels: Vec<u8> = (0..count).map(|k| (k % 3) as u8).collect();
        write_labels(
            &place.join(format!("data/{name}-labels-idx1-ubyte")),
            &labels,
        )
        .unwrap();
    }
    fs::create_dir(place.join("pictures")).unwrap();
    for k in 0..3 {
        write_png(
            &place.join(format!("pictures/{k}.png")),
            (9, 8),
            &picture(k, 0),
        );
    }
    directory
}

/// One of three classes of 8 x 9 pixels, with a few pixels of its own.
fn picture(class: usize, own: usize) -> Vec<u8> {
    (0..72)
        .map(|i: usize| {
            let mark = match class {
                0 => i % 9 < 4,
                1 => i / 9 < 4,
                _ => (i % 9 + i / 9).is_multiple_of(2),
            };
            let changed = (i * 31 + own * 17).is_multiple_of(41) && own > 0;
            if mark != changed { 255 } else { 10 }
        })
        .collect()
}

fn write_png(path: &Path, (width, height): (u32, u32), grey: &[u8]) {
    let file = fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(grey).unwrap();
}

fn hopfield(place: &TempDir, arguments: &[&str]) -> Outcome {
    run(place.path(), [&["hopfield"], arguments].concat())
}

/// Holds `bitspin hopfield` to the rule for bad input.
fn refused(place: &TempDir, arguments: &[&str], words: &[&str]) {
    command::refused(place.path(), &[&["hopfield"], arguments].concat(), words);
}

/// A number of the object, by its name.
fn number(value: &Value, name: &str) -> f64 {
    value[name]
        .as_f64()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn png_size(path: &Path) -> (u32, u32) {
    let reader = std::io::BufReader::new(fs::File::open(path).unwrap());
    let reader = png::Decoder::new(reader).read_info().unwrap();
    (reader.info().width, reader.info().height)
}
