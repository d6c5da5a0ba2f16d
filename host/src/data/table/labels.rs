//! Classes of rows in a file of their own.

use std::path::Path;

use super::array::Array;
use super::cell::{Cell, Place};
use super::layout::Layout;
use super::lines::{LineError, Lines, cells, shortened};
use super::source::Source;
use super::{MOST_ENTRIES, TableOptions};
use crate::data::DataError;
use crate::npy::{self, tuple};

/// The class that a cell holds: a whole number from 0 to 255.
pub(super) fn class(cell: Cell) -> Option<u8> {
    match cell {
        Cell::Number(number) => {
            let class = number as u8;
            (f64::from(class) == number).then_some(class)
        }
        Cell::Missing | Cell::Word => None,
    }
}

/// Reads classes, one per row: an array of one axis (or of one column), or a text of one column, whose first line may be
/// a name.
///
/// # Errors
/// [`DataError`] where the file is no such file, or holds something else than whole numbers from 0 to 255.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let source = Source::new(path)?;
    let (start, whole) = source.start()?;
    match start.starts_with(npy::MAGIC) || super::is_array(path) {
        true => of_array(&source, &start),
        false => of_text(&source, &start, whole),
    }
}

fn of_array(source: &Source, start: &[u8]) -> Result<Vec<u8>, DataError> {
    let array = Array::of(source, start)?;
    let count = match array.header.shape[..] {
        [count] | [count, 1] => count,
        _ => {
            let shape = tuple(&array.header.shape);
            return Err(source.wrong(format!(
                "expected labels, an array of 1 axis, found shape {shape}"
            )));
        }
    };
    let mut labels = Vec::with_capacity(count);
    array.each(|at, value| {
        let label = class(Cell::Number(value));
        labels.push(label.ok_or_else(|| {
            source.wrong(format!(
                "row {at} (from 0): expected a label, 0 to 255, found {value}"
            ))
        })?);
        Ok(())
    })?;
    Ok(labels)
}

fn of_text(source: &Source, start: &[u8], whole: bool) -> Result<Vec<u8>, DataError> {
    let layout = Layout::of(start, whole, &TableOptions::default());
    let layout = layout.map_err(|reason| source.wrong(reason))?;
    if layout.width != 1 {
        let width = layout.width;
        return Err(source.wrong(format!("expected labels, one column, found {width}")));
    }
    source.read(|reader, _| {
        let mut lines = Lines::new(reader, layout.end);
        let mut labels = Vec::new();
        let mut empty = None;
        loop {
            let (line, record) = match lines.next() {
                Ok(Some(record)) => record,
                Ok(None) => return Ok(labels),
                Err(LineError::Io(error)) => return Err(source.failed(error)),
                Err(LineError::At(line, reason)) => {
                    return Err(source.wrong(format!("line {line}: {reason}")));
                }
            };
            if line == 1 && layout.header.is_some() {
                continue;
            }
            if record.trim().is_empty() {
                empty = empty.or(Some(line));
                continue;
            }
            let mut label = None;
            cells(record, layout.separator, |_, cell| {
                label = class(Cell::parse(cell))
            });
            match (label, empty, labels.len()) {
                (Some(label), None, ..MOST_ENTRIES) => labels.push(label),
                _ => {
                    let place = Place::Cell {
                        line: empty.unwrap_or(line),
                        column: 1,
                    };
                    let found = if empty.is_some() { "" } else { record };
                    return Err(source.wrong(format!(
                        "{place}: expected a label, 0 to 255, found '{}'",
                        shortened(found)
                    )));
                }
            }
        }
    })
}
