//! The kernels in plain loops.

use core::ops::Range;

use crate::fixed::quantise;
use crate::kernel::Step;

/// Changes a row of weights by its gradient and writes its quantised copy. All slices have one padded length.
///
/// `norms` hold sums of magnitudes of quantised weights, of this row's among others, as the bits of `u16`: they change as
/// this row's magnitudes do, held to 65,535. A norm that was held stays above 32,767 until all its rows are quantised anew
/// from zero, if the magnitudes before this update sum to less than 32,768. Returns the sum of this row's magnitudes, held
/// to 32,767. `velocity` is empty where there is no momentum.
pub fn update(
    step: &Step,
    sums: &[i16],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    update_by(
        step,
        sums.iter().map(|&sum| f32::from(sum)),
        velocity,
        weights,
        quantised,
        norms,
    )
}

/// [`update`] by sums from [`widen_scaled`](crate::kernel::widen_scaled).
pub fn update_wide(
    step: &Step,
    sums: &[f32],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    update_by(
        step,
        sums.iter().copied(),
        velocity,
        weights,
        quantised,
        norms,
    )
}

fn update_by(
    step: &Step,
    sums: impl Iterator<Item = f32>,
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let mut norm = 0_i16;
    let targets = weights.iter_mut().zip(quantised).zip(norms);
    for (at, (sum, ((weight, quantised), column))) in sums.zip(targets).enumerate() {
        let mut change = sum * step.rate;
        if let Some(velocity) = velocity.get_mut(at) {
            change += *velocity * step.momentum;
            *velocity = change;
        }
        *weight = *weight * step.keep + change;
        let before = quantised.unsigned_abs();
        *quantised = quantise(*weight, step.scale);
        let after = quantised.unsigned_abs();
        *column = (*column as u16)
            .saturating_sub(before)
            .saturating_add(after) as i16;
        norm = norm.saturating_add(quantised.abs());
    }
    norm
}

/// Writes a part of rows as columns: element `j` of row `i` of `rows` (each `stride` long), for `j` in `part`, goes to
/// element `column + i` of row `j` of `columns` (each `column_stride` long). The part begins at a multiple of 16.
pub fn transpose_rows(
    rows: &[i16],
    stride: usize,
    part: Range<usize>,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    for (i, row) in rows.chunks_exact(stride.max(1)).enumerate() {
        let weights = row.iter().take(part.end).skip(part.start);
        let columns = columns.chunks_exact_mut(column_stride.max(1));
        for (weight, target) in weights.zip(columns.skip(part.start)) {
            if let Some(target) = target.get_mut(column + i) {
                *target = *weight;
            }
        }
    }
}
