//! Both kernels side by side, at the sizes where vectors, words and lists end.

use std::vec;

use super::{WIDEST, scalar};
use crate::bits::words;
use crate::kernel::simd::listed as simd;
use crate::kernel::tests::{CANARY, UNITS, each_level, random_bits, random_rows, rng};
use crate::kernel::{LANES, Rows, padded};

/// Inputs of one list, of just more, and of many lists.
const INPUTS: [usize; 5] = [1, 784, 1024, 1025, 9000];

#[test]
fn rows_of_changed_bits() {
    each_level(|| {
        for (case, &inputs) in INPUTS.iter().enumerate() {
            let rng = &mut rng(case as u64);
            for &outputs in UNITS.iter().filter(|&&outputs| outputs <= WIDEST + 1) {
                let weights = random_rows(inputs, outputs, 16, rng);
                let rows = Rows {
                    weights: &weights,
                    stride: padded(outputs),
                    width: outputs,
                };
                // Pairs of sparse, dense, full and empty vectors, each with each.
                let before = random_bits(inputs, 16, rng);
                let after = random_bits(inputs, 16 + 3, rng);
                for shift in 0..4 {
                    let after = &after[shift * words(inputs)..][..before.len()];
                    let mut expected = random_rows(16, outputs, 16, rng);
                    expected.push(CANARY);
                    let mut found = expected.clone();
                    scalar::add_changed_rows(&rows, words(inputs), &before, after, &mut expected);
                    simd::add_changed_rows(&rows, words(inputs), &before, after, &mut found);
                    assert_eq!(found, expected, "{inputs} x {outputs}, {shift} samples on");
                }
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
        let before = random_bits(inputs, samples, rng);
        let after = random_bits(inputs, samples, rng);
        for width in [0, LANES, WIDEST, 3 * LANES] {
            let rows = Rows {
                weights: &weights,
                stride,
                width,
            };
            let mut expected = vec![CANARY; samples * stride];
            let mut found = expected.clone();
            scalar::add_changed_rows(&rows, words(inputs), &before, &after, &mut expected);
            simd::add_changed_rows(&rows, words(inputs), &before, &after, &mut found);
            assert_eq!(found, expected);
        }
    });
}

#[test]
fn wrong_shapes_change_nothing_and_do_not_panic() {
    each_level(|| {
        for stride in [0, 31, 32] {
            let rows = Rows {
                weights: &[1; 40],
                stride,
                width: 64,
            };
            for (words, bits) in [(0, &[u64::MAX][..]), (1, &[]), (1, &[u64::MAX])] {
                simd::add_changed_rows(&rows, words, &[0], bits, &mut [0; 64]);
            }
        }
    });
}
