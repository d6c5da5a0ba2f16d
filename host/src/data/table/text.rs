//! Tables in text: comma-separated values and their kin.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::BufRead;

use super::cell::{Cell, Place};
use super::encoding::{Encoding, Numbers, Wanted};
use super::layout::Layout;
use super::lines::{cells, shortened};
use super::options::{ColumnName, LabelSource, RowNames};
use super::records::{each_record, wrong_width};
use super::source::Source;
use super::{Body, Filler, MOST_ENTRIES, Table, TableOptions, unfit};
use crate::data::DataError;
use crate::display::shown;

/// The heading of the column that holds classes.
const LABEL: &str = "label";

/// What a cell should be.
const EXPECTED: &str = "a number, true, false, or nothing (or ?, NA, NaN, null)";

/// Reads a table whose first bytes are `start`, `whole` if these are all.
pub(super) fn read(
    source: &Source,
    (start, whole): (&[u8], bool),
    options: &TableOptions,
    wanted: Wanted,
) -> Result<Table, DataError> {
    let wrong = |reason: String| source.wrong(reason);
    let layout = Layout::of(start, whole, options).map_err(wrong)?;
    let roles = Roles::of(&layout, options).map_err(wrong)?;
    let survey = source.read(|reader, _| Survey::of(source, reader, &layout, &roles))?;
    let roles = survey.roles(&layout, roles, options).map_err(wrong)?;
    let names = |at: usize| match &layout.header {
        Some(names) => format!("'{}'", shortened(&names[at])),
        None => (at + 1).to_string(),
    };
    let columns: Vec<usize> = (0..layout.width).filter(|&at| roles.is_entry(at)).collect();
    if columns.is_empty() {
        return Err(wrong(
            "expected at least one column of entries, found none".into(),
        ));
    }
    let numbers = survey.numbers(&roles);
    let missing = numbers.missing;
    let (encoding, note) = numbers.encoding(wanted).map_err(|found| {
        let hint = survey.hint(&layout, &found.place);
        source.wrong(unfit(&found, hint))
    })?;
    let mut taken = Vec::new();
    if layout.header.is_some() {
        taken.push("names from line 1".to_string());
    }
    if let Some(at) = roles.names {
        taken.push(format!("row names from column {}", names(at)));
    }
    if let Some(at) = roles.labels {
        taken.push(format!("labels from column {}", names(at)));
    }
    if roles.dropped.is_some() {
        taken.push("the separator at the end of every line ends the last column".into());
    }
    let body = source.read(|reader, _| {
        fill(
            source,
            reader,
            &layout,
            &roles,
            encoding,
            (survey.rows, columns.len(), missing > 0),
        )
    })?;
    let header = layout.header;
    Ok(Table {
        name: shown(&source.path).to_string(),
        columns: header
            .as_ref()
            .map(|names| columns.iter().map(|&at| names[at].clone()).collect()),
        row_names: roles.names.map(|at| {
            let heading = header
                .as_ref()
                .map_or(String::new(), |names| names[at].clone());
            (heading, body.names)
        }),
        labels: roles.labels.map(|_| body.labels),
        picture: (1, columns.len()),
        range: encoding.range(),
        encoding,
        notes: (!taken.is_empty())
            .then(|| taken.join(", "))
            .into_iter()
            .chain(note)
            .collect(),
        body: body.body,
    })
}

/// What columns hold other than entries.
#[derive(Clone, Copy, Debug, Default)]
struct Roles {
    names: Option<usize>,
    labels: Option<usize>,
    /// The empty column after a separator at the end of every line.
    dropped: Option<usize>,
}

impl Roles {
    /// The roles that options and names give.
    fn of(layout: &Layout, options: &TableOptions) -> Result<Self, String> {
        let find = |field: &str, ColumnName(name): &ColumnName| {
            let names = layout.header.as_deref().unwrap_or_default();
            let number = name
                .parse::<usize>()
                .ok()
                .filter(|at| (1..=layout.width).contains(at));
            let named = names.iter().position(|other| other == name);
            named.or(number.map(|at| at - 1)).ok_or_else(|| {
                let known = match names {
                    [] => String::new(),
                    names => format!(" or one of the names {}", list(names)),
                };
                format!(
                    "{field}: expected a column from 1 to {}{known}, not '{}'",
                    layout.width,
                    shortened(name)
                )
            })
        };
        let names = match &options.row_names {
            Some(RowNames::Column(name)) => Some(find("options.row_names", name)?),
            _ => None,
        };
        let labels = match &options.labels {
            LabelSource::Column(name) => Some(find("options.labels", name)?),
            LabelSource::File(_) => None,
            LabelSource::ColumnCalledLabel => {
                let names = layout.header.as_deref().unwrap_or_default();
                names.iter().position(|name| name == LABEL)
            }
        };
        if names.is_some() && names == labels {
            return Err("expected row names and labels in different columns".into());
        }
        Ok(Self {
            names,
            labels,
            dropped: None,
        })
    }

