//! Every option of training works with labels.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bitspin::model_file::{LabelledFile, RbmParameters};
use bitspin_tests::command::run;

use super::data;

/// Options that say what is learned and how: each with what it needs beside it, and whether the model is another with it.
const LEARNING: [(&[&str], bool); 24] = [
    (&["--preset", "quick", "--epochs", "2"], true),
    (&["--epochs", "3"], true),
    (&["--hidden", "30"], true),
    (&["--batch", "20"], true),
    (&["--batch-final", "80"], true),
    (&["--lr", "0.2"], true),
    (&["--lr-schedule", "cosine"], true),
    (&["--lr-decay", "0.5"], true),
    (&["--lr-schedule", "linear", "--lr-final", "0.05"], true),
    (&["--k", "2"], true),
    (&["--k-final", "3"], true),
    (&["--method", "pcd"], true),
    (&["--centred"], true),
    (&["--visible-bias", "data"], true),
    (&["--momentum", "0.5"], true),
    (&["--weight-decay", "0.01"], true),
    (&["--l1", "0.01"], true),
    (&["--sparsity-target", "0.1"], true),
    (
        &["--sparsity-target", "0.1", "--sparsity-cost", "0.5"],
        true,
    ),
    (&["--patience", "1"], true),
    (&["--evaluate-every", "1"], false),
    (&["--checkpoint-every", "1"], false),
    (&["--seed", "2"], true),
    (&["--objective", "hybrid", "--mix", "0.5"], true),
];

/// Options that say where data come from and results go to, which other tests use with labels.
const ELSEWHERE: [&str; 18] = [
    "--data",
    "--binarise",
    "--halve",
    "--grey-range",
    "--test",
    "--test-labels",
    "--holdout",
    "--header",
    "--no-header",
    "--row-names",
    "--separator",
    "--labels",
    "--resume",
    "--threads",
    "--out",
    "--force",
    "--json",
    "--help",
];

const TRAIN: [&str; 10] = [
    "rbm", "train", "--labels", "--data", "data", "--epochs", "2", "--hidden", "20", "--force",
];

/// Trains with `more` options, and reads the model. A later option replaces an earlier one of the same name.
fn train(place: &Path, more: &[&str]) -> RbmParameters {
    let mut arguments = TRAIN.to_vec();
    for option in more.iter().filter(|option| option.starts_with("--")) {
        if let Some(at) = arguments.iter().position(|given| given == option) {
            arguments.drain(at..at + 2);
        }
    }
    arguments.extend(more);
    let outcome = run(place, &arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    let path = place.join("bitspin-out/rbm/model.safetensors");
    LabelledFile::load(path).unwrap().unwrap().parameters.joint
}

#[test]
fn every_option_of_training_works_with_labels() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    data(place, "data", 8, |k| k as u8);
    let help = run(place, ["rbm", "train", "--help"]);
    let tried: BTreeSet<&str> = LEARNING
        .iter()
        .flat_map(|(options, _)| options.iter().copied())
        .filter(|word| word.starts_with("--"))
        .chain(ELSEWHERE)
        .collect();
    let options: BTreeSet<&str> = options_of(&help.stdout).collect();
    assert!(options.len() > 30, "{options:?}");
    let untried: Vec<_> = options.difference(&tried).collect();
    assert!(
        untried.is_empty(),
        "options that no test tries with labels: {untried:?}"
    );
    let plain = train(place, &[]);
    for (options, changes) in LEARNING {
        let model = train(place, options);
        assert_eq!(model != plain, changes, "{options:?}");
    }
}

/// The options that a help text explains, at the beginning of a line and followed by their value, if any.
fn options_of(help: &str) -> impl Iterator<Item = &str> {
    let words = help.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("-h, ")
            .unwrap_or(line)
            .split([' ', '['])
            .next()
    });
    words.filter(|word| {
        word.strip_prefix("--")
            .is_some_and(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
    })
}

