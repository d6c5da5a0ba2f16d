//! Hebb's rule and the covariance rule, in integers.

use super::super::patterns::{check_len, check_units};
use super::super::{Patterns, Weight};
use crate::Error;
use crate::bits::{Bits, WORD};
use crate::kernel::overlap::spin;

/// w_ij += by xi_i xi_j off the diagonal, or nothing at all where a coupling would leave its range.
fn add_outer<W: Weight>(
    pattern: &[u64],
    units: usize,
    by: i32,
    weights: &mut [W],
) -> Result<(), Error> {
    check_units(units)?;
    check_len("couplings", units * units, weights.len())?;
    let change = |i: usize, j: usize| by * spin(pattern, i) * spin(pattern, j);
    for (i, row) in weights.chunks_exact(units).enumerate() {
        for (j, &w) in row.iter().enumerate() {
            if i != j && (w.into() + change(i, j)).abs() > W::LIMIT {
                return Err(Error::OutOfRange {
                    what: "couplings",
                    expected: "no more patterns than a coupling can count",
                });
            }
        }
    }
    for (i, row) in weights.chunks_exact_mut(units).enumerate() {
        for (j, w) in row.iter_mut().enumerate() {
            if i != j {
                *w = W::try_from((*w).into() + change(i, j)).unwrap_or(W::ZERO);
            }
        }
    }
    Ok(())
}

/// Hebb's rule with a zero diagonal, w_ij = sum_mu xi_mu,i xi_mu,j: P times the rule that divides by P, exactly.
/// O(P N^2) bits.
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights; [`Error::OutOfRange`] for more than 127 (`i8`) or 32,767 (`i16`)
/// patterns.
pub fn hebb<S: AsRef<[u64]>, W: Weight>(
    patterns: &Patterns<S>,
    weights: &mut [W],
) -> Result<(), Error> {
    let units = patterns.units();
    check_len("couplings", units * units, weights.len())?;
    if patterns.count() > W::LIMIT as usize {
        return Err(Error::OutOfRange {
            what: "patterns",
            expected: "no more patterns than a coupling can count",
        });
    }
    weights.fill(W::ZERO);
    patterns
        .iter()
        .try_for_each(|pattern| add_outer(pattern, units, 1, weights))
}

/// Stores one more pattern by Hebb's rule. O(N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights; [`Error::OutOfRange`] if one would leave its range, and then
/// nothing is changed.
pub fn hebb_store<S: AsRef<[u64]>, W: Weight>(
    pattern: &Bits<S>,
    weights: &mut [W],
) -> Result<(), Error> {
    add_outer(pattern.as_words(), pattern.len(), 1, weights)
}

/// Forgets a pattern that was stored by Hebb's rule, as if it had never been. O(N^2).
///
/// # Errors
/// As of [`hebb_store`].
pub fn hebb_forget<S: AsRef<[u64]>, W: Weight>(
    pattern: &Bits<S>,
    weights: &mut [W],
) -> Result<(), Error> {
    add_outer(pattern.as_words(), pattern.len(), -1, weights)
}

/// sum_mu xi_mu,i for a unit, and sum_mu xi_mu,i xi_mu,j for a pair.
fn sum(patterns: &Patterns<impl AsRef<[u64]>>, i: usize) -> i64 {
    patterns.iter().map(|p| i64::from(spin(p, i))).sum()
}

fn pair(patterns: &Patterns<impl AsRef<[u64]>>, i: usize, j: usize) -> i64 {
    patterns
        .iter()
        .map(|p| i64::from(spin(p, i) * spin(p, j)))
        .sum()
}

/// The covariance rule with a zero diagonal in integers: w_ij = P sum_mu xi_mu,i xi_mu,j - S_i S_j, which is P^2 times
/// the covariance. O(P N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights; [`Error::OutOfRange`] if P^2 does not fit: more than 11 (`i8`) or
/// 181 (`i16`) patterns, for which there is [`covariance_f64`].
pub fn covariance<S: AsRef<[u64]>, W: Weight>(
    patterns: &Patterns<S>,
    weights: &mut [W],
) -> Result<(), Error> {
    let (units, count) = (patterns.units(), patterns.count() as i64);
    check_len("couplings", units * units, weights.len())?;
    if count * count > i64::from(W::LIMIT) {
        return Err(Error::OutOfRange {
            what: "patterns",
            expected: "no more patterns than whose square a coupling can count",
        });
    }
    for (i, row) in weights.chunks_exact_mut(units).enumerate() {
        let sum_i = sum(patterns, i);
        for (j, w) in row.iter_mut().enumerate() {
            let value = count * pair(patterns, i, j) - sum_i * sum(patterns, j);
            *w = match i == j {
                true => W::ZERO,
                false => W::try_from(value as i32).unwrap_or(W::ZERO),
            };
        }
    }
    Ok(())
}

/// The covariance rule with a zero diagonal in float64, divided by P: w_ij = (1/P) sum_mu (xi_mu,i - mean_i)
/// (xi_mu,j - mean_j). O(P N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights.
pub fn covariance_f64<S: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    weights: &mut [f64],
) -> Result<(), Error> {
    let (units, count) = (patterns.units(), patterns.count() as i64);
    check_len("couplings", units * units, weights.len())?;
    for (i, row) in weights.chunks_exact_mut(units).enumerate() {
        let sum_i = sum(patterns, i);
        for (j, w) in row.iter_mut().enumerate() {
            let value = count * pair(patterns, i, j) - sum_i * sum(patterns, j);
            *w = if i == j {
                0.0
            } else {
                value as f64 / (count * count) as f64
            };
        }
    }
    Ok(())
}

/// The signs of Hebb's couplings into N rows of packed bits, with a clear diagonal. Sums of zero, which an even number
/// of patterns has, become -1 or +1 by a fixed hash of the pair, so that they plant no pattern. O(P N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N rows of [`words`](crate::bits::words)`(N)` words.
pub fn clipped<S: AsRef<[u64]>>(patterns: &Patterns<S>, rows: &mut [u64]) -> Result<(), Error> {
    let (units, words) = (patterns.units(), patterns.words());
    check_len("couplings", units * words, rows.len())?;
    for (i, row) in rows.chunks_exact_mut(words).enumerate() {
        for (at, word) in row.iter_mut().enumerate() {
            *word = 0;
            for bit in 0..WORD.min(units - at * WORD) {
                let j = at * WORD + bit;
                let set = match pair(patterns, i, j) {
                    _ if i == j => false,
                    0 => hash(i.min(j), i.max(j)),
                    sum => sum > 0,
                };
                *word |= u64::from(set) << bit;
            }
        }
    }
    Ok(())
}

/// A fair bit for a pair of units (the finaliser of SplitMix64, Steele and others 2014).
fn hash(low: usize, high: usize) -> bool {
    let mut x = ((high as u64) << 32 | low as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ x >> 31) & 1 != 0
}
