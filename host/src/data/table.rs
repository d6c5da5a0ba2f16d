//! Tables: viewers and the films they like, patients and symptoms, grey pictures in an array.
//!
//! | source | a row | a missing entry |
//! | --- | --- | --- |
//! | text: `.csv`, `.tsv`, `.txt` | a line; commas, semicolons, tabs or spaces separate its cells | empty, `?`, NaN, NA, N/A, null |
//! | NumPy's `.npy`, or an array of `.npz` | a row of a matrix, or a picture of an array of pictures | NaN |
//! | `films` | a viewer of the built-in, made-up table of film likes | as in text |
//!
//! Each may be gzipped, and `-` is standard input. What a file holds is found from its content, not from its name.
//! Numbers are 0 and 1 (or true and false), -1 and +1, or grey levels; [`Table::notes`] says which was found.
//!
//! A table is read twice: the first time to find its size, names and numbers, the second to pack it. So it takes a byte per
//! entry (and a bit, where some are missing), whatever its file takes.

mod array;
mod cell;
mod encoding;
pub(crate) mod labels;
mod layout;
mod lines;
mod options;
mod records;
mod source;
mod text;

use std::path::Path;

use bitspin_core::bits::words;

use super::{DataError, Dataset, GreyRange, HeldOut, Holdout, Images, Split};
use crate::npy;
use encoding::{Encoding, Unfit, Wanted};
pub use options::{ColumnName, LabelSource, RowNames, Separator, TableOptions};
use source::Source;

/// The name by which the built-in table of film likes is asked for.
pub const FILMS: &str = "films";

/// The built-in table.
const FILMS_CSV: &str = include_str!("../../data/films.csv");

/// The most entries of a table: as many as make half a gigabyte.
const MOST_ENTRIES: usize = 1 << 29;

/// Rows of entries, each a grey level or missing; there is at least one, of at least one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it came from: the file, or `built-in film likes`.
    pub name: String,
    /// The names of the columns, where there are any.
    pub columns: Option<Vec<String>>,
    /// What names the rows: the heading of their names, which may be empty, and the names.
    pub row_names: Option<(String, Vec<String>)>,
    /// The class of every row.
    pub labels: Option<Vec<u8>>,
    /// Rows and columns of the picture that a row of the table is: 1 and all its entries, but for arrays of pictures.
    pub picture: (usize, usize),
    /// The numbers that were taken as black and white; `None` of bits.
    pub range: Option<GreyRange>,
    /// What the user should be told of how the table was read, a line each.
    pub notes: Vec<String>,
    encoding: Encoding,
    body: Body,
}

impl Table {
    /// Whether `path` names a table rather than a directory of images: `films` (a directory of that name is `./films`), `-`,
    /// or anything but a directory that ends in `.csv`, `.tsv`, `.txt` or `.npy`, with or without `.gz`, or in `.npz`, with or
    /// without the name of an array after a colon.
    ///
    /// ```
    /// use bitspin::data::Table;
    /// let tables = ["films", "-", "a/likes.csv", "x.NPY", "x.tsv.gz", "all.npz", "all.npz:x_test"];
    /// assert!(tables.map(std::path::Path::new).iter().all(|path| Table::is_named(path)));
    /// assert!(!Table::is_named("mnist".as_ref()));
    /// ```
    #[must_use]
    pub fn is_named(path: &Path) -> bool {
        path == Path::new(FILMS)
            || path == Path::new(source::STANDARD_INPUT)
            || ((has_ending(path) || source::names_member(path)) && !path.is_dir())
    }

    /// Reads a table: the built-in one for [`FILMS`], standard input for `-`, else a file.
    ///
    /// In text, the first line names the columns if none of its cells is a value; the first column names the rows if all its
    /// cells are words that differ, or if it has an empty name and counts the rows; and a column called `label` holds
    /// classes, 0 to 255. Where names and values mix, the table is refused unless `options` decide.
    ///
    /// Numbers are bits if all are 0 or 1, or all -1 or +1. They are grey levels if more of them lie strictly between 0 and
    /// 1, or from 2 to 255, than are exactly 1; in arrays of pictures, if any does. Other tables are refused unless
    /// [`TableOptions::grey`] gives the range.
    ///
    /// # Errors
    /// [`DataError`] where the file is missing or damaged, or holds anything else, in one line that names the place, what was
    /// expected there and what was found.
    pub fn read(path: &Path, options: &TableOptions) -> Result<Self, DataError> {
        Self::read_as(path, options, None)
    }

