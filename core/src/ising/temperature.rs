//! Decisions at a temperature, in integers.
//!
//! The decision is inverted: instead of comparing a random number with a probability that depends on the field, the field is
//! compared with a bound that depends on the random number. With u uniform on 0..1,
//!
//! - the heat bath makes spin i +1 with probability 1 / (1 + exp(-2 beta f)): where f > (ln u - ln(1 - u)) / (2 beta);
//! - Metropolis flips spin s of field f with probability c min(1, exp(-2 beta s f)), c = 7/8: where u < c and
//!   s f < (ln c - ln u) / (2 beta).
//!
//! So the bounds of a whole sweep need no field, and a decision is one comparison of exact integers. The logarithm is an
//! integer function (`fixed/noise.rs`); the temperature is a factor of 32 significant bits. A field's threshold, the number of
//! random words for which a spin flips, follows from the same function by bisection: [`Temperature::threshold`].
//!
//! # Error
//! Every probability p above is met within 2^-23 p + 2^-31 (1.2e-7 of p, and 4.7e-10), p of the heat bath being
//! that of the less likely value; both values of a spin without a field are equally likely, exactly, and Metropolis flips
//! it with probability 7/8, exactly. A test asserts it. A flip whose probability is below 2^-32 is never made.

use super::{Field, MAX_WIDE_FRACTION_BITS, UpdateRule};
use crate::Error;
use crate::fixed::noise::{NOISE_BITS, minus_log2};
use crate::kernel::decide::{ACCEPTED, ACCEPTED_LOG2};

/// 2^(rise - shift) mantissa, rise or shift being 0: what one unit of [`minus_log2`] is in units of fields or energies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    mantissa: u32,
    shift: u32,
    rise: u32,
}

impl Scale {
    /// For exp(-`beta` x), x having `fraction_bits` binary places.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless beta is finite and not negative.
    pub(crate) fn new(beta: f64, fraction_bits: u32) -> Result<Self, Error> {
        /// Any beta below is 0 beside every x of 62 bits.
        const SMALLEST: f64 = 1.0 / (1_u128 << 100) as f64;
        if !(0.0..f64::INFINITY).contains(&beta) {
            return Err(Error::OutOfRange {
                what: "beta",
                expected: "a finite number that is not negative",
            });
        }
        let beta = beta.max(SMALLEST);
        // In one unit of noise there are ln 2 / beta 2^(fraction_bits - 26) of x.
        let units = core::f64::consts::LN_2 / beta;
        let (fraction, exponent) = libm::frexp(units); // 2^exponent fraction, 1/2 <= fraction < 1
        let mantissa = libm::rint(fraction * 4_294_967_296.0).min(4_294_967_295.0) as u32;
        let places =
            exponent + fraction_bits.min(MAX_WIDE_FRACTION_BITS) as i32 - NOISE_BITS as i32;
        Ok(Self {
            mantissa,
            // Beyond 63 no noise makes a unit, or a unit of noise makes more than any field.
            shift: (32 - places).clamp(0, 63) as u32,
            rise: (places - 32).clamp(0, 63) as u32,
        })
    }

    /// floor(noise / 2^26 ln 2 / beta), in the format of x, or the largest number.
    #[inline(always)]
    pub(super) fn bound(self, noise: u32) -> u64 {
        let product = u64::from(noise) * u64::from(self.mantissa);
        if self.rise == 0 {
            product >> self.shift
        } else if self.rise <= product.leading_zeros() {
            product << self.rise
        } else {
            u64::MAX
        }
    }

    /// Whether an event of probability exp(-beta x), or 1 if x is negative, happens, by 32 random bits.
    #[inline(always)]
    pub(crate) fn happens(self, x: i64, v: u32) -> bool {
        x <= self.bound(minus_log2(v)).min(i64::MAX as u64) as i64
    }
}

/// An inverse temperature for models of so many binary places.
///
/// ```
/// use bitspin_core::ising::{UpdateRule, Temperature};
/// let temperature = Temperature::new(0.5, 0)?;
/// // A spin in a field of 1 is +1 with probability 1 / (1 + 1/e).
/// let probability = temperature.threshold(UpdateRule::Glauber, 1) as f64 / 4_294_967_296.0;
/// assert!((probability - 1.0 / (1.0 + (-1_f64).exp())).abs() < 1e-7);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    beta: f64,
    scale: Scale,
}

