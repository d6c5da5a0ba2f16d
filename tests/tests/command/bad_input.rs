//! The command with bad input: one clear line on standard error, exit code 2, nothing written, nothing lost.

use std::fs;

use bitspin::data::{Images, write_images, write_labels};
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin_tests::command::{refused, run};
use tempfile::TempDir;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

/// A directory with a small data set in `data` and a model that fits it in `model.safetensors`.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 40_usize), ("t10k", 10)] {
        let pixels = (0..count * 20).map(|k| (k * 37 % 256) as u8).collect();
        let images = Images::new(4, 5, pixels).unwrap();
        write_images(&data.join(format!("{name}-images-idx3-ubyte")), &images).unwrap();
        write_labels(
            &data.join(format!("{name}-labels-idx1-ubyte")),
            &vec![1; count],
        )
        .unwrap();
    }
    let model = RbmFile {
        parameters: parameters(),
        metadata: Default::default(),
    };
    fs::write(
        directory.path().join("model.safetensors"),
        model.to_bytes().unwrap(),
    )
    .unwrap();
    directory
}

fn parameters() -> RbmParameters {
    RbmParameters {
        visible: 20,
        hidden: 3,
        w: vec![0.1; 60],
        visible_bias: vec![0.0; 20],
        hidden_bias: vec![0.0; 3],
    }
}

#[test]
fn options_without_a_meaning() {
    let place = workplace();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--hidden", "0"], &["--hidden", "1 to"]),
        (&["--hidden", "99999999999"], &["--hidden", "1 to"]),
        (&["--hidden", "-3"], &["-3"]),
        (&["--hidden", "many"], &["--hidden", "many"]),
        (&["--batch", "0"], &["--batch", "1 to"]),
        (&["--batch", "41"], &["--batch", "40 training images"]),
        (&["--batch", "70000"], &["--batch", "1 to 65536"]),
        (&["--lr", "nan"], &["--lr", "above 0"]),
        (&["--lr", "-0.1"], &["--lr", "above 0"]),
        (&["--lr", "0"], &["--lr", "above 0"]),
        (&["--lr", "inf"], &["--lr", "above 0"]),
        (&["--lr", "fast"], &["--lr", "fast"]),
        (&["--k", "0"], &["--k", "1 to 65536"]),
        (&["--epochs", "0"], &["--epochs", "1 to"]),
        (&["--momentum", "1"], &["--momentum", "below 1"]),
        (&["--momentum", "nan"], &["--momentum"]),
        (&["--weight-decay", "-1"], &["--weight-decay"]),
        (&["--weight-decay", "inf"], &["--weight-decay"]),
        (&["--lr-decay", "-1"], &["--lr-decay"]),
        (&["--lr-schedule", "steep"], &["--lr-schedule", "linear"]),
        (&["--lr-final", "0.01"], &["--lr-final", "--lr-schedule"]),
        (
            &["--lr-schedule", "linear", "--lr-decay", "1"],
            &["--lr-decay", "inverse"],
        ),
        (
            &["--lr-schedule", "cosine", "--lr-final", "0.2"],
            &["--lr-final", "first rate, 0.1"],
        ),
        (
            &["--lr-schedule", "exponential", "--lr-final", "0"],
            &["--lr-final", "above 0"],
        ),
        (
            &["--k", "3", "--k-final", "2"],
            &["--k-final", "at least --k"],
        ),
        (&["--batch-final", "0"], &["--batch-final", "1 to"]),
        (&["--threads", "0"], &["--threads", "1 to"]),
        (&["--method", "magic"], &["--method", "magic", "cd"]),
        (&["--binarise", "grey"], &["--binarise", "stochastic"]),
        (&["--binarise", "threshold=2"], &["--binarise", "0 to 1"]),
        (&["--seed", "-1"], &["-1"]),
        (&["--learning", "1"], &["--learning"]),
    ];
    for (options, words) in cases {
        let arguments: Vec<_> = ["rbm", "train", "--data", "data"]
            .iter()
            .chain(*options)
            .copied()
            .collect();
        refused(place.path(), &arguments, words);
    }
}

