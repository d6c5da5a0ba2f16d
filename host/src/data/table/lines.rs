//! The lines of a text and their cells.

use std::io::{self, BufRead};

use super::options::Separator;

/// The longest line, or run of lines within quotes, that is read.
const MOST_LINE: usize = 1 << 26;

/// The mark that some programs begin UTF-8 with.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text, read record by record: lines that quotes do not join.
pub(super) struct Lines<R> {
    reader: R,
    /// The last byte of a line: `\n`, or `\r` in files of old Macs.
    end: u8,
    /// The number of the last line that was read, from 1.
    line: u64,
    text: Vec<u8>,
}

/// Why a record cannot be read.
#[derive(Debug)]
pub(super) enum LineError {
    Io(io::Error),
    /// In the record that begins on this line.
    At(u64, &'static str),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R, end: u8) -> Self {
        Self {
            reader,
            end,
            line: 0,
            text: Vec::new(),
        }
    }

    /// The next record without its end, and the number of its first line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, LineError> {
        self.text.clear();
        let first = self.line + 1;
        let mut quotes = 0;
        loop {
            let before = self.text.len();
            let left = (MOST_LINE - before) as u64;
            let mut limited = io::Read::take(&mut self.reader, left);
            limited
                .read_until(self.end, &mut self.text)
                .map_err(LineError::Io)?;
            if self.text.len() == before {
                match quotes % 2 {
                    0 => break,
                    _ => return Err(LineError::At(first, "expected a closing quote")),
                }
            }
            if self.text.len() == MOST_LINE {
                return Err(LineError::At(first, "expected a line of less than 64 MiB"));
            }
            self.line += 1;
            quotes += self.text[before..]
                .iter()
                .filter(|&&byte| byte == b'"')
                .count();
            if quotes % 2 == 0 {
                break;
            }
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        let mut text = self.text.as_slice();
        for end in [self.end, b'\r'] {
            text = text.strip_suffix(&[end]).unwrap_or(text);
        }
        if first == 1 {
            text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        }
        match str::from_utf8(text) {
            Ok(text) => Ok(Some((first, text))),
            Err(_) => Err(LineError::At(first, "expected text in UTF-8")),
        }
    }
}

/// Calls `take` with each cell of a record, without quotes and the white space around it; the number of cells.
pub(super) fn cells(
    record: &str,
    separator: Separator,
    mut take: impl FnMut(usize, &str),
) -> usize {
    let mut count = 0;
    let mut take = |cell: &str| {
        take(count, cell);
        count += 1;
    };
    match separator {
        Separator::Space => record.split_ascii_whitespace().for_each(take),
        Separator::Byte(byte) if !record.contains('"') => {
            record
                .split(char::from(byte))
                .for_each(|cell| take(cell.trim()));
        }
        Separator::Byte(byte) => quoted(record, byte, &mut take),
    }
    count
}

/// The cells of a record with quotes.
fn quoted(record: &str, separator: u8, take: &mut dyn FnMut(&str)) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .buffer_capacity(record.len().max(1))
        .from_reader(record.as_bytes());
    // A record is never empty here, and text in memory is UTF-8 and does not fail.
    for record in reader.records().map_while(Result::ok) {
        record.iter().for_each(&mut *take);
    }
}

/// A cell as far as it fits a message.
pub(super) fn shortened(cell: &str) -> String {
    crate::display::shortened(cell, 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, separator: Separator) -> Vec<(u64, Vec<String>)> {
        let mut lines = Lines::new(text.as_bytes(), b'\n');
        let mut records = Vec::new();
        while let Some((line, record)) = lines.next().unwrap() {
            let mut row = Vec::new();
            let count = cells(record, separator, |at, cell| {
                assert_eq!(at, row.len());
                row.push(cell.to_string());
            });
            assert_eq!(count, row.len());
            records.push((line, row));
        }
        records
    }

    #[test]
    fn records_know_their_lines() {
        let comma = Separator::Byte(b',');
        let rows = all("\u{feff}a, b\r\n\"x, \"\"y\"\"\nz\",1\n\n0,\n", comma);
        let expected = [
            (1, vec!["a", "b"]),
            (2, vec!["x, \"y\"\nz", "1"]),
            (4, vec![""]),
            (5, vec!["0", ""]),
        ];
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(
                (row.0, row.1.iter().map(String::as_str).collect()),
                expected
            );
        }
        let spaced = all(" 1  0\t1 \n", Separator::Space);
        assert_eq!(spaced[0].1, ["1", "0", "1"]);
        assert_eq!(all("1,0", comma)[0].1, ["1", "0"]);
    }

    #[test]
    fn what_is_no_text_is_named_by_its_line() {
        for (bytes, line, words) in [
            (&b"1,0\n1,\xff\n"[..], 2, "UTF-8"),
            (b"1,0\n\"1,0\n1,0\n", 2, "closing quote"),
        ] {
            let mut lines = Lines::new(bytes, b'\n');
            lines.next().unwrap();
            match lines.next().unwrap_err() {
                LineError::At(at, why) => assert!(at == line && why.contains(words), "{why}"),
                LineError::Io(error) => panic!("{error}"),
            }
        }
    }
}
