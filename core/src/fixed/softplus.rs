//! The integer softplus, the terms of free energies.

use super::{MAX_FRACTION_BITS, magnitude};

/// Binary places of [`softplus`] and of free energies in fixed point.
pub const NAT_BITS: u32 = 16;

/// A segment of the polynomial for ln(1 + exp(-y)), y of 11 binary places: it ends before `end`, is centred at `centre`,
/// and `y - centre` has `shift` binary places, which widens the segment to -1..1. Coefficients are in 2^-20 nat, lowest
/// power first.
struct Polynomial {
    end: u16,
    centre: u16,
    shift: u32,
    coefficients: [i32; 8],
}

/// Interpolation of ln(1 + exp(-y)) at Chebyshev nodes on 0..2, 2..6 and 6..14.
const POLYNOMIALS: [Polynomial; 3] = [
    Polynomial {
        end: 2 << 11,
        centre: 1 << 11,
        shift: 11,
        coefficients: [328_479, -282_012, 103_083, -15_830, -1_554, 980, -52, 0],
    },
    Polynomial {
        end: 6 << 11,
        centre: 4 << 11,
        shift: 12,
        coefficients: [19_033, -37_720, 37_012, -23_792, 11_183, -3_820, 619, 83],
    },
    Polynomial {
        end: 14 << 11,
        centre: 10 << 11,
        shift: 13,
        coefficients: [47, -190, 408, -519, 376, -351, 466, -237],
    },
];

/// ln(1 + exp(x)) in 2^-16 nat of a field x of `fraction_bits` binary places.
///
/// max(x, 0), which is exact, plus ln(1 + exp(-|x|)), a polynomial of degree 7 in 32-bit integers whose products stay
/// below 2^30. The error is below 1 in 2^16 (1.5e-5 nat) for every field and every number of fraction bits, measured
/// against float64 (0.71 at most) and asserted by a test.
///
/// ```
/// use bitspin_core::fixed::softplus;
/// assert_eq!(softplus(0, 8), 45_426); // ln 2 is 45,426.09 in 65,536
/// ```
#[inline]
#[must_use]
pub fn softplus(field: i16, fraction_bits: u32) -> u32 {
    let bits = fraction_bits.min(MAX_FRACTION_BITS);
    let above = u32::from(field.max(0).unsigned_abs()) << (NAT_BITS - bits);
    above + remainder(magnitude(field, bits))
}

/// ln(e^a + e^b) of numbers in 2^-16 nat: the larger, which is exact, and ln(1 + exp(-y)) of their distance y, between whose
/// values at 11 binary places a line is drawn. The error is below 1.5 in 2^16 (2.3e-5 nat), asserted by a test.
///
/// ```
/// use bitspin_core::fixed::log_add;
/// assert_eq!(log_add(7, 7), 7 + 45_426); // ln 2 is 45,426.09 in 65,536
/// assert_eq!(log_add(-5, 1 << 20), 1 << 20);
/// ```
#[must_use]
pub fn log_add(a: i64, b: i64) -> i64 {
    const BETWEEN: u32 = NAT_BITS - MAX_FRACTION_BITS;
    let distance = a.abs_diff(b);
    let Ok(y) = u16::try_from(distance >> BETWEEN) else {
        return a.max(b);
    };
    let (here, next) = (remainder(y), remainder(y.saturating_add(1)));
    let behind = (distance & ((1 << BETWEEN) - 1)) as u32;
    // Both terms are below 2^21, and the first is the larger.
    let fall = (here.saturating_sub(next) * behind + (1 << (BETWEEN - 1))) >> BETWEEN;
    a.max(b).saturating_add(i64::from(here - fall))
}

/// ln(1 + exp(-y)) in 2^-16 nat of a magnitude y of 11 binary places: at most 45,426, and 0 from 14 on.
fn remainder(y: u16) -> u32 {
    let Some(polynomial) = POLYNOMIALS.iter().find(|polynomial| y < polynomial.end) else {
        return 0;
    };
    let u = i32::from(y) - i32::from(polynomial.centre);
    let half = 1 << (polynomial.shift - 1);
    let sum = (polynomial.coefficients.iter().rev())
        .fold(0, |sum, c| ((sum * u + half) >> polynomial.shift) + c);
    ((sum + 8) >> 4).max(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(x: f64) -> f64 {
        x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
    }

    #[test]
    fn softplus_is_within_its_bound_for_every_field() {
        for fraction_bits in 0..=MAX_FRACTION_BITS {
            let scale = f64::from(1_u32 << fraction_bits);
            let worst = (i16::MIN..=i16::MAX)
                .map(|field| {
                    let real = 65_536.0 * exact(f64::from(field) / scale);
                    (f64::from(softplus(field, fraction_bits)) - real).abs()
                })
                .fold(0.0, f64::max);
            assert!(
                worst < 0.71,
                "largest error {worst} at {fraction_bits} bits"
            );
        }
    }

    #[test]
    fn sums_of_exponentials_are_within_their_bound() {
        let mut worst = 0.0_f64;
        for distance in (0..16 << 16).step_by(7) {
            let exact = 65_536.0 * libm::log1p(libm::exp(-f64::from(distance) / 65_536.0));
            let distance = i64::from(distance);
            for (a, b) in [(100, 100 - distance), (-distance - 9, -9)] {
                worst = worst.max((log_add(a, b) - a.max(b)) as f64 - exact);
                worst = worst.max(exact - (log_add(a, b) - a.max(b)) as f64);
            }
        }
        assert!(worst < 1.5, "largest error {worst}");
        assert_eq!(log_add(i64::MAX, i64::MAX), i64::MAX);
        assert_eq!(log_add(i64::MIN, i64::MAX), i64::MAX);
    }

    #[test]
    fn products_leave_two_bits_of_an_i32_free() {
        for (at, polynomial) in POLYNOMIALS.iter().enumerate() {
            let begin = at
                .checked_sub(1)
                .map_or(0, |before| POLYNOMIALS[before].end);
            for y in begin..polynomial.end {
                let u = i64::from(y) - i64::from(polynomial.centre);
                let mut sum = 0_i64;
                for &c in polynomial.coefficients.iter().rev() {
                    let product = sum * u + (1 << (polynomial.shift - 1));
                    assert!(product.abs() < 1 << 30, "at y = {y}");
                    sum = (product >> polynomial.shift) + i64::from(c);
                }
            }
        }
    }
}
