//! Drawing one panel: its title, legend, axes and series.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::panel::{Panel, Point, Series, Style};
use super::pen::{Area, INK, dashed, marker, printable, text, units};
use super::{PlotError, legend};

const MARGIN: i32 = 18;
const TICK_TEXT: f64 = 12.5;
const TEXT: f64 = 13.5;
const PANEL_TITLE: f64 = 15.0;
const MESH: RGBColor = RGBColor(225, 225, 225);

type Plane = Cartesian2d<Axis, Axis>;

/// Draws one panel into `area`, `label_width` pixels being kept for what is left of the vertical axis.
pub(super) fn draw_panel(
    area: &Area<'_>,
    panel: &Panel,
    (x, y): (Axis, Axis),
    label_width: i32,
) -> Result<(), PlotError> {
    let mut top = 6;
    if !panel.title.is_empty() {
        let style = text(PANEL_TITLE, HPos::Center);
        area.draw_text(
            &printable(&panel.title),
            &style,
            (area.dim_in_pixel().0 as i32 / 2, units(top + 10)),
        )?;
        top += 24;
    }
    if panel.series.len() > 1 {
        top += legend::draw(area, panel, top)?;
    }

    let mut chart = ChartBuilder::on(area)
        .margin_top(units(top + 4))
        .margin_right(units(MARGIN))
        .margin_left(units(MARGIN - 8))
        .margin_bottom(units(6))
        .x_label_area_size(units(46))
        .y_label_area_size(units(label_width))
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .x_labels(x.ticks.len().max(1))
        .y_labels(y.ticks.len().max(1))
        .x_desc(printable(&panel.x_label))
        .y_desc(printable(&panel.y_label))
        .label_style(text(TICK_TEXT, HPos::Center))
        .axis_desc_style(text(TEXT, HPos::Center))
        .set_all_tick_mark_size(units(4))
        .bold_line_style(MESH.stroke_width(units(1) as u32))
        .light_line_style(TRANSPARENT)
        .axis_style(INK.stroke_width(units(1) as u32))
        .draw()?;
    if !panel.points().any(Point::is_shown) {
        let plane = chart.plotting_area();
        let style = text(TEXT, HPos::Center);
        let middle = ((x.start + x.end) / 2.0, (y.start + y.end) / 2.0);
        plane.draw(&Text::new("no values to draw", middle, style))?;
    }
    for (index, series) in panel.series.iter().enumerate() {
        draw_series(chart.plotting_area(), series, series.ink(index))?;
    }
    Ok(())
}

fn draw_series(
    plane: &DrawingArea<SVGBackend<'_>, Plane>,
    series: &Series,
    colour: RGBColor,
) -> Result<(), PlotError> {
    let stroke = colour.stroke_width(units(2) as u32);
    let thin = colour.stroke_width(units(1) as u32);
    let marked = series.is_marked();
    // A gap splits a line into runs; what stands alone between two gaps would be invisible without a marker.
    for run in series.points.split(|point| !point.is_shown()) {
        let path: Vec<(f64, f64)> = run.iter().map(|point| (point.x, point.y)).collect();
        match series.style {
            Style::Line if run.len() > 1 => {
                plane.draw(&PathElement::new(path.clone(), stroke))?;
            }
            Style::Dashed if run.len() > 1 => {
                plane.draw(&dashed(path.clone(), stroke))?;
            }
            _ => {}
        }
        for point in run.iter().filter(|point| point.bar() > 0.0) {
            let (low, high) = (point.y - point.bar(), point.y + point.bar());
            plane.draw(&PathElement::new([(point.x, low), (point.x, high)], thin))?;
            for end in [low, high] {
                let cap = PathElement::new([(units(-4), 0), (units(4), 0)], thin);
                plane.draw(&(EmptyElement::at((point.x, end)) + cap))?;
            }
        }
        if marked || run.len() == 1 {
            for position in path {
                plane.draw(&marker(position, colour))?;
            }
        }
    }
    Ok(())
}
