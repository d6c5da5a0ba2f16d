//! Float parameters as integers, so that energies are exact.

use core::ops::{Add, Sub};

use crate::Error;

/// Bits that sums of magnitudes may take, so that twice a field fits.
const NARROW: i32 = 60;
const WIDE: i32 = 124;

/// The most numbers of a model: 24 fields and 276 pairs.
const NUMBERS: f64 = 300.0;

/// Integers that energies are kept in.
pub(super) trait Whole:
    Copy + Ord + Into<i128> + Add<Output = Self> + Sub<Output = Self>
{
    const ZERO: Self;
    const MAX: Self;
    /// A number that is known to fit.
    fn of(value: i128) -> Self;
    /// The integer part of a float that is known to fit.
    fn trunc(value: f64) -> Self;
    fn to_f64(self) -> f64;
    /// Half of an even number.
    fn half(self) -> Self;
}

impl Whole for i64 {
    const ZERO: Self = 0;
    const MAX: Self = i64::MAX;

    fn of(value: i128) -> Self {
        value as i64
    }

    fn trunc(value: f64) -> Self {
        value as i64
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self as f64
    }

    #[inline]
    fn half(self) -> Self {
        self >> 1
    }
}

impl Whole for i128 {
    const ZERO: Self = 0;
    const MAX: Self = i128::MAX;

    fn of(value: i128) -> Self {
        value
    }

    fn trunc(value: f64) -> Self {
        value as i128
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self as f64
    }

    #[inline]
    fn half(self) -> Self {
        self >> 1
    }
}

/// Numbers are integers times 2^exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    narrow: bool,
    /// 2^exponent and its inverse, each as two factors, of which neither is too large or too small for a float.
    units: [f64; 2],
    inverse: [f64; 2],
}

impl Grid {
    /// The coarsest grid that holds all numbers exactly, if sums of them then fit; else the finest that they fit, if it
    /// changes no exponent beta E by more than 2^-30.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if sums are not finite, or no grid is fine enough.
    pub(super) fn new(values: impl Iterator<Item = f64>, beta: f64) -> Result<Self, Error> {
        let (mut total, mut lowest) = (0.0, i32::MAX);
        for value in values {
            total += value.abs();
            lowest = lowest.min(last_place(value));
        }
        if !(beta.max(1.0) * total).is_finite() {
            return Err(Error::OutOfRange {
                what: "couplings and fields",
                expected: "magnitudes whose sum is finite, and finite times beta",
            });
        }
        if total == 0.0 {
            lowest = 0;
        }
        // Every sum is below 2^top, with room for what rounding to the grid adds.
        let top = libm::frexp(total).1 + 1;
        let finest = |bits: i32| lowest.max(top - bits);
        let error = |exponent: i32| {
            if exponent <= lowest {
                return 0.0;
            }
            NUMBERS * libm::scalbn(beta, exponent - 1)
        };
        let narrow = error(finest(NARROW)) <= libm::exp2(-40.0);
        let exponent = finest(if narrow { NARROW } else { WIDE });
        if error(exponent) > libm::exp2(-30.0) {
            return Err(Error::OutOfRange {
                what: "beta",
                expected: "a temperature at which couplings below 2^-124 of the sum of all make no difference",
            });
        }
        let factors = |exponent: i32| {
            let half = exponent / 2;
            [half, exponent - half].map(|part| libm::scalbn(1.0, part))
        };
        Ok(Self {
            narrow,
            units: factors(exponent),
            inverse: factors(-exponent),
        })
    }

    /// Whether sums fit 64 bits.
    pub(super) fn is_narrow(&self) -> bool {
        self.narrow
    }

    /// A number in units of the grid, rounded to the nearest.
    pub(super) fn whole<T: Whole>(&self, value: f64) -> T {
        T::trunc(libm::rint(value * self.inverse[0] * self.inverse[1]))
    }

    /// The number that an integer stands for.
    #[inline]
    pub(super) fn real(&self, whole: impl Whole) -> f64 {
        whole.to_f64() * self.units[0] * self.units[1]
    }
}

/// The exponent of a number's last bit that is set; of 0, the largest.
fn last_place(value: f64) -> i32 {
    const PLACES: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let exponent = (bits >> PLACES & 0x7ff) as i32;
    let fraction = bits & ((1 << PLACES) - 1);
    let mantissa = if exponent > 0 {
        fraction | 1 << PLACES
    } else {
        fraction
    };
    if mantissa == 0 {
        return i32::MAX;
    }
    exponent.max(1) - 1075 + mantissa.trailing_zeros() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_where_they_fit() {
        for (values, narrow) in [
            (&[1.0, -0.75, 3.0][..], true),
            (&[1e300, -1e300], true),
            (&[5e-324, 1e-323], true),
            (&[0.0, 0.0], true),
            (&[1e5, 1e-5, 0.1], false),
        ] {
            let grid = Grid::new(values.iter().copied(), 1e6).unwrap();
            assert_eq!(grid.is_narrow(), narrow, "{values:?}");
            for &value in values {
                let whole: i128 = grid.whole(value);
                assert_eq!(grid.real(whole), value);
            }
        }
        let spread = |beta| Grid::new([1e30, 1e-30].into_iter(), beta);
        assert!(spread(1.0).is_err() || spread(1e-20).is_ok());
        assert!(spread(1e10).is_err());
        assert!(Grid::new([1e308, 1e308].into_iter(), 1.0).is_err());
        assert!(Grid::new([2.0].into_iter(), 1e308).is_err());
    }
}
