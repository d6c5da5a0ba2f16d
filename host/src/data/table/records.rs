//! The records of a table in text, one after the other.

use std::io::BufRead;

use super::layout::Layout;
use super::lines::{LineError, Lines};
use super::source::Source;
use crate::data::DataError;

/// Why a record of another number of cells than the first is refused.
pub(super) fn wrong_width(line: u64, expected: usize, found: usize, record: &str) -> String {
    if record.trim().is_empty() {
        return format!("line {line}: expected {expected} cells, found an empty line");
    }
    format!("line {line}: expected {expected} cells like the first line, found {found}")
}

/// Calls `work` with every record but the header, and the number of its first line. Empty lines at the end are left out.
pub(super) fn each_record(
    source: &Source,
    reader: &mut dyn BufRead,
    layout: &Layout,
    mut work: impl FnMut(u64, &str) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut lines = Lines::new(reader, layout.end);
    let mut empty = None;
    let mut is_header = layout.header.is_some();
    loop {
        let record = match lines.next() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            Err(LineError::Io(error)) => return Err(source.failed(error)),
            Err(LineError::At(line, reason)) => {
                return Err(source.wrong(format!("line {line}: {reason}")));
            }
        };
        if std::mem::take(&mut is_header) {
            continue;
        }
        if record.1.trim().is_empty() {
            empty = empty.or(Some(record.0));
            continue;
        }
        if let Some(line) = empty {
            return Err(source.wrong(wrong_width(line, layout.width, 0, "")));
        }
        work(record.0, record.1)?;
    }
}
