//! States between NumPy arrays and packed words.

use bitspin::BitMatrix;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::error::value_error;

/// Packs rows of int8 in C order: a bit is set where a number is above 0.
pub(crate) fn pack(states: &PyReadonlyArray2<'_, i8>) -> PyResult<BitMatrix> {
    let units = states.shape()[1];
    let numbers = states.as_slice().map_err(value_error)?;
    let word = |spins: &[i8]| {
        let spins = spins.iter().rev();
        spins.fold(0_u64, |word, &spin| word << 1 | u64::from(spin > 0))
    };
    let rows = numbers.chunks_exact(units.max(1));
    let words = rows.flat_map(|row| row.chunks(64).map(word)).collect();
    BitMatrix::from_bits(units, words).map_err(value_error)
}

/// Packed states as int8 \[rows, units\]: 1 where a bit is set, else `low`.
pub(crate) fn unpack<'py, R: AsRef<[u64]>>(
    py: Python<'py>,
    units: usize,
    rows: &[R],
    low: i8,
) -> PyResult<Bound<'py, PyArray2<i8>>> {
    let mut numbers = Vec::with_capacity(rows.len() * units);
    for row in rows {
        let row = row.as_ref();
        numbers.extend(
            (0..units).map(|unit| match row[unit / 64] >> (unit % 64) & 1 {
                1 => 1,
                _ => low,
            }),
        );
    }
    numbers.into_pyarray(py).reshape([rows.len(), units])
}
