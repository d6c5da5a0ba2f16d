//! What is made of a trained model: rounded models, and pictures of samples.

use std::fs;

use bitspin_tests::command::run;

use super::{TRAIN, workplace};

#[test]
fn rounding_is_reported_and_written() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = "bitspin-out/rbm/model.safetensors";
    let report = ["rbm", "quantise", model, "--data", "data", "--report"];
    let measured = run(place.path(), report.iter().chain(&["--json"])).json();
    let rows = measured["formats"].as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["format"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["float32", "i16", "i8", "i4", "ternary", "sign"]);
    let change =
        |row: &serde_json::Value| row["test_log_likelihood_change"].as_f64().unwrap().abs();
    assert!(
        change(&rows[1]) < 0.05 && change(&rows[1]) < change(&rows[5]),
        "{measured}"
    );
    let text = run(place.path(), report);
    assert!(
        text.code == Some(0) && text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{text:?}"
    );
    // The model that is written is the one that was measured.
    let write = [
        "rbm",
        "quantise",
        model,
        "--format",
        "i4",
        "--out",
        "small.safetensors",
    ];
    assert_eq!(run(place.path(), write).code, Some(0));
    let eval = [
        "rbm",
        "eval",
        "small.safetensors",
        "--data",
        "data",
        "--exact",
        "--json",
    ];
    let small = run(place.path(), eval).json();
    assert_eq!(small["ln_z"], rows[3]["ln_z"]);
    assert_eq!(small["test_log_likelihood"], rows[3]["test_log_likelihood"]);
}

#[test]
fn sampling_draws_a_picture_that_repeats() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = "bitspin-out/rbm/model.safetensors";
    let sample = |out: &str, more: &[&str]| {
        let start = [
            "rbm", "sample", model, "--steps", "50", "--chains", "9", "--out", out,
        ];
        let outcome = run(place.path(), start.iter().chain(more));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        fs::read(place.path().join(out)).unwrap()
    };
    let first = sample("a.png", &["--threads", "1"]);
    assert!(sample("b.png", &["--threads", "3"]) == first);
    assert!(sample("c.png", &["--seed", "2"]) != first);
    assert!(sample("d.png", &["--from-data", "--data", "data"]) != first);
    assert!(sample("e.png", &["--size", "10x9"]) != first);
}
