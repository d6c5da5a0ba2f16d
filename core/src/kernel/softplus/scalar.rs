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

/// Adds rows times their factors to sums in float64, one row after the other. Rows that there are not are left out.
#[inline(always)]
pub fn add_scaled_rows<const N: usize>(
    rows: &[[f32; N]],
    factors: &[(u32, f64)],
    sums: &mut [f64; N],
) {
    let mut found = *sums;
    for &(at, factor) in factors {
        if let Some(row) = rows.get(at as usize) {
            for (sum, x) in found.iter_mut().zip(row) {
                *sum += factor * f64::from(*x);
            }
        }
    }
    *sums = found;
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
