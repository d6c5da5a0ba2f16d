//! Units, text and marks that all parts of a plot share.

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The drawing library places everything on whole units. So many of them make one pixel of the picture: lines and
/// curves then fall where they should, not on the nearest pixel.
pub(super) const UNITS: u32 = 8;
pub(super) const INK: RGBColor = RGBColor(38, 38, 38);

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Pixels of the picture in the units of the drawing.
pub(super) const fn units(pixels: i32) -> i32 {
    UNITS as i32 * pixels
}

/// Text of this size in pixels, placed by its middle in the vertical.
pub(super) fn text(size: f64, horizontal: HPos) -> TextStyle<'static> {
    // The SVG writer of the library divides sizes by 1.24.
    let size = 1.24 * f64::from(UNITS) * size;
    TextStyle::from(("sans-serif", size).into_font())
        .color(&INK)
        .pos(Pos::new(horizontal, VPos::Center))
}

/// Text without the characters that XML forbids.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|&c| !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')))
        .collect()
}

/// A dashed line through `path`.
pub(super) fn dashed<I: IntoIterator<IntoIter: Clone>>(
    path: I,
    stroke: ShapeStyle,
) -> DashedPathElement<I::IntoIter, i32> {
    DashedPathElement::new(path, units(7), units(5), stroke)
}

/// The mark of one point.
pub(super) fn marker<Position>(position: Position, colour: RGBColor) -> Circle<Position, i32> {
    Circle::new(position, units(3), colour.filled())
}
