//! The vectors of AVX-512: registers of 512 bits; half as wide ones are those of AVX2.

use core::arch::x86_64::*;

use bytemuck::cast;

use super::avx2::{Avx2, I16x16, I32x8, U16x16, U32x8, U64x4, transpose};
use super::{assigning, floats, operators, registers, shifts};
use crate::kernel::vector::{Lanes, Magnitude, Mask, Ordered, Signs, Simd};

/// What AVX2 has, and AVX-512's F, BW, CD, DQ, VL and VPOPCNTDQ: Intel's Ice Lake, AMD's Zen 4, and later ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512;

registers! {
    I8x64(__m512i): i8, 64, _mm512_set1_epi8;
    I16x32(__m512i): i16, 32, _mm512_set1_epi16;
    U16x32(__m512i): u16 as i16, 32, _mm512_set1_epi16;
    I32x16(__m512i): i32, 16, _mm512_set1_epi32;
    U32x16(__m512i): u32 as i32, 16, _mm512_set1_epi32;
    U64x8(__m512i): u64 as i64, 8, _mm512_set1_epi64;
    F32x16(__m512): f32, 16, _mm512_set1_ps;
    F64x8(__m512d): f64, 8, _mm512_set1_pd;
}

operators! {
    I8x64: Add::add = _mm512_add_epi8, Sub::sub = _mm512_sub_epi8;
    I16x32: Add::add = _mm512_add_epi16, Sub::sub = _mm512_sub_epi16, Mul::mul = _mm512_mullo_epi16,
        BitAnd::bitand = _mm512_and_si512, BitOr::bitor = _mm512_or_si512, BitXor::bitxor = _mm512_xor_si512;
    U16x32: Add::add = _mm512_add_epi16, Sub::sub = _mm512_sub_epi16, Mul::mul = _mm512_mullo_epi16,
        BitAnd::bitand = _mm512_and_si512, BitOr::bitor = _mm512_or_si512, BitXor::bitxor = _mm512_xor_si512;
    I32x16: Add::add = _mm512_add_epi32, Sub::sub = _mm512_sub_epi32, Mul::mul = _mm512_mullo_epi32,
        BitAnd::bitand = _mm512_and_si512, BitOr::bitor = _mm512_or_si512, BitXor::bitxor = _mm512_xor_si512;
    U32x16: Add::add = _mm512_add_epi32, Sub::sub = _mm512_sub_epi32,
        BitAnd::bitand = _mm512_and_si512, BitOr::bitor = _mm512_or_si512, BitXor::bitxor = _mm512_xor_si512;
    U64x8: Add::add = _mm512_add_epi64, Sub::sub = _mm512_sub_epi64,
        BitAnd::bitand = _mm512_and_si512, BitOr::bitor = _mm512_or_si512, BitXor::bitxor = _mm512_xor_si512;
    F32x16: Add::add = _mm512_add_ps, Sub::sub = _mm512_sub_ps, Mul::mul = _mm512_mul_ps, Div::div = _mm512_div_ps;
    F64x8: Add::add = _mm512_add_pd, Sub::sub = _mm512_sub_pd, Mul::mul = _mm512_mul_pd, Div::div = _mm512_div_pd;
}

assigning!(sums I8x64 I16x32 U16x32 I32x16 U32x16 U64x8 F32x16 F64x8);
assigning!(bitwise I16x32 U16x32 I32x16 U32x16 U64x8);

shifts! {
    I16x32: _mm512_sll_epi16, _mm512_sra_epi16;
    U16x32: _mm512_sll_epi16, _mm512_srl_epi16;
    I32x16: _mm512_sll_epi32, _mm512_sra_epi32;
    U32x16: _mm512_sll_epi32, _mm512_srl_epi32;
    U64x8: _mm512_sll_epi64, _mm512_srl_epi64;
}

/// Comparisons give mask registers, which are widened; where a mask is used at once, compilers leave that out.
macro_rules! ordered {
    ($($type:ident: $max:ident, $min:ident, $equal:ident, $below:ident, $widened:ident;)*) => {$(
        impl Ordered for $type {
            #[inline(always)]
            fn simd_eq(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $widened($equal(self.0, other.0)) })
            }

            #[inline(always)]
            fn simd_lt(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $widened($below(self.0, other.0)) })
            }

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
        }
    )*};
}

ordered! {
    I16x32: _mm512_max_epi16, _mm512_min_epi16, _mm512_cmpeq_epi16_mask, _mm512_cmplt_epi16_mask, _mm512_movm_epi16;
    U16x32: _mm512_max_epu16, _mm512_min_epu16, _mm512_cmpeq_epu16_mask, _mm512_cmplt_epu16_mask, _mm512_movm_epi16;
    I32x16: _mm512_max_epi32, _mm512_min_epi32, _mm512_cmpeq_epi32_mask, _mm512_cmplt_epi32_mask, _mm512_movm_epi32;
    U32x16: _mm512_max_epu32, _mm512_min_epu32, _mm512_cmpeq_epu32_mask, _mm512_cmplt_epu32_mask, _mm512_movm_epi32;
}

macro_rules! masks {
    ($($type:ident)*) => {$(
        impl Mask for $type {
            #[inline(always)]
            fn select(self, set: Self, clear: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { _mm512_mask_blend_epi16(_mm512_movepi16_mask(self.0), clear.0, set.0) })
            }
        }
    )*};
}

