//! The update of a row of weights, and rows to columns in squares of registers.

use bytemuck::cast;
use wide::{f32x16, i16x16, i32x16, u16x16, u32x8, u32x16};

use crate::fixed::{FIELD_LIMIT, ROUNDER};
use crate::kernel::{LANES, Step};

/// Sixteen 32-bit lanes to 16 bits, the upper halves dropped.
#[inline(always)]
fn low_halves(x: u32x16) -> [i16; 16] {
    x.to_array().map(|x| x as i16)
}

/// Updates sixteen weights by sixteen integer sums; returns their quantised form.
#[inline(always)]
fn update_lanes(
    step: &Step,
    sums: f32x16,
    velocity: Option<&mut [f32; 16]>,
    weights: &mut [f32; 16],
) -> [i16; 16] {
    let limit = f32x16::splat(FIELD_LIMIT as f32);
    let mut change = sums * f32x16::splat(step.rate);
    if let Some(velocity) = velocity {
        change += f32x16::new(*velocity) * f32x16::splat(step.momentum);
        *velocity = change.to_array();
    }
    let weight = f32x16::new(*weights) * f32x16::splat(step.keep) + change;
    *weights = weight.to_array();
    let scaled = weight * f32x16::splat(step.scale);
    // What is not a number becomes the limit, as in `fixed::quantise`: `min` returns its argument then.
    let held = scaled.min(limit).max(-limit);
    low_halves(cast(held + f32x16::splat(ROUNDER)))
}

/// Runs [`update_lanes`] over a row; `sums(at)` gives the sums of lanes `16 at ..`.
#[inline(always)]
fn update_row(
    step: &Step,
    sums: impl Fn(usize) -> f32x16,
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let mut norm = i16x16::splat(0);
    let (velocity, _) = velocity.as_chunks_mut::<16>();
    let ((weights, _), (quantised, _)) = (
        weights.as_chunks_mut::<16>(),
        quantised.as_chunks_mut::<16>(),
    );
    let (norms, _) = norms.as_chunks_mut::<16>();
    for (at, ((weights, quantised), norms)) in
        weights.iter_mut().zip(quantised).zip(norms).enumerate()
    {
        let before: u16x16 = cast(i16x16::new(*quantised).abs());
        *quantised = update_lanes(step, sums(at), velocity.get_mut(at), weights);
        let magnitude = i16x16::new(*quantised).abs();
        let rest = cast::<_, u16x16>(*norms).saturating_sub(before);
        *norms = cast(rest.saturating_add(cast(magnitude)));
        norm = norm.saturating_add(magnitude);
    }
    held_sum(norm)
}

/// See [`scalar::update`](super::scalar::update).
pub fn update(
    step: &Step,
    sums: &[i16],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    let load = |at: usize| {
        let sums = i16x16::new(sums.get(at).copied().unwrap_or([0; 16]));
        f32x16::from_i32x16(i32x16::from_i16x16(sums))
    };
    update_row(step, load, velocity, weights, quantised, norms)
}

/// See [`scalar::update_wide`](super::scalar::update_wide).
pub fn update_wide(
    step: &Step,
    sums: &[f32],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    let load = |at: usize| f32x16::new(sums.get(at).copied().unwrap_or([0.0; 16]));
    update_row(step, load, velocity, weights, quantised, norms)
}

/// The sum of the lanes, held to 32,767.
#[inline(always)]
fn held_sum(norm: i16x16) -> i16 {
    let sum: i32 = norm.to_array().iter().map(|&norm| i32::from(norm)).sum();
    sum.min(i32::from(i16::MAX)) as i16
}

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

/// See [`scalar::transpose_rows`](super::scalar::transpose_rows). Where there are 32 rows, every column gets a whole
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
    super::scalar::transpose_rows(halves.remainder(), stride, columns, column_stride, first);
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
