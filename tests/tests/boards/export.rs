//! `bitspin firmware`: models that come back from their files and walk the desktop's chains, Rust sources that compile and
//! hold, and what is refused.

mod ising;
mod labels;
mod refused;
mod round_trip;
mod sources;

use std::fs;
use std::path::Path;

use bitspin::data::{Images, write_images, write_labels};
use bitspin::model_file::{IsingFile, LabelledFile, LabelledParameters, RbmFile, RbmParameters};
use bitspin::train::initial_parameters;
use tempfile::TempDir;

/// Rows and columns of the pictures.
const SIZE: (usize, usize) = (8, 9);

/// A directory with a labelled data set of 8 x 9 pixels in `data`, `model.safetensors` of that size, `odd.safetensors` of
/// another, `labels.safetensors` with three labels, and two Ising models: the edge list `ring.txt` of 70 vertices, and `glass.safetensors` of 30 spins.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::create_dir(place.join("data")).unwrap();
    for (name, count) in [("train", 30_usize), ("t10k", 12)] {
        let pixels: Vec<u8> = (0..count).flat_map(|k| picture(k % 3, k)).collect();
        let images = Images::new(SIZE.0, SIZE.1, pixels).unwrap();
        let file = |what: &str| place.join(format!("data/{name}-{what}-ubyte"));
        write_images(&file("images-idx3"), &images).unwrap();
        let labels: Vec<u8> = (0..count).map(|k| (k % 3) as u8).collect();
        write_labels(&file("labels-idx1"), &labels).unwrap();
    }
    write_model(&place.join("model.safetensors"), parameters(72, 30));
    write_model(&place.join("odd.safetensors"), parameters(19, 5));
    write_labelled(&place.join("labels.safetensors"), 72);
    let ring: String = (1..=70)
        .map(|i| format!("{i} {} {}\n", i % 70 + 1, if i % 3 == 0 { 2 } else { -1 }))
        .collect();
    fs::write(place.join("ring.txt"), format!("70 70\n{ring}")).unwrap();
    fs::write(place.join("glass.safetensors"), glass().to_bytes().unwrap()).unwrap();
    directory
}

/// 30 spins, all coupled by numbers that no integers hold exactly.
fn glass() -> IsingFile {
    let number = |i: usize, j: usize| ((i * j + i + j) as f32).sin();
    let mut w = vec![0.0; 900];
    for i in 0..30 {
        for j in 0..i {
            (w[30 * i + j], w[30 * j + i]) = (number(i, j), number(i, j));
        }
    }
    IsingFile {
        w,
        h: (0..30).map(|i| 0.1 * i as f32 - 1.0).collect(),
        metadata: Default::default(),
    }
}

/// One of three classes, with a few pixels of its own.
fn picture(class: usize, own: usize) -> Vec<u8> {
    let pixel = |i: usize| {
        let mark = match class {
            0 => i % 9 < 4,
            1 => i / 9 < 4,
            _ => (i % 9 + i / 9).is_multiple_of(2),
        };
        let changed = (i * 31 + own * 17).is_multiple_of(41);
        if mark != changed { 220 } else { 10 }
    };
    (0..SIZE.0 * SIZE.1).map(pixel).collect()
}

/// Weights of about 0.8, which every format feels.
fn parameters(visible: usize, hidden: usize) -> RbmParameters {
    let mut parameters = initial_parameters(visible, hidden, 7);
    parameters.w.iter_mut().for_each(|w| *w *= 80.0);
    for (j, c) in parameters.hidden_bias.iter_mut().enumerate() {
        *c = 0.25 * (j % 5) as f32 - 0.5;
    }
    parameters
}

/// A model of so many pixels, 20 hidden units and three classes.
fn labelled(pixels: usize) -> LabelledParameters {
    LabelledParameters {
        joint: parameters(pixels + 3, 20),
        classes: 3,
    }
}

fn write_labelled(path: &Path, pixels: usize) {
    let file = LabelledFile {
        parameters: labelled(pixels),
        metadata: Default::default(),
    };
    fs::write(path, file.to_bytes().unwrap()).unwrap();
}

fn write_model(path: &Path, parameters: RbmParameters) {
    let metadata = Default::default();
    let file = RbmFile {
        parameters,
        metadata,
    };
    fs::write(path, file.to_bytes().unwrap()).unwrap();
}
