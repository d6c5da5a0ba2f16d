//! All kernels side by side, and against sums of spins.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::scalar;
use crate::bits::{spin, tail_mask, words};
use crate::kernel::simd::pairs as simd;
use crate::kernel::tests::each_level;

/// Around a word, a vector of eight words, two vectors.
const UNITS: [usize; 10] = [2, 15, 63, 64, 65, 511, 512, 513, 784, 1023];
/// Around groups of 8 patterns, around a block and two.
const PATTERNS: [usize; 10] = [1, 2, 7, 8, 9, 60, 247, 248, 249, 500];

fn random_patterns(units: usize, count: usize, rng: &mut Xoshiro128PlusPlus) -> Vec<u64> {
    let mut bits = vec![];
    for _ in 0..count {
        bits.extend((0..words(units)).map(|_| rng.next_u64()));
        if let Some(last) = bits.last_mut() {
            *last &= tail_mask(units);
        }
    }
    bits
}

/// Every shape with its patterns, a state and fields with a canary behind.
fn each_shape(mut each: impl FnMut(usize, usize, &[u64], &[u64], Vec<i32>)) {
    for units in UNITS {
        for count in PATTERNS {
            let rng = &mut Xoshiro128PlusPlus::seed_from_u64((units * count) as u64);
            let patterns = random_patterns(units, count, rng);
            let state = random_patterns(units, 1, rng);
            let fields = (0..=units).map(|_| rng.next_u32() as i32 >> 1).collect();
            each(units, count, &patterns, &state, fields);
        }
    }
}

#[test]
fn rows_of_couplings_are_sums_of_products() {
    each_level(|| {
        each_shape(|units, count, patterns, _, start| {
            let words = words(units);
            for (unit, factors) in [(0, (2, -2)), (units - 1, (-2, 2)), (units / 2, (70, -3))] {
                let (mut a, mut b) = (start.clone(), start.clone());
                scalar::add_pairs(patterns, words, unit, factors, &mut a[..units]);
                simd::add_pairs(patterns, words, unit, factors, &mut b[..units]);
                assert_eq!(a, b, "{units} units, {count} patterns, unit {unit}");
                let rows = || patterns.chunks_exact(words);
                for i in [0, units / 3, units - 1] {
                    let c = |p: &[u64]| {
                        if spin(p, unit) > 0 {
                            factors.0
                        } else {
                            factors.1
                        }
                    };
                    let sum: i32 = rows().map(|p| c(p) * spin(p, i)).sum();
                    assert_eq!(a[i], start[i] + sum);
                }
                assert_eq!(a[units], start[units]);
            }
        });
    });
}

#[test]
fn own_couplings_are_those_of_the_covariance_rule() {
    each_level(|| {
        each_shape(|units, count, patterns, state, start| {
            let words = words(units);
            let (mut a, mut b) = (start.clone(), start.clone());
            scalar::subtract_own(patterns, words, state, &mut a[..units]);
            simd::subtract_own(patterns, words, state, &mut b[..units]);
            assert_eq!(a, b, "{units} units, {count} patterns");
            let i = units - 1;
            let rows = patterns.chunks_exact(words);
            let sum: i32 = rows.map(|p| spin(p, i)).sum();
            let own = (count * count) as i32 - sum * sum;
            assert_eq!(a[i], start[i] - own * spin(state, i));
            assert_eq!(a[units], start[units]);
        });
    });
}

#[test]
fn wrong_shapes_do_not_panic() {
    each_level(|| {
        for add in [scalar::add_pairs, simd::add_pairs] {
            add(&[1, 2, 3], 2, 500, (1, -1), &mut [0; 5]);
            add(&[1, 2, 3], 0, 5, (1, 2), &mut [0; 5]);
            add(&[1], 7, 0, (1, -1), &mut [0; 5]);
            add(&[], 1, 0, (1, -1), &mut []);
            add(&[1], 1, 3, (1, 2), &mut [0; 300]);
        }
        for subtract in [scalar::subtract_own, simd::subtract_own] {
            subtract(&[1, 2, 3], 2, &[], &mut [0; 200]);
            subtract(&[1, 2, 3], 0, &[1], &mut [0; 5]);
            subtract(&[1], 7, &[1], &mut [0; 5]);
        }
    });
}
