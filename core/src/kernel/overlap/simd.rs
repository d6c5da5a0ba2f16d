//! The kernels on vectors of 512 bits, equal to [`scalar`](super::scalar) to the bit.

use super::digits::{Digits, Lists, PLACES};
use super::sliced::{CHUNK, Columns, Sums, load};
use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Ordered, Simd};

/// Digits that one list holds: as few as most fields need, or as many as there are.
const SHORT: usize = 512;
const LONG: usize = 8192;

/// The overlaps sum_i xi_i s_i, in `-units..=units`, of every pattern with `state`.
#[inline(always)]
pub(crate) fn overlaps<S: Simd>(
    _: S,
    patterns: &[u64],
    units: usize,
    state: &[u64],
    overlaps: &mut [i32],
) {
    let (whole, rest) = state.as_chunks::<CHUNK>();
    let patterns = patterns.chunks_exact(state.len().max(1));
    for (pattern, overlap) in patterns.zip(overlaps.iter_mut()) {
        let (chunks, words) = pattern.as_chunks::<CHUNK>();
        let mut differing = S::differing(chunks, whole);
        for (a, b) in words.iter().zip(rest) {
            differing += (a ^ b).count_ones();
        }
        *overlap = units as i32 - 2 * differing as i32;
    }
}

/// Adds sum_mu c_mu xi_mu,i to the field of every unit i, where c_mu is `coefficient(mu)`. The true fields fit an `i32`.
#[inline(always)]
pub(crate) fn add_fields<S: Simd>(
    simd: S,
    patterns: &[u64],
    words: usize,
    coefficient: impl Fn(usize) -> i32,
    fields: &mut [i32],
) {
    let wide = |mu: usize| i64::from(coefficient(mu));
    let mut done = 0;
    each_chunk(
        simd,
        patterns,
        words,
        wide,
        #[inline(always)]
        |at, sums| {
            // The last chunk begins within the one before, so that all are whole.
            for word in done.max(at)..(at + CHUNK).min(words) {
                let rest = fields.get_mut(word * WORD..).unwrap_or_default();
                let end = rest.len().min(WORD);
                add_numbers(sums, word - at, &mut rest[..end]);
            }
            done = at + CHUNK;
        },
    );
}

/// Adds 2 T_i - weight to the fields of one word of units, T_i being their sums.
#[inline(always)]
fn add_numbers<S: Simd>(sums: &Sums<S>, word: usize, fields: &mut [i32]) {
    let mut column = [0_u64; WORD];
    let places = sums.len();
    for (place, slot) in column.iter_mut().enumerate().take(places) {
        *slot = sums.place(place).to_array()[word & (CHUNK - 1)];
    }
    let weight = sums.weight as u32;
    for (quarter, fields) in fields.chunks_mut(16).enumerate() {
        let mut numbers = [0_u32; 16];
        for bits in column.iter().take(places).rev() {
            let bits = (bits >> (16 * quarter)) as u32;
            for (lane, number) in numbers.iter_mut().enumerate() {
                *number = *number << 1 | (bits >> lane & 1);
            }
        }
        for (field, number) in fields.iter_mut().zip(numbers) {
            *field = field.wrapping_add((number << 1).wrapping_sub(weight) as i32);
        }
    }
}

/// The signs of the fields f_i = sum_mu c_mu xi_mu,i + d s_i into `next`, where c_mu is `coefficient(mu)` and d is
/// `diagonal`; a zero field keeps the spin. The sum of the magnitudes |c_mu| and |d| is below 2^62.
#[inline(always)]
pub(crate) fn signs<S: Simd>(
    simd: S,
    patterns: &[u64],
    units: usize,
    coefficient: impl Fn(usize) -> i64,
    diagonal: i64,
    state: &[u64],
    next: &mut [u64],
) {
    let words = state.len();
    let end = next.len().min(words);
    let next = next.get_mut(..end).unwrap_or_default();
    let own = Digits::of(diagonal);
    each_chunk(
        simd,
        patterns,
        words,
        coefficient,
        #[inline(always)]
        |at, sums| {
            let spins = load::<S>(state, at);
            sums.add(own, spins);
            let signs = compare(sums, spins).to_array();
            if let Some(next) = next.get_mut(at..) {
                next.iter_mut().zip(signs).for_each(|(to, from)| *to = from);
            }
        },
    );
    if let Some(last) = next.get_mut(words.wrapping_sub(1)) {
        *last &= crate::bits::tail_mask(units);
    }
}

/// Where 2 T - weight is above zero, and the spins where it is zero.
#[inline(always)]
fn compare<S: Simd>(sums: &Sums<S>, spins: S::U64x8) -> S::U64x8 {
    let half = sums.weight >> 1;
    let (mut above, mut equal) = (S::U64x8::splat(0), S::U64x8::splat(u64::MAX));
    for place in (0..sums.len()).rev() {
        let bits = sums.place(place);
        if half >> place & 1 != 0 {
            equal &= bits;
        } else {
            above |= equal & bits;
            equal &= !bits;
        }
    }
    match sums.weight % 2 {
        0 => above | (equal & spins),
        _ => above,
    }
}

