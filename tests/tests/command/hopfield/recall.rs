//! `bitspin hopfield recall`: every rule and order brings patterns back, and a seed repeats a recall.

use super::{hopfield, number, png_size, workplace};

#[test]
fn digits_come_back_from_a_fifth_of_noise_by_the_pseudo_inverse_rule() {
    let place = workplace();
    let outcome = hopfield(
        &place,
        &["recall", "--noise", "0.2", "--json", "--out", "seen.png"],
    );
    let report = outcome.json();
    assert_eq!(
        (number(&report, "patterns"), number(&report, "exact")),
        (10.0, 10.0)
    );
    let recalls = report["recalls"].as_array().unwrap();
    let labels: Vec<_> = recalls
        .iter()
        .map(|r| r["label"].as_u64().unwrap())
        .collect();
    assert_eq!(
        labels,
        (0..10).collect::<Vec<_>>(),
        "the first of every class"
    );
    for (k, recall) in recalls.iter().enumerate() {
        assert_eq!(recall["recalled"]["kind"], "pattern");
        assert_eq!(recall["recalled"]["pattern"], k);
        assert_eq!(recall["stop"], "fixed-point");
        assert!((0.5..0.7).contains(&number(recall, "overlap_before")));
        assert_eq!(number(recall, "overlap_after"), 1.0);
    }
    // Ten across, three rows, two pixels between them, at twice their size.
    assert_eq!(
        png_size(&place.path().join("seen.png")),
        (2 * (10 * 30 + 2), 2 * (3 * 30 + 2))
    );
}

#[test]
fn a_thousand_digits_come_back_by_the_exponential_rule() {
    let place = workplace();
    let arguments = [
        "recall",
        "--rule",
        "exponential",
        "--patterns",
        "1000",
        "--data",
        "built-in",
    ];
    let outcome = hopfield(&place, &arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome.stdout.contains("1000 of 1000 recalled exactly"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains("980 more"), "{}", outcome.stdout);
    assert!(
        outcome
            .stdout
            .lines()
            .all(|line| line.chars().count() <= 120)
    );
}

#[test]
fn own_pictures_are_recalled_in_every_way() {
    let place = workplace();
    let base = [
        "recall",
        "--json",
        "--pictures",
        "pictures",
        "--noise",
        "0.1",
    ];
    for more in [
        &["--order", "random"][..],
        &["--order", "greedy"],
        &["--dynamics", "synchronous"],
        &["--rule", "storkey"],
        &["--rule", "dense:5"],
        &["--rule", "exponential:0.5"],
        &[
            "--temperature",
            "0.05",
            "--sweeps",
            "20",
            "--rule",
            "dense:5",
        ],
        &["--threshold", "0.2"],
    ] {
        let report = hopfield(&place, &[&base, more].concat()).json();
        assert_eq!(
            (number(&report, "patterns"), number(&report, "units")),
            (3.0, 72.0)
        );
        assert!(
            number(&report, "overlap_after") > 0.95,
            "{more:?}: {report}"
        );
        assert_eq!(report["recalls"][1]["file"], "pictures/1.png");
    }
    let outcome = hopfield(
        &place,
        &[
            "recall",
            "--pictures",
            "pictures/0.png",
            "pictures/1.png",
            "--erase",
            "left-half",
        ],
    );
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("2 pictures: 2 patterns of 72 units")
    );
    assert!(outcome.stdout.contains("left-half erased"));
}

#[test]
fn a_seed_repeats_a_recall_and_another_does_not() {
    let place = workplace();
    let with = |seed| {
        let arguments = [
            "recall",
            "--data",
            "data",
            "--patterns",
            "3",
            "--json",
            "--seed",
            seed,
        ];
        hopfield(&place, &arguments).json()["recalls"].clone()
    };
    assert_eq!(with("5"), with("5"));
    assert_ne!(with("5"), with("6"));
}
