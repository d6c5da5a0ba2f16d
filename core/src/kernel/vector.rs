//! The vectors that kernels are written in: traits of lane types, with one set of types per instruction set.
//!
//! A kernel is a function generic over [`Simd`]. All its operations inline into a function that is compiled for the
//! instruction set; see `choose.rs`. A comparison gives a mask: all bits set in the lanes where it holds. Types of equal
//! size are cast into one another by `bytemuck`.

mod portable;

use core::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, Mul,
    MulAssign, Neg, Not, Sub, SubAssign,
};

use bytemuck::Pod;

pub(super) use portable::Portable;

/// `N` lanes of a type.
pub(crate) trait Lanes<T, const N: usize>: Pod {
    /// The same in every lane.
    fn splat(lane: T) -> Self;

    /// Lane 0 first.
    fn new(lanes: [T; N]) -> Self;

    /// Lane 0 first.
    fn to_array(self) -> [T; N];
}

/// Sums and differences of lanes; those of integers wrap.
pub(crate) trait Sums:
    Pod + Add<Output = Self> + Sub<Output = Self> + AddAssign + SubAssign
{
}

/// Operations on bits.
pub(crate) trait Bitwise:
    Pod
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + BitAndAssign
    + BitOrAssign
    + BitXorAssign
{
}

/// Shifts of lanes by less than their width.
pub(crate) trait Shifts: Pod {
    /// Towards higher places.
    fn shl(self, by: u32) -> Self;

    /// Towards lower places; signed lanes keep their sign.
    fn shr(self, by: u32) -> Self;
}

/// Lanes of integers that are compared.
pub(crate) trait Ordered: Pod {
    /// Where lanes are equal.
    fn simd_eq(self, other: Self) -> Self;

    /// Where lanes are below those of `other`.
    fn simd_lt(self, other: Self) -> Self;

    /// The larger of each two lanes.
    fn max(self, other: Self) -> Self;

    /// The smaller of each two lanes.
    fn min(self, other: Self) -> Self;
}

/// Masks.
pub(crate) trait Mask: Pod {
    /// The lanes of `set` where this is a mask's ones, those of `clear` elsewhere.
    fn select(self, set: Self, clear: Self) -> Self;
}

/// Masks, and other lanes, by their highest bits.
pub(crate) trait Signs: Pod {
    /// The highest bit of every lane, lane 0 lowest.
    fn to_bitmask(self) -> u32;

    /// Whether the highest bit of some lane is set.
    #[inline(always)]
    fn any(self) -> bool {
        self.to_bitmask() != 0
    }
}

/// Sums held to the range of the lane type.
pub(crate) trait Saturating: Pod {
    fn saturating_add(self, other: Self) -> Self;
    fn saturating_sub(self, other: Self) -> Self;
}

/// Magnitudes.
pub(crate) trait Magnitude: Pod {
    /// The magnitude of every lane; the smallest integer stays as it is.
    fn abs(self) -> Self;
}

/// Lanes of floats.
pub(crate) trait Floats:
    Sums + Magnitude + Neg<Output = Self> + Mul<Output = Self> + MulAssign + Div<Output = Self>
{
    /// The larger of each two lanes; that of `other` where this one's is not a number. `other` has only numbers.
    fn max(self, other: Self) -> Self;

    /// The smaller of each two lanes; that of `other` where this one's is not a number. `other` has only numbers.
    fn min(self, other: Self) -> Self;

    /// `self * factor + addend`, rounded once or twice, whichever is faster. Not for what has to be equal to the bit.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
}

/// What most vectors of integers have.
pub(crate) trait Integers: Sums + Bitwise + Shifts + Ordered {}

impl<T: Sums + Bitwise + Shifts + Ordered> Integers for T {}

/// One instruction set: its vectors, and the operations between vectors of different types.
pub(crate) trait Simd: Copy {
    type I8x64: Lanes<i8, 64> + Sums;
    type I16x16: Lanes<i16, 16> + Integers + Mask + Saturating + Magnitude;
    type U16x16: Lanes<u16, 16> + Sums + Bitwise + Saturating;
    type I16x32: Lanes<i16, 32> + Integers + Mul<Output = Self::I16x32> + Mask + Signs;
    type U16x32: Lanes<u16, 32> + Integers + Mul<Output = Self::U16x32> + Mask + Signs;
    type I32x8: Lanes<i32, 8> + Integers + Mul<Output = Self::I32x8> + Signs;
    type U32x8: Lanes<u32, 8> + Integers;
    type I32x16: Lanes<i32, 16> + Integers + Mul<Output = Self::I32x16> + Signs + Magnitude;
    type U32x16: Lanes<u32, 16> + Integers;
    type U64x4: Lanes<u64, 4> + Bitwise + Shifts;
    type U64x8: Lanes<u64, 8> + Sums + Bitwise + Shifts;
    type F32x16: Lanes<f32, 16> + Floats;
    type F64x8: Lanes<f64, 8> + Floats;

    /// Vectors of 32 outputs that fit the registers as sums, of which each addition reads one from memory.
    const ACCUMULATORS: usize;

    /// Vectors of 32 outputs in a tile whose 64 rows fit a first-level cache as a copy: at most 8.
    const PACKED: usize;

    /// (a b + 2^14) / 2^15 rounded down, of every two lanes; see `fixed::multiply_high`.
    fn multiply_high(a: Self::I16x32, b: Self::I16x32) -> Self::I16x32;

    /// The same on half as many lanes.
    fn multiply_high_half(a: Self::I16x16, b: Self::I16x16) -> Self::I16x16;

    /// Sums of the products of neighbouring lanes.
    fn dot(a: Self::I16x32, b: Self::I16x32) -> Self::I32x16;

    /// Unsigned bytes as numbers of 16 bits.
    fn widen_bytes(bytes: &[u8; 32]) -> Self::U16x32;

    /// Signed bytes as numbers of 16 bits, the lower half first.
    fn widen_i8(bytes: Self::I8x64) -> [Self::I16x32; 2];

    /// Sixteen unsigned bytes as numbers of 32 bits.
    fn widen_u8(bytes: &[u8; 16]) -> Self::I32x16;

    /// Numbers of 16 bits as such of 32.
    fn widen(x: Self::I16x16) -> Self::I32x16;

    /// The lower 16 bits of every lane.
    fn truncate(x: Self::U32x16) -> Self::I16x16;

    /// Numbers of 32 bits held to the range of those of 16.
    fn saturate(x: Self::I32x16) -> Self::I16x16;

    /// The nearest floats.
    fn to_float(x: Self::I32x16) -> Self::F32x16;

    /// The nearest integers, ties to even; magnitudes are below 2^31.
    fn round(x: Self::F32x16) -> Self::I32x16;

    /// Rows of 16 x 16 numbers to columns.
    fn transpose(rows: [Self::I16x16; 16]) -> [Self::I16x16; 16];

    /// Exchanges lanes whose numbers differ by `BY`, which is 1, 2 or 4.
    fn exchange<const BY: usize>(x: Self::U64x8) -> Self::U64x8;

    /// The number of bits in which two runs of words of equal length differ.
    fn differing(a: &[[u64; 8]], b: &[[u64; 8]]) -> u32;
}
