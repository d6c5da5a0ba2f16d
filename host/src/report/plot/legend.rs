//! The legend of a panel: names in rows above the axes, where they cover no data.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::PlotError;
use super::panel::{Panel, Style};
use super::pen::{Area, UNITS, dashed, marker, printable, text, units};

const TEXT: f64 = 13.0;
const ROW: i32 = 20;
const SAMPLE: i32 = 26;
const GAP: i32 = 8;
/// What a character is taken to be wide, in pixels: more than the mean of any usual sans-serif face at this size.
const CHARACTER: i32 = 8;

/// Draws the legend from `top` down, and returns its height, both in pixels.
pub(super) fn draw(area: &Area<'_>, panel: &Panel, top: i32) -> Result<i32, PlotError> {
    let width = (area.dim_in_pixel().0 / UNITS) as i32;
    let names: Vec<String> = panel.series.iter().map(|s| printable(&s.name)).collect();
    let widths: Vec<i32> = names.iter().map(|name| entry_width(name)).collect();
    let rows = break_rows(&widths, width - 2 * GAP);
    let mut y = top + ROW / 2;
    for row in &rows {
        let used: i32 = widths[row.clone()].iter().sum();
        let mut x = ((width - used) / 2).max(GAP);
        for index in row.clone() {
            let series = &panel.series[index];
            let colour = series.ink(index);
            let stroke = colour.stroke_width(units(2) as u32);
            let place = |x: i32| (units(x), units(y));
            let ends = [place(x), place(x + SAMPLE)];
            match series.style {
                Style::Line => area.draw(&PathElement::new(ends, stroke))?,
                Style::Dashed => {
                    area.draw(&dashed(ends, stroke))?;
                }
                Style::Points => {}
            }
            if series.is_marked() {
                area.draw(&marker(place(x + SAMPLE / 2), colour))?;
            }
            let start = place(x + SAMPLE + GAP);
            area.draw_text(&names[index], &text(TEXT, HPos::Left), start)?;
            x += widths[index];
        }
        y += ROW;
    }
    Ok(ROW * rows.len() as i32)
}

/// The sample, the name and the room after it.
fn entry_width(name: &str) -> i32 {
    let characters = name.chars().count().min(200) as i32;
    SAMPLE + GAP + CHARACTER * characters + 2 * GAP
}

/// Which entries share a row, none of which is wider than `width` unless it holds a single entry.
fn break_rows(widths: &[i32], width: i32) -> Vec<std::ops::Range<usize>> {
    let mut rows: Vec<std::ops::Range<usize>> = Vec::new();
    let mut used = 0;
    for (index, &entry) in widths.iter().enumerate() {
        match rows.last_mut() {
            Some(row) if used + entry <= width => {
                row.end = index + 1;
                used += entry;
            }
            _ => {
                rows.push(index..index + 1);
                used = entry;
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_where_the_width_ends() {
        assert_eq!(break_rows(&[], 100), []);
        assert_eq!(break_rows(&[50, 50, 1], 100), [0..2, 2..3]);
        assert_eq!(break_rows(&[500, 50, 50], 100), [0..1, 1..3]);
    }
}
