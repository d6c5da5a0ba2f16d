//! Training patterns: distinct states of the visible spins, and how often each occurs.

use std::collections::BTreeMap;
use std::path::Path;

use bitspin_core::bits::words;

use super::BoltzmannError;
use crate::BitMatrix;
use crate::data::{Dataset, Table, TableOptions};
use crate::display::shown;

/// Built-in data sets: name and description.
pub const BUILT_IN: [(&str, &str); 3] = [
    (
        "bars-and-stripes",
        "the 14 pictures of 3 x 3 whose rows, or columns, are all of one colour",
    ),
    (
        "shifter",
        "8 random bits, the same shifted by -1, 0 or 1, and which of the three it was: 19 spins, 768 patterns",
    ),
    (
        "digit-crops",
        "the middle of 9,000 digits at half the resolution: 4 x 4 pixels, +1 from half brightness on",
    ),
];

/// The most rows: sums of 2^22 terms fit their integers.
const MOST_ROWS: usize = 1 << 22;

/// The most spins.
const MOST_SPINS: usize = 4096;

/// A set of patterns with their counts: the distribution q that is to be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns {
    /// Where they came from: a file or `built-in bars-and-stripes`.
    pub name: String,
    /// Rows and columns of the picture that a pattern is: 1 and all its spins, but for pictures.
    pub picture: (usize, usize),
    /// What the user should be told of how they were read, a line each.
    pub notes: Vec<String>,
    states: Vec<u64>,
    counts: Vec<i64>,
}

impl Patterns {
    /// The built-in data of that name, or else the rows of a table ([`Table::read`]) of bits: 1 is +1, 0 is -1.
    ///
    /// # Errors
    /// [`BoltzmannError`] where the file cannot be read, an entry is missing, entries are grey, or there are too many rows or columns.
    pub fn load(source: &Path, options: &TableOptions) -> Result<Self, BoltzmannError> {
        let table = match source.to_str() {
            Some("bars-and-stripes") => return Ok(bars_and_stripes()),
            Some("shifter") => return Ok(shifter()),
            Some("digit-crops") => return digit_crops(),
            _ if Table::is_named(source) => {
                let options = TableOptions {
                    bits: true,
                    ..options.clone()
                };
                Table::read(source, &options)?
            }
            _ => {
                let names = BUILT_IN.map(|(name, _)| name).join(", ");
                return Err(BoltzmannError::Source {
                    expected: format!(
                        "{names}, or a table (.csv, .tsv, .txt or .npy, each also .gz; .npz; or - for standard input)"
                    ),
                    name: shown(&source).to_string(),
                });
            }
        };
        Self::of_table(table)
    }

    fn of_table(table: Table) -> Result<Self, BoltzmannError> {
        let (units, count) = (table.units(), table.count());
        let refuse = |reason: String| {
            let name = table.name.clone();
            Err(BoltzmannError::Patterns { name, reason })
        };
        let missing = |at: &usize| table.entry(at / units, at % units).is_none();
        if table.missing() > 0
            && let Some(at) = (0..count * units).find(missing)
        {
            let (row, column) = (at / units + 1, table.column(at % units));
            return refuse(format!(
                "row {row} has no entry in column {column}; a Boltzmann machine learns from whole rows"
            ));
        }
        if count > MOST_ROWS || units > MOST_SPINS {
            return refuse(too_many(count, units));
        }
        let rows = table.levels().chunks_exact(units);
        let rows = rows.map(|row| packed(row.iter().map(|&level| level > 0)));
        let mut patterns = Self::new(table.name.clone(), table.picture, rows);
        patterns.notes.clone_from(&table.notes);
        if table.labels.is_some() {
            patterns.notes.push("the labels are not learned".into());
        }
        Ok(patterns)
    }

    /// Counts the rows of a matrix: a set bit is +1.
    ///
    /// # Errors
    /// [`BoltzmannError::Patterns`] for more than 2^22 rows or 4096 columns.
    ///
    /// ```
    /// use bitspin::BitMatrix;
    /// use bitspin::boltzmann::Patterns;
    ///
    /// let rows = BitMatrix::from_bits(3, vec![0b011, 0b101, 0b011])?;
    /// let patterns = Patterns::of_rows("rows", &rows)?;
    /// assert_eq!((patterns.visible(), patterns.distinct(), patterns.total()), (3, 2, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_rows(name: &str, rows: &BitMatrix) -> Result<Self, BoltzmannError> {
        let (units, count) = (rows.units(), rows.count());
        if count > MOST_ROWS || units > MOST_SPINS {
            return Err(BoltzmannError::Patterns {
                name: name.into(),
                reason: too_many(count, units),
            });
        }
        let rows = rows.iter().map(<[u64]>::to_vec);
        Ok(Self::new(name.into(), (1, units), rows))
    }

    /// Counts packed rows, each of as many spins as the picture has pixels.
    fn new(name: String, picture: (usize, usize), rows: impl Iterator<Item = Vec<u64>>) -> Self {
        let mut counted = BTreeMap::<Vec<u64>, i64>::new();
        rows.for_each(|row| *counted.entry(row).or_default() += 1);
        let counts = counted.values().copied().collect();
        Self {
            name,
            picture,
            notes: Vec::new(),
            states: counted.into_keys().flatten().collect(),
            counts,
        }
    }

    /// Visible spins.
    #[must_use]
    pub fn visible(&self) -> usize {
        self.picture.0 * self.picture.1
    }

    /// Distinct patterns.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// Rows, those that repeat others included.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// The packed patterns, each with its count, in ascending order of their words.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u64], i64)> + Clone {
        let states = self.states.chunks_exact(words(self.visible()));
        states.zip(self.counts.iter().copied())
    }

    /// q of every pattern.
    pub fn shares(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        let total = self.total() as f64;
        self.counts.iter().map(move |&count| count as f64 / total)
    }

    /// The entropy H\[q\] in nats: what no cross-entropy with a model falls below.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        // From 0 rather than -0, for a single pattern.
        self.shares().fold(0.0, |sum, q| sum - q * libm::log(q))
    }
}

