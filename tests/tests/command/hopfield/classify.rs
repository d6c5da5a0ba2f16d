//! `bitspin hopfield classify`: errors on held-out digits, and data without labels.

use std::fs;

use super::{hopfield, number, refused, workplace};

/// Errors on the 1,000 held-out digits. A rate of 7% has a standard error of 0.8%, but nothing is drawn: the run is one
/// and the same on every machine, and the README states its result.
#[test]
fn dense_memory_classifies_digits_and_classical_memory_fails() {
    let place = workplace();
    let report = hopfield(&place, &["classify", "--json"]).json();
    let error = |rule: &str| {
        let memories = report["memories"].as_array().unwrap();
        let row = memories.iter().find(|row| row["rule"] == rule).unwrap();
        number(row, "error")
    };
    assert_eq!(error("exponential"), 0.067, "{report}");
    assert!(error("dense:64") < 0.12, "{report}");
    assert!(
        error("pseudo-inverse") < 0.5 && error("hebb") > 0.2,
        "{report}"
    );
    let small = hopfield(
        &place,
        &["classify", "--data", "data", "--rule", "exponential:0.3"],
    );
    assert_eq!(small.code, Some(0), "{small:?}");
    assert!(small.stdout.contains(" 0.0%"), "{}", small.stdout);
}

#[test]
fn data_without_labels_cannot_be_classified() {
    let place = workplace();
    fs::remove_file(place.path().join("data/t10k-labels-idx1-ubyte")).unwrap();
    refused(&place, &["classify", "--data", "data"], &["labels"]);
    fs::remove_file(place.path().join("data/train-labels-idx1-ubyte")).unwrap();
    let outcome = hopfield(&place, &["recall", "--data", "data", "--patterns", "3"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}
