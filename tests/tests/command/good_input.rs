//! The command with good input: what it writes, prints and repeats.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bitspin::data::{Images, write_images, write_labels};
use bitspin::model_file::RbmFile;
use bitspin_tests::command::{bitspin, run};
use serde_json::{Value, json};
use tempfile::TempDir;

const FILES: [&str; 7] = [
    "checkpoint.bin",
    "filters.png",
    "generated.png",
    "learning-curve.svg",
    "metrics.csv",
    "model.safetensors",
    "real.png",
];

/// A directory that holds 300 small pictures of bars, and 50 held-out ones, in `data`.
fn workplace() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 300_usize), ("t10k", 50)] {
        let pixel = |k: usize, i: usize| {
            if i % 10 == k * 7 % 10 || i / 10 == k % 9 {
                255
            } else {
                (k % 5) as u8
            }
        };
        let pixels = (0..count)
            .flat_map(|k| (0..90).map(move |i| pixel(k, i)))
            .collect();
        write_images(
            &data.join(format!("{name}-images-idx3-ubyte")),
            &Images::new(9, 10, pixels).unwrap(),
        )
        .unwrap();
        let labels: Vec<u8> = (0..count).map(|k| (k % 9) as u8).collect();
        write_labels(&data.join(format!("{name}-labels-idx1-ubyte")), &labels).unwrap();
    }
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const TRAIN: [&str; 10] = [
    "rbm", "train", "--data", "data", "--hidden", "20", "--epochs", "3", "--batch", "16",
];

#[test]
fn training_writes_all_files_and_says_so() {
    let place = workplace();
    let outcome = run(place.path(), TRAIN);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(
        outcome.stderr, "",
        "quiet where standard error is no terminal"
    );
    let out = place.path().join("bitspin-out/rbm");
    assert_eq!(names(&out), FILES);
    assert!(outcome.stdout.contains("bitspin-out/rbm"));
    assert!(
        outcome
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 120),
        "{}",
        outcome.stdout
    );

    let metrics = fs::read_to_string(out.join("metrics.csv")).unwrap();
    let lines: Vec<_> = metrics.lines().collect();
    assert!(lines[0].starts_with("epoch,seconds,"), "{metrics}");
    assert_eq!(lines.len(), 4);
    let errors: Vec<f64> = column(&lines, "reconstruction_mse");
    assert!(errors[2] < errors[0], "it learns: {metrics}");
    assert!(
        column(&lines, "test_pseudo_log_likelihood")
            .iter()
            .all(|x| x.is_finite() && *x < 0.0)
    );

    let model = RbmFile::load(out.join("model.safetensors")).unwrap();
    assert_eq!(
        (model.parameters.visible, model.parameters.hidden),
        (90, 20)
    );
    assert_eq!(model.metadata["epochs"], "3");
    let size = |name: &str| {
        let reader = png::Decoder::new(std::io::BufReader::new(
            fs::File::open(out.join(name)).unwrap(),
        ));
        let reader = reader.read_info().unwrap();
        (reader.info().width, reader.info().height)
    };
    // 50 held-out pictures of 9 x 10, eight a row, two pixels between them, drawn at twice their size.
    assert_eq!(size("real.png"), (2 * (8 * 12 + 2), 2 * (7 * 11 + 2)));
    assert_eq!(size("generated.png"), size("real.png"));
    assert_eq!(size("filters.png"), (2 * (10 * 12 + 2), 2 * (2 * 11 + 2)));
    assert!(
        fs::read_to_string(out.join("learning-curve.svg"))
            .unwrap()
            .starts_with("<svg")
    );
}

/// A column of a CSV table by its name.
fn column(lines: &[&str], name: &str) -> Vec<f64> {
    let at = lines[0]
        .split(',')
        .position(|column| column == name)
        .expect(name);
    lines[1..]
        .iter()
        .map(|line| line.split(',').nth(at).unwrap().parse().unwrap())
        .collect()
}

#[test]
fn one_seed_gives_one_file_at_any_number_of_threads() {
    let place = workplace();
    for method in ["cd", "pcd"] {
        let train = |out: &str, more: &[&str]| {
            let outcome = run(
                place.path(),
                TRAIN
                    .iter()
                    .chain(&["--method", method, "--out", out])
                    .chain(more),
            );
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            fs::read(place.path().join(out).join("model.safetensors")).unwrap()
        };
        let out = |name: &str| format!("{method}-{name}");
        let first = train(
            &out("a"),
            &["--k", "2", "--momentum", "0.5", "--weight-decay", "0.001"],
        );
        for threads in ["1", "2", "3", "4"] {
            let more = [
                "--k",
                "2",
                "--momentum",
                "0.5",
                "--weight-decay",
                "0.001",
                "--threads",
                threads,
            ];
            assert!(
                train(&out(threads), &more) == first,
                "{method}, {threads} threads"
            );
        }
        assert!(train(&out("b"), &["--seed", "2"]) != train(&out("c"), &["--seed", "3"]));
    }
}

