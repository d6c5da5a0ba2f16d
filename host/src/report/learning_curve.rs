//! The plot that a training run leaves behind: what was measured after each epoch.

use super::plot::{Panel, PlotError, Series, render};

/// What was measured after one epoch. NaN stands for what was not measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochPoint {
    /// The epoch, counted from 1.
    pub epoch: f64,
    /// Mean squared difference between a digit and its reconstruction.
    pub reconstruction_mse: f64,
    /// Mean F(v) - mean F(v') in nats, the lecture's loss.
    pub free_energy_gap: f64,
    /// Pseudo-log-likelihood of held-out digits, nats an image.
    pub pseudo_log_likelihood: f64,
    /// Log-likelihood of held-out digits, nats an image.
    pub log_likelihood: f64,
}

/// Draws the curves below one another, with the epoch as their common horizontal axis, as SVG.
/// A quantity that was never measured has no panel, unless none was: then the first stands there and says so.
///
/// # Errors
/// [`PlotError::Drawing`] if the drawing library fails, which it has no reason to.
pub fn learning_curve(title: &str, epochs: &[EpochPoint]) -> Result<String, PlotError> {
    type Value = fn(&EpochPoint) -> f64;
    let quantities: [(&str, &str, Value); 4] = [
        ("Reconstruction error", "mean squared error", |e| {
            e.reconstruction_mse
        }),
        ("Free-energy gap F(v) - F(v')", "nats", |e| {
            e.free_energy_gap
        }),
        (
            "Pseudo-log-likelihood, held-out digits",
            "nats an image",
            |e| e.pseudo_log_likelihood,
        ),
        ("Log-likelihood, held-out digits", "nats an image", |e| {
            e.log_likelihood
        }),
    ];
    let panel = |(name, unit, value): (&str, &str, Value)| {
        let points = epochs.iter().map(|e| (e.epoch, value(e)));
        Panel::new(name, "epoch", unit).with(Series::line(name, points))
    };
    let measured = quantities
        .into_iter()
        .filter(|(_, _, value)| epochs.iter().any(|e| value(e).is_finite()));
    let mut panels: Vec<Panel> = measured.map(panel).collect();
    if panels.is_empty() {
        panels.push(panel(quantities[0]));
    }
    render(title, &panels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(epoch: f64, pseudo_log_likelihood: f64) -> EpochPoint {
        EpochPoint {
            epoch,
            reconstruction_mse: 0.05 / epoch,
            free_energy_gap: -1.0 / epoch,
            pseudo_log_likelihood,
            log_likelihood: f64::NAN,
        }
    }

    #[test]
    fn every_measured_quantity_has_a_panel() {
        let svg = learning_curve("", &[point(1.0, -90.0), point(2.0, f64::NAN)]).unwrap();
        for words in ["Reconstruction error", "Free-energy gap", "Pseudo-log"] {
            assert!(svg.contains(words), "{words}");
        }
        // Two points, two points, and one whose neighbour is missing.
        assert_eq!(svg.matches("<circle").count(), 5);
    }

    #[test]
    fn a_quantity_measured_now_and_then_is_one_line() {
        let mut points = [1.0, 2.0, 3.0].map(|epoch| point(epoch, -90.0));
        points[0].log_likelihood = -110.0;
        points[2].log_likelihood = -100.0;
        let svg = learning_curve("", &points).unwrap();
        assert!(svg.contains("Log-likelihood, held-out"));
        assert_eq!(svg.matches("<circle").count(), 11);
    }

    #[test]
    fn what_was_not_measured_has_none() {
        let svg = learning_curve("", &[point(1.0, f64::NAN)]).unwrap();
        assert!(svg.contains("Free-energy gap") && !svg.contains("Pseudo-log"));
        let svg = learning_curve("", &[]).unwrap();
        assert!(svg.contains("Reconstruction error") && svg.contains("no values to draw"));
    }
}
