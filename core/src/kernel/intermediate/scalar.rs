//! Annealing in plain loops: what microcontrollers run, and the witness for `simd`.

use super::{LARGEST, PER_HALVING, POWER_OF_2, Panel, PanelSum, SUM_LANES, Scale};
use crate::fixed::ROUNDER;

/// `target = field scaled + base`, held to an `i16`. `base` is of the target's format, and taken as zero past its end.
pub fn scale_fields(fields: &[i16], scale: Scale, base: &[i16], target: &mut [i16]) {
    let half = 1 << (scale.shift - 1);
    let base = base.iter().copied().chain(core::iter::repeat(0));
    for ((target, &field), base) in target.iter_mut().zip(fields).zip(base) {
        // 32,767 times 65,536 and the half of 2^16 are below 2^31.
        let scaled = (i32::from(field) * scale.factor + half) >> scale.shift;
        let sum = scaled + i32::from(base);
        *target = sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
    }
}

/// The sums over a panel of one chain's fields, a multiple of [`SUM_LANES`] of them; zeros (padding) add nothing.
///
/// Relative error of `below` at most 1e-6.
#[must_use]
pub fn panel_sum(fields: &[i16], panel: &Panel) -> PanelSum {
    let mut above = 0;
    let mut lanes = [0.0; SUM_LANES];
    for fields in fields.chunks_exact(SUM_LANES) {
        for (sum, &field) in lanes.iter_mut().zip(fields) {
            above += i64::from(field.max(0));
            *sum += below(f32::from(field) * panel.step, panel);
        }
    }
    PanelSum {
        above,
        below: lanes.iter().map(|&sum| f64::from(sum)).sum(),
    }
}

/// |x| e s (1 + curvature x^2 (1 - e) s^2).
fn below(x: f32, panel: &Panel) -> f32 {
    let x = x.abs();
    let y = x * panel.middle;
    let halvings = if y < LARGEST { y } else { LARGEST } * PER_HALVING;
    let rounded = halvings + ROUNDER;
    let f = halvings - (rounded - ROUNDER);
    let [rest @ .., highest] = POWER_OF_2;
    let power = rest.iter().rev().fold(highest, |sum, c| sum * f + c);
    let e = f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 23));
    let s = 1.0 / (1.0 + e);
    let correction = panel.curvature * (x * x) * ((1.0 - e) * (s * s));
    x * e * s * (1.0 + correction)
}
