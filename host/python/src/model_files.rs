//! Model files, and tensors of other programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bitspin::model_file::{LabelledFile, LabelledParameters, RbmFile};
use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use safetensors::tensor::{Dtype, TensorView};

use crate::error::value_error;
use crate::parameters::{Arrays, NewArrays, from_arrays, to_arrays};

/// A model from Python's side: W, b and c, the number of label units, metadata, and notes on how it was read.
type Model<'py> = (NewArrays<'py>, usize, BTreeMap<String, String>, Vec<String>);

/// The bytes of a safetensors file of a model, whose last `classes` visible units are label units.
#[pyfunction]
pub(crate) fn model_to_bytes<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    classes: usize,
    metadata: BTreeMap<String, String>,
) -> PyResult<Bound<'py, PyBytes>> {
    let parameters = from_arrays(&arrays)?;
    let bytes = match classes {
        0 => RbmFile {
            parameters,
            metadata,
        }
        .to_bytes(),
        classes => {
            let joint = parameters;
            let parameters = LabelledParameters { joint, classes };
            LabelledFile {
                parameters,
                metadata,
            }
            .to_bytes()
        }
    };
    Ok(PyBytes::new(py, &bytes.map_err(value_error)?))
}

/// Reads a model file.
#[pyfunction]
pub(crate) fn load_model(py: Python<'_>, path: PathBuf) -> PyResult<Model<'_>> {
    let labelled = LabelledFile::load_noted(&path).map_err(value_error)?;
    if let Some((file, notes)) = labelled {
        let LabelledParameters { joint, classes } = file.parameters;
        return Ok((to_arrays(py, joint)?, classes, file.metadata, notes));
    }
    let (file, notes) = RbmFile::load_noted(&path).map_err(value_error)?;
    Ok((to_arrays(py, file.parameters)?, 0, file.metadata, notes))
}

/// W, b and c of named tensors, by the names and layouts that model files may have.
#[pyfunction]
pub(crate) fn from_tensors<'py>(
    py: Python<'py>,
    tensors: BTreeMap<String, PyReadonlyArrayDyn<'py, f64>>,
) -> PyResult<(NewArrays<'py>, Vec<String>)> {
    let mut bytes = Vec::new();
    for (name, tensor) in &tensors {
        let numbers = tensor.as_slice()?.iter();
        let numbers: Vec<u8> = numbers.flat_map(|x| x.to_le_bytes()).collect();
        bytes.push((name, tensor.shape().to_vec(), numbers));
    }
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F64, shape.clone(), bytes);
        view.map(|view| (name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>, _>>().map_err(value_error)?;
    let file = safetensors::serialize(views, None).map_err(value_error)?;
    let (file, notes) = RbmFile::from_bytes_noted(&file).map_err(value_error)?;
    Ok((to_arrays(py, file.parameters)?, notes))
}
