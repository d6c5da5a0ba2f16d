//! Runs of the command that are killed and resumed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bitspin_tests::command::{bitspin, run};

/// The columns of metrics.csv but for the seconds and what comes of them.
fn metrics(out: &Path) -> Vec<String> {
    let text = fs::read_to_string(out.join("metrics.csv")).unwrap();
    let rows = text.lines().map(|line| {
        let columns = line.split(',').enumerate();
        let kept = columns.filter(|(column, _)| !(1..=2).contains(column));
        kept.map(|(_, value)| value).collect::<Vec<_>>().join(",")
    });
    rows.collect()
}

/// Runs `begin` into `killed`, kills it again and again, and goes on each time on another number of threads, until it has
/// been killed ten times; then lets it end, and compares what is left with an uninterrupted run.
fn killed_ten_times(begin: &[&str], files: &[&str], seed: u64) {
    let place = tempfile::tempdir().unwrap();
    // It is built before time is taken.
    bitspin();
    let begun = Instant::now();
    let outcome = run(
        place.path(),
        begin.iter().chain(&["--out", "whole", "--threads", "2"]),
    );
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    // Longer than starting takes, and a part of what the whole run takes.
    let most = begun.elapsed().as_micros() as u64 / 2;
    let killed = place.path().join("killed");
    let mut random = seed;
    let (mut kills, mut resumptions) = (0, 0);
    while kills < 10 {
        let (threads, goes_on) = (
            (kills % 3 + 1).to_string(),
            killed.join("checkpoint.bin").exists(),
        );
        let arguments = match goes_on {
            true => vec!["rbm", "train", "--resume", "killed"],
            false => [begin, &["--out", "killed"]].concat(),
        };
        let mut child = Command::new(bitspin())
            .args(arguments)
            .args(["--threads", &threads])
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        std::thread::sleep(Duration::from_micros(most / 20 + (random >> 33) % most));
        if child.try_wait().unwrap().is_some() {
            // It was done before it could be killed: once more from the start.
            fs::remove_dir_all(&killed).unwrap();
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        resumptions += usize::from(goes_on);
    }
    assert!(resumptions > 0, "no run was ever resumed from a checkpoint");
    if killed.join("checkpoint.bin").exists() {
        let outcome = run(place.path(), ["rbm", "train", "--resume", "killed"]);
        assert!(
            outcome.code == Some(0) || outcome.stderr.contains("is finished"),
            "{outcome:?}"
        );
    } else {
        let outcome = run(place.path(), begin.iter().chain(&["--out", "killed"]));
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
    let whole = place.path().join("whole");
    for file in files {
        let (expected, found) = (fs::read(whole.join(file)), fs::read(killed.join(file)));
        assert!(expected.unwrap() == found.unwrap(), "{file}");
    }
    assert_eq!(metrics(&whole), metrics(&killed));
}

#[test]
fn a_run_that_is_killed_ten_times_ends_in_the_same_files() {
    let begin = [
        "rbm",
        "train",
        "--hidden",
        "16",
        "--epochs",
        "9",
        "--checkpoint-every",
        "1",
        "--preset",
        "quick",
        "--momentum",
        "0.5",
        "--k",
        "1",
        "--k-final",
        "2",
        "--batch-final",
        "40",
        "--evaluate-every",
        "3",
        "--l1",
        "0.0001",
        "--sparsity-target",
        "0.1",
        "--patience",
        "9",
    ];
    let files = [
        "model.safetensors",
        "real.png",
        "generated.png",
        "filters.png",
        "learning-curve.svg",
    ];
    killed_ten_times(&begin, &files, 1);
}

#[test]
fn runs_with_labels_and_with_gaps_are_extended_to_the_same_files() {
    let place = tempfile::tempdir().unwrap();
    let labels = [
        "rbm",
        "train",
        "--labels",
        "--hidden",
        "40",
        "--momentum",
        "0.9",
        "--method",
        "pcd",
    ];
    let films = ["rbm", "train", "--data", "films", "--method", "pcd"];
    for (begin, part, all) in [(&labels[..], "3", "6"), (&films, "13", "30")] {
        let train = |out: &str, epochs: &str| {
            let more = ["--epochs", epochs, "--out", out, "--force"];
            let outcome = run(place.path(), begin.iter().chain(&more));
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
        };
        train("whole", all);
        train("part", part);
        let more = [
            "rbm",
            "train",
            "--resume",
            "part",
            "--epochs",
            all,
            "--threads",
            "1",
        ];
        let outcome = run(place.path(), more);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let (whole, part) = (place.path().join("whole"), place.path().join("part"));
        let model = |out: &Path| fs::read(out.join("model.safetensors")).unwrap();
        assert!(model(&whole) == model(&part));
        assert_eq!(metrics(&whole), metrics(&part));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_how_to_go_on_and_does() {
    let place = tempfile::tempdir().unwrap();
    let begin = [
        "rbm",
        "train",
        "--hidden",
        "60",
        "--epochs",
        "6",
        "--momentum",
        "0.5",
    ];
    let outcome = run(place.path(), begin.iter().chain(&["--out", "whole"]));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let mut interrupted = 0;
    for delay in [250, 150, 200] {
        let arguments = match interrupted {
            0 => [&begin[..], &["--out", "stopped"]].concat(),
            _ => vec!["rbm", "train", "--resume", "stopped"],
        };
        let child = Command::new(bitspin())
            .args(arguments)
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        // It may be done already: then there is nothing to signal.
        let _ = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        let outcome = child.wait_with_output().unwrap();
        if outcome.status.code() == Some(130) {
            interrupted += 1;
            let said = String::from_utf8(outcome.stderr).unwrap();
            assert!(
                said.contains("bitspin rbm train --resume stopped"),
                "{said}"
            );
            assert_eq!(said.lines().count(), 1);
        }
    }
    assert!(interrupted > 0);
    let outcome = run(place.path(), ["rbm", "train", "--resume", "stopped"]);
    assert!(
        outcome.code == Some(0) || outcome.stderr.contains("is finished"),
        "{outcome:?}"
    );
    let (whole, stopped) = (place.path().join("whole"), place.path().join("stopped"));
    let model = |out: &Path| fs::read(out.join("model.safetensors")).unwrap();
    assert!(model(&whole) == model(&stopped));
    assert_eq!(metrics(&whole), metrics(&stopped));
}

#[test]
fn patience_ends_a_run_with_the_best_model() {
    let place = tempfile::tempdir().unwrap();
    let begin = [
        "rbm", "train", "--hidden", "16", "--lr", "1.5", "--method", "pcd",
    ];
    let train = |more: &[&str]| run(place.path(), begin.iter().chain(more));
    let stopped = train(&[
        "--epochs",
        "40",
        "--patience",
        "2",
        "--out",
        "stopped",
        "--json",
    ])
    .json();
    let epochs = stopped["epochs"].as_array().unwrap();
    let values: Vec<f64> = epochs
        .iter()
        .map(|row| row["test_pseudo_log_likelihood"].as_f64().unwrap())
        .collect();
    let (best, worse) = values.split_at(values.len() - 2);
    let (&last, before) = best.split_last().unwrap();
    assert!(values.len() < 40, "it stopped: {values:?}");
    assert!(
        before.iter().all(|&value| value < last) && worse.iter().all(|&value| value <= last),
        "{values:?}"
    );
    assert_eq!(stopped["best_epoch"], best.len());
    // The model is that of a run that ends there.
    let outcome = train(&["--epochs", &best.len().to_string(), "--out", "short"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let model = |out: &str| fs::read(place.path().join(out).join("model.safetensors")).unwrap();
    assert!(model("stopped") == model("short"));
    // More patience goes on where that ended.
    let refused = run(place.path(), ["rbm", "train", "--resume", "stopped"]);
    assert!(
        refused.code == Some(2) && refused.stderr.contains("--patience"),
        "{refused:?}"
    );
    let longer = train(&["--resume", "stopped", "--patience", "4", "--json"]).json();
    let at_once = train(&[
        "--epochs",
        "40",
        "--patience",
        "4",
        "--out",
        "at-once",
        "--json",
    ])
    .json();
    assert_eq!(longer["best_epoch"], at_once["best_epoch"]);
    assert!(model("stopped") == model("at-once"));
}
