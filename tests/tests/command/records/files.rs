//! Files of numbers: their format follows from the ending of their name.

mod hidden;
mod rows;
mod states;

use std::fs;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset};
use bitspin::npy::{Header, Kind};
use bitspin_core::rng::Purpose;
use bitspin_tests::command::refused;
use serde_json::json;
use tempfile::TempDir;

use super::{json, place, train};

const MODEL: &str = "out/model.safetensors";

/// The kind, the shape and the numbers of an array.
fn read_npy(place: &TempDir, name: &str) -> (Kind, Vec<usize>, Vec<f64>) {
    let bytes = fs::read(place.path().join(name)).unwrap();
    let mut rest = bytes.as_slice();
    let header = Header::read(&mut rest).unwrap();
    assert!(!header.fortran_order && !header.big_endian);
    assert_eq!(rest.len(), header.data_bytes());
    let numbers = rest.chunks_exact(header.size);
    let numbers = numbers.map(|bytes| header.value(bytes)).collect();
    (header.kind, header.shape, numbers)
}

/// The names and the numbers of a CSV file.
fn read_csv(place: &TempDir, name: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let text = fs::read_to_string(place.path().join(name)).unwrap();
    let mut lines = text.lines();
    let names = lines.next().unwrap().split(',').map(String::from);
    let cells = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    (names.collect(), lines.map(cells).collect())
}

/// All rows of `digits` from a threshold of 0.3.
fn all_rows(place: &TempDir) -> BitMatrix {
    let data = Dataset::load(Some(&place.path().join("digits"))).unwrap();
    let how = Binarisation::Threshold(0.3);
    let packed = |images| BitMatrix::binarise(images, how, 1, Purpose::Evaluation);
    let (train, test) = (packed(&data.train.images), packed(&data.test.images));
    BitMatrix::from_bits(16, [train.bits(), test.bits()].concat()).unwrap()
}

#[test]
fn samples_are_written_as_pictures_and_as_numbers() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let sample = "rbm sample out/model.safetensors --chains 5 --steps 20 --seed 3 --out";
    let told = json(&place, &format!("{sample} s.npy"));
    let file = json!({ "path": "s.npy", "format": "npy", "dtype": "uint8", "shape": [5, 16] });
    assert_eq!(told["files"], json!([file]));
    let (kind, shape, numbers) = read_npy(&place, "s.npy");
    assert_eq!((kind, shape.as_slice()), (Kind::Unsigned, &[5, 16][..]));
    assert!(numbers.iter().all(|&unit| unit == 0.0 || unit == 1.0));
    assert!(numbers.contains(&0.0) && numbers.contains(&1.0));
    json(&place, &format!("{sample} s.CSV"));
    let (names, rows) = read_csv(&place, "s.CSV");
    assert_eq!((names[0].as_str(), names[15].as_str()), ("v1", "v16"));
    assert_eq!(rows.concat(), numbers);
    let told = json(&place, &format!("{sample} s.png"));
    assert_eq!(told["files"], json!([{ "path": "s.png", "format": "png" }]));
    assert!(
        fs::read(place.path().join("s.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
}

#[test]
fn other_endings_are_refused() {
    let place = place();
    train(&place, "--labels");
    train(&place, "--out plain");
    let cases: &[(&str, &[&str])] = &[
        (
            "rbm sample plain/model.safetensors --out s.pgm",
            &[".png, .npy or .csv", "s.pgm"],
        ),
        (
            "rbm sample plain/model.safetensors --out s",
            &[".png, .npy or .csv", "s"],
        ),
        (
            "rbm sample plain/model.safetensors --out s.npy --size 4x4",
            &["--size", ".png"],
        ),
        (
            "rbm transform plain/model.safetensors --out h.png",
            &[".npy or .csv", "h.png"],
        ),
        (
            "rbm transform plain/model.safetensors --states packed --out h.csv",
            &["ends in .npy", "h.csv"],
        ),
        (
            "rbm quantise plain/model.safetensors --format i8 --out q.bin",
            &[".safetensors", "q.bin"],
        ),
        (
            "rbm eval plain/model.safetensors --per-row r.json",
            &["--per-row", ".csv or .npy"],
        ),
        (
            "rbm classify out/model.safetensors --out r.png",
            &[".svg", "r.png"],
        ),
        (
            "rbm classify out/model.safetensors --per-row r.txt",
            &["--per-row", ".csv or .npy"],
        ),
        (
            "rbm calibrate out/model.safetensors --out c.pt",
            &[".safetensors", "c.pt"],
        ),
        (
            "rbm complete plain/model.safetensors --out x.jpg",
            &[".png, .npy or .csv", "x.jpg"],
        ),
        (
            "ising anneal ring.txt --out a.csv",
            &[".txt or .npy", "a.csv"],
        ),
        (
            "ising sample --lattice 2x2 --states s.txt",
            &["--states", ".npy or .csv"],
        ),
        ("hopfield recall --out r.svg", &[".png", "r.svg"]),
        (
            "device --port tcp:127.0.0.1:9 sample --out s.npy",
            &[".png", "s.npy"],
        ),
        (
            "device --port tcp:127.0.0.1:9 sample --ising --out s.npy",
            &[".png", "s.npy"],
        ),
    ];
    for (words, expected) in cases {
        let words: Vec<_> = words.split_whitespace().collect();
        refused(place.path(), &words, expected);
    }
}
