//! `bitspin hopfield add`: what is forgotten as patterns are added.

use std::fs;

use bitspin_tests::command::{self, run};

use super::workplace;

/// Random patterns of 100 units by Hebb's rule: the first few are held, forty are beyond any capacity.
#[test]
fn adding_patterns_shows_what_is_forgotten() {
    let place = workplace();
    let add = [
        "hopfield",
        "add",
        "--random",
        "100",
        "--patterns",
        "40",
        "--out",
        "forgetting.svg",
    ];
    let told = run(place.path(), add.iter().chain(&["--json"])).json();
    let steps = told["steps"].as_array().unwrap();
    let held: Vec<u64> = steps
        .iter()
        .map(|step| step["fixed_points"].as_u64().unwrap())
        .collect();
    assert_eq!((steps.len(), held[0], held[2]), (40, 1, 3));
    assert!(held[39] < 4 && held.iter().max() > Some(&4), "{held:?}");
    for (at, step) in steps.iter().enumerate() {
        let fixed = step["fixed"].as_array().unwrap();
        assert_eq!(
            (step["stored"].as_u64(), fixed.len()),
            (Some(at as u64 + 1), at + 1)
        );
        for index in step["forgotten"].as_array().unwrap() {
            assert_eq!(fixed[index.as_u64().unwrap() as usize], false);
        }
    }
    assert!(
        fs::read_to_string(place.path().join("forgetting.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    let text = run(place.path(), add.iter().chain(&["--force"]));
    assert_eq!(text.code, Some(0), "{text:?}");
    assert!(
        text.stdout.contains("fixed points") && text.stdout.contains("At most"),
        "{text:?}"
    );
    let of_pictures = run(
        place.path(),
        [
            "hopfield",
            "add",
            "--pictures",
            "pictures",
            "--rule",
            "exponential",
            "--json",
        ],
    );
    let told = of_pictures.json();
    assert_eq!(told["steps"][2]["fixed_points"], 3);
    assert_eq!(told["steps"][2]["file"], "pictures/2.png");
    command::refused(
        place.path(),
        &["hopfield", "add", "--random", "1"],
        &["2 to"],
    );
    command::refused(
        place.path(),
        &["hopfield", "add", "--noise", "2"],
        &["--noise"],
    );
}
