//! The plot of recalled against stored patterns.

use super::Addition;
use crate::report::plot::{Panel, PlotError, Series, render};

/// Draws recalled against stored patterns, and mean overlaps, as SVG.
///
/// # Errors
/// [`PlotError`] if the drawing library fails, which it has no reason to.
pub fn forgetting_plot(title: &str, steps: &[Addition]) -> Result<String, PlotError> {
    let points = |value: &dyn Fn(&Addition) -> f64| -> Vec<(f64, f64)> {
        let numbered = steps.iter().enumerate();
        numbered
            .map(|(at, step)| ((at + 1) as f64, value(step)))
            .collect()
    };
    let all = points(&|step| step.fixed.len() as f64);
    let held = Panel::new("Patterns that are held", "patterns stored", "patterns")
        .with(Series::dashed("stored", all))
        .with(Series::line(
            "fixed points",
            points(&|step| step.fixed_points() as f64),
        ))
        .with(Series::line(
            "recalled from noise",
            points(&|step| step.recalls() as f64),
        ));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let overlap = Panel::new(
        "Mean overlap of what is recalled",
        "patterns stored",
        "overlap m",
    )
    .with(Series::line(
        "from the pattern",
        points(&|step| mean(&step.overlaps)),
    ))
    .with(Series::line(
        "from noise",
        points(&|step| mean(&step.recalled_overlaps)),
    ));
    render(title, &[held, overlap])
}
