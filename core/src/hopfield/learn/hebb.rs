//! Hebb's rule and the covariance rule, in integers.

use super::super::Patterns;
use crate::Error;
use crate::bits::{Bits, WORD, spin};
use crate::error::check_len;
use crate::kernel::overlap::signs;
use crate::network::Weight;
use crate::network::check_units;

/// w_ij += by x_i x_j off the diagonal, where `add(w, change)` is the sum. O(N^2).
fn add_outer<W: Copy>(pattern: &[u64], by: i32, weights: &mut [W], add: impl Fn(W, i32) -> W) {
    let units = weights.len().isqrt().max(1);
    for (i, row) in weights.chunks_exact_mut(units).enumerate() {
        let own = row.get(i).copied();
        let change = by * spin(pattern, i);
        for (row, word) in row.chunks_mut(WORD).zip(pattern) {
            for (bit, w) in row.iter_mut().enumerate() {
                let change = if word >> bit & 1 != 0 {
                    change
                } else {
                    -change
                };
                *w = add(*w, change);
            }
        }
        if let Some((w, own)) = row.get_mut(i).zip(own) {
            *w = own;
        }
    }
}

fn add_weight<W: Weight>(w: W, change: i32) -> W {
    W::from_i32(w.into() + change)
}

/// Hebb's rule with a zero diagonal, w_ij = sum_mu xi_mu,i xi_mu,j: P times the rule that divides by P, exactly.
/// O(P N^2).
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
    for pattern in patterns.iter() {
        add_outer(pattern, 1, weights, add_weight);
    }
    Ok(())
}

/// Adds to couplings, or does nothing at all where one would leave its range.
fn change<W: Weight>(
    pattern: &Bits<impl AsRef<[u64]>>,
    by: i32,
    weights: &mut [W],
) -> Result<(), Error> {
    let units = pattern.len();
    check_units(units)?;
    check_len("couplings", units * units, weights.len())?;
    let words = pattern.as_words();
    let leaves = |at: usize, w: W| {
        let (i, j) = (at / units, at % units);
        let change = by * spin(words, i) * spin(words, j);
        i != j && (w.into() + change).abs() > W::LIMIT
    };
    let full = |w: W| w.into().abs() >= W::LIMIT;
    let mut entries = weights.iter().copied().enumerate();
    if entries.any(|(at, w)| full(w) && leaves(at, w)) {
        return Err(Error::OutOfRange {
            what: "couplings",
            expected: "no more patterns than a coupling can count",
        });
    }
    add_outer(words, by, weights, add_weight);
    Ok(())
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
    change(pattern, 1, weights)
}

/// Removes a pattern that was stored by Hebb's rule. O(N^2).
///
/// # Errors
/// As of [`hebb_store`].
pub fn hebb_forget<S: AsRef<[u64]>, W: Weight>(
    pattern: &Bits<S>,
    weights: &mut [W],
) -> Result<(), Error> {
    change(pattern, -1, weights)
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
    let units = patterns.units();
    check_len("couplings", units * units, weights.len())?;
    if (patterns.count() as u64).pow(2) > W::LIMIT as u64 {
        return Err(Error::OutOfRange {
            what: "patterns",
            expected: "no more patterns than whose square a coupling can count",
        });
    }
    weights.fill(W::ZERO);
    for pattern in patterns.iter() {
        add_outer(pattern, 1, weights, add_weight);
    }
    // The sums S_i wait on the diagonal.
    let count = patterns.count() as i32;
    for i in 0..units {
        put(weights, i * (units + 1), W::from_i32(sum(patterns, i)));
    }
    let at = |weights: &[W], place: usize| -> i32 { weights.get(place).map_or(0, |&w| w.into()) };
    for i in 0..units {
        let sum_i = at(weights, i * (units + 1));
        for j in (0..units).filter(|&j| j != i) {
            let pair = at(weights, i * units + j);
            let value = count * pair - sum_i * at(weights, j * (units + 1));
            put(weights, i * units + j, W::from_i32(value));
        }
    }
    clear_diagonal(units, weights, W::ZERO);
    Ok(())
}

/// sum_mu xi_mu,i.
fn sum(patterns: &Patterns<impl AsRef<[u64]>>, i: usize) -> i32 {
    patterns.iter().map(|pattern| spin(pattern, i)).sum()
}

fn put<W>(weights: &mut [W], at: usize, value: W) {
    if let Some(slot) = weights.get_mut(at) {
        *slot = value;
    }
}

fn clear_diagonal<W: Copy>(units: usize, weights: &mut [W], zero: W) {
    weights
        .iter_mut()
        .step_by(units + 1)
        .for_each(|w| *w = zero);
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
    let (units, count) = (patterns.units(), patterns.count() as f64);
    check_len("couplings", units * units, weights.len())?;
    weights.fill(0.0);
    for pattern in patterns.iter() {
        add_outer(pattern, 1, weights, |w, change| w + f64::from(change));
    }
    for i in 0..units {
        put(weights, i * (units + 1), f64::from(sum(patterns, i)));
    }
    let at = |weights: &[f64], place: usize| weights.get(place).copied().unwrap_or(0.0);
    for i in 0..units {
        let sum_i = at(weights, i * (units + 1));
        for j in (0..units).filter(|&j| j != i) {
            // Whole numbers below 2^53, and one rounding: exact but for that.
            let pair = at(weights, i * units + j);
            let value = count * pair - sum_i * at(weights, j * (units + 1));
            put(weights, i * units + j, value / (count * count));
        }
    }
    clear_diagonal(units, weights, 0.0);
    Ok(())
}

/// The signs of Hebb's couplings into N rows of packed bits, with a clear diagonal. Sums of zero, which an even number
/// of patterns has, become -1 or +1 by a fixed hash of the pair, so that they plant no pattern.
/// `ties` is one more row to work in. O(P N^2) bits.
///
/// # Errors
/// [`Error::Length`] unless there are N rows of [`words`](crate::bits::words)`(N)` words, and one in `ties`.
pub fn clipped<S: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    rows: &mut [u64],
    ties: &mut [u64],
) -> Result<(), Error> {
    let (units, words) = (patterns.units(), patterns.words());
    check_len("couplings", units * words, rows.len())?;
    check_len("ties", words, ties.len())?;
    for (i, row) in rows.chunks_exact_mut(words).enumerate() {
        for (at, ties) in ties.iter_mut().enumerate() {
            let bits = 0..WORD.min(units.saturating_sub(at * WORD));
            let fair = |bit: usize| hash(i.min(at * WORD + bit), i.max(at * WORD + bit));
            *ties = bits.fold(0, |word, bit| word | u64::from(fair(bit)) << bit);
        }
        let all = patterns.as_words();
        let own = |mu: usize| i64::from(spin(all.get(mu * words..).unwrap_or_default(), i));
        signs(all, units, own, 0, ties, row);
        if let Some(word) = row.get_mut(i / WORD) {
            *word &= !(1 << (i % WORD));
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
