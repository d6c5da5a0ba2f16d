//! The plot of how far a classifier's confidence can be trusted.

use super::plot::{Panel, PlotError, Series, render};
use crate::evaluate::calibration::Bin;

/// Draws accuracy against confidence, beside the diagonal of a calibrated classifier, and below it how many images are
/// how sure, as SVG. Empty bins are left out.
///
/// # Errors
/// [`PlotError::Drawing`] if the drawing library fails, which it has no reason to.
pub fn reliability_diagram(title: &str, bins: &[Bin]) -> Result<String, PlotError> {
    let total: usize = bins.iter().map(|bin| bin.count).sum();
    let filled = || bins.iter().filter(|bin| bin.count > 0);
    // The standard error of a share, by which a bin of few images is known.
    let error = |bin: &Bin| (bin.accuracy * (1.0 - bin.accuracy) / bin.count as f64).sqrt();
    let accuracy = filled().map(|bin| (bin.confidence, bin.accuracy, error(bin)));
    let share = filled().map(|bin| (bin.confidence, bin.count as f64 / total.max(1) as f64));
    let panels = [
        Panel::new("Reliability", "confidence", "accuracy")
            .with(Series::points_with_errors("measured", accuracy))
            .with(Series::dashed("calibrated", [(0.0, 0.0), (1.0, 1.0)])),
        Panel::new("How sure", "confidence", "share of images").with(Series::line("share", share)),
    ];
    render(title, &panels)
}
