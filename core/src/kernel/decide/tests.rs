//! Both kernels side by side, and approximate decisions beside exact ones.

use std::vec::Vec;

use rand_core::Rng;

use super::simd::SMALL;
use super::{Approximation, Block, LOGARITHM_ERROR, UpdateRule, scalar};
use crate::fixed::noise;
use crate::ising::Temperature;
use crate::kernel::simd::decide as simd;
use crate::kernel::tests::{chain, each_level, rng};
use crate::rng::UNITS_A_STEP;

/// A symmetric matrix.
struct Matrix([[i32; UNITS_A_STEP]; UNITS_A_STEP]);

impl Block for Matrix {
    fn row(&self, spin: usize) -> [i32; UNITS_A_STEP] {
        self.0[spin]
    }
}

#[test]
fn decisions_agree_and_approximations_are_sure_of_nothing_else() {
    each_level(|| {
        let random = &mut rng(1);
        let chain = &mut chain(2);
        let mut sure = 0;
        for round in 0..2000 {
            let size = [1, 30, 2000][round % 3];
            let mut number = |size: i32| random.next_u32() as i32 % (size + 1);
            let mut matrix = Matrix([[0; UNITS_A_STEP]; UNITS_A_STEP]);
            for i in 0..UNITS_A_STEP {
                for j in 0..i {
                    matrix.0[i][j] = number(size);
                    matrix.0[j][i] = matrix.0[i][j];
                }
            }
            let fields = core::array::from_fn(|_| number(20 * size));
            let up = number(65_535) as u16;
            let temperature =
                Temperature::new([0.05, 0.5][round / 3 % 2] / f64::from(size), 0).unwrap();
            let words = chain.words();
            for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
                let bounds = words.map(|word| temperature.bound(rule, word));
                assert_eq!(
                    simd::wanted(rule, &fields, up, &bounds),
                    scalar::wanted(rule, &fields, up, &bounds)
                );
                for count in [1, 15, UNITS_A_STEP] {
                    assert_eq!(
                        simd::decide_exactly(&matrix, count, rule, &fields, up, &bounds),
                        scalar::decide_exactly(&matrix, count, rule, &fields, up, &bounds),
                    );
                }
                let expected =
                    scalar::decide_exactly(&matrix, UNITS_A_STEP, rule, &fields, up, &bounds);
                let approximation = Approximation::new(temperature.units(), 60 * size);
                let decided = simd::decide(
                    &matrix,
                    &[approximation; 2],
                    rule,
                    &[fields; 2],
                    [up; 2],
                    &[words; 2],
                );
                for decided in decided.into_iter().flatten() {
                    assert_eq!(decided, expected);
                    sure += 1;
                }
            }
        }
        assert!(sure > 7000, "{sure} of 8000 decisions were sure");
    });
}

#[test]
fn the_logarithm_is_as_near_as_its_error_says() {
    each_level(|| {
        let mut worst = 0.0_f64;
        let octaves = (SMALL..32).flat_map(|octave| {
            let start = 1_u32 << octave;
            (0..1_u32 << 16).map(move |k| start + ((u64::from(k) << octave) >> 16) as u32)
        });
        let ends = (SMALL..32).flat_map(|octave| [1 << octave, (1 << octave) - 1 + (1 << octave)]);
        let all: Vec<u32> = octaves.chain(ends).collect();
        for chunk in all.chunks_exact(UNITS_A_STEP) {
            let numbers = core::array::from_fn(|i| chunk[i]);
            for (v, found) in numbers.into_iter().zip(simd::logarithms(numbers)) {
                let exact = f64::from(noise::minus_log2(v)) / f64::from(1 << noise::NOISE_BITS);
                worst = worst.max((f64::from(found) - exact).abs());
            }
        }
        assert!(worst < LOGARITHM_ERROR, "{worst} of {LOGARITHM_ERROR}");
    });
}
