//! The vectors of `wide`, which use the instructions that the whole program is compiled for: SSE2 on x86-64, NEON on
//! AArch64, SIMD128 on WebAssembly, plain integers elsewhere.

use bytemuck::cast;
use wide::{
    f32x16, f64x8, i8x64, i16x8, i16x16, i16x32, i32x8, i32x16, u16x16, u16x32, u32x8, u32x16,
    u64x4, u64x8,
};

use super::{
    Bitwise, Floats, Lanes, Magnitude, Mask, Ordered, Saturating, Shifts, Signs, Simd, Sums,
};

/// Whatever the program is compiled for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

macro_rules! lanes {
    ($($type:ident: $lane:ty, $lanes:literal;)*) => {$(
        impl Lanes<$lane, $lanes> for $type {
            #[inline(always)]
            fn splat(lane: $lane) -> Self {
                $type::splat(lane)
            }

            #[inline(always)]
            fn new(lanes: [$lane; $lanes]) -> Self {
                $type::new(lanes)
            }

            #[inline(always)]
            fn to_array(self) -> [$lane; $lanes] {
                $type::to_array(self)
            }
        }

        impl Sums for $type {}
    )*};
}

lanes! {
    i8x64: i8, 64;
    i16x16: i16, 16;
    u16x16: u16, 16;
    i16x32: i16, 32;
    u16x32: u16, 32;
    i32x8: i32, 8;
    u32x8: u32, 8;
    i32x16: i32, 16;
    u32x16: u32, 16;
    u64x4: u64, 4;
    u64x8: u64, 8;
    f32x16: f32, 16;
    f64x8: f64, 8;
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Bitwise for $type {}

        impl Shifts for $type {
            #[inline(always)]
            fn shl(self, by: u32) -> Self {
                self << by
            }

            #[inline(always)]
            fn shr(self, by: u32) -> Self {
                self >> by
            }
        }
    )*};
}

integers!(i16x16 u16x16 i16x32 u16x32 i32x8 u32x8 i32x16 u32x16 u64x4 u64x8);

macro_rules! ordered {
    ($($type:ident)*) => {$(
        impl Ordered for $type {
            #[inline(always)]
            fn simd_eq(self, other: Self) -> Self {
                cast($type::simd_eq(self, other))
            }

            #[inline(always)]
            fn simd_lt(self, other: Self) -> Self {
                cast($type::simd_lt(self, other))
            }

            #[inline(always)]
            fn max(self, other: Self) -> Self {
                $type::max(self, other)
            }

            #[inline(always)]
            fn min(self, other: Self) -> Self {
                $type::min(self, other)
            }
        }
    )*};
}

ordered!(i16x16 i16x32 u16x32 i32x8 u32x8 i32x16 u32x16);

macro_rules! signs {
    ($($type:ident)*) => {$(
        impl Signs for $type {
            #[inline(always)]
            fn to_bitmask(self) -> u32 {
                $type::to_bitmask(self) as u32
            }
        }
    )*};
}

signs!(i16x32 u16x32 i32x8 i32x16);

/// Methods that vectors of `wide` have by the same names.
macro_rules! methods {
    (@ $trait:ident for $type:ident { $($method:ident($($argument:ident),*))* }) => {
        impl $trait for $type {$(
            #[inline(always)]
            fn $method(self, $($argument: Self),*) -> Self {
                $type::$method(self, $($argument),*)
            }
        )*}
    };
    ($($trait:ident for [$($type:ident)*] $methods:tt)*) => {
        $(methods!(@each $trait [$($type)*] $methods);)*
    };
    (@each $trait:ident [$($type:ident)*] $methods:tt) => {
        $(methods!(@ $trait for $type $methods);)*
    };
}

methods! {
    Mask for [i16x16 i16x32 u16x32] { select(set, clear) }
    Saturating for [i16x16 u16x16] { saturating_add(other) saturating_sub(other) }
    Magnitude for [i16x16 i32x16 f32x16 f64x8] { abs() }
    Floats for [f32x16 f64x8] { max(other) min(other) mul_add(factor, addend) }
}