/// The sums T of the digits, eight columns of words after eight: with `weight` W, 2 T_i - W = sum_mu c_mu xi_mu,i.
#[inline(always)]
fn each_chunk<S: Simd>(
    simd: S,
    patterns: &[u64],
    words: usize,
    coefficient: impl Fn(usize) -> i64,
    mut each: impl FnMut(usize, &mut Sums<S>),
) {
    let count = patterns.len() / words.max(1);
    let mut short = Lists::<SHORT>::new();
    if short.fill(0, count, words, &coefficient) == count {
        for_chunks(
            words,
            #[inline(always)]
            |at, sums| {
                let columns = Columns {
                    patterns,
                    words,
                    at,
                };
                sums.add_lists(columns, &short);
                each(at, sums);
            },
        );
    } else {
        each_chunk_of_many(simd, patterns, words, coefficient, each);
    }
}

/// The same for lists that are too long for a short one. Where they are too long for a long one, all runs of patterns
/// are listed anew for each chunk.
#[inline(always)]
fn each_chunk_of_many<S: Simd>(
    _: S,
    patterns: &[u64],
    words: usize,
    coefficient: impl Fn(usize) -> i64,
    mut each: impl FnMut(usize, &mut Sums<S>),
) {
    let count = patterns.len() / words.max(1);
    let mut lists = Lists::<LONG>::new();
    let first = lists.fill(0, count, words, &coefficient);
    for_chunks(
        words,
        #[inline(always)]
        |at, sums| {
            let columns = Columns {
                patterns,
                words,
                at,
            };
            if first == count {
                sums.add_lists(columns, &lists);
            } else {
                let mut from = 0;
                while from < count {
                    from = lists.fill(from, count, words, &coefficient);
                    sums.add_lists(columns, &lists);
                }
            }
            each(at, sums);
        },
    );
}

/// Every chunk of so many words: whole ones, the last of which overlaps the one before where it has to.
#[inline(always)]
fn for_chunks<S: Simd>(words: usize, mut each: impl FnMut(usize, &mut Sums<S>)) {
    let mut sums = Sums::<S>::new();
    let mut start = 0;
    while start < words {
        let at = start.min(words.saturating_sub(CHUNK));
        sums.clear();
        each(at, &mut sums);
        start += CHUNK;
    }
}

/// Numbers of a vector of 32 bits each.
const LANES: usize = 8;

/// See [`scalar::add_signs`](super::scalar::add_signs).
#[inline(always)]
pub(crate) fn add_signs<S: Simd>(_: S, bits: &[u64], by: i32, numbers: &mut [i32]) {
    let (whole, rest) = numbers.as_chunks_mut::<WORD>();
    let (by_lanes, twice) = (S::I32x8::splat(by), S::I32x8::splat(2 * by));
    for (numbers, &word) in whole.iter_mut().zip(bits) {
        for (at, part) in numbers.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let set = mask::<S>((word >> (LANES * at)) as u8) & twice;
            *part = (S::I32x8::new(*part) - by_lanes + set).to_array();
        }
    }
    super::scalar::add_signs(bits.get(whole.len()..).unwrap_or_default(), by, rest);
}

/// See [`scalar::sum_of_set`](super::scalar::sum_of_set). Sums of every eighth number fit an `i32`.
#[must_use]
#[inline(always)]
pub(crate) fn sum_of_set<S: Simd>(_: S, bits: &[u64], numbers: &[i32]) -> i64 {
    let (whole, rest) = numbers.as_chunks::<WORD>();
    let mut sums = [S::I32x8::splat(0); 2];
    for (numbers, &word) in whole.iter().zip(bits) {
        for (at, part) in numbers.as_chunks::<LANES>().0.iter().enumerate() {
            sums[at % 2] += mask::<S>((word >> (LANES * at)) as u8) & S::I32x8::new(*part);
        }
    }
    let sums = (sums[0] + sums[1]).to_array();
    let sum = sums.into_iter().map(i64::from).sum::<i64>();
    if rest.is_empty() {
        return sum;
    }
    sum + super::scalar::sum_of_set(bits.get(whole.len()..).unwrap_or_default(), rest)
}

/// All ones in the lanes whose bit is set.
#[inline(always)]
fn mask<S: Simd>(byte: u8) -> S::I32x8 {
    let bits = S::I32x8::new([1, 2, 4, 8, 16, 32, 64, 128]);
    (S::I32x8::splat(i32::from(byte)) & bits).simd_eq(bits)
}

const _: () = assert!(PLACES + 1 == WORD);
