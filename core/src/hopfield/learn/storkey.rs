//! Storkey's rule, in float64.

use crate::Error;
use crate::bits::{Bits, spin};
use crate::error::check_len;
use crate::network::check_units;

/// Stores one more pattern by Storkey's rule (Storkey 1997): w_ij += (1/N) (x_i x_j - x_i h_ji - h_ij x_j), with
/// h_ij = sum over k other than i and j of w_ik x_k. Begin with zeros; the diagonal is part of the rule's state, and is
/// left out only when the matrix is [quantised](super::quantise()). The rule is local and incremental; what it stores
/// depends on the order, so that a pattern cannot be taken out again. `fields` is N numbers to work in. O(N^2).
///
/// # Errors
/// [`Error::Length`] unless there are N^2 weights and N fields; [`Error::OutOfRange`] for fewer than 2 units.
pub fn storkey_store<S: AsRef<[u64]>>(
    pattern: &Bits<S>,
    weights: &mut [f64],
    fields: &mut [f64],
) -> Result<(), Error> {
    let units = pattern.len();
    check_units(units)?;
    check_len("couplings", units * units, weights.len())?;
    check_len("fields", units, fields.len())?;
    let x = |i: usize| f64::from(spin(pattern.as_words(), i));
    // g_i = sum over k other than i of w_ik x_k, so that h_ij = g_i - w_ij x_j.
    for (i, (row, field)) in weights
        .chunks_exact(units)
        .zip(fields.iter_mut())
        .enumerate()
    {
        let terms = row.iter().enumerate().filter(|&(k, _)| k != i);
        *field = terms.map(|(k, w)| w * x(k)).sum();
    }
    for (i, row) in weights.chunks_exact_mut(units).enumerate() {
        let (x_i, g_i) = (x(i), fields.get(i).copied().unwrap_or(0.0));
        for (j, (w, g_j)) in row.iter_mut().zip(fields.iter()).enumerate() {
            let (x_j, h_ji) = (x(j), g_j - *w * x_i);
            let h_ij = g_i - *w * x_j;
            // Added in an order in which i and j may change places, so that the matrix stays symmetric to the bit.
            *w += (x_i * x_j - (x_i * h_ji + h_ij * x_j)) / units as f64;
        }
    }
    Ok(())
}
