//! Integer types of fields.

use core::ops::{Add, AddAssign, Mul, Not, SubAssign};

use super::blocks::sweep_blocks;
use super::model::{
    FIELD_LIMIT, Limits, MAX_FRACTION_BITS, MAX_WIDE_FRACTION_BITS, WIDE_SUM_LIMIT,
};
use super::temperature::decide;
use super::{Chain, Model, Temperature, UpdateRule};
use crate::bits::Storage;
use crate::kernel::decide::wanted;
use crate::rng::UNITS_A_STEP;

mod sealed {
    pub trait Sealed {}
    impl Sealed for i32 {}
    impl Sealed for i64 {}
}

/// An integer for fields: `i32`, for which there are vectors and blocks, or `i64`, for models whose couplings and fields differ
/// by many orders of magnitude.
pub trait Field:
    sealed::Sealed
    + Copy
    + Default
    + Ord
    + From<i32>
    + Into<i64>
    + Not<Output = Self>
    + Add<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + SubAssign
{
    /// What models of these fields have to stay within.
    #[doc(hidden)]
    const LIMITS: Limits;

    /// A sum of magnitudes and this one's, or the largest number.
    #[doc(hidden)]
    fn add_magnitude(self, sum: u64) -> u64;

    /// What no field is at or below.
    const LEAST: Self;

    /// A bound of so much, held to the largest integer, which is more than any field.
    #[doc(hidden)]
    fn of_bound(bound: u64) -> Self;

    /// The bound that accepts what lowers the energy, and nothing else.
    #[doc(hidden)]
    const DOWNHILL: Self;

    /// [`decide`] for 16 spins: which are to be +1.
    #[doc(hidden)]
    fn wanted(
        rule: UpdateRule,
        fields: &[Self; UNITS_A_STEP],
        up: u16,
        bounds: &[Self; UNITS_A_STEP],
    ) -> u16 {
        let pairs = fields.iter().zip(bounds).enumerate();
        pairs.fold(0, |set, (at, (&field, &bound))| {
            let own = up >> at & 1 != 0;
            set | u16::from(decide(rule, field, own, bound)) << at
        })
    }

    /// A sweep of chains of equal size by blocks of 64 spins, if there are such for these integers. Returns the number of
    /// flips.
    #[doc(hidden)]
    fn sweep_blocks<M: Model<Self>, S: Storage<u64>, B: Storage<Self>>(
        chains: &mut [Chain<'_, M, Self, S, B>],
        rule: UpdateRule,
        temperatures: &[Temperature],
    ) -> Option<u64> {
        let _ = (chains, rule, temperatures);
        None
    }
}

impl Field for i32 {
    const LIMITS: Limits = Limits {
        fraction_bits: (MAX_FRACTION_BITS, "at most 24"),
        spin: FIELD_LIMIT as u64,
        all: u64::MAX,
        expected: "magnitudes that sum to less than 2^30 a spin",
    };
    const LEAST: Self = i32::MIN;
    const DOWNHILL: Self = -1;

    #[inline(always)]
    fn add_magnitude(self, sum: u64) -> u64 {
        // At most 2^16 times 2^31.
        sum + u64::from(self.unsigned_abs())
    }

    #[inline(always)]
    fn of_bound(bound: u64) -> Self {
        bound.min(i32::MAX as u64) as i32
    }

    #[inline(always)]
    fn wanted(
        rule: UpdateRule,
        fields: &[i32; UNITS_A_STEP],
        up: u16,
        bounds: &[i32; UNITS_A_STEP],
    ) -> u16 {
        wanted(rule, fields, up, bounds)
    }

    fn sweep_blocks<M: Model, S: Storage<u64>, B: Storage<Self>>(
        chains: &mut [Chain<'_, M, Self, S, B>],
        rule: UpdateRule,
        temperatures: &[Temperature],
    ) -> Option<u64> {
        M::BLOCKED.then(|| sweep_blocks(chains, rule, temperatures))
    }
}

impl Field for i64 {
    const LIMITS: Limits = Limits {
        fraction_bits: (MAX_WIDE_FRACTION_BITS, "at most 60"),
        spin: u64::MAX,
        all: WIDE_SUM_LIMIT as u64,
        expected: "magnitudes that sum to less than 2^61",
    };
    const LEAST: Self = i64::MIN;
    const DOWNHILL: Self = -1;

    #[inline(always)]
    fn add_magnitude(self, sum: u64) -> u64 {
        sum.saturating_add(self.unsigned_abs())
    }

    #[inline(always)]
    fn of_bound(bound: u64) -> Self {
        bound.min(i64::MAX as u64) as i64
    }
}
