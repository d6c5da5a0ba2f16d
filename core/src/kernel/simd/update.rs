//! Evidence tables, and the update of a row of weights.

use bytemuck::cast;
use wide::{f32x16, i16x16, i16x32, i32x16, u16x16, u32x16};

use crate::fixed::{FIELD_LIMIT, ROUNDER};
use crate::kernel::{LANES, Step, capacity};

/// See [`scalar::tabulate`](crate::kernel::scalar::tabulate).
pub fn tabulate(chain: &[i16], stride: usize, first: usize, sample: usize, table: &mut [i16]) {
    let capacity = capacity(table, stride);
    let (stride, first) = (stride / LANES, first / LANES);
    let ((chain, _), (table, _)) = (chain.as_chunks::<LANES>(), table.as_chunks_mut::<LANES>());
    for (at, q) in chain.iter().enumerate() {
        let q = i16x32::new(*q);
        let entry = |row: usize| row * stride + first + at;
        let p = table
            .get(entry(capacity + sample))
            .map_or(i16x32::splat(0), |p| i16x32::new(*p));
        for (row, value) in [
            (sample, p - q),
            (2 * capacity + sample, i16x32::splat(0) - q),
        ] {
            if let Some(slot) = table.get_mut(entry(row)) {
                *slot = value.to_array();
            }
        }
    }
}

/// See [`scalar::widen`](crate::kernel::scalar::widen).
pub fn widen(sums: &[i16], wide: &mut [f32]) {
    for (wide, sum) in wide.iter_mut().zip(sums) {
        *wide += f32::from(*sum);
    }
}

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

/// See [`scalar::update`](crate::kernel::scalar::update).
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

/// See [`scalar::update_wide`](crate::kernel::scalar::update_wide).
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