#[test]
fn batches_beyond_a_word_and_many_shards_do_not_depend_on_threads() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 400_usize), ("t10k", 3)] {
        let pixels = (0..count * 300).map(|i| (i * i / 7 % 256) as u8).collect();
        write_images(
            &data.join(format!("{name}-images-idx3-ubyte")),
            &Images::new(15, 20, pixels).unwrap(),
        )
        .unwrap();
    }
    let train = |threads: &str| {
        let options = [
            "--hidden",
            "70",
            "--batch",
            "300",
            "--out",
            threads,
            "--threads",
            threads,
            "--lr",
            "0.5",
        ];
        let outcome = run(
            directory.path(),
            ["rbm", "train", "--data", "data"].iter().chain(&options),
        );
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        fs::read(directory.path().join(threads).join("model.safetensors")).unwrap()
    };
    let one = train("1");
    assert!(
        ["2", "3", "4", "7"]
            .iter()
            .all(|threads| train(threads) == one)
    );
}

#[test]
fn json_is_one_object_with_the_agreed_keys() {
    let place = workplace();
    let trained = run(place.path(), TRAIN.iter().chain(&["--json"])).json();
    assert_eq!(trained["epochs"].as_array().unwrap().len(), 3);
    for key in [
        "reconstruction_mse",
        "free_energy_gap",
        "test_pseudo_log_likelihood",
    ] {
        assert!(trained[key].is_f64(), "{key} in {trained}");
    }
    let model = "bitspin-out/rbm/model.safetensors";
    let eval = ["rbm", "eval", model, "--data", "data", "--exact", "--json"];
    let measured = run(place.path(), eval).json();
    for key in [
        "ln_z",
        "log_likelihood",
        "test_log_likelihood",
        "reconstruction_mse",
        "test_pseudo_log_likelihood",
    ] {
        assert!(measured[key].is_f64(), "{key} in {measured}");
    }
    assert_eq!(
        run(place.path(), eval).json(),
        measured,
        "measuring repeats itself"
    );
    let (ll, f, z) = (
        &measured["test_log_likelihood"],
        &measured["test_free_energy"],
        &measured["ln_z"],
    );
    let sum = ll.as_f64().unwrap() + f.as_f64().unwrap() + z.as_f64().unwrap();
    assert!(sum.abs() < 1e-9, "ln p = -F - ln Z");
    let text = run(place.path(), ["rbm", "eval", model, "--data", "data"]);
    assert!(
        text.code == Some(0) && text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{text:?}"
    );
    // Without --data the model is measured on what it learned from. If that is gone, a model that is not of the digits' size
    // still has a partition function.
    let alone = ["rbm", "eval", model, "--exact", "--json"];
    let recorded = run(place.path(), alone).json();
    assert_eq!(recorded["free_energy"], measured["free_energy"]);
    fs::rename(place.path().join("data"), place.path().join("moved")).unwrap();
    let alone = run(place.path(), alone).json();
    assert_eq!(alone["ln_z"], measured["ln_z"]);
    assert!(alone.get("free_energy").is_none());
}

