//! Tables of 0/1 rows: what training makes of them, and how missing entries are filled in.

mod command;

use std::fs;
use std::path::Path;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::completion::{EntryError, Plan, complete, complete_with};
use bitspin::engine::engine;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::reference::{Rbm, state};
use bitspin::validate::hoeffding;
use bitspin_core::rbm::Groups;
use bitspin_tests::command::{refused, run};

const VISIBLE: usize = 7;
const HIDDEN: usize = 4;

/// A small RBM whose units depend on one another, for the engine and for the reference.
fn small_rbm() -> (RbmParameters, Rbm) {
    let w: Vec<f32> = (0..VISIBLE * HIDDEN)
        .map(|k| ((k * 37 % 19) as f32 - 9.0) / 8.0)
        .collect();
    let visible_bias: Vec<f32> = (0..VISIBLE).map(|i| (i as f32 - 3.0) / 8.0).collect();
    let hidden_bias = vec![-0.5; HIDDEN];
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let rbm = Rbm::new(wide(&w), wide(&visible_bias), wide(&hidden_bias));
    let parameters = RbmParameters {
        visible: VISIBLE,
        hidden: HIDDEN,
        w,
        visible_bias,
        hidden_bias,
    };
    (parameters, rbm)
}

/// Null: missing units have the exact distribution given the known ones. 16,384 independent chains after 60 steps;
/// Hoeffding's bound, which holds for every sample size, alarms falsely in fewer than 1e-6 of all seeds.
#[test]
fn missing_units_are_distributed_as_the_known_ones_say() {
    const ROWS: usize = 16_384;
    let (parameters, rbm) = small_rbm();
    let engine = engine(&parameters).unwrap();
    let p = rbm.visible_distribution();
    let (known, values) = (0b001_0110_u64, 0b000_0100_u64);
    let agrees = |v: usize| (v as u64 ^ values) & known == 0;
    let total: f64 = (0..p.len()).filter(|&v| agrees(v)).map(|v| p[v]).sum();
    let start = BitMatrix::from_bits(VISIBLE, vec![values; ROWS]).unwrap();
    let plan = Plan {
        burn_in: 60,
        steps: 1,
        seed: 3,
        threads: 2,
    };
    let filled = complete(
        &engine,
        &Groups::all_binary(engine.shape()),
        &start,
        &[known; ROWS],
        plan,
    );
    let filled = filled.unwrap();
    let bound = hoeffding(ROWS, 1e-6 / (2 * VISIBLE) as f64);
    assert!(bound < 0.03, "{bound} would find no fault");
    for unit in 0..VISIBLE {
        let set = |v: usize| state(v, VISIBLE)[unit];
        let expected = (0..p.len())
            .filter(|&v| agrees(v))
            .map(|v| p[v] / total * set(v));
        let expected: f64 = expected.sum();
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / ROWS as f64;
        let rows = filled.probabilities.chunks_exact(VISIBLE);
        let probability = mean(&mut rows.map(|row| f64::from(row[unit])));
        let drawn = mean(&mut filled.sample.iter().map(|row| (row[0] >> unit & 1) as f64));
        if known >> unit & 1 == 1 {
            assert_eq!(
                (probability, drawn),
                (expected, expected),
                "unit {unit} is known"
            );
        }
        assert!(
            (probability - expected).abs() < bound,
            "{unit}: {probability}, {expected}"
        );
        assert!(
            (drawn - expected).abs() < bound,
            "{unit}: {drawn}, {expected}"
        );
    }
}

