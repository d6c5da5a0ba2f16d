//! Models with label units.

use bitspin::Error;
use bitspin::evaluate::{Logits, calibration, real_logits};
use bitspin::model_file::LabelledParameters;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::measures::measured;
use crate::parameters::{Arrays, from_arrays};
use crate::rows::Rows;
use crate::work;

/// -F(x, y) of every row and class; the last `classes` visible units are labels.
#[pyfunction]
pub(crate) fn class_logits<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    classes: usize,
    rows: &Rows,
    threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let joint = from_arrays(&arrays)?;
    let model = LabelledParameters { joint, classes };
    let logits = rows.with_numbers(py, |rows| {
        measured(work::finish(py, None, |control| {
            real_logits(&model, rows, threads, control)
        })?)
    })?;
    let values: Vec<f64> = logits.iter().flatten().copied().collect();
    values.into_pyarray(py).reshape([logits.count(), classes])
}

/// The temperature at which the labels' mean -ln p(y|x) is least.
#[pyfunction]
pub(crate) fn best_temperature(
    py: Python<'_>,
    logits: PyReadonlyArray2<'_, f64>,
    labels: PyReadonlyArray1<'_, u16>,
) -> PyResult<f64> {
    let classes = logits.as_array().ncols();
    let labels = labels.as_slice()?;
    let logits = Logits::new(classes, logits.as_slice()?.to_vec()).map_err(value_error)?;
    if labels.len() != logits.count() {
        return Err(value_error(Error::Length {
            what: "y",
            expected: logits.count(),
            found: labels.len(),
        }));
    }
    if labels.iter().any(|&label| usize::from(label) >= classes) {
        return Err(value_error("y: expected numbers of classes"));
    }
    Ok(py.detach(|| calibration::best_temperature(&logits, labels)))
}
