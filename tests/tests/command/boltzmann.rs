//! `bitspin boltzmann`: what it learns, prints and writes, and how it refuses.

use std::fs;
use std::path::Path;

use bitspin::model_file::IsingFile;
use bitspin_tests::command::run;
use bitspin_tests::command::{Outcome, refused};
use serde_json::Value;

fn train(place: &Path, options: &[&str]) -> Outcome {
    run(place, [&["boltzmann", "train"], options].concat())
}

fn number(json: &Value, key: &str) -> f64 {
    json[key]
        .as_f64()
        .unwrap_or_else(|| panic!("{key} in {json}"))
}

#[test]
fn eight_hidden_spins_learn_bars_and_stripes() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let found = train(place, &["--epochs", "60", "--json"]).json();
    let (kl, entropy) = (number(&found, "kl"), number(&found, "entropy"));
    assert!(kl < 0.05, "K(data; model) {kl}");
    assert!((number(&found, "cross_entropy") - entropy - kl).abs() < 1e-12);
    assert!((entropy - 14_f64.ln()).abs() < 1e-12);
    assert_eq!(
        (found["hidden"].as_u64(), found["clamped"].as_str()),
        (Some(8), Some("exact"))
    );
    assert_eq!(found["sample_energy"]["verdict"], "mixed");
    let out = place.join("bitspin-out/boltzmann");
    for file in found["files"].as_array().unwrap() {
        let path = place.join(file["path"].as_str().unwrap());
        assert!(fs::metadata(path).unwrap().len() > 0, "{file}");
    }
    assert_eq!(found["files"].as_array().unwrap().len(), 6);
    let model = IsingFile::load(out.join("model.safetensors"), false).unwrap();
    assert_eq!(
        (model.units(), model.metadata["visible"].as_str()),
        (17, "9")
    );
    let metrics = fs::read_to_string(out.join("metrics.csv")).unwrap();
    assert!(metrics.starts_with("epoch,seconds,learning_rate,largest_gradient,kl,"));
    assert_eq!(metrics.lines().count(), 62);
    let curve = fs::read_to_string(out.join("learning-curve.svg")).unwrap();
    assert!(curve.contains("the bound"));
    // What was there stays, unless it is to be replaced.
    let again = train(place, &["--epochs", "1"]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("--force"), "{again:?}");
}

/// One seed gives one model, to the byte, at any number of threads, by every method; another seed gives another.
#[test]
fn one_seed_gives_one_machine_at_any_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let model = |method: &str, hidden: &str, threads: &str, seed: &str| {
        let out = format!("{method}-{hidden}-{threads}-{seed}");
        let options = [
            "--method",
            method,
            "--hidden",
            hidden,
            "--threads",
            threads,
            "--seed",
            seed,
        ];
        let small = [
            "--epochs",
            "5",
            "--chains",
            "40",
            "--temperatures",
            "3",
            "--out",
            &out,
        ];
        let ended = train(place, &[&options[..], &small].concat());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        fs::read(place.join(out).join("model.safetensors")).unwrap()
    };
    for (method, hidden) in [
        ("exact", "2"),
        ("pcd", "2"),
        ("pcd", "14"),
        ("tempering", "2"),
        ("pseudo-likelihood", "2"),
        ("ratio-matching", "0"),
        ("flow", "2"),
    ] {
        let one = model(method, hidden, "1", "1");
        assert!(one == model(method, hidden, "3", "1"), "{method} {hidden}");
        assert!(
            method == "ratio-matching" || one != model(method, hidden, "1", "2"),
            "{method} {hidden}"
        );
    }
}

