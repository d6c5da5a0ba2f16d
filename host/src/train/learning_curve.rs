//! The plot of a training run: the measures of each epoch.

use super::{EpochMetrics, Measures};
use crate::report::plot::{Panel, PlotError, Series, render};

/// A curve's name, and its value after an epoch; NaN stands for what was not measured.
type Curve = (&'static str, fn(&EpochMetrics) -> f64);

/// Draws the curves below one another, with the epoch as their common horizontal axis, as SVG.
/// A quantity that was never measured has no panel, unless none was: then the first stands there and says so.
///
/// # Errors
/// [`PlotError::Drawing`] if the drawing library fails, which it has no reason to.
pub fn learning_curve(title: &str, epochs: &[EpochMetrics]) -> Result<String, PlotError> {
    let labelled = epochs
        .iter()
        .any(|row| matches!(row.measures, Measures::Labelled { .. }));
    let mut quantities: Vec<(&str, &str, Vec<Curve>)> = match labelled {
        true => vec![
            (
                "-ln p(y|x)",
                "nats per digit",
                vec![
                    ("training", |row| of_labels(row)[0]),
                    ("held out", |row| of_labels(row)[1]),
                ],
            ),
            (
                "Classification error",
                "%",
                vec![
                    ("training", |row| 100.0 * of_labels(row)[2]),
                    ("held out", |row| 100.0 * of_labels(row)[3]),
                ],
            ),
        ],
        false => vec![
            (
                "Reconstruction error",
                "mean squared error",
                vec![("Reconstruction error", |row| of_images(row)[0])],
            ),
            (
                "Free-energy gap F(v) - F(v')",
                "nats",
                vec![("Free-energy gap F(v) - F(v')", |row| of_images(row)[1])],
            ),
            (
                "Pseudo-log-likelihood, held-out digits",
                "nats per image",
                vec![("Pseudo-log-likelihood, held-out digits", |row| {
                    of_images(row)[2]
                })],
            ),
        ],
    };
    quantities.push((
        "Log-likelihood, held-out digits",
        "nats per image",
        vec![("Log-likelihood, held-out digits", |row| {
            row.likelihood.map_or(f64::NAN, |found| found.test)
        })],
    ));
    let panel = |(name, unit, curves): &(&str, &str, Vec<Curve>)| {
        let panel = Panel::new(*name, "epoch", *unit);
        curves.iter().fold(panel, |panel, (name, value)| {
            let points = epochs.iter().map(|row| (row.epoch as f64, value(row)));
            panel.with(Series::line(*name, points))
        })
    };
    let measured = quantities.iter().filter(|(_, _, curves)| {
        let values = curves
            .iter()
            .flat_map(|(_, value)| epochs.iter().map(value));
        values.into_iter().any(f64::is_finite)
    });
    let mut panels: Vec<Panel> = measured.map(panel).collect();
    if panels.is_empty() {
        panels.push(panel(&quantities[0]));
    }
    render(title, &panels)
}

fn of_images(row: &EpochMetrics) -> [f64; 3] {
    match row.measures {
        Measures::Unlabelled {
            reconstruction_mse,
            free_energy_gap,
            test_pseudo_log_likelihood,
        } => [
            reconstruction_mse,
            free_energy_gap,
            test_pseudo_log_likelihood,
        ],
        Measures::Labelled { .. } => [f64::NAN; 3],
    }
}

fn of_labels(row: &EpochMetrics) -> [f64; 4] {
    match row.measures {
        Measures::Labelled {
            train_nll,
            train_error,
            test_nll,
            test_error,
        } => [
            train_nll.unwrap_or(f64::NAN),
            test_nll,
            train_error.unwrap_or(f64::NAN),
            test_error,
        ],
        Measures::Unlabelled { .. } => [f64::NAN; 4],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Likelihood;

    fn row(epoch: usize, measures: Measures) -> EpochMetrics {
        EpochMetrics {
            epoch,
            seconds: 1.0,
            images_per_second: 1.0,
            learning_rate: 0.1,
            measures,
            likelihood: None,
        }
    }

    fn unlabelled(epoch: usize, test_pseudo_log_likelihood: f64) -> EpochMetrics {
        let measures = Measures::Unlabelled {
            reconstruction_mse: 0.05 / epoch as f64,
            free_energy_gap: -1.0 / epoch as f64,
            test_pseudo_log_likelihood,
        };
        row(epoch, measures)
    }

    #[test]
    fn every_measured_quantity_has_a_panel() {
        let svg = learning_curve("", &[unlabelled(1, -90.0), unlabelled(2, f64::NAN)]).unwrap();
        for words in ["Reconstruction error", "Free-energy gap", "Pseudo-log"] {
            assert!(svg.contains(words), "{words}");
        }
        // Two points, two points, and one whose neighbour is missing.
        assert_eq!(svg.matches("<circle").count(), 5);
    }

    #[test]
    fn a_quantity_measured_now_and_then_is_one_line() {
        let mut rows = [1, 2, 3].map(|epoch| unlabelled(epoch, -90.0));
        for (row, test) in [(0, -110.0), (2, -100.0)] {
            rows[row].likelihood = Some(Likelihood {
                test,
                standard_error: 0.0,
                free_energy_gap: 0.0,
            });
        }
        let svg = learning_curve("", &rows).unwrap();
        assert!(svg.contains("Log-likelihood, held-out"));
        assert_eq!(svg.matches("<circle").count(), 11);
    }

    #[test]
    fn what_was_not_measured_has_none() {
        let svg = learning_curve("", &[unlabelled(1, f64::NAN)]).unwrap();
        assert!(svg.contains("Free-energy gap") && !svg.contains("Pseudo-log"));
        let svg = learning_curve("", &[]).unwrap();
        assert!(svg.contains("Reconstruction error") && svg.contains("no values to draw"));
    }

    #[test]
    fn labels_have_two_curves_per_panel() {
        let measures = Measures::Labelled {
            train_nll: None,
            train_error: None,
            test_nll: 0.5,
            test_error: 0.1,
        };
        let svg = learning_curve("", &[row(1, measures)]).unwrap();
        assert!(svg.contains("Classification error") && !svg.contains("Reconstruction"));
        // In each of two panels one point, and two marks in the legend.
        assert_eq!(svg.matches("<circle").count(), 6);
    }
}