#[test]
fn filling_in_depends_on_the_seed_alone() {
    let (parameters, _) = small_rbm();
    let engine = engine(&parameters).unwrap();
    let start = BitMatrix::from_bits(VISIBLE, (0..150).map(|k| k * 7 % 128).collect()).unwrap();
    let known: Vec<u64> = (0..150).map(|k| k * 29 % 128).collect();
    let plan = |seed, threads| Plan {
        burn_in: 5,
        steps: 5,
        seed,
        threads,
    };
    let fill = |seed, threads| {
        complete(
            &engine,
            &Groups::all_binary(engine.shape()),
            &start,
            &known,
            plan(seed, threads),
        )
        .unwrap()
    };
    let one = fill(1, 1);
    assert_eq!(fill(1, 3), one);
    assert_ne!(fill(2, 1), one);
    let stopped = Interrupt::manual();
    stopped.set();
    let groups = Groups::all_binary(engine.shape());
    let none = complete_with(
        &engine,
        &groups,
        &start,
        &known,
        plan(1, 1),
        Control::new().interrupt(&stopped),
    );
    assert_eq!(none, Ok(None));
    assert!(complete(&engine, &groups, &start, &known[1..], plan(1, 1)).is_err());
}

#[test]
fn errors_of_entries_are_means() {
    let error = EntryError::of([(true, 0.75), (false, 0.5), (true, 0.25)].into_iter());
    assert_eq!((error.entries, error.wrong), (3, 1.0 / 3.0));
    assert!((error.mse - (0.0625 + 0.25 + 0.5625) / 3.0).abs() < 1e-12);
    let nll = -(0.75_f64.ln() + 0.5_f64.ln() + 0.25_f64.ln()) / 3.0;
    assert!((error.nll - nll).abs() < 1e-12);
}

/// The genre in a film's name.
fn genre(film: &str) -> &str {
    film.split_once('(').unwrap().1
}

#[test]
fn hidden_units_of_film_likes_are_genres_and_missing_likes_are_predicted() {
    let place = tempfile::tempdir().unwrap();
    let train = ["rbm", "train", "--data", "films", "--out", "run", "--json"];
    let trained = run(place.path(), train).json();
    let units = trained["hidden_units"].as_array().unwrap();
    let mut genres: Vec<&str> = units
        .iter()
        .map(|unit| {
            let films = unit["columns"].as_array().unwrap();
            let names: Vec<_> = films.iter().map(|film| film[0].as_str().unwrap()).collect();
            assert!(
                names.iter().all(|name| genre(name) == genre(names[0])),
                "{names:?}"
            );
            genre(names[0])
        })
        .collect();
    genres.sort();
    genres.dedup();
    assert_eq!(genres.len(), 4, "a unit a genre");

    let fill = [
        "rbm",
        "complete",
        "run/model.safetensors",
        "--data",
        "films",
    ];
    let with = |more: &[&str]| run(place.path(), fill.iter().chain(more));
    assert_eq!(with(&[]).code, Some(0));
    let filled = fs::read_to_string(place.path().join("completed.csv")).unwrap();
    assert!(filled.starts_with("viewer,Letters from Lisbon (romance),"));
    assert!(!filled.contains('?') && filled.lines().count() == 401);
    assert_eq!(with(&["--samples", "--out", "drawn.csv"]).code, Some(0));
    let drawn = fs::read_to_string(place.path().join("drawn.csv")).unwrap();
    let entries = drawn
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').skip(1));
    assert!(entries.clone().all(|entry| entry == "0" || entry == "1"));
    assert_eq!(entries.count(), 9600);
    let measured = with(&["--hide", "0.2", "--json"]).json();
    let error = |who: &str| measured[who]["mse"].as_f64().unwrap();
    // 0.12 and 0.22 over 178 entries, whose squared errors have a spread of about 0.2: five standard errors apart.
    assert!(error("model") < 0.75 * error("mean_filling"), "{measured}");
    let again = run(
        place.path(),
        [
            "rbm",
            "train",
            "--data",
            "films",
            "--out",
            "one",
            "--threads",
            "1",
        ],
    );
    assert_eq!(again.code, Some(0));
    let model = |run: &str| fs::read(place.path().join(run).join("model.safetensors")).unwrap();
    assert!(
        model("run") == model("one"),
        "threads change what is learned"
    );
}

