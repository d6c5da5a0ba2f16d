//! ln(1 + e^x) and sigmoid of many numbers at once.

use wide::f64x8;

/// Lanes of a vector.
pub(super) const LANES: usize = 8;

/// A field of which ln(1 + e^x) is zero and e^x a normal number: what padding is filled with.
pub(super) const NEVER: f64 = -700.0;

/// The sum of ln(1 + e^x) over `x`, at most 1000 vectors of 8. Relative error below 1e-14.
///
/// One logarithm for all: the sum of max(x, 0) and the logarithm of a product of 1 + e^-|x|, which are at most 2.
pub(super) fn sum(x: &[f64]) -> f64 {
    let (vectors, _) = x.as_chunks::<LANES>();
    let (mut linear, mut product) = (f64x8::ZERO, f64x8::ONE);
    for &x in vectors {
        let x = f64x8::new(x);
        linear += x.max(f64x8::ZERO);
        product *= f64x8::ONE + decay(x);
    }
    linear.reduce_add() + product.ln().reduce_add()
}

/// The probabilities that units of fields `x` are set, sigmoid(x), and that they are not, sigmoid(-x); each with a small
/// relative error down to e^-700.
pub(super) fn probabilities(x: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
    let decays = decay(f64x8::new(x));
    let likely = f64x8::ONE / (f64x8::ONE + decays);
    let (likely, unlikely) = (likely.to_array(), (decays * likely).to_array());
    let pick = |lane: usize, set: bool| {
        if (x[lane] >= 0.0) == set {
            likely[lane]
        } else {
            unlikely[lane]
        }
    };
    (
        std::array::from_fn(|lane| pick(lane, true)),
        std::array::from_fn(|lane| pick(lane, false)),
    )
}

/// e^-|x|, held to e^-700.
fn decay(x: f64x8) -> f64x8 {
    (-x.abs()).max(f64x8::splat(NEVER)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_formulas_from_end_to_end() {
        for step in -8000..8000 {
            let x = f64::from(step) * 0.125;
            let mut fields = [NEVER; 16];
            fields[11] = x;
            let expected = x.max(0.0) + (-x.abs()).exp().ln_1p();
            let error = (sum(&fields) - expected).abs();
            assert!(
                error <= 1e-15 + 1e-14 * expected.min(1.0).max(x * 0.1),
                "{x}: {error}"
            );
            let (p, q) = probabilities([x; LANES]);
            for (found, x) in [(p[3], x), (q[7], -x)] {
                let expected = 1.0 / (1.0 + (-x.max(-699.9)).exp());
                assert!((found / expected - 1.0).abs() < 1e-14 || x < -699.0, "{x}");
            }
        }
    }
}
