//! How a text is laid out: its separator, and whether its first line names the columns.

use super::TableOptions;
use super::cell::Cell;
use super::lines::{self, BYTE_ORDER_MARK, Lines, shortened};
use super::options::Separator;

/// Lines that the separator is judged by.
const JUDGED: usize = 100;

/// Where a wrong cell of the first line may be a name.
pub(super) const HEADER_HINT: &str = "options.header = true takes line 1 as names";

/// How a text is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The last byte of every line.
    pub(super) end: u8,
    pub(super) separator: Separator,
    /// The names in the first line, where it holds names.
    pub(super) header: Option<Vec<String>>,
    /// Cells of the first line.
    pub(super) width: usize,
}

impl Layout {
    /// The layout of a text that begins with `start`; `whole` says that this is all of it.
    ///
    /// # Errors
    /// What was expected, in one line.
    pub(super) fn of(start: &[u8], whole: bool, options: &TableOptions) -> Result<Self, String> {
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            return Err("expected text in UTF-8, found UTF-16".into());
        }
        if start.contains(&0) {
            return Err(
                "expected text in UTF-8, found zero bytes, as in UTF-16 or binary files".into(),
            );
        }
        let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
        let end = match start.contains(&b'\n') || !start.contains(&b'\r') {
            true => b'\n',
            false => b'\r',
        };
        let records = first_records(start, whole, end);
        let first = records.first().map_or("", String::as_str);
        if first.trim().is_empty() {
            return Err(match start.trim_ascii().is_empty() {
                true => "expected a table, found no line".into(),
                false => "line 1: expected cells, found an empty line".into(),
            });
        }
        let separator = match options.separator {
            Some(separator) => separator,
            None => separator(&records)?,
        };
        let mut names = Vec::new();
        let width = lines::cells(first, separator, |_, cell| names.push(cell.to_string()));
        let has_header = match options.header {
            Some(has) => has,
            None => names_columns(&names)?,
        };
        Ok(Self {
            end,
            separator,
            header: has_header.then_some(names),
            width,
        })
    }
}

/// The first lines, but for one that is cut short.
fn first_records(start: &[u8], whole: bool, end: u8) -> Vec<String> {
    let cut = match start.iter().rposition(|&byte| byte == end) {
        Some(last) if !whole => &start[..=last],
        _ => start,
    };
    let mut lines = Lines::new(cut, end);
    let mut records = Vec::new();
    while let (true, Ok(Some((_, record)))) = (records.len() < JUDGED, lines.next()) {
        if !record.trim().is_empty() || records.is_empty() {
            records.push(record.to_string());
        }
    }
    // A text whose first line is not read has its fault named when it is read as a table.
    if records.is_empty() {
        records.push(String::from_utf8_lossy(cut).into_owned());
    }
    records
}

/// The one separator that cuts all lines into as many cells.
fn separator(records: &[String]) -> Result<Separator, String> {
    let width = |record: &str, separator| lines::cells(record, separator, |_, _| {});
    let separators = Separator::ALL.map(|(separator, _)| separator);
    let in_first: Vec<Separator> = (separators.into_iter())
        .filter(|&separator| width(&records[0], separator) > 1)
        .collect();
    let is_even = |&separator: &Separator| {
        let expected = width(&records[0], separator);
        records
            .iter()
            .all(|record| width(record, separator) == expected)
    };
    let even: Vec<Separator> = in_first.iter().copied().filter(is_even).collect();
    let makes_values = |&separator: &Separator| {
        records[usize::from(records.len() > 1)..]
            .iter()
            .all(|record| {
                let mut good = true;
                lines::cells(record, separator, |at, cell| {
                    good &= at == 0 || Cell::parse(cell) != Cell::Word;
                });
                good
            })
    };
    let valued: Vec<Separator> = even.iter().copied().filter(makes_values).collect();
    // Spaces stand within cells, and beside other separators, more often than between cells.
    let marks = |all: &[Separator]| -> Vec<Separator> {
        let marks = all.iter().copied();
        marks.filter(|&one| one != Separator::Space).collect()
    };
    if marks(&in_first).is_empty() && valued == [Separator::Space] {
        return Ok(Separator::Space);
    }
    for candidates in [&valued, &even, &in_first] {
        match marks(candidates)[..] {
            [one] => return Ok(one),
            [one, two, ..] => {
                return Err(format!(
                    "line 1: expected one kind of separator, found {one} and {two}; options.separator says which"
                ));
            }
            [] => {}
        }
    }
    Ok(Separator::Byte(b','))
}

