//! The kernels on vectors of eight lanes.

use bytemuck::cast;

use super::{Given, LANES, NEVER, TILE};
use crate::kernel::vector::{Floats, Lanes, Magnitude, Shifts, Simd};

/// Vectors of a row of factors: their products stay in registers.
const VECTORS: usize = TILE / LANES;

/// See [`scalar::sum`](super::scalar::sum).
///
/// One logarithm for all: the sum of max(x, 0) and the logarithm of a product of 1 + e^-|x|, which are at most 2.
#[inline(always)]
#[must_use]
pub(crate) fn sum<S: Simd>(_: S, x: &[f64]) -> f64 {
    let (vectors, _) = x.as_chunks::<LANES>();
    let (mut linear, mut product) = (S::F64x8::splat(0.0), S::F64x8::splat(1.0));
    for &x in vectors {
        let x = S::F64x8::new(x);
        linear += x.max(S::F64x8::splat(0.0));
        product *= S::F64x8::splat(1.0) + decay::<S>(x);
    }
    total::<S>(linear) + total::<S>(ln::<S>(product))
}

/// See [`scalar::probabilities`](super::scalar::probabilities).
#[inline(always)]
#[must_use]
pub(crate) fn probabilities<S: Simd>(_: S, x: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
    let decays = decay::<S>(S::F64x8::new(x));
    let likely = S::F64x8::splat(1.0) / (S::F64x8::splat(1.0) + decays);
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
#[inline(always)]
fn decay<S: Simd>(x: S::F64x8) -> S::F64x8 {
    exp::<S>((-x.abs()).max(S::F64x8::splat(NEVER)))
}

/// See [`scalar::exponentials`](super::scalar::exponentials).
#[must_use]
#[inline(always)]
pub(crate) fn exponentials<S: Simd>(_: S, x: [f64; TILE]) -> [f64; TILE] {
    let mut vectors = vectors::<S>(&x);
    for vector in &mut vectors {
        *vector = exp::<S>(*vector);
    }
    lanes::<S>(vectors)
}

/// See [`scalar::ln_products`](super::scalar::ln_products). Five operations on vectors for every 8 factors.
#[inline(always)]
#[must_use]
pub(crate) fn ln_products<S: Simd>(
    _: S,
    factors: &[[f64; TILE]],
    set: &[bool; TILE],
    hidden: &[Given],
    period: usize,
) -> [f64; TILE] {
    // All bits set where the unit is.
    let ones = set.map(|set| if set { f64::from_bits(u64::MAX) } else { 0.0 });
    let set = vectors::<S>(&ones);
    let mut sums = [S::F64x8::splat(0.0); VECTORS];
    let period = period.max(1);
    for (factors, hidden) in factors.chunks(period).zip(hidden.chunks(period)) {
        let mut products = [S::F64x8::splat(1.0); VECTORS];
        for (factors, hidden) in factors.iter().zip(hidden) {
            let (p, q) = (S::F64x8::splat(hidden.p), S::F64x8::splat(hidden.q));
            let factors = vectors::<S>(factors);
            for vector in 0..VECTORS {
                let stays = select::<S>(set[vector], p, q);
                let turns = select::<S>(set[vector], q, p);
                products[vector] *= stays + turns * factors[vector];
            }
        }
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum += ln::<S>(product);
        }
    }
    lanes::<S>(sums)
}

/// `set` where `mask` has all bits set, `clear` where it has none.
#[inline(always)]
fn select<S: Simd>(mask: S::F64x8, set: S::F64x8, clear: S::F64x8) -> S::F64x8 {
    let [mask, set, clear] = [mask, set, clear].map(cast::<S::F64x8, S::U64x8>);
    cast((mask & set) | (!mask & clear))
}

/// ln 2 in two parts, the first with zero bits at its end, so that its product with a small whole number is exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];

/// e^x for x in -700..=709: 2^n e^r, n whole and |r| at most ln 2 / 2, by Taylor's polynomial of degree 13.
#[inline(always)]
fn exp<S: Simd>(x: S::F64x8) -> S::F64x8 {
    /// Added to a small number, this leaves the nearest integer in the low bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    const TERMS: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
    ];
    let splat = S::F64x8::splat;
    let rounded = x * splat(core::f64::consts::LOG2_E) + splat(ROUNDER);
    let n = rounded - splat(ROUNDER);
    let r = x - n * splat(LN_2[0]) - n * splat(LN_2[1]);
    let mut sum = splat(TERMS[0]);
    for &term in &TERMS[1..] {
        sum = sum * r + splat(term);
    }
    let power = (sum * r + splat(1.0)) * r + splat(1.0);
    let exponent = cast::<S::F64x8, S::U64x8>(rounded).shl(52);
    cast(cast::<S::F64x8, S::U64x8>(power) + exponent)
}

