//! A packed vector that owns its words, without an allocator.

use super::{Bits, words};
use crate::Error;

/// A state of spins or units that owns its words: room for `WORDS` words of 64 units, of which as many are in use as the
/// units need. It is `8 * WORDS` bytes and two lengths.
///
/// ```
/// use bitspin_core::bits::{Bits, State, words};
/// let mut state = State::<{ words(784) }>::of::<784>();
/// state.set(783, true);
/// assert_eq!((state.len(), state.count_ones()), (784, 1));
/// // The number of units may also be known only when the program runs.
/// let copy = State::<13>::copy(&Bits::new(70, [1, 0])?)?;
/// assert!(State::<13>::cleared(833).is_err());
/// # assert_eq!(copy.len(), 70);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// A state that is too small does not compile:
/// ```compile_fail,E0080
/// let state = bitspin_core::bits::State::<12>::of::<784>();
/// ```
pub type State<const WORDS: usize> = Bits<heapless::Vec<u64, WORDS>>;

impl<const WORDS: usize> Bits<heapless::Vec<u64, WORDS>> {
    /// A state of `UNITS` clear bits. That `WORDS` words have room for them is checked by the compiler.
    #[must_use]
    pub fn of<const UNITS: usize>() -> Self {
        const { assert!(words(UNITS) <= WORDS, "a state needs words(UNITS) words") }
        Self::clear_words(UNITS)
    }

    /// A state of `units` clear bits.
    ///
    /// # Errors
    /// [`Error::Capacity`] if there are more than 64 `WORDS` units.
    pub fn cleared(units: usize) -> Result<Self, Error> {
        check_capacity("state", words(units), WORDS)?;
        Ok(Self::clear_words(units))
    }

    /// A state that begins as a copy of `bits`.
    ///
    /// # Errors
    /// [`Error::Capacity`] if there are more than 64 `WORDS` units.
    pub fn copy<T: AsRef<[u64]>>(bits: &Bits<T>) -> Result<Self, Error> {
        let mut state = Self::cleared(bits.len())?;
        state.assign(bits.as_words());
        Ok(state)
    }

    /// Clear bits, of which there is room for as many.
    fn clear_words(len: usize) -> Self {
        Self {
            len,
            words: filled(words(len)),
        }
    }
}

/// Refuses more elements than there is room for.
pub(crate) fn check_capacity(what: &'static str, needed: usize, room: usize) -> Result<(), Error> {
    if needed <= room {
        return Ok(());
    }
    Err(Error::Capacity { what, needed, room })
}

/// `len` zeros, of at most `N`; callers have checked that there is room.
pub(crate) fn filled<T: Clone + Default, const N: usize>(len: usize) -> heapless::Vec<T, N> {
    let mut numbers = heapless::Vec::new();
    numbers.extend(core::iter::repeat_n(T::default(), len.min(N)));
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_has_its_units_and_no_more_than_its_words() {
        for units in [0, 1, 63, 64, 65, 127, 128] {
            let mut state = State::<2>::cleared(units).unwrap();
            assert_eq!((state.len(), state.as_words().len()), (units, words(units)));
            assert_eq!(state.set(units, true), None);
        }
        let error = Error::Capacity {
            what: "state",
            needed: 3,
            room: 2,
        };
        assert_eq!(State::<2>::cleared(129), Err(error));
        let bits = Bits::new(129, [1, 2, 1]).unwrap();
        assert_eq!(State::<2>::copy(&bits), Err(error));
        assert_eq!(State::<4>::copy(&bits).unwrap().as_words(), [1, 2, 1]);
        assert_eq!(State::<2>::of::<128>(), State::<2>::cleared(128).unwrap());
    }
}
