//! The rows that are held out: how they are chosen, and that a resumed run keeps them.

use std::fs;

use bitspin_tests::command::refused;

use super::{bit, good, model, rows, text};

/// The rule: the rows held out in training where the data are those of the training, under any name; else all rows.
#[test]
fn the_rows_that_are_measured_are_chosen_by_a_rule_and_said() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let all = rows(100);
    fs::write(place.join("t.csv"), text(&all[..80], None, bit)).unwrap();
    fs::write(
        place.join("same.csv"),
        text(&all[..80], None, bit).replace(',', ";"),
    )
    .unwrap();
    fs::write(place.join("new.csv"), text(&all[80..], None, bit)).unwrap();
    good(
        place,
        &[
            "rbm",
            "train",
            "--data",
            "t.csv",
            "--epochs",
            "3",
            "--holdout",
            "0.2",
            "--out",
            "run",
        ],
    );
    let eval = |run: &str, more: &[&str]| {
        let path = format!("{run}/model.safetensors");
        let outcome = good(
            place,
            &[&["rbm", "eval", path.as_str(), "--exact", "--json"], more].concat(),
        );
        let json = outcome.json();
        (
            json["rows"].clone(),
            json["test_log_likelihood"].as_f64().unwrap(),
            outcome.stderr,
        )
    };
    let counts = |training: usize, measured: usize, held_out: &str| serde_json::json!({ "training": training, "measured": measured, "held_out": held_out });
    let (found, held_out, said) = eval("run", &[]);
    assert_eq!(found, counts(64, 16, "last"));
    assert!(
        said.contains("t.csv: evaluating its last 16 rows, which were held out"),
        "{said}"
    );
    let (found, same, said) = eval("run", &["--data", "same.csv"]);
    assert_eq!((found, same), (counts(64, 16, "last"), held_out), "{said}");
    let (found, fresh, said) = eval("run", &["--data", "new.csv"]);
    assert_eq!(found, counts(0, 20, "none"));
    assert!(said.contains("evaluating all 20 rows of new.csv"), "{said}");
    let (found, ..) = eval("run", &["--data", "new.csv", "--holdout", "0.5"]);
    assert_eq!(found, counts(10, 10, "last"));
    let (found, beside, _) = eval("run", &["--data", "t.csv", "--test", "new.csv"]);
    assert_eq!((found, beside), (counts(80, 20, "separate"), fresh));

    let with_test = [
        "--data", "t.csv", "--test", "new.csv", "--epochs", "3", "--out", "tested",
    ];
    let trained = good(place, &[&["rbm", "train"], &with_test[..]].concat());
    assert!(
        trained.stdout.contains("80 rows to train, 20 to test"),
        "{trained:?}"
    );
    assert_eq!(eval("tested", &[]).0, counts(80, 20, "separate"));
    let (found, _, said) = eval("tested", &["--data", "t.csv"]);
    assert_eq!(found, counts(0, 80, "none"));
    assert!(said.contains("no rows were held out"), "{said}");
    let none = [
        "--data",
        "t.csv",
        "--holdout",
        "none",
        "--epochs",
        "3",
        "--out",
        "none",
    ];
    let trained = good(place, &[&["rbm", "train"], &none[..]].concat());
    assert!(
        trained.stdout.contains("80 rows, none held out"),
        "{trained:?}"
    );
    assert_eq!(model(place, "none"), model(place, "tested"));
}

/// What says which rows are learned from is kept by `--resume`, and must not change.
#[test]
fn a_run_goes_on_with_the_rows_it_began_with() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let all = rows(100);
    fs::write(place.join("t.csv"), text(&all[..80], Some("y"), bit)).unwrap();
    fs::write(place.join("new.csv"), text(&all[80..], Some("y"), bit)).unwrap();
    for (name, options) in [
        ("holdout", &["--data", "t.csv", "--holdout", "0.3"][..]),
        ("test", &["--data", "t.csv", "--test", "new.csv"]),
        (
            "labels",
            &[
                "--data",
                "t.csv",
                "--labels",
                "y",
                "--header",
                "--row-names",
                "none",
            ],
        ),
    ] {
        let train = |epochs: &str, out: &str| {
            let rest = ["--epochs", epochs, "--hidden", "4", "--out", out];
            good(place, &[&["rbm", "train"], options, &rest[..]].concat());
        };
        let whole = format!("{name}-whole");
        train("4", &whole);
        train("2", name);
        refused(
            place,
            &[
                "rbm",
                "train",
                "--resume",
                name,
                "--holdout",
                "0.5",
                "--epochs",
                "4",
            ],
            &["--holdout"],
        );
        good(place, &["rbm", "train", "--resume", name, "--epochs", "4"]);
        assert_eq!(model(place, name), model(place, &whole), "{name}");
    }
}