/// Whether the first line certainly names columns (none of its cells is a value), or certainly does not.
fn names_columns(cells: &[String]) -> Result<bool, String> {
    let kinds: Vec<Cell> = cells.iter().map(|cell| Cell::parse(cell)).collect();
    let count = |wanted: fn(&Cell) -> bool| kinds.iter().filter(|cell| wanted(cell)).count();
    let words = count(|cell| *cell == Cell::Word);
    // The heading above row names may be empty, as may be what follows the last separator.
    let edge = |at: usize| at == 0 || at + 1 == cells.len();
    let is_name = |at: usize| kinds[at] == Cell::Word || (edge(at) && cells[at].is_empty());
    if words > 0 && (0..cells.len()).all(is_name) {
        return Ok(true);
    }
    if words == 0 {
        return match counts(cells) {
            true => Err(
                "line 1: its numbers count the columns; options.header = true takes them as names, options.header = false as values".into(),
            ),
            false => Ok(false),
        };
    }
    let first = kinds.iter().position(|cell| *cell == Cell::Word);
    match first {
        // The rows may have names.
        Some(0) if words == 1 && cells.len() > 1 => Ok(false),
        at => {
            let at = at.unwrap_or(0);
            Err(format!(
                "line 1, column {}: expected a value like others in this line, found '{}'; {HEADER_HINT}",
                at + 1,
                shortened(&cells[at])
            ))
        }
    }
}

/// Whether cells count up from 0 or 1, as programs number columns that have no names. An empty first cell may stand above
/// the numbers of rows.
fn counts(cells: &[String]) -> bool {
    let cells = match cells.split_first() {
        Some((first, rest)) if first.is_empty() => rest,
        _ => cells,
    };
    let from = |start: usize| {
        (cells.iter().enumerate()).all(|(at, cell)| *cell == (start + at).to_string())
    };
    cells.len() > 2 && (from(0) || from(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Layout, String> {
        Layout::of(text.as_bytes(), true, &TableOptions::default())
    }

    #[test]
    fn separators_are_recognised() {
        let byte = Separator::Byte;
        for (text, separator, width) in [
            ("a,b\n1,0\n", byte(b','), 2),
            ("a;b\n1;0\n", byte(b';'), 2),
            ("a\tb\n1\t0\n", byte(b'\t'), 2),
            ("1 0 1\n0 1 1\n", Separator::Space, 3),
            ("1.0e+00  0.0e+00\n", Separator::Space, 2),
            ("1, 0, 1\n0, 1, 1\n", byte(b','), 3),
            ("a film\n1\n0\n", byte(b','), 1),
            ("a film,b film\n1,0\n", byte(b','), 2),
            ("1\n0\n", byte(b','), 1),
            // The names hold another separator, evenly or not.
            ("a;b,c\n1,0\n", byte(b','), 2),
            ("a,x;b,y\n1;0\n0;1\n", byte(b';'), 2),
            ("\"a;b\",c\n1,0\n", byte(b','), 2),
            // Lines of other lengths are found while reading.
            ("1,0\n1\n", byte(b','), 2),
            ("a,b\rx,1\r", byte(b','), 2),
        ] {
            let layout = of(text).unwrap();
            assert_eq!(
                (layout.separator, layout.width),
                (separator, width),
                "{text:?}"
            );
        }
        for text in ["a;x,b;y\n", "1;0,0;1\n0;1,1;0\n"] {
            assert!(
                of(text).unwrap_err().contains("options.separator"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_first_line_holds_names_or_values_or_is_refused() {
        for (text, names) in [
            ("a,b\n1,0\n", true),
            (",a,b\nx,1,0\n", true),
            ("a,b,\n1,0,\n", true),
            ("1,0\n", false),
            ("True,0.5\n", false),
            ("1,?\n", false),
            ("0,1\n0,1\n", false),
            ("ann,1,0\nbob,0,1\n", false),
            ("O\n1\n", true),
        ] {
            assert_eq!(of(text).unwrap().header.is_some(), names, "{text:?}");
        }
        for (text, words) in [
            (
                "1,x,0\n1,0,1\n",
                "line 1, column 2: expected a value like others in this line, found 'x'",
            ),
            ("K,Na,Cl\n1,0,1\n", "options.header = true"),
            ("a,,b\n1,0,1\n", "line 1, column 1"),
            ("x\u{1b}[2J,1,y\n", "'x\\u{1b}[2J'"),
            ("0,1,2,3\n", "options.header = false"),
            (",1,2,3\n", "options.header = true"),
            ("", "no line"),
            ("\n\n", "no line"),
            ("\n1,0\n", "empty line"),
            ("\u{0}", "zero bytes"),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.contains(words), "{text:?}: {error}");
        }
        for start in [&b"\xff\xfe1\0,\0"[..], b"\xfe\xff\0a\0,"] {
            let error = Layout::of(start, true, &TableOptions::default());
            assert!(error.unwrap_err().contains("UTF-16"));
        }
    }
}
