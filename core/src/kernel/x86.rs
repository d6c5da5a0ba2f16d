//! The instruction sets of x86-64 that a program looks for while it runs. The one module of this crate with `unsafe` code.
//!
//! # Safety
//! The types of [`avx2`] and [`avx512`] call intrinsics that exist on some CPUs only. They are named by the functions that
//! `choose.rs` compiles for the instruction set, and nowhere else, and those are called by a [`Level`] that this CPU was
//! found to have.
#![allow(unsafe_code)]

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod prefetch;

/// Vector types, each a register of a CPU: `Name(register): lane as the intrinsic's lane, lanes, splat;`.
macro_rules! registers {
    ($($name:ident($register:ty): $lane:ty $(as $signed:ty)?, $lanes:literal, $splat:ident;)*) => {$(
        #[doc = concat!(stringify!($lanes), " lanes of type `", stringify!($lane), "`.")]
        #[derive(Clone, Copy, Debug)]
        #[repr(transparent)]
        pub(crate) struct $name($register);

        // SAFETY: a register holds any bits, and is one whole number of bytes.
        unsafe impl bytemuck::Zeroable for $name {}
        // SAFETY: the same.
        unsafe impl bytemuck::Pod for $name {}

        impl $crate::kernel::vector::Lanes<$lane, $lanes> for $name {
            #[inline(always)]
            fn splat(lane: $lane) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $splat(lane $(as $signed)?) })
            }

            #[inline(always)]
            fn new(lanes: [$lane; $lanes]) -> Self {
                bytemuck::must_cast(lanes)
            }

            #[inline(always)]
            fn to_array(self) -> [$lane; $lanes] {
                bytemuck::must_cast(self)
            }
        }
    )*};
}

/// Operators of two vectors, with their assigning forms: `Type: Trait::method, AssignTrait::method = intrinsic, ...;`.
macro_rules! operators {
    ($($type:ident: $($trait:ident::$method:ident = $intrinsic:ident),*;)*) => {$($(
        impl core::ops::$trait for $type {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        }
    )*)*};
}

/// Assigning operators, and negation of all bits, from the operators.
macro_rules! assigning {
    (@ $type:ident: $($trait:ident::$method:ident = $operator:tt),*) => {$(
        impl core::ops::$trait for $type {
            #[inline(always)]
            fn $method(&mut self, other: Self) {
                *self = *self $operator other;
            }
        }
    )*};
    (sums $($type:ident)*) => {$(
        assigning!(@ $type: AddAssign::add_assign = +, SubAssign::sub_assign = -);
        impl $crate::kernel::vector::Sums for $type {}
    )*};
    (bitwise $($type:ident)*) => {$(
        assigning!(@ $type: BitAndAssign::bitand_assign = &, BitOrAssign::bitor_assign = |,
            BitXorAssign::bitxor_assign = ^);

        impl core::ops::Not for $type {
            type Output = Self;

            #[inline(always)]
            fn not(self) -> Self {
                self ^ bytemuck::must_cast::<_, Self>([u64::MAX; size_of::<Self>() / 8])
            }
        }

        impl $crate::kernel::vector::Bitwise for $type {}
    )*};
}

/// Methods of a trait, each one intrinsic: `Trait for Type: method = intrinsic, ...;`.
macro_rules! methods {
    ($($trait:ident for $type:ident: $($method:ident = $intrinsic:ident),*;)*) => {$(
        impl $crate::kernel::vector::$trait for $type {$(
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $intrinsic(self.0, other.0) })
            }
        )*}
    )*};
}

/// Shifts: `Type: left, right;`.
macro_rules! shifts {
    ($($type:ident: $left:ident, $right:ident;)*) => {$(
        impl $crate::kernel::vector::Shifts for $type {
            #[inline(always)]
            fn shl(self, by: u32) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $left(self.0, _mm_cvtsi32_si128(by as i32)) })
            }

            #[inline(always)]
            fn shr(self, by: u32) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $right(self.0, _mm_cvtsi32_si128(by as i32)) })
            }
        }
    )*};
}

/// Lanes of floats: `Type: and-not, xor, splat, maximum, minimum, fused multiply-add;`.
macro_rules! floats {
    ($($type:ident: $and_not:ident, $xor:ident, $splat:ident, $max:ident, $min:ident, $fma:ident;)*) => {$(
        impl $crate::kernel::vector::Magnitude for $type {
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $and_not($splat(-0.0), self.0) })
            }
        }

        impl core::ops::Neg for $type {
            type Output = Self;

            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $xor($splat(-0.0), self.0) })
            }
        }

        impl core::ops::MulAssign for $type {
            #[inline(always)]
            fn mul_assign(&mut self, other: Self) {
                *self = *self * other;
            }
        }

        impl $crate::kernel::vector::Floats for $type {
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $max(self.0, other.0) })
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $min(self.0, other.0) })
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $fma(self.0, factor.0, addend.0) })
            }
        }
    )*};
}

use {assigning, floats, methods, operators, registers, shifts};
