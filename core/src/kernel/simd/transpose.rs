//! Rows to columns, in squares of registers.

use bytemuck::cast;
use wide::{i16x16, u32x8};

use crate::kernel::LANES;

/// Transposes a square of 16 x 16 numbers: pairs of rows are zipped into 32-bit lanes, which are then transposed.
#[inline(always)]
fn transpose_square(rows: [i16x16; 16]) -> [i16x16; 16] {
    let low = u32x8::splat(0xffff);
    let (mut even, mut odd) = ([low; 8], [low; 8]);
    for (k, pair) in rows.chunks_exact(2).enumerate() {
        let (a, b): (u32x8, u32x8) = (cast(pair[0]), cast(pair[1]));
        even[k] = (a & low) | (b << 16_u32);
        odd[k] = (a >> 16_u32) | (b & !low);
    }
    let (even, odd) = (u32x8::transpose(even), u32x8::transpose(odd));
    core::array::from_fn(|column| {
        cast(if column % 2 == 0 {
            even[column / 2]
        } else {
            odd[column / 2]
        })
    })
}

/// See [`scalar::transpose_rows`](crate::kernel::scalar::transpose_rows). Where there are 32 rows, every column gets a whole
/// cache line.
pub fn transpose_rows(
    rows: &[i16],
    stride: usize,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let stride = stride.max(1);
    let mut first = column;
    let mut blocks = rows.chunks_exact(LANES * stride);
    for block in &mut blocks {
        transpose_block::<2>(block, stride, columns, column_stride, first);
        first += LANES;
    }
    let mut halves = blocks.remainder().chunks_exact(16 * stride);
    for block in &mut halves {
        transpose_block::<1>(block, stride, columns, column_stride, first);
        first += 16;
    }
    crate::kernel::scalar::transpose_rows(
        halves.remainder(),
        stride,
        columns,
        column_stride,
        first,
    );
}

/// Transposes `16 H` rows, a square after the other, so that no more of them is alive than registers hold.
#[inline(always)]
fn transpose_block<const H: usize>(
    block: &[i16],
    stride: usize,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let column_stride = column_stride.max(1);
    let targets = columns.chunks_mut(16 * column_stride);
    for (j, targets) in (0..stride).step_by(16).zip(targets) {
        for half in 0..H {
            let square = transpose_square(core::array::from_fn(|i| {
                let row = block
                    .get((16 * half + i) * stride + j..)
                    .and_then(|row| row.first_chunk::<16>());
                i16x16::new(row.copied().unwrap_or([0; 16]))
            }));
            let mut at = column + 16 * half;
            for part in square {
                let target = targets
                    .get_mut(at..at + 16)
                    .and_then(|target| target.first_chunk_mut::<16>());
                if let Some(target) = target
                    && column + 16 * H <= column_stride
                {
                    *target = part.to_array();
                }
                at += column_stride;
            }
        }
    }
}