    /// Reads a table whose numbers and columns are those of `self`: a test set.
    ///
    /// # Errors
    /// As [`read`](Self::read), and where numbers, columns or their names are others.
    pub fn read_like(&self, path: &Path, options: &TableOptions) -> Result<Self, DataError> {
        let other = Self::read_as(path, options, Some(self.encoding))?;
        let wrong = |reason: String| DataError::Table {
            path: path.to_owned(),
            reason,
        };
        if other.picture != self.picture {
            let ((rows, columns), (height, width)) = (self.picture, other.picture);
            return Err(wrong(format!(
                "expected rows of {rows} x {columns} entries as in {}, found {height} x {width}",
                self.name
            )));
        }
        if let (Some(ours), Some(theirs)) = (&self.columns, &other.columns)
            && let Some(at) = (0..ours.len()).find(|&at| ours[at] != theirs[at])
        {
            return Err(wrong(format!(
                "expected '{}' as column {} as in {}, found '{}'",
                lines::shortened(&ours[at]),
                at + 1,
                self.name,
                lines::shortened(&theirs[at])
            )));
        }
        Ok(other)
    }

    fn read_as(
        path: &Path,
        options: &TableOptions,
        given: Option<Encoding>,
    ) -> Result<Self, DataError> {
        let is_built_in = path == Path::new(FILMS);
        let source = match is_built_in {
            true => Source::of_bytes(FILMS_CSV.as_bytes(), Path::new("<built-in>/films.csv"))?,
            false => Source::new(path)?,
        };
        let mut table = Self::of_source(&source, options, given, is_array(path))?;
        if is_built_in {
            table.name = "built-in film likes".into();
            // Built-in data need no note.
            table.notes.clear();
        }
        for note in &mut table.notes {
            *note = format!("{}: {note}", table.name);
        }
        if let LabelSource::File(file) = &options.labels {
            let labels = labels::read(file)?;
            if labels.len() != table.count() {
                return Err(DataError::Mismatch {
                    path: file.clone(),
                    images_path: path.to_owned(),
                    images: table.count(),
                    labels: labels.len(),
                });
            }
            table.labels = Some(labels);
        }
        Ok(table)
    }

    fn of_source(
        source: &Source,
        options: &TableOptions,
        given: Option<Encoding>,
        is_array: bool,
    ) -> Result<Self, DataError> {
        let wanted = Wanted {
            as_before: given,
            grey: options.grey,
            bits: options.bits,
            picture: false,
        };
        let (start, whole) = source.start()?;
        if start.starts_with(npy::MAGIC) || is_array {
            if let LabelSource::Column(ColumnName(name)) = &options.labels {
                return Err(source.wrong(format!(
                    "options.labels: expected a file of labels, an array has no column '{}'",
                    lines::shortened(name)
                )));
            }
            return array::read(source, &start, options, wanted);
        }
        text::read(source, (&start, whole), options, wanted)
    }

    /// Entries of a row.
    #[must_use]
    pub fn units(&self) -> usize {
        self.picture.0 * self.picture.1
    }

    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.body.levels.len() / self.units()
    }

    /// Number of missing entries.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.body.missing
    }

    /// The grey levels of all entries, row after row: 0 and 255 of bits. That of a missing entry is the mean of the known ones
    /// in its column.
    #[must_use]
    pub fn levels(&self) -> &[u8] {
        &self.body.levels
    }

    /// Which entries are known, as packed bits row after row; `None` where all are.
    #[must_use]
    pub fn known(&self) -> Option<&[u64]> {
        self.body.known.as_deref()
    }

    /// The entry in column `unit` of row `row`; `None` if it is missing.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn entry(&self, row: usize, unit: usize) -> Option<u8> {
        let units = self.units();
        let known = self
            .known()
            .is_none_or(|known| known[row * words(units) + unit / 64] >> (unit % 64) & 1 == 1);
        known.then(|| self.levels()[row * units + unit])
    }

    /// The name of column `at`: the one it has, or its number from 1.
    #[must_use]
    pub fn column(&self, at: usize) -> String {
        let named = self.columns.as_ref().and_then(|names| names.get(at));
        named.cloned().unwrap_or_else(|| (at + 1).to_string())
    }

    /// The table as images, white where a bit is 1 and black where it is 0; some rows are held out as `holdout` says. A
    /// missing entry is as grey as the column's known entries are on average, and marked as not [known](Split::known).
    ///
    /// # Errors
    /// [`DataError::TooFew`] where no row would be left to train or to test.
    pub fn into_dataset(self, holdout: Holdout) -> Result<Dataset, DataError> {
        let columns =
            (self.picture.0 == 1).then(|| (0..self.units()).map(|at| self.column(at)).collect());
        let (name, range, notes) = (self.name.clone(), self.range, self.notes.clone());
        let (train, test, held_out) = holdout.split(self.into_split(), &name)?;
        Ok(Dataset {
            name,
            train,
            test,
            held_out,
            columns,
            range,
            notes,
        })
    }

    /// The table as images to train on, and `test` as images held out.
    #[must_use]
    pub fn with_test(self, test: Self) -> Dataset {
        Dataset {
            name: self.name.clone(),
            columns: (self.picture.0 == 1)
                .then(|| (0..self.units()).map(|at| self.column(at)).collect()),
            range: self.range,
            notes: [&self.notes[..], &test.notes].concat(),
            held_out: HeldOut::Separate,
            train: self.into_split(),
            test: test.into_split(),
        }
    }

    fn into_split(self) -> Split {
        let (rows, columns) = self.picture;
        Split {
            images: Images::new(rows, columns, self.body.levels).expect("a table is whole rows"),
            labels: self.labels,
            known: self.body.known,
        }
    }
}

