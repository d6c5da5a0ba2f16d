//! Printing, in one place: it never panics, and it remembers whether standard output took everything.
//!
//! A program whose reader has gone away (`bitspin ... | head -1`) goes on in silence, because the work may be long and
//! its files are what it is for. A standard output that cannot be written for another reason, such as a full disk,
//! is a failure, which [`finish`] reports at the end. What cannot be written to standard error is dropped.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, OnceLock};

use serde::Serialize;

use crate::display;

/// The first failure of standard output.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// What was noted, in order.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Prints text and a line break to standard output. Terminal escapes and other unsafe characters are
/// [escaped](display::lines).
pub fn print(text: &str) {
    let mut text = display::lines(text);
    text.push('\n');
    record(io::stdout().lock().write_all(text.as_bytes()));
}

/// Prints one JSON value to standard output. What was [noted](note) before is added to an object as `notes`.
pub fn print_json(value: &impl Serialize) {
    match serde_json::to_value(value).and_then(|object| pretty(value, object)) {
        Ok(text) => {
            let text = display::json(&text) + "\n";
            record(io::stdout().lock().write_all(text.as_bytes()));
        }
        // Maps have string keys only, so that this does not happen; it must not pass in silence if it does.
        Err(error) => record(Err(error.into())),
    }
}

/// The text of a value, which is also given as JSON: as it is, or with notes.
fn pretty(value: &impl Serialize, mut json: serde_json::Value) -> serde_json::Result<String> {
    let notes = notes();
    match json.as_object_mut() {
        Some(object) if !notes.is_empty() && !object.contains_key("notes") => {
            object.insert("notes".into(), notes.into());
            serde_json::to_string_pretty(&json)
        }
        _ => serde_json::to_string_pretty(value),
    }
}

/// Takes in how writing to standard output ended, where something else wrote.
pub fn record(written: io::Result<()>) {
    if let Err(error) = written {
        let _ = FAILURE.set(error);
    }
}

/// Prints one line to standard error: `error: ...`.
pub fn error(message: impl Display) {
    say("error: ", message);
}

/// Prints one line to standard error: `warning: ...`, of a result that may not be what was meant.
pub fn warning(message: impl Display) {
    say("warning: ", message);
}

/// Prints one line to standard error: `note: ...`, of a choice that the program made.
/// [`print_json`] repeats it.
pub fn note(message: impl Display) {
    let line = display::one_line(&message.to_string());
    say("note: ", &line);
    if let Ok(mut notes) = NOTES.lock() {
        notes.push(line);
    }
}

/// What was noted so far.
#[must_use]
pub fn notes() -> Vec<String> {
    NOTES
        .lock()
        .map_or_else(|_| Vec::new(), |notes| notes.clone())
}

/// Prints one line to standard error as it is.
pub fn say_line(message: impl Display) {
    say("", message);
}

fn say(before: &str, message: impl Display) {
    let line = format!("{before}{}\n", display::one_line(&message.to_string()));
    // In one call, so that lines of several threads or processes do not mix.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Writes what is buffered, and says whether standard output took everything that was printed. That its reader has gone
/// away counts as success.
///
/// # Errors
/// The first error of standard output.
pub fn finish() -> Result<(), &'static io::Error> {
    if FAILURE.get().is_none() {
        record(io::stdout().flush());
    }
    match FAILURE.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
