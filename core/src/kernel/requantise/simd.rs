//! The update of a row of weights, and rows to columns in squares of registers.

use core::ops::Range;

use bytemuck::cast;

use crate::fixed::{FIELD_LIMIT, ROUNDER};
use crate::kernel::vector::{Floats, Lanes, Magnitude, Saturating, Simd};
use crate::kernel::{LANES, Step};

/// Updates sixteen weights by sixteen integer sums; returns their quantised form.
#[inline(always)]
fn update_lanes<S: Simd>(
    step: &Step,
    sums: S::F32x16,
    velocity: Option<&mut [f32; 16]>,
    weights: &mut [f32; 16],
) -> S::I16x16 {
    let limit = S::F32x16::splat(FIELD_LIMIT as f32);
    let mut change = sums * S::F32x16::splat(step.rate);
    if let Some(velocity) = velocity {
        change += S::F32x16::new(*velocity) * S::F32x16::splat(step.momentum);
        *velocity = change.to_array();
    }
    let weight = S::F32x16::new(*weights) * S::F32x16::splat(step.keep) + change;
    *weights = weight.to_array();
    let scaled = weight * S::F32x16::splat(step.scale);
    // What is not a number becomes the limit, as in `fixed::quantise`: `min` returns its argument then.
    let held = scaled.min(limit).max(-limit);
    S::truncate(cast(held + S::F32x16::splat(ROUNDER)))
}

/// Runs [`update_lanes`] over a row; `sums(at)` gives the sums of lanes `16 at ..`.
#[inline(always)]
fn update_row<S: Simd>(
    step: &Step,
    sums: impl Fn(usize) -> S::F32x16,
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let mut norm = S::I16x16::splat(0);
    let (velocity, _) = velocity.as_chunks_mut::<16>();
    let ((weights, _), (quantised, _)) = (
        weights.as_chunks_mut::<16>(),
        quantised.as_chunks_mut::<16>(),
    );
    let (norms, _) = norms.as_chunks_mut::<16>();
    for (at, ((weights, quantised), norms)) in
        weights.iter_mut().zip(quantised).zip(norms).enumerate()
    {
        let before: S::U16x16 = cast(S::I16x16::new(*quantised).abs());
        let after = update_lanes::<S>(step, sums(at), velocity.get_mut(at), weights);
        *quantised = after.to_array();
        let magnitude = after.abs();
        let rest = cast::<_, S::U16x16>(S::I16x16::new(*norms)).saturating_sub(before);
        *norms = cast::<_, S::I16x16>(rest.saturating_add(cast(magnitude))).to_array();
        norm = norm.saturating_add(magnitude);
    }
    held_sum::<S>(norm)
}

/// See [`scalar::update`](super::scalar::update).
#[inline(always)]
pub(crate) fn update<S: Simd>(
    _: S,
    step: &Step,
    sums: &[i16],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    update_row::<S>(
        step,
        #[inline(always)]
        |at| {
            let sums = S::I16x16::new(sums.get(at).copied().unwrap_or([0; 16]));
            S::to_float(S::widen(sums))
        },
        velocity,
        weights,
        quantised,
        norms,
    )
}

/// See [`scalar::update_wide`](super::scalar::update_wide).
#[inline(always)]
pub(crate) fn update_wide<S: Simd>(
    _: S,
    step: &Step,
    sums: &[f32],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    update_row::<S>(
        step,
        #[inline(always)]
        |at| S::F32x16::new(sums.get(at).copied().unwrap_or([0.0; 16])),
        velocity,
        weights,
        quantised,
        norms,
    )
}

/// The sum of the lanes, held to 32,767.
#[inline(always)]
fn held_sum<S: Simd>(norm: S::I16x16) -> i16 {
    let sum: i32 = norm.to_array().iter().map(|&norm| i32::from(norm)).sum();
    sum.min(i32::from(i16::MAX)) as i16
}

/// See [`scalar::transpose_rows`](super::scalar::transpose_rows). Where there are 32 rows, every column gets a whole
/// cache line.
#[inline(always)]
pub(crate) fn transpose_rows<S: Simd>(
    _: S,
    rows: &[i16],
    stride: usize,
    part: Range<usize>,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let stride = stride.max(1);
    let mut first = column;
    let mut blocks = rows.chunks_exact(LANES * stride);
    for block in &mut blocks {
        transpose_block::<S, 2>(block, stride, part.clone(), columns, column_stride, first);
        first += LANES;
    }
    let mut halves = blocks.remainder().chunks_exact(16 * stride);
    for block in &mut halves {
        transpose_block::<S, 1>(block, stride, part.clone(), columns, column_stride, first);
        first += 16;
    }
    super::scalar::transpose_rows(
        halves.remainder(),
        stride,
        part,
        columns,
        column_stride,
        first,
    );
}

/// Transposes `16 H` rows, a square after the other, so that no more of them is alive than registers hold.
#[inline(always)]
fn transpose_block<S: Simd, const H: usize>(
    block: &[i16],
    stride: usize,
    part: Range<usize>,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let column_stride = column_stride.max(1);
    let targets = columns.chunks_mut(16 * column_stride);
    let targets = targets.skip(part.start / 16);
    for (j, targets) in part.step_by(16).zip(targets) {
        for half in 0..H {
            let mut square = [S::I16x16::splat(0); 16];
            for (i, row) in square.iter_mut().enumerate() {
                let lanes = block
                    .get((16 * half + i) * stride + j..)
                    .and_then(|row| row.first_chunk::<16>());
                *row = S::I16x16::new(lanes.copied().unwrap_or([0; 16]));
            }
            let square = S::transpose(square);
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
