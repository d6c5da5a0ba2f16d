//! A store of patterns over borrowed storage.

use super::Patterns;
use crate::Error;
use crate::bits::{Bits, words};
use crate::error::check_len;

/// A store of patterns over any storage, to which patterns are added one by one. [`OwnedPatterns`](super::OwnedPatterns) owns
/// its storage.
///
/// Hebb's rule learns a pattern by adding one outer product to the couplings; where these are implied by the patterns
/// ([`PatternMemory`](super::PatternMemory), [`ExponentialMemory`](super::ExponentialMemory)) that is storing the pattern.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::hopfield::{PatternStore, Patterns};
/// let flash = Patterns::new(16, &[0x00ff_u64][..])?;
/// let mut store = PatternStore::new(&flash, [0; 2])?;
/// assert!(store.push(&Bits::new(16, [0x0f0f])?)?);
/// assert_eq!(store.patterns().as_words(), [0x00ff, 0x0f0f]);
/// assert!(store.push(&Bits::new(16, [0x3333])?).is_err());
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternStore<S> {
    units: usize,
    count: usize,
    storage: S,
}

impl<S: AsRef<[u64]> + AsMut<[u64]>> PatternStore<S> {
    /// Makes a store that begins with a copy of `patterns`. `storage` is the room for all patterns.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the storage has less room, or so much that there could be 2^31 spins.
    pub fn new<P: AsRef<[u64]>>(patterns: &Patterns<P>, mut storage: S) -> Result<Self, Error> {
        let (units, from) = (patterns.units(), patterns.as_words());
        let out_of_range = |expected| Error::OutOfRange {
            what: "storage",
            expected,
        };
        let room = storage.as_ref().len() / words(units);
        if (room as u64) * (units as u64) > i32::MAX as u64 {
            return Err(out_of_range("fewer than 2^31 spins in all"));
        }
        match storage.as_mut().get_mut(..from.len()) {
            Some(to) => to.copy_from_slice(from),
            None => return Err(out_of_range("room for all patterns")),
        }
        Ok(Self {
            units,
            count: patterns.count(),
            storage,
        })
    }

    /// Number of patterns that there is room for.
    #[must_use]
    pub fn room(&self) -> usize {
        self.storage.as_ref().len() / words(self.units)
    }

    /// The patterns, in the order in which they came.
    #[must_use]
    pub fn patterns(&self) -> Patterns<&[u64]> {
        let used = self.count * words(self.units);
        Patterns::of_checked(
            self.units,
            self.count,
            self.storage.as_ref().get(..used).unwrap_or_default(),
        )
    }

    /// Stores a pattern behind the others, unless it is stored already; says whether it was new. O(patterns).
    ///
    /// # Errors
    /// [`Error::Length`] for another number of units, [`Error::OutOfRange`] if there is no room.
    pub fn push<T: AsRef<[u64]>>(&mut self, pattern: &Bits<T>) -> Result<bool, Error> {
        check_len("pattern", self.units, pattern.len())?;
        if self.patterns().iter().any(|own| own == pattern.as_words()) {
            return Ok(false);
        }
        let words = words(self.units);
        let begin = self.count * words;
        let Some(place) = self.storage.as_mut().get_mut(begin..begin + words) else {
            return Err(Error::OutOfRange {
                what: "patterns",
                expected: "no more than there is room for",
            });
        };
        place.copy_from_slice(pattern.as_words());
        self.count += 1;
        Ok(true)
    }

    /// Forgets all patterns but the first `count`; at least one stays.
    pub fn truncate(&mut self, count: usize) {
        self.count = self.count.min(count.max(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::{Diagonal, LearningRule, PatternMemory, settle_synchronous};

    #[test]
    fn stored_patterns_are_recalled_and_those_forgotten_are_not() {
        let flash = Patterns::new(70, [0xffff_0000_ffff_0000, 0x3f]).unwrap();
        let mut store = PatternStore::new(&flash, [0; 7]).unwrap();
        let new = Bits::new(70, [0x00ff_00ff_00ff_00ff, 0x15]).unwrap();
        assert_eq!((store.room(), store.patterns().count()), (3, 1));
        assert_eq!(store.push(&new), Ok(true));
        assert_eq!(store.push(&new), Ok(false));
        assert_eq!(store.patterns().count(), 2);
        let settled = |store: &PatternStore<[u64; 7]>| {
            let memory =
                PatternMemory::new(store.patterns(), LearningRule::Hebb, Diagonal::Zero).unwrap();
            let mut state = new;
            state.set(3, !state.get(3).unwrap());
            let mut cache = [0; 3];
            let cache = &mut cache[..store.patterns().count()];
            settle_synchronous(&memory, &mut state, cache, &mut [0; 4], 9).unwrap();
            state
        };
        assert_eq!(settled(&store), new);
        store.truncate(1);
        assert_eq!(store.patterns().as_words(), flash.as_words());
        assert_ne!(settled(&store), new);
        store.truncate(0);
        assert_eq!(store.patterns().count(), 1);
    }

    #[test]
    fn wrong_shapes_and_a_full_store_are_refused() {
        let flash = Patterns::new(70, [1, 2, 3, 4]).unwrap();
        assert!(PatternStore::new(&flash, [0; 3]).is_err());
        let mut store = PatternStore::new(&flash, [0; 5]).unwrap();
        let length = store.push(&Bits::new(69, [0; 2]).unwrap());
        assert!(matches!(length, Err(Error::Length { .. })));
        let full = store.push(&Bits::new(70, [9, 9]).unwrap());
        assert!(matches!(full, Err(Error::OutOfRange { .. })));
        assert_eq!(store.patterns().as_words(), [1, 2, 3, 4]);
    }
}