impl Temperature {
    /// beta = 1/T of a model whose couplings and fields have `fraction_bits` binary places; 0 is an infinite temperature.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `beta` is finite and not negative.
    pub fn new(beta: f64, fraction_bits: u32) -> Result<Self, Error> {
        let double = if beta.is_finite() {
            (2.0 * beta).min(f64::MAX)
        } else {
            beta
        };
        let scale = Scale::new(double, fraction_bits)?;
        Ok(Self { beta, scale })
    }

    /// beta, as it was given.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// What log2 of a half is in units of fields: ln 2 / (2 beta).
    pub(crate) fn units(self) -> f64 {
        // mantissa / 2^shift is a unit of noise.
        f64::from(self.scale.mantissa)
            * libm::exp2(f64::from(NOISE_BITS + self.scale.rise) - f64::from(self.scale.shift))
    }

    /// What no bound is above: a spin whose field times the spin is larger never flips.
    #[inline(always)]
    pub(super) fn reach(self) -> i32 {
        self.field(32 << NOISE_BITS)
    }

    /// What an amount of noise is as a field, held to the largest: more than any field.
    #[inline(always)]
    fn field<F: Field>(self, noise: u32) -> F {
        F::of_bound(self.scale.bound(noise))
    }

    /// The bound that 32 random bits make, for [`decide`].
    #[inline(always)]
    pub(crate) fn bound<F: Field>(self, rule: UpdateRule, v: u32) -> F {
        match rule {
            // No field is above the least one's complement, nor at or below the least: no flip.
            UpdateRule::Metropolis if v >= ACCEPTED => F::LEAST,
            UpdateRule::Metropolis => self.field(minus_log2(v).saturating_sub(ACCEPTED_LOG2)),
            UpdateRule::Glauber => {
                let (low, high) = (minus_log2(v), minus_log2((v | 1).wrapping_neg()));
                let bound: F = self.field(low.abs_diff(high));
                // Equal chances for +1 and -1 without a field, whatever the rounding: floor of +x, and of -x.
                if v >> 31 != 0 { bound } else { !bound }
            }
        }
    }

    /// Of 2^32 equally likely random words, how many flip a spin whose field is `field` times the spin
    /// (Metropolis), or make a spin of this field +1 (Glauber): those below this number.
    #[must_use]
    pub fn threshold<F: Field>(&self, rule: UpdateRule, field: F) -> u64 {
        count_below(|v| {
            let bound: F = self.bound(rule, v);
            match rule {
                UpdateRule::Metropolis => field <= bound,
                UpdateRule::Glauber => field > bound,
            }
        })
    }

    /// Of 2^32 equally likely random words, how many keep two spins that a coupling of this magnitude favours from joining
    /// one cluster of [Wolff's algorithm](super::Chain::wolff): those below this number, a share of exp(-2 beta |w|).
    #[must_use]
    pub fn parting_threshold(&self, magnitude: i64) -> u64 {
        count_below(|v| !self.joins(magnitude, v))
    }

    /// Of 2^32 equally likely random words, how many let a chain at this temperature exchange its state with one at a
    /// `colder` temperature, whose energy is lower by `cost`: those below this number, a share of
    /// min(1, exp(-(beta' - beta) cost)). The model has `fraction_bits` binary places.
    #[must_use]
    pub fn exchange_threshold(&self, colder: &Self, fraction_bits: u32, cost: i64) -> u64 {
        count_below(|v| self.exchanges(colder, fraction_bits, cost, v))
    }

    /// Whether [exchanges](Self::exchange_threshold) happen, by 32 random bits.
    #[inline(always)]
    pub(super) fn exchanges(&self, colder: &Self, fraction_bits: u32, cost: i64, v: u32) -> bool {
        let step = colder.beta - self.beta;
        // A step too small to be a number is none: both temperatures have one distribution.
        Scale::new(step, fraction_bits).map_or(true, |scale| scale.happens(cost, v))
    }

    /// Whether two spins that a coupling of this magnitude favours join one cluster, by 32 random bits: with probability
    /// 1 - exp(-2 beta |w|).
    #[inline(always)]
    pub(super) fn joins(self, magnitude: i64, v: u32) -> bool {
        !self.scale.happens(magnitude, v)
    }
}

/// How many of 2^32 words an event happens for, if it happens for those below some number only.
fn count_below(happens: impl Fn(u32) -> bool) -> u64 {
    let (mut below, mut from) = (0_u64, 1 << 32);
    while below < from {
        let middle = (below + from) / 2;
        if happens(middle as u32) {
            below = middle + 1;
        } else {
            from = middle;
        }
    }
    below
}

