//! The kernels by `libm`, a field at a time.

use crate::bits::ones;

use super::{Given, LANES, NEVER, TILE};

/// The sum of ln(1 + e^x) over `x`, at most 1000 vectors of 8; what is not a whole vector is left out. Relative error below
/// 1e-14.
#[must_use]
pub fn sum(x: &[f64]) -> f64 {
    let softplus = |x: f64| x.max(0.0) + libm::log1p(libm::exp(-x.abs()));
    x.as_chunks::<LANES>()
        .0
        .as_flattened()
        .iter()
        .map(|&x| softplus(x))
        .sum()
}

/// The probabilities that units of fields `x` are set, sigmoid(x), and that they are not, sigmoid(-x); each with a small
/// relative error down to e^-700.
#[must_use]
pub fn probabilities(x: [f64; LANES]) -> ([f64; LANES], [f64; LANES]) {
    let sigmoid = |x: f64| 1.0 / (1.0 + libm::exp(-x.max(NEVER)));
    (x.map(sigmoid), x.map(|x| sigmoid(-x)))
}

/// Adds `share` times the sigmoid of every number to sums; what is not a whole vector of 8 is left out.
pub fn sigmoids<const N: usize>(x: &[f64; N], share: f64, sums: &mut [f64; N]) {
    let whole = N / LANES * LANES;
    for (x, sum) in x.iter().zip(sums).take(whole) {
        *sum += share / (1.0 + libm::exp(-x.max(NEVER)));
    }
}

/// Adds the rows of set bits to sums in float64, one row after the other.
#[inline(always)]
pub fn add_set_rows<const N: usize>(rows: &[[f32; N]], bits: &[u64], sums: &mut [f64; N]) {
    let mut found = *sums;
    for at in ones(bits) {
        if let Some(row) = rows.get(at) {
            for (sum, x) in found.iter_mut().zip(row) {
                *sum += f64::from(*x);
            }
        }
    }
    *sums = found;
}

/// Functions that add rows times their factors to sums of a type. Rows that there are not count as zeros.
///
/// Four products are summed before they are added, so that additions wait for one another a quarter as often.
macro_rules! scaled_rows {
    ($($(#[$meta:meta])* $name:ident, $type:ty;)*) => {$(
        $(#[$meta])*
        #[inline(always)]
        pub fn $name<const N: usize>(
            rows: &[[f32; N]],
            factors: &[(u32, f64)],
            sums: &mut [$type; N],
        ) {
            let row = |at: u32| rows.get(at as usize).unwrap_or(&[0.0; N]);
            let mut found = *sums;
            let (fours, rest) = factors.as_chunks::<4>();
            for four in fours {
                let [a, b, c, d] = four.map(|(at, _)| row(at));
                let f = four.map(|(_, factor)| factor as $type);
                for (lane, sum) in found.iter_mut().enumerate() {
                    let [a, b, c, d] = [a, b, c, d].map(|row| <$type>::from(row[lane]));
                    *sum += (f[0] * a + f[1] * b) + (f[2] * c + f[3] * d);
                }
            }
            for &(at, factor) in rest {
                let factor = factor as $type;
                for (sum, x) in found.iter_mut().zip(row(at)) {
                    *sum += factor * <$type>::from(*x);
                }
            }
            *sums = found;
        }
    )*};
}

scaled_rows! {
    /// Adds rows times their factors to sums in float64.
    add_scaled_rows, f64;
    /// Adds rows times their factors to sums in float32.
    add_single_rows, f32;
}

/// The sigmoid of every number in float32: relative error at most 2^-21 down to e^-87, which smaller ones are.
///
/// e^-|x| is 2^n e^r, n whole and |r| at most ln 2 / 2, by Taylor's polynomial of degree 7.
#[inline(always)]
#[must_use]
pub fn single_sigmoids<const N: usize>(x: &[f32; N]) -> [f32; N] {
    /// Added to a small number, this leaves the nearest integer in the low bits.
    const ROUNDER: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first with zero bits at its end.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const TERMS: [f32; 6] = [
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        1.0 / 2.0,
        1.0,
    ];
    let mut found = [0.0; N];
    for (x, found) in x.iter().zip(&mut found) {
        let far = -x.abs();
        let far = if far < -87.0 { -87.0 } else { far };
        let rounded = far * core::f32::consts::LOG2_E + ROUNDER;
        let n = rounded - ROUNDER;
        let r = far - n * LN_2[0] - n * LN_2[1];
        let mut sum = 1.0 / 5_040.0;
        for term in TERMS {
            sum = sum * r + term;
        }
        let power = sum * r + 1.0;
        let decay = f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 23));
        let likely = 1.0 / (1.0 + decay);
        *found = if *x >= 0.0 { likely } else { decay * likely };
    }
    found
}

/// e^x of every number.
#[must_use]
pub fn exponentials(x: [f64; TILE]) -> [f64; TILE] {
    x.map(libm::exp)
}

/// For each of 16 visible units with factors e^w, the sum over hidden units of ln(q + p e^w), or of ln(p + q e^w) where the
/// unit is set. A product takes `period` factors before its logarithm: no product may leave the range of float64.
#[must_use]
pub fn ln_products(
    factors: &[[f64; TILE]],
    set: &[bool; TILE],
    hidden: &[Given],
    period: usize,
) -> [f64; TILE] {
    let _ = period;
    let mut sums = [0.0; TILE];
    for (factors, hidden) in factors.iter().zip(hidden) {
        for ((sum, factor), set) in sums.iter_mut().zip(factors).zip(set) {
            let (stays, turns) = if *set {
                (hidden.p, hidden.q)
            } else {
                (hidden.q, hidden.p)
            };
            *sum += libm::log(stays + turns * factor);
        }
    }
    sums
}
