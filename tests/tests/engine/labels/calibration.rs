//! Temperatures and calibration errors, against results from elsewhere.

use bitspin::evaluate::Logits;
use bitspin::evaluate::calibration::{
    BINS, auroc, best_temperature, expected_calibration_error, negative_log_likelihood, reliability,
};
use bitspin::reference::calibration;
use serde::Deserialize;

use super::cases;

#[derive(Deserialize)]
struct Calibrated {
    logits: Vec<Vec<f64>>,
    labels: Vec<usize>,
    nll_at_1: f64,
    ece_at_1: f64,
    best_temperature: f64,
    nll_at_best: f64,
    ece_at_best: f64,
}

#[test]
fn temperatures_and_calibration_errors_are_the_published_definitions() {
    for case in cases::<Calibrated>(include_str!("../../../data/calibration.json")) {
        let found = Logits::new(case.logits[0].len(), case.logits.concat()).unwrap();
        let labels: Vec<u8> = case.labels.iter().map(|&y| y as u8).collect();
        let t = best_temperature(&found, &labels);
        assert!((t - case.best_temperature).abs() < 1e-4, "{t}");
        for (t, nll, ece) in [
            (1.0, case.nll_at_1, case.ece_at_1),
            (case.best_temperature, case.nll_at_best, case.ece_at_best),
        ] {
            let bins = reliability(&found, &labels, t);
            let of_reference = (
                calibration::negative_log_likelihood(&case.logits, &case.labels, t),
                calibration::expected_calibration_error(&case.logits, &case.labels, t, BINS),
            );
            let ours = (
                negative_log_likelihood(&found, &labels, t),
                expected_calibration_error(&bins),
            );
            for (a, b) in [of_reference, ours] {
                assert!((a - nll).abs() < 1e-9 && (b - ece).abs() < 1e-9, "{a}, {b}");
            }
        }
    }
    assert_eq!(auroc(&[0.0, 1.0, 2.0], &[1.0, 5.0]), 0.75);
}
