//! Bit-packed vectors: one bit per unit, unit `i` in bit `i % 64` of word `i / 64`, tail bits always zero.
//!
//! A set bit means +1 for a spin and 1 for an RBM unit; a clear bit means -1 and 0. Because the bits past the end are
//! always zero, whole-word operations (population count, exclusive or) need no mask.

#[cfg_attr(not(feature = "internals"), allow(unreachable_pub))]
mod raw;
mod state;

#[cfg(feature = "internals")]
#[doc(hidden)]
pub use raw::{hamming, spin};
#[cfg(not(feature = "internals"))]
pub(crate) use raw::{hamming, spin};

pub use state::State;
pub(crate) use state::{check_capacity, filled};

use crate::Error;
use crate::error::check_len;

/// Storage of numbers `T`, owned or borrowed: `&mut [T]`, `[T; N]`, `heapless::Vec<T, N>` or `Vec<T>`.
pub trait Storage<T>: AsRef<[T]> + AsMut<[T]> {}

impl<T, S: AsRef<[T]> + AsMut<[T]> + ?Sized> Storage<T> for S {}

/// Units held by one word.
pub const WORD: usize = 64;

/// Number of words that hold `units` bits.
///
/// ```
/// assert_eq!(bitspin_core::bits::words(784), 13);
/// ```
#[must_use]
pub const fn words(units: usize) -> usize {
    units.div_ceil(WORD)
}

/// Mask of the bits in use in the last word of a vector of `units` bits; all ones if the word is full.
#[must_use]
pub const fn tail_mask(units: usize) -> u64 {
    match units % WORD {
        0 => u64::MAX,
        tail => (1 << tail) - 1,
    }
}

/// A vector of bits over borrowed (`&[u64]`) or owned (`[u64; N]`, `Vec<u64>`) words; [`State`] owns them in fixed size.
///
/// The words are exactly [`words`]`(len)` many, and the bits past the end are zero; both are checked by [`Bits::new`]
/// and kept by every method.
///
/// ```
/// use bitspin_core::bits::Bits;
/// let mut spins = Bits::<[u64; 2]>::zeros(100)?;
/// spins.set(99, true);
/// assert_eq!(spins.get(99), Some(true));
/// assert_eq!(spins.get(100), None);
/// assert_eq!(spins.count_ones(), 1);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits<S> {
    len: usize,
    words: S,
}

impl<S: AsRef<[u64]>> Bits<S> {
    /// Makes a vector of `len` bits from `words`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are exactly [`words`]`(len)` words; [`Error::OutOfRange`] if a bit past the end
    /// is set.
    pub fn new(len: usize, words: S) -> Result<Self, Error> {
        let found = words.as_ref().len();
        let expected = self::words(len);
        check_len("bits", expected, found)?;
        match words.as_ref().last() {
            Some(last) if last & !tail_mask(len) != 0 => Err(Error::OutOfRange {
                what: "bits",
                expected: "zeros past the last unit",
            }),
            _ => Ok(Self { len, words }),
        }
    }

    /// Number of units.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the vector has no units.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The packed words.
    #[must_use]
    pub fn as_words(&self) -> &[u64] {
        self.words.as_ref()
    }

    /// The same bits, borrowed.
    #[must_use]
    pub fn as_bits(&self) -> Bits<&[u64]> {
        Bits {
            len: self.len,
            words: self.as_words(),
        }
    }

    /// Bit `index`, or `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<bool> {
        if index >= self.len {
            return None;
        }
        self.as_words()
            .get(index / WORD)
            .map(|word| word >> (index % WORD) & 1 != 0)
    }

    /// Number of set bits. O(words).
    #[must_use]
    pub fn count_ones(&self) -> u32 {
        self.as_words().iter().map(|word| word.count_ones()).sum()
    }

    /// The positions of the set bits, ascending. O(words + set bits).
    ///
    /// ```
    /// use bitspin_core::bits::Bits;
    /// let bits = Bits::new(70, [0b101, 0b100000])?;
    /// assert!(bits.ones().eq([0, 2, 69]));
    /// # Ok::<(), bitspin_core::Error>(())
    /// ```
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        ones(self.as_words())
    }

    /// Number of positions at which the two vectors differ. O(words).
    ///
    /// # Errors
    /// [`Error::Length`] if the lengths differ.
    pub fn hamming<T: AsRef<[u64]>>(&self, other: &Bits<T>) -> Result<u32, Error> {
        check_len("bits", self.len, other.len)?;
        Ok(hamming(self.as_words(), other.as_words()))
    }

    /// The overlap (1/N) sum s_i t_i of two spin vectors, in -1..=1: one minus twice the share of differing bits.
    /// O(words).
    ///
    /// # Errors
    /// [`Error::Length`] if the lengths differ, [`Error::Empty`] if there are no units.
    pub fn overlap<T: AsRef<[u64]>>(&self, other: &Bits<T>) -> Result<f32, Error> {
        if self.len == 0 {
            return Err(Error::Empty { what: "bits" });
        }
        let differing = self.hamming(other)?;
        Ok(1.0 - 2.0 * differing as f32 / self.len as f32)
    }
}

impl<S: Storage<u64>> Bits<S> {
    /// Sets bit `index` and returns what it was, or `None` past the end (where nothing changes).
    pub fn set(&mut self, index: usize, value: bool) -> Option<bool> {
        let before = self.get(index)?;
        if before != value {
            self.flip(index);
        }
        Some(before)
    }

    /// Inverts bit `index` and returns what it was, or `None` past the end (where nothing changes).
    pub fn flip(&mut self, index: usize) -> Option<bool> {
        let before = self.get(index)?;
        *self.words.as_mut().get_mut(index / WORD)? ^= 1 << (index % WORD);
        Some(before)
    }