masks!(I16x32 U16x32);

macro_rules! signs {
    ($($type:ident: $bits:ident;)*) => {$(
        impl Signs for $type {
            #[inline(always)]
            fn to_bitmask(self) -> u32 {
                // SAFETY: see the module.
                u32::from(unsafe { $bits(self.0) })
            }
        }
    )*};
}

signs! {
    I16x32: _mm512_movepi16_mask;
    U16x32: _mm512_movepi16_mask;
    I32x16: _mm512_movepi32_mask;
}

impl Magnitude for I32x16 {
    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: see the module.
        Self(unsafe { _mm512_abs_epi32(self.0) })
    }
}

floats! {
    F32x16: _mm512_andnot_ps, _mm512_xor_ps, _mm512_set1_ps, _mm512_max_ps, _mm512_min_ps, _mm512_fmadd_ps;
    F64x8: _mm512_andnot_pd, _mm512_xor_pd, _mm512_set1_pd, _mm512_max_pd, _mm512_min_pd, _mm512_fmadd_pd;
}

impl Simd for Avx512 {
    type I8x64 = I8x64;
    type I16x16 = I16x16;
    type U16x16 = U16x16;
    type I16x32 = I16x32;
    type U16x32 = U16x32;
    type I32x8 = I32x8;
    type U32x8 = U32x8;
    type I32x16 = I32x16;
    type U32x16 = U32x16;
    type U64x4 = U64x4;
    type U64x8 = U64x8;
    type F32x16 = F32x16;
    type F64x8 = F64x8;

    const ACCUMULATORS: usize = 24;
    const PACKED: usize = 8;

    #[inline(always)]
    fn multiply_high(a: I16x32, b: I16x32) -> I16x32 {
        // SAFETY: see the module.
        I16x32(unsafe { _mm512_mulhrs_epi16(a.0, b.0) })
    }

    #[inline(always)]
    fn multiply_high_half(a: I16x16, b: I16x16) -> I16x16 {
        Avx2::multiply_high_half(a, b)
    }

    #[inline(always)]
    fn dot(a: I16x32, b: I16x32) -> I32x16 {
        // SAFETY: see the module.
        I32x16(unsafe { _mm512_madd_epi16(a.0, b.0) })
    }

    #[inline(always)]
    fn widen_bytes(bytes: &[u8; 32]) -> U16x32 {
        let bytes: __m256i = cast(*bytes);
        // SAFETY: see the module.
        U16x32(unsafe { _mm512_cvtepu8_epi16(bytes) })
    }

    #[inline(always)]
    fn widen_i8(bytes: I8x64) -> [I16x32; 2] {
        let [low, high]: [__m256i; 2] = cast(bytes);
        // SAFETY: see the module.
        cast(unsafe { [_mm512_cvtepi8_epi16(low), _mm512_cvtepi8_epi16(high)] })
    }

    #[inline(always)]
    fn widen_u8(bytes: &[u8; 16]) -> I32x16 {
        // SAFETY: see the module.
        I32x16(unsafe { _mm512_cvtepu8_epi32(cast(*bytes)) })
    }

    #[inline(always)]
    fn widen(x: I16x16) -> I32x16 {
        // SAFETY: see the module.
        I32x16(unsafe { _mm512_cvtepi16_epi32(cast(x)) })
    }

    #[inline(always)]
    fn truncate(x: U32x16) -> I16x16 {
        // SAFETY: see the module.
        cast(unsafe { _mm512_cvtepi32_epi16(x.0) })
    }

    #[inline(always)]
    fn saturate(x: I32x16) -> I16x16 {
        // SAFETY: see the module.
        cast(unsafe { _mm512_cvtsepi32_epi16(x.0) })
    }

    #[inline(always)]
    fn to_float(x: I32x16) -> F32x16 {
        // SAFETY: see the module.
        F32x16(unsafe { _mm512_cvtepi32_ps(x.0) })
    }

    #[inline(always)]
    fn round(x: F32x16) -> I32x16 {
        // SAFETY: see the module.
        I32x16(unsafe { _mm512_cvtps_epi32(x.0) })
    }

    #[inline(always)]
    fn transpose(rows: [I16x16; 16]) -> [I16x16; 16] {
        transpose(rows)
    }

    #[inline(always)]
    fn exchange<const BY: usize>(x: U64x8) -> U64x8 {
        // SAFETY: see the module.
        U64x8(unsafe {
            match BY {
                4 => _mm512_shuffle_i64x2::<0x4e>(x.0, x.0),
                2 => _mm512_permutex_epi64::<0x4e>(x.0),
                _ => _mm512_permutex_epi64::<0xb1>(x.0),
            }
        })
    }

    #[inline(always)]
    fn differing(a: &[[u64; 8]], b: &[[u64; 8]]) -> u32 {
        let mut counts = U64x8::splat(0);
        for (a, b) in a.iter().zip(b) {
            let words = U64x8::new(*a) ^ U64x8::new(*b);
            // SAFETY: see the module.
            counts += U64x8(unsafe { _mm512_popcnt_epi64(words.0) });
        }
        // SAFETY: see the module.
        unsafe { _mm512_reduce_add_epi64(counts.0) as u32 }
    }
}
