//! The loops over rows of codes, for processors of 32 bits without SIMD, without a population count and without 64-bit
//! shifts.
//!
//! Sums wrap: what is left when all is added fits, so that it is exact. Those of [`WeightFormat::Sign`] count set bits,
//! for [`Sums::field`] to make sums of it.

use super::WeightFormat;
use super::format::{nibble, ternary};
use crate::bits::WORD;

/// Units of half a word.
const HALF: usize = WORD / 2;

/// The halves of packed words, in the order of their units.
pub(super) fn halves(words: &[u64]) -> impl Iterator<Item = u32> + '_ {
    words
        .iter()
        .flat_map(|&word| [word as u32, (word >> 32) as u32])
}

/// What turns a sum of the loops below into a field.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    factor: i16,
    offset: i16,
}

impl Sums {
    /// For sums over `inputs` set units. 2 x - n is the sum of n signs of which x are set.
    pub(super) fn new(format: WeightFormat, weight_scale: u16, inputs: u32) -> Self {
        let scale = weight_scale as i16;
        match format {
            WeightFormat::Sign => Self {
                factor: scale.wrapping_mul(2),
                offset: scale.wrapping_mul(inputs as i16).wrapping_neg(),
            },
            _ => Self {
                factor: scale,
                offset: 0,
            },
        }
    }

    /// bias + weight_scale * (sum of codes).
    #[inline(always)]
    pub(super) fn field(self, sum: i16, bias: i16) -> i16 {
        sum.wrapping_mul(self.factor)
            .wrapping_add(self.offset)
            .wrapping_add(bias)
    }
}

/// Adds the rows of the set inputs to `sums`, one number an output.
pub(super) fn add_set_rows(
    format: WeightFormat,
    codes: &[u8],
    row_len: usize,
    inputs: &[u64],
    sums: &mut [i16],
) {
    match format {
        WeightFormat::I16 => each_set_row(codes, row_len, inputs, |row| {
            for (sum, code) in sums.iter_mut().zip(row.as_chunks().0) {
                *sum = sum.wrapping_add(i16::from_le_bytes(*code));
            }
        }),
        WeightFormat::I8 => each_set_row(codes, row_len, inputs, |row| {
            let (fours, tail) = sums.as_chunks_mut::<4>();
            let (codes, behind) = row.as_chunks::<4>();
            for (sums, codes) in fours.iter_mut().zip(codes) {
                for (sum, &code) in sums.iter_mut().zip(codes) {
                    *sum = sum.wrapping_add(i16::from(code as i8));
                }
            }
            for (sum, &code) in tail.iter_mut().zip(behind) {
                *sum = sum.wrapping_add(i16::from(code as i8));
            }
        }),
        WeightFormat::I4 => each_set_row(codes, row_len, inputs, |row| {
            add_unpacked::<2>(row, sums, nibble);
        }),
        WeightFormat::Ternary => each_set_row(codes, row_len, inputs, |row| {
            add_unpacked::<4>(row, sums, |byte, index| ternary(byte >> (2 * index)));
        }),
        WeightFormat::Sign => each_set_row(codes, row_len, inputs, |row| {
            add_unpacked::<8>(row, sums, |byte, index| i16::from(byte >> index & 1));
        }),
    }
}

/// Adds a row of `N` codes per byte; `code` takes a byte and which of its codes is wanted.
#[inline(always)]
fn add_unpacked<const N: usize>(row: &[u8], sums: &mut [i16], code: impl Fn(u8, usize) -> i16) {
    let (whole, tail) = sums.as_chunks_mut::<N>();
    for (sums, &byte) in whole.iter_mut().zip(row) {
        for (index, sum) in sums.iter_mut().enumerate() {
            *sum = sum.wrapping_add(code(byte, index));
        }
    }
    let byte = row.last().copied().unwrap_or(0);
    for (index, sum) in tail.iter_mut().enumerate() {
        *sum = sum.wrapping_add(code(byte, index));
    }
}

/// Calls `add` with the row of every set input.
#[inline(always)]
fn each_set_row(codes: &[u8], row_len: usize, inputs: &[u64], mut add: impl FnMut(&[u8])) {
    for (half, rows) in halves(inputs).zip(codes.chunks(HALF * row_len)) {
        let mut rest = half;
        for row in rows.chunks_exact(row_len) {
            if rest & 1 != 0 {
                add(row);
            }
            rest >>= 1;
        }
    }
}

