//! States as bytes.

use bitspin_core::bits::{tail_mask, words};

use crate::Refusal;

/// Bytes of a state of so many units.
#[must_use]
pub const fn state_len(units: usize) -> usize {
    units.div_ceil(8)
}

/// Writes the bytes of a state as words, of which there are as many as the units need.
///
/// ```
/// use bitspin_protocol::{Refusal, to_bytes, to_words};
/// let (mut words, mut bytes) = ([0; 2], [0; 9]);
/// to_words(66, &[1, 0, 0, 0, 0, 0, 0, 0, 2], &mut words)?;
/// assert_eq!(words, [1, 2]);
/// assert_eq!(to_bytes(66, &words, &mut bytes), [1, 0, 0, 0, 0, 0, 0, 0, 2]);
/// assert_eq!(to_words(66, &[0, 0, 0, 0, 0, 0, 0, 0, 4], &mut words), Err(Refusal::Tail));
/// # Ok::<(), Refusal>(())
/// ```
///
/// # Errors
/// [`Refusal::Length`] unless there are [`state_len`] bytes, [`Refusal::Tail`] if a bit behind the last unit is set. The
/// words are then as they were.
pub fn to_words(units: usize, bytes: &[u8], state: &mut [u64]) -> Result<(), Refusal> {
    let expected = state_len(units);
    if bytes.len() != expected {
        return Err(Refusal::Length {
            expected: expected as u32,
            found: bytes.len() as u32,
        });
    }
    let last = bytes.last().copied().unwrap_or(0);
    // The mask of a word's tail, of the byte that the tail begins in.
    let mask = (tail_mask(units) >> (8 * ((expected + 7) % 8))) as u8;
    if last & !mask != 0 {
        return Err(Refusal::Tail);
    }
    for (word, bytes) in state.iter_mut().zip(bytes.chunks(8)) {
        *word = bytes
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte));
    }
    Ok(())
}

/// Writes a state's words as bytes, and returns the [`state_len`] of `bytes` that they fill, or as many as there are.
pub fn to_bytes<'a>(units: usize, state: &[u64], bytes: &'a mut [u8]) -> &'a [u8] {
    let len = state_len(units).min(bytes.len());
    let bytes = bytes.get_mut(..len).unwrap_or_default();
    let state = state.get(..words(units)).unwrap_or(state);
    for (bytes, word) in bytes.chunks_mut(8).zip(state) {
        let own = word.to_le_bytes();
        bytes.iter_mut().zip(own).for_each(|(to, from)| *to = from);
    }
    bytes
}