#[test]
fn every_method_comes_near_what_can_be_learned_without_hidden_spins() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    // Three spins of which two tend to be equal, and all states come up: a model without hidden spins can be this distribution.
    let rows = [
        "0,0,1", "0,0,1", "0,0,1", "1,1,1", "1,1,1", "0,1,0", "1,0,0", "0,0,0", "1,1,0", "1,0,1",
        "0,1,1",
    ];
    fs::write(place.join("rows.csv"), rows.join("\n") + "\n").unwrap();
    let exact = train(
        place,
        &[
            "--data", "rows.csv", "--out", "exact", "--epochs", "400", "--json",
        ],
    )
    .json();
    let best = number(&exact, "kl");
    for method in [
        "pcd",
        "tempering",
        "pseudo-likelihood",
        "ratio-matching",
        "flow",
    ] {
        let options = [
            "--data", "rows.csv", "--method", method, "--out", method, "--json", "--epochs", "400",
        ];
        let kl = number(&train(place, &options).json(), "kl");
        assert!(kl >= best - 1e-6, "{method}: {kl} below the best, {best}");
        assert!(kl < best + 0.02, "{method}: {kl} above the best, {best}");
    }
}

#[test]
fn bad_input_ends_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::write(
        place.join("wide.csv"),
        "0,1".to_string() + &",0".repeat(28) + "\n" + &"1,".repeat(29) + "1\n",
    )
    .unwrap();
    fs::write(place.join("gap.csv"), "0,1,1\n1,?,0\n").unwrap();
    fs::write(place.join("two.csv"), "0,1,1\n1,2,0\n").unwrap();
    fs::write(place.join("one.csv"), "0\n1\n").unwrap();
    fs::write(place.join("short.npy"), [0x93, b'N', b'U']).unwrap();
    let cases: [(&[&str], &str); 16] = [
        (&["--data", "nowhere.csv"], "nowhere.csv"),
        (&["--data", "bars"], "--data: expected bars-and-stripes"),
        (&["--data", "gap.csv"], "row 2 has no entry in column 2"),
        (&["--data", "two.csv"], "two.csv"),
        (&["--data", "one.csv"], "a single spin"),
        (&["--data", "short.npy"], "short.npy"),
        (&["--data", "wide.csv"], "exact enumerates at most 24 spins"),
        (&["--hidden", "20"], "exact enumerates at most 24 spins"),
        (&["--hidden", "13", "--method", "flow"], "at most 12"),
        (&["--hidden", "9000", "--method", "pcd"], "--hidden"),
        (&["--lr", "nan"], "--lr: expected a number above 0"),
        (&["--lr", "-1"], "--lr: expected a number above 0"),
        (&["--momentum", "1"], "--momentum"),
        (&["--epochs", "0"], "--epochs"),
        (
            &["--method", "tempering", "--temperatures", "1"],
            "--temperatures: expected 2",
        ),
        (
            &["--method", "tempering", "--sweeps", "1"],
            "--sweeps: expected 2",
        ),
    ];
    for (options, words) in cases {
        let ended = train(place, options);
        assert_eq!(ended.code, Some(2), "{options:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{options:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{options:?}: {ended:?}");
        assert!(
            !place.join("bitspin-out").exists(),
            "{options:?} wrote something"
        );
    }
    let diverged = train(place, &["--lr", "500"]);
    assert_eq!(diverged.code, Some(1), "{diverged:?}");
    assert!(
        diverged.stderr.contains("diverged in epoch") && diverged.stderr.contains("--lr"),
        "{diverged:?}"
    );
}

