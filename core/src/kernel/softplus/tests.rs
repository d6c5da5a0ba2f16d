//! Both kernels beside the formulas.

use std::vec::Vec;

use rand_core::Rng;

use super::{Given, LANES, NEVER, TILE, scalar, simd};
use crate::kernel::tests::rng;

#[test]
fn sums_and_probabilities_are_those_of_the_formulas_from_end_to_end() {
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
}

/// Any number of factors, and products of any period within the range, to a relative error of 1e-13 of the terms.
#[test]
fn logarithms_of_products_are_sums_of_logarithms() {
    let random = &mut rng(1);
    let mut uniform = || f64::from(random.next_u32()) / 4_294_967_296.0;
    for (count, period) in [(0, 3), (1, 1), (7, 3), (100, 100), (101, 9)] {
        let weights: Vec<[f64; TILE]> = (0..count)
            .map(|_| core::array::from_fn(|_| 6.0 * uniform() - 3.0))
            .collect();
        let factors: Vec<[f64; TILE]> = weights.iter().map(|&w| simd::exponentials(w)).collect();
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
}
