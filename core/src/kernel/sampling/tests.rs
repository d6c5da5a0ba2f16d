//! Both kernels side by side, at the sizes where vectors, words and lists end.

use std::vec;
use std::vec::Vec;

use rand_core::Rng;

use super::scalar;
use crate::bits::{WORD, tail_mask, words};
use crate::kernel::padded;
use crate::kernel::simd::sampling as simd;
use crate::kernel::tests::{CANARY, UNITS, chain, each_level, random_bits, random_rows, rng};

#[test]
fn samples_probabilities_and_errors() {
    each_level(|| {
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
    });
}

#[test]
fn the_near_path_is_reached_and_agrees() {
    each_level(|| {
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
    });
}

#[test]
fn binarisation() {
    each_level(|| {
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
    });
}
