//! The kernel on vectors of 64 bytes.

use wide::{i8x64, i16x32};

use super::Flips;
use crate::bits::WORD;

/// See [`scalar::add_rows_of_bytes`](super::scalar::add_rows_of_bytes). In bytes as many rows as cannot leave their range, in 16 bits all of the 64.
#[inline]
pub fn add_rows_of_bytes<const V: usize>(flips: &Flips<'_, i8>, tiles: &mut [[i32; WORD]; V]) {
    let rows_a_byte = i32::from(i8::MAX) / flips.magnitude.max(1);
    if rows_a_byte >= WORD as i32 {
        let mut bytes = [i8x64::ZERO; V];
        add_set(flips, flips.plus, &mut bytes);
        bytes = bytes.map(|bytes| -bytes);
        add_set(flips, flips.minus, &mut bytes);
        for (tile, bytes) in tiles.iter_mut().zip(bytes) {
            for (field, sum) in tile.iter_mut().zip(bytes.to_array()) {
                *field -= 2 * i32::from(sum);
            }
        }
        return;
    }
    let mut sums = [[i16x32::ZERO; 2]; V];
    for (mut set, off) in [(flips.plus, false), (flips.minus, true)] {
        while set != 0 {
            let mut some = 0;
            for _ in 0..rows_a_byte {
                some |= set & set.wrapping_neg();
                set &= set.wrapping_sub(1);
            }
            let mut bytes = [i8x64::ZERO; V];
            add_set(flips, some, &mut bytes);
            for (sums, bytes) in sums.iter_mut().zip(bytes) {
                let bytes = bytes.to_array();
                for (sum, half) in sums.iter_mut().zip(bytes.as_chunks::<{ WORD / 2 }>().0) {
                    let half = i16x32::new(half.map(i16::from));
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
fn add_set<const V: usize>(flips: &Flips<'_, i8>, mut set: u64, bytes: &mut [i8x64; V]) {
    while set != 0 {
        if let Some(row) = flips.tiles::<V>(set) {
            (0..V).for_each(|v| bytes[v] += i8x64::new(row[v]));
        }
        set &= set - 1;
    }
}
