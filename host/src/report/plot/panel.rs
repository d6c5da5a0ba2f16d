//! What a plot is made of: points in series, series in panels.

use plotters::style::RGBColor;

use super::axis::{Axis, drawable};

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

impl Point {
    /// Whether it can be drawn; its error bar counts, for the axis must hold it.
    pub(super) fn is_shown(&self) -> bool {
        let ends = [self.x, self.y - self.bar(), self.y + self.bar()];
        ends.into_iter().all(drawable)
    }

    /// Half the length of the error bar that is drawn.
    pub(super) fn bar(&self) -> f64 {
        if self.error > 0.0 && drawable(self.error) {
            self.error
        } else {
            0.0
        }
    }
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
    /// Which colour of the palette they have; `None` is the colour of their position in the panel.
    pub colour: Option<usize>,
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
            colour: None,
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
            colour: None,
        }
    }

    /// The series in colour `index` of the palette: a theory, say, in that of the measurements it belongs to.
    #[must_use]
    pub const fn coloured(mut self, index: usize) -> Self {
        self.colour = Some(index);
        self
    }

    /// Whether each point is marked.
    pub(super) fn is_marked(&self) -> bool {
        match self.style {
            Style::Points => true,
            Style::Line => self.points.len() <= MARKED,
            Style::Dashed => false,
        }
    }

    /// The colour of the series at `position` in its panel.
    pub(super) fn ink(&self, position: usize) -> RGBColor {
        COLOURS[self.colour.unwrap_or(position) % COLOURS.len()]
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

    /// All points of all series.
    pub(super) fn points(&self) -> impl Iterator<Item = &Point> + Clone {
        self.series.iter().flat_map(|series| &series.points)
    }

    /// The horizontal and the vertical axis that hold all of it, error bars too.
    pub(super) fn axes(&self) -> (Axis, Axis) {
        let points = self.points().filter(|point| point.is_shown());
        let ends = |p: &Point| [p.y - p.bar(), p.y + p.bar()];
        let x = Axis::covering(points.clone().map(|p| p.x), 8);
        let y = Axis::covering(points.flat_map(ends), 5);
        (x, y)
    }
}
