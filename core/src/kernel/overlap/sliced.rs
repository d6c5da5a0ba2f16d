//! Sums of packed vectors, bit-sliced: place k of 512 numbers is one vector of 512 bits.

use super::digits::{Digits, Lists, PLACES};
use crate::kernel::vector::{Lanes, Simd};

/// Words of a vector.
pub(super) const CHUNK: usize = 8;

/// 512 numbers that are not negative, their lowest places first, of which the sum of what was added is an upper bound.
pub(super) struct Sums<S: Simd> {
    places: [S::U64x8; PLACES + 1],
    /// The sum of the weights 2^k of all digits that were added.
    pub(super) weight: u64,
}

/// The sum and the carry of three bits: two ternary logic operations where there are such.
#[inline(always)]
fn full_add<S: Simd>(a: S::U64x8, b: S::U64x8, c: S::U64x8) -> (S::U64x8, S::U64x8) {
    let odd = a ^ b;
    (odd ^ c, (a & b) | (odd & c))
}

/// Eight words of a row, from word `at` of `words` on; words past the end are zero.
#[inline(always)]
pub(super) fn load<S: Simd>(words: &[u64], at: usize) -> S::U64x8 {
    match words.get(at..).and_then(|rest| rest.first_chunk::<CHUNK>()) {
        Some(chunk) => S::U64x8::new(*chunk),
        None => S::U64x8::new(load_tail(words, at)),
    }
}

#[cold]
fn load_tail(words: &[u64], at: usize) -> [u64; CHUNK] {
    let rest = words.get(at..).unwrap_or_default();
    let mut chunk = [0; CHUNK];
    chunk
        .iter_mut()
        .zip(rest)
        .for_each(|(to, from)| *to = *from);
    chunk
}

/// Rows of packed vectors, of which eight columns of words are looked at.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub(super) patterns: &'a [u64],
    /// Words of a row.
    pub(super) words: usize,
    /// The first of the eight.
    pub(super) at: usize,
}

impl Columns<'_> {
    /// A listed row, inverted where its digit is -1.
    #[inline(always)]
    fn entry<S: Simd>(&self, entry: u32) -> S::U64x8 {
        let row = (entry >> 1) as usize;
        let start = row + self.at;
        let bits = match self
            .patterns
            .get(start..start + CHUNK)
            .and_then(|words| words.first_chunk::<CHUNK>())
        {
            Some(chunk) if self.words >= CHUNK => S::U64x8::new(*chunk),
            _ => S::U64x8::new(load_tail(
                self.patterns.get(row..row + self.words).unwrap_or_default(),
                self.at,
            )),
        };
        bits ^ S::U64x8::splat(u64::from(entry & 1).wrapping_neg())
    }
}

impl<S: Simd> Sums<S> {
    pub(super) fn new() -> Self {
        Self {
            places: [S::U64x8::splat(0); PLACES + 1],
            weight: 0,
        }
    }

