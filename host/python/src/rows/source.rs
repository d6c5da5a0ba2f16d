//! Rows of numbers, however they lie in memory.

use bitspin::bitspin_core::bits::ones;
use bitspin::evaluate::RealRows;
use bitspin::{BitMatrix, Error};
use numpy::ndarray::ArrayView2;

/// A number of an array.
pub(crate) trait Value: Copy + Sync + PartialEq + From<u8> {
    fn real(self) -> f64;

    /// Packs a row, and says whether all of it is 0 or 1.
    fn pack_bits(values: &[Self], bits: &mut [u64]) -> bool {
        let (zero, one) = (Self::from(0), Self::from(1));
        let mut others = false;
        for (values, bits) in values.chunks(64).zip(bits) {
            let mut word = 0;
            for (at, &value) in values.iter().enumerate() {
                word |= u64::from(value == one) << at;
                others |= value != zero && value != one;
            }
            *bits = word;
        }
        !others
    }

    /// Rounds a row to multiples of 1/255, and says whether all of it is that close to them; false where it is not fast.
    fn pack_grey(values: &[Self], bytes: &mut [u8]) -> bool {
        let _ = (values, bytes);
        false
    }
}

macro_rules! values {
    ($($type:ty)*) => {$(
        impl Value for $type {
            fn real(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}

values!(u8 i32);

impl Value for i64 {
    /// Rounded from 2^53 on, where nothing is a probability.
    fn real(self) -> f64 {
        self as f64
    }
}

/// How far a number may be from a multiple of 1/255, in 1/255: two roundings of float32 near 1.
pub(crate) const GREY_ROUNDING: f32 = 2.0 * 255.0 * f32::EPSILON;

macro_rules! floats {
    ($($type:ty, $rounder:expr;)*) => {$(
        impl Value for $type {
            fn real(self) -> f64 {
                f64::from(self)
            }

            fn pack_grey(values: &[Self], bytes: &mut [u8]) -> bool {
                let mut others = 0;
                for (&value, byte) in values.iter().zip(bytes) {
                    let scaled = 255.0 * value;
                    // The nearest integer, in the lowest bits.
                    *byte = (scaled + $rounder).to_bits() as u8;
                    let close = (scaled - <$type>::from(*byte)).abs() <= <$type>::from(GREY_ROUNDING);
                    others |= u8::from(!(close & (0.0..=1.0).contains(&value)));
                }
                others == 0
            }
        }
    )*};
}

floats! {
    f32, 8_388_608.0;
    f64, 4_503_599_627_370_496.0;
}

/// Rows of numbers.
pub(crate) trait Source: Sync {
    fn count(&self) -> usize;
    fn units(&self) -> usize;
    /// Calls `entry` with the column and the value of the entries of a row; those that are left out are zero.
    fn visit(&self, row: usize, entry: impl FnMut(usize, f64));

    /// Appends column and value of the entries of a row that are not zero.
    fn entries(&self, row: usize, found: &mut Vec<(u32, f64)>) {
        self.visit(row, |column, value| {
            if value != 0.0 {
                found.push((column as u32, value));
            }
        });
    }

    /// Packs a row if all of it is 0 or 1; false also where that is not fast.
    fn pack_bits(&self, row: usize, bits: &mut [u64]) -> bool {
        let _ = (row, bits);
        false
    }

    /// Packs a row if all of it are multiples of 1/255; false also where that is not fast.
    fn pack_grey(&self, row: usize, bytes: &mut [u8]) -> bool {
        let _ = (row, bytes);
        false
    }
}

/// Numbers that are looked at together for one that is not zero.
const RUN: usize = 16;

/// A two-dimensional array of any strides.
pub(crate) struct Dense<'a, T>(pub(crate) ArrayView2<'a, T>);

impl<T: Value> Source for Dense<'_, T> {
    fn count(&self) -> usize {
        self.0.nrows()
    }

    fn units(&self) -> usize {
        self.0.ncols()
    }

    #[inline]
    fn visit(&self, row: usize, mut entry: impl FnMut(usize, f64)) {
        let row = self.0.row(row);
        if let Some(values) = row.as_slice() {
            for (column, value) in values.iter().enumerate() {
                entry(column, value.real());
            }
            return;
        }
        for (column, value) in row.iter().enumerate() {
            entry(column, value.real());
        }
    }

    fn entries(&self, row: usize, found: &mut Vec<(u32, f64)>) {
        let row = self.0.row(row);
        let zero = T::from(0);
        let mut entry = |column: usize, value: T| {
            if value != zero {
                found.push((column as u32, value.real()));
            }
        };
        let Some(row) = row.as_slice() else {
            let values = row.iter().enumerate();
            return values.for_each(|(column, &value)| entry(column, value));
        };
        // Zeros come in runs.
        for (at, values) in row.chunks(RUN).enumerate() {
            if values
                .iter()
                .fold(false, |any, &value| any | (value != zero))
            {
                let values = values.iter().enumerate();
                values.for_each(|(k, &value)| entry(RUN * at + k, value));
            }
        }
    }

    fn pack_bits(&self, row: usize, bits: &mut [u64]) -> bool {
        let row = self.0.row(row);
        row.as_slice().is_some_and(|row| T::pack_bits(row, bits))
    }

    fn pack_grey(&self, row: usize, bytes: &mut [u8]) -> bool {
        let row = self.0.row(row);
        row.as_slice().is_some_and(|row| T::pack_grey(row, bytes))
    }
}

/// An index of a CSR matrix.
pub(crate) trait Index: Copy + Sync {
    /// The index, or the largest number if it is negative.
    fn at(self) -> usize;
}

impl Index for i32 {
    fn at(self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

impl Index for i64 {
    fn at(self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

/// A CSR matrix.
pub(crate) struct Sparse<'a, T, I> {
    values: &'a [T],
    columns: &'a [I],
    ends: &'a [I],
    units: usize,
}

impl<'a, T: Value, I: Index> Sparse<'a, T, I> {
    /// Checks that rows and columns are within their bounds. O(entries).
    pub(crate) fn new(
        values: &'a [T],
        columns: &'a [I],
        ends: &'a [I],
        units: usize,
    ) -> Result<Self, Error> {
        let out_of_range = |what, expected| Err(Error::OutOfRange { what, expected });
        let most = values.len().min(columns.len());
        if !ends.is_sorted_by_key(|end| end.at()) || ends.last().is_none_or(|end| end.at() > most) {
            return out_of_range("X.indptr", "ascending numbers of entries");
        }
        if columns.iter().any(|column| column.at() >= units) {
            return out_of_range("X.indices", "less than the number of columns");
        }
        Ok(Self {
            values,
            columns,
            ends,
            units,
        })
    }
}

impl<T: Value, I: Index> Source for Sparse<'_, T, I> {
    fn count(&self) -> usize {
        self.ends.len() - 1
    }

    fn units(&self) -> usize {
        self.units
    }

    #[inline]
    fn visit(&self, row: usize, mut entry: impl FnMut(usize, f64)) {
        let range = self.ends[row].at()..self.ends[row + 1].at();
        let entries = self.columns[range.clone()].iter().zip(&self.values[range]);
        for (column, value) in entries {
            entry(column.at(), value.real());
        }
    }
}

/// Bytes that stand for multiples of 1/255.
pub(crate) struct Grey<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) units: usize,
}

impl Source for Grey<'_> {
    fn count(&self) -> usize {
        self.bytes.len() / self.units
    }

    fn units(&self) -> usize {
        self.units
    }

    #[inline]
    fn visit(&self, row: usize, mut entry: impl FnMut(usize, f64)) {
        let bytes = &self.bytes[row * self.units..][..self.units];
        for (column, &byte) in bytes.iter().enumerate() {
            entry(column, f64::from(byte) / 255.0);
        }
    }
}

/// Packed rows.
pub(crate) struct SetBits<'a>(pub(crate) &'a BitMatrix);

impl Source for SetBits<'_> {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn units(&self) -> usize {
        self.0.units()
    }

    #[inline]
    fn visit(&self, row: usize, mut entry: impl FnMut(usize, f64)) {
        ones(self.0.row(row)).for_each(|column| entry(column, 1.0));
    }
}

/// A source as the library's rows of real numbers.
pub(crate) struct Numbers<S>(pub(crate) S);

impl<S: Source> RealRows for Numbers<S> {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn units(&self) -> usize {
        self.0.units()
    }

    fn entries(&self, row: usize, found: &mut Vec<(u32, f64)>) {
        self.0.entries(row, found);
    }
}
