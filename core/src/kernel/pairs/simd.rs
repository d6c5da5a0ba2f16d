//! The kernels on vectors of 512 bits, equal to [`scalar`](super::scalar) to the bit.

use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Ordered, Shifts, Simd};

/// Words of a vector.
const CHUNK: usize = 8;
/// Units of a vector.
const UNITS: usize = CHUNK * WORD;
/// Patterns that are counted at once: as many as a byte counts, in groups of eight.
const BLOCK: usize = 248;
/// Room for the rows of a block from both ends.
const ROOM: usize = 256;

/// See [`scalar::add_pairs`](super::scalar::add_pairs).
#[inline(always)]
pub(crate) fn add_pairs<S: Simd>(
    _: S,
    patterns: &[u64],
    words: usize,
    unit: usize,
    (up, down): (i32, i32),
    fields: &mut [i32],
) {
    let len = fields.len().min(words * WORD);
    let fields = fields.get_mut(..len).unwrap_or_default();
    let mut rows = [0; ROOM];
    for (block, part) in patterns.chunks(BLOCK * words.max(1)).enumerate() {
        let first = block * BLOCK * words;
        let (ups, downs) = split(part, words, unit, first as u32, &mut rows);
        let numbers = (ups.len() as i32, downs.len() as i32);
        // A unit with T spins +1 of n has the sum 2 T - n.
        for (at, fields) in fields.chunks_mut(UNITS).enumerate() {
            let mut counts = Counts::<S>::new();
            counts.add(patterns, CHUNK * at, ups, 0);
            if up == down.wrapping_neg() {
                counts.add(patterns, CHUNK * at, downs, u64::MAX);
                let less = up.wrapping_mul(numbers.0 + numbers.1);
                counts.add_to(up.wrapping_mul(2), less, fields);
            } else {
                counts.add_to(up.wrapping_mul(2), up.wrapping_mul(numbers.0), fields);
                let mut counts = Counts::<S>::new();
                counts.add(patterns, CHUNK * at, downs, 0);
                counts.add_to(down.wrapping_mul(2), down.wrapping_mul(numbers.1), fields);
            }
        }
    }
}

/// Where the patterns of a block that begins at word `start` begin: those whose spin `unit` is +1, and the others.
///
/// Not inlined: the registers of the callers' loops are not enough for this one.
#[inline(never)]
fn split<'a>(
    block: &[u64],
    words: usize,
    unit: usize,
    mut start: u32,
    rows: &'a mut [u32; ROOM],
) -> (&'a [u32], &'a [u32]) {
    let (mut ups, mut downs) = (0, ROOM);
    for row in block.chunks_exact(words.max(1)) {
        let word = row.get(unit / WORD).copied().unwrap_or(0);
        let up = (word >> (unit % WORD) & 1) as usize;
        // Written at both ends, of which one moves on. Since a block is smaller than the room, they do not meet.
        rows[ups % ROOM] = start;
        rows[(downs - 1) % ROOM] = start;
        ups += up;
        downs -= 1 - up;
        start += words as u32;
    }
    let (front, back) = rows.split_at(downs);
    (front.get(..ups).unwrap_or_default(), back)
}

/// See [`scalar::subtract_own`](super::scalar::subtract_own).
#[inline(always)]
pub(crate) fn subtract_own<S: Simd>(
    _: S,
    patterns: &[u64],
    words: usize,
    state: &[u64],
    fields: &mut [i32],
) {
    let count = patterns.len() / words.max(1);
    let len = fields.len().min(words * WORD);
    let fields = fields.get_mut(..len).unwrap_or_default();
    let mut rows = [0; BLOCK];
    for (at, fields) in fields.chunks_mut(UNITS).enumerate() {
        let mut ones = [0; UNITS];
        let mut first = 0;
        while first < count {
            let used = BLOCK.min(count - first);
            for (slot, mu) in rows.iter_mut().zip(first..first + used) {
                *slot = (mu * words) as u32;
            }
            let mut counts = Counts::<S>::new();
            let block = rows.get(..used).unwrap_or_default();
            counts.add(patterns, CHUNK * at, block, 0);
            counts.add_to(1, 0, &mut ones);
            first += used;
        }
        let state = state.get(CHUNK * at..).unwrap_or_default();
        subtract_own_of::<S>(&ones, count as i32, state, fields);
    }
}

