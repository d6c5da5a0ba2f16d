//! Quantisation of float64 couplings.

use crate::Error;
use crate::error::check_len;
use crate::network::Weight;
use crate::network::check_units;

/// Writes float64 couplings as integers with a zero diagonal, and returns the scale: w = weight / scale, to within half
/// a unit, where the largest magnitude becomes 127 (`i8`) or 32,767 (`i16`; less for more than 32,768 units, so that
/// fields fit).
///
/// A unit's field is off by (N - 1) / (2 scale) at most: a spin whose float field is larger than that turns the same
/// way. The inverse temperature that belongs to one unit of the integers is beta / scale. O(N^2).
///
/// # Errors
/// [`Error::OutOfRange`] unless 2 <= `units` <= 65,536; [`Error::Length`] unless both matrices are N^2;
/// [`Error::NotFinite`] if a coupling is not.
pub fn quantise<W: Weight>(
    units: usize,
    weights: &[f64],
    quantised: &mut [W],
) -> Result<f64, Error> {
    check_units(units)?;
    check_len("couplings", units * units, weights.len())?;
    check_len("quantised couplings", units * units, quantised.len())?;
    if let Some(index) = weights.iter().position(|w| !w.is_finite()) {
        return Err(Error::NotFinite {
            what: "couplings",
            index,
        });
    }
    let off_diagonal = |at: usize| at / units != at % units;
    let largest = weights
        .iter()
        .enumerate()
        .filter(|&(at, _)| off_diagonal(at))
        .fold(0.0_f64, |largest, (_, w)| largest.max(w.abs()));
    let limit = W::LIMIT.min(((1 << 30) - 1) / units as i32);
    let scale = if largest > 0.0 {
        f64::from(limit) / largest
    } else {
        1.0
    };
    // Couplings so small that the scale is infinite are none.
    let scale = if scale.is_finite() { scale } else { 1.0 };
    for (at, (slot, w)) in quantised.iter_mut().zip(weights).enumerate() {
        let rounded = libm::rint(w * scale) as i32;
        *slot = match off_diagonal(at) {
            true => W::from_i32(rounded.clamp(-limit, limit)),
            false => W::ZERO,
        };
    }
    Ok(scale)
}
