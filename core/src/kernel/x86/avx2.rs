//! The vectors of AVX2: registers of 256 bits, and pairs of them.

use bytemuck::cast;
use core::arch::x86_64::*;

use super::{assigning, floats, methods, operators, registers, shifts};
use crate::kernel::vector::{Magnitude, Mask, Ordered, Signs, Simd};

mod pair;

use pair::Pair;

/// AVX2, BMI1, BMI2, FMA and POPCNT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2;

registers! {
    I8x32(__m256i): i8, 32, _mm256_set1_epi8;
    I16x16(__m256i): i16, 16, _mm256_set1_epi16;
    U16x16(__m256i): u16 as i16, 16, _mm256_set1_epi16;
    I32x8(__m256i): i32, 8, _mm256_set1_epi32;
    U32x8(__m256i): u32 as i32, 8, _mm256_set1_epi32;
    U64x4(__m256i): u64 as i64, 4, _mm256_set1_epi64x;
    F32x8(__m256): f32, 8, _mm256_set1_ps;
    F64x4(__m256d): f64, 4, _mm256_set1_pd;
}

operators! {
    I8x32: Add::add = _mm256_add_epi8, Sub::sub = _mm256_sub_epi8;
    I16x16: Add::add = _mm256_add_epi16, Sub::sub = _mm256_sub_epi16, Mul::mul = _mm256_mullo_epi16,
        BitAnd::bitand = _mm256_and_si256, BitOr::bitor = _mm256_or_si256, BitXor::bitxor = _mm256_xor_si256;
    U16x16: Add::add = _mm256_add_epi16, Sub::sub = _mm256_sub_epi16, Mul::mul = _mm256_mullo_epi16,
        BitAnd::bitand = _mm256_and_si256, BitOr::bitor = _mm256_or_si256, BitXor::bitxor = _mm256_xor_si256;
    I32x8: Add::add = _mm256_add_epi32, Sub::sub = _mm256_sub_epi32, Mul::mul = _mm256_mullo_epi32,
        BitAnd::bitand = _mm256_and_si256, BitOr::bitor = _mm256_or_si256, BitXor::bitxor = _mm256_xor_si256;
    U32x8: Add::add = _mm256_add_epi32, Sub::sub = _mm256_sub_epi32,
        BitAnd::bitand = _mm256_and_si256, BitOr::bitor = _mm256_or_si256, BitXor::bitxor = _mm256_xor_si256;
    U64x4: Add::add = _mm256_add_epi64, Sub::sub = _mm256_sub_epi64,
        BitAnd::bitand = _mm256_and_si256, BitOr::bitor = _mm256_or_si256, BitXor::bitxor = _mm256_xor_si256;
    F32x8: Add::add = _mm256_add_ps, Sub::sub = _mm256_sub_ps, Mul::mul = _mm256_mul_ps, Div::div = _mm256_div_ps;
    F64x4: Add::add = _mm256_add_pd, Sub::sub = _mm256_sub_pd, Mul::mul = _mm256_mul_pd, Div::div = _mm256_div_pd;
}

assigning!(sums I8x32 I16x16 U16x16 I32x8 U32x8 U64x4 F32x8 F64x4);
assigning!(bitwise I16x16 U16x16 I32x8 U32x8 U64x4);

methods! {
    Saturating for I16x16: saturating_add = _mm256_adds_epi16, saturating_sub = _mm256_subs_epi16;
    Saturating for U16x16: saturating_add = _mm256_adds_epu16, saturating_sub = _mm256_subs_epu16;
}

shifts! {
    I16x16: _mm256_sll_epi16, _mm256_sra_epi16;
    U16x16: _mm256_sll_epi16, _mm256_srl_epi16;
    I32x8: _mm256_sll_epi32, _mm256_sra_epi32;
    U32x8: _mm256_sll_epi32, _mm256_srl_epi32;
    U64x4: _mm256_sll_epi64, _mm256_srl_epi64;
}

