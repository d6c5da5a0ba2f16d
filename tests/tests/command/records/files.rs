//! Files of numbers: their format follows from the ending of their name.

use std::fs;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset};
use bitspin::evaluate::{hidden_probabilities, logits};
use bitspin::model_file::{LabelledFile, RbmFile};
use bitspin::npy::{Header, Kind};
use bitspin_core::rng::Purpose;
use bitspin_tests::command::refused;
use serde_json::json;
use tempfile::TempDir;

use super::{bitspin, json, place, train};

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

#[test]
fn single_rows_are_scored() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let told = json(
        &place,
        "rbm eval out/model.safetensors --exact --per-row rows.npy",
    );
    assert_eq!(told["files"][0]["shape"], json!([80, 3]));
    assert_eq!(
        told["files"][0]["columns"],
        json!(["free_energy", "pseudo_log_likelihood", "log_likelihood"])
    );
    let (kind, _, numbers) = read_npy(&place, "rows.npy");
    assert_eq!(kind, Kind::Float);
    let mean = |rows: std::ops::Range<usize>, column: usize| {
        let count = rows.len() as f64;
        rows.map(|row| numbers[row * 3 + column]).sum::<f64>() / count
    };
    let near = |found: f64, name: &str| {
        let expected = told[name].as_f64().unwrap();
        assert!(
            (found - expected).abs() < 1e-9,
            "{name}: {found} {expected}"
        );
    };
    near(mean(0..60, 0), "free_energy");
    near(mean(60..80, 0), "test_free_energy");
    near(mean(60..80, 1), "test_pseudo_log_likelihood");
    near(mean(60..80, 2), "test_log_likelihood");
    let text = bitspin(
        &place,
        "rbm eval out/model.safetensors --per-row rows.csv --rows test",
    );
    assert_eq!(text.code, Some(0), "{text:?}");
    let csv = fs::read_to_string(place.path().join("rows.csv")).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[0], "row,split,free_energy,pseudo_log_likelihood");
    assert_eq!(
        lines[1],
        format!("0,test,{},{}", numbers[180], numbers[181])
    );
    let told = json(
        &place,
        "rbm eval out/model.safetensors --ais --chains 20 --betas 20 --per-row ais.npy",
    );
    let columns = told["files"][0]["columns"].as_array().unwrap();
    assert_eq!(columns[2], "log_likelihood");
    // Up to 24 units in a layer ln Z is exact with --ais too.
    refused(
        place.path(),
        &["rbm", "eval", MODEL, "--per-row", "rows.npy"],
        &["rows.npy", "--force"],
    );
}

#[test]
fn single_rows_are_classified() {
    let place = place();
    train(&place, "--labels --binarise threshold=0.3");
    let told = json(
        &place,
        "rbm classify out/model.safetensors --exact --per-row rows.csv",
    );
    assert_eq!(told["files"][0]["shape"], json!([20, 6]));
    let csv = fs::read_to_string(place.path().join("rows.csv")).unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "row,split,energy,predicted,log_likelihood,p_0,p_1,p_2"
    );
    let rows: Vec<Vec<f64>> = lines[1..]
        .iter()
        .map(|line| {
            line.split(',')
                .skip(2)
                .map(|cell| cell.parse().unwrap())
                .collect()
        })
        .collect();
    assert_eq!(rows.len(), 20);
    let mean = |column: usize| rows.iter().map(|row| row[column]).sum::<f64>() / 20.0;
    assert!((mean(0) - told["energy"].as_f64().unwrap()).abs() < 1e-9);
    assert!((mean(2) - told["test_log_likelihood"].as_f64().unwrap()).abs() < 1e-9);
    for row in &rows {
        let p = &row[3..];
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(p.iter().all(|&other| other <= p[row[1] as usize]));
    }
}

#[test]
fn what_was_filled_in_is_written_as_numbers() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let complete = "rbm complete out/model.safetensors --erase bottom --digits 7 --steps 20 --burn-in 5 --force --out";
    let told = json(&place, &format!("{complete} c.npy"));
    let file = json!({ "path": "c.npy", "format": "npy", "dtype": "float32", "shape": [7, 16] });
    assert_eq!(told["files"], json!([file]));
    let (_, _, p) = read_npy(&place, "c.npy");
    let rows = all_rows(&place);
    for (row, image) in rows.iter().skip(60).take(7).enumerate() {
        for unit in 0..8 {
            assert_eq!(p[row * 16 + unit], (image[0] >> unit & 1) as f64);
        }
        let filled = &p[row * 16 + 8..row * 16 + 16];
        assert!(filled.iter().any(|p| *p > 0.0 && *p < 1.0));
    }
    json(&place, &format!("{complete} c.csv"));
    let csv = read_csv(&place, "c.csv").1.concat();
    assert!(csv.iter().zip(&p).all(|(a, b)| *a as f32 == *b as f32));
    json(&place, &format!("{complete} s.npy --samples"));
    let (kind, shape, samples) = read_npy(&place, "s.npy");
    assert_eq!((kind, shape.as_slice()), (Kind::Unsigned, &[7, 16][..]));
    assert!(samples.iter().all(|&unit| unit == 0.0 || unit == 1.0));
    for (row, image) in rows.iter().skip(60).take(7).enumerate() {
        let known = (0..8).map(|unit| f64::from((image[0] >> unit & 1) as u8));
        assert!(known.eq(samples[row * 16..row * 16 + 8].iter().copied()));
    }
    fs::write(
        place.path().join("gaps.csv"),
        "1,0,?\n1,?,1\n0,1,0\n1,0,1\n",
    )
    .unwrap();
    let learn = "rbm train --data gaps.csv --hidden 2 --epochs 2 --batch 2 --out gaps";
    assert_eq!(bitspin(&place, learn).code, Some(0));
    let told = json(&place, "rbm complete gaps/model.safetensors --out gaps.npy");
    assert_eq!(told["files"][0]["shape"], json!([4, 3]));
    let (_, _, filled) = read_npy(&place, "gaps.npy");
    assert_eq!((filled[0], filled[1], filled[5]), (1.0, 0.0, 1.0));
    assert!(filled[2] > 0.0 && filled[2] < 1.0);
}

