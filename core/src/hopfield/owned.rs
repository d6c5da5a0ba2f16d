//! Patterns in storage of fixed size.

use super::{Diagonal, LearningRule, PatternMemory, Patterns};
use crate::Error;
use crate::bits::{Bits, check_capacity, words};
use crate::error::check_len;
use crate::network::MAX_UNITS;

/// A store that owns its patterns: room for `ROOM` patterns of `UNITS` spins, added one by one. For a device that learns
/// patterns and keeps them in RAM.
///
/// Hebb's rule learns a pattern by adding one outer product to the couplings; where these are implied by the patterns, that
/// is storing the pattern. [`PatternStore`](super::PatternStore) is the same over borrowed storage.
///
/// `WORDS` is [`words`]`(UNITS)`. Memory: `8 * WORDS * ROOM` bytes and one length.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::hopfield::{Diagonal, LearningRule, OwnedPatterns};
/// let mut store = OwnedPatterns::<16, 1, 2>::new();
/// assert!(store.push(&Bits::new(16, [0x00ff])?)?);
/// assert!(store.push(&Bits::new(16, [0x0f0f])?)?);
/// assert!(store.push(&Bits::new(16, [0x3333])?).is_err()); // there is room for two
/// let memory = store.memory(LearningRule::Hebb, Diagonal::Zero)?;
/// assert_eq!(memory.patterns().count(), 2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// Another number of words than the units need does not compile:
/// ```compile_fail,E0080
/// let store = bitspin_core::hopfield::OwnedPatterns::<784, 12, 2>::new();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedPatterns<const UNITS: usize, const WORDS: usize, const ROOM: usize> {
    patterns: heapless::Vec<[u64; WORDS], ROOM>,
}

impl<const UNITS: usize, const WORDS: usize, const ROOM: usize> Default
    for OwnedPatterns<UNITS, WORDS, ROOM>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const UNITS: usize, const WORDS: usize, const ROOM: usize> OwnedPatterns<UNITS, WORDS, ROOM> {
    /// A store without patterns.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(
                UNITS >= 2 && UNITS <= MAX_UNITS,
                "UNITS must be within 2..=65536"
            );
            assert!(WORDS == words(UNITS), "WORDS must be bits::words(UNITS)");
            assert!(
                ROOM > 0 && ROOM <= (i32::MAX as usize) / UNITS,
                "UNITS * ROOM must be within 1..2^31"
            );
        }
        Self {
            patterns: heapless::Vec::new(),
        }
    }

    /// Number of patterns, at most `ROOM`.
    #[must_use]
    pub fn count(&self) -> usize {
        self.patterns.len()
    }

    /// Stores a pattern behind the others, unless it is stored already; says whether it was new. O(patterns).
    ///
    /// # Errors
    /// [`Error::Length`] for another number of spins, [`Error::Capacity`] if the store is full.
    pub fn push<T: AsRef<[u64]>>(&mut self, pattern: &Bits<T>) -> Result<bool, Error> {
        check_len("pattern", UNITS, pattern.len())?;
        if self.patterns.iter().any(|own| own == pattern.as_words()) {
            return Ok(false);
        }
        check_capacity("patterns", self.count() + 1, ROOM)?;
        let mut words = [0; WORDS];
        words.copy_from_slice(pattern.as_words());
        Ok(self.patterns.push(words).is_ok())
    }

    /// Forgets all patterns but the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.patterns.truncate(count);
    }

    /// The patterns, in the order in which they came.
    ///
    /// # Errors
    /// [`Error::Empty`] if there are none.
    pub fn patterns(&self) -> Result<Patterns<&[u64]>, Error> {
        if self.patterns.is_empty() {
            return Err(Error::Empty { what: "patterns" });
        }
        let words = self.patterns.as_flattened();
        Ok(Patterns::of_checked(UNITS, self.count(), words))
    }

    /// The Hopfield network of the patterns.
    ///
    /// # Errors
    /// [`Error::Empty`] if there are no patterns, and those of [`PatternMemory::new`].
    pub fn memory(
        &self,
        rule: LearningRule,
        diagonal: Diagonal,
    ) -> Result<PatternMemory<&[u64]>, Error> {
        PatternMemory::new(self.patterns()?, rule, diagonal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_kept_in_order_and_what_does_not_fit_is_refused() {
        let mut store = OwnedPatterns::<70, 2, 2>::new();
        assert_eq!(store.patterns(), Err(Error::Empty { what: "patterns" }));
        let [a, b, c] = [1, 2, 3].map(|word| Bits::new(70, [word, word]).unwrap());
        assert_eq!((store.push(&a), store.push(&a)), (Ok(true), Ok(false)));
        assert!(matches!(
            store.push(&Bits::new(69, [0; 2]).unwrap()),
            Err(Error::Length { .. })
        ));
        assert_eq!(store.push(&b), Ok(true));
        assert!(matches!(store.push(&c), Err(Error::Capacity { .. })));
        assert_eq!(store.push(&b), Ok(false));
        let patterns = store.patterns().unwrap();
        assert_eq!((patterns.units(), patterns.count()), (70, 2));
        assert_eq!(Patterns::new(70, &[1_u64, 1, 2, 2][..]), Ok(patterns));
        store.truncate(1);
        assert_eq!(store.push(&c), Ok(true));
        assert_eq!(store.patterns().unwrap().as_words(), [1, 1, 3, 3]);
    }
}
