//! Matrices of the MatrixMarket format: coordinate lists and arrays, real, integer or pattern, symmetric or general.

use super::edge_list::{check_units, counted, edge_of};
use super::terms::{Pairs, Term, Terms};
use super::text::{Line, Wrong, lines, shown};

/// What the first line of a file says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Banner<'a> {
    words: &'a str,
}

/// The banner, if a file begins with one.
pub(super) fn banner(text: &str) -> Option<Banner<'_>> {
    const START: &str = "%%matrixmarket";
    let first = text.lines().next()?;
    let start = first.get(..START.len())?;
    let words = first.get(START.len()..)?;
    start
        .eq_ignore_ascii_case(START)
        .then_some(Banner { words })
}

/// Reads a square matrix.
pub(super) fn parse(text: &str, banner: Banner<'_>) -> Result<Terms, Wrong> {
    let words = banner.words.to_ascii_lowercase();
    let words: Vec<_> = words.split_whitespace().collect();
    let unknown = || {
        let expected = "expected `matrix`, `coordinate` or `array`, `real`, `integer` or `pattern`, `symmetric` or `general`";
        (1, format!("{expected}, not '{}'", shown(banner.words)))
    };
    let &["matrix", layout, kind, symmetry] = words.as_slice() else {
        return Err(unknown());
    };
    let pattern = match kind {
        "real" | "integer" | "double" => false,
        "pattern" if layout == "coordinate" => true,
        _ => return Err(unknown()),
    };
    let symmetric = match symmetry {
        "symmetric" => true,
        "general" => false,
        _ => return Err(unknown()),
    };
    let mut lines = lines(text);
    let sizes = lines
        .next()
        .ok_or((1, "expected the size of the matrix".to_string()))?;
    let (units, list) = match layout {
        "coordinate" => coordinate(sizes, lines, pattern)?,
        "array" => array(sizes, lines, symmetric)?,
        _ => return Err(unknown()),
    };
    Ok(Terms {
        format: format!("MatrixMarket {layout} {kind} {symmetry}"),
        units,
        pairs: if symmetric {
            Pairs::Symmetric
        } else {
            Pairs::Matrix
        },
        list,
        notes: vec![],
        base: 1,
    })
}

/// Number of rows of a square matrix, of the first two numbers of a size line.
fn square(line: Line<'_>, rows: usize, columns: usize) -> Result<usize, Wrong> {
    if rows != columns {
        return Err(line.error(format!("expected a square matrix, not {rows} x {columns}")));
    }
    check_units(line, rows)?;
    Ok(rows)
}

fn coordinate<'a>(
    sizes: Line<'a>,
    lines: impl Iterator<Item = Line<'a>>,
    pattern: bool,
) -> Result<(usize, Vec<Term>), Wrong> {
    let numbers: Vec<_> = sizes.words().map(str::parse::<usize>).collect();
    let &[Ok(rows), Ok(columns), Ok(count)] = numbers.as_slice() else {
        return Err(sizes.wrong("the numbers of rows, columns and entries"));
    };
    let units = square(sizes, rows, columns)?;
    let expected = if pattern { 2 } else { 3 };
    let (mut list, mut last) = (Vec::new(), sizes.number);
    for line in lines {
        if line.words().count() != expected {
            let what = if pattern {
                "a row and a column"
            } else {
                "a row, a column and a number"
            };
            return Err(line.wrong(what));
        }
        list.push(counted(line, edge_of(line, line.words())?, units, 1)?);
        last = line.number;
    }
    if list.len() != count {
        let (found, line) = (list.len(), sizes.number);
        let reason = format!("the file holds {found} entries where line {line} announces {count}");
        return Err((last, reason));
    }
    Ok((units, list))
}

/// Numbers column by column; of a symmetric matrix those from the diagonal down.
fn array<'a>(
    sizes: Line<'a>,
    lines: impl Iterator<Item = Line<'a>>,
    symmetric: bool,
) -> Result<(usize, Vec<Term>), Wrong> {
    let numbers: Vec<_> = sizes.words().map(str::parse::<usize>).collect();
    let &[Ok(rows), Ok(columns)] = numbers.as_slice() else {
        return Err(sizes.wrong("the numbers of rows and columns"));
    };
    let units = square(sizes, rows, columns)?;
    let (mut list, mut last) = (Vec::new(), sizes.number);
    let (mut row, mut column, mut found) = (0, 0, 0_usize);
    for line in lines {
        for word in line.words() {
            let weight = line.weight(word, "a number")?;
            found += 1;
            if column < units && weight != 0.0 {
                list.push(Term {
                    line: line.number,
                    ends: [row as u32, column as u32],
                    weight,
                });
            }
            row += 1;
            if row == units {
                column += 1;
                row = if symmetric { column } else { 0 };
            }
        }
        last = line.number;
    }
    let count = if symmetric {
        units * (units + 1) / 2
    } else {
        units * units
    };
    if found != count {
        let reason =
            format!("the file holds {found} numbers where a matrix of {units} rows has {count}");
        return Err((last, reason));
    }
    Ok((units, list))
}
