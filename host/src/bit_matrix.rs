//! Rows of bits: training data, patterns, samples.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};

/// Packed rows of bits, one row per example and one column per unit: training data, patterns or samples.
///
/// Unit `i` of a row is bit `i % 64` of the row's word `i / 64`; bits past the last unit are clear.
///
/// ```
/// use bitspin::BitMatrix;
///
/// let bits = BitMatrix::from_rows(&[[true, false, true], [false, false, true]])?;
/// assert_eq!((bits.count(), bits.units()), (2, 3));
/// assert_eq!(bits.row(0), [0b101]);
/// assert!(bits.get(1, 2) && !bits.get(1, 0));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitMatrix {
    units: usize,
    bits: Vec<u64>,
}

impl BitMatrix {
    /// Packs rows of booleans. O(rows x units).
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or units; [`Error::Length`] for rows of different lengths.
    pub fn from_rows(rows: &[impl AsRef<[bool]>]) -> Result<Self, Error> {
        let units = rows.first().map_or(0, |row| row.as_ref().len());
        let mut bits = Vec::with_capacity(rows.len() * words(units));
        for row in rows {
            let row = row.as_ref();
            if row.len() != units {
                return Err(Error::Length {
                    what: "a row",
                    expected: units,
                    found: row.len(),
                });
            }
            bits.extend(row.chunks(64).map(|units| pack(units, |&set| set)));
        }
        Self::from_bits(units, bits)
    }

    /// Packs numbers, each 0 or 1, as rows of `units` of them. O(numbers).
    ///
    /// # Errors
    /// [`Error::Empty`] without units or numbers; [`Error::Length`] if the last row is not whole; [`Error::OutOfRange`]
    /// for another number.
    pub fn from_numbers(units: usize, numbers: &[f32]) -> Result<Self, Error> {
        if let Some(found @ 1..) = numbers.len().checked_rem(units) {
            return Err(Error::Length {
                what: "the last row",
                expected: units,
                found,
            });
        }
        if numbers.iter().any(|&x| x != 0.0 && x != 1.0) {
            return Err(Error::OutOfRange {
                what: "the data",
                expected: "zeros and ones",
            });
        }
        let rows = numbers.chunks(units.max(1));
        let packed = rows.flat_map(|row| row.chunks(64).map(|units| pack(units, |&x| x == 1.0)));
        Self::from_bits(units, packed.collect())
    }

    /// Takes packed words as rows of `units` units. O(rows).
    ///
    /// # Errors
    /// [`Error::Empty`] without units or rows; [`Error::Length`] if the last row is not whole; [`Error::OutOfRange`] if a
    /// bit past a row's units is set.
    pub fn from_bits(units: usize, bits: Vec<u64>) -> Result<Self, Error> {
        if units == 0 || bits.is_empty() {
            return Err(Error::Empty { what: "the data" });
        }
        for row in bits.chunks(words(units)) {
            Bits::new(units, row)?;
        }
        Ok(Self { units, bits })
    }

    /// Takes words that are known to be whole rows with clear tails.
    pub(crate) fn checked(units: usize, bits: Vec<u64>) -> Self {
        Self { units, bits }
    }

    /// Units per row.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        self.bits.len() / self.words_per_row()
    }

    /// Words per row.
    #[must_use]
    pub fn words_per_row(&self) -> usize {
        words(self.units)
    }

    /// The packed bits, row after row.
    #[must_use]
    pub fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// The packed rows.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, u64> {
        self.bits.chunks_exact(self.words_per_row())
    }

    /// The packed bits of one row.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u64] {
        let words = self.words_per_row();
        &self.bits[row * words..][..words]
    }

    /// Whether a unit of a row is set.
    ///
    /// # Panics
    /// If there is no such row or unit.
    #[must_use]
    pub fn get(&self, row: usize, unit: usize) -> bool {
        assert!(unit < self.units, "unit {unit} of {}", self.units);
        self.row(row)[unit / 64] >> (unit % 64) & 1 == 1
    }

    /// The rows as booleans. O(rows x units).
    #[must_use]
    pub fn to_rows(&self) -> Vec<Vec<bool>> {
        let row = |k| (0..self.units).map(|unit| self.get(k, unit)).collect();
        (0..self.count()).map(row).collect()
    }

    /// The first `count` rows, or all if there are fewer.
    #[must_use]
    pub fn take(mut self, count: usize) -> Self {
        self.bits
            .truncate(count.saturating_mul(self.words_per_row()));
        self
    }
}

impl<'a> IntoIterator for &'a BitMatrix {
    type Item = &'a [u64];
    type IntoIter = std::slice::ChunksExact<'a, u64>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Up to 64 units as one word.
fn pack<T>(units: &[T], is_set: impl Fn(&T) -> bool) -> u64 {
    let units = units.iter().rev();
    units.fold(0, |word, unit| word << 1 | u64::from(is_set(unit)))
}

/// Requires rows of `visible` units.
pub(crate) fn check_units(visible: usize, rows: &BitMatrix) -> Result<(), Error> {
    if rows.units() == visible {
        return Ok(());
    }
    Err(Error::Length {
        what: "a row",
        expected: visible,
        found: rows.units(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_ragged_ones_are_refused() {
        for units in [1, 63, 64, 65, 130] {
            let row = |k: usize| (0..units).map(|i| (i * 7 + k).is_multiple_of(3)).collect();
            let rows: Vec<Vec<bool>> = (0..4).map(row).collect();
            let bits = BitMatrix::from_rows(&rows).unwrap();
            assert_eq!((bits.count(), bits.units()), (4, units));
            assert_eq!(bits.to_rows(), rows);
            assert!(bits.iter().enumerate().all(|(k, row)| row == bits.row(k)));
        }
        let none: [Vec<bool>; 0] = [];
        for wrong in [BitMatrix::from_rows(&none), BitMatrix::from_rows(&[[]])] {
            assert_eq!(wrong, Err(Error::Empty { what: "the data" }));
        }
        let ragged = [vec![true, false], vec![true]];
        assert!(matches!(
            BitMatrix::from_rows(&ragged),
            Err(Error::Length {
                expected: 2,
                found: 1,
                ..
            })
        ));
    }
}