#[test]
fn penalties_and_centring_change_the_discriminative_gradient() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    data(place, "data", 8, |k| k as u8);
    let discriminative = ["--objective", "discriminative"];
    let plain = train(place, &discriminative);
    for more in [
        &["--centred"][..],
        &["--sparsity-target", "0.1"],
        &["--l1", "0.01"],
        &["--batch-final", "80"],
    ] {
        let model = |threads: &str| {
            let all = [&discriminative, more, &["--threads", threads]].concat();
            train(place, &all)
        };
        let one = model("1");
        assert!(one != plain, "{more:?}");
        assert!(one == model("2"), "{more:?} on two threads");
    }
}

#[test]
fn the_likelihood_of_pairs_is_measured_and_patience_stops() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    data(place, "data", 8, |k| k as u8);
    let figures = |hidden: &str| {
        let more = [
            "--hidden",
            hidden,
            "--epochs",
            "2",
            "--evaluate-every",
            "2",
            "--json",
        ];
        let head = &TRAIN[..5];
        let outcome = run(place, head.iter().chain(&more).chain(&["--force"]));
        outcome.json()["epochs"][1].clone()
    };
    // 16 hidden units are enumerated, 17 are annealed: nearly the same model, and nearly the same likelihood.
    let (exact, annealed) = (figures("16"), figures("17"));
    let of = |row: &serde_json::Value, key: &str| row[key].as_f64().unwrap();
    assert_eq!(of(&exact, "test_log_likelihood_standard_error"), 0.0);
    assert!(of(&annealed, "test_log_likelihood_standard_error") > 0.0);
    let (exact, annealed) = (
        of(&exact, "test_log_likelihood"),
        of(&annealed, "test_log_likelihood"),
    );
    assert!((exact - annealed).abs() < 2.0, "{exact}, {annealed}");
    let stopped = [
        "--epochs",
        "200",
        "--lr",
        "3",
        "--patience",
        "2",
        "--json",
        "--force",
    ];
    let outcome = run(place, TRAIN[..5].iter().chain(&stopped)).json();
    let epochs = outcome["epochs"].as_array().unwrap().len();
    assert!(epochs < 200, "{epochs} epochs");
    assert_eq!(outcome["best_epoch"].as_u64().unwrap() as usize + 2, epochs);
}

/// Rows whose kind is told by their first eight columns, of which some entries are missing.
fn gaps(directory: &Path) {
    let mut table = String::from("label");
    (0..12).for_each(|i| write!(table, ",c{i}").unwrap());
    table.push('\n');
    for k in 0..200_usize {
        write!(table, "{}", k % 3).unwrap();
        for i in 0..12_usize {
            let noise = ((k * 7919 + i * 104_729) * 2_654_435_761) >> 9;
            let set = if i < 9 {
                i / 3 == k % 3
            } else {
                noise & 1 == 1
            };
            match noise >> 3 & 7 {
                0 => table.push(','),
                1 => write!(table, ",{}", u8::from(!set)).unwrap(),
                _ => write!(table, ",{}", u8::from(set)).unwrap(),
            }
        }
        table.push('\n');
    }
    fs::write(directory.join("gaps.csv"), table).unwrap();
}

#[test]
fn tables_with_gaps_are_learned_with_labels() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    gaps(place);
    let train = |out: &str, more: &[&str]| {
        let options = [
            "rbm", "train", "--data", "gaps.csv", "--labels", "--hidden", "12",
        ];
        let rest = ["--batch", "16", "--momentum", "0.9", "--json", "--out", out];
        run(place, options.iter().chain(&rest).chain(more)).json()
    };
    let whole = train("whole", &["--epochs", "60", "--threads", "1"]);
    let error = whole["test_error"].as_f64().unwrap();
    assert!(error < 0.25, "{error}: chance is two thirds");
    train("part", &["--epochs", "25", "--threads", "2"]);
    let resumed = [
        "rbm",
        "train",
        "--resume",
        "part",
        "--epochs",
        "60",
        "--threads",
        "3",
    ];
    assert_eq!(run(place, resumed).code, Some(0));
    let model = |out: &str| fs::read(place.join(out).join("model.safetensors")).unwrap();
    assert!(model("whole") == model("part"));
}
