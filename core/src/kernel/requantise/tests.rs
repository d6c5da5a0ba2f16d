//! Both kernels side by side, at the sizes where vectors, words and lists end.

use std::vec;
use std::vec::Vec;

use rand_core::Rng;

use super::{Step, scalar};
use crate::kernel::simd::requantise as simd;
use crate::kernel::tests::{CANARY, UNITS, each_level, random_rows, rng};
use crate::kernel::{LANES, padded, widen_scaled};

/// Velocity, weights, quantised weights and norms to the norm of the row.
type Update<'a> = dyn Fn(&mut [f32], &mut [f32], &mut [i16], &mut [i16]) -> i16 + 'a;

#[test]
fn updates() {
    each_level(|| {
        for &units in &UNITS {
            for momentum in [false, true] {
                let rng = &mut rng(units as u64);
                let stride = padded(units);
                let sums = random_rows(1, units, 16, rng);
                let step = Step {
                    rate: 0.1 / 16384.0,
                    keep: 0.999,
                    momentum: 0.5,
                    scale: 512.0,
                };
                let mut weights = vec![0.0; stride];
                weights[..units].fill_with(|| (rng.next_u32() as i32) as f32 / 2e9);
                // Values that saturate, tie and are not numbers.
                for (slot, value) in weights.iter_mut().take(units).zip([
                    1e9,
                    -1e9,
                    0.5 / 512.0,
                    1.5 / 512.0,
                    f32::NAN,
                ]) {
                    *slot = value;
                }
                let velocity: Vec<f32> = if momentum {
                    weights.iter().map(|w| w * 0.01).collect()
                } else {
                    vec![]
                };
                let old = random_rows(1, units, 8, rng);
                let mut norms: Vec<i16> = old.iter().map(|q| q.abs()).collect();
                norms.iter_mut().skip(3).step_by(7).for_each(|n| *n = -9);
                let run = |update: &Update<'_>| {
                    // Norms that fall, and that are held at the end.
                    let (mut v, mut w, mut q, mut n) = (
                        velocity.clone(),
                        weights.clone(),
                        old.clone(),
                        norms.clone(),
                    );
                    let norm = update(&mut v, &mut w, &mut q, &mut n);
                    let bits = |x: Vec<f32>| {
                        x.iter()
                            .map(|x| if x.is_nan() { 0 } else { x.to_bits() })
                            .collect::<Vec<_>>()
                    };
                    (norm, bits(v), bits(w), q, n)
                };
                let mut wide = vec![0.0; stride];
                widen_scaled(&sums, 1.0, &mut wide);
                let expected = run(&|v, w, q, n| scalar::update(&step, &sums, v, w, q, n));
                assert_eq!(
                    run(&|v, w, q, n| scalar::update_wide(&step, &wide, v, w, q, n)),
                    expected
                );
                assert_eq!(
                    run(&|v, w, q, n| simd::update(&step, &sums, v, w, q, n)),
                    expected
                );
                assert_eq!(
                    run(&|v, w, q, n| simd::update_wide(&step, &wide, v, w, q, n)),
                    expected
                );
                for (((n, &q), &norm), &old) in
                    expected.4.iter().zip(&expected.3).zip(&norms).zip(&old)
                {
                    let rest = i32::from(norm as u16) - i32::from(old.unsigned_abs());
                    let sum = rest + i32::from(q.unsigned_abs());
                    assert_eq!(i32::from(*n as u16), sum.min(65_535), "{norm}, {old}, {q}");
                }
            }
        }
    });
}

#[test]
fn transposed_rows() {
    each_level(|| {
        for &units in &UNITS {
            for count in [1, 15, 16, 17, 48, 64] {
                let rows = random_rows(count, units, 16, &mut rng(units as u64));
                let column_stride = count + 7;
                let mut expected = vec![CANARY; padded(units) * column_stride];
                let mut found = expected.clone();
                let middle = padded(units) / 2 / LANES * LANES;
                for part in [0..middle, middle..padded(units)] {
                    let stride = padded(units);
                    scalar::transpose_rows(
                        &rows,
                        stride,
                        part.clone(),
                        &mut expected,
                        column_stride,
                        3,
                    );
                    simd::transpose_rows(&rows, stride, part.clone(), &mut found, column_stride, 3);
                    assert_eq!(found, expected);
                    assert!(
                        found[part.end * column_stride..]
                            .iter()
                            .all(|&x| x == CANARY)
                    );
                }
                for (i, row) in rows.chunks_exact(padded(units)).enumerate() {
                    for (j, weight) in row.iter().enumerate() {
                        assert_eq!(expected[j * column_stride + 3 + i], *weight);
                    }
                }
            }
        }
    });
}

#[test]
fn wrong_shapes_change_nothing_and_do_not_panic() {
    each_level(|| {
        for transpose in [scalar::transpose_rows, simd::transpose_rows] {
            transpose(&[1; 64], 32, 0..32, &mut [0; 10], 1, 5);
            transpose(&[1; 64], 32, 32..64, &mut [0; 10], 1, 5);
            transpose(&[1; 64], 0, 0..1, &mut [0; 10], 0, 5);
        }
    });
}