#[test]
fn missing_and_damaged_data_are_refused() {
    let place = workplace();
    let train = |words: &[&str]| refused(place.path(), &["rbm", "train", "--data", "data"], words);
    refused(
        place.path(),
        &["rbm", "train", "--data", "nowhere"],
        &["nowhere: no such directory; ", "MNIST", "built-in digits"],
    );
    refused(
        place.path(),
        &["rbm", "train", "--data", "model.safetensors"],
        &["model.safetensors", "directory"],
    );
    let images = place.path().join("data").join(IMAGES);
    let labels = place.path().join("data").join(LABELS);
    let whole = fs::read(&images).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>), words: &[&str]| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(&images, bytes).unwrap();
        train(&[&[IMAGES], words].concat());
        fs::write(&images, &whole).unwrap();
    };
    with(&|bytes| bytes.clear(), &["no bytes"]);
    with(&|bytes| bytes.truncate(7), &[]);
    with(&|bytes| bytes.truncate(500), &["500"]);
    with(&|bytes| bytes.push(0), &[]);
    with(&|bytes| bytes[3] = 9, &["magic"]);
    with(
        &|bytes| bytes[4..8].copy_from_slice(&[0; 4]),
        &["at least one image"],
    );
    with(&|bytes| bytes[4..8].copy_from_slice(&[255; 4]), &[]);
    with(
        &|bytes| bytes[8..12].copy_from_slice(&[0; 4]),
        &["at least one row"],
    );
    with(
        &|bytes| bytes[..2].copy_from_slice(&[0x1f, 0x8b]),
        &["gzip"],
    );
    fs::remove_file(&images).unwrap();
    train(&[IMAGES]);
    fs::write(&images, &whole).unwrap();
    let right = fs::read(&labels).unwrap();
    write_labels(&labels, &[1; 39]).unwrap();
    train(&[LABELS, "39", "40"]);
    fs::write(&labels, right).unwrap();
    assert_eq!(
        run(
            place.path(),
            ["rbm", "train", "--data", "data", "--batch", "10"]
        )
        .code,
        Some(0)
    );
}

/// The bytes of a safetensors file.
fn safetensors(header: &str, values: &[f32]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[test]
fn missing_and_damaged_models_are_refused() {
    let place = workplace();
    let path = place.path().join("model.safetensors");
    let whole = fs::read(&path).unwrap();
    let header = |v_bias: usize| {
        format!(
            r#"{{"W":{{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}},"v_bias":{{"dtype":"F32","shape":[{v_bias}],"data_offsets":[8,{}]}},"h_bias":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}}}}"#,
            8 + 4 * v_bias,
            8 + 4 * v_bias,
            12 + 4 * v_bias
        )
    };
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (vec![], &[]),
        (
            b"not a model at all, but a text of some length".to_vec(),
            &["safetensors"],
        ),
        (whole[..whole.len() - 1].to_vec(), &[]),
        (whole[..20].to_vec(), &[]),
        (safetensors(&header(3), &[0.0; 6]), &["v_bias"]),
        (
            safetensors(&header(2), &[0.0, f32::NAN, 0.0, 0.0, 0.0]),
            &["W", "NaN"],
        ),
        (
            safetensors(&header(2), &[0.0, 0.0, 0.0, 0.0, f32::INFINITY]),
            &["h_bias", "inf"],
        ),
        (safetensors("{}", &[]), &["W"]),
    ];
    for (bytes, words) in &cases {
        fs::write(&path, bytes).unwrap();
        for verb in ["eval", "sample"] {
            refused(
                place.path(),
                &["rbm", verb, "model.safetensors"],
                &[&["model.safetensors"], *words].concat(),
            );
        }
    }
    fs::write(&path, safetensors(&header(2), &[1e9, 0.0, 0.0, 0.0, 0.0])).unwrap();
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors"],
        &["model.safetensors", "W"],
    );
    fs::remove_file(&path).unwrap();
    refused(
        place.path(),
        &["rbm", "eval", "model.safetensors"],
        &["model.safetensors"],
    );
    refused(place.path(), &["rbm", "eval", "data"], &["data"]);
}

