//! Classifiers by the command: training, classifying, calibrating, drawing a class; and bad input.

mod options;

use std::fs;
use std::path::Path;

use bitspin::data::{Images, write_images, write_labels};
use bitspin::model_file::LabelledFile;
use bitspin_tests::command::{refused, run};
use tempfile::TempDir;

/// A data set of vertical bars of noisy grey, whose class is where the bar is, of four; `label` may change the labels.
fn data(directory: &Path, name: &str, side: usize, label: impl Fn(usize) -> u8) {
    let data = directory.join(name);
    fs::create_dir(&data).unwrap();
    for (name, count) in [("train", 400_usize), ("t10k", 120)] {
        let pixel = |k: usize, i: usize| {
            let ink = i % side / 2 == k % 4;
            // A generator good enough for noise that no class shares.
            let noise = (((k * 7919 + i * 104_729) * 2_654_435_761) >> 7) & 255;
            (if ink { 130 + noise / 3 } else { noise / 3 }) as u8
        };
        let size = side * side;
        let pixels = (0..count).flat_map(|k| (0..size).map(move |i| (k, i)));
        let images = Images::new(side, side, pixels.map(|(k, i)| pixel(k, i)).collect()).unwrap();
        write_images(&data.join(format!("{name}-images-idx3-ubyte")), &images).unwrap();
        let labels: Vec<u8> = (0..count).map(|k| label(k % 4)).collect();
        write_labels(&data.join(format!("{name}-labels-idx1-ubyte")), &labels).unwrap();
    }
}

const TRAIN: [&str; 9] = [
    "rbm", "train", "--labels", "--data", "data", "--hidden", "20", "--epochs", "5",
];
const MODEL: &str = "bitspin-out/rbm/model.safetensors";

fn trained() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    data(place.path(), "data", 8, |k| k as u8);
    let more = ["--lr", "0.1", "--momentum", "0.9", "--batch", "32"];
    let outcome = run(place.path(), TRAIN.iter().chain(&more));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let wide = |line: &str| line.chars().count() > 100;
    assert!(!outcome.stdout.lines().any(wide), "{}", outcome.stdout);
    place
}

#[test]
fn a_classifier_is_trained_judged_calibrated_and_drawn_from() {
    let place = trained();
    let place = place.path();
    let out = place.join("bitspin-out/rbm");
    let metrics = fs::read_to_string(out.join("metrics.csv")).unwrap();
    assert!(
        metrics.starts_with("epoch,seconds,") && metrics.lines().count() == 6,
        "{metrics}"
    );
    assert!(
        fs::read_to_string(out.join("learning-curve.svg"))
            .unwrap()
            .contains("Classification error")
    );
    let model = LabelledFile::load(place.join(MODEL)).unwrap().unwrap();
    assert_eq!(
        (model.parameters.pixels(), model.parameters.classes),
        (64, 4)
    );
    assert_eq!(model.metadata["objective"], "hybrid=0.05");

    let classify = ["rbm", "classify", MODEL, "--data", "data", "--json"];
    let with = |more: &[&str]| run(place, classify.iter().chain(more)).json();
    let judged = with(&["--out", "reliability.svg", "--against", "noise", "--exact"]);
    assert!(judged["error"].as_f64().unwrap() < 0.1, "{judged}");
    let counts = judged["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap());
    assert_eq!(
        counts.map(|count| count.as_u64().unwrap()).sum::<u64>(),
        120
    );
    assert!(
        judged["against"]["auroc"].as_f64().unwrap() > 0.5,
        "{judged}"
    );
    let (energy, ln_z) = (
        judged["energy"].as_f64().unwrap(),
        judged["ln_z"].as_f64().unwrap(),
    );
    let log_likelihood = judged["test_log_likelihood"].as_f64().unwrap();
    assert!((log_likelihood - (-energy - ln_z)).abs() < 1e-9 && log_likelihood < 0.0);
    assert!(
        fs::read_to_string(place.join("reliability.svg"))
            .unwrap()
            .contains("calibrated")
    );
    let other = with(&["--against", "data"]);
    assert_eq!(other["against"]["auroc"], 0.5, "a data set is like itself");

    let calibrate = [
        "rbm",
        "calibrate",
        MODEL,
        "--data",
        "data",
        "--out",
        "cal.safetensors",
        "--json",
    ];
    let fitted = run(place, calibrate).json();
    let temperature = fitted["temperature"].as_f64().unwrap();
    assert!((0.05..20.0).contains(&temperature));
    assert_eq!(
        (&fitted["fitted_on"], &fitted["measured_on"]),
        (&60.into(), &60.into())
    );
    let judge = [
        "rbm",
        "classify",
        "cal.safetensors",
        "--data",
        "data",
        "--json",
    ];
    let cooled = run(place, judge).json();
    assert_eq!(cooled["temperature"].as_f64(), Some(temperature));
    assert_eq!(
        cooled["confusion"], judged["confusion"],
        "a temperature changes no prediction"
    );

    let draw = [
        "rbm", "sample", MODEL, "--label", "2", "--chains", "4", "--steps", "50", "--out",
        "twos.png",
    ];
    let drawn = run(place, draw);
    assert_eq!(drawn.code, Some(0), "{drawn:?}");
    assert!(place.join("twos.png").is_file());
}

#[test]
fn a_model_without_labels_gives_features_to_a_regression() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    data(place, "data", 8, |k| k as u8);
    let plain = [
        "rbm", "train", "--data", "data", "--hidden", "20", "--epochs", "20",
    ];
    assert_eq!(run(place, plain).code, Some(0));
    let judged = run(
        place,
        ["rbm", "classify", MODEL, "--data", "data", "--json"],
    )
    .json();
    assert!(judged["error"].as_f64().unwrap() < 0.1, "{judged}");
}