/// Adds to `sums`, one number per row, the codes of each row that belong to set inputs.
pub(super) fn add_set_codes(
    format: WeightFormat,
    codes: &[u8],
    row_len: usize,
    inputs: &[u64],
    sums: &mut [i16],
) {
    let piece_len = HALF * format.bits() / 8;
    let begins = (0..row_len).step_by(piece_len);
    for (half, begin) in halves(inputs).zip(begins) {
        if half == 0 {
            continue;
        }
        let pieces = codes
            .chunks_exact(row_len)
            .map(|row| row.get(begin..).unwrap_or_default());
        let sums = sums.iter_mut();
        match format {
            WeightFormat::Ternary => {
                let masks = [spread(half as u16), spread((half >> 16) as u16)];
                for (sum, piece) in sums.zip(pieces) {
                    *sum = sum.wrapping_add(ternary_sum(piece, masks));
                }
            }
            WeightFormat::Sign => {
                for (sum, piece) in sums.zip(pieces) {
                    *sum = sum.wrapping_add((load(piece) & half).count_ones() as i16);
                }
            }
            WeightFormat::I16 => {
                let positions = &positions_of(half);
                for (sum, piece) in sums.zip(pieces) {
                    let (codes, _) = piece.as_chunks();
                    let code = |at| codes.get(at).map_or(0, |&code| i16::from_le_bytes(code));
                    *sum = positions.sum(*sum, code);
                }
            }
            WeightFormat::I8 | WeightFormat::I4 => {
                let positions = &positions_of(half);
                for (sum, piece) in sums.zip(pieces) {
                    *sum = positions.sum(*sum, |at| format.code(piece, at));
                }
            }
        }
    }
}

/// The positions of the set bits of half a word.
struct Positions {
    list: [u8; HALF],
    count: usize,
}

fn positions_of(half: u32) -> Positions {
    let mut positions = Positions {
        list: [0; HALF],
        count: 0,
    };
    let mut rest = half;
    // Without a branch or a count of zeros, which the smallest processors have not.
    for position in 0..HALF as u8 {
        if let Some(slot) = positions.list.get_mut(positions.count) {
            *slot = position;
        }
        positions.count += (rest & 1) as usize;
        rest >>= 1;
    }
    positions
}

impl Positions {
    /// `sum` and the codes at the positions.
    #[inline(always)]
    fn sum(&self, sum: i16, code: impl Fn(usize) -> i16) -> i16 {
        let positions = self.list.get(..self.count).unwrap_or_default();
        let code = |&at: &u8| code(usize::from(at));
        positions.iter().map(code).fold(sum, i16::wrapping_add)
    }
}

/// Up to four bytes as a number, little-endian.
#[inline(always)]
fn load(bytes: &[u8]) -> u32 {
    match bytes.first_chunk() {
        Some(whole) => u32::from_le_bytes(*whole),
        None => (bytes.iter().rev()).fold(0, |sum, &byte| sum << 8 | u32::from(byte)),
    }
}

/// Bit `i` moved to bit `2 i`.
fn spread(bits: u16) -> u32 {
    let mut x = u32::from(bits);
    x = (x | x << 8) & 0x00ff_00ff;
    x = (x | x << 4) & 0x0f0f_0f0f;
    x = (x | x << 2) & 0x3333_3333;
    (x | x << 1) & 0x5555_5555
}

/// The sum of the codes among 32 whose bits the masks (of 16 codes each, at even places) name: as many as are not zero,
/// less twice as many as are negative.
#[inline(always)]
fn ternary_sum(piece: &[u8], masks: [u32; 2]) -> i16 {
    let low = load(piece);
    let high = load(piece.get(4..).unwrap_or_default());
    // Two sets of bits at even places fill one word.
    let both = |a: u32, b: u32| (a & masks[0]) | (b & masks[1]) << 1;
    let nonzero = both(low, high).count_ones();
    let negative = both(low >> 1, high >> 1).count_ones();
    nonzero as i16 - 2 * negative as i16
}
