//! Ising models: enumeration and reference against the files, models and samplers against both.

mod blocks;
mod distributions;
mod exact;
mod lattices;
mod long_runs;
mod models;
mod moves;
mod sliced;
mod transitions;
mod wide;

use bitspin::reference::ising::Ising;
use serde::Deserialize;

/// A model of `ising_exact.json` with its exact results.
#[derive(Deserialize)]
struct Case {
    n: usize,
    beta: f64,
    w: Vec<Vec<f64>>,
    h: Vec<f64>,
    states: Vec<usize>,
    energies: Vec<f64>,
    ln_z: f64,
    probabilities: Vec<f64>,
    mean_spin: Vec<f64>,
    correlation: Vec<Vec<f64>>,
    mean_energy: f64,
    entropy: f64,
    flip_delta_energy: Vec<f64>,
}

impl Case {
    fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        let json = include_str!("../../data/ising_exact.json");
        let file: File = serde_json::from_str(json).expect("a reference file");
        assert_eq!(file.cases.len(), 5);
        file.cases
    }

    fn ising(&self) -> Ising {
        Ising {
            w: self.w.concat(),
            h: self.h.clone(),
        }
    }
}

/// The 4 x 4 torus of `ising_4x4.json` at a temperature.
#[derive(Deserialize)]
struct TorusCase {
    beta: f64,
    ln_z: f64,
    energy_per_spin: f64,
    abs_magnetisation: f64,
    magnetisation_squared: f64,
}

impl TorusCase {
    fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<TorusCase>,
        }
        let json = include_str!("../../data/ising_4x4.json");
        let file: File = serde_json::from_str(json).expect("a reference file");
        assert_eq!(file.cases.len(), 4);
        file.cases
    }
}

/// Couplings of an L x L torus, J = 1.
fn torus(side: usize) -> Ising {
    let n = side * side;
    let mut w = vec![0.0; n * n];
    for row in 0..side {
        for column in 0..side {
            let i = row * side + column;
            for j in [
                row * side + (column + 1) % side,
                (row + 1) % side * side + column,
            ] {
                w[i * n + j] += 1.0;
                w[j * n + i] += 1.0;
            }
        }
    }
    Ising { w, h: vec![0.0; n] }
}

#[track_caller]
fn near(found: f64, expected: f64, bound: f64) {
    assert!(
        (found - expected).abs() <= bound,
        "{found}, expected {expected} within {bound}"
    );
}
