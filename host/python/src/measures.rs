//! Functions of a model and rows of numbers.

use bitspin::Error;
use bitspin::evaluate::RealLayer;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::parameters::{Arrays, from_arrays};
use crate::rows::Rows;
use crate::work;

/// Writes sigmoid(c + W v) of every row to an array of float32 or float64, which is computed in that type.
#[pyfunction]
pub(crate) fn hidden_probabilities(
    py: Python<'_>,
    arrays: Arrays<'_>,
    rows: &Rows,
    found: &Bound<'_, PyAny>,
    threads: usize,
) -> PyResult<()> {
    let model = from_arrays(&arrays)?;
    if let Ok(found) = found.cast::<PyArray2<f32>>() {
        let mut found = found.try_readwrite()?;
        let found = found.as_slice_mut()?;
        return rows.with_numbers(py, |rows| {
            measured(work::finish(py, None, |control| {
                RealLayer::new(&model)?.single_probabilities_into(rows, found, threads, control)
            })?)
        });
    }
    let mut found = found.cast::<PyArray2<f64>>()?.try_readwrite()?;
    let found = found.as_slice_mut()?;
    rows.with_numbers(py, |rows| {
        measured(work::finish(py, None, |control| {
            RealLayer::new(&model)?.probabilities_into(rows, found, threads, control)
        })?)
    })
}

/// F(v) of every row.
#[pyfunction]
pub(crate) fn free_energies<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    rows: &Rows,
    threads: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let model = from_arrays(&arrays)?;
    let found = rows.with_numbers(py, |rows| {
        measured(work::finish(py, None, |control| {
            RealLayer::new(&model)?.free_energies_with(rows, threads, control)
        })?)
    })?;
    Ok(found.into_pyarray(py))
}

/// F(v') - F(v) of every row, where v' has 1 - v_i at the unit i of `flipped`.
#[pyfunction]
pub(crate) fn flip_changes<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    rows: &Rows,
    flipped: PyReadonlyArray1<'py, u32>,
    threads: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let model = from_arrays(&arrays)?;
    let flipped = flipped.as_slice()?;
    let found = rows.with_numbers(py, |rows| {
        measured(work::finish(py, None, |control| {
            RealLayer::new(&model)?.flips_with(rows, flipped, threads, control)
        })?)
    })?;
    Ok(found.into_pyarray(py))
}

/// What was found, by work that was not interrupted.
pub(crate) fn measured<T>(found: Result<Option<T>, Error>) -> PyResult<T> {
    let found = found.map_err(value_error)?;
    found.ok_or_else(|| value_error("interrupted"))
}
