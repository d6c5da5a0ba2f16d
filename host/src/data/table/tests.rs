//! Tables as they are read: what their entries are, what they become, and what is said of files that are not tables.

mod arrays;
mod datasets;
mod options;
mod texts;

use std::fs;

use super::{DataError, Table, TableOptions};
use crate::npy::{Header, Kind};

/// A file of that name and content.
fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    fs::write(&path, bytes).unwrap();
    (place, path)
}

fn read_with(name: &str, bytes: &[u8], options: &TableOptions) -> Result<Table, DataError> {
    let (_place, path) = file(name, bytes);
    Table::read(&path, options)
}

fn csv(text: &str) -> Result<Table, DataError> {
    read_with("t.csv", text.as_bytes(), &TableOptions::default())
}

/// The entries as levels; -1 where they are missing.
fn entries(table: &Table) -> Vec<i32> {
    let all = (0..table.count()).flat_map(|row| (0..table.units()).map(move |unit| (row, unit)));
    all.map(|(row, unit)| table.entry(row, unit).map_or(-1, i32::from))
        .collect()
}

/// Asserts that reading fails with one line that names the file and has all of `words`.
fn refused(result: Result<Table, DataError>, words: &[&str]) {
    let error = result.unwrap_err().to_string();
    assert!(
        words.iter().all(|word| error.contains(word)),
        "{words:?}: {error}"
    );
    assert!(!error.contains(char::is_control), "{error}");
}

/// An array of `numbers` in C order.
fn array(kind: Kind, size: usize, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let mut bytes = Header::c_order(kind, size, shape).to_bytes();
    bytes.extend(data);
    bytes
}
