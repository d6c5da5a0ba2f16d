//! Rows of numbers from Python, as the engine takes them.
//!
//! | values | become | memory |
//! | --- | --- | --- |
//! | 0 and 1 | packed bits | a bit per value |
//! | multiples of 1/255, to the rounding of float32 | bytes, binarised afresh by the trainer | a byte per value |
//! | other numbers from 0 to 1 | nothing: the caller's array is kept and binarised afresh per epoch | a bit per value |

mod draw;
mod pack;
mod source;

use bitspin::BitMatrix;
use bitspin::evaluate::RealRows;
use bitspin::train::TrainingData;
use numpy::{
    PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods, ToPyArray,
};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::likelihood::EVALUATION;
use pack::{Packed, pack};
use source::{Dense, Numbers, SetBits, Source, Sparse};

/// Rows to learn from or to measure.
#[pyclass(frozen, module = "bitspin._native")]
pub(crate) struct Rows {
    count: usize,
    units: usize,
    data: Data,
}

/// What the rows became.
enum Data {
    Bits(BitMatrix),
    Grey(Vec<u8>),
    Real(Array),
}

/// An array of the caller's.
enum Array {
    Dense(Py<PyAny>),
    /// Values, columns and ends of the rows of a CSR matrix.
    Sparse([Py<PyAny>; 3]),
}

/// Runs `$work` with `$source` bound to the array as a [`Source`](source::Source) of its type.
macro_rules! with_source {
    ($py:expr, $array:expr, $units:expr, $source:ident => $work:expr) => {
        match $array {
            Array::Dense(array) => {
                let array = array.bind($py);
                with_source!(@dense array, $source => $work, f32 f64 u8 i32 i64)
            }
            Array::Sparse([values, columns, ends]) => {
                let (values, columns, ends) = (values.bind($py), columns.bind($py), ends.bind($py));
                if columns.cast::<numpy::PyArray1<i32>>().is_ok() {
                    with_source!(@sparse values, columns, ends, $units, i32, $source => $work, f32 f64)
                } else {
                    with_source!(@sparse values, columns, ends, $units, i64, $source => $work, f32 f64)
                }
            }
        }
    };
    (@dense $array:expr, $source:ident => $work:expr, $($type:ty)*) => {{
        $(if let Ok(array) = $array.cast::<PyArray2<$type>>() {
            let array = array.try_readonly()?;
            let $source = Dense(array.as_array());
            $work
        } else)* {
            Err(unsupported($array))
        }
    }};
    (@sparse $values:expr, $columns:expr, $ends:expr, $units:expr, $index:ty, $source:ident => $work:expr, $($type:ty)*) => {{
        let columns = $columns.cast::<numpy::PyArray1<$index>>()?.try_readonly()?;
        let ends = $ends.cast::<numpy::PyArray1<$index>>()?.try_readonly()?;
        $(if let Ok(values) = $values.cast::<numpy::PyArray1<$type>>() {
            let values = values.try_readonly()?;
            let $source = Sparse::new(values.as_slice()?, columns.as_slice()?, ends.as_slice()?, $units).map_err(value_error)?;
            $work
        } else)* {
            Err(unsupported($values))
        }
    }};
}

/// Refuses an array of a type that is no number here.
fn unsupported(array: &Bound<'_, PyAny>) -> PyErr {
    let found = array.cast::<PyUntypedArray>();
    let found = found.map_or("no array".into(), |array| array.dtype().to_string());
    value_error(format!("X: expected numbers, found an array of {found}"))
}

#[pymethods]
impl Rows {
    /// The rows of a two-dimensional array. Numbers outside \[0, 1\] are clipped or refused; without `clip`, all numbers are
    /// left as they are, for functions of real numbers.
    #[staticmethod]
    fn dense(
        py: Python<'_>,
        array: Py<PyAny>,
        clip: Option<bool>,
        threads: usize,
    ) -> PyResult<Self> {
        let units = array.bind(py).cast::<PyUntypedArray>()?.shape()[1];
        Self::new(py, Array::Dense(array), units, clip, threads)
    }

    /// The rows of a CSR matrix of `units` columns, without duplicates.
    #[staticmethod]
    fn sparse(
        py: Python<'_>,
        arrays: (Py<PyAny>, Py<PyAny>, Py<PyAny>),
        units: usize,
        clip: Option<bool>,
        threads: usize,
    ) -> PyResult<Self> {
        Self::new(py, Array::Sparse(arrays.into()), units, clip, threads)
    }

