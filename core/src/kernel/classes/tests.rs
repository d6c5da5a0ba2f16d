//! Both kernels side by side, and against the formulas.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{UNIT, scalar};
use crate::fixed::{MAX_FRACTION_BITS, scale};
use crate::kernel::padded;
use crate::kernel::simd::classes as simd;
use crate::kernel::tests::each_level;

/// Around half a vector and a vector; more than a product holds.
const UNITS: [usize; 9] = [1, 15, 16, 31, 32, 33, 500, 1500, 2080];

fn random(units: usize, bits: u32, rng: &mut Xoshiro128PlusPlus) -> Vec<i16> {
    let mut row = vec![0; padded(units)];
    for value in &mut row[..units] {
        *value = (rng.next_u32() as i32 >> (32 - bits)) as i16;
    }
    row
}

#[test]
fn softplus_and_sigmoids_agree_and_are_near_the_formulas() {
    each_level(|| {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(1);
        for units in UNITS {
            for fraction_bits in [0, 5, 9, MAX_FRACTION_BITS] {
                for size in [3, 10, 13, 15] {
                    let (fields, addend) = (random(units, size, rng), random(units, size, rng));
                    let (mut a, mut b) = (vec![7; fields.len()], vec![9; fields.len()]);
                    let one = scalar::softplus(&fields, &addend, fraction_bits, units, &mut a);
                    let two = simd::softplus(&fields, &addend, fraction_bits, units, &mut b);
                    assert_eq!((one.to_bits(), &a), (two.to_bits(), &b));
                    assert!(a[units..].iter().all(|&sigmoid| sigmoid == 0));
                    let field = |j: usize| {
                        f64::from(fields[j] + addend[j]) / f64::from(scale(fraction_bits))
                    };
                    let softplus = |x: f64| x.max(0.0) + libm::log1p(libm::exp(-x.abs()));
                    let exact: f64 = (0..units).map(field).map(softplus).sum();
                    let bound = 1.2e-4 * units as f64;
                    assert!((one - exact).abs() <= bound, "{units}: {one}, {exact}");
                    for (j, &found) in a[..units].iter().enumerate() {
                        let exact = 32_768.0 / (1.0 + libm::exp(-field(j)));
                        assert!((f64::from(found) - exact).abs() < 3.0, "{found}, {exact}");
                    }
                }
            }
        }
    });
}

#[test]
fn weighted_sigmoids_and_sums_of_rows_agree() {
    each_level(|| {
        let rng = &mut Xoshiro128PlusPlus::seed_from_u64(2);
        for units in UNITS {
            let sigmoids: Vec<i16> = random(units, 16, rng)
                .iter()
                .map(|x| x & i16::MAX)
                .collect();
            for weight in [0, 1, -1, 12_345, UNIT, -UNIT] {
                let start = random(units, 10, rng);
                let sums: Vec<i32> = start.iter().map(|&x| 1000 * i32::from(x)).collect();
                let ((mut a, mut b), (mut s, mut t)) =
                    ((start.clone(), start.clone()), (sums.clone(), sums.clone()));
                scalar::weigh(&sigmoids, weight, &mut a, &mut s);
                simd::weigh(&sigmoids, weight, &mut b, &mut t);
                assert_eq!((&a, &s), (&b, &t));
                for j in 0..units {
                    let exact = f64::from(sigmoids[j]) * f64::from(weight) / 32_768.0;
                    assert!((f64::from(a[j] - start[j]) - exact).abs() <= 0.5);
                    assert_eq!(i32::from(a[j] - start[j]), s[j] - sums[j]);
                }
            }
            let stride = padded(units);
            let table: Vec<i16> = (0..64).flat_map(|_| random(units, 9, rng)).collect();
            for samples in [0, 1, 1 << 63, rng.next_u64(), u64::MAX] {
                for first in (0..stride).step_by(stride.div_ceil(64) * 32) {
                    let (mut a, mut b) = (vec![5; stride - first], vec![5; stride - first]);
                    scalar::add_rows(&table, stride, first, samples, &mut a);
                    simd::add_rows(&table, stride, first, samples, &mut b);
                    assert_eq!(a, b);
                    let column = (first..units).next_back().unwrap_or(first);
                    let sum = (0..64)
                        .filter(|k| samples >> k & 1 == 1)
                        .map(|k| table[k * stride + column]);
                    assert_eq!(a[column - first], 5 + sum.sum::<i16>());
                }
            }
        }
    });
}