/// The same for up to 512 units, given the number of patterns of `count` in which each is +1.
#[inline(always)]
fn subtract_own_of<S: Simd>(ones: &[i32; UNITS], count: i32, state: &[u64], fields: &mut [i32]) {
    let count = S::I32x8::splat(count);
    let eights = fields.chunks_mut(8).zip(ones.as_chunks::<8>().0);
    for (eighth, (fields, &ones)) in eights.enumerate() {
        let word = state.get(eighth / 8).copied().unwrap_or(0);
        // All ones where the spin is -1.
        let down = !mask::<S>((word >> (8 * (eighth % 8))) as u8);
        let ones = S::I32x8::new(ones);
        let sum = ones + ones - count;
        let own = sum * sum - count * count;
        // (x ^ 0) - 0 = x, and (x ^ -1) - -1 = -x.
        let change = (own ^ down) - down;
        for (field, change) in fields.iter_mut().zip(change.to_array()) {
            *field = field.wrapping_add(change);
        }
    }
}

/// Numbers of patterns at 512 units, below 256 and bit-sliced: place k of all numbers is one vector.
struct Counts<S: Simd>([S::U64x8; 8]);

impl<S: Simd> Counts<S> {
    #[inline(always)]
    fn new() -> Self {
        Self([S::U64x8::splat(0); 8])
    }

    /// Adds the bits, each exclusive or `invert`, of rows that begin so, from word `at` on.
    #[inline(always)]
    fn add(&mut self, patterns: &[u64], at: usize, rows: &[u32], invert: u64) {
        let invert = S::U64x8::splat(invert);
        let (eights, rest) = rows.as_chunks::<8>();
        for rows in eights {
            let mut bits = [invert; 8];
            for (bits, &row) in bits.iter_mut().zip(rows) {
                *bits ^= load::<S>(patterns, row as usize + at);
            }
            self.add_eight(&bits);
        }
        if !rest.is_empty() {
            let mut bits = [S::U64x8::splat(0); 8];
            for (bits, &row) in bits.iter_mut().zip(rest) {
                *bits = load::<S>(patterns, row as usize + at) ^ invert;
            }
            self.add_eight(&bits);
        }
    }

    #[inline(always)]
    fn add_eight(&mut self, bits: &[S::U64x8; 8]) {
        let [ones, twos, fours, high @ ..] = &mut self.0;
        let (sum, a) = full_add::<S>(*ones, bits[0], bits[1]);
        let (sum, b) = full_add::<S>(sum, bits[2], bits[3]);
        let (sum_of_twos, first) = full_add::<S>(*twos, a, b);
        let (sum, a) = full_add::<S>(sum, bits[4], bits[5]);
        let (sum, b) = full_add::<S>(sum, bits[6], bits[7]);
        *ones = sum;
        let (sum, second) = full_add::<S>(sum_of_twos, a, b);
        *twos = sum;
        let (sum, mut carry) = full_add::<S>(*fours, first, second);
        *fours = sum;
        for place in high {
            let sum = *place ^ carry;
            carry &= *place;
            *place = sum;
        }
    }

    /// Adds `factor` times the number of each unit, less `less`, to its field.
    #[inline(always)]
    fn add_to(&self, factor: i32, less: i32, fields: &mut [i32]) {
        let bytes = self.to_bytes();
        let (factor, less) = (S::I32x16::splat(factor), S::I32x16::splat(less));
        let (words, rest) = fields.as_chunks_mut::<WORD>();
        for (word, fields) in words.iter_mut().enumerate() {
            for (quarter, fields) in fields.as_chunks_mut::<16>().0.iter_mut().enumerate() {
                let change = numbers::<S>(&bytes, word, quarter) * factor - less;
                *fields = (S::I32x16::new(*fields) + change).to_array();
            }
        }
        for (quarter, fields) in rest.chunks_mut(16).enumerate() {
            let change = numbers::<S>(&bytes, words.len(), quarter) * factor - less;
            for (field, change) in fields.iter_mut().zip(change.to_array()) {
                *field = field.wrapping_add(change);
            }
        }
    }

