//! Tables of measures as CSV.

use serde::Serialize;

/// The rows, one line each, below a line with the names of their fields; empty cells where there is no value.
///
/// # Panics
/// Never: fields are numbers and texts, and memory can be written.
#[must_use]
pub fn csv(rows: &[impl Serialize]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("fields are numbers and texts");
    }
    writer.into_inner().expect("memory can be written")
}
