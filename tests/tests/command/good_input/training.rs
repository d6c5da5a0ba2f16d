//! Training: all files are written, threads change nothing, and likelihoods are measured on the way.

use std::fs;

use bitspin::data::{Images, write_images};
use bitspin::model_file::RbmFile;
use bitspin_tests::command::run;

use super::{FILES, TRAIN, names, workplace};

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
