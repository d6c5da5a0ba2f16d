//! Both kernels side by side, and approximate decisions beside exact ones.

use rand_core::Rng;

use super::{Block, UpdateRule, scalar, simd};
use crate::ising::Temperature;
use crate::kernel::tests::{chain, rng};
use crate::rng::UNITS_A_STEP;

/// A symmetric matrix.
struct Matrix([[i32; UNITS_A_STEP]; UNITS_A_STEP]);

impl Block for Matrix {
    fn row(&self, spin: usize) -> [i32; UNITS_A_STEP] {
        self.0[spin]
    }

    fn rows(&self) -> impl Iterator<Item = [i32; UNITS_A_STEP]> {
        self.0.into_iter()
    }
}

#[test]
fn decisions_agree_and_approximations_are_sure_of_nothing_else() {
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
            let approximation = simd::Approximation::new(temperature.units(), 60 * size);
            if let Some(excess) = approximation.excess(rule, &fields, up, words) {
                let decided = simd::decide(&matrix, [approximation; 2], [excess; 2]);
                for decided in decided.into_iter().flatten() {
                    assert_eq!(decided, expected);
                    sure += 1;
                }
            }
        }
    }
    assert!(sure > 7000, "{sure} of 8000 decisions were sure");
}
