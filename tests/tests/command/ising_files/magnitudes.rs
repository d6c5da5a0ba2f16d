//! Couplings and temperatures that are very large, very small, or both at once.

use std::fs;

use bitspin_tests::command::refused;
use serde_json::Value;

use super::{ising, near};

/// The two ground states of a glass of seven bonds share the probability at any large beta; what overflows is refused.
#[test]
fn a_cold_glass_has_the_entropy_of_its_ground_states() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let glass = "6 7\n1 2 1\n2 3 -1\n3 4 2\n4 5 1\n5 6 1\n1 6 -1\n2 5 1\n";
    fs::write(place.join("g.txt"), glass).unwrap();
    for beta in ["1e9", "1e16", "1e300"] {
        let found = ising(place, &["exact", "g.txt", "--beta", beta, "--json"]).json();
        near(
            &found["entropy"],
            &Value::from(std::f64::consts::LN_2),
            1e-12,
        );
        near(&found["mean_energy"], &Value::from(-6.0), 1e-12);
    }
    fs::write(place.join("big.txt"), "3 2\n1 2 1e308\n2 3 1e308\n").unwrap();
    for command in ["exact", "sample", "anneal"] {
        refused(
            place,
            &["ising", command, "big.txt"],
            &["big.txt", "finite"],
        );
    }
    let hot = ["ising", "exact", "g.txt", "--beta", "1e308"];
    refused(place, &hot, &["g.txt", "finite times beta"]);
}

/// Bonds of 0.001 to 0.02 beside one of 100,000, at a temperature of 0.01. With a fixed seed four comparisons of 4.5 standard
/// errors are made: false alarms 3 in 100,000.
#[test]
fn weak_couplings_beside_a_strong_one_are_sampled() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let weights = [
        -0.006538, -0.001296, 0.00784, 0.014934, -0.012591, 0.015139, 0.013459, 0.007813, 0.002645,
        -0.003139, 0.01458, 0.019603, 100_000.0,
    ];
    let lines = weights.iter().enumerate();
    let lines: String = lines
        .map(|(i, w)| format!("{} {} {w}\n", i + 1, i + 2))
        .collect();
    fs::write(place.join("sp.txt"), format!("14 13\n{lines}")).unwrap();
    let exact = ising(place, &["exact", "sp.txt", "--beta", "100", "--json"]).json();
    let exact = exact["mean_energy"].as_f64().unwrap();
    assert!((exact + 100_000.097).abs() < 5e-4, "{exact}");
    for sampler in ["glauber", "metropolis", "wolff", "tempering"] {
        let betas = if sampler == "tempering" {
            "--betas 50..100 --points 2"
        } else {
            "--beta 100"
        };
        let options = format!(
            "sample sp.txt {betas} --sampler {sampler} --sweeps 4000 --burn-in 500 --chains 4 --json"
        );
        let found = ising(place, &options.split(' ').collect::<Vec<_>>()).json();
        assert_eq!(found["numbers"]["bits"], 64);
        let points = found["points"].as_array().unwrap();
        let energy = &points.last().unwrap()["energy"];
        let (mean, error) = (
            energy["mean"].as_f64().unwrap(),
            energy["error"].as_f64().unwrap(),
        );
        assert!(error < 1e-4, "{sampler}: {error}");
        near(
            &Value::from(14.0 * mean),
            &Value::from(exact),
            4.5 * 14.0 * error,
        );
    }
    let text = ising(
        place,
        &[
            "sample",
            "sp.txt",
            "--beta",
            "100",
            "--sweeps",
            "10",
            "--burn-in",
            "0",
        ],
    );
    assert!(text.stdout.contains("held in 64 bits"), "{text:?}");
}

/// Dense models beyond 16 bits, of integers and of numbers that differ by twelve orders of magnitude.
#[test]
fn dense_models_of_large_numbers_are_annealed() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let mut random = bitspin::validate::Random::new(3);
    for (name, bits, betas) in [
        ("large.txt", 32, "1e-7..1e-3"),
        ("spread.txt", 64, "1e-7..1e7"),
    ] {
        let n = 12;
        let mut w = vec![0.0; n * n];
        let mut lines = String::new();
        for i in 0..n {
            for j in i + 1..n {
                let sign = random.number(1.0).signum();
                let value = match bits {
                    32 => sign * (random.number(2.0).abs() * 102_045.0).round(),
                    _ => sign * 10_f64.powf(random.number(6.0)),
                };
                (w[i * n + j], w[j * n + i]) = (-value, -value);
                lines.push_str(&format!("{} {} {value:?}\n", i + 1, j + 1));
            }
        }
        fs::write(
            place.join(name),
            format!("{n} {}\n{lines}", n * (n - 1) / 2),
        )
        .unwrap();
        let model = bitspin::reference::ising::Ising { w, h: vec![0.0; n] };
        let ground = model.energies().into_iter().fold(f64::INFINITY, f64::min);
        let found = ising(
            place,
            &[
                "anneal",
                name,
                "--betas",
                betas,
                "--sweeps",
                "2000",
                "--replicas",
                "32",
                "--json",
            ],
        )
        .json();
        assert_eq!(found["numbers"]["bits"], bits, "{name}");
        near(&found["energy"], &Value::from(ground), 1e-12 * ground.abs());
    }
}