impl Simd for Portable {
    type I8x64 = i8x64;
    type I16x16 = i16x16;
    type U16x16 = u16x16;
    type I16x32 = i16x32;
    type U16x32 = u16x32;
    type I32x8 = i32x8;
    type U32x8 = u32x8;
    type I32x16 = i32x16;
    type U32x16 = u32x16;
    type U64x4 = u64x4;
    type U64x8 = u64x8;
    type F32x16 = f32x16;
    type F64x8 = f64x8;

    const ACCUMULATORS: usize = 6;
    const PACKED: usize = 4;

    #[inline(always)]
    fn multiply_high(a: i16x32, b: i16x32) -> i16x32 {
        let ([a, b], [c, d]): ([i16x16; 2], [i16x16; 2]) = (cast(a), cast(b));
        cast([a.mul_scale_round(c), b.mul_scale_round(d)])
    }

    #[inline(always)]
    fn multiply_high_half(a: i16x16, b: i16x16) -> i16x16 {
        a.mul_scale_round(b)
    }

    #[inline(always)]
    fn dot(a: i16x32, b: i16x32) -> i32x16 {
        a.dot(b)
    }

    #[inline(always)]
    fn widen_bytes(bytes: &[u8; 32]) -> u16x32 {
        u16x32::new(bytes.map(u16::from))
    }

    #[inline(always)]
    fn widen_i8(bytes: i8x64) -> [i16x32; 2] {
        let halves: [[i8; 32]; 2] = cast(bytes);
        halves.map(|half| i16x32::new(half.map(i16::from)))
    }

    #[inline(always)]
    fn widen_u8(bytes: &[u8; 16]) -> i32x16 {
        i32x16::new(bytes.map(i32::from))
    }

    #[inline(always)]
    fn widen(x: i16x16) -> i32x16 {
        i32x16::from_i16x16(x)
    }

    #[inline(always)]
    fn truncate(x: u32x16) -> i16x16 {
        i16x16::new(x.to_array().map(|x| x as i16))
    }

    #[inline(always)]
    fn saturate(x: i32x16) -> i16x16 {
        let halves: [i32x8; 2] = cast(x);
        cast(halves.map(i16x8::from_i32x8_saturate))
    }

    #[inline(always)]
    fn to_float(x: i32x16) -> f32x16 {
        x.round_float()
    }

    #[inline(always)]
    fn round(x: f32x16) -> i32x16 {
        x.fast_round_int()
    }

    /// Pairs of rows are zipped into 32-bit lanes, which are then transposed.
    #[inline(always)]
    fn transpose(rows: [i16x16; 16]) -> [i16x16; 16] {
        let low = u32x8::splat(0xffff);
        let (mut even, mut odd) = ([low; 8], [low; 8]);
        for (k, pair) in rows.chunks_exact(2).enumerate() {
            let (a, b): (u32x8, u32x8) = (cast(pair[0]), cast(pair[1]));
            even[k] = (a & low) | (b << 16_u32);
            odd[k] = (a >> 16_u32) | (b & !low);
        }
        let (even, odd) = (u32x8::transpose(even), u32x8::transpose(odd));
        core::array::from_fn(|column| {
            cast(if column % 2 == 0 {
                even[column / 2]
            } else {
                odd[column / 2]
            })
        })
    }

    #[inline(always)]
    fn exchange<const BY: usize>(x: u64x8) -> u64x8 {
        let lanes = x.to_array();
        u64x8::new(core::array::from_fn(|i| lanes[(i ^ BY) % 8]))
    }

    #[inline(always)]
    fn differing(a: &[[u64; 8]], b: &[[u64; 8]]) -> u32 {
        let words = a.as_flattened().iter().zip(b.as_flattened());
        words.map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}
