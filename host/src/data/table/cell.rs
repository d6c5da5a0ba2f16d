//! What a cell or an element says, and where it stands.

use std::fmt;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A number; `true` is 1 and `false` 0.
    Number(f64),
    /// Nothing is known.
    Missing,
    /// Something that is neither: a name, or a mistake.
    Word,
}

impl Cell {
    /// Reads a cell without the white space around it.
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "0" => return Self::Number(0.0),
            "1" => return Self::Number(1.0),
            "" | "?" => return Self::Missing,
            _ => {}
        }
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if ["nan", "na", "n/a", "null"].into_iter().any(is) {
            return Self::Missing;
        }
        if is("true") || is("false") {
            return Self::Number(f64::from(u8::from(is("true"))));
        }
        match text.parse::<f64>() {
            // `inf` and `infinity` are read as numbers, too, and words such as `Infinity` may be names.
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Word,
        }
    }
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a text: the line and the column, from 1.
    Cell { line: u64, column: usize },
    /// In an array: the row and the element of the row, from 0.
    Element { row: usize, at: usize },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell { line, column } => write!(f, "line {line}, column {column}"),
            Self::Element { row, at } => write!(f, "row {row}, element {at} (from 0)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_missing_entries_and_words_are_told_apart() {
        for (text, cell) in [
            ("0", Cell::Number(0.0)),
            ("1.0", Cell::Number(1.0)),
            ("-1", Cell::Number(-1.0)),
            ("+1", Cell::Number(1.0)),
            ("1e0", Cell::Number(1.0)),
            ("-0.0", Cell::Number(0.0)),
            ("True", Cell::Number(1.0)),
            ("FALSE", Cell::Number(0.0)),
            ("0.5", Cell::Number(0.5)),
            ("255", Cell::Number(255.0)),
        ] {
            assert_eq!(Cell::parse(text), cell, "{text}");
        }
        for text in [
            "", "?", "NaN", "nan", "NA", "na", "N/A", "n/a", "null", "NULL",
        ] {
            assert_eq!(Cell::parse(text), Cell::Missing, "{text}");
        }
        for text in [
            "x",
            "inf",
            "-Infinity",
            "1e999",
            "0,5",
            "1 0",
            "-",
            "yes",
            "none",
        ] {
            assert_eq!(Cell::parse(text), Cell::Word, "{text}");
        }
    }
}
