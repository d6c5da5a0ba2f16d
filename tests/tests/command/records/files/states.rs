//! States of units and of spins, as files of numbers.

use std::fs;

use bitspin::npy::Kind;
use serde_json::json;

use super::{all_rows, read_csv, read_npy};
use crate::records::{bitspin, json, place, train};

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
