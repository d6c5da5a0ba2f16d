//! Annealing on vectors, equal to [`scalar`] to the bit.

use bytemuck::cast;

use super::{LARGEST, PER_HALVING, POWER_OF_2, Panel, PanelSum, SUM_LANES, Scale, scalar};
use crate::fixed::ROUNDER;
use crate::kernel::vector::{Floats, Lanes, Magnitude, Ordered, Shifts, Simd};

/// See [`scalar::scale_fields`]. Some ten operations every 16 units.
#[inline(always)]
pub(crate) fn scale_fields<S: Simd>(
    _: S,
    fields: &[i16],
    scale: Scale,
    base: &[i16],
    target: &mut [i16],
) {
    let count = fields.len().min(target.len());
    let (fields, target) = (&fields[..count], &mut target[..count]);
    let whole = if base.is_empty() {
        count
    } else {
        base.len().min(count)
    } / SUM_LANES;
    let (factor, half) = (
        S::I32x16::splat(scale.factor),
        S::I32x16::splat(1 << (scale.shift - 1)),
    );
    let vectors = fields.as_chunks::<SUM_LANES>().0.iter();
    let targets = target.as_chunks_mut::<SUM_LANES>().0.iter_mut();
    let mut bases = base.as_chunks::<SUM_LANES>().0.iter();
    for (field, target) in vectors.zip(targets).take(whole) {
        let scaled = (S::widen(S::I16x16::new(*field)) * factor + half).shr(scale.shift);
        let base = match bases.next() {
            Some(base) => S::widen(S::I16x16::new(*base)),
            None => S::I32x16::splat(0),
        };
        *target = S::saturate(scaled + base).to_array();
    }
    let done = whole * SUM_LANES;
    let base = base.get(done..).unwrap_or_default();
    scalar::scale_fields(&fields[done..], scale, base, &mut target[done..]);
}

/// See [`scalar::panel_sum`]. Some 30 operations and a division every 16 units.
#[must_use]
#[inline(always)]
pub(crate) fn panel_sum<S: Simd>(_: S, fields: &[i16], panel: &Panel) -> PanelSum {
    /// Vectors whose sums of 15-bit numbers fit 31 bits.
    const FLUSH: usize = 1 << 16;
    let (vectors, _) = fields.as_chunks::<SUM_LANES>();
    let (mut above, mut lanes) = (0, S::F32x16::splat(0.0));
    for vectors in vectors.chunks(FLUSH) {
        let mut positive = S::I32x16::splat(0);
        for field in vectors {
            let field = S::widen(S::I16x16::new(*field));
            positive += field.max(S::I32x16::splat(0));
            lanes += below::<S>(S::to_float(field) * S::F32x16::splat(panel.step), panel);
        }
        let sums = positive.to_array();
        above += sums.iter().map(|&sum| i64::from(sum)).sum::<i64>();
    }
    let below = lanes.to_array().iter().map(|&sum| f64::from(sum)).sum();
    PanelSum { above, below }
}

#[inline(always)]
fn below<S: Simd>(x: S::F32x16, panel: &Panel) -> S::F32x16 {
    let splat = S::F32x16::splat;
    let (one, rounder) = (splat(1.0), splat(ROUNDER));
    let x = x.abs();
    let y = x * splat(panel.middle);
    let halvings = y.min(splat(LARGEST)) * splat(PER_HALVING);
    let rounded = halvings + rounder;
    let f = halvings - (rounded - rounder);
    let [rest @ .., highest] = POWER_OF_2;
    let mut power = splat(highest);
    for &c in rest.iter().rev() {
        power = power * f + splat(c);
    }
    let exponent: S::U32x16 = cast::<_, S::U32x16>(rounded).shl(23);
    let e: S::F32x16 = cast(cast::<_, S::U32x16>(power) + exponent);
    let s = one / (one + e);
    let correction = splat(panel.curvature) * (x * x) * ((one - e) * (s * s));
    x * e * s * (one + correction)
}
