//! Tables of 0/1 entries, some of which may be missing: viewers and the films they like, patients and symptoms.
//!
//! | source | a row | a missing entry |
//! | --- | --- | --- |
//! | CSV | a line, of `0` and `1` | empty, or `?` |
//! | NumPy's `.npy` | a row of a matrix, or a picture of an array of pictures | NaN |
//! | `films` | a viewer of the built-in, made-up table of film likes | as in CSV |
//!
//! `.npy` is read by the crate `npyz`, which takes every integer and float type, both byte orders and both array
//! orders, and needs neither `ndarray` nor `zip`, as `ndarray-npy` does.

mod csv;
mod npy;

use std::path::{Path, PathBuf};

use bitspin_core::bits::words;

use super::{DataError, Dataset, Images, Split};

/// The name by which the built-in table of film likes is asked for.
pub const FILMS: &str = "films";

/// The built-in table.
const FILMS_CSV: &str = include_str!("../../data/films.csv");

/// The most entries of a table: as many as make half a gigabyte.
const MOST_ENTRIES: usize = 1 << 29;

/// Rows of 0/1 entries; there is at least one, of at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Where it came from: the file, or `built-in film likes`.
    pub name: String,
    /// The names of the columns, where there are any.
    pub columns: Option<Vec<String>>,
    /// What names the rows: the heading of their names, which may be empty, and the names.
    pub row_names: Option<(String, Vec<String>)>,
    /// The class of every row, from a column that is called `label`.
    pub labels: Option<Vec<u8>>,
    /// Rows and columns of the picture that a row of the table is: 1 and all its entries, but for arrays of pictures.
    pub picture: (usize, usize),
    /// The entries, row after row.
    pub entries: Vec<Option<bool>>,
}

impl Table {
    /// Whether `path` names a table rather than a directory of images: `films` (a directory of that name is `./films`),
    /// or anything but a directory that ends in `.csv` or `.npy`.
    ///
    /// ```
    /// use bitspin::data::Table;
    /// assert!(["films", "a/likes.csv", "x.NPY"].map(std::path::Path::new).iter().all(|path| Table::is_named(path)));
    /// assert!(!Table::is_named("mnist".as_ref()));
    /// ```
    #[must_use]
    pub fn is_named(path: &Path) -> bool {
        path == Path::new(FILMS) || (Kind::of(path).is_some() && !path.is_dir())
    }

    /// Reads a table: the built-in one for [`FILMS`], else a file by its ending.
    ///
    /// In a CSV file the first line may name the columns (it does if an entry of it is none of `0`, `1`, `?` and
    /// nothing), the first column may name the rows (it does if there are column names and the first entry below them
    /// is no entry), and a column called `label` holds classes, 0 to 255. Ones and zeros may be written as `1.0` and
    /// `0.0`, as programs do that keep missing numbers as NaN.
    ///
    /// # Errors
    /// [`DataError`] where the file is missing or damaged, or holds anything else than ones and zeros, in one line
    /// that names the place.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        if path == Path::new(FILMS) {
            let mut table = csv::parse(FILMS_CSV.as_bytes(), Path::new("<built-in>/films.csv"))?;
            table.name = "built-in film likes".into();
            return Ok(table);
        }
        let is_file = std::fs::metadata(path)
            .map_err(DataError::io(path))?
            .is_file();
        if !is_file {
            let path = path.to_owned();
            return Err(DataError::NotAFile { path });
        }
        let file = std::fs::File::open(path).map_err(DataError::io(path))?;
        match Kind::of(path) {
            Some(Kind::Npy) => npy::parse(std::io::BufReader::new(file), path),
            _ => csv::parse(file, path),
        }
    }

    /// Entries of a row.
    #[must_use]
    pub fn units(&self) -> usize {
        self.picture.0 * self.picture.1
    }

    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len() / self.units()
    }

    /// Whether any entry is missing.
    #[must_use]
    pub fn has_missing(&self) -> bool {
        self.entries.contains(&None)
    }

    /// The name of column `at`: the one it has, or its number from 1.
    #[must_use]
    pub fn column(&self, at: usize) -> String {
        let named = self.columns.as_ref().and_then(|names| names.get(at));
        named.cloned().unwrap_or_else(|| (at + 1).to_string())
    }

    /// For every column, how many known entries are 1 and how many are known.
    #[must_use]
    pub fn column_counts(&self) -> Vec<(usize, usize)> {
        let mut counts = vec![(0, 0); self.units()];
        for row in self.entries.chunks_exact(self.units()) {
            for (entry, (ones, known)) in row.iter().zip(&mut counts) {
                *known += usize::from(entry.is_some());
                *ones += usize::from(*entry == Some(true));
            }
        }
        counts
    }

    /// The table as images, white where an entry is 1 and black where it is 0; the last tenth of the rows, at least
    /// one, is held out. A missing entry is as grey as the column's known entries are white on average, and marked as
    /// not [known](Split::known).
    ///
    /// # Errors
    /// [`DataError::TooFew`] for a single row.
    pub fn into_dataset(self) -> Result<Dataset, DataError> {
        let (count, units) = (self.count(), self.units());
        if count < 2 {
            let path = PathBuf::from(&self.name);
            return Err(DataError::TooFew { path, count });
        }
        let grey: Vec<u8> = self.column_counts().into_iter().map(grey_level).collect();
        let rows = self.entries.chunks_exact(units);
        let pixels = rows
            .flat_map(|row| row.iter().zip(&grey))
            .map(|(entry, mean)| entry.map_or(*mean, |one| 255 * u8::from(one)))
            .collect();
        let known = self.has_missing().then(|| self.known());
        let columns = (self.picture.0 == 1).then(|| (0..units).map(|at| self.column(at)).collect());
        let mut train = Split {
            images: Images::new(self.picture.0, self.picture.1, pixels)
                .expect("a table is whole rows"),
            labels: self.labels,
            known,
        };
        let test = train.split_off(count - (count / 10).max(1));
        Ok(Dataset {
            name: self.name,
            train,
            test,
            columns,
            range: None,
            notes: Vec::new(),
        })
    }

    /// The known entries as packed bits, row after row.
    #[must_use]
    pub fn known(&self) -> Vec<u64> {
        pack(&self.entries, self.units(), |entry| entry.is_some())
    }
}

/// Packs rows of `units` entries, a bit each.
fn pack<T: Copy>(entries: &[T], units: usize, is_set: impl Fn(T) -> bool) -> Vec<u64> {
    let mut bits = vec![0; entries.len() / units * words(units)];
    let rows = entries
        .chunks_exact(units)
        .zip(bits.chunks_exact_mut(words(units)));
    for (row, bits) in rows {
        for (i, &entry) in row.iter().enumerate() {
            bits[i / 64] |= u64::from(is_set(entry)) << (i % 64);
        }
    }
    bits
}

/// The grey level of a column of which `ones` of `known` entries are 1; that of a half if none is known.
fn grey_level((ones, known): (usize, usize)) -> u8 {
    (255 * ones + known / 2).checked_div(known).unwrap_or(128) as u8
}

/// Kinds of files.
#[derive(Clone, Copy)]
enum Kind {
    Csv,
    Npy,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        [("csv", Self::Csv), ("npy", Self::Npy)]
            .into_iter()
            .find_map(|(name, kind)| ending.eq_ignore_ascii_case(name).then_some(kind))
    }
}

#[cfg(test)]
mod tests;