    fn is_entry(&self, at: usize) -> bool {
        ![self.names, self.labels, self.dropped].contains(&Some(at))
    }
}

/// The first names of columns, for a message.
fn list(names: &[String]) -> String {
    let listed: Vec<_> = names.iter().take(8).map(|name| shortened(name)).collect();
    listed.join(", ") + if names.len() > 8 { ", ..." } else { "" }
}

/// What was seen of all lines but the header.
#[derive(Debug, Default)]
struct Survey {
    rows: usize,
    first: FirstColumn,
    /// The numbers of the other columns of entries.
    others: Numbers,
    last: LastColumn,
}

/// What was seen of the first column, which may hold names of rows.
#[derive(Debug, Default)]
struct FirstColumn {
    numbers: Numbers,
    words: usize,
    /// The first word, and the first that repeats another one.
    word: Option<(Place, String)>,
    repeated: Option<(Place, String)>,
    hashes: HashSet<u64>,
    /// From what number on its cells count the rows.
    counts_from: Option<f64>,
}

/// What was seen of the last column, which may be an empty one after a separator.
#[derive(Debug)]
struct LastColumn {
    empty: bool,
}

impl Default for LastColumn {
    fn default() -> Self {
        Self { empty: true }
    }
}

impl Survey {
    fn of(
        source: &Source,
        reader: &mut dyn BufRead,
        layout: &Layout,
        roles: &Roles,
    ) -> Result<Self, DataError> {
        let hasher = RandomState::new();
        let mut survey = Self::default();
        each_record(source, reader, layout, |line, record| {
            let mut wrong = None;
            let width = cells(record, layout.separator, |at, text| {
                if wrong.is_some() || !roles.is_entry(at) {
                    return;
                }
                let place = Place::Cell {
                    line,
                    column: at + 1,
                };
                let cell = Cell::parse(text);
                if at + 1 == layout.width {
                    survey.last.empty &= text.is_empty();
                }
                if at == 0 {
                    survey.first.see(cell, text, place, survey.rows, &hasher);
                } else {
                    match cell {
                        Cell::Number(number) => survey.others.see(number, place),
                        Cell::Missing => survey.others.missing += 1,
                        Cell::Word => wrong = Some(wrong_cell(place, text)),
                    }
                }
            });
            survey.rows += 1;
            if width != layout.width {
                wrong = Some(wrong_width(line, layout.width, width, record));
            }
            if survey.rows.saturating_mul(layout.width) > MOST_ENTRIES {
                wrong = Some(format!(
                    "expected at most {MOST_ENTRIES} entries, found more"
                ));
            }
            wrong.map_or(Ok(()), |reason| Err(source.wrong(reason)))
        })?;
        if survey.rows == 0 {
            let reason = "expected a row below the names of the columns, found none";
            return Err(source.wrong(reason));
        }
        Ok(survey)
    }

    /// The roles of all columns, now that all lines are known.
    fn roles(
        &self,
        layout: &Layout,
        mut roles: Roles,
        options: &TableOptions,
    ) -> Result<Roles, String> {
        let last = layout.width - 1;
        let named = layout
            .header
            .as_ref()
            .is_some_and(|names| !names[last].is_empty());
        if last > 0 && self.last.empty && !named && roles.is_entry(last) {
            roles.dropped = Some(last);
        }
        let first = &self.first;
        let may_name = options.row_names.is_none() && roles.is_entry(0);
        let others = (1..layout.width).any(|at| roles.is_entry(at));
        let is_unnamed = layout
            .header
            .as_ref()
            .is_some_and(|names| names[0].is_empty());
        if may_name && others {
            let counts = first.counts_from.is_some() && self.rows > 2;
            let differ = first.words == self.rows && self.rows > 1 && first.repeated.is_none();
            if differ || (is_unnamed && counts) {
                roles.names = Some(0);
            } else if let (true, Some((place, word))) = (first.words == self.rows, &first.repeated)
            {
                return Err(format!(
                    "{place}: expected names of rows that differ, found '{word}' again; options.row_names = 1 takes them as names"
                ));
            } else if first.words == 0 && (is_unnamed || counts) {
                let what = if counts {
                    "counts the rows"
                } else {
                    "has no name"
                };
                return Err(format!(
                    "column 1 {what}; options.row_names = 1 takes it as names, options.row_names = none as values"
                ));
            }
        }
        if let (true, Some((place, word))) = (roles.is_entry(0), &first.word) {
            let hint = match others && options.row_names.is_none() {
                true => "; options.row_names = 1 takes column 1 as names",
                false => "",
            };
            return Err(format!("{}{hint}", wrong_cell(*place, word)));
        }
        Ok(roles)
    }