#[test]
fn states_of_spins_are_written_as_numbers() {
    let place = place();
    let sample = "ising sample --lattice 4x4 --betas 0.2..3 --points 2 --chains 5 --sweeps 20 --force --states";
    for sampler in ["glauber", "wolff", "tempering"] {
        let told = json(&place, &format!("{sample} s.npy --sampler {sampler}"));
        let file =
            json!({ "path": "s.npy", "format": "npy", "dtype": "int8", "shape": [2, 5, 16] });
        assert_eq!(told["files"], json!([file]), "{sampler}");
        let (kind, _, spins) = read_npy(&place, "s.npy");
        assert_eq!(kind, Kind::Signed);
        assert!(spins.iter().all(|spin| spin.abs() == 1.0));
        // Cold chains end near one of the two ground states, hot ones in states of their own.
        let agree = |chain: usize| {
            let state = &spins[chain * 16..(chain + 1) * 16];
            state.iter().sum::<f64>().abs()
        };
        assert!(
            (5..10).map(agree).sum::<f64>() > (0..5).map(agree).sum::<f64>(),
            "{sampler}"
        );
        let mut hot: Vec<_> = spins[..80]
            .chunks(16)
            .map(|state| format!("{state:?}"))
            .collect();
        hot.sort();
        hot.dedup();
        assert_eq!(hot.len(), 5, "{sampler}");
        json(&place, &format!("{sample} s.csv --sampler {sampler}"));
        let (names, rows) = read_csv(&place, "s.csv");
        assert_eq!(names[..3], ["beta", "chain", "s1"]);
        assert_eq!((rows[9][0], rows[9][1]), (3.0, 4.0));
        let rows: Vec<f64> = rows.iter().flat_map(|row| row[2..].to_vec()).collect();
        assert_eq!(rows, spins);
    }
    fs::write(
        place.path().join("ring.txt"),
        "4 4\n1 2 1\n2 3 1\n3 4 1\n4 1 1\n",
    )
    .unwrap();
    let told = json(&place, "ising anneal ring.txt --out a.npy");
    assert_eq!(told["files"][0]["shape"], json!([4]));
    let (_, _, spins) = read_npy(&place, "a.npy");
    let state: Vec<f64> = told["state"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s.as_f64().unwrap())
        .collect();
    assert_eq!(spins, state);
}

#[test]
fn samples_come_back_as_data_and_every_row_of_a_table_is_taken_once() {
    let place = place();
    train(&place, "--binarise threshold=0.3");
    let sample = "rbm sample out/model.safetensors --chains 30 --steps 20 --out";
    json(&place, &format!("{sample} s.csv"));
    json(&place, &format!("{sample} s.npy"));
    let figures = |name: &str| {
        let told = json(
            &place,
            &format!("rbm eval out/model.safetensors --data {name}"),
        );
        (
            told["free_energy"].clone(),
            told["test_pseudo_log_likelihood"].clone(),
        )
    };
    assert_eq!(figures("s.csv"), figures("s.npy"));
    let told = json(
        &place,
        "rbm transform out/model.safetensors --data s.csv --out h.npy",
    );
    assert_eq!(told["files"][0]["shape"], json!([30, 3]));
    // Of a table that was learned from, the rows held out are the last.
    train(&place, "--data s.csv --out tabled");
    let shape = |rows: &str| {
        let told = json(
            &place,
            &format!("rbm transform tabled/model.safetensors --force --out t.npy --rows {rows}"),
        );
        (
            told["files"][0]["shape"].clone(),
            read_npy(&place, "t.npy").2,
        )
    };
    let (all, test) = (shape("all"), shape("test"));
    assert_eq!((all.0, test.0), (json!([30, 3]), json!([3, 3])));
    assert_eq!(all.1[81..], test.1);
    json(
        &place,
        "rbm eval tabled/model.safetensors --per-row rows.npy",
    );
    assert_eq!(read_npy(&place, "rows.npy").1, [30, 2]);
}
