//! `bitspin ising exact`, `anneal` and `convert`: what they find, and how they refuse.

mod formats;
mod magnitudes;
mod refusals;
mod results;

use std::path::Path;

use bitspin_tests::command::{Outcome, run};
use serde_json::Value;

fn ising(place: &Path, options: &[&str]) -> Outcome {
    run(place, [&["ising"], options].concat())
}

fn numbers(json: &Value) -> Vec<f64> {
    match json {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![
            value
                .as_f64()
                .unwrap_or_else(|| panic!("{value} is no number")),
        ],
    }
}

#[track_caller]
fn near(found: &Value, expected: &Value, bound: f64) {
    let (found, expected) = (numbers(found), numbers(expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!(
            (found - expected).abs() <= bound,
            "{found}, expected {expected}"
        );
    }
}
