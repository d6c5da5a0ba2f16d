//! All kernels side by side, and against sums of spins.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{narrow, scalar};
use crate::bits::{WORD, spin, tail_mask, words};
use crate::kernel::simd::overlap as simd;
use crate::kernel::tests::each_level;

/// Around a word, a vector of eight words, two vectors; more than fit one list.
const UNITS: [usize; 11] = [2, 63, 64, 65, 129, 511, 512, 513, 784, 1023, 1300];
const PATTERNS: [usize; 9] = [1, 2, 3, 7, 15, 16, 17, 100, 700];
const CANARY: u64 = 0x5a5a_5a5a_5a5a_5a5a;

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

fn rng(seed: usize) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed as u64)
}

/// Coefficients of so many bits; every fifth the largest, every seventh zero.
fn coefficients(count: usize, bits: u32, rng: &mut Xoshiro128PlusPlus) -> Vec<i64> {
    let mut c: Vec<i64> = (0..count)
        .map(|_| (rng.next_u64() as i64) >> (64 - bits))
        .collect();
    c.iter_mut()
        .step_by(5)
        .for_each(|c| *c = (1 << (bits - 1)) - 1);
    c.iter_mut().step_by(7).for_each(|c| *c = 0);
    c
}

#[test]
fn overlaps_are_sums_of_products() {
    each_level(|| {
        for units in UNITS {
            let rng = &mut rng(units);
            for count in [1, 3, 40] {
                let patterns = random_patterns(units, count, rng);
                let state = random_patterns(units, 1, rng);
                let expected: Vec<i32> = patterns
                    .chunks_exact(words(units))
                    .map(|p| (0..units).map(|i| spin(p, i) * spin(&state, i)).sum())
                    .collect();
                for overlaps in [scalar::overlaps, simd::overlaps, narrow::overlaps] {
                    let mut found = vec![7; count + 1];
                    overlaps(&patterns, units, &state, &mut found);
                    assert_eq!((&found[..count], found[count]), (&expected[..], 7));
                }
            }
        }
    });
}

#[test]
fn fields_are_sums_of_products() {
    each_level(|| {
        for units in UNITS {
            let rng = &mut rng(units);
            for count in PATTERNS {
                for bits in [2, 8, 20] {
                    let patterns = random_patterns(units, count, rng);
                    let c = coefficients(count, bits, rng);
                    let c = |mu: usize| c[mu] as i32;
                    let start: Vec<i32> = (0..=units as i32).collect();
                    let (mut a, mut b) = (start.clone(), start.clone());
                    let (words, inside) = (words(units), ..units);
                    scalar::add_fields(&patterns, words, c, &mut a[inside]);
                    simd::add_fields(&patterns, words, c, &mut b[inside]);
                    assert_eq!(a, b, "{units} units, {count} patterns, {bits} bits");
                    let unit = rng.next_u32() as usize % units;
                    let rows = patterns.chunks_exact(words).enumerate();
                    let sum: i32 = rows.map(|(mu, p)| c(mu) * spin(p, unit)).sum();
                    assert_eq!(a[unit], start[unit] + sum);
                }
            }
        }
    });
}

