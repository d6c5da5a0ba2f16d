//! Both kernels side by side, at the sizes where vectors, words and lists end.

use std::vec;
use std::vec::Vec;

use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{GROUP, Rows, scalar};
use crate::bits::words;
use crate::kernel::simd::rows as simd;
use crate::kernel::tests::{CANARY, UNITS, each_level, random_bits, random_rows, rng};
use crate::kernel::{LANES, padded};

const SAMPLES: [usize; 4] = [1, 2, 63, 131];

#[test]
fn rows_of_set_and_changed_bits() {
    each_level(|| {
        for (case, &inputs) in UNITS.iter().chain(&[9000]).enumerate() {
            let rng = &mut rng(case as u64);
            for &outputs in if inputs < 9000 { &UNITS[..] } else { &[33] } {
                let weights = random_rows(inputs, outputs, 16, rng);
                let rows = Rows {
                    weights: &weights,
                    stride: padded(outputs),
                    width: outputs,
                };
                let samples = SAMPLES[(case + outputs) % SAMPLES.len()].min(20_000 / inputs);
                let before = random_bits(inputs, samples, rng);
                let after = random_bits(inputs, samples, rng);
                let mut expected = random_rows(samples, outputs, 16, rng);
                expected.push(CANARY);
                let mut found = expected.clone();
                scalar::add_set_rows(&rows, words(inputs), &before, &mut expected);
                simd::add_set_rows(&rows, words(inputs), &before, &mut found);
                assert_eq!(found, expected, "{inputs} x {outputs}, {samples} samples");
                let mut fresh = found.clone();
                scalar::add_changed_rows(&rows, words(inputs), &before, &after, &mut expected);
                simd::add_changed_rows(&rows, words(inputs), &before, &after, &mut found);
                assert_eq!(
                    found, expected,
                    "{inputs} x {outputs}, {samples} samples, changed"
                );
                // Changing back and forth is exact.
                simd::add_changed_rows(&rows, words(inputs), &after, &before, &mut found);
                assert_eq!(found, fresh);
                fresh.clear();
            }
        }
    });
}

#[test]
fn nothing_is_added_beyond_the_width() {
    each_level(|| {
        let rng = &mut rng(5);
        let (inputs, samples, stride) = (300, 70, 5 * LANES);
        let weights = random_rows(inputs, stride, 12, rng);
        let bits = random_bits(inputs, samples, rng);
        let after = random_bits(inputs, samples, rng);
        for width in [0, LANES, 3 * LANES, stride] {
            let rows = Rows {
                weights: &weights,
                stride,
                width,
            };
            let mut expected = vec![CANARY; samples * stride];
            let mut found = expected.clone();
            scalar::add_set_rows(&rows, words(inputs), &bits, &mut expected);
            simd::add_set_rows(&rows, words(inputs), &bits, &mut found);
            scalar::add_changed_rows(&rows, words(inputs), &bits, &after, &mut expected);
            simd::add_changed_rows(&rows, words(inputs), &bits, &after, &mut found);
            assert_eq!(found, expected);
            for row in expected.chunks_exact(stride) {
                assert!(row[width..].iter().all(|&x| x == CANARY));
            }
        }
    });
}

#[test]
fn correlations() {
    each_level(|| {
        for &units in &UNITS {
            let rng = &mut rng(units as u64);
            let stride = padded(units);
            let probabilities = |rng: &mut Xoshiro128PlusPlus| -> Vec<i16> {
                let mut row = vec![0; stride];
                row[..units].fill_with(|| (rng.next_u32() % 257) as i16);
                row
            };
            let mut table_a = vec![CANARY; 3 * GROUP * stride];
            let mut table_b = table_a.clone();
            for sample in 0..GROUP {
                let (data, chain) = (probabilities(rng), probabilities(rng));
                for table in [&mut table_a, &mut table_b] {
                    table[(GROUP + sample) * stride..][..stride].copy_from_slice(&data);
                }
                // In two parts, of which the second begins at a vector.
                let (front, back) = chain.split_at(stride / LANES / 2 * LANES);
                for (first, part) in [(0, front), (front.len(), back)] {
                    scalar::tabulate(part, stride, first, sample, &mut table_a);
                    simd::tabulate(part, stride, first, sample, &mut table_b);
                }
            }
            assert_eq!(table_a, table_b);
            for (before, after) in [
                (0, 0),
                (u64::MAX, 0),
                (0, u64::MAX),
                (u64::MAX, u64::MAX),
                (rng.next_u64(), rng.next_u64()),
            ] {
                let mut expected = random_rows(1, units, 6, rng);
                let mut found = expected.clone();
                let start = expected.clone();
                scalar::correlate(&table_a, stride, 0, before, after, &mut expected);
                simd::correlate(&table_b, stride, 0, before, after, &mut found);
                assert_eq!(found, expected, "{units} units");
                // A panel of the units gives its part of the sums.
                let first = stride / LANES / 2 * LANES;
                let end = (first + 2 * LANES).min(stride);
                for correlate in [scalar::correlate, simd::correlate] {
                    let mut panel = start[first..end].to_vec();
                    correlate(&table_a, stride, first, before, after, &mut panel);
                    assert_eq!(panel, expected[first..end]);
                }
            }
        }
    });
}

#[test]
fn wrong_shapes_change_nothing_and_do_not_panic() {
    each_level(|| {
        for add in [scalar::add_set_rows, simd::add_set_rows] {
            for stride in [0, 31, 32] {
                let rows = Rows {
                    weights: &[1; 40],
                    stride,
                    width: 64,
                };
                add(&rows, 0, &[u64::MAX], &mut [0; 64]);
                add(&rows, 1, &[], &mut [0; 64]);
                add(&rows, 1, &[u64::MAX], &mut []);
                add(&rows, 1, &[u64::MAX], &mut [0; 64]);
            }
        }
    });
}

#[test]
fn rows_are_summed_from_zero() {
    let long = [1_i16, 2, i16::MAX];
    let cases: [(&[&[i16]], [i16; 3]); 5] = [
        (&[], [0; 3]),
        (&[&long], long),
        (&[&long, &long], [2, 4, -2]),
        (&[&long, &[5], &long], [7, 4, -2]),
        (&[&[5], &long, &[], &[-5]], long),
    ];
    for (rows, expected) in cases {
        let mut sums = [CANARY; 3];
        scalar::sum_rows(rows.iter().copied(), &mut sums);
        assert_eq!(sums, expected);
    }
}