/// Comparisons: of signed lanes by an intrinsic, of others by their maximum.
macro_rules! ordered {
    (@below $greater:ident $equal:ident $max:ident $a:expr, $b:expr) => { $greater($b, $a) };
    (@below $equal:ident $max:ident $a:expr, $b:expr) => {{
        let at_least = $equal($max($a, $b), $a);
        _mm256_xor_si256(at_least, _mm256_set1_epi8(-1))
    }};
    ($($type:ident: $max:ident, $min:ident, $equal:ident $(, $greater:ident)?;)*) => {$(
        impl Ordered for $type {
            #[inline(always)]
            fn simd_eq(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { $equal(self.0, other.0) })
            }

            #[inline(always)]
            fn simd_lt(self, other: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { ordered!(@below $($greater)? $equal $max self.0, other.0) })
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
    I16x16: _mm256_max_epi16, _mm256_min_epi16, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16;
    U16x16: _mm256_max_epu16, _mm256_min_epu16, _mm256_cmpeq_epi16;
    I32x8: _mm256_max_epi32, _mm256_min_epi32, _mm256_cmpeq_epi32, _mm256_cmpgt_epi32;
    U32x8: _mm256_max_epu32, _mm256_min_epu32, _mm256_cmpeq_epi32;
}

macro_rules! masks {
    ($($type:ident)*) => {$(
        impl Mask for $type {
            #[inline(always)]
            fn select(self, set: Self, clear: Self) -> Self {
                // SAFETY: see the module.
                Self(unsafe { _mm256_blendv_epi8(clear.0, set.0, self.0) })
            }
        }
    )*};
}

masks!(I16x16 U16x16);

impl Signs for I32x8 {
    #[inline(always)]
    fn to_bitmask(self) -> u32 {
        // SAFETY: see the module.
        unsafe { _mm256_movemask_ps(_mm256_castsi256_ps(self.0)) as u32 }
    }
}

/// The highest bits of 32 lanes of 16 bits.
#[inline(always)]
fn bitmask(low: __m256i, high: __m256i) -> u32 {
    // SAFETY: see the module.
    unsafe {
        // The four quarters are packed in the order 0 2 1 3.
        let bytes = _mm256_packs_epi16(low, high);
        _mm256_movemask_epi8(_mm256_permute4x64_epi64::<0xd8>(bytes)) as u32
    }
}

impl Signs for Pair<I16x16> {
    #[inline(always)]
    fn to_bitmask(self) -> u32 {
        let [low, high] = self.halves();
        bitmask(low.0, high.0)
    }
}

impl Signs for Pair<U16x16> {
    #[inline(always)]
    fn to_bitmask(self) -> u32 {
        let [low, high] = self.halves();
        bitmask(low.0, high.0)
    }
}

impl Signs for Pair<I32x8> {
    #[inline(always)]
    fn to_bitmask(self) -> u32 {
        let [low, high] = self.halves();
        low.to_bitmask() | high.to_bitmask() << 8
    }
}

impl Magnitude for I16x16 {
    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: see the module.
        Self(unsafe { _mm256_abs_epi16(self.0) })
    }
}

impl Magnitude for I32x8 {
    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: see the module.
        Self(unsafe { _mm256_abs_epi32(self.0) })
    }
}

floats! {
    F32x8: _mm256_andnot_ps, _mm256_xor_ps, _mm256_set1_ps, _mm256_max_ps, _mm256_min_ps, _mm256_fmadd_ps;
    F64x4: _mm256_andnot_pd, _mm256_xor_pd, _mm256_set1_pd, _mm256_max_pd, _mm256_min_pd, _mm256_fmadd_pd;
}

impl Simd for Avx2 {
    type I8x64 = Pair<I8x32>;
    type I16x16 = I16x16;
    type U16x16 = U16x16;
    type I16x32 = Pair<I16x16>;
    type U16x32 = Pair<U16x16>;
    type I32x8 = I32x8;
    type U32x8 = U32x8;
    type I32x16 = Pair<I32x8>;
    type U32x16 = Pair<U32x8>;
    type U64x4 = U64x4;
    type U64x8 = Pair<U64x4>;
    type F32x16 = Pair<F32x8>;
    type F64x8 = Pair<F64x4>;

    const ACCUMULATORS: usize = 6;
    const PACKED: usize = 4;

    #[inline(always)]
    fn multiply_high(a: Self::I16x32, b: Self::I16x32) -> Self::I16x32 {
        let ([a, b], [c, d]) = (a.halves(), b.halves());
        Pair::of([
            Self::multiply_high_half(a, c),
            Self::multiply_high_half(b, d),
        ])
    }

    #[inline(always)]
    fn multiply_high_half(a: I16x16, b: I16x16) -> I16x16 {
        // SAFETY: see the module.
        I16x16(unsafe { _mm256_mulhrs_epi16(a.0, b.0) })
    }

    #[inline(always)]
    fn dot(a: Self::I16x32, b: Self::I16x32) -> Self::I32x16 {
        let ([a, b], [c, d]) = (a.halves(), b.halves());
        // SAFETY: see the module.
        let halves = unsafe { [_mm256_madd_epi16(a.0, c.0), _mm256_madd_epi16(b.0, d.0)] };
        cast(halves)
    }

    #[inline(always)]
    fn widen_bytes(bytes: &[u8; 32]) -> Self::U16x32 {
        let [low, high]: [__m128i; 2] = cast(*bytes);
        // SAFETY: see the module.
        cast(unsafe { [_mm256_cvtepu8_epi16(low), _mm256_cvtepu8_epi16(high)] })
    }

    #[inline(always)]
    fn widen_i8(bytes: Self::I8x64) -> [Self::I16x32; 2] {
        let [a, b, c, d]: [__m128i; 4] = cast(bytes);
        // SAFETY: see the module.
        cast(unsafe {
            [
                _mm256_cvtepi8_epi16(a),
                _mm256_cvtepi8_epi16(b),
                _mm256_cvtepi8_epi16(c),
                _mm256_cvtepi8_epi16(d),
            ]
        })
    }