#[test]
fn signs_are_those_of_the_fields() {
    each_level(|| {
        for units in UNITS {
            let rng = &mut rng(units);
            for count in PATTERNS {
                for bits in [2, 6, 30, 50] {
                    let patterns = random_patterns(units, count, rng);
                    let state = random_patterns(units, 1, rng);
                    let c = coefficients(count, bits, rng);
                    for diagonal in [0, -(count as i64), 1, -(1 << (bits + 1)), 12_345] {
                        let next = vec![CANARY; words(units) + 1];
                        let run = |signs: &dyn Fn(&mut [u64])| {
                            let mut next = next.clone();
                            signs(&mut next);
                            next
                        };
                        let c = |mu: usize| c[mu];
                        let a = run(&|next| {
                            scalar::signs(&patterns, units, c, diagonal, &state, next);
                        });
                        let b = run(&|next| {
                            simd::signs(&patterns, units, c, diagonal, &state, next);
                        });
                        let d = run(&|next| {
                            narrow::signs(&patterns, units, c, diagonal, &state, next);
                        });
                        for b in [&b, &d] {
                            assert_eq!(
                                a[..words(units)],
                                b[..words(units)],
                                "{units}, {count}, {bits}"
                            );
                            assert_eq!(b[words(units) - 1] & !tail_mask(units), 0);
                            assert_eq!((a[words(units)], b[words(units)]), (CANARY, CANARY));
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn a_zero_field_keeps_the_spin() {
    each_level(|| {
        for units in UNITS {
            // Two patterns that cancel wherever they differ, with equal coefficients.
            let rng = &mut rng(units);
            let patterns = random_patterns(units, 2, rng);
            let state = random_patterns(units, 1, rng);
            for signs in [scalar::signs, simd::signs, narrow::signs] {
                let mut next = vec![0; words(units)];
                signs(&patterns, units, |_| 5, 0, &state, &mut next);
                for i in 0..units {
                    let of = |mu: usize| spin(&patterns[mu * words(units)..], i);
                    let expected = if of(0) == of(1) {
                        of(0)
                    } else {
                        spin(&state, i)
                    };
                    assert_eq!(spin(&next, i), expected);
                }
            }
        }
    });
}

#[test]
fn wrong_shapes_do_not_panic() {
    each_level(|| {
        for overlaps in [scalar::overlaps, simd::overlaps, narrow::overlaps] {
            overlaps(&[1, 2, 3], 128, &[1, 2], &mut [0; 3]);
            overlaps(&[1, 2, 3], 128, &[], &mut [0; 3]);
        }
        let three = |_: usize| 3;
        for add in [scalar::add_fields, simd::add_fields] {
            add(&[1, 2, 3], 2, three, &mut [0; 5]);
            add(&[1, 2, 3], 0, three, &mut [0; 5]);
            add(&[1], 7, three, &mut [0; 5]);
            add(&[1], 1, three, &mut [0; 5 * WORD]);
        }
        let three = |_: usize| 3_i64;
        for signs in [scalar::signs, simd::signs, narrow::signs] {
            signs(&[1, 2, 3], 500, three, 1, &[1, 2], &mut [0; 1]);
            signs(&[1, 2, 3], 5, three, 1, &[], &mut [0; 1]);
            signs(&[], 5, three, 1, &[1], &mut []);
        }
    });
}

#[test]
fn signs_added_to_numbers_and_sums_of_set_numbers() {
    each_level(|| {
        let random = &mut rng(9);
        for len in [0, 1, 7, 63, 64, 65, 128, 200, 640] {
            for count in [words(len), words(len) / 2] {
                let bits: Vec<u64> = (0..count).map(|_| random.next_u64()).collect();
                let numbers: Vec<i32> = (0..len).map(|_| random.next_u32() as i32 >> 10).collect();
                let set = |at: usize| {
                    bits.get(at / WORD)
                        .is_some_and(|w| w >> (at % WORD) & 1 != 0)
                };
                let exact = (0..len)
                    .filter(|&at| set(at))
                    .map(|at| i64::from(numbers[at]));
                let exact: i64 = exact.sum();
                assert_eq!(scalar::sum_of_set(&bits, &numbers), exact);
                assert_eq!(simd::sum_of_set(&bits, &numbers), exact);
                for by in [-2, 1, 5] {
                    let (mut expected, mut found) = (numbers.clone(), numbers.clone());
                    scalar::add_signs(&bits, by, &mut expected);
                    simd::add_signs(&bits, by, &mut found);
                    assert_eq!(found, expected);
                    let inside = len.min(count * WORD);
                    for at in 0..len {
                        let spin = if set(at) { by } else { -by };
                        let change = if at < inside { spin } else { 0 };
                        assert_eq!(found[at], numbers[at] + change);
                    }
                }
            }
        }
    });
}
