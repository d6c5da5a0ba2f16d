//! Functions of a model and rows of numbers.

use bitspin::Error;
use bitspin::evaluate::RealLayer;
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::parameters::{Arrays, from_arrays};
use crate::rows::Rows;
use crate::work;

/// sigmoid(c + W v) of every row, in float32 if `single`, else in float64.
#[pyfunction]
pub(crate) fn hidden_probabilities<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    rows: &Rows,
    single: bool,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let model = from_arrays(&arrays)?;
    let shaped = |count: usize| [count / model.hidden, model.hidden];
    if single {
        let found = rows.with_numbers(py, |rows| {
            measured(work::finish(py, None, |control| {
                RealLayer::new(&model)?.single_probabilities_with(rows, threads, control)
            })?)
        })?;
        let shape = shaped(found.len());
        return Ok(found.into_pyarray(py).reshape(shape)?.into_any());
    }
    let found = rows.with_numbers(py, |rows| {
        measured(work::finish(py, None, |control| {
            RealLayer::new(&model)?.probabilities_with(rows, threads, control)
        })?)
    })?;
    let shape = shaped(found.len());
    Ok(found.into_pyarray(py).reshape(shape)?.into_any())
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