    #[inline(always)]
    fn widen_u8(bytes: &[u8; 16]) -> Self::I32x16 {
        let bytes: __m128i = cast(*bytes);
        // SAFETY: see the module.
        cast(unsafe {
            [
                _mm256_cvtepu8_epi32(bytes),
                _mm256_cvtepu8_epi32(_mm_unpackhi_epi64(bytes, bytes)),
            ]
        })
    }

    #[inline(always)]
    fn widen(x: I16x16) -> Self::I32x16 {
        let [low, high]: [__m128i; 2] = cast(x);
        // SAFETY: see the module.
        cast(unsafe { [_mm256_cvtepi16_epi32(low), _mm256_cvtepi16_epi32(high)] })
    }

    #[inline(always)]
    fn truncate(x: Self::U32x16) -> I16x16 {
        let [low, high] = x.halves();
        // SAFETY: see the module.
        unsafe {
            let mask = _mm256_set1_epi32(0xffff);
            let packed = _mm256_packus_epi32(
                _mm256_and_si256(low.0, mask),
                _mm256_and_si256(high.0, mask),
            );
            I16x16(_mm256_permute4x64_epi64::<0xd8>(packed))
        }
    }

    #[inline(always)]
    fn saturate(x: Self::I32x16) -> I16x16 {
        let [low, high] = x.halves();
        // SAFETY: see the module.
        unsafe {
            let packed = _mm256_packs_epi32(low.0, high.0);
            I16x16(_mm256_permute4x64_epi64::<0xd8>(packed))
        }
    }

    #[inline(always)]
    fn to_float(x: Self::I32x16) -> Self::F32x16 {
        let [low, high] = x.halves();
        // SAFETY: see the module.
        cast(unsafe { [_mm256_cvtepi32_ps(low.0), _mm256_cvtepi32_ps(high.0)] })
    }

    #[inline(always)]
    fn round(x: Self::F32x16) -> Self::I32x16 {
        let [low, high] = x.halves();
        // SAFETY: see the module.
        cast(unsafe { [_mm256_cvtps_epi32(low.0), _mm256_cvtps_epi32(high.0)] })
    }

    #[inline(always)]
    fn transpose(rows: [I16x16; 16]) -> [I16x16; 16] {
        transpose(rows)
    }

    #[inline(always)]
    fn exchange<const BY: usize>(x: Self::U64x8) -> Self::U64x8 {
        let [low, high] = x.halves();
        if BY == 4 {
            return Pair::of([high, low]);
        }
        // SAFETY: see the module.
        cast(unsafe {
            match BY {
                2 => [
                    _mm256_permute4x64_epi64::<0x4e>(low.0),
                    _mm256_permute4x64_epi64::<0x4e>(high.0),
                ],
                _ => [
                    _mm256_permute4x64_epi64::<0xb1>(low.0),
                    _mm256_permute4x64_epi64::<0xb1>(high.0),
                ],
            }
        })
    }

    #[inline(always)]
    fn differing(a: &[[u64; 8]], b: &[[u64; 8]]) -> u32 {
        let words = a.as_flattened().iter().zip(b.as_flattened());
        words.map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// Within halves of 128 bits, pairs of lanes of 16, 32 and 64 bits are interleaved; then the halves are exchanged.
#[inline(always)]
pub(super) fn transpose(rows: [I16x16; 16]) -> [I16x16; 16] {
    let r = rows.map(|row| row.0);
    // SAFETY: see the module.
    unsafe {
        let mut a = r;
        for k in 0..8 {
            a[2 * k] = _mm256_unpacklo_epi16(r[2 * k], r[2 * k + 1]);
            a[2 * k + 1] = _mm256_unpackhi_epi16(r[2 * k], r[2 * k + 1]);
        }
        // Of rows 2k and 2k + 1: columns 0-3 and 8-11 in a[2k], 4-7 and 12-15 in a[2k + 1].
        let mut b = a;
        for k in 0..4 {
            for half in 0..2 {
                let (x, y) = (a[4 * k + half], a[4 * k + 2 + half]);
                b[4 * k + 2 * half] = _mm256_unpacklo_epi32(x, y);
                b[4 * k + 2 * half + 1] = _mm256_unpackhi_epi32(x, y);
            }
        }
        // Of rows 4k to 4k + 3: columns 2 j, 2 j + 1, 2 j + 8 and 2 j + 9 in b[4k + j].
        let mut c = b;
        for k in 0..2 {
            for j in 0..4 {
                let (x, y) = (b[8 * k + j], b[8 * k + 4 + j]);
                c[8 * k + 2 * j] = _mm256_unpacklo_epi64(x, y);
                c[8 * k + 2 * j + 1] = _mm256_unpackhi_epi64(x, y);
            }
        }
        // Of rows 8k to 8k + 7: columns j and j + 8 in c[8k + j].
        let mut d = c;
        for j in 0..8 {
            d[j] = _mm256_permute2x128_si256::<0x20>(c[j], c[8 + j]);
            d[8 + j] = _mm256_permute2x128_si256::<0x31>(c[j], c[8 + j]);
        }
        d.map(I16x16)
    }
}
