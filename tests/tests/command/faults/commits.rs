//! Results that are put into place by a process that is killed at every step of it.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use bitspin::model_file::RbmFile;
use bitspin::output::RunLock;
use bitspin::train::checkpoint::Checkpoint;
use bitspin_tests::command::{bitspin, run};

use super::directory;

const DATA: &str = "1,0,0\n0,1,1\n1,0,1\n0,1,0\n1,1,0\n0,0,1\n";

/// The files of a run, all of which differ from one run to another but for the pictures of data.
const FILES: [&str; 7] = [
    "model.safetensors",
    "metrics.csv",
    "checkpoint.bin",
    "generated.png",
    "filters.png",
    "learning-curve.svg",
    "real.png",
];
const DIFFERENT: usize = 3;

/// Training of a small model into `place/run`.
fn train(place: &Path, seed: &str) -> Command {
    let mut command = Command::new(bitspin());
    let words = [
        "rbm", "train", "--data", "toy.csv", "--hidden", "2", "--epochs", "1",
    ];
    command
        .args(words)
        .args(["--batch", "2", "--threads", "1", "--out", "run", "--force"]);
    command.args(["--seed", seed]).current_dir(place);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Whether a command killed itself at step `at`; otherwise it succeeded.
fn is_killed_at(mut command: Command, at: usize) -> bool {
    let status = command
        .env("BITSPIN_KILL_AT", at.to_string())
        .status()
        .unwrap();
    assert!(status.signal() == Some(9) || status.success(), "{status}");
    !status.success()
}

/// A place with the files `old` of an earlier run, or none.
fn place(old: &[Vec<u8>]) -> tempfile::TempDir {
    let place = directory();
    fs::write(place.path().join("toy.csv"), DATA).unwrap();
    if !old.is_empty() {
        fs::create_dir(place.path().join("run")).unwrap();
    }
    for (name, bytes) in FILES.iter().zip(old) {
        fs::write(place.path().join("run").join(name), bytes).unwrap();
    }
    place
}

fn files(place: &Path) -> Vec<Option<Vec<u8>>> {
    FILES
        .iter()
        .map(|name| fs::read(place.join("run").join(name)).ok())
        .collect()
}

/// What an earlier run left behind.
fn earlier_run() -> Vec<Vec<u8>> {
    let place = place(&[]);
    assert!(train(place.path(), "1").status().unwrap().success());
    files(place.path())
        .into_iter()
        .map(Option::unwrap)
        .collect()
}

/// Reads the model as any command does, then holds the directory to the rule: all files are old, or all are new. Returns
/// whether they are new.
fn is_new(place: &Path, old: &[Vec<u8>]) -> bool {
    let run = place.join("run");
    let model = RbmFile::load(run.join(FILES[0]));
    let found = files(place);
    let changed = |at: usize| found[at].as_ref() != old.get(at);
    assert!(
        (1..DIFFERENT).all(|at| changed(at) == changed(0)),
        "old and new files are mixed"
    );
    let new = changed(0);
    if new || !old.is_empty() {
        assert!(found.iter().all(Option::is_some), "files are missing");
        let checkpoint = Checkpoint::read(&run.join(FILES[2])).unwrap();
        assert_eq!(
            model.unwrap().metadata["run"],
            checkpoint.head.run.to_string()
        );
    }
    // Whoever writes there next finds nothing but the files.
    if run.exists() {
        drop(RunLock::acquire(&run).unwrap());
        let left = fs::read_dir(&run).map_or(0, |all| all.count());
        assert_eq!(
            left,
            if new || !old.is_empty() {
                FILES.len()
            } else {
                0
            }
        );
    }
    new
}

#[test]
fn a_commit_killed_at_any_step_leaves_all_old_or_all_new_files() {
    for old in [earlier_run(), Vec::new()] {
        let mut outcomes = Vec::new();
        for at in 1.. {
            let place = place(&old);
            let killed = is_killed_at(train(place.path(), "2"), at);
            outcomes.push(is_new(place.path(), &old));
            if !killed {
                break;
            }
        }
        // Every file is written and moved in a step of its own, and between the two it is decided once.
        assert!(outcomes.len() > 2 * FILES.len(), "{outcomes:?}");
        assert!(outcomes.is_sorted(), "{outcomes:?}");
        assert!(
            !outcomes[0] && outcomes[outcomes.len() - FILES.len()],
            "{outcomes:?}"
        );
    }
}

#[test]
fn a_reader_that_is_killed_while_it_finishes_a_commit_leaves_it_to_the_next() {
    let old = earlier_run();
    // The step after the decision, before the first file is moved.
    let decided = 11;
    for at in 1.. {
        let place = place(&old);
        assert!(is_killed_at(train(place.path(), "2"), decided));
        assert_eq!(files(place.path())[0].as_ref(), Some(&old[0]));
        let mut reader = Command::new(bitspin());
        reader.args([
            "rbm",
            "sample",
            "run/model.safetensors",
            "--chains",
            "1",
            "--steps",
            "1",
        ]);
        reader.args(["--size", "1x3"]).current_dir(place.path());
        reader.stdout(Stdio::null());
        let killed = is_killed_at(reader, at);
        assert!(is_new(place.path(), &old));
        if !killed {
            assert!(at > FILES.len());
            break;
        }
    }
}

#[test]
fn a_run_goes_on_after_its_commit_was_killed() {
    let old = earlier_run();
    for at in [5, 11, 14] {
        let place = place(&old);
        assert!(is_killed_at(train(place.path(), "2"), at));
        let outcome = run(
            place.path(),
            ["rbm", "train", "--resume", "run", "--epochs", "2", "--json"],
        );
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        let metrics = fs::read_to_string(place.path().join("run/metrics.csv")).unwrap();
        assert_eq!(metrics.lines().count(), 3);
        assert!(is_new(place.path(), &old));
    }
}