#[test]
fn training_depends_on_no_thread_and_each_objective_learns() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    data(place, "data", 8, |k| k as u8);
    for objective in ["generative", "discriminative", "hybrid"] {
        for threads in ["1", "2"] {
            let out = format!("{objective}{threads}");
            let more = [
                "--objective",
                objective,
                "--threads",
                threads,
                "--out",
                &out,
                "--batch",
                "32",
                "--lr",
                "0.2",
            ];
            let more = more.iter().chain(&["--momentum", "0.8", "--epochs", "8"]);
            let outcome = run(place, TRAIN[..7].iter().chain(more));
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
            let judge = [
                "rbm",
                "classify",
                &format!("{out}/model.safetensors"),
                "--data",
                "data",
                "--json",
            ];
            let error = run(place, judge).json()["error"].as_f64().unwrap();
            assert!(error < 0.25, "{objective}: {error}");
        }
        let model = |threads: &str| {
            fs::read(place.join(format!("{objective}{threads}/model.safetensors"))).unwrap()
        };
        assert!(model("1") == model("2"), "{objective}");
    }
}

#[test]
fn what_makes_no_classifier_is_refused() {
    let place = trained();
    let place = place.path();
    data(place, "one", 8, |_| 1);
    data(place, "small", 6, |k| k as u8);
    data(place, "many", 8, |k| k as u8 + 1);
    data(place, "bare", 8, |k| k as u8);
    for split in ["train", "t10k"] {
        fs::remove_file(place.join(format!("bare/{split}-labels-idx1-ubyte"))).unwrap();
    }
    let plain = [
        "rbm", "train", "--data", "data", "--hidden", "4", "--out", "plain",
    ];
    assert_eq!(run(place, plain).code, Some(0));
    let train = |more: &[&str], words: &[&str]| {
        refused(place, &[&TRAIN[..3], &["--out", "x"], more].concat(), words)
    };
    train(&["--data", "bare"], &["bare", "labels", "none"]);
    train(&["--data", "films"], &["film", "labels", "none"]);
    train(
        &[
            "--data",
            "data",
            "--objective",
            "generative",
            "--mix",
            "0.1",
        ],
        &["--mix", "hybrid"],
    );
    train(&["--data", "data", "--mix", "-1"], &["--mix", "above 0"]);
    train(
        &["--data", "data", "--objective", "best"],
        &["--objective", "best"],
    );
    train(&["--data", "data", "--batch", "500"], &["--batch"]);
    train(&["--data", "data", "--lr", "nan"], &["--lr"]);
    refused(
        place,
        &["rbm", "train", "--data", "data", "--objective", "hybrid"],
        &["--labels"],
    );
    for verb in ["classify", "calibrate"] {
        let with = |more: &[&str], words: &[&str]| {
            refused(place, &[&["rbm", verb, MODEL][..], more].concat(), words)
        };
        with(&["--data", "bare"], &["bare", "labels", "none"]);
        with(&["--data", "small"], &["64 pixels", "36"]);
        with(&["--data", "many"], &["many", "labels below 4", "found 4"]);
        with(&["--data", "nowhere"], &["nowhere"]);
        refused(
            place,
            &["rbm", verb, "none.safetensors", "--data", "data"],
            &["none.safetensors"],
        );
    }
    let plain = "plain/model.safetensors";
    for (verb, data, words) in [
        ("calibrate", "data", &["label units", "--labels"][..]),
        ("classify", "small", &["64 visible", "36"]),
        ("classify", "bare", &["bare", "labels", "none"]),
    ] {
        refused(place, &["rbm", verb, plain, "--data", data], words);
    }
    refused(
        place,
        &["rbm", "calibrate", MODEL, "--data", "one"],
        &["one", "two classes"],
    );
    let classify = |more: &[&str], words: &[&str]| {
        refused(
            place,
            &[&["rbm", "classify", MODEL, "--data", "data"][..], more].concat(),
            words,
        );
    };
    classify(&["--temperature", "0"], &["--temperature", "above 0"]);
    classify(&["--against", "small"], &["64 pixels", "36"]);
    classify(&["--against", "nowhere"], &["nowhere"]);
    classify(&["--out", MODEL], &["--out", ".svg", "safetensors"]);
    refused(
        place,
        &["rbm", "sample", MODEL, "--label", "4"],
        &["--label", "below 4"],
    );
    refused(
        place,
        &["rbm", "sample", "plain/model.safetensors", "--label", "1"],
        &["label units"],
    );
    refused(place, &["rbm", "sample", MODEL], &["label units"]);
    refused(
        place,
        &["rbm", "eval", MODEL, "--data", "data"],
        &["label units"],
    );
}
