//! Printing, in one place: it never panics, and it remembers whether standard output took everything.
//!
//! A program whose reader has gone away (`bitspin ... | head -1`) goes on in silence, because the work may be long and
//! its files are what it is for. A standard output that cannot be written for another reason, such as a full disk,
//! is a failure, which [`finish`] reports at the end. What cannot be written to standard error is dropped.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use serde::Serialize;

use crate::display;

/// The first failure of standard output.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Prints text and a line break to standard output. Terminal escapes and other unsafe characters are
/// [escaped](display::lines).
pub fn print(text: &str) {
    let mut text = display::lines(text);
    text.push('\n');
    record(io::stdout().lock().write_all(text.as_bytes()));
}

/// Prints one JSON value to standard output.
pub fn print_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            let text = display::json(&text) + "\n";
            record(io::stdout().lock().write_all(text.as_bytes()));
        }
        // Maps have string keys only, so that this does not happen; it must not pass in silence if it does.
        Err(error) => record(Err(error.into())),
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
pub fn note(message: impl Display) {
    say("note: ", message);
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
