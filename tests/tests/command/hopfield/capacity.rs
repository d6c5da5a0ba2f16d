//! `bitspin hopfield capacity`: loads against theory, theory against the reference, the same on any number of threads.

use std::fs;

use bitspin::hopfield::theory::{Couplings, retrieval_overlap};
use bitspin_tests::command::Outcome;
use serde::Deserialize;
use serde_json::Value;

use super::{hopfield, number, refused, workplace};

/// The measured loads.
fn loads(outcome: &Outcome) -> Vec<Value> {
    outcome.json()["loads"].as_array().expect("a list").clone()
}

#[test]
fn capacity_is_the_same_on_any_number_of_threads_and_leaves_its_files() {
    let place = workplace();
    let base = [
        "capacity",
        "--neurons",
        "200",
        "--loads",
        "0.05,0.1..0.2:0.05",
        "--trials",
        "3",
        "--json",
    ];
    let one = loads(&hopfield(
        &place,
        &[&base[..], &["--threads", "1", "--out", "out"]].concat(),
    ));
    let two = loads(&hopfield(
        &place,
        &[&base[..], &["--threads", "2"]].concat(),
    ));
    assert_eq!(one, two);
    let asked: Vec<_> = one.iter().map(|point| number(point, "load")).collect();
    assert_eq!(asked, [0.05, 0.1, 0.15, 0.2]);
    assert!(
        one.iter()
            .all(|point| number(point, "overlap_error") >= 0.0)
    );
    let svg = fs::read_to_string(place.path().join("out/capacity.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("theory"));
    let csv = fs::read_to_string(place.path().join("out/capacity.csv")).unwrap();
    assert_eq!(csv.lines().count(), 5);
    refused(
        &place,
        &[&base[..], &["--out", "out"]].concat(),
        &["capacity.svg", "--force"],
    );
    let again = hopfield(&place, &[&base[..], &["--out", "out", "--force"]].concat());
    assert_eq!(loads(&again), one);
}

/// Null: theory at N to infinity, within 0.01, which leaves room for the 0.001 to 0.005 that N = 2000 loses at 0.12. The
/// standard error of 10 x 100 probes is 0.0012 there, so that 0.01 is at least four of them away.
#[test]
fn hebb_holds_what_theory_says_and_collapses_where_it_says() {
    let place = workplace();
    let points = loads(&hopfield(
        &place,
        &["capacity", "--loads", "0.04,0.08,0.1,0.12,0.18", "--json"],
    ));
    for point in &points[..4] {
        let off = number(point, "overlap") - number(point, "theory_overlap");
        assert!(off.abs() < 0.01, "{point}");
    }
    assert!(number(&points[4], "overlap") < 0.5, "{}", points[4]);
    assert_eq!(number(&points[4], "theory_overlap"), 0.0);
}

/// As for Hebb, within 0.015; the standard error of 3 x 40 probes at 0.08 is below 0.001.
#[test]
fn clipped_couplings_hold_what_theory_says_and_collapse_where_it_says() {
    let place = workplace();
    let clipped = [
        "capacity", "--rule", "clipped", "--trials", "3", "--probes", "40", "--json",
    ];
    let points = loads(&hopfield(
        &place,
        &[&clipped[..], &["--loads", "0.04,0.08,0.16"]].concat(),
    ));
    for point in &points[..2] {
        let off = number(point, "overlap") - number(point, "theory_overlap");
        assert!(off.abs() < 0.015, "{point}");
    }
    assert!(number(&points[2], "overlap") < 0.5, "{}", points[2]);
}

#[test]
fn the_pseudo_inverse_is_exact_past_half() {
    let place = workplace();
    let projection = [
        "capacity",
        "--rule",
        "pseudo-inverse",
        "--neurons",
        "600",
        "--trials",
        "2",
        "--json",
    ];
    let points = loads(&hopfield(
        &place,
        &[&projection[..], &["--loads", "0.3,0.55"]].concat(),
    ));
    for point in points {
        assert_eq!(number(&point, "exact_recall"), 1.0, "{point}");
        assert!(point["theory_overlap"].is_null());
    }
}

/// One row of the reference.
#[derive(Deserialize)]
struct Case {
    alpha: f64,
    overlap_hebb: f64,
    overlap_sign_clipped: f64,
}

#[test]
fn the_theory_is_that_of_the_reference() {
    #[derive(Deserialize)]
    struct File {
        cases: Vec<Case>,
    }
    let json = include_str!("../../../data/hopfield_capacity.json");
    let file: File = serde_json::from_str(json).unwrap();
    assert_eq!(file.cases.len(), 14);
    for case in file.cases {
        for (couplings, expected) in [
            (Couplings::Hebb, case.overlap_hebb),
            (Couplings::SignClipped, case.overlap_sign_clipped),
        ] {
            let found = retrieval_overlap(case.alpha, couplings);
            assert!(
                (found - expected).abs() < 1e-6,
                "{couplings:?} {}: {found} {expected}",
                case.alpha
            );
        }
    }
}
