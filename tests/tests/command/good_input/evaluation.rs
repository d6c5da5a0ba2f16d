//! Measuring a model: the keys of its JSON, estimates that bracket the exact likelihood, and how chains mix.

use std::fs;

use bitspin_tests::command::run;
use serde_json::{Value, json};

use super::{TRAIN, workplace};

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