#[test]
fn models_and_data_that_do_not_fit_are_refused() {
    let place = workplace();
    refused(
        place.path(),
        &["rbm", "eval", "model.safetensors"],
        &["20 visible", "784"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--from-data"],
        &["20 visible", "784"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--size", "3x5"],
        &["--size", "20"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--size", "ten"],
        &["--size", "ten"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--chains", "0"],
        &["--chains"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--steps", "0"],
        &["--steps"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--data", "data"],
        &["--from-data"],
    );
    let large = RbmParameters {
        visible: 30,
        hidden: 25,
        w: vec![0.0; 750],
        visible_bias: vec![0.0; 30],
        hidden_bias: vec![0.0; 25],
    };
    let file = RbmFile {
        parameters: large,
        metadata: Default::default(),
    };
    fs::write(
        place.path().join("large.safetensors"),
        file.to_bytes().unwrap(),
    )
    .unwrap();
    refused(
        place.path(),
        &["rbm", "eval", "large.safetensors", "--exact"],
        &["--exact", "24"],
    );
}

#[test]
fn annealing_with_settings_that_have_no_meaning() {
    let place = workplace();
    for (options, names) in [
        (&["--chains", "1"][..], ["--chains", "2 to"]),
        (&["--betas", "0"], ["--betas", "1 to"]),
        (&["--betas", "65537"], ["--betas", "65536"]),
        (&["--burn-in", "99999999"], ["--burn-in", "16777216"]),
    ] {
        let command = [
            "rbm",
            "eval",
            "model.safetensors",
            "--data",
            "data",
            "--ais",
        ];
        let command: Vec<_> = command.iter().chain(options).copied().collect();
        refused(place.path(), &command, &names);
    }
    let without = ["rbm", "eval", "model.safetensors", "--betas", "9"];
    refused(place.path(), &without, &["--ais"]);
    let steps = [
        "rbm",
        "eval",
        "model.safetensors",
        "--mixing",
        "--steps",
        "7",
    ];
    refused(place.path(), &steps, &["--steps", "8 to"]);
    let nothing = ["rbm", "quantise", "model.safetensors"];
    refused(place.path(), &nothing, &["--report"]);
    let nowhere = ["rbm", "quantise", "model.safetensors", "--format", "i8"];
    refused(place.path(), &nowhere, &["--out"]);
    let taken = [
        "rbm",
        "quantise",
        "model.safetensors",
        "--format",
        "i8",
        "--out",
        "model.safetensors",
    ];
    refused(place.path(), &taken, &["model.safetensors", "--force"]);
}

#[test]
fn outputs_that_exist_or_cannot_be_written() {
    let place = workplace();
    fs::create_dir(place.path().join("taken")).unwrap();
    fs::write(place.path().join("taken/metrics.csv"), "mine").unwrap();
    let train = ["rbm", "train", "--data", "data", "--out"];
    let with = |out: &'static str| train.iter().copied().chain([out]).collect::<Vec<_>>();
    refused(
        place.path(),
        &with("taken"),
        &["taken/metrics.csv", "--force"],
    );
    refused(
        place.path(),
        &with("model.safetensors"),
        &["model.safetensors", "directory"],
    );
    refused(
        place.path(),
        &with("model.safetensors/below"),
        &["model.safetensors"],
    );
    refused(
        place.path(),
        &[
            "rbm",
            "sample",
            "model.safetensors",
            "--out",
            "taken/metrics.csv",
        ],
        &["--force"],
    );
    refused(
        place.path(),
        &["rbm", "sample", "model.safetensors", "--out", "data"],
        &["data"],
    );
}

#[test]
fn commands_that_do_not_exist() {
    let place = workplace();
    refused(place.path(), &["rbm", "teach"], &["teach"]);
    refused(place.path(), &["hopefield"], &["hopefield"]);
    refused(place.path(), &["rbm", "eval"], &["MODEL"]);
    refused(
        place.path(),
        &["data", "fetch", "here"],
        &["download", "here", IMAGES],
    );
}

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