/// The entries of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Body {
    levels: Vec<u8>,
    known: Option<Vec<u64>>,
    missing: usize,
}

/// Packs entries as they are read.
struct Filler {
    units: usize,
    body: Body,
    /// Entries so far.
    count: usize,
    /// For every column the sum of its known levels and their number; empty where all are known.
    columns: Vec<(u64, u64)>,
}

impl Filler {
    /// Of `rows` rows of `units` entries; `gaps` says whether some are missing.
    fn new(rows: usize, units: usize, gaps: bool) -> Self {
        Self {
            units,
            body: Body {
                levels: vec![0; rows * units],
                known: gaps.then(|| vec![0; rows * words(units)]),
                missing: 0,
            },
            count: 0,
            columns: if gaps {
                vec![(0, 0); units]
            } else {
                Vec::new()
            },
        }
    }

    /// Sets the next entry.
    fn push(&mut self, level: Option<u8>) {
        self.set(self.count, level);
    }

    /// Sets entry `at`; each is to be set once. Those beyond the last are counted.
    fn set(&mut self, at: usize, level: Option<u8>) {
        self.count += 1;
        let Some(entry) = self.body.levels.get_mut(at) else {
            return;
        };
        let Some(level) = level else {
            self.body.missing += 1;
            return;
        };
        *entry = level;
        if let Some(known) = &mut self.body.known {
            let (row, unit) = (at / self.units, at % self.units);
            known[row * words(self.units) + unit / 64] |= 1 << (unit % 64);
            let (sum, count) = &mut self.columns[unit];
            *sum += u64::from(level);
            *count += 1;
        }
    }

    /// The entries, those that are missing as grey as their column; `None` unless as many were set as there are.
    fn finish(mut self) -> Option<Body> {
        let body = &mut self.body;
        if self.count != body.levels.len() || (body.missing > 0) != body.known.is_some() {
            return None;
        }
        if let Some(known) = &body.known {
            let means = self.columns.iter();
            let means: Vec<u8> = means.map(|&(sum, known)| mean_level(sum, known)).collect();
            let rows = body.levels.chunks_exact_mut(self.units);
            for (row, known) in rows.zip(known.chunks_exact(words(self.units))) {
                for (unit, (level, mean)) in row.iter_mut().zip(&means).enumerate() {
                    if known[unit / 64] >> (unit % 64) & 1 == 0 {
                        *level = *mean;
                    }
                }
            }
        }
        Some(self.body)
    }
}

/// The mean of `known` levels, rounded; that of a half if none is known.
fn mean_level(sum: u64, known: u64) -> u8 {
    (sum + known / 2).checked_div(known).unwrap_or(128) as u8
}

/// What is wrong with a number, in a line.
fn unfit(found: &Unfit, hint: Option<String>) -> String {
    let Unfit {
        place,
        expected,
        found: number,
        ..
    } = found;
    let mut text = format!("{place}: expected {expected}, found '{number}'");
    for hint in hint.iter().chain(&found.hint) {
        text += &format!("; {hint}");
    }
    text
}

/// Whether a file's name ends as a table's does.
fn has_ending(path: &Path) -> bool {
    ending(path).is_some()
}

/// Whether a file's name ends as an array's, or an archive's of arrays.
fn is_array(path: &Path) -> bool {
    matches!(ending(path), Some("npy" | "npz")) || source::names_member(path)
}

/// The ending by which a table is known, without `.gz`.
fn ending(path: &Path) -> Option<&'static str> {
    // The ending is text where the rest of the name need not be.
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let unpacked = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = |ending: &&str| {
        unpacked
            .strip_suffix(*ending)
            .is_some_and(|stem| stem.ends_with('.'))
    };
    ["csv", "tsv", "txt", "npy", "npz"].into_iter().find(ends)
}

#[cfg(test)]
mod tests;