/// Whether a spin of this field is to be +1 under a bound: the flip that Metropolis accepts is from the spin that it is.
#[inline(always)]
pub(super) fn decide<F: Field>(rule: UpdateRule, field: F, up: bool, bound: F) -> bool {
    let mirrored = rule == UpdateRule::Metropolis && !up;
    field > if mirrored { !bound } else { bound }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documented bound, for fields from none to those that decide alone, hot and cold, coarse and fine.
    #[test]
    fn thresholds_are_within_their_bound() {
        for (beta, bits) in [
            (0.0, 0),
            (1e-300, 24),
            (1e-9, 20),
            (0.01, 0),
            (0.3, 0),
            (0.44068679350977147, 0),
            (1.0, 8),
            (7.3, 14),
            (1e6, 4),
        ] {
            let temperature = Temperature::new(beta, bits).unwrap();
            let step = libm::exp2(-f64::from(bits));
            for k in 0..400 {
                let x = 24.0 * f64::from(k * k) / 160_000.0;
                let field = libm::rint(x / (2.0 * beta * step).max(1e-99)).min(1e9);
                let cost = 2.0 * beta * step * field;
                let near = |found: u64, p: f64, rule| {
                    let error = (found as f64 / 4_294_967_296.0 - p).abs();
                    let bound = p * libm::exp2(-23.0) + libm::exp2(-31.0);
                    assert!(
                        error <= bound,
                        "{rule:?}: beta {beta}, field {field}: {error} of {bound}"
                    );
                };
                let field = field as i32;
                let accepted = temperature.threshold(UpdateRule::Metropolis, field);
                near(accepted, 0.875 * libm::exp(-cost), UpdateRule::Metropolis);
                let always = temperature.threshold(UpdateRule::Metropolis, -field);
                assert_eq!(always, u64::from(ACCEPTED));
                let against = temperature.threshold(UpdateRule::Glauber, -field);
                near(against, 1.0 / (1.0 + libm::exp(cost)), UpdateRule::Glauber);
                assert_eq!(
                    against + temperature.threshold(UpdateRule::Glauber, field),
                    1 << 32
                );
            }
        }
    }

    /// The same bound for fields of 64 bits, in which a unit of noise may be many units of the field.
    #[test]
    fn wide_thresholds_are_within_their_bound() {
        for (beta, bits) in [(1e-12, 40), (0.3, 44), (7.3, 60), (1e-15, 0), (1e9, 60)] {
            let temperature = Temperature::new(beta, bits).unwrap();
            let step = libm::exp2(-f64::from(bits));
            for k in 0..400 {
                let x = 24.0 * f64::from(k * k) / 160_000.0;
                let field = libm::rint(x / (2.0 * beta * step)).min(4e18);
                let cost = 2.0 * beta * step * field;
                let found = temperature.threshold(UpdateRule::Glauber, -(field as i64)) as f64;
                let p = 1.0 / (1.0 + libm::exp(cost));
                let error = (found / 4_294_967_296.0 - p).abs();
                assert!(
                    error <= p * libm::exp2(-23.0) + libm::exp2(-31.0),
                    "beta {beta}, field {field}: {error}"
                );
            }
        }
    }

    #[test]
    fn a_threshold_is_where_decisions_change() {
        let temperature = Temperature::new(0.37, 3).unwrap();
        for rule in [UpdateRule::Metropolis, UpdateRule::Glauber] {
            for field in -60..60 {
                let threshold = temperature.threshold(rule, field);
                for v in [
                    threshold.wrapping_sub(1),
                    threshold,
                    threshold + 12345,
                    0,
                    1 << 31,
                ] {
                    let Ok(v) = u32::try_from(v) else { continue };
                    let bound = temperature.bound(rule, v);
                    let below = u64::from(v) < threshold;
                    match rule {
                        UpdateRule::Metropolis => {
                            assert_eq!(!decide(rule, field, true, bound), below);
                            assert_eq!(decide(rule, -field, false, bound), below);
                        }
                        UpdateRule::Glauber => assert_eq!(decide(rule, field, true, bound), below),
                    }
                }
            }
        }
    }

    #[test]
    fn temperatures_that_are_none_are_refused() {
        for beta in [-1.0, -1e-300, f64::INFINITY, f64::NAN] {
            assert!(Temperature::new(beta, 0).is_err(), "{beta}");
        }
        for (beta, bits, threshold) in [(1e300, 0, 0), (f64::MAX, 24, 0)] {
            let temperature = Temperature::new(beta, bits).unwrap();
            assert_eq!(temperature.threshold(UpdateRule::Metropolis, 1), threshold);
        }
    }
}
