//! What enumeration and annealing find and write, for models whose results are known.

use std::fs;

use bitspin::model_file::IsingFile;
use bitspin_tests::command::refused;
use serde_json::Value;

use super::{ising, near, numbers};

/// The file's models in float64, so that nothing is rounded on the way but to float32: 1e-7 of a coupling, of which some
/// dozens add up.
#[test]
fn enumeration_prints_the_results_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let json: Value = serde_json::from_str(include_str!("../../../data/ising_exact.json")).unwrap();
    for case in json["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["n"] != 1)
    {
        let narrow = |values: &Value| numbers(values).iter().map(|&x| x as f32).collect();
        let file = IsingFile {
            w: narrow(&case["w"]),
            h: narrow(&case["h"]),
            metadata: Default::default(),
        };
        fs::write(place.join("model.safetensors"), file.to_bytes().unwrap()).unwrap();
        let beta = case["beta"].to_string();
        let found = ising(
            place,
            &["exact", "model.safetensors", "--beta", &beta, "--json"],
        )
        .json();
        for key in ["ln_z", "mean_energy", "entropy", "mean_spin", "correlation"] {
            near(&found[key], &case[key], 2e-5);
        }
    }
}

#[test]
fn annealing_finds_a_known_cut_and_its_state() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    // A ring of 40 with a chord that spoils nothing: all 40 edges of the ring and, between odd and even, the chord are cut.
    let ring: String = (0..40)
        .map(|i| format!("{} {} 1\n", i + 1, (i + 1) % 40 + 1))
        .collect();
    fs::write(place.join("ring.txt"), format!("40 41\n{ring}1 22 3\n")).unwrap();
    let anneal = |options: &[&str]| {
        ising(
            place,
            &[&["anneal", "ring.txt", "--json"], options].concat(),
        )
        .json()
    };
    let found = anneal(&["--sweeps", "2000", "--threads", "1", "--out", "state.txt"]);
    assert_eq!(
        (found["cut"].as_f64(), found["energy"].as_f64()),
        (Some(43.0), Some(-43.0))
    );
    let state = numbers(&found["state"]);
    assert!((0..40).all(|i| state[i] == -state[(i + 1) % 40]));
    let lines = fs::read_to_string(place.join("state.txt")).unwrap();
    assert!(
        lines
            .lines()
            .map(|line| line.parse::<f64>().unwrap())
            .eq(state)
    );
    let again = anneal(&["--sweeps", "2000", "--threads", "3"]);
    assert_eq!(
        (&again["state"], &again["energies"]),
        (&found["state"], &found["energies"])
    );
    let linear = anneal(&[
        "--schedule",
        "linear",
        "--betas",
        "0.1..5",
        "--sweeps",
        "2000",
    ]);
    assert_eq!(linear["energy"].as_f64(), Some(-43.0));
}

#[test]
fn probabilities_of_all_states_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    // Spin 0 is pushed up, spin 1 down, and they are not coupled with spin 2.
    fs::write(place.join("m.txt"), "1 1 0.5\n2 2 -1\n3 3 0\n").unwrap();
    let exact = |to: &str| {
        let options = [
            "exact",
            "m.txt",
            "--convention",
            "ising",
            "--beta",
            "2",
            "--probabilities",
            to,
        ];
        ising(place, &options)
    };
    assert_eq!(exact("p.csv").code, Some(0));
    let p = |number: usize| {
        let up = |i: usize, h: f64| {
            let s = if number >> i & 1 != 0 { 1.0 } else { -1.0 };
            1.0 / (1.0 + (-4.0 * h * s).exp())
        };
        up(0, 0.5) * up(1, -1.0) * 0.5
    };
    let text = fs::read_to_string(place.join("p.csv")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("number,state,probability", 9));
    assert!(lines[2].starts_with("1,+--,") && lines[5].starts_with("4,--+,"));
    for (number, line) in lines[1..].iter().enumerate() {
        let found: f64 = line.rsplit(',').next().unwrap().parse().unwrap();
        assert!((found - p(number)).abs() < 1e-15, "{line}");
    }
    assert_eq!(exact("p.npy").code, Some(0));
    let bytes = fs::read(place.join("p.npy")).unwrap();
    assert!(bytes.starts_with(b"\x93NUMPY"));
    let (numbers, _) = bytes[bytes.len() - 64..].as_chunks::<8>();
    for (number, bytes) in numbers.iter().enumerate() {
        assert!((f64::from_le_bytes(*bytes) - p(number)).abs() < 1e-15);
    }
    let exact = [
        "ising",
        "exact",
        "m.txt",
        "--convention",
        "ising",
        "--probabilities",
    ];
    refused(place, &[&exact[..], &["p.txt"]].concat(), &[".csv or .npy"]);
    refused(
        place,
        &[&exact[..], &["p.csv"]].concat(),
        &["p.csv", "--force"],
    );
}
