//! Plots as SVG: panels one below the other, each with axes, lines and points.
//!
//! ```
//! use bitspin::report::plot::{render, Panel, Series};
//!
//! let panel = Panel::new("Retrieval", "load P/N", "overlap m")
//!     .with(Series::points_with_errors("measured", [(0.05, 1.0, 0.0), (0.1, 0.99, 0.01)]))
//!     .with(Series::dashed("theory", [(0.0, 1.0), (0.138, 0.967)]).coloured(0));
//! let svg: String = render("Hopfield network, N = 1000", &[panel])?;
//! assert!(svg.starts_with("<svg"));
//! # Ok::<(), bitspin::report::plot::PlotError>(())
//! ```

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use thiserror::Error;

mod axis;
mod draw;
mod legend;
mod panel;
mod pen;

pub use panel::{Panel, Point, Series, Style};
use pen::{UNITS, printable, text, units};

const WIDTH: u32 = 760;
const PANEL_HEIGHT: u32 = 270;
const TITLE_HEIGHT: u32 = 40;
const TITLE: f64 = 18.0;

/// Why a plot cannot be drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is no panel.
    #[error("a plot needs at least one panel")]
    NoPanels,
    /// There are more panels than one picture should hold.
    #[error("a plot of {0} panels is refused: at most 100")]
    TooManyPanels(usize),
    /// The drawing library failed.
    #[error("cannot draw the plot: {0}")]
    Drawing(String),
}

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self::Drawing(error.to_string())
    }
}

/// Draws panels one below the other, under a common title (none if it is empty), and returns the SVG document.
/// The same panels always give the same text.
///
/// # Errors
/// [`PlotError::NoPanels`] or [`PlotError::TooManyPanels`]; series may be empty, or hold nothing that can be drawn.
pub fn render(title: &str, panels: &[Panel]) -> Result<String, PlotError> {
    if panels.is_empty() {
        return Err(PlotError::NoPanels);
    }
    if panels.len() > 100 {
        return Err(PlotError::TooManyPanels(panels.len()));
    }
    let title_height = if title.is_empty() { 0 } else { TITLE_HEIGHT };
    let height = title_height + PANEL_HEIGHT * panels.len() as u32;
    let axes: Vec<_> = panels.iter().map(Panel::axes).collect();
    // One width for the labels of all panels, so that their vertical axes stand below one another.
    let longest = axes.iter().map(|(_, y)| y.longest_label()).max();
    let label_width = 40 + 8 * longest.unwrap_or(0) as i32;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (UNITS * WIDTH, UNITS * height));
        let root = root.into_drawing_area();
        root.fill(&WHITE)?;
        let (heading, body) = root.split_vertically(UNITS * title_height);
        if !title.is_empty() {
            let middle = (units(WIDTH as i32 / 2), units(TITLE_HEIGHT as i32 / 2 + 4));
            let style = text(TITLE, HPos::Center);
            heading.draw_text(&printable(title), &style, middle)?;
        }
        let areas = body.split_evenly((panels.len(), 1));
        for ((area, panel), axes) in areas.iter().zip(panels).zip(axes) {
            draw::draw_panel(area, panel, axes, label_width)?;
        }
        root.present()?;
    }
    let in_units = format!("width=\"{}\" height=\"{}\"", UNITS * WIDTH, UNITS * height);
    let in_pixels = format!("width=\"{WIDTH}\" height=\"{height}\"");
    Ok(svg.replacen(&in_units, &in_pixels, 1))
}

#[cfg(test)]
mod tests;
