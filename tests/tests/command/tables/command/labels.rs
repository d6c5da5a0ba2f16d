//! Labels of a table, in a column of it or in a file beside it.

use std::fs;

use bitspin::npy;
use bitspin_tests::command::refused;

use super::{bit, good, model, rows, text};

/// Labels in a column or in a file train the same model, which then classifies and calibrates by default on the rows that
/// were held out.
#[test]
fn tables_with_labels_train_classify_and_calibrate() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let rows = rows(120);
    let classes: Vec<u8> = rows.iter().map(|(_, label)| *label).collect();
    fs::write(place.join("kinds.csv"), text(&rows, Some("kind"), bit)).unwrap();
    fs::write(place.join("plain.csv"), text(&rows, None, bit)).unwrap();
    fs::write(place.join("y.npy"), npy::of_bytes(&[120], &classes)).unwrap();
    fs::write(place.join("few.npy"), npy::of_bytes(&[119], &classes[1..])).unwrap();
    let train = |data: &str, labels: &str, run: &str| {
        let options = [
            "--labels", labels, "--epochs", "40", "--batch", "8", "--hidden", "8", "--out", run,
        ];
        let options = [
            &["rbm", "train", "--data", data, "--holdout", "0.25"],
            &options[..],
        ]
        .concat();
        good(place, &options)
    };
    let first = train("kinds.csv", "kind", "column");
    assert!(
        first.stderr.contains("labels from column 'kind'"),
        "{first:?}"
    );
    train("kinds.csv", "7", "number");
    train("plain.csv", "y.npy", "file");
    for run in ["number", "file"] {
        assert_eq!(model(place, run), model(place, "column"), "{run}");
    }
    for run in ["column", "file"] {
        let path = format!("{run}/model.safetensors");
        let found = good(place, &["rbm", "classify", &path, "--json"]);
        let json = found.json();
        assert_eq!(json["rows"]["measured"], 30, "{json}");
        assert!(
            found
                .stderr
                .contains("evaluating its last 30 rows, which were held out"),
            "{found:?}"
        );
        assert!(json["error"].as_f64().unwrap() < 0.2, "{json}");
        let json = good(place, &["rbm", "calibrate", &path, "--json"]).json();
        assert_eq!(
            (&json["fitted_on"], &json["measured_on"]),
            (&15.into(), &15.into())
        );
    }
    let named = [
        "--data",
        "plain.csv",
        "--labels",
        "y.npy",
        "--holdout",
        "none",
        "--json",
    ];
    let all = good(
        place,
        &[&["rbm", "classify", "column/model.safetensors"], &named[..]].concat(),
    );
    assert_eq!(all.json()["rows"]["measured"], 120);
    refused(
        place,
        &["rbm", "train", "--data", "plain.csv", "--labels", "few.npy"],
        &["few.npy", "expected 120 labels", "found 119"],
    );
    refused(
        place,
        &["rbm", "train", "--data", "plain.csv", "--labels"],
        &["plain.csv", "label"],
    );
}
