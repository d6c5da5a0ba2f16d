//! The kernels on `wide`.

use bytemuck::cast;
use wide::{f32x16, i16x16, i16x32, i32x16, u16x32};

use super::{LANES, VECTORS, minus_ln};
use crate::fixed::MAX_FRACTION_BITS;
use crate::kernel::sampling::simd::{Format, inside, logistic, negative};

/// Sixteen whole numbers as floats.
#[inline(always)]
fn floats(x: i16x16) -> f32x16 {
    f32x16::from_i32x16(i32x16::from_i16x16(x))
}

/// See [`scalar::softplus`](super::scalar::softplus).
#[must_use]
pub fn softplus(
    fields: &[i16],
    addend: &[i16],
    fraction_bits: u32,
    units: usize,
    sigmoids: &mut [i16],
) -> f64 {
    let format = Format::new(fraction_bits);
    let (mut linear, mut sum) = (0_i64, 0.0);
    let mut linears = i32x16::splat(0);
    let mut products = [f32x16::splat(1.0); 2];
    let ((fields, _), (addend, _)) = (fields.as_chunks::<LANES>(), addend.as_chunks::<LANES>());
    let (sigmoids, _) = sigmoids.as_chunks_mut::<LANES>();
    let vectors = fields.iter().zip(addend).zip(sigmoids);
    for (vector, ((fields, addend), sigmoids)) in vectors.enumerate() {
        if vector > 0 && vector.is_multiple_of(VECTORS) {
            sum += minus_ln(&cast(products));
            products = [f32x16::splat(1.0); 2];
            linear += total(linears);
            linears = i32x16::splat(0);
        }
        let within = inside(units.saturating_sub(vector * LANES));
        let field = (i16x32::new(*fields) + i16x32::new(*addend)) & within;
        let against = logistic(format.magnitude(field)).min(u16x32::splat(i16::MAX as u16));
        let against = cast::<u16x32, i16x32>(against) & within;
        let positive: [i16x16; 2] = cast(field.max(i16x32::splat(0)));
        let halves: [i16x16; 2] = cast(against);
        for ((product, positive), against) in products.iter_mut().zip(positive).zip(halves) {
            linears += i32x16::from_i16x16(positive);
            let likely = f32x16::splat(65_536.0) - floats(against);
            *product *= likely * f32x16::splat(1.0 / 65_536.0);
        }
        let is_zero: u16x32 = cast(against.simd_eq(i16x32::splat(0)));
        let likely: i16x32 = cast(u16x32::splat(0) - cast::<i16x32, u16x32>(against) + is_zero);
        let sign = negative(field);
        let sigmoid: u16x32 = cast((sign & against) | (!sign & likely));
        *sigmoids = (cast::<u16x32, i16x32>(sigmoid >> 1_u32) & within).to_array();
    }
    let scale = f64::from(1_u32 << fraction_bits.min(MAX_FRACTION_BITS));
    (linear + total(linears)) as f64 / scale + (sum + minus_ln(&cast(products)))
}

/// The sum of the lanes.
fn total(lanes: i32x16) -> i64 {
    lanes.to_array().iter().map(|&lane| i64::from(lane)).sum()
}

/// See [`scalar::weigh`](super::scalar::weigh).
pub fn weigh(sigmoids: &[i16], weight: i16, row: &mut [i16], sums: &mut [i32]) {
    let weight = i16x16::splat(weight);
    let ((sigmoids, _), (row, _)) = (sigmoids.as_chunks::<16>(), row.as_chunks_mut::<16>());
    let (sums, _) = sums.as_chunks_mut::<16>();
    for ((sigmoids, row), sums) in sigmoids.iter().zip(row).zip(sums) {
        let weighted = i16x16::new(*sigmoids).mul_scale_round(weight);
        *row = (i16x16::new(*row) + weighted).to_array();
        *sums = (i32x16::new(*sums) + i32x16::from_i16x16(weighted)).to_array();
    }
}

/// See [`scalar::add_rows`](super::scalar::add_rows).
pub fn add_rows(table: &[i16], stride: usize, first: usize, samples: u64, sums: &mut [i16]) {
    crate::kernel::rows::simd::add_table_rows(table, stride, first, samples, sums);
}
