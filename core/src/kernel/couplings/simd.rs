//! The kernel on vectors of 64 bytes.

use super::Flips;
use crate::bits::WORD;
use crate::kernel::vector::{Lanes, Simd};

/// See [`scalar::add_rows_of_bytes`](super::scalar::add_rows_of_bytes). In bytes as many rows as cannot leave their range, in 16 bits all of the 64.
#[inline(always)]
pub(crate) fn add_rows_of_bytes<S: Simd, const V: usize>(
    _: S,
    flips: &Flips<'_, i8>,
    tiles: &mut [[i32; WORD]; V],
) {
    let rows_a_byte = i32::from(i8::MAX) / flips.magnitude.max(1);
    if rows_a_byte >= WORD as i32 {
        let mut bytes = [S::I8x64::splat(0); V];
        add_set::<S, V>(flips, flips.plus, &mut bytes);
        for bytes in &mut bytes {
            *bytes = S::I8x64::splat(0) - *bytes;
        }
        add_set::<S, V>(flips, flips.minus, &mut bytes);
        for (tile, bytes) in tiles.iter_mut().zip(bytes) {
            for (field, sum) in tile.iter_mut().zip(bytes.to_array()) {
                *field -= 2 * i32::from(sum);
            }
        }
        return;
    }
    let mut sums = [[S::I16x32::splat(0); 2]; V];
    for (mut set, off) in [(flips.plus, false), (flips.minus, true)] {
        while set != 0 {
            let mut some = 0;
            for _ in 0..rows_a_byte {
                some |= set & set.wrapping_neg();
                set &= set.wrapping_sub(1);
            }
            let mut bytes = [S::I8x64::splat(0); V];
            add_set::<S, V>(flips, some, &mut bytes);
            for (sums, bytes) in sums.iter_mut().zip(bytes) {
                for (sum, half) in sums.iter_mut().zip(S::widen_i8(bytes)) {
                    if off { *sum -= half } else { *sum += half }
                }
            }
        }
    }
    for (tile, sums) in tiles.iter_mut().zip(sums) {
        for (half, sums) in tile.chunks_exact_mut(WORD / 2).zip(sums) {
            for (field, sum) in half.iter_mut().zip(sums.to_array()) {
                *field += 2 * i32::from(sum);
            }
        }
    }
}

/// Adds the rows of a set of spins to tiles of bytes.
#[inline(always)]
fn add_set<S: Simd, const V: usize>(
    flips: &Flips<'_, i8>,
    mut set: u64,
    bytes: &mut [S::I8x64; V],
) {
    while set != 0 {
        if let Some(row) = flips.tiles::<V>(set) {
            for (bytes, row) in bytes.iter_mut().zip(row) {
                *bytes += S::I8x64::new(*row);
            }
        }
        set &= set - 1;
    }
}
