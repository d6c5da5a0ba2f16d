//! Tables on the command line: what is taken as what, which rows are held out, and that all of it is said.

mod forms;
mod held_out;
mod labels;
mod minibatch;

use std::fs;
use std::path::Path;

use bitspin_tests::command::{Outcome, run};

/// Rows of 6 entries with two kinds of pattern, and their class.
fn rows(count: usize) -> Vec<([u8; 6], u8)> {
    let noise = |row: usize, at: usize| (row * 7 + at * 11 + row * row * at).is_multiple_of(9);
    let entry = |row: usize, at: usize| ((at < 3) == row.is_multiple_of(2)) != noise(row, at);
    let row = |row| {
        (
            std::array::from_fn(|at| u8::from(entry(row, at))),
            (row % 2) as u8,
        )
    };
    (0..count).map(row).collect()
}

/// A text of rows, `cell` of each entry, with names of the columns and the class last under `class`.
fn text(rows: &[([u8; 6], u8)], class: Option<&str>, cell: fn(u8) -> &'static str) -> String {
    let mut text = format!(
        "a,b,c,d,e,f{}\n",
        class.map_or(String::new(), |name| format!(",{name}"))
    );
    for (row, label) in rows {
        let cells: Vec<_> = row.iter().map(|&bit| cell(bit).to_string()).collect();
        let label = class.map_or(String::new(), |_| format!(",{label}"));
        text += &format!("{}{label}\n", cells.join(","));
    }
    text
}

fn bit(bit: u8) -> &'static str {
    ["0", "1"][usize::from(bit)]
}

fn good(place: &Path, arguments: &[&str]) -> Outcome {
    let outcome = run(place, arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    outcome
}

fn model(place: &Path, run: &str) -> Vec<u8> {
    let file = fs::read(place.join(run).join("model.safetensors")).unwrap();
    // The metadata name the data; the weights follow the header.
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    file[8 + header..].to_vec()
}
