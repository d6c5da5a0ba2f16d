//! Eight words at a time.

use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Shifts, Simd};

/// Words of a vector.
const WORDS: usize = 8;

/// The bits that have a 0 in the place of their number's bit `log2(by)`.
const fn lower(by: u32) -> u64 {
    u64::MAX / ((1 << by) + 1)
}

/// All bits of the words whose number has a 0 in the place of bit `log2(by)`.
const fn first(by: usize) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    let mut i = 0;
    while i < WORDS {
        if i & by == 0 {
            words[i] = u64::MAX;
        }
        i += 1;
    }
    words
}

/// Exchanges bits between words `BY` apart within a vector.
#[inline(always)]
fn swap_within<S: Simd, const BY: usize>(x: S::U64x8) -> S::U64x8 {
    let other = S::exchange::<BY>(x);
    let first = S::U64x8::new(const { first(BY) });
    let kept = S::U64x8::splat(lower(BY as u32)) ^ !first;
    let moved = (other.shl(BY as u32) & first) | (other.shr(BY as u32) & !first);
    (x & kept) | (moved & !kept)
}

/// Exchanges bits `by` apart between the words of two vectors.
#[inline(always)]
fn swap<S: Simd>(low: S::U64x8, high: S::U64x8, by: u32) -> (S::U64x8, S::U64x8) {
    let swapped = (low.shr(by) ^ high) & S::U64x8::splat(lower(by));
    (low ^ swapped.shl(by), high ^ swapped)
}

/// See [`scalar::transpose`](super::scalar::transpose).
#[inline(always)]
pub(crate) fn transpose<S: Simd>(_: S, block: &mut [u64; WORD]) {
    let (vectors, _) = block.as_chunks_mut::<WORDS>();
    let mut x = [S::U64x8::splat(0); WORD / WORDS];
    for (x, vector) in x.iter_mut().zip(&*vectors) {
        let fours = swap_within::<S, 4>(S::U64x8::new(*vector));
        *x = swap_within::<S, 1>(swap_within::<S, 2>(fours));
    }
    for i in [0, 1, 2, 3] {
        (x[i], x[i + 4]) = swap::<S>(x[i], x[i + 4], 32);
    }
    for i in [0, 1, 4, 5] {
        (x[i], x[i + 2]) = swap::<S>(x[i], x[i + 2], 16);
    }
    for i in [0, 2, 4, 6] {
        (x[i], x[i + 1]) = swap::<S>(x[i], x[i + 1], 8);
    }
    for (vector, x) in vectors.iter_mut().zip(x) {
        *vector = x.to_array();
    }
}
