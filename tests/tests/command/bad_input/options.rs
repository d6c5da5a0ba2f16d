//! Options, settings and commands without a meaning.

use bitspin_tests::command::refused;

use super::{IMAGES, workplace};

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
