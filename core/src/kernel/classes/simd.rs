//! The kernels on vectors.

use bytemuck::cast;

use super::{LANES, VECTORS, minus_ln};
use crate::fixed::MAX_FRACTION_BITS;
use crate::kernel::sampling::simd::{Format, inside, logistic, negative};
use crate::kernel::vector::{Lanes, Ordered, Shifts, Simd};

/// Sixteen whole numbers as floats.
#[inline(always)]
fn floats<S: Simd>(x: S::I16x16) -> S::F32x16 {
    S::to_float(S::widen(x))
}

/// See [`scalar::softplus`](super::scalar::softplus).
#[must_use]
#[inline(always)]
pub(crate) fn softplus<S: Simd>(
    _: S,
    fields: &[i16],
    addend: &[i16],
    fraction_bits: u32,
    units: usize,
    sigmoids: &mut [i16],
) -> f64 {
    let format = Format::<S>::new(fraction_bits);
    let (mut linear, mut sum) = (0_i64, 0.0);
    let mut linears = S::I32x16::splat(0);
    let mut products = [S::F32x16::splat(1.0); 2];
    let ((fields, _), (addend, _)) = (fields.as_chunks::<LANES>(), addend.as_chunks::<LANES>());
    let (sigmoids, _) = sigmoids.as_chunks_mut::<LANES>();
    let vectors = fields.iter().zip(addend).zip(sigmoids);
    for (vector, ((fields, addend), sigmoids)) in vectors.enumerate() {
        if vector > 0 && vector.is_multiple_of(VECTORS) {
            sum += minus_ln(&cast(products));
            products = [S::F32x16::splat(1.0); 2];
            linear += total::<S>(linears);
            linears = S::I32x16::splat(0);
        }
        let within = inside::<S>(units.saturating_sub(vector * LANES));
        let field = (S::I16x32::new(*fields) + S::I16x32::new(*addend)) & within;
        let against = logistic::<S>(format.magnitude(field)).min(S::U16x32::splat(i16::MAX as u16));
        let against = cast::<S::U16x32, S::I16x32>(against) & within;
        let positive: [S::I16x16; 2] = cast(field.max(S::I16x32::splat(0)));
        let halves: [S::I16x16; 2] = cast(against);
        for ((product, positive), against) in products.iter_mut().zip(positive).zip(halves) {
            linears += S::widen(positive);
            let likely = S::F32x16::splat(65_536.0) - floats::<S>(against);
            *product *= likely * S::F32x16::splat(1.0 / 65_536.0);
        }
        let is_zero: S::U16x32 = cast(against.simd_eq(S::I16x32::splat(0)));
        let likely: S::I16x32 =
            cast(S::U16x32::splat(0) - cast::<S::I16x32, S::U16x32>(against) + is_zero);
        let sign = negative::<S>(field);
        let sigmoid: S::U16x32 = cast((sign & against) | (!sign & likely));
        *sigmoids = (cast::<S::U16x32, S::I16x32>(sigmoid.shr(1)) & within).to_array();
    }
    let scale = f64::from(1_u32 << fraction_bits.min(MAX_FRACTION_BITS));
    (linear + total::<S>(linears)) as f64 / scale + (sum + minus_ln(&cast(products)))
}

/// The sum of the lanes.
#[inline(always)]
fn total<S: Simd>(lanes: S::I32x16) -> i64 {
    lanes.to_array().iter().map(|&lane| i64::from(lane)).sum()
}

/// See [`scalar::weigh`](super::scalar::weigh).
#[inline(always)]
pub(crate) fn weigh<S: Simd>(
    _: S,
    sigmoids: &[i16],
    weight: i16,
    row: &mut [i16],
    sums: &mut [i32],
) {
    let weight = S::I16x16::splat(weight);
    let ((sigmoids, _), (row, _)) = (sigmoids.as_chunks::<16>(), row.as_chunks_mut::<16>());
    let (sums, _) = sums.as_chunks_mut::<16>();
    for ((sigmoids, row), sums) in sigmoids.iter().zip(row).zip(sums) {
        let weighted = S::multiply_high_half(S::I16x16::new(*sigmoids), weight);
        *row = (S::I16x16::new(*row) + weighted).to_array();
        *sums = (S::I32x16::new(*sums) + S::widen(weighted)).to_array();
    }
}

/// See [`scalar::add_rows`](super::scalar::add_rows).
#[inline(always)]
pub(crate) fn add_rows<S: Simd>(
    simd: S,
    table: &[i16],
    stride: usize,
    first: usize,
    samples: u64,
    sums: &mut [i16],
) {
    crate::kernel::rows::simd::add_table_rows(simd, table, stride, first, samples, sums);
}
