//! Float couplings and fields as integers.

use super::MAX_FRACTION_BITS;
use crate::Error;
use crate::error::check_len;
use crate::network::Weight;

/// Quantised magnitudes sum to less than this a spin, which leaves high temperatures room; see
/// [`Temperature`](super::Temperature).
const SUM_LIMIT: f64 = 4_194_304.0;

/// The binary places that N x N couplings and N fields are best rounded to: the fewest that hold all of them exactly, if
/// there are such; otherwise the most, up to [`MAX_FRACTION_BITS`], with which every coupling fits `W` and the magnitudes
/// of a spin sum to less than 2^22. O(N^2) a binary place.
///
/// ```
/// use bitspin_core::ising::{fraction_bits, quantise};
/// let (w, h) = ([0.0, 0.75, 0.75, 0.0], [1.0, 0.0]);
/// let bits = fraction_bits::<i8>(&w, &h)?;
/// let (mut weights, mut fields) = ([0_i8; 4], [0; 2]);
/// quantise(&w, bits, &mut weights)?;
/// quantise(&h, bits, &mut fields)?;
/// assert_eq!((bits, weights, fields), (2, [0, 3, 3, 0], [4, 0]));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there are N^2 couplings, [`Error::NotFinite`] for NaN and infinities,
/// [`Error::OutOfRange`] if numbers are too large even without binary places.
pub fn fraction_bits<W: Weight>(w: &[f64], h: &[f64]) -> Result<u32, Error> {
    let units = h.len();
    check_len("couplings", units * units, w.len())?;
    for (what, values) in [("couplings", w), ("external fields", h)] {
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what, index });
        }
    }
    let all = || w.iter().chain(h);
    let largest = w.iter().fold(0.0_f64, |top, w| top.max(w.abs()));
    let rows = w.chunks_exact(units.max(1)).zip(h);
    let largest_sum = rows
        .map(|(row, h)| row.iter().fold(h.abs(), |sum, w| sum + w.abs()))
        .fold(0.0, f64::max);
    let scale = |bits: u32| f64::from(1_u32 << bits);
    let fits = |&bits: &u32| {
        // Rounding adds half a unit a number at most.
        largest * scale(bits) <= f64::from(W::LIMIT)
            && largest_sum * scale(bits) + 0.5 * units as f64 + 0.5 < SUM_LIMIT
    };
    let exact =
        |&bits: &u32| all().all(|value| libm::rint(value * scale(bits)) == value * scale(bits));
    let fitting = || (0..=MAX_FRACTION_BITS).take_while(fits);
    fitting().find(exact).or(fitting().last()).ok_or(Error::OutOfRange {
        what: "couplings and fields",
        expected: "couplings that fit their integers, and magnitudes that sum to less than 2^22 a spin",
    })
}

/// Each number times `2^fraction_bits`, rounded to the nearest integer, ties to even, and held to the range of `W`.
///
/// # Errors
/// [`Error::Length`] unless the slices are equally long.
pub fn quantise<W: Weight>(values: &[f64], fraction_bits: u32, to: &mut [W]) -> Result<(), Error> {
    check_len("quantised numbers", values.len(), to.len())?;
    let scale = f64::from(1_u32 << fraction_bits.min(MAX_FRACTION_BITS));
    let limit = f64::from(W::LIMIT);
    for (to, value) in to.iter_mut().zip(values) {
        *to = W::from_i32(libm::rint(value * scale).clamp(-limit, limit) as i32);
    }
    Ok(())
}