    /// Copies the bits of another vector.
    ///
    /// # Errors
    /// [`Error::Length`] if the lengths differ.
    pub fn copy_from<T: AsRef<[u64]>>(&mut self, other: &Bits<T>) -> Result<(), Error> {
        check_len("bits", self.len, other.len)?;
        self.assign(other.as_words());
        Ok(())
    }

    /// Copies words, and clears the bits past the end.
    pub(crate) fn assign(&mut self, words: &[u64]) {
        let mask = tail_mask(self.len);
        let own = self.words.as_mut();
        own.iter_mut().zip(words).for_each(|(to, from)| *to = *from);
        if let Some(last) = own.last_mut() {
            *last &= mask;
        }
    }

    /// Replaces word `index`, but for bits past the end.
    pub(crate) fn set_word(&mut self, index: usize, word: u64) {
        let end = self.len.saturating_sub(WORD * index);
        let mask = if end < WORD { tail_mask(end) } else { u64::MAX };
        if let Some(own) = self.words.as_mut().get_mut(index) {
            *own = word & mask;
        }
    }

    /// Exchanges the bits of two vectors of one length.
    pub(crate) fn swap(&mut self, other: &mut Self) {
        let pairs = self.words.as_mut().iter_mut();
        pairs
            .zip(other.words.as_mut())
            .for_each(|(a, b)| core::mem::swap(a, b));
    }

    /// The packed words; whoever changes them leaves the bits past the end zero.
    pub(crate) fn as_mut_words(&mut self) -> &mut [u64] {
        self.words.as_mut()
    }

    /// Clears every bit.
    pub fn clear(&mut self) {
        self.words.as_mut().fill(0);
    }
}

impl<const N: usize> Bits<[u64; N]> {
    /// A vector of `len` clear bits in `N` words.
    ///
    /// # Errors
    /// [`Error::Length`] unless `N` is [`words`]`(len)`.
    pub fn zeros(len: usize) -> Result<Self, Error> {
        Self::new(len, [0; N])
    }
}

/// The positions of the set bits of `words`, ascending.
pub fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(at, &word)| {
        let mut rest = word;
        core::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(at * WORD + bit)
        })
    })
}

/// Transposes a 64 x 64 block of bits in place: bit `j` of word `i` changes places with bit `i` of word `j`.
///
/// Six passes that swap ever smaller sub-blocks (Warren, *Hacker's Delight*, section 7-3).
///
/// ```
/// let mut block = [0; 64];
/// block[3] = 1 << 40;
/// bitspin_core::bits::transpose(&mut block);
/// assert_eq!(block[40], 1 << 3);
/// ```
pub fn transpose(block: &mut [u64; 64]) {
    let mut mask = 0x0000_0000_ffff_ffff_u64;
    let mut width = 32;
    while width != 0 {
        for pair in block.chunks_exact_mut(2 * width) {
            let (low, high) = pair.split_at_mut(width);
            for (a, b) in low.iter_mut().zip(high) {
                let swap = (*a >> width ^ *b) & mask;
                *a ^= swap << width;
                *b ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wrong_word_counts_and_tails_are_refused() {
        assert_eq!(
            Bits::new(65, [0_u64; 1]).unwrap_err(),
            Error::Length {
                what: "bits",
                expected: 2,
                found: 1
            }
        );
        assert!(Bits::new(3, [0b1000_u64]).is_err());
        assert!(Bits::new(3, [0b0111_u64]).is_ok());
        assert!(Bits::new(0, [0_u64; 0]).unwrap().is_empty());
        assert!(Bits::new(64, [u64::MAX]).is_ok());
    }

    #[test]
    fn overlap_of_a_vector_with_its_inverse_is_minus_one() {
        let a = Bits::new(70, [0x5555_5555_5555_5555, 0b10_1010]).unwrap();
        let b = Bits::new(70, [!0x5555_5555_5555_5555, 0b01_0101]).unwrap();
        assert_eq!(a.overlap(&a), Ok(1.0));
        assert_eq!(a.overlap(&b), Ok(-1.0));
        assert!(a.overlap(&Bits::new(64, [0]).unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn transpose_moves_every_bit(words in prop::array::uniform32(any::<u64>()), more in prop::array::uniform32(any::<u64>())) {
            let mut block = [0; 64];
            block[..32].copy_from_slice(&words);
            block[32..].copy_from_slice(&more);
            let before = block;
            transpose(&mut block);
            for (i, row) in before.iter().enumerate() {
                for (j, column) in block.iter().enumerate() {
                    prop_assert_eq!(row >> j & 1, column >> i & 1);
                }
            }
        }

        #[test]
        fn set_get_flip_and_count_agree_with_a_list(len in 1_usize..=192, steps in prop::collection::vec((0_usize..200, any::<bool>()), 0..100)) {
            let mut words = [0_u64; 3];
            let mut bits = Bits::new(len, &mut words[..self::words(len)]).unwrap();
            let mut list = [false; 192];
            for (index, value) in steps {
                prop_assert_eq!(bits.set(index, value).is_some(), index < len);
                if index < len {
                    list[index] = value;
                }
            }
            prop_assert!(bits.ones().eq((0..len).filter(|&i| list[i])));
            prop_assert_eq!(bits.count_ones() as usize, list.iter().filter(|&&set| set).count());
            for (i, &value) in list[..len].iter().enumerate() {
                prop_assert_eq!(bits.flip(i), Some(value));
            }
            prop_assert!(Bits::new(len, bits.as_words()).is_ok(), "the tail stays zero");
        }
    }
}
