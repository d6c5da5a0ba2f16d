//! Rows: the figures of each in a file, and that every row of a table is taken once.

use std::fs;

use bitspin::npy::Kind;
use bitspin_tests::command::refused;
use serde_json::json;

use super::{MODEL, read_npy};
use crate::records::{bitspin, json, place, train};

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
