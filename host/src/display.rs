//! Text that users chose (paths, labels, names of columns and tensors) in a form that is safe to print.
//!
//! A name may hold a line break, the escape sequences of a terminal, controls that reverse the order of text, or bytes
//! that are not UTF-8. Messages are one line and change no terminal, so every such character is written as an escape:
//! `\n`, `\u{1b}`, `\xff`.

use std::fmt::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Text whose unsafe characters are printed as escapes.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(&'a [u8]);

/// A path to print in a message.
///
/// ```
/// use bitspin::display::shown;
///
/// assert_eq!(shown("runs/März.bin").to_string(), "runs/März.bin");
/// assert_eq!(shown("a\nb\u{1b}[31m").to_string(), r"a\nb\u{1b}[31m");
/// ```
pub fn shown<P: AsRef<Path> + ?Sized>(path: &P) -> Escaped<'_> {
    Escaped(path.as_ref().as_os_str().as_encoded_bytes())
}

/// A name, a label or a cell to print in a message.
pub fn escaped(text: &str) -> Escaped<'_> {
    Escaped(text.as_bytes())
}

/// The start of a text, at most `most` characters, to print in a message; `...` says that more follows.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", escaped(&text[..end])),
        None => escaped(text).to_string(),
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                write_char(f, c, is_unsafe)?;
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// As text: as it is where it is UTF-8, since the format has its own escapes, else as it is printed.
impl Serialize for Escaped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_str(self),
        }
    }
}

/// Whether a character breaks a line, controls a terminal, or changes the order or the presence of text.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes a character, or its escape where `escape` asks for one.
fn write_char(out: &mut impl Write, c: char, escape: impl Fn(char) -> bool) -> fmt::Result {
    match escape(c) {
        true => write!(out, "{}", c.escape_default()),
        false => out.write_char(c),
    }
}

/// A text of one line: every unsafe character is escaped.
#[must_use]
pub fn one_line(text: &str) -> String {
    escaped(text).to_string()
}

/// A text of any number of lines: every unsafe character but line breaks and tabs is escaped.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let written = write_char(&mut safe, c, |c| is_unsafe(c) && !matches!(c, '\n' | '\t'));
        debug_assert!(written.is_ok(), "a string takes all");
    }
    safe
}

/// A JSON text whose strings hold no unsafe character: each is written as `\u` and four hexadecimal digits, which every
/// reader of JSON understands as that character.
#[must_use]
pub fn json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && c != '\u{7f}' || !is_unsafe(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let written = write!(safe, "\\u{unit:04x}");
            debug_assert!(written.is_ok(), "a string takes all");
        }
    }
    safe
}

/// A duration to the second: `7s`, `2m 05s`, `1h 02m`, `3d 04h`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m {:02}s", seconds % 60),
        3600..86_400 => format!("{hours}h {:02}m", minutes % 60),
        _ if days < 1000 => format!("{days}d {:02}h", hours % 24),
        _ => "> 999d".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_lines_or_control_a_terminal() {
        let name = "a\nb\r\t\u{1b}]0;x\u{7}\u{9b}31m\u{202e}gnp\u{2028}\u{85}é\\";
        let printed = escaped(name).to_string();
        assert_eq!(
            printed,
            r"a\nb\r\t\u{1b}]0;x\u{7}\u{9b}31m\u{202e}gnp\u{2028}\u{85}é\"
        );
        assert!(!printed.contains(is_unsafe));
        assert_eq!(one_line(name), printed);
        assert_eq!(lines("a\tb\n\u{1b}c"), "a\tb\n\\u{1b}c");
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äö\nü", 3), r"äö\n...");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_text_are_printed_one_by_one() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let name = OsStr::from_bytes(b"a\xff\xfe.idx");
        assert_eq!(shown(name).to_string(), r"a\xff\xfe.idx");
    }

    #[test]
    fn durations_are_readable() {
        let cases = [
            (7, "7s"),
            (125, "2m 05s"),
            (3720, "1h 02m"),
            (273_600, "3d 04h"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(duration(Duration::MAX), "> 999d");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ "name": "a\u{7f}\u{9b}\u{202e}\u{e0001}\né" });
        let text = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!text.contains(|c| is_unsafe(c) && c != '\n'));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, value);
    }
}
