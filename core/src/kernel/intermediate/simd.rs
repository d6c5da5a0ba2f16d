//! Annealing on `wide`, equal to [`scalar`] to the bit.

use bytemuck::cast;
use wide::{f32x16, i16x8, i16x16, i32x8, i32x16, u32x16};

use super::{LARGEST, PER_HALVING, POWER_OF_2, Panel, PanelSum, SUM_LANES, Scale, scalar};
use crate::fixed::ROUNDER;

/// See [`scalar::scale_fields`]. Some ten operations every 16 units.
pub fn scale_fields(fields: &[i16], scale: Scale, base: &[i16], target: &mut [i16]) {
    let count = fields.len().min(target.len());
    let (fields, target) = (&fields[..count], &mut target[..count]);
    let whole = if base.is_empty() {
        count
    } else {
        base.len().min(count)
    } / SUM_LANES;
    let (factor, half) = (
        i32x16::splat(scale.factor),
        i32x16::splat(1 << (scale.shift - 1)),
    );
    let vectors = fields.as_chunks::<SUM_LANES>().0.iter();
    let targets = target.as_chunks_mut::<SUM_LANES>().0.iter_mut();
    let mut bases = base.as_chunks::<SUM_LANES>().0.iter();
    for (field, target) in vectors.zip(targets).take(whole) {
        let scaled = (i32x16::from_i16x16(i16x16::new(*field)) * factor + half) >> scale.shift;
        let base = match bases.next() {
            Some(base) => i32x16::from_i16x16(i16x16::new(*base)),
            None => i32x16::splat(0),
        };
        let halves: [i32x8; 2] = cast(scaled + base);
        *target = cast(halves.map(i16x8::from_i32x8_saturate));
    }
    let done = whole * SUM_LANES;
    let base = base.get(done..).unwrap_or_default();
    scalar::scale_fields(&fields[done..], scale, base, &mut target[done..]);
}

/// See [`scalar::panel_sum`]. Some 30 operations and a division every 16 units.
#[must_use]
pub fn panel_sum(fields: &[i16], panel: &Panel) -> PanelSum {
    /// Vectors whose sums of 15-bit numbers fit 31 bits.
    const FLUSH: usize = 1 << 16;
    let (vectors, _) = fields.as_chunks::<SUM_LANES>();
    let (mut above, mut lanes) = (0, f32x16::splat(0.0));
    for vectors in vectors.chunks(FLUSH) {
        let mut positive = i32x16::splat(0);
        for field in vectors {
            let field = i32x16::from_i16x16(i16x16::new(*field));
            positive += field.max(i32x16::splat(0));
            lanes += below(field.round_float() * f32x16::splat(panel.step), panel);
        }
        let sums = positive.to_array();
        above += sums.iter().map(|&sum| i64::from(sum)).sum::<i64>();
    }
    let below = lanes.to_array().iter().map(|&sum| f64::from(sum)).sum();
    PanelSum { above, below }
}

#[inline(always)]
fn below(x: f32x16, panel: &Panel) -> f32x16 {
    let splat = f32x16::splat;
    let (one, rounder) = (splat(1.0), splat(ROUNDER));
    let x = x.abs();
    let y = x * splat(panel.middle);
    let halvings = y.fast_min(splat(LARGEST)) * splat(PER_HALVING);
    let rounded = halvings + rounder;
    let f = halvings - (rounded - rounder);
    let [rest @ .., highest] = POWER_OF_2;
    let power = (rest.iter().rev()).fold(splat(highest), |sum, &c| sum * f + splat(c));
    let exponent: u32x16 = cast::<_, u32x16>(rounded) << 23_u32;
    let e: f32x16 = cast(cast::<_, u32x16>(power) + exponent);
    let s = one / (one + e);
    let correction = splat(panel.curvature) * (x * x) * ((one - e) * (s * s));
    x * e * s * (one + correction)
}
