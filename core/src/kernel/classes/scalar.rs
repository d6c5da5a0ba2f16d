//! The kernels in plain loops.

use super::{LANES, VECTORS, minus_ln};
use crate::fixed::{MAX_FRACTION_BITS, logistic16, magnitude};

/// The sum over units of ln(1 + exp(o_j)), o_j = fields_j + addend_j, in nats; and sigmoid(o_j) in 2^-15, rounded down and
/// held to 32,767, 0 in the padding.
///
/// The logarithm is that of the product of [`logistic16`]s, each within 4.3e-5 (5.8e-5 next to 1/2): an error of
/// at most 1.2e-4 nats per unit.
#[must_use]
pub fn softplus(
    fields: &[i16],
    addend: &[i16],
    fraction_bits: u32,
    units: usize,
    sigmoids: &mut [i16],
) -> f64 {
    let (mut linear, mut sum) = (0_i64, 0.0);
    let mut products = [1.0_f32; LANES];
    let vectors = fields
        .chunks_exact(LANES)
        .zip(addend.chunks_exact(LANES))
        .zip(sigmoids.chunks_exact_mut(LANES));
    for (vector, ((fields, addend), sigmoids)) in vectors.enumerate() {
        if vector > 0 && vector.is_multiple_of(VECTORS) {
            sum += minus_ln(&products);
            products = [1.0; LANES];
        }
        for (lane, product) in products.iter_mut().enumerate() {
            let inside = vector * LANES + lane < units;
            let field = if inside {
                fields[lane].wrapping_add(addend[lane])
            } else {
                0
            };
            let against = if inside {
                logistic16(magnitude(field, fraction_bits)).min(i16::MAX as u16)
            } else {
                0
            };
            linear += i64::from(field.max(0));
            *product *= (65_536.0 - f32::from(against)) * (1.0 / 65_536.0);
            let likely = against.wrapping_neg().wrapping_sub(u16::from(against == 0));
            let sigmoid = if field < 0 { against } else { likely };
            sigmoids[lane] = if inside { (sigmoid >> 1) as i16 } else { 0 };
        }
    }
    let scale = f64::from(1_u32 << fraction_bits.min(MAX_FRACTION_BITS));
    linear as f64 / scale + (sum + minus_ln(&products))
}

/// Adds `weight` (in 1/[`UNIT`](super::UNIT)) times each sigmoid, rounded to 1/UNIT, to `row` and to `sums`.
pub fn weigh(sigmoids: &[i16], weight: i16, row: &mut [i16], sums: &mut [i32]) {
    for ((sigmoid, row), sum) in sigmoids.iter().zip(row).zip(sums) {
        let weighted = (i32::from(*sigmoid) * i32::from(weight) + 0x4000) >> 15;
        *row = row.wrapping_add(weighted as i16);
        *sum += weighted;
    }
}

/// Adds the rows of a table that `samples` names, each below 2^15 in sum, to `sums`; `first` is where their panel begins.
pub fn add_rows(table: &[i16], stride: usize, first: usize, samples: u64, sums: &mut [i16]) {
    for sample in crate::bits::ones(&[samples]) {
        let row = table.get(sample * stride + first..).unwrap_or_default();
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add(*value);
        }
    }
}