/// ln x for normal positive x: x is 2^k (1 + f) with 1 + f between the roots of 1/2 and 2, and ln(1 + f) is an odd
/// polynomial of s = f / (2 + f), whose coefficients are those of FreeBSD's `e_log.c`: error below 1 ulp.
#[inline(always)]
fn ln<S: Simd>(x: S::F64x8) -> S::F64x8 {
    const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    /// 2^52, whose lowest bits count ones.
    const COUNT: u64 = 0x4330_0000_0000_0000;
    const TERMS: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    let (splat, whole) = (S::F64x8::splat, S::U64x8::splat);
    let bits = cast::<S::F64x8, S::U64x8>(x) + whole(ONE - ROOT_OF_HALF);
    let exponent: S::F64x8 = cast(bits.shr(52) | whole(COUNT));
    let k = exponent - splat(4_503_599_627_370_496.0 + 1023.0);
    let mantissa: S::F64x8 = cast((bits & whole((1 << 52) - 1)) + whole(ROOT_OF_HALF));
    let f = mantissa - splat(1.0);
    let s = f / (splat(2.0) + f);
    let z = s * s;
    let mut sum = splat(TERMS[6]);
    for &term in TERMS[..6].iter().rev() {
        sum = sum * z + splat(term);
    }
    let half = splat(0.5) * f * f;
    k * splat(LN_2[0]) + (s * (half + sum * z) + k * splat(LN_2[1]) - half + f)
}

/// The sum of the lanes.
#[inline(always)]
fn total<S: Simd>(x: S::F64x8) -> f64 {
    x.to_array().iter().sum()
}

#[inline(always)]
fn vectors<S: Simd>(lanes: &[f64; TILE]) -> [S::F64x8; VECTORS] {
    let mut vectors = [S::F64x8::splat(0.0); VECTORS];
    for (vector, lanes) in vectors.iter_mut().zip(lanes.as_chunks::<LANES>().0) {
        *vector = S::F64x8::new(*lanes);
    }
    vectors
}

#[inline(always)]
fn lanes<S: Simd>(vectors: [S::F64x8; VECTORS]) -> [f64; TILE] {
    let mut lanes = [0.0; TILE];
    for (lanes, vector) in lanes.as_chunks_mut::<LANES>().0.iter_mut().zip(vectors) {
        *lanes = vector.to_array();
    }
    lanes
}

/// See [`scalar::add_set_rows`](super::scalar::add_set_rows), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn add_set_rows<S: Simd, const N: usize>(
    _: S,
    rows: &[[f32; N]],
    bits: &[u64],
    sums: &mut [f64; N],
) {
    super::scalar::add_set_rows(rows, bits, sums);
}

/// See [`scalar::add_scaled_rows`](super::scalar::add_scaled_rows), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn add_scaled_rows<S: Simd, const N: usize>(
    _: S,
    rows: &[[f32; N]],
    factors: &[(u32, f64)],
    sums: &mut [f64; N],
) {
    super::scalar::add_scaled_rows(rows, factors, sums);
}

/// See [`scalar::add_single_rows`](super::scalar::add_single_rows), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn add_single_rows<S: Simd, const N: usize>(
    _: S,
    rows: &[[f32; N]],
    factors: &[(u32, f64)],
    sums: &mut [f32; N],
) {
    super::scalar::add_single_rows(rows, factors, sums);
}

/// See [`scalar::single_sigmoids`](super::scalar::single_sigmoids), whose loop compilers turn into vectors.
#[inline(always)]
#[must_use]
pub(crate) fn single_sigmoids<S: Simd, const N: usize>(_: S, x: &[f32; N]) -> [f32; N] {
    super::scalar::single_sigmoids(x)
}

/// See [`scalar::sigmoids`](super::scalar::sigmoids).
#[inline(always)]
pub(crate) fn sigmoids<S: Simd, const N: usize>(
    _: S,
    x: &[f64; N],
    share: f64,
    sums: &mut [f64; N],
) {
    let (one, share) = (S::F64x8::splat(1.0), S::F64x8::splat(share));
    for (x, sums) in x
        .as_chunks::<LANES>()
        .0
        .iter()
        .zip(sums.as_chunks_mut::<LANES>().0)
    {
        let x = S::F64x8::new(*x);
        let decays = decay::<S>(x);
        let likely = one / (one + decays);
        // All bits set where x is negative.
        let negative: S::U64x8 = cast(x);
        let negative = S::U64x8::splat(0) - negative.shr(63);
        let sigmoid = select::<S>(cast(negative), decays * likely, likely);
        *sums = (S::F64x8::new(*sums) + share * sigmoid).to_array();
    }
}
