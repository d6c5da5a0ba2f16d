//! Plots as SVG: panels one below the other, each with axes, lines and points.
//!
//! ```
//! use bitspin::report::plot::{render, Panel, Series};
//!
//! let panel = Panel::new("Retrieval", "load P/N", "overlap m")
//!     .with(Series::points_with_errors("measured", [(0.05, 1.0, 0.0), (0.1, 0.99, 0.01)]))
//!     .with(Series::dashed("theory", [(0.0, 1.0), (0.138, 0.967)]));
//! let svg: String = render("Hopfield network, N = 1000", &[panel])?;
//! assert!(svg.starts_with("<svg"));
//! # Ok::<(), bitspin::report::plot::PlotError>(())
//! ```

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use thiserror::Error;

use super::axis::{Axis, drawable};

const WIDTH: u32 = 760;
const PANEL_HEIGHT: u32 = 270;
const TITLE_HEIGHT: u32 = 40;
const MARGIN: i32 = 18;
/// Sizes of text; an SVG pixel is 1/1.24 of what plotters calls one.
const TICK_TEXT: f64 = 15.5;
const TEXT: f64 = 17.0;
const PANEL_TITLE: f64 = 18.5;
const TITLE: f64 = 22.0;
const INK: RGBColor = RGBColor(38, 38, 38);
const MESH: RGBColor = RGBColor(225, 225, 225);
/// A line of at most so many points marks each of them.
const MARKED: usize = 40;

/// Okabe and Ito's colours, which stay apart for colour-blind eyes, without the yellow that white paper swallows.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
];

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

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line through the points; the points too are marked where they are few.
    Line,
    /// A dashed line, for theory or a reference.
    Dashed,
    /// The points alone, with their error bars.
    Points,
}

/// One point of a series. A coordinate that is NaN or infinite leaves a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Position along the horizontal axis.
    pub x: f64,
    /// Position along the vertical axis.
    pub y: f64,
    /// Half the length of the error bar; 0 (or what is not a positive number) draws none.
    pub error: f64,
}

/// Points that belong together, with the name that the legend gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The points, in the order in which a line joins them.
    pub points: Vec<Point>,
    /// How they are drawn.
    pub style: Style,
}

impl Series {
    fn new(
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
        style: Style,
    ) -> Self {
        let points = points.into_iter().map(|(x, y)| Point { x, y, error: 0.0 });
        Self {
            name: name.into(),
            points: points.collect(),
            style,
        }
    }

    /// A line through `(x, y)`.
    pub fn line(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, points, Style::Line)
    }

    /// A dashed line through `(x, y)`.
    pub fn dashed(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, points, Style::Dashed)
    }

    /// Single points `(x, y)`.
    pub fn points(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self::new(name, points, Style::Points)
    }

    /// Single points `(x, y, error)`, with a bar from `y - error` to `y + error`.
    pub fn points_with_errors(
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Self {
        let points = points
            .into_iter()
            .map(|(x, y, error)| Point { x, y, error });
        Self {
            name: name.into(),
            points: points.collect(),
            style: Style::Points,
        }
    }
}

/// One pair of axes and what is drawn on them. The legend is drawn when there are at least two series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What is above the axes; may be empty.
    pub title: String,
    /// What is below the horizontal axis.
    pub x_label: String,
    /// What is beside the vertical axis.
    pub y_label: String,
    /// What is drawn.
    pub series: Vec<Series>,
}

