//! Eight words at a time.

use wide::u64x8;

use crate::bits::WORD;

/// Words of a vector.
const WORDS: usize = 8;

/// The bits that have a 0 in the place of their number's bit `log2(by)`.
const fn lower(by: u32) -> u64 {
    u64::MAX / ((1 << by) + 1)
}

/// Exchanges bits between words `BY` apart within a vector.
#[inline(always)]
fn swap_within<const BY: usize>(x: u64x8) -> u64x8 {
    let words = x.to_array();
    let other = u64x8::new(core::array::from_fn(|i| words[i ^ BY]));
    let first = u64x8::new(core::array::from_fn(|i| match i & BY {
        0 => u64::MAX,
        _ => 0,
    }));
    let kept = u64x8::splat(lower(BY as u32)) ^ !first;
    let moved = ((other << BY as u32) & first) | ((other >> BY as u32) & !first);
    (x & kept) | (moved & !kept)
}

/// Exchanges bits `by` apart between the words of two vectors.
#[inline(always)]
fn swap(low: u64x8, high: u64x8, by: u32) -> (u64x8, u64x8) {
    let swapped = ((low >> by) ^ high) & u64x8::splat(lower(by));
    (low ^ (swapped << by), high ^ swapped)
}

/// See [`scalar::transpose`](super::scalar::transpose).
pub fn transpose(block: &mut [u64; WORD]) {
    let (vectors, _) = block.as_chunks_mut::<WORDS>();
    let mut x = [u64x8::splat(0); WORD / WORDS];
    for (x, vector) in x.iter_mut().zip(&*vectors) {
        *x = swap_within::<1>(swap_within::<2>(swap_within::<4>(u64x8::new(*vector))));
    }
    for i in [0, 1, 2, 3] {
        (x[i], x[i + 4]) = swap(x[i], x[i + 4], 32);
    }
    for i in [0, 1, 4, 5] {
        (x[i], x[i + 2]) = swap(x[i], x[i + 2], 16);
    }
    for i in [0, 2, 4, 6] {
        (x[i], x[i + 1]) = swap(x[i], x[i + 1], 8);
    }
    for (vector, x) in vectors.iter_mut().zip(x) {
        *vector = x.to_array();
    }
}