    /// Zeros again.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        let len = self.len();
        let used = self.places.get_mut(..len).unwrap_or_default();
        used.fill(S::U64x8::splat(0));
        self.weight = 0;
    }

    /// Places that the numbers may have.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        64 - self.weight.leading_zeros() as usize
    }

    #[inline(always)]
    pub(super) fn place(&self, place: usize) -> S::U64x8 {
        self.places[place & PLACES]
    }

    /// Adds one bit to a place, and its carry to those above.
    #[inline(always)]
    fn ripple(&mut self, from: usize, bits: S::U64x8) {
        let len = self.len();
        let mut carry = bits;
        for place in self.places.get_mut(from..len).unwrap_or_default() {
            let sum = *place ^ carry;
            carry &= *place;
            *place = sum;
        }
    }

    /// Adds a vector whose digits are given: 2^k (s_i + 1) / 2 for a digit +1, 2^k (1 - s_i) / 2 for a digit -1.
    #[inline(always)]
    pub(super) fn add(&mut self, digits: Digits, bits: S::U64x8) {
        let mut rest = digits.plus | digits.minus;
        while rest != 0 {
            let place = rest.trailing_zeros() as usize;
            self.weight += 1 << place;
            let bits = if digits.minus >> place & 1 != 0 {
                !bits
            } else {
                bits
            };
            self.ripple(place, bits);
            rest &= rest - 1;
        }
    }

    /// Adds all listed rows.
    #[inline(always)]
    pub(super) fn add_lists<const LIST: usize>(
        &mut self,
        columns: Columns<'_>,
        lists: &Lists<LIST>,
    ) {
        for place in 0..lists.places {
            let list = lists.at(place);
            self.weight += (list.len() as u64) << place;
            self.add_list(place, columns, list);
        }
    }

    /// Adds 2^place for every listed row whose bit is set: sixteen rows a carry into the fifth place, then eight, four,
    /// two, one.
    #[inline(always)]
    fn add_list(&mut self, place: usize, columns: Columns<'_>, list: &[u32]) {
        let (sixteens, rest) = list.as_chunks::<16>();
        let Some(mut low) = self
            .places
            .get(place..)
            .and_then(|low| low.first_chunk::<4>())
            .copied()
        else {
            return self.add_singly(place, columns, list);
        };
        for rows in sixteens {
            let (first, second) = rows.split_at(8);
            let a = add_eight::<S>(&mut low, columns, first);
            let b = add_eight::<S>(&mut low, columns, second);
            let (eights, carry) = full_add::<S>(low[3], a, b);
            low[3] = eights;
            self.ripple(place + 4, carry);
        }
        let (eights, rest) = rest.as_chunks::<8>();
        let mut carry = None;
        for rows in eights {
            carry = Some(add_eight::<S>(&mut low, columns, rows));
        }
        if let Some(to) = self.places.get_mut(place..place + 4) {
            to.copy_from_slice(&low);
        }
        if let Some(carry) = carry {
            self.ripple(place + 3, carry);
        }
        let (fours, rest) = rest.as_chunks::<4>();
        for rows in fours {
            let [ones, twos, ..] = &mut low;
            let carry = add_four::<S>(ones, twos, columns, rows);
            if let Some(to) = self.places.get_mut(place..place + 2) {
                to.copy_from_slice(&low[..2]);
            }
            self.ripple(place + 2, carry);
        }
        self.add_singly(place, columns, rest);
    }

    #[inline(always)]
    fn add_singly(&mut self, place: usize, columns: Columns<'_>, list: &[u32]) {
        for &row in list {
            self.ripple(place, columns.entry::<S>(row));
        }
    }
}

/// Adds four rows to two places and returns the carry out of them.
#[inline(always)]
fn add_four<S: Simd>(
    ones: &mut S::U64x8,
    twos: &mut S::U64x8,
    columns: Columns<'_>,
    rows: &[u32],
) -> S::U64x8 {
    let &[a, b, c, d] = rows else {
        return S::U64x8::splat(0);
    };
    let (sum, first) = full_add::<S>(columns.entry::<S>(a), columns.entry::<S>(b), *ones);
    let (sum, second) = full_add::<S>(columns.entry::<S>(c), columns.entry::<S>(d), sum);
    *ones = sum;
    let (sum, carry) = full_add::<S>(first, second, *twos);
    *twos = sum;
    carry
}

/// Adds eight rows to three places and returns the carry out of them.
#[inline(always)]
fn add_eight<S: Simd>(low: &mut [S::U64x8; 4], columns: Columns<'_>, rows: &[u32]) -> S::U64x8 {
    let [ones, twos, fours, _] = low;
    let (first, second) = rows.split_at(rows.len() / 2);
    let a = add_four::<S>(ones, twos, columns, first);
    let b = add_four::<S>(ones, twos, columns, second);
    let (sum, carry) = full_add::<S>(a, b, *fours);
    *fours = sum;
    carry
}
