//! Two runs in one directory, disks that fill up, directories that vanish.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bitspin_tests::command::{Outcome, bitspin, refused, run};

use super::{PATIENCE, directory, shell};

const SHORT: [&str; 9] = [
    "rbm", "train", "--data", "toy.csv", "--hidden", "2", "--batch", "2", "--epochs",
];

fn place() -> tempfile::TempDir {
    let place = directory();
    fs::write(
        place.path().join("toy.csv"),
        "1,0,0\n0,1,1\n1,0,1\n0,1,0\n1,1,0\n",
    )
    .unwrap();
    place
}

fn train(place: &Path, more: &[&str]) -> Outcome {
    run(place, SHORT.iter().chain(more))
}

/// A run of more epochs than anyone waits for, which has written a checkpoint when this returns.
fn endless(place: &Path, arguments: &[&str]) -> Child {
    let out = place.join(arguments.last().unwrap());
    let checkpoint = || fs::read(out.join("checkpoint.bin")).ok();
    let before = checkpoint();
    let child = Command::new(bitspin())
        .args(arguments)
        .current_dir(place)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while checkpoint() == before {
        assert!(begun.elapsed() < PATIENCE, "no checkpoint is written");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The arguments of such a run.
fn long(more: &[&'static str]) -> Vec<&'static str> {
    let epochs = ["1000000000", "--checkpoint-every", "1", "--json"];
    [&SHORT, &epochs[..], more].concat()
}

/// Asks a process to stop, as Ctrl-C does, and waits until it has.
fn interrupt(child: Child) -> Outcome {
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    let output: Output = child.wait_with_output().unwrap();
    output.into()
}

#[test]
fn a_directory_belongs_to_one_run_at_a_time_and_is_free_when_that_is_killed() {
    let place = place();
    let mut child = endless(place.path(), &long(&["--out", "run"]));
    let holder = format!("process {}, started ", child.id());
    let words = [
        "run: another run writes there",
        &holder,
        "rbm train --data toy.csv",
    ];
    let again = [&SHORT[..], &["1", "--force", "--out", "run"]].concat();
    for arguments in [&again[..], &["rbm", "train", "--resume", "run"]] {
        let outcome = run(place.path(), arguments);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        assert!(
            words.iter().all(|word| outcome.stderr.contains(word)),
            "{outcome:?}"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(run(place.path(), &again).code, Some(0));
    assert!(!place.path().join("run/.bitspin.lock").exists());
}

#[test]
fn a_checkpoint_of_another_run_is_not_gone_on_with() {
    let place = place();
    for (out, seed) in [("a", "1"), ("b", "2")] {
        assert_eq!(
            train(place.path(), &["2", "--out", out, "--seed", seed]).code,
            Some(0)
        );
    }
    fs::copy(
        place.path().join("a/checkpoint.bin"),
        place.path().join("b/checkpoint.bin"),
    )
    .unwrap();
    refused(
        place.path(),
        &["rbm", "train", "--resume", "b", "--epochs", "3"],
        &["b/checkpoint.bin", "of run"],
    );
    // A run that was told to replace another, and interrupted before it did, may go on beside that one's model.
    let forced = long(&["--seed", "3", "--force", "--out", "a"]);
    let mut child = endless(place.path(), &forced);
    child.kill().unwrap();
    child.wait().unwrap();
    let resumed = ["rbm", "train", "--json", "--resume", "a"];
    let outcome = interrupt(endless(place.path(), &resumed));
    assert!(outcome.code == Some(130), "{outcome:?}");
}

#[test]
fn results_that_cannot_be_written_are_a_failure_and_nothing_is_lost() {
    let place = place();
    assert_eq!(train(place.path(), &["1", "--out", "run"]).code, Some(0));
    let read = |name: &str| fs::read(place.path().join("run").join(name)).unwrap();
    let before = ["model.safetensors", "checkpoint.bin", "metrics.csv"].map(read);
    // Files of at most 1024 bytes, which the pictures exceed: as a disk that fills up at the last write.
    let line = format!(
        "ulimit -f 2; bitspin {} 1 --force --seed 9 --json --out run",
        SHORT.join(" ")
    );
    let outcome = shell(place.path(), &line);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(
        outcome.stderr.starts_with("error: cannot write run/"),
        "{outcome:?}"
    );
    assert!(["model.safetensors", "checkpoint.bin", "metrics.csv"].map(read) == before);
    assert_eq!(fs::read_dir(place.path().join("run")).unwrap().count(), 7);

    // A directory that is something else when the work is done.
    let child = endless(place.path(), &long(&["--out", "gone"]));
    // In one step: the run may be writing into it.
    fs::rename(place.path().join("gone"), place.path().join("away")).unwrap();
    fs::write(place.path().join("gone"), "").unwrap();
    let outcome = interrupt(child);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");

    // What is wrong before the work is bad input.
    let outcome = train(place.path(), &["1", "--out", "gone"]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
}

#[test]
fn a_data_path_that_is_no_text_survives_a_resumption() {
    let place = place();
    let name = OsStr::from_bytes(b"toy\xff.csv");
    fs::rename(place.path().join("toy.csv"), place.path().join(name)).unwrap();
    let words = [
        "rbm", "train", "--hidden", "2", "--epochs", "1", "--batch", "2", "--out", "run", "--data",
    ];
    let outcome = run(place.path(), words.iter().map(OsStr::new).chain([name]));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let outcome = run(
        place.path(),
        ["rbm", "train", "--resume", "run", "--epochs", "2", "--json"],
    );
    assert_eq!(outcome.json()["epochs"].as_array().unwrap().len(), 2);
}

#[test]
fn running_out_of_memory_ends_in_one_line() {
    let place = directory();
    let line = "export RUST_BACKTRACE=0; ulimit -v 400000; bitspin rbm train --hidden 65536 --epochs 1 --threads 1 --json --out run";
    let outcome = shell(place.path(), line);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(outcome.stderr.contains("memory"), "{outcome:?}");
}

#[test]
fn counts_are_bounded_where_they_are_parsed() {
    let place = place();
    let cases: [(&[&str], &str); 8] = [
        (&["rbm", "complete", "m", "--burn-in"], "0 to 4294967296"),
        (&["rbm", "train", "--epochs"], "1 to 4294967296"),
        (&["rbm", "train", "--k-final"], "1 to 65536"),
        (&["rbm", "train", "--patience"], "1 to 4294967296"),
        (&["rbm", "eval", "m", "--ais", "--betas"], "1 to 65536"),
        (&["rbm", "sample", "m", "--chains"], "1 to 65536"),
        (&["ising", "anneal", "m", "--sweeps"], "1 to 4294967295"),
        (&["ising", "sample", "m", "--burn-in"], "0 to 100000000"),
    ];
    for (arguments, range) in cases {
        for count in [
            "18446744073709551615",
            "18446744073709551616",
            "4294967297",
            "1e3",
        ] {
            let arguments = [arguments, &[count]].concat();
            refused(
                place.path(),
                &arguments,
                &[arguments[arguments.len() - 2], range],
            );
        }
    }
}

#[test]
fn one_interrupt_ends_every_long_command_soon() {
    let place = place();
    fs::write(place.path().join("ring.txt"), "3 3\n1 2 1\n2 3 1\n1 3 1\n").unwrap();
    let outcome = train(place.path(), &["1", "--out", "run"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let model = "run/model.safetensors";
    let commands: [&[&str]; 6] = [
        &["validate"],
        &[
            "ising",
            "anneal",
            "ring.txt",
            "--sweeps",
            "4000000000",
            "--replicas",
            "1000",
        ],
        &[
            "ising", "sample", "ring.txt", "--beta", "1", "--sweeps", "1000000",
        ],
        &[
            "hopfield",
            "capacity",
            "--neurons",
            "4000",
            "--trials",
            "1000",
        ],
        &[
            "rbm",
            "sample",
            model,
            "--steps",
            "4000000000",
            "--size",
            "1x3",
        ],
        &[
            "rbm",
            "complete",
            model,
            "--data",
            "toy.csv",
            "--hide",
            "0.5",
            "--steps",
            "4000000000",
        ],
    ];
    for command in commands {
        let child = Command::new(bitspin())
            .args(command)
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let asked = Instant::now();
        let outcome = interrupt(child);
        assert_eq!(outcome.code, Some(130), "{command:?}: {outcome:?}");
        assert_eq!(
            outcome
                .stderr
                .lines()
                .filter(|line| !line.starts_with("note: "))
                .count(),
            1,
            "{command:?}: {outcome:?}"
        );
        assert!(
            asked.elapsed() < Duration::from_secs(10),
            "{command:?}: {:?}",
            asked.elapsed()
        );
    }
}
