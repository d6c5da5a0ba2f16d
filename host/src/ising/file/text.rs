//! Lines of text files, without what is no content.

use std::borrow::Cow;

use crate::display::shortened;

/// A line, from 1, and what is wrong with it.
pub(super) type Wrong = (usize, String);

/// A line that holds something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Without comment and surrounding space.
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn words(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text.split_whitespace()
    }

    /// An error that says what was expected instead of this line.
    pub(super) fn wrong(&self, expected: &str) -> Wrong {
        (
            self.number,
            format!("expected {expected}, not '{}'", shown(self.text)),
        )
    }

    /// An error of this line.
    pub(super) fn error(&self, reason: impl Into<String>) -> Wrong {
        (self.number, reason.into())
    }

    /// A finite weight.
    pub(super) fn weight(&self, word: &str, expected: &str) -> Result<f64, Wrong> {
        let weight: f64 = word.parse().map_err(|_| self.wrong(expected))?;
        if weight.is_finite() {
            return Ok(weight);
        }
        let word = shown(word);
        Err(self.error(format!("expected a finite weight, not {word}")))
    }
}

/// The text of a file, without a byte-order mark. Bytes that are no text are found out as bad numbers, by line.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Wrong> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((1, "expected UTF-8 text, not UTF-16".to_string()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Ok(String::from_utf8_lossy(bytes))
}

/// Lines that hold something, without comments: `#`, `%`, the word `c` at the start of a line, ` #` and ` %` further on.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().enumerate().filter_map(|(at, line)| {
        let text = match line.find(['#', '%']) {
            Some(end) if end == 0 || line[..end].ends_with(char::is_whitespace) => &line[..end],
            _ => line,
        };
        let text = text.trim();
        let comment = text
            .split_whitespace()
            .next()
            .is_none_or(|word| word == "c");
        (!comment).then_some(Line {
            number: at + 1,
            text,
        })
    })
}

/// The start of a line in a form that fits a message.
pub(super) fn shown(text: &str) -> String {
    shortened(text.trim(), 40)
}
