//! The pseudo-inverse rule, in float64.

use super::super::Patterns;
use crate::Error;
use crate::bits::{Bits, spin};
use crate::error::check_len;
use crate::network::check_units;

/// A pattern counts as a combination of others where less than this share of its length is its own.
const DEPENDENT: f64 = 1e-10;

/// The pseudo-inverse (projection) rule (Personnaz, Guyon and Dreyfus 1985): the projection onto the span of the
/// patterns, w_ij = (1/N) sum_mu,nu xi_mu,i (C^-1)_mu,nu xi_nu,j with C_mu,nu = (1/N) sum_k xi_mu,k xi_nu,k. Every
/// pattern is a fixed point. The diagonal is kept here and left out by [`quantise`](super::quantise()).
///
/// `basis` is P x N numbers to work in, an orthonormal basis of the patterns afterwards (Gram and Schmidt, twice, which
/// is enough). O(P N (P + N)).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights and P N numbers in `basis`; [`Error::OutOfRange`] if a pattern is a
/// combination of others: it is stored twice, or an inverse is, or there are more patterns than units. Then nothing
/// is written to the weights.
pub fn project<S: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    basis: &mut [f64],
    weights: &mut [f64],
) -> Result<(), Error> {
    project_while(patterns, basis, weights, || true).map(|_| ())
}

/// [`project`] that asks before every pattern whether to go on. Returns whether it ended; if not, basis and weights have no
/// meaning.
///
/// # Errors
/// As [`project`].
pub fn project_while<S: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    basis: &mut [f64],
    weights: &mut [f64],
    mut goes_on: impl FnMut() -> bool,
) -> Result<bool, Error> {
    let units = patterns.units();
    check_len("couplings", units * units, weights.len())?;
    if !orthonormalise(patterns, basis, &mut goes_on)? {
        return Ok(false);
    }
    weights.fill(0.0);
    // The upper half, some rows of the basis at a time while they are in the cache; then the lower half.
    for block in basis.chunks(8 * units) {
        if !goes_on() {
            return Ok(false);
        }
        for (i, row) in weights.chunks_exact_mut(units).enumerate() {
            let Some(row) = row.get_mut(i..) else {
                continue;
            };
            for vector in block.chunks_exact(units) {
                if let Some((factor, rest)) = vector.get(i).zip(vector.get(i..)) {
                    add_multiple(*factor, rest, row);
                }
            }
        }
    }
    mirror(units, weights);
    Ok(true)
}

/// Stores one more pattern by the pseudo-inverse rule: with v = x - W x, the part of it that is new, W += v v' / v'v.
/// Begin with zeros. `work` is 2 N numbers to work in. O(N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights and 2 N numbers in `work`; [`Error::OutOfRange`] if the pattern is a
/// combination of those stored, and then nothing is written to the weights.
pub fn project_store<S: AsRef<[u64]>>(
    pattern: &Bits<S>,
    weights: &mut [f64],
    work: &mut [f64],
) -> Result<(), Error> {
    let units = pattern.len();
    check_units(units)?;
    check_len("couplings", units * units, weights.len())?;
    check_len("work", 2 * units, work.len())?;
    let (new, projected) = work.split_at_mut(units);
    unpack(pattern.as_words(), new);
    for _ in 0..2 {
        projected.fill(0.0);
        for (row, &factor) in weights.chunks_exact(units).zip(new.iter()) {
            add_multiple(factor, row, projected);
        }
        add_multiple(-1.0, projected, new);
    }
    let length = own_length(new)?;
    add_outer(1.0 / length, new, weights);
    Ok(())
}

/// Removes a pattern that was stored by the pseudo-inverse rule: with v the part of it that the remaining patterns do
/// not have, W -= v v' / v'v, the projection onto the remaining ones. `basis` is (P' + 1) N numbers to work in for P'
/// remaining patterns. O(N (P'^2 + N)).
///
/// # Errors
/// [`Error::Length`] unless the lengths are as stated; [`Error::OutOfRange`] if the patterns are not independent, and
/// then nothing is written to the weights.
pub fn project_forget<S: AsRef<[u64]>, T: AsRef<[u64]>>(
    pattern: &Bits<S>,
    remaining: &Patterns<T>,
    basis: &mut [f64],
    weights: &mut [f64],
) -> Result<(), Error> {
    let units = remaining.units();
    check_len("pattern", units, pattern.len())?;
    check_len("couplings", units * units, weights.len())?;
    check_len("basis", (remaining.count() + 1) * units, basis.len())?;
    let (basis, own) = basis.split_at_mut(remaining.count() * units);
    orthonormalise(remaining, basis, &mut || true)?;
    unpack(pattern.as_words(), own);
    take_away(basis, own);
    let length = own_length(own)?;
    add_outer(-1.0 / length, own, weights);
    Ok(())
}

/// An orthonormal basis of the patterns, one vector a pattern; false if it was not to go on.
fn orthonormalise<S: AsRef<[u64]>>(
    patterns: &Patterns<S>,
    basis: &mut [f64],
    goes_on: &mut impl FnMut() -> bool,
) -> Result<bool, Error> {
    let units = patterns.units();
    check_len("basis", patterns.count() * units, basis.len())?;
    for (index, pattern) in patterns.iter().enumerate() {
        let (before, rest) = basis.split_at_mut(index * units);
        let Some(own) = rest.get_mut(..units) else {
            break;
        };
        if !goes_on() {
            return Ok(false);
        }
        unpack(pattern, own);
        take_away(before, own);
        let length = libm::sqrt(own_length(own)?);
        own.iter_mut().for_each(|x| *x /= length);
    }
    Ok(true)
}

/// Takes the components along an orthonormal basis away from a vector; twice, since once leaves what rounding adds.
fn take_away(basis: &[f64], vector: &mut [f64]) {
    for _ in 0..2 {
        for other in basis.chunks_exact(vector.len()) {
            add_multiple(-dot(other, vector), other, vector);
        }
    }
}

/// The squared length of what a pattern has of its own.
fn own_length(own: &[f64]) -> Result<f64, Error> {
    let length = dot(own, own);
    if length > DEPENDENT * own.len() as f64 {
        Ok(length)
    } else {
        Err(Error::OutOfRange {
            what: "patterns",
            expected: "linearly independent patterns",
        })
    }
}

fn unpack(pattern: &[u64], vector: &mut [f64]) {
    for (i, x) in vector.iter_mut().enumerate() {
        *x = f64::from(spin(pattern, i));
    }
}

/// The scalar product, in eight sums side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

fn add_multiple(factor: f64, vector: &[f64], to: &mut [f64]) {
    for (to, x) in to.iter_mut().zip(vector) {
        *to += factor * x;
    }
}

/// W += factor v v'.
fn add_outer(factor: f64, v: &[f64], weights: &mut [f64]) {
    for (row, &x) in weights.chunks_exact_mut(v.len()).zip(v) {
        for (w, &y) in row.iter_mut().zip(v) {
            *w += factor * (x * y);
        }
    }
}

/// Copies the upper half of a matrix into the lower one.
fn mirror(units: usize, weights: &mut [f64]) {
    for i in 1..units {
        let (above, from_row) = weights.split_at_mut(i * units);
        for (w, mirrored) in from_row.iter_mut().take(i).zip(above.chunks_exact(units)) {
            *w = mirrored.get(i).copied().unwrap_or(0.0);
        }
    }
}