    /// The numbers of units 8 b to 8 b + 7 of word w as the bytes of word w of vector b, the first the lowest.
    #[inline(always)]
    fn to_bytes(&self) -> [[u64; CHUNK]; 8] {
        let mut v = self.0;
        // Bits of bytes: bit i of a byte of vector j becomes bit j of that byte of vector i.
        swap::<S, 1, 1>(&mut v, 0x5555_5555_5555_5555);
        swap::<S, 2, 2>(&mut v, 0x3333_3333_3333_3333);
        swap::<S, 4, 4>(&mut v, 0x0f0f_0f0f_0f0f_0f0f);
        // Bytes of words likewise.
        swap::<S, 1, 8>(&mut v, 0x00ff_00ff_00ff_00ff);
        swap::<S, 2, 16>(&mut v, 0x0000_ffff_0000_ffff);
        swap::<S, 4, 32>(&mut v, 0x0000_0000_ffff_ffff);
        let mut bytes = [[0; CHUNK]; 8];
        for (bytes, v) in bytes.iter_mut().zip(v) {
            *bytes = v.to_array();
        }
        bytes
    }
}

/// Swaps the upper parts of `SHIFT` bits of each vector, in words whose lower parts are `mask`, with the lower parts of
/// the vector `DISTANCE` behind it.
#[inline(always)]
fn swap<S: Simd, const DISTANCE: usize, const SHIFT: u32>(v: &mut [S::U64x8; 8], mask: u64) {
    let mask = S::U64x8::splat(mask);
    for at in 0..8 {
        if at & DISTANCE == 0 {
            let (a, b) = (v[at], v[(at + DISTANCE) % 8]);
            let swapped = (a.shr(SHIFT) ^ b) & mask;
            v[at] = a ^ swapped.shl(SHIFT);
            v[(at + DISTANCE) % 8] = b ^ swapped;
        }
    }
}

/// Numbers of the `quarter`th 16 units of a word.
#[inline(always)]
fn numbers<S: Simd>(bytes: &[[u64; CHUNK]; 8], word: usize, quarter: usize) -> S::I32x16 {
    let (low, high) = (&bytes[2 * quarter % 8], &bytes[(2 * quarter + 1) % 8]);
    let pair = [low[word % CHUNK], high[word % CHUNK]];
    S::widen_u8(&bytemuck::cast(pair))
}

/// The sum and the carry of three bits: two ternary logic operations where there are such.
#[inline(always)]
fn full_add<S: Simd>(a: S::U64x8, b: S::U64x8, c: S::U64x8) -> (S::U64x8, S::U64x8) {
    let odd = a ^ b;
    (odd ^ c, (a & b) | (odd & c))
}

/// Eight words from `start` on. Those past the end of a row are of the next, and of no use; zeros past the last.
#[inline(always)]
fn load<S: Simd>(patterns: &[u64], start: usize) -> S::U64x8 {
    let words = patterns.get(start..start + CHUNK);
    match words.and_then(|words| words.first_chunk::<CHUNK>()) {
        Some(chunk) => S::U64x8::new(*chunk),
        None => S::U64x8::new(load_tail(patterns, start)),
    }
}

#[cold]
fn load_tail(patterns: &[u64], start: usize) -> [u64; CHUNK] {
    let rest = patterns.get(start..).unwrap_or_default();
    let mut chunk = [0; CHUNK];
    for (to, from) in chunk.iter_mut().zip(rest) {
        *to = *from;
    }
    chunk
}

/// All ones in the lanes whose bit is set.
#[inline(always)]
fn mask<S: Simd>(byte: u8) -> S::I32x8 {
    let bits = S::I32x8::new([1, 2, 4, 8, 16, 32, 64, 128]);
    (S::I32x8::splat(i32::from(byte)) & bits).simd_eq(bits)
}