#[test]
fn the_distribution_of_listed_energies_is_printed() {
    let place = tempfile::tempdir().unwrap();
    let distribution = |energies: &str, more: &[&str]| {
        let command = ["boltzmann", "distribution", "--energies", energies];
        run(place.path(), command.iter().chain(more))
    };
    let found = distribution("0,1,-2", &["--temperature", "0.5", "--json"]).json();
    let weights = [1.0, (-2.0_f64).exp(), 4.0_f64.exp()];
    let z: f64 = weights.iter().sum();
    let p: Vec<f64> = weights.iter().map(|weight| weight / z).collect();
    let entropy: f64 = p.iter().map(|p| -p * p.ln()).sum();
    let mean = p[1] - 2.0 * p[2];
    for (key, expected) in [
        ("z", z),
        ("ln_z", z.ln()),
        ("entropy", entropy),
        ("mean_energy", mean),
        ("free_energy", -0.5 * z.ln()),
    ] {
        assert!(
            (number(&found, key) - expected).abs() < 1e-12 * z,
            "{key}: {found}"
        );
    }
    for key in ["p", "softmax"] {
        let found = found[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap());
        assert!(
            found.zip(&p).all(|(found, p)| (found - p).abs() < 1e-14),
            "{key}"
        );
    }
    std::fs::write(place.path().join("levels.txt"), "# J\n0 1\n-2\n").unwrap();
    let of_file = distribution("levels.txt", &["--temperature", "0.5", "--json"]);
    assert_eq!(of_file.json(), found);
    let text = distribution("-1e308,1e308", &["--temperature", "1e-300"]);
    assert_eq!(text.code, Some(0), "{text:?}");
    assert!(
        text.stdout.contains("ln Z         beyond float64"),
        "{text:?}"
    );
    assert!(
        text.stdout.contains("entropy      0 nats") && text.stdout.contains("-1.000000000e308"),
        "{text:?}"
    );
    std::fs::write(place.path().join("bad.txt"), "1\ntwo\n").unwrap();
    for (energies, more, words) in [
        (
            "bad.txt",
            &[][..],
            &["bad.txt: line 2: expected a number, found 'two'"][..],
        ),
        ("1,x", &[], &["1,x: expected numbers"]),
        ("none.txt", &[], &["none.txt"]),
        (
            "1,2",
            &["--temperature", "0"],
            &["--temperature", "above 0"],
        ),
        ("1,2", &["--temperature", "nan"], &["--temperature"]),
        ("inf,inf", &[], &["--energies"]),
        ("1,-inf", &[], &["--energies"]),
    ] {
        let command = ["boltzmann", "distribution", "--energies", energies];
        let command: Vec<_> = command.into_iter().chain(more.iter().copied()).collect();
        refused(place.path(), &command, words);
    }
}

/// Four states of two spins, all of them in the data: both divergences are finite, and known from the model's file.
#[test]
fn both_divergences_are_reported() {
    let place = tempfile::tempdir().unwrap();
    let rows = ["0,0", "0,1", "1,0", "1,1"];
    let counts = [6, 2, 3, 9];
    let csv: String = rows
        .iter()
        .zip(counts)
        .map(|(row, count)| format!("{row}\n").repeat(count))
        .collect();
    std::fs::write(place.path().join("votes.csv"), csv).unwrap();
    let train = [
        "boltzmann",
        "train",
        "--data",
        "votes.csv",
        "--epochs",
        "3",
        "--out",
        "run",
        "--json",
    ];
    let found = run(place.path(), train).json();
    let model = IsingFile::load(place.path().join("run/model.safetensors"), false).unwrap();
    let weight = |bits: [f64; 2]| {
        let [a, b] = bits.map(|bit| 2.0 * bit - 1.0);
        let (w, h) = (
            f64::from(model.w[1]),
            [f64::from(model.h[0]), f64::from(model.h[1])],
        );
        (w * a * b + h[0] * a + h[1] * b).exp()
    };
    let weights = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].map(weight);
    let z: f64 = weights.iter().sum();
    let p = weights.map(|weight| weight / z);
    let q = counts.map(|count| count as f64 / 20.0);
    let kl =
        |p: [f64; 4], q: [f64; 4]| -> f64 { p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum() };
    assert!((number(&found, "kl") - kl(q, p)).abs() < 1e-9, "{found}");
    assert!(
        (number(&found, "kl_reverse") - kl(p, q)).abs() < 1e-9,
        "{found}"
    );
    assert_eq!(found["kl_reverse_is_infinite"], false);
    let train = ["boltzmann", "train", "--epochs", "3", "--out", "bars"];
    let told = run(place.path(), train);
    assert!(
        told.stdout.contains("K(model; data) is infinite: 0."),
        "{told:?}"
    );
}
