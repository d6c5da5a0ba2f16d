//! The kernels on vectors, equal to [`scalar`](super::scalar) to the bit.

use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Ordered, Signs, Simd};

/// Numbers of a vector.
const LANES: usize = 8;

/// See [`scalar::first_unstable`](super::scalar::first_unstable).
#[must_use]
#[inline(always)]
pub(crate) fn first_unstable<S: Simd>(
    _: S,
    fields: &[i32],
    state: &[u64],
    from: usize,
) -> Option<usize> {
    let start = from / WORD;
    let mut skipped = u64::MAX << (from % WORD);
    let rest = fields.get(start * WORD..).unwrap_or_default();
    for (at, fields) in rest.chunks(WORD).enumerate() {
        let spins = state.get(start + at).copied().unwrap_or(0);
        let (above, below) = signs::<S>(whole(fields, &mut [0; WORD]));
        let unstable = ((spins & below) | (!spins & above)) & skipped;
        if unstable != 0 {
            return Some((start + at) * WORD + unstable.trailing_zeros() as usize);
        }
        skipped = u64::MAX;
    }
    None
}

/// See [`scalar::largest_gain`](super::scalar::largest_gain).
#[must_use]
#[inline(always)]
pub(crate) fn largest_gain<S: Simd>(_: S, fields: &[i32], state: &[u64]) -> Option<usize> {
    let mut most = S::I32x8::splat(0);
    for (at, fields) in fields.chunks(WORD).enumerate() {
        let spins = state.get(at).copied().unwrap_or(0);
        let mut copy = [0; WORD];
        let fields = whole(fields, &mut copy).as_chunks::<LANES>().0;
        for (eighth, fields) in fields.iter().enumerate() {
            most = most.max(gains::<S>(fields, spins, eighth));
        }
    }
    let mut largest = 0;
    for gain in most.to_array() {
        largest = largest.max(gain);
    }
    if largest == 0 {
        return None;
    }
    let largest = S::I32x8::splat(largest);
    for (at, fields) in fields.chunks(WORD).enumerate() {
        let spins = state.get(at).copied().unwrap_or(0);
        let mut copy = [0; WORD];
        let fields = whole(fields, &mut copy).as_chunks::<LANES>().0;
        let mut equal = 0;
        for (eighth, fields) in fields.iter().enumerate() {
            let gains = gains::<S>(fields, spins, eighth);
            equal |= u64::from(gains.simd_eq(largest).to_bitmask()) << (LANES * eighth);
        }
        if equal != 0 {
            return Some(at * WORD + equal.trailing_zeros() as usize);
        }
    }
    None
}

/// See [`scalar::turn_towards`](super::scalar::turn_towards).
#[inline(always)]
pub(crate) fn turn_towards<S: Simd>(_: S, fields: &[i32], state: &[u64], next: &mut [u64]) {
    for ((fields, &own), next) in fields.chunks(WORD).zip(state).zip(next) {
        let (above, below) = signs::<S>(whole(fields, &mut [0; WORD]));
        let inside = u64::MAX >> (WORD - fields.len());
        *next = (above | (own & !below)) & inside;
    }
}

/// Which of 64 numbers are above and which below zero.
#[inline(always)]
fn signs<S: Simd>(fields: &[i32; WORD]) -> (u64, u64) {
    let (mut above, mut below) = (0, 0);
    for (eighth, fields) in fields.as_chunks::<LANES>().0.iter().enumerate() {
        let fields = S::I32x8::new(*fields);
        let positive = S::I32x8::splat(0).simd_lt(fields).to_bitmask();
        above |= u64::from(positive) << (LANES * eighth);
        // The mask takes the sign bits.
        below |= u64::from(fields.to_bitmask()) << (LANES * eighth);
    }
    (above, below)
}

/// - s_i f_i of eight units, the `eighth`th of a word.
#[inline(always)]
fn gains<S: Simd>(fields: &[i32; LANES], spins: u64, eighth: usize) -> S::I32x8 {
    let bits = S::I32x8::new([1, 2, 4, 8, 16, 32, 64, 128]);
    let byte = S::I32x8::splat((spins >> (LANES * eighth) & 0xff) as i32);
    let up = (byte & bits).simd_eq(bits);
    // (f ^ -1) - -1 where the spin is +1.
    (S::I32x8::new(*fields) ^ up) - up
}

/// The fields of a word of units, or where there are fewer a copy with zeros behind.
#[inline(always)]
fn whole<'a>(fields: &'a [i32], copy: &'a mut [i32; WORD]) -> &'a [i32; WORD] {
    match fields.first_chunk::<WORD>() {
        Some(fields) => fields,
        None => {
            for (to, from) in copy.iter_mut().zip(fields) {
                *to = *from;
            }
            copy
        }
    }
}
