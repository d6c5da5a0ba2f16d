//! Plots of a run: its learning curve, and probabilities of data and model side by side.

use super::Row;
use crate::report::plot::{Panel, PlotError, Series, render};

/// Largest number of states whose probabilities are drawn.
const SHOWN: usize = 48;

/// The curve of a run: the cross-entropy above the entropy of the data, which it cannot fall below, and the divergence
/// between them by its logarithm; where enumeration cannot give them, the pseudo-log-likelihood and the gradient.
///
/// # Errors
/// [`PlotError`] if the drawing library fails, which it has no reason to.
pub fn learning_curve(title: &str, rows: &[Row], entropy: f64) -> Result<String, PlotError> {
    let points = |value: &dyn Fn(&Row) -> Option<f64>| -> Vec<(f64, f64)> {
        let of = |row: &Row| (row.epoch as f64, value(row).unwrap_or(f64::NAN));
        rows.iter().map(of).collect()
    };
    let mut panels = vec![];
    if rows.iter().any(|row| row.kl.is_some()) {
        let ends = [rows.first(), rows.last()];
        let bound = ends
            .into_iter()
            .flatten()
            .map(|row| (row.epoch as f64, entropy));
        panels.push(
            Panel::new("Cross-entropy -sum q ln p", "epoch", "nats")
                .with(Series::line(
                    "data and model",
                    points(&|row| row.cross_entropy),
                ))
                .with(Series::dashed("entropy of the data H[q], the bound", bound)),
        );
        panels.push(
            Panel::new("Divergence K(data; model)", "epoch", "log10 of nats").with(Series::line(
                "K",
                points(&|row| row.kl.filter(|&kl| kl > 0.0).map(f64::log10)),
            )),
        );
    } else {
        panels.push(
            Panel::new("Pseudo-log-likelihood", "epoch", "nats per pattern").with(Series::line(
                "sum_i ln p(v_i | others)",
                points(&|row| row.pseudo_log_likelihood),
            )),
        );
        panels.push(
            Panel::new("Largest component of the gradient", "epoch", "").with(Series::line(
                "gradient",
                points(&|row| row.largest_gradient.map(f64::from)),
            )),
        );
    }
    render(title, &panels)
}

/// Probabilities of visible states side by side: of the data q and of the model p, each (q, p), the likeliest under the
/// data first, then those that the model likes best.
///
/// # Errors
/// [`PlotError`] if the drawing library fails, which it has no reason to.
pub fn probability_plot(title: &str, mut states: Vec<(f64, f64)>) -> Result<String, PlotError> {
    states.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let rest: (f64, f64) = states
        .iter()
        .skip(SHOWN)
        .fold((0.0, 0.0), |sum, state| (sum.0 + state.0, sum.1 + state.1));
    let shown = || states.iter().take(SHOWN).enumerate();
    let mut panel = Panel::new("", "visible states, the likeliest first", "probability")
        .with(Series::points(
            "data q",
            shown().map(|(at, state)| (at as f64 + 0.85, state.0)),
        ))
        .with(Series::points(
            "model p",
            shown().map(|(at, state)| (at as f64 + 1.15, state.1)),
        ));
    if states.len() > SHOWN {
        panel.title = format!(
            "{SHOWN} of {} states; the others have {:.3} of the data and {:.3} of the model",
            states.len(),
            rest.0,
            rest.1
        );
    }
    render(title, &[panel])
}