#[test]
fn annealing_brackets_the_exact_likelihood() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = "bitspin-out/rbm/model.safetensors";
    let start = [
        "rbm",
        "eval",
        model,
        "--ais",
        "--chains",
        "50",
        "--betas",
        "200",
        "--raise-rows",
        "20",
    ];
    let eval = |more: &[&'static str]| run(place.path(), start.iter().chain(more));
    let measured = eval(&["--data", "data", "--json"]).json();
    let ais = &measured["ais"];
    let value = |of: &Value, key: &str| -> f64 {
        let value = of[key].as_f64();
        value.unwrap_or_else(|| panic!("{key} in {measured}"))
    };
    let number = |key: &str| value(&measured, key);
    for (way, name) in [("forward", "ais"), ("reverse", "reverse_ais")] {
        let found = &ais[way];
        let error = (value(found, "ln_z") - number("ln_z")).abs();
        let claimed = value(found, "standard_error");
        assert!(
            error < 4.5 * claimed && claimed < 0.5,
            "{way}: {error}, {claimed}"
        );
        assert!(value(found, "effective_sample_size") <= 50.0);
        let (ll, f) = (
            number(&format!("test_log_likelihood_{name}")),
            number("test_free_energy"),
        );
        assert!((ll + f + value(found, "ln_z")).abs() < 1e-9);
        assert_eq!(
            number(&format!("test_log_likelihood_{name}_standard_error")),
            claimed
        );
    }
    // Every estimate says which way it errs.
    assert_eq!(ais["forward"]["likelihood_errs"], "high");
    assert_eq!(ais["reverse"]["likelihood_errs"], "low");
    assert_eq!(ais["reverse"]["start"], "exact");
    let raise = &ais["raise"];
    assert_eq!(
        (&raise["rows"], &raise["chains_per_row"]),
        (&json!(20), &json!(5))
    );
    assert_eq!(raise["likelihood_errs"], "low");
    let (found, claimed) = (
        number("test_log_likelihood_raise"),
        number("test_log_likelihood_raise_standard_error"),
    );
    let exact = number("test_log_likelihood");
    assert!(
        found < exact + 4.0 * claimed && found > exact - 3.0,
        "{found}, {exact}"
    );
    let gap = number("test_free_energy") - number("free_energy");
    assert!((number("train_test_free_energy_gap") - gap).abs() < 1e-9);
    // The figures do not depend on threads; people get lines that fit their terminal.
    let mut again = eval(&["--data", "data", "--json", "--threads", "3"]).json();
    for (part, key) in [
        ("forward", "seconds"),
        ("reverse", "seconds"),
        ("reverse", "sampling_seconds"),
        ("raise", "seconds"),
    ] {
        assert!(ais[part][key].is_f64());
        again["ais"][part][key] = ais[part][key].clone();
    }
    assert_eq!(again, measured);
    let text = eval(&["--data", "data"]);
    assert!(
        text.code == Some(0) && text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{text:?}"
    );
    // Samples of the model come from tempering too; from data there is no bound, and a warning.
    let tempered = eval(&[
        "--data",
        "data",
        "--json",
        "--reverse-from",
        "tempering",
        "--tempering-rounds",
        "200",
    ]);
    let found = tempered.json();
    let reverse = &found["ais"]["reverse"];
    assert_eq!(reverse["start"], "tempering");
    assert_eq!(reverse["tempering"]["rounds"], 200);
    assert!(value(&reverse["tempering"]["free_energy"], "r_hat") < 1.2);
    let of_data = eval(&[
        "--data",
        "data",
        "--json",
        "--reverse-from",
        "data",
        "--burn-in",
        "5",
    ]);
    assert!(
        of_data
            .stderr
            .contains("warning: reverse AIS from data is no bound"),
        "{of_data:?}"
    );
    let found = of_data.json();
    assert_eq!(found["ais"]["reverse"]["likelihood_errs"], "unknown");
    assert!(found["warnings"][0].as_str().unwrap().contains("no bound"));
    // Without data of its size the model lends its own biases; few chains that count are warned of.
    let alone = run(
        place.path(),
        [
            "rbm", "eval", model, "--ais", "--chains", "4", "--betas", "1", "--json",
        ],
    );
    assert!(
        alone.stderr.contains("warning: forward AIS: an effective"),
        "{alone:?}"
    );
    assert!(alone.json()["ais"]["reverse"]["ln_z"].is_f64());
}

#[test]
fn chains_are_judged_and_their_samples_compared() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = "bitspin-out/rbm/model.safetensors";
    let start = [
        "rbm",
        "eval",
        model,
        "--data",
        "data",
        "--mixing",
        "--samples",
        "40",
        "--steps",
        "200",
    ];
    let measured = run(place.path(), start.iter().chain(&["--json"])).json();
    let mixing = &measured["mixing"];
    assert!(mixing["free_energy"]["r_hat"].as_f64().unwrap() >= 0.9);
    assert!(mixing["autocorrelation_steps"].as_f64().unwrap() > 0.0);
    let [train, test] = ["aats_train", "aats_test"].map(|key| mixing[key].as_f64().unwrap());
    assert!((0.0..=1.0).contains(&train) && (0.0..=1.0).contains(&test));
    let memorisation = mixing["aats_memorisation"].as_f64().unwrap();
    assert!((memorisation - (test - train)).abs() < 1e-12);
    let again = run(
        place.path(),
        start.iter().chain(&["--json", "--threads", "3"]),
    )
    .json();
    assert_eq!(again, measured);
    let text = run(place.path(), start);
    assert!(
        text.code == Some(0) && text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{text:?}"
    );
}

