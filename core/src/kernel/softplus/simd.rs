//! The kernels on vectors of eight lanes.

use wide::f64x8;

use super::{Given, LANES, NEVER, TILE};

/// Vectors of a row of factors: their products stay in registers.
const VECTORS: usize = TILE / LANES;

/// See [`scalar::sum`](super::scalar::sum).
///
/// One logarithm for all: the sum of max(x, 0) and the logarithm of a product of 1 + e^-|x|, which are at most 2.
#[inline]
#[must_use]
pub fn sum(x: &[f64]) -> f64 {
    let (vectors, _) = x.as_chunks::<LANES>();
    let (mut linear, mut product) = (f64x8::ZERO, f64x8::ONE);
    for &x in vectors {
        let x = f64x8::new(x);
        linear += x.max(f64x8::ZERO);
        product *= f64x8::ONE + decay(x);
    }
    linear.reduce_add() + product.ln().reduce_add()
}

/// See [`scalar::probabilities`](super::scalar::probabilities).
#[inline]
#[must_use]
pub fn probabilities(x: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
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
        core::array::from_fn(|lane| pick(lane, true)),
        core::array::from_fn(|lane| pick(lane, false)),
    )
}

/// e^-|x|, held to e^-700.
#[inline]
fn decay(x: f64x8) -> f64x8 {
    (-x.abs()).max(f64x8::splat(NEVER)).exp()
}

/// See [`scalar::exponentials`](super::scalar::exponentials).
#[must_use]
pub fn exponentials(x: [f64; TILE]) -> [f64; TILE] {
    lanes(vectors(&x).map(f64x8::exp))
}

/// See [`scalar::ln_products`](super::scalar::ln_products). Five operations on vectors for every 8 factors.
#[inline]
#[must_use]
pub fn ln_products(
    factors: &[[f64; TILE]],
    set: &[bool; TILE],
    hidden: &[Given],
    period: usize,
) -> [f64; TILE] {
    let ones = set.map(|set| if set { f64::from_bits(u64::MAX) } else { 0.0 });
    let set = vectors(&ones);
    let mut sums = [f64x8::ZERO; VECTORS];
    let period = period.max(1);
    for (factors, hidden) in factors.chunks(period).zip(hidden.chunks(period)) {
        let mut products = [f64x8::ONE; VECTORS];
        for (factors, hidden) in factors.iter().zip(hidden) {
            let (p, q) = (f64x8::splat(hidden.p), f64x8::splat(hidden.q));
            let factors = vectors(factors);
            for vector in 0..VECTORS {
                let stays = set[vector].select(p, q);
                let turns = set[vector].select(q, p);
                products[vector] *= stays + turns * factors[vector];
            }
        }
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum += product.ln();
        }
    }
    lanes(sums)
}

#[inline(always)]
fn vectors(lanes: &[f64; TILE]) -> [f64x8; VECTORS] {
    core::array::from_fn(|vector| {
        f64x8::new(core::array::from_fn(|lane| lanes[vector * LANES + lane]))
    })
}

#[inline(always)]
fn lanes(vectors: [f64x8; VECTORS]) -> [f64; TILE] {
    let mut lanes = [0.0; TILE];
    for (lanes, vector) in lanes.as_chunks_mut::<LANES>().0.iter_mut().zip(vectors) {
        *lanes = vector.to_array();
    }
    lanes
}
