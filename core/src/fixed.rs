//! Fixed-point numbers: fields, the quantisation of weights, and the integer logistic function.
//!
//! A field (the weighted input of a unit) is an `i16` with `fraction_bits` binary places, `0..=`[`MAX_FRACTION_BITS`]:
//! the real field is `field / 2^fraction_bits`. Weights and biases are quantised to the same format. The number of
//! fraction bits belongs to the model and is chosen so that no field can leave the range of an `i16`; see
//! [`no_overflow`].
//!
//! # Decisions
//! A unit of field x is set when a uniform 32-bit number is below 2^32 sigmoid(x). [`logistic32`] is that threshold,
//! in integers. [`logistic16`], a polynomial in 16-bit arithmetic, says where the threshold can be at most; the upper
//! 16 random bits decide alone unless they fall within [`NEAR`] of it, which happens to 6 in 65,536 draws.

pub(crate) mod noise;
mod softplus;

pub use softplus::{NAT_BITS, log_add, softplus};

/// The most binary places a field may have. A field of 11 binary places spans -16..16.
pub const MAX_FRACTION_BITS: u32 = 11;

/// The largest sum of magnitudes |bias| + sum |weight| that a unit's quantised parameters may reach.
pub const FIELD_LIMIT: i32 = i16::MAX as i32;

/// Whether a unit with this bias and these weights can never leave the range of an `i16`, whatever its inputs.
///
/// A field is the bias plus the weights of some of the inputs (those that are set), so it lies within
/// `|bias| + sum |weight|` of zero. Where that is at most [`FIELD_LIMIT`] the exact field fits, and since `i16`
/// addition wraps modulo 2^16, sums taken in *any* order, with any intermediate wrapping, and sums corrected by
/// adding and subtracting rows, all end in exactly that field.
///
/// ```
/// use bitspin_core::fixed::no_overflow;
/// assert!(no_overflow(32000, [700, -67]));
/// assert!(!no_overflow(32000, [700, -68]));
/// ```
#[must_use]
pub fn no_overflow(bias: i16, weights: impl IntoIterator<Item = i16>) -> bool {
    let sum: i64 = weights
        .into_iter()
        .map(|weight| i64::from(weight).abs())
        .sum();
    sum + i64::from(bias).abs() <= i64::from(FIELD_LIMIT)
}

/// Whether no unit's field can leave the range of an `i16`, given the quantised bias of every unit and the norm of its weights
/// (the sum of their magnitudes, at most 65,535: the bits of a `u16` in an `i16`).
///
/// ```
/// use bitspin_core::fixed::norms_fit;
/// assert!(norms_fit(&[32_000], &[-766]));
/// assert!(!norms_fit(&[32_000], &[-767]));
/// // 40,000 does not fit an `i16`; its bits read as one would be -25,536.
/// assert!(!norms_fit(&[40_000_u16 as i16], &[0]));
/// ```
#[must_use]
pub fn norms_fit(norms: &[i16], biases: &[i16]) -> bool {
    let mut units = norms.iter().zip(biases);
    units.all(|(&norm, bias)| i32::from(norm as u16) + i32::from(*bias).abs() < FIELD_LIMIT)
}

/// Adding this to a float of magnitude below 2^22 rounds it to an integer, ties to even, and leaves the integer in the
/// low bits of the representation.
pub(crate) const ROUNDER: f32 = 12_582_912.0;

/// A float as fixed point: `value * scale` rounded to nearest, ties to even, and held to `-32767..=32767`. `scale` is
/// `2^fraction_bits`, so the product is exact. NaN becomes a number in that range (which one is not specified further
/// than that it is the same on every platform).
///
/// ```
/// use bitspin_core::fixed::quantise;
/// assert_eq!(quantise(0.75, 256.0), 192);
/// assert_eq!(quantise(-1e9, 256.0), -32767);
/// assert_eq!(quantise(2.5, 1.0), 2);
/// ```
#[inline]
#[must_use]
pub fn quantise(value: f32, scale: f32) -> i16 {
    let limit = FIELD_LIMIT as f32;
    let scaled = value * scale;
    let held = if scaled < limit { scaled } else { limit };
    let held = if held > -limit { held } else { -limit };
    (held + ROUNDER).to_bits() as i16
}

/// `2^fraction_bits` as a float, for [`quantise`].
#[inline]
#[must_use]
pub fn scale(fraction_bits: u32) -> f32 {
    (1_u32 << fraction_bits.min(MAX_FRACTION_BITS)) as f32
}

/// A field in the logistic's own format: its magnitude with 11 binary places, at most 65,535 (just under 32).
#[inline]
#[must_use]
pub fn magnitude(field: i16, fraction_bits: u32) -> u16 {
    let wide = u32::from(field.unsigned_abs())
        << (MAX_FRACTION_BITS - fraction_bits.min(MAX_FRACTION_BITS));
    wide.min(u32::from(u16::MAX)) as u16
}

