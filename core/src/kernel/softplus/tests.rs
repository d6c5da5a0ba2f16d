//! Both kernels beside the formulas.

use std::vec::Vec;

use rand_core::Rng;

use super::{Given, LANES, NEVER, TILE, scalar};
use crate::kernel::simd::softplus as simd;
use crate::kernel::tests::{each_level, rng};

#[test]
fn sums_and_probabilities_are_those_of_the_formulas_from_end_to_end() {
    each_level(|| {
        for (sum, probabilities) in [
            (
                scalar::sum as fn(&[f64]) -> f64,
                scalar::probabilities as fn(_) -> _,
            ),
            (simd::sum, simd::probabilities),
        ] {
            for step in -8000..8000 {
                let x = f64::from(step) * 0.125;
                let mut fields = [NEVER; 16];
                fields[11] = x;
                let expected = x.max(0.0) + libm::log1p(libm::exp(-x.abs()));
                let error = (sum(&fields) - expected).abs();
                assert!(
                    error <= 1e-15 + 1e-14 * expected.min(1.0).max(x * 0.1),
                    "{x}: {error}"
                );
                let (p, q): ([f64; LANES], [f64; LANES]) = probabilities([x; LANES]);
                for (found, x) in [(p[3], x), (q[7], -x)] {
                    let expected = 1.0 / (1.0 + libm::exp(-x.max(-699.9)));
                    assert!((found / expected - 1.0).abs() < 1e-14 || x < -699.0, "{x}");
                }
            }
        }
    });
}

/// Any number of factors, and products of any period within the range, to a relative error of 1e-13 of the terms.
#[test]
fn logarithms_of_products_are_sums_of_logarithms() {
    each_level(|| {
        let random = &mut rng(1);
        let mut uniform = || f64::from(random.next_u32()) / 4_294_967_296.0;
        for (count, period) in [(0, 3), (1, 1), (7, 3), (100, 100), (101, 9)] {
            let weights: Vec<[f64; TILE]> = (0..count)
                .map(|_| core::array::from_fn(|_| 6.0 * uniform() - 3.0))
                .collect();
            let factors: Vec<[f64; TILE]> =
                weights.iter().map(|&w| simd::exponentials(w)).collect();
            for (w, found) in weights.iter().zip(&factors) {
                let exact = scalar::exponentials(*w);
                assert!(
                    exact
                        .iter()
                        .zip(found)
                        .all(|(a, b)| (a / b - 1.0).abs() < 1e-14)
                );
            }
            let hidden: Vec<Given> = (0..count)
                .map(|_| {
                    let p = uniform();
                    Given {
                        field: 0.0,
                        p,
                        q: 1.0 - p,
                    }
                })
                .collect();
            let set = core::array::from_fn(|lane| lane % 3 == 0);
            let found = simd::ln_products(&factors, &set, &hidden, period);
            let expected = scalar::ln_products(&factors, &set, &hidden, period);
            for (found, expected) in found.into_iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= 3e-13 * f64::from(count),
                    "{found}, {expected}"
                );
            }
        }
    });
}

#[test]
fn rows_and_sigmoids_are_added() {
    each_level(|| {
        let random = &mut rng(5);
        let mut uniform = || f64::from(random.next_u32()) / 4_294_967_296.0;
        let rows: Vec<[f32; 32]> = (0..70)
            .map(|_| core::array::from_fn(|_| uniform() as f32 - 0.5))
            .collect();
        let bits = [0x8421_0f0f_1234_5678, 0x35];
        let start: [f64; 32] = core::array::from_fn(|lane| 40.0 * (lane as f64 - 16.0));
        let (mut expected, mut found) = (start, start);
        scalar::add_set_rows(&rows, &bits, &mut expected);
        simd::add_set_rows(&rows, &bits, &mut found);
        assert_eq!(found, expected);
        let mut by_hand = start[3];
        for at in (0..70).filter(|at| bits[at / 64] >> (at % 64) & 1 != 0) {
            by_hand += f64::from(rows[at][3]);
        }
        assert_eq!(found[3], by_hand);
        // Rows that there are not count as zeros.
        let factors = [(69, 0.25), (3, -1.5), (70, 1.0), (3, 1e-3)];
        let (mut expected, mut found) = (start, start);
        scalar::add_scaled_rows(&rows, &factors, &mut expected);
        simd::add_scaled_rows(&rows, &factors, &mut found);
        assert_eq!(found, expected);
        let [mut singles, mut others] = [start.map(|x| x as f32); 2];
        scalar::add_single_rows(&rows, &factors, &mut singles);
        simd::add_single_rows(&rows, &factors, &mut others);
        assert_eq!(singles, others);
        let pairs = singles.iter().zip(found);
        assert!(pairs.clone().all(|(x, y)| (f64::from(*x) - y).abs() < 1e-4));
        let [last, third] = [rows[69][3], rows[3][3]].map(f64::from);
        let four = (0.25 * last - 1.5 * third) + 1e-3 * third;
        assert_eq!(found[3], start[3] + four);
        simd::add_scaled_rows(&rows, &factors[..2], &mut found);
        assert_eq!(found[3], start[3] + four + 0.25 * last - 1.5 * third);
        let (mut expected, mut found) = ([1.0; 32], [1.0; 32]);
        scalar::sigmoids(&start, 0.5, &mut expected);
        simd::sigmoids(&start, 0.5, &mut found);
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    });
}

#[test]
fn sigmoids_in_float32_are_close_to_the_formula_from_end_to_end() {
    each_level(|| {
        for step in -20_000..20_000_i16 {
            let x = f32::from(step) / 200.0;
            let found = simd::single_sigmoids(&[x; 32])[5];
            assert_eq!(found, scalar::single_sigmoids(&[x])[0]);
            let expected = 1.0 / (1.0 + libm::exp(-f64::from(x.max(-87.0))));
            let error = (f64::from(found) / expected - 1.0).abs();
            assert!(error < 4.8e-7, "{x}: {error}");
        }
    });
}
