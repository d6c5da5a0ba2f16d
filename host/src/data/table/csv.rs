//! Tables in CSV files.

use std::io::Read;
use std::path::Path;

use super::{MOST_ENTRIES, Table};
use crate::data::DataError;
use crate::display::shown;

/// The heading of the column that holds classes.
const LABEL: &str = "label";

/// What a cell says: an entry, a missing entry, or something else.
fn entry(cell: &str) -> Option<Option<bool>> {
    match cell {
        "" | "?" => return Some(None),
        "0" => return Some(Some(false)),
        "1" => return Some(Some(true)),
        _ => {}
    }
    let number: f64 = cell.parse().ok()?;
    match number {
        0.0 => Some(Some(false)),
        1.0 => Some(Some(true)),
        _ => None,
    }
}

/// Reads a table; [`Table::read`] says what is understood.
pub(super) fn parse(reader: impl Read, path: &Path) -> Result<Table, DataError> {
    let wrong = |reason: String| DataError::Table {
        path: path.to_owned(),
        reason,
    };
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(reader);
    let mut records = Vec::new();
    for record in lines.records() {
        records.push(record.map_err(|error| wrong(in_a_line(&error)))?);
    }
    let first = records
        .first()
        .ok_or_else(|| wrong("expected a table, found no line".into()))?;
    let has_heading = first.iter().any(|cell| entry(cell).is_none());
    let heading: Option<Vec<String>> =
        has_heading.then(|| first.iter().map(str::to_owned).collect());
    let body = &records[usize::from(has_heading)..];
    let top = body
        .first()
        .ok_or_else(|| wrong("expected a row below the names of the columns, found none".into()))?;
    let is_label = |at: usize| heading.as_ref().is_some_and(|names| names[at] == LABEL);
    let named = has_heading && !is_label(0) && top.get(0).is_some_and(|cell| entry(cell).is_none());
    let label = (0..first.len()).find(|&at| is_label(at));
    let columns: Vec<usize> = (usize::from(named)..first.len())
        .filter(|&at| Some(at) != label)
        .collect();
    if columns.is_empty() {
        return Err(wrong(
            "expected at least one column of entries, found none".into(),
        ));
    }
    if body.len().saturating_mul(columns.len()) > MOST_ENTRIES {
        return Err(wrong(format!(
            "expected at most {MOST_ENTRIES} entries, found {} rows of {}",
            body.len(),
            columns.len()
        )));
    }
    let place = |record: &csv::StringRecord, at: usize| {
        let line = record.position().map_or(0, csv::Position::line);
        format!("line {line}, column {}", at + 1)
    };
    let mut entries = Vec::with_capacity(body.len() * columns.len());
    let mut labels = label.map(|_| Vec::new());
    for record in body {
        for &at in &columns {
            let cell = record.get(at).unwrap_or_default();
            entries.push(entry(cell).ok_or_else(|| {
                wrong(format!(
                    "{}: expected 0, 1, ? or nothing, found '{}'",
                    place(record, at),
                    shortened(cell)
                ))
            })?);
        }
        if let (Some(at), Some(labels)) = (label, &mut labels) {
            let cell = record.get(at).unwrap_or_default();
            labels.push(cell.parse().map_err(|_| {
                wrong(format!(
                    "{}: expected a label, 0 to 255, found '{}'",
                    place(record, at),
                    shortened(cell)
                ))
            })?);
        }
    }
    let names_of_rows = || body.iter().map(|record| record[0].to_owned()).collect();
    Ok(Table {
        name: shown(&path).to_string(),
        row_names: heading
            .as_ref()
            .filter(|_| named)
            .map(|heading| (heading[0].clone(), names_of_rows())),
        picture: (1, columns.len()),
        columns: heading.map(|names| columns.iter().map(|&at| names[at].clone()).collect()),
        labels,
        entries,
    })
}

/// A cell as far as it fits a message.
fn shortened(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control()).take(20).collect()
}

/// What the CSV reader says, in the words of this program.
fn in_a_line(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: expected {expected_len} cells like the first line, found {len}")
        }
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line}: expected text in UTF-8")
        }
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string().lines().collect::<Vec<_>>().join(" "),
    }
}