#[test]
fn half_a_digit_is_restored_better_than_by_the_mean() {
    let place = tempfile::tempdir().unwrap();
    let train = [
        "rbm", "train", "--method", "pcd", "--lr", "0.05", "--epochs", "20", "--hidden", "200",
    ];
    assert_eq!(run(place.path(), train).code, Some(0));
    let complete = [
        "rbm",
        "complete",
        "bitspin-out/rbm/model.safetensors",
        "--digits",
        "200",
        "--erase",
        "right",
        "--json",
    ];
    let measured = run(place.path(), complete).json();
    assert_eq!(measured["model"]["entries"], 200 * 392);
    let error = |who: &str| measured[who]["mse"].as_f64().unwrap();
    assert!(error("model") < error("mean_filling"), "{measured}");
    let picture = fs::File::open(place.path().join("completed.png")).unwrap();
    let reader = png::Decoder::new(std::io::BufReader::new(picture))
        .read_info()
        .unwrap();
    assert_eq!(
        (reader.info().width, reader.info().height),
        (2 * (16 * 30 + 2), 2 * (3 * 30 + 2))
    );
}

fn write(place: &Path, name: &str, text: &str) {
    fs::write(place.join(name), text).unwrap();
}

#[test]
fn tables_that_cannot_be_used_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    write(place, "bad.csv", "a,b\n1,0\n1,7\n");
    write(place, "short.csv", "a,b\n1,0\n1\n");
    write(place, "one.csv", "1,0\n");
    write(place, "empty.csv", "");
    write(place, "text.npy", "no array");
    for (file, words) in [
        ("bad.csv", &["bad.csv", "line 3, column 2", "'7'"][..]),
        ("short.csv", &["short.csv", "line 3", "2 cells"]),
        ("one.csv", &["one.csv", "at least 2"]),
        ("empty.csv", &["empty.csv", "no line"]),
        ("text.npy", &["text.npy", "NumPy"]),
        ("nowhere.csv", &["nowhere.csv"]),
    ] {
        refused(place, &["rbm", "train", "--data", file], words);
    }
    write(place, "whole.csv", &"1,0,1\n0,1,1\n".repeat(20));
    write(place, "gaps.csv", &"1,?,1\n0,1,\n".repeat(20));
    let train = [
        "rbm", "train", "--data", "gaps.csv", "--epochs", "2", "--out", "run",
    ];
    assert_eq!(run(place, train).code, Some(0));
    let model = "run/model.safetensors";
    for (verb, more, words) in [
        (
            "eval",
            &["--data", "gaps.csv"][..],
            &["gaps.csv", "missing", "complete"][..],
        ),
        (
            "sample",
            &["--from-data", "--data", "gaps.csv"],
            &["gaps.csv", "missing"],
        ),
        (
            "complete",
            &["--data", "whole.csv"],
            &["whole.csv", "--hide"],
        ),
        ("complete", &["--data", "films"], &["3 visible", "24"]),
        (
            "complete",
            &["--data", "whole.csv", "--hide", "0"],
            &["--hide", "above 0"],
        ),
        (
            "complete",
            &["--data", "whole.csv", "--hide", "nan"],
            &["--hide", "above 0"],
        ),
        (
            "complete",
            &["--data", "gaps.csv", "--erase", "top"],
            &["--erase top", "table"],
        ),
        (
            "complete",
            &["--data", "gaps.csv", "--steps", "0"],
            &["--steps"],
        ),
        (
            "complete",
            &["--data", "gaps.csv", "--out", "run"],
            &["run"],
        ),
        (
            "complete",
            &["--data", "gaps.csv", "--out", "gaps.csv"],
            &["--force"],
        ),
        (
            "complete",
            &["--data", "whole.csv", "--hide", "0.5", "--out", "x.csv"],
            &["--out"],
        ),
    ] {
        let arguments: Vec<_> = ["rbm", verb, model].iter().chain(more).copied().collect();
        refused(place, &arguments, words);
    }
}
