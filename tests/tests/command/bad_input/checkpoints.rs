//! Checkpoints that are damaged, or that do not fit the options or the data.

use std::fs;

use bitspin::model_file::RbmFile;
use bitspin_tests::command::{refused, run};

use super::{IMAGES, parameters, workplace};

#[test]
fn checkpoints_that_do_not_fit() {
    let place = workplace();
    let train = [
        "rbm", "train", "--data", "data", "--hidden", "3", "--batch", "8", "--out", "run",
    ];
    let resume = |more: &[&str], words: &[&str]| {
        let arguments = [&["rbm", "train", "--resume", "run"], more].concat();
        refused(place.path(), &arguments, words);
    };
    resume(&[], &["run/checkpoint.bin", "not found"]);
    let outcome = run(place.path(), train);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    resume(&[], &["run", "finished", "2 epochs", "--epochs"]);
    resume(&["--epochs", "2"], &["finished"]);
    for (options, words) in [
        (&["--epochs", "1"][..], &["--epochs", "at least 2"][..]),
        (
            &["--lr", "0.2"],
            &["--lr", "0.1", "run/checkpoint.bin", "0.2"],
        ),
        (&["--hidden", "4"], &["--hidden", "3", "4"]),
        (&["--seed", "2"], &["--seed", "expected 1", "2"]),
        (&["--momentum", "0.5"], &["--momentum", "expected 0", "0.5"]),
        (&["--preset", "best"], &["--preset", "lecture", "best"]),
        (&["--binarise", "threshold"], &["--binarise", "stochastic"]),
        (&["--lr-final", "0.01"], &["--lr-final", "left out"]),
        (&["--halve"], &["--halve", "left out"]),
        (&["--labels"], &["--labels", "left out"]),
        (
            &["--evaluate-every", "1"],
            &["--evaluate-every", "left out"],
        ),
        (&["--out", "elsewhere"], &["--out", "run", "elsewhere"]),
        (
            &["--checkpoint-every", "0"],
            &["--checkpoint-every", "1 to"],
        ),
        (
            &["--epochs", "3", "--data", "films"],
            &["--data", "run/checkpoint.bin"],
        ),
    ] {
        resume(options, words);
    }
    // What agrees may be said again.
    let agreeing = [
        "--epochs", "3", "--lr", "0.10", "--hidden", "3", "--out", "run", "--data", "data",
    ];
    let outcome = run(
        place.path(),
        [&["rbm", "train", "--resume", "run"][..], &agreeing].concat(),
    );
    assert_eq!(outcome.code, Some(0), "{outcome:?}");

    let path = place.path().join("run/checkpoint.bin");
    let whole = fs::read(&path).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>), words: &[&str]| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        resume(
            &["--epochs", "9"],
            &[&["run/checkpoint.bin"], words].concat(),
        );
    };
    with(&|bytes| bytes.clear(), &["not a checkpoint"]);
    with(&|bytes| bytes.truncate(100), &["damaged", "100 bytes"]);
    with(
        &|bytes| bytes.truncate(whole.len() - 1),
        &["damaged", "bytes"],
    );
    with(&|bytes| bytes.push(0), &["damaged", "bytes"]);
    with(
        &|bytes| bytes[whole.len() / 2] ^= 1,
        &["damaged", "checksum"],
    );
    with(&|bytes| bytes[19] = 9, &["format 9", "expected 4"]);
    with(&|bytes| *bytes = parameters_file(), &["not a checkpoint"]);
    fs::write(&path, &whole).unwrap();
    let images = place.path().join("data").join(IMAGES);
    let mut other = fs::read(&images).unwrap();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&images, other).unwrap();
    resume(
        &["--epochs", "9"],
        &["--data", "run/checkpoint.bin", "checksum"],
    );

    // A new run does not begin where another can go on, though that has no results yet.
    fs::remove_file(place.path().join("run/model.safetensors")).unwrap();
    for file in [
        "metrics.csv",
        "real.png",
        "generated.png",
        "filters.png",
        "learning-curve.svg",
    ] {
        fs::remove_file(place.path().join("run").join(file)).unwrap();
    }
    refused(
        place.path(),
        &train,
        &["run/checkpoint.bin", "--resume run", "--force"],
    );
}

fn parameters_file() -> Vec<u8> {
    let model = RbmFile {
        parameters: parameters(),
        metadata: Default::default(),
    };
    model.to_bytes().unwrap()
}
