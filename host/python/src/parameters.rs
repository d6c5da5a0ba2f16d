//! Parameters of RBMs as arrays: W of [hidden, visible], b of [visible] and c of [hidden], in float32.

use bitspin::model_file::RbmParameters;
use numpy::{
    IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::error::value_error;

/// W, b and c from Python, C-contiguous.
pub(crate) type Arrays<'py> = (
    PyReadonlyArray2<'py, f32>,
    PyReadonlyArray1<'py, f32>,
    PyReadonlyArray1<'py, f32>,
);

/// W, b and c for Python.
pub(crate) type NewArrays<'py> = (
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray1<f32>>,
    Bound<'py, PyArray1<f32>>,
);

/// Copies the parameters and checks them.
pub(crate) fn from_arrays((w, visible_bias, hidden_bias): &Arrays<'_>) -> PyResult<RbmParameters> {
    let (hidden, visible) = (w.shape()[0], w.shape()[1]);
    let parameters = RbmParameters {
        visible,
        hidden,
        w: w.as_slice()?.to_vec(),
        visible_bias: visible_bias.as_slice()?.to_vec(),
        hidden_bias: hidden_bias.as_slice()?.to_vec(),
    };
    parameters.check().map_err(value_error)?;
    Ok(parameters)
}

/// Moves the parameters to arrays.
pub(crate) fn to_arrays(py: Python<'_>, parameters: RbmParameters) -> PyResult<NewArrays<'_>> {
    let shape = [parameters.hidden, parameters.visible];
    Ok((
        parameters.w.into_pyarray(py).reshape(shape)?,
        parameters.visible_bias.into_pyarray(py),
        parameters.hidden_bias.into_pyarray(py),
    ))
}

/// The parameters that training starts from: weights of the seed from a normal distribution of standard deviation 0.01,
/// biases zero.
#[pyfunction]
pub(crate) fn initial_parameters(
    py: Python<'_>,
    visible: usize,
    hidden: usize,
    seed: u64,
) -> PyResult<NewArrays<'_>> {
    bitspin::bitspin_core::rbm::Shape::new(visible, hidden).map_err(value_error)?;
    let parameters = py.detach(|| bitspin::train::initial_parameters(visible, hidden, seed));
    to_arrays(py, parameters)
}