#[test]
fn likelihoods_are_measured_every_so_many_epochs() {
    let place = workplace();
    let every = [
        "--evaluate-every",
        "2",
        "--centred",
        "--visible-bias",
        "data",
        "--json",
    ];
    let trained = run(place.path(), TRAIN.iter().chain(&every)).json();
    let epochs = trained["epochs"].as_array().unwrap();
    let found: Vec<_> = epochs
        .iter()
        .map(|row| row["test_log_likelihood"].as_f64())
        .collect();
    // Of three epochs the second, and the last.
    assert!(matches!(found[..], [None, Some(_), Some(_)]), "{found:?}");
    assert_eq!(
        trained["test_log_likelihood"],
        epochs[2]["test_log_likelihood"]
    );
    let model = "bitspin-out/rbm/model.safetensors";
    let eval = ["rbm", "eval", model, "--data", "data", "--exact", "--json"];
    let exact = run(place.path(), eval).json()["test_log_likelihood"]
        .as_f64()
        .unwrap();
    let claimed = epochs[2]["test_log_likelihood_standard_error"]
        .as_f64()
        .unwrap();
    let error = (found[2].unwrap() - exact).abs();
    assert!(
        error <= 4.5 * claimed && claimed < 0.5,
        "{error}, {claimed}"
    );
    let metrics = fs::read_to_string(place.path().join("bitspin-out/rbm/metrics.csv")).unwrap();
    assert!(
        metrics
            .lines()
            .next()
            .unwrap()
            .ends_with("train_test_free_energy_gap")
    );
    let curve =
        fs::read_to_string(place.path().join("bitspin-out/rbm/learning-curve.svg")).unwrap();
    assert!(curve.contains("Log-likelihood, held-out"));
}

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

#[test]
fn an_earlier_result_is_kept_unless_force_is_given() {
    let place = workplace();
    assert_eq!(run(place.path(), TRAIN).code, Some(0));
    let model = place.path().join("bitspin-out/rbm/model.safetensors");
    let before = fs::read(&model).unwrap();
    let again = run(place.path(), TRAIN.iter().chain(&["--seed", "9"]));
    assert_eq!(
        (again.code, again.stderr.lines().count()),
        (Some(2), 1),
        "{again:?}"
    );
    assert!(again.stderr.contains("--force"));
    assert!(fs::read(&model).unwrap() == before);
    assert_eq!(
        run(
            place.path(),
            TRAIN.iter().chain(&["--seed", "9", "--force"])
        )
        .code,
        Some(0)
    );
    assert!(fs::read(&model).unwrap() != before);
    // A run that fails leaves the earlier result as it was.
    let before = fs::read(&model).unwrap();
    let failed = run(
        place.path(),
        TRAIN.iter().chain(&["--force", "--lr", "1e30"]),
    );
    assert_eq!(
        (failed.code, failed.stderr.lines().count()),
        (Some(1), 1),
        "{failed:?}"
    );
    assert!(failed.stderr.contains("diverged"));
    assert!(fs::read(&model).unwrap() == before);
    assert_eq!(names(model.parent().unwrap()), FILES);
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_model_so_far() {
    let place = workplace();
    let options = [
        "rbm", "train", "--data", "data", "--hidden", "30", "--epochs", "1000000", "--out", "out",
    ];
    let mut child = Command::new(bitspin())
        .args(options)
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first epoch's line says that training is under way.
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = String::new();
    let begin = Instant::now();
    while seen.lines().count() < 4 && begin.elapsed() < Duration::from_secs(60) {
        let mut bytes = [0; 256];
        let read = std::io::Read::read(&mut stdout, &mut bytes).unwrap();
        seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(signal.success());
    let drain =
        std::thread::spawn(move || std::io::Read::read_to_string(&mut stdout, &mut String::new()));
    let outcome = child.wait_with_output().unwrap();
    drain.join().unwrap().unwrap();
    assert_eq!(outcome.status.code(), Some(130), "{outcome:?}");
    assert!(
        String::from_utf8(outcome.stderr)
            .unwrap()
            .contains("interrupted")
    );
    let out = place.path().join("out");
    assert_eq!(names(&out), FILES);
    assert_eq!(
        RbmFile::load(out.join("model.safetensors"))
            .unwrap()
            .parameters
            .hidden,
        30
    );
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let place = tempfile::tempdir().unwrap();
    for command in [
        &["rbm", "train"][..],
        &["rbm", "sample"],
        &["rbm", "eval"],
        &["data", "fetch"],
        &["validate"],
    ] {
        let outcome = run(place.path(), command.iter().chain(&["--help"]));
        assert_eq!(outcome.code, Some(0));
        assert!(outcome.stdout.contains("Example"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("--json"), "{}", outcome.stdout);
    }
}