    /// What the rows became: `bits`, `grey` or `real`.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.data {
            Data::Bits(_) => "bits",
            Data::Grey(_) => "grey",
            Data::Real(_) => "real",
        }
    }

    #[getter]
    fn count(&self) -> usize {
        self.count
    }

    /// Rows of bits, values between 0 and 1 drawn once: what is measured.
    fn drawn(&self, py: Python<'_>, seed: u64, threads: usize) -> PyResult<Self> {
        let bits = self.draw(py, seed, EVALUATION, threads)?;
        let (count, units) = (self.count, self.units);
        let data = Data::Bits(bits);
        Ok(Self { count, units, data })
    }

    /// The rows as 0 and 1, values between drawn by the seed's stream of an epoch.
    fn binarised<'py>(
        &self,
        py: Python<'py>,
        seed: u64,
        epoch: u64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyArray2<bool>>> {
        let drawn;
        let bits = match &self.data {
            Data::Bits(bits) => bits,
            _ => {
                drawn = self.draw(py, seed, epoch, threads)?;
                &drawn
            }
        };
        unpacked(py, bits)
    }
}

impl Rows {
    fn new(
        py: Python<'_>,
        array: Array,
        units: usize,
        clip: Option<bool>,
        threads: usize,
    ) -> PyResult<Self> {
        if units == 0 {
            return Err(value_error("X: expected at least one column, found none"));
        }
        let (count, packed) = with_source!(py, &array, units, source => {
            let packed = match clip {
                Some(clip) => py.detach(|| pack(&source, clip, threads)).map_err(value_error),
                None => Ok(Packed::Real),
            };
            packed.map(|packed| (source.count(), packed))
        })?;
        if count == 0 {
            return Err(value_error("X: expected at least one row, found none"));
        }
        let data = match packed {
            Packed::Bits(bits) => {
                Data::Bits(BitMatrix::from_bits(units, bits).map_err(value_error)?)
            }
            Packed::Grey(bytes) => Data::Grey(bytes),
            Packed::Real => Data::Real(array),
        };
        Ok(Self { count, units, data })
    }

    /// Number of columns.
    pub(crate) fn units(&self) -> usize {
        self.units
    }

    /// Bits drawn with the values as probabilities, by the seed's stream of an epoch; those of bits are the bits.
    pub(crate) fn draw(
        &self,
        py: Python<'_>,
        seed: u64,
        epoch: u64,
        threads: usize,
    ) -> PyResult<BitMatrix> {
        let units = self.units;
        let bits = match &self.data {
            Data::Bits(bits) => return Ok(bits.clone()),
            Data::Grey(bytes) => {
                let source = source::Grey { bytes, units };
                py.detach(|| draw::draw(&source, seed, epoch, threads))
            }
            Data::Real(array) => with_source!(py, array, units, source => {
                Ok::<_, PyErr>(py.detach(|| draw::draw(&source, seed, epoch, threads)))
            })?,
        };
        BitMatrix::from_bits(units, bits).map_err(value_error)
    }

    /// `work` on the rows as real numbers.
    pub(crate) fn with_numbers<R>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&dyn RealRows) -> PyResult<R>,
    ) -> PyResult<R> {
        let units = self.units;
        match &self.data {
            Data::Bits(bits) => work(&Numbers(SetBits(bits))),
            Data::Grey(bytes) => work(&Numbers(source::Grey { bytes, units })),
            Data::Real(array) => with_source!(py, array, units, source => work(&Numbers(source))),
        }
    }

    /// What the trainer learns from in an epoch; real numbers are drawn into `drawn`.
    pub(crate) fn training<'a>(
        &'a self,
        py: Python<'_>,
        (seed, epoch): (u64, u64),
        threads: usize,
        drawn: &'a mut Option<BitMatrix>,
    ) -> PyResult<TrainingData<'a>> {
        Ok(match &self.data {
            Data::Bits(bits) => TrainingData::Packed(bits.bits()),
            Data::Grey(bytes) => TrainingData::Grey(bytes),
            Data::Real(_) => {
                let bits = drawn.insert(self.draw(py, seed, epoch, threads)?);
                TrainingData::Packed(bits.bits())
            }
        })
    }
}

/// Packed rows as an array of booleans.
pub(crate) fn unpacked<'py>(
    py: Python<'py>,
    bits: &BitMatrix,
) -> PyResult<Bound<'py, PyArray2<bool>>> {
    let units = bits.units();
    let set = |row: &[u64], unit: usize| row[unit / 64] >> (unit % 64) & 1 == 1;
    let flags: Vec<bool> = bits
        .iter()
        .flat_map(|row| (0..units).map(move |unit| set(row, unit)))
        .collect();
    flags.to_pyarray(py).reshape([bits.count(), units])
}

/// An array of booleans as packed rows.
pub(crate) fn packed_flags(flags: &PyReadonlyArray2<'_, bool>) -> PyResult<BitMatrix> {
    let flags = flags.as_array();
    let rows = flags.rows().into_iter().map(|row| row.to_vec());
    BitMatrix::from_rows(&rows.collect::<Vec<_>>()).map_err(value_error)
}