/// 2^32 sigmoid(-y) for a magnitude y of 11 binary places, in integers: at most 2^31, 0 from y = 22.2 on.
///
/// exp(-y) is 2^-n exp(-g) with g below ln 2, exp(-g) by its Taylor polynomial of degree 13 in 32-bit fixed point,
/// and sigmoid(-y) = exp(-y) / (1 + exp(-y)). The largest error over all 65,536 arguments is 2.5 in 2^32 (5.9e-10),
/// measured against float64 and asserted by a test. It is 0 only where 2^32 sigmoid(-y) is below 1.5.
///
/// Cold, since it is needed in 6 of 65,536 draws, and its 64-bit products and its division are calls on a Cortex-M0.
#[cold]
#[inline(never)]
#[must_use]
pub fn logistic32(y: u16) -> u32 {
    const ONE: u64 = 1 << 32;
    /// 2^40 / ln 2, and ln 2 * 2^32.
    const INVERSE_LN_2: u64 = 1_586_259_972_792;
    const LN_2: u64 = 2_977_044_472;
    // y / ln 2 with 51 binary places: the whole part counts halvings, the rest is the exponent of a power of two.
    let halvings = u64::from(y) * INVERSE_LN_2;
    let n = (halvings >> 51) as u32;
    let g = (((halvings >> 19) & (ONE - 1)) * LN_2) >> 32;
    let exp = (1..=13)
        .rev()
        .fold(ONE, |sum, k| ONE - ((g * sum) >> 32) / k);
    if n >= 31 {
        return (exp >> n) as u32;
    }
    let denominator = (ONE << n) + exp;
    ((exp << 31) / (denominator >> 1)) as u32
}

/// Where the polynomial of a segment is centred (11 binary places), the shift that widens the segment to -1..1 in 15
/// binary places, and the coefficients, lowest power first.
pub(crate) struct Segment {
    pub(crate) end: i16,
    pub(crate) centre: i16,
    pub(crate) shift: u32,
    pub(crate) coefficients: [i16; 6],
}

/// Minimax fits of 65536 sigmoid(-y) - 16384 on 0..2, 2..6 and 6..14, whose rounded coefficients were then improved by
/// search against the exact integer evaluation.
pub(crate) const SEGMENTS: [Segment; 3] = [
    Segment {
        end: 4096,
        centre: 2048,
        shift: 4,
        coefficients: [1242, -12886, 2964, 393, -301, 15],
    },
    Segment {
        end: 12288,
        centre: 8192,
        shift: 3,
        coefficients: [-15206, -2309, 2241, -1416, 569, -100],
    },
    Segment {
        end: 28672,
        centre: 20480,
        shift: 2,
        coefficients: [-16380, -15, 9, -15, 67, -51],
    },
];

/// The largest magnitude that the polynomial is evaluated at; beyond it sigmoid(-y) is below 2^-20.
pub(crate) const SATURATION: u16 = 28671;

/// [`logistic16`] is within this of 65536 sigmoid(-y), strictly.
pub const NEAR: u16 = 3;

/// (a b + 2^14) / 2^15 rounded down: the rounding high multiplication of SIMD instruction sets. The product of -1 and
/// -1 does not occur.
#[inline]
pub(crate) fn multiply_high(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b) + 0x4000) >> 15) as i16
}

/// 65536 sigmoid(-y) for a magnitude y of 11 binary places, in 16-bit arithmetic: 0..=32768.
///
/// The largest error over all arguments is 2.8 in 65,536 (4.3e-5), measured against float64 and asserted by a test.
#[inline]
#[must_use]
pub fn logistic16(y: u16) -> u16 {
    let y = y.min(SATURATION) as i16;
    let segment = if y < SEGMENTS[0].end {
        &SEGMENTS[0]
    } else if y < SEGMENTS[1].end {
        &SEGMENTS[1]
    } else {
        &SEGMENTS[2]
    };
    let u = (y - segment.centre) << segment.shift;
    let [c0, c1, c2, c3, c4, c5] = segment.coefficients;
    let sum = [c4, c3, c2, c1, c0]
        .iter()
        .fold(c5, |sum, &c| multiply_high(sum, u) + c);
    (sum + 16384).max(0) as u16
}

/// Whether a unit of this field is set by these 32 random bits: `upper << 16 | lower < 2^32 sigmoid(field)`, up to
/// which of two equally likely sets of numbers counts as below.
///
/// The probability of `true` is sigmoid(field / 2^fraction_bits) to within 5.9e-10, over the whole range of fields.
#[inline]
#[must_use]
pub fn decide(field: i16, fraction_bits: u32, upper: u16, lower: impl FnOnce() -> u16) -> bool {
    let y = magnitude(field, fraction_bits);
    let threshold = logistic16(y);
    let against = if upper.wrapping_sub(threshold).wrapping_add(NEAR) < 2 * NEAR {
        (u32::from(upper) << 16 | u32::from(lower())) < logistic32(y)
    } else {
        upper < threshold
    };
    against == (field < 0)
}