fn too_many(rows: usize, units: usize) -> String {
    format!("{rows} rows of {units}: expected at most {MOST_ROWS} of {MOST_SPINS}")
}

fn packed(bits: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut row = vec![];
    for (i, bit) in bits.enumerate() {
        if i % 64 == 0 {
            row.push(0);
        }
        *row.last_mut().expect("a word was pushed") |= u64::from(bit) << (i % 64);
    }
    row
}

/// Every picture of 3 x 3 with rows of one colour, or columns; all white and all black, which are both, once.
fn bars_and_stripes() -> Patterns {
    let lines = 0..8_u64;
    let rows = lines
        .clone()
        .map(|set| (0..9).fold(0, |row, i| row | (set >> (i / 3) & 1) << i));
    let columns = lines.map(|set| (0..9).fold(0, |row, i| row | (set >> (i % 3) & 1) << i));
    let mut all: Vec<u64> = rows.chain(columns).collect();
    all.sort_unstable();
    all.dedup();
    let rows = all.into_iter().map(|row| vec![row]);
    Patterns::new("built-in bars-and-stripes".into(), (3, 3), rows)
}

/// Hinton and Sejnowski's shifter (1986): spins 0 to 7 are random, spins 8 to 15 the same moved round by -1, 0 or 1, and
/// of spins 16 to 18 one says by which.
fn shifter() -> Patterns {
    let rows = (0..3).flat_map(|by| {
        (0..256_u64).map(move |bits| {
            let moved = match by {
                0 => bits >> 1 | bits << 7,
                1 => bits,
                _ => bits << 1 | bits >> 7,
            };
            vec![bits | (moved & 0xff) << 8 | 1 << (16 + by)]
        })
    });
    Patterns::new("built-in shifter".into(), (1, 19), rows)
}

/// Of every built-in training digit the 8 x 8 pixels in the middle, four of which make one.
fn digit_crops() -> Result<Patterns, BoltzmannError> {
    let digits = Dataset::load(None)?.train.images;
    let (top, left) = (digits.rows() / 2 - 4, digits.columns() / 2 - 4);
    let crop = |image: &[u8]| {
        let grey = |y: usize, x: usize| u32::from(image[(top + y) * digits.columns() + left + x]);
        packed((0..16).map(|i| {
            let (y, x) = (2 * (i / 4), 2 * (i % 4));
            let sum = grey(y, x) + grey(y, x + 1) + grey(y + 1, x) + grey(y + 1, x + 1);
            sum >= 4 * 128
        }))
    };
    let rows: Vec<_> = digits.iter().map(crop).collect();
    Ok(Patterns::new(
        "built-in digit-crops".into(),
        (4, 4),
        rows.into_iter(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_data_are_what_they_say() {
        let load = |name: &str| Patterns::load(name.as_ref(), &TableOptions::default()).unwrap();
        let bars = load("bars-and-stripes");
        assert_eq!((bars.visible(), bars.distinct(), bars.total()), (9, 14, 14));
        assert!((bars.entropy() - 14_f64.ln()).abs() < 1e-14);
        for whole in [
            0b000_000_000,
            0b111_111_111,
            0b000_000_111,
            0b001_001_001,
            0b110_110_110,
        ] {
            assert!(bars.iter().any(|(state, _)| state == [whole]), "{whole:b}");
        }
        let shifter = load("shifter");
        assert_eq!(
            (shifter.visible(), shifter.distinct(), shifter.total()),
            (19, 768, 768)
        );
        assert!(
            shifter
                .iter()
                .any(|(state, _)| state == [0b100_0000_0011_1000_0001])
        );
        let crops = load("digit-crops");
        assert_eq!((crops.visible(), crops.total()), (16, 9000));
        assert!(
            (1000..6000).contains(&crops.distinct()),
            "{}",
            crops.distinct()
        );
        assert!(crops.entropy() < 16.0 * 2_f64.ln());
    }

    #[test]
    fn rows_of_a_file_are_counted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rows.csv");
        std::fs::write(&path, "0,1,1\n1,0,0\n0,1,1\n").unwrap();
        let patterns = Patterns::load(&path, &TableOptions::default()).unwrap();
        let all: Vec<_> = patterns.iter().collect();
        assert_eq!(all, [(&[0b001][..], 1), (&[0b110][..], 2)]);
        std::fs::write(&path, "0,1,1\n1,?,0\n").unwrap();
        let error = Patterns::load(&path, &TableOptions::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains("row 2 has no entry in column 2"), "{error}");
        let error = Patterns::load("bars".as_ref(), &TableOptions::default())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("expected bars-and-stripes"), "{error}");
    }
}