impl Panel {
    /// A panel without series.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            series: Vec::new(),
        }
    }

    /// The panel with one more series.
    #[must_use]
    pub fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane = Cartesian2d<Axis, Axis>;

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
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let (heading, body) = root.split_vertically(title_height);
        if !title.is_empty() {
            let middle = (WIDTH as i32 / 2, TITLE_HEIGHT as i32 / 2 + 4);
            let style = text(TITLE, HPos::Center);
            heading.draw_text(&printable(title), &style, middle)?;
        }
        for (area, panel) in body.split_evenly((panels.len(), 1)).iter().zip(panels) {
            draw_panel(area, panel)?;
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw_panel(area: &Area<'_>, panel: &Panel) -> Result<(), PlotError> {
    let points = || panel.series.iter().flat_map(|series| &series.points);
    let x = Axis::covering(points().filter(|p| shown(p)).map(|p| p.x), 8);
    let ends = |p: &Point| [p.y - bar(p), p.y + bar(p)];
    let y = Axis::covering(points().filter(|p| shown(p)).flat_map(ends), 5);

    let mut top = 6;
    if !panel.title.is_empty() {
        let style = text(PANEL_TITLE, HPos::Center);
        area.draw_text(
            &printable(&panel.title),
            &style,
            (WIDTH as i32 / 2, top + 10),
        )?;
        top += 24;
    }
    if panel.series.len() > 1 {
        top += super::legend::draw(area, panel, top)?;
    }

    let mut chart = ChartBuilder::on(area)
        .margin_top(top + 4)
        .margin_right(MARGIN)
        .margin_left(MARGIN - 8)
        .margin_bottom(6)
        .x_label_area_size(50)
        .y_label_area_size(38 + 8 * y.longest_label() as u32)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .x_labels(x.ticks.len().max(1))
        .y_labels(y.ticks.len().max(1))
        .x_desc(printable(&panel.x_label))
        .y_desc(printable(&panel.y_label))
        .label_style(text(TICK_TEXT, HPos::Center))
        .axis_desc_style(text(TEXT, HPos::Center))
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .draw()?;
    if !points().any(shown) {
        let plane = chart.plotting_area();
        let style = text(TEXT, HPos::Center);
        let middle = ((x.start + x.end) / 2.0, (y.start + y.end) / 2.0);
        plane.draw(&Text::new("no values to draw", middle, style))?;
    }
    for (index, series) in panel.series.iter().enumerate() {
        draw_series(chart.plotting_area(), series, colour(index))?;
    }
    Ok(())
}

fn draw_series(
    plane: &DrawingArea<SVGBackend<'_>, Plane>,
    series: &Series,
    colour: RGBColor,
) -> Result<(), PlotError> {
    let stroke = colour.stroke_width(2);
    let marked = series.style == Style::Points
        || (series.style == Style::Line && series.points.len() <= MARKED);
    // A gap splits a line into runs; what stands alone between two gaps would be invisible without a marker.
    for run in series.points.split(|point| !shown(point)) {
        let path: Vec<(f64, f64)> = run.iter().map(|point| (point.x, point.y)).collect();
        match series.style {
            Style::Line if run.len() > 1 => {
                plane.draw(&PathElement::new(path.clone(), stroke))?;
            }
            Style::Dashed if run.len() > 1 => {
                plane.draw(&DashedPathElement::new(path.clone(), 7, 5, stroke))?;
            }
            _ => {}
        }
        for point in run.iter().filter(|point| bar(point) > 0.0) {
            let (low, high) = (point.y - bar(point), point.y + bar(point));
            plane.draw(&PathElement::new([(point.x, low), (point.x, high)], colour))?;
            for end in [low, high] {
                let cap = PathElement::new([(-4, 0), (4, 0)], colour);
                plane.draw(&(EmptyElement::at((point.x, end)) + cap))?;
            }
        }
        if marked || run.len() == 1 {
            for position in path {
                plane.draw(&Circle::new(position, 3, colour.filled()))?;
            }
        }
    }
    Ok(())
}

/// Whether a point can be drawn; its error bar counts, for the axis must hold it.
fn shown(point: &Point) -> bool {
    let ends = [point.x, point.y - bar(point), point.y + bar(point)];
    ends.into_iter().all(drawable)
}

/// Half the length of the error bar that is drawn.
fn bar(point: &Point) -> f64 {
    if point.error > 0.0 && drawable(point.error) {
        point.error
    } else {
        0.0
    }
}

pub(super) fn colour(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

pub(super) fn text(size: f64, horizontal: HPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font())
        .color(&INK)
        .pos(Pos::new(horizontal, VPos::Center))
}

/// Text without the control characters that XML forbids.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(svg: &str, needle: &str) -> usize {
        svg.matches(needle).count()
    }

    fn one(series: Series) -> String {
        let svg = render("", &[Panel::new("", "x", "y").with(series)]).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        svg
    }

    fn lines(svg: &str) -> usize {
        let blue = "stroke=\"#0072B2\" stroke-width=\"2\"";
        svg.lines()
            .filter(|line| line.starts_with("<polyline") && line.contains(blue))
            .count()
    }

    #[test]
    fn one_point_is_seen() {
        for series in [
            Series::line("a", [(1.0, 0.03)]),
            Series::dashed("a", [(1.0, 0.03)]),
            Series::points("a", [(1.0, 0.03)]),
        ] {
            let svg = one(series);
            assert_eq!((count(&svg, "<circle"), lines(&svg)), (1, 0));
        }
    }

    #[test]
    fn gaps_split_a_line() {
        let missing = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e305];
        for gap in missing {
            let points = [1.0, 2.0, gap, 4.0, gap, 1.0, 3.0];
            let points = points.iter().enumerate().map(|(x, &y)| (x as f64, y));
            let svg = one(Series::line("a", points));
            assert_eq!((count(&svg, "<circle"), lines(&svg)), (5, 2));
        }
    }

    #[test]
    fn nothing_to_draw_is_said() {
        for points in [vec![], vec![(f64::NAN, 1.0), (1.0, f64::NAN)]] {
            assert!(one(Series::line("a", points)).contains("no values to draw"));
        }
        let empty = render("", &[Panel::default()]).unwrap();
        assert!(empty.contains("no values to draw"));
        assert!(matches!(render("", &[]), Err(PlotError::NoPanels)));
        let many = vec![Panel::default(); 101];
        assert!(matches!(
            render("", &many),
            Err(PlotError::TooManyPanels(101))
        ));
    }

    #[test]
    fn extreme_values_are_drawn() {
        for y in [
            [0.0, 0.0],
            [5.0, 5.0],
            [-1e299, 1e299],
            [1e-320, 2e-320],
            [1e18, 1e18 + 128.0],
        ] {
            one(Series::line("a", [(1.0, y[0]), (2.0, y[1])]));
            one(Series::points_with_errors(
                "a",
                [(y[0], 1.0, f64::NAN), (y[1], 1.0, 1e302)],
            ));
        }
    }

    #[test]
    fn error_bars_and_dashes_are_drawn() {
        let bars = one(Series::points_with_errors(
            "a",
            [(1.0, 2.0, 0.5), (2.0, 2.0, 0.0)],
        ));
        let thin = bars
            .lines()
            .filter(|line| line.contains("stroke=\"#0072B2\" stroke-width=\"1\""))
            .count();
        assert_eq!((count(&bars, "<circle"), thin), (2, 3));
        let dashed = one(Series::dashed("a", [(0.0, 0.0), (1.0, 1.0)]));
        assert!(lines(&dashed) > 20);
    }

    #[test]
    fn names_are_escaped_and_the_legend_names_two_series() {
        let panel = Panel::new("a < b & c\u{1}", "x", "y")
            .with(Series::line("\"first\"", [(0.0, 1.0)]))
            .with(Series::line("second", [(0.0, 2.0)]));
        let svg = render("whole", std::slice::from_ref(&panel)).unwrap();
        assert!(svg.contains("a &lt; b &amp; c"));
        assert!(svg.contains("&quot;first&quot;") && svg.contains("second"));
        assert!(!svg.contains('\u{1}'));
        assert_eq!(svg, render("whole", &[panel]).unwrap());
    }
}