/// The probability that a unit of this field is set, in 1/65,536 and held to 65,535: [`logistic16`] for both signs.
#[inline]
#[must_use]
pub fn probability16(field: i16, fraction_bits: u32) -> u16 {
    let against = logistic16(magnitude(field, fraction_bits));
    if field < 0 {
        against
    } else {
        (65_536 - u32::from(against)).min(65_535) as u16
    }
}

/// The probability that a unit of this field is set in 1/256 (0..=256), rounded up or down at random by eight random
/// bits, so that its expectation is exactly [`logistic16`]'s.
#[inline]
#[must_use]
pub fn probability8(field: i16, fraction_bits: u32, random: u8) -> i16 {
    let against = ((logistic16(magnitude(field, fraction_bits)) + u16::from(random)) >> 8) as i16;
    if field < 0 { against } else { 256 - against }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sigmoid_of_minus(y: u16) -> f64 {
        1.0 / (1.0 + libm::exp(f64::from(y) / 2048.0))
    }

    #[test]
    fn logistic32_is_within_its_bound_everywhere() {
        let worst = (0..=u16::MAX)
            .map(|y| (f64::from(logistic32(y)) - 4_294_967_296.0 * sigmoid_of_minus(y)).abs())
            .fold(0.0, f64::max);
        assert!(worst <= 2.5, "largest error {worst} in 2^32");
        assert!(
            (0..=u16::MAX)
                .all(|y| logistic32(y) > 0 || 4_294_967_296.0 * sigmoid_of_minus(y) < 1.5)
        );
    }

    #[test]
    fn logistic32_is_right_in_its_tail_beyond_two_to_the_minus_24() {
        let worst = (0..=u16::MAX)
            .filter(|&y| sigmoid_of_minus(y) >= 2_f64.powi(-24))
            .map(|y| {
                (f64::from(logistic32(y)) / (4_294_967_296.0 * sigmoid_of_minus(y)) - 1.0).abs()
            })
            .fold(0.0, f64::max);
        assert!(worst <= 0.01, "largest relative error {worst}");
    }

    #[test]
    fn logistic16_is_within_its_bound_everywhere() {
        let worst = (0..=u16::MAX)
            .map(|y| (f64::from(logistic16(y)) - 65_536.0 * sigmoid_of_minus(y)).abs())
            .fold(0.0, f64::max);
        assert!(worst <= 2.8, "largest error {worst} in 65536");
        assert!((0..=u16::MAX).all(|y| logistic16(y) <= 32_768));
    }

    #[test]
    fn logistic16_is_near_enough_to_leave_the_decision_to_logistic32() {
        for y in 0..=u16::MAX {
            let exact = i64::from(logistic32(y));
            let near = i64::from(logistic16(y));
            assert!(
                (near - 3) << 16 <= exact && exact <= (near + 3) << 16,
                "at y = {y}"
            );
        }
    }

    #[test]
    fn decisions_are_comparisons_with_logistic32() {
        for field in (i16::MIN..=i16::MAX).step_by(97) {
            for fraction_bits in [0, 5, 8, 11] {
                let exact = logistic32(magnitude(field, fraction_bits));
                for distance in -9_i64..=9 {
                    let random =
                        (i64::from(exact) + distance * 30_011).clamp(0, i64::from(u32::MAX)) as u32;
                    let set = decide(field, fraction_bits, (random >> 16) as u16, || {
                        random as u16
                    });
                    assert_eq!(
                        set,
                        (random < exact) == (field < 0),
                        "field {field}, random {random}"
                    );
                }
            }
        }
    }

    #[test]
    fn probabilities_of_both_roundings_average_to_logistic16() {
        for field in (-32_767..=i16::MAX).step_by(61) {
            let sum: i32 = (0..=u8::MAX)
                .map(|r| i32::from(probability8(field, 9, r)))
                .sum();
            let sixteen = i32::from(probability16(field, 9));
            assert!(
                sum == sixteen || (sixteen == 65_535 && sum == 65_536),
                "field {field}: {sum}, {sixteen}"
            );
        }
    }

    #[test]
    fn quantise_rounds_to_nearest_even_and_saturates() {
        for (value, expected) in [
            (0.5, 0),
            (1.5, 2),
            (-0.5, 0),
            (-1.5, -2),
            (-2.4, -2),
            (1e30, 32767),
            (-1e30, -32767),
        ] {
            assert_eq!(quantise(value, 1.0), expected, "{value}");
        }
        assert_eq!(quantise(f32::INFINITY, 1.0), 32767);
        assert_eq!(quantise(f32::NEG_INFINITY, 2.0), -32767);
        assert!(quantise(f32::NAN, 1.0).unsigned_abs() <= 32767);
    }

    proptest! {
        #[test]
        fn quantise_is_within_half_a_step(value in -15.0_f32..15.0, bits in 0_u32..=11) {
            let back = f32::from(quantise(value, scale(bits))) / scale(bits);
            prop_assert!((back - value).abs() <= 0.5 / scale(bits));
        }
    }
}
