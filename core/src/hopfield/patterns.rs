//! Packed patterns.

use crate::Error;
use crate::bits::{Bits, tail_mask, words};
use crate::error::check_len;
use crate::kernel::overlap;
use crate::network::check_units;

/// P packed patterns of N spins, one after the other, [`words`]`(N)` words each, tails zero.
///
/// ```
/// use bitspin_core::hopfield::Patterns;
/// let patterns = Patterns::new(70, [0x0f0f, 0x3f, u64::MAX, 0])?;
/// assert_eq!((patterns.units(), patterns.count()), (70, 2));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patterns<S> {
    units: usize,
    count: usize,
    storage: S,
}

impl<S: AsRef<[u64]>> Patterns<S> {
    /// Makes patterns of `units` spins from words, `words(units)` words per pattern. O(patterns).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 2 <= `units` <= [`MAX_UNITS`](crate::network::MAX_UNITS) and there are fewer than 2^31 spins in all, or if a
    /// bit past a pattern's end is set; [`Error::Empty`] without patterns; [`Error::Length`] if the last pattern is
    /// not whole.
    pub fn new(units: usize, storage: S) -> Result<Self, Error> {
        check_units(units)?;
        let (words, found) = (words(units), storage.as_ref().len());
        let count = found / words;
        if found == 0 {
            return Err(Error::Empty { what: "patterns" });
        }
        if count * words != found {
            return Err(Error::Length {
                what: "patterns",
                expected: (count + 1) * words,
                found,
            });
        }
        if (count as u64) * (units as u64) > i32::MAX as u64 {
            return Err(Error::OutOfRange {
                what: "patterns",
                expected: "fewer than 2^31 spins in all",
            });
        }
        let mut rows = storage.as_ref().chunks_exact(words);
        if rows.any(|row| row.last().is_some_and(|last| last & !tail_mask(units) != 0)) {
            return Err(Error::OutOfRange {
                what: "patterns",
                expected: "zeros past the last unit",
            });
        }
        Ok(Self {
            units,
            count,
            storage,
        })
    }

    /// Patterns that are known to be valid.
    pub(super) fn of_checked(units: usize, count: usize, storage: S) -> Self {
        Self {
            units,
            count,
            storage,
        }
    }

    /// Spins of a pattern, N.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// Number of patterns, P.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Words of a pattern.
    #[must_use]
    pub fn words(&self) -> usize {
        words(self.units)
    }

    /// All patterns' words.
    #[must_use]
    pub fn as_words(&self) -> &[u64] {
        self.storage.as_ref()
    }

    /// The same patterns, borrowed.
    #[must_use]
    pub fn as_patterns(&self) -> Patterns<&[u64]> {
        Patterns {
            units: self.units,
            count: self.count,
            storage: self.as_words(),
        }
    }

    /// The packed patterns, first to last.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &[u64]> + ExactSizeIterator + '_ {
        self.as_words().chunks_exact(self.words())
    }

    /// Pattern `index`, or `None` past the last.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Bits<&[u64]>> {
        let row = self.iter().nth(index)?;
        Bits::new(self.units, row).ok()
    }

    /// The overlaps N m_mu = sum_i xi_mu,i s_i of every pattern with a state, in `-N..=N` and of N's parity. O(P N) bits.
    ///
    /// # Errors
    /// [`Error::Length`] unless the state has N spins and `overlaps` P places.
    pub fn overlaps<T: AsRef<[u64]>>(
        &self,
        state: &Bits<T>,
        overlaps: &mut [i32],
    ) -> Result<(), Error> {
        check_len("state", self.units, state.len())?;
        check_len("overlaps", self.count, overlaps.len())?;
        overlap::overlaps(self.as_words(), self.units, state.as_words(), overlaps);
        Ok(())
    }
}