    /// The numbers of all columns of entries.
    fn numbers(&self, roles: &Roles) -> Numbers {
        let mut all = self.others.clone();
        if roles.dropped.is_some() {
            all.missing -= self.rows as u64;
        }
        match roles.is_entry(0) {
            true => self.first.numbers.clone().and(all),
            false => all,
        }
    }

    /// What may help where the number in this place does not fit.
    fn hint(&self, layout: &Layout, place: &Place) -> Option<String> {
        match place {
            Place::Cell { line: 1, .. } if layout.header.is_none() => {
                Some(super::layout::HEADER_HINT.into())
            }
            Place::Cell { column: 1, .. } if layout.width > 1 => {
                Some("options.row_names = 1 takes column 1 as names".into())
            }
            _ => None,
        }
    }
}

impl FirstColumn {
    fn see(&mut self, cell: Cell, text: &str, place: Place, row: usize, hasher: &RandomState) {
        match cell {
            Cell::Number(number) => {
                self.numbers.see(number, place);
                if row == 0 && (number == 0.0 || number == 1.0) {
                    self.counts_from = Some(number);
                }
                let counted = |from: &f64| number == from + row as f64;
                self.counts_from = self.counts_from.filter(counted);
                return;
            }
            Cell::Missing => self.numbers.missing += 1,
            Cell::Word => {
                let found = || Some((place, shortened(text)));
                self.words += 1;
                self.word = self.word.take().or_else(found);
                // Only a column of words alone may hold names.
                if self.words == row + 1 && !self.hashes.insert(hasher.hash_one(text)) {
                    self.repeated = self.repeated.take().or_else(found);
                }
            }
        }
        self.counts_from = None;
    }
}

fn wrong_cell(place: Place, text: &str) -> String {
    format!("{place}: expected {EXPECTED}, found '{}'", shortened(text))
}

/// A table's body with what stands beside its entries.
struct Filled {
    body: Body,
    names: Vec<String>,
    labels: Vec<u8>,
}

/// Packs the entries, of which there are `rows` times `units`.
fn fill(
    source: &Source,
    reader: &mut dyn BufRead,
    layout: &Layout,
    roles: &Roles,
    encoding: Encoding,
    (rows, units, gaps): (usize, usize, bool),
) -> Result<Filled, DataError> {
    let mut filler = Filler::new(rows, units, gaps);
    let (mut names, mut labels) = (Vec::new(), Vec::new());
    each_record(source, reader, layout, |line, record| {
        let mut wrong = None;
        cells(record, layout.separator, |at, text| {
            if Some(at) == roles.names {
                names.push(text.to_string());
            } else if Some(at) == roles.labels {
                let place = Place::Cell {
                    line,
                    column: at + 1,
                };
                match super::labels::class(Cell::parse(text)) {
                    Some(class) => labels.push(class),
                    None => {
                        wrong = Some(format!(
                            "{place}: expected a label, 0 to 255, found '{}'",
                            shortened(text)
                        ));
                    }
                }
            } else if Some(at) != roles.dropped {
                filler.push(match Cell::parse(text) {
                    Cell::Number(number) => Some(encoding.level(number)),
                    Cell::Missing | Cell::Word => None,
                });
            }
        });
        wrong.map_or(Ok(()), |reason| Err(source.wrong(reason)))
    })?;
    let body = filler
        .finish()
        .ok_or_else(|| source.wrong("changed while it was read"))?;
    Ok(Filled {
        body,
        names,
        labels,
    })
}
