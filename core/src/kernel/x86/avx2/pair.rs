//! Two vectors as one of twice the width.

use core::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, Mul,
    MulAssign, Neg, Not, Sub, SubAssign,
};

use bytemuck::{Pod, Zeroable, must_cast};

use super::{F32x8, F64x4, I8x32, I16x16, I32x8, U16x16, U32x8, U64x4};
use crate::kernel::vector::{Bitwise, Floats, Lanes, Magnitude, Mask, Ordered, Shifts, Sums};

/// The lower half first.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct Pair<T>([T; 2]);

// SAFETY: an array of what any bits make.
unsafe impl<T: Zeroable> Zeroable for Pair<T> {}
// SAFETY: an array of what any bits make, without padding.
unsafe impl<T: Pod> Pod for Pair<T> {}

impl<T: Copy> Pair<T> {
    #[inline(always)]
    pub(super) fn of(halves: [T; 2]) -> Self {
        Self(halves)
    }

    #[inline(always)]
    pub(super) fn halves(self) -> [T; 2] {
        self.0
    }
}

macro_rules! lanes {
    ($($half:ident: $lane:ty, $lanes:literal;)*) => {$(
        impl Lanes<$lane, $lanes> for Pair<$half> {
            #[inline(always)]
            fn splat(lane: $lane) -> Self {
                Self([$half::splat(lane); 2])
            }

            #[inline(always)]
            fn new(lanes: [$lane; $lanes]) -> Self {
                must_cast(lanes)
            }

            #[inline(always)]
            fn to_array(self) -> [$lane; $lanes] {
                must_cast(self)
            }
        }
    )*};
}

lanes! {
    I8x32: i8, 64;
    I16x16: i16, 32;
    U16x16: u16, 32;
    I32x8: i32, 16;
    U32x8: u32, 16;
    U64x4: u64, 8;
    F32x8: f32, 16;
    F64x4: f64, 8;
}

macro_rules! operators {
    ($($trait:ident::$method:ident)*) => {$(
        impl<T: Copy + $trait<Output = T>> $trait for Pair<T> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let ([a, b], [c, d]) = (self.0, other.0);
                Self([a.$method(c), b.$method(d)])
            }
        }
    )*};
}

operators!(Add::add Sub::sub Mul::mul Div::div BitAnd::bitand BitOr::bitor BitXor::bitxor);

macro_rules! assigning {
    ($($trait:ident::$method:ident: $operator:ident $sign:tt)*) => {$(
        impl<T: Copy + $operator<Output = T>> $trait for Pair<T> {
            #[inline(always)]
            fn $method(&mut self, other: Self) {
                *self = *self $sign other;
            }
        }
    )*};
}

assigning! {
    AddAssign::add_assign: Add +
    SubAssign::sub_assign: Sub -
    MulAssign::mul_assign: Mul *
    BitAndAssign::bitand_assign: BitAnd &
    BitOrAssign::bitor_assign: BitOr |
    BitXorAssign::bitxor_assign: BitXor ^
}

impl<T: Copy + Not<Output = T>> Not for Pair<T> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        let [low, high] = self.0;
        Self([!low, !high])
    }
}

impl<T: Copy + Neg<Output = T>> Neg for Pair<T> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        let [low, high] = self.0;
        Self([-low, -high])
    }
}

impl<T: Sums> Sums for Pair<T> {}

impl<T: Bitwise> Bitwise for Pair<T> {}

impl<T: Shifts> Shifts for Pair<T> {
    #[inline(always)]
    fn shl(self, by: u32) -> Self {
        let [low, high] = self.0;
        Self([low.shl(by), high.shl(by)])
    }

    #[inline(always)]
    fn shr(self, by: u32) -> Self {
        let [low, high] = self.0;
        Self([low.shr(by), high.shr(by)])
    }
}

/// Methods of two vectors, half by half.
macro_rules! methods {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            let ([a, b], [c, d]) = (self.0, other.0);
            Self([a.$method(c), b.$method(d)])
        }
    )*};
}

impl<T: Ordered> Ordered for Pair<T> {
    methods!(simd_eq simd_lt max min);
}

impl<T: Mask> Mask for Pair<T> {
    #[inline(always)]
    fn select(self, set: Self, clear: Self) -> Self {
        let ([a, b], [c, d], [e, f]) = (self.0, set.0, clear.0);
        Self([a.select(c, e), b.select(d, f)])
    }
}

impl<T: Magnitude> Magnitude for Pair<T> {
    #[inline(always)]
    fn abs(self) -> Self {
        let [low, high] = self.0;
        Self([low.abs(), high.abs()])
    }
}

impl<T: Floats> Floats for Pair<T> {
    methods!(max min);

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        let ([a, b], [c, d], [e, f]) = (self.0, factor.0, addend.0);
        Self([a.mul_add(c, e), b.mul_add(d, f)])
    }
}
