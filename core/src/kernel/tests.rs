//! Every kernel, scalar beside SIMD, at the sizes where vectors, words and lists end.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::*;
use crate::bits::{WORD, tail_mask, words};
use crate::rng::{ChainRng, Purpose, Streams};

/// Around one, a generator step, a vector, a word, two words; the lecture's layers.
const UNITS: [usize; 14] = [
    1,
    15,
    16,
    17,
    LANES - 1,
    LANES,
    LANES + 1,
    WORD - 1,
    WORD,
    WORD + 1,
    129,
    200,
    500,
    784,
];
const SAMPLES: [usize; 4] = [1, 2, 63, 131];
/// What surrounds an output, and must be untouched.
const CANARY: i16 = 0x5a5a;

fn rng(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

fn chain(seed: u64) -> ChainRng {
    Streams::new(seed, Purpose::Chains).next_chain()
}

/// Random bits for `samples` vectors of `units`; dense ones, sparse ones, full ones and empty ones by turns.
fn random_bits(units: usize, samples: usize, rng: &mut Xoshiro128PlusPlus) -> Vec<u64> {
    let mut bits = vec![];
    for sample in 0..samples {
        for word in 0..words(units) {
            let mask = if word + 1 == words(units) {
                tail_mask(units)
            } else {
                u64::MAX
            };
            let random = match sample % 4 {
                0 => rng.next_u64() & rng.next_u64() & rng.next_u64(),
                1 => rng.next_u64(),
                2 => u64::MAX,
                _ => 0,
            };
            bits.push(random & mask);
        }
    }
    bits
}

/// `rows` padded rows of random numbers, with zeros in the padding.
fn random_rows(rows: usize, units: usize, bits: u32, rng: &mut Xoshiro128PlusPlus) -> Vec<i16> {
    let mut values = vec![0; rows * padded(units)];
    for row in values.chunks_exact_mut(padded(units)) {
        row[..units].fill_with(|| (rng.next_u32() as i16) >> (16 - bits));
    }
    values
}

#[test]
fn rows_of_set_and_changed_bits() {
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
}

#[test]
fn nothing_is_added_beyond_the_width() {
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
}

#[test]
fn samples_probabilities_and_errors() {
    for &units in &UNITS {
        for fraction_bits in [0, 4, 8, 9, 11] {
            let rng = &mut rng(units as u64);
            // Narrow fields reach the near-threshold path and the middle of the curve, wide ones its ends.
            for bits in [9, 13, 16] {
                let fields: Vec<i16> = random_rows(1, padded(units), bits, rng)
                    .iter()
                    .map(|&field| field.max(-32_767))
                    .collect();
                let target = random_bits(units, 1, rng);
                let (mut a, mut b) = (chain(bits.into()), chain(bits.into()));
                let (mut bits_a, mut bits_b) =
                    (vec![u64::MAX; words(units)], vec![u64::MAX; words(units)]);
                let mut p_a = vec![CANARY; padded(units) + 1];
                let mut p_b = p_a.clone();
                let inner = padded(units);
                for _ in 0..30 {
                    scalar::sample(&fields, fraction_bits, units, &mut a, &mut bits_a);
                    simd::sample(&fields, fraction_bits, units, &mut b, &mut bits_b);
                    assert_eq!(bits_a, bits_b);
                    assert_eq!(
                        bits_a[units / WORD.max(1) - usize::from(units % WORD == 0)]
                            & !tail_mask(units),
                        0
                    );
                    let (pa, pb) = (&mut p_a[..inner], &mut p_b[..inner]);
                    scalar::sample_with_probabilities(
                        &fields,
                        fraction_bits,
                        units,
                        &mut a,
                        &mut bits_a,
                        pa,
                    );
                    simd::sample_with_probabilities(
                        &fields,
                        fraction_bits,
                        units,
                        &mut b,
                        &mut bits_b,
                        pb,
                    );
                    assert_eq!((&bits_a, &*pa), (&bits_b, &*pb));
                    scalar::probabilities(&fields, fraction_bits, units, &mut a, pa);
                    simd::probabilities(&fields, fraction_bits, units, &mut b, pb);
                    assert_eq!(pa, pb);
                    assert!(pa[units..].iter().all(|&p| p == 0));
                    let error_a = scalar::sample_with_error(
                        &fields,
                        fraction_bits,
                        units,
                        &mut a,
                        &target,
                        &mut bits_a,
                    );
                    let error_b = simd::sample_with_error(
                        &fields,
                        fraction_bits,
                        units,
                        &mut b,
                        &target,
                        &mut bits_b,
                    );
                    assert_eq!((error_a, &bits_a), (error_b, &bits_b));
                    assert_eq!(a, b, "the generators end in one state");
                }
                assert_eq!((p_a[inner], p_b[inner]), (CANARY, CANARY));
            }
        }
    }
}

#[test]
fn the_near_path_is_reached_and_agrees() {
    // One field for all lanes: each draw has 32 chances in 10,923 to fall near the threshold.
    let fields = [-700_i16; 4096];
    let (mut a, mut b) = (chain(1), chain(1));
    let (mut bits_a, mut bits_b) = ([0; 64], [0; 64]);
    let mut near = 0;
    for _ in 0..50 {
        let mut peek = a.clone();
        let threshold = crate::fixed::logistic16(crate::fixed::magnitude(-700, 9));
        for _ in 0..4096 / 16 {
            near += peek
                .step()
                .upper
                .iter()
                .filter(|&&u| u.wrapping_sub(threshold).wrapping_add(3) < 6)
                .count();
        }
        scalar::sample(&fields, 9, 4096, &mut a, &mut bits_a);
        simd::sample(&fields, 9, 4096, &mut b, &mut bits_b);
        assert_eq!(bits_a, bits_b);
    }
    assert!(near > 5, "{near} draws were near");
}

#[test]
fn binarisation() {
    for units in UNITS {
        let rng = &mut rng(units as u64);
        let pixels: Vec<u8> = (0..units)
            .map(|at| [0, 255, 1, 254, rng.next_u32() as u8][at % 5])
            .collect();
        let (mut a, mut b) = (chain(9), chain(9));
        let (mut bits_a, mut bits_b) = (vec![0; words(units)], vec![0; words(units)]);
        for _ in 0..20 {
            scalar::binarise(&pixels, &mut a, &mut bits_a);
            simd::binarise(&pixels, &mut b, &mut bits_b);
            assert_eq!((&bits_a, &a), (&bits_b, &b));
            for (at, &pixel) in pixels
                .iter()
                .enumerate()
                .filter(|(_, pixel)| matches!(pixel, 0 | 255))
            {
                assert_eq!(
                    bits_a[at / WORD] >> (at % WORD) & 1,
                    u64::from(pixel == 255)
                );
            }
        }
    }
}

#[test]
fn correlations() {
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
}

/// Velocity, weights, quantised weights and norms to the norm of the row.
type Update<'a> = dyn Fn(&mut [f32], &mut [f32], &mut [i16], &mut [i16]) -> i16 + 'a;

#[test]
fn updates() {
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
            for (slot, value) in
                weights
                    .iter_mut()
                    .take(units)
                    .zip([1e9, -1e9, 0.5 / 512.0, 1.5 / 512.0, f32::NAN])
            {
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
            simd::widen(&sums, &mut wide);
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
            for (((n, &q), &norm), &old) in expected.4.iter().zip(&expected.3).zip(&norms).zip(&old)
            {
                let rest = i32::from(norm as u16) - i32::from(old.unsigned_abs());
                let sum = rest + i32::from(q.unsigned_abs());
                assert_eq!(i32::from(*n as u16), sum.min(65_535), "{norm}, {old}, {q}");
            }
        }
    }
}

#[test]
fn transposed_rows() {
    for &units in &UNITS {
        for count in [1, 15, 16, 17, 48, 64] {
            let rows = random_rows(count, units, 16, &mut rng(units as u64));
            let column_stride = count + 7;
            let mut expected = vec![CANARY; padded(units) * column_stride];
            let mut found = expected.clone();
            scalar::transpose_rows(&rows, padded(units), &mut expected, column_stride, 3);
            simd::transpose_rows(&rows, padded(units), &mut found, column_stride, 3);
            assert_eq!(found, expected);
            for (i, row) in rows.chunks_exact(padded(units)).enumerate() {
                for (j, weight) in row.iter().enumerate() {
                    assert_eq!(expected[j * column_stride + 3 + i], *weight);
                }
            }
        }
    }
}

#[test]
fn wrong_shapes_change_nothing_and_do_not_panic() {
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
    for transpose in [scalar::transpose_rows, simd::transpose_rows] {
        transpose(&[1; 64], 32, &mut [0; 10], 1, 5);
        transpose(&[1; 64], 0, &mut [0; 10], 0, 5);
    }
}
