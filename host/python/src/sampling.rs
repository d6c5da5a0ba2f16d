//! Samples of a model, and completion of rows.

use bitspin::bitspin_core::rbm::Groups;
use bitspin::completion::{Plan, complete_with};
use bitspin::engine::engine;
use bitspin::{BitMatrix, Chains};
use numpy::{IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::likelihood::EVALUATION;
use crate::measures::measured;
use crate::parameters::{Arrays, from_arrays};
use crate::rows::{Rows, packed_flags, unpacked};
use crate::work;

/// Rows of bits.
type Flags<'py> = Bound<'py, PyArray2<bool>>;
/// Rows of probabilities.
type Probabilities<'py> = Bound<'py, PyArray2<f32>>;

/// Where chains start, and how long they run, from a dict.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Run {
    chains: usize,
    steps: usize,
    seed: u64,
    threads: usize,
}

/// Visible units of chains after Gibbs steps from noise, or from rows, and p(v|h) of the last step.
#[pyfunction]
#[pyo3(signature = (arrays, run, start=None, progress=None))]
pub(crate) fn sample<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    run: Run,
    start: Option<&Rows>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Flags<'py>, Probabilities<'py>)> {
    let model = from_arrays(&arrays)?;
    let engine = engine(&model).map_err(value_error)?;
    let Run {
        chains,
        steps,
        seed,
        threads,
    } = run;
    let mut chains = match start {
        None => Chains::from_noise(&engine, chains, seed),
        Some(rows) => {
            let bits = rows.draw(py, seed, EVALUATION, threads)?;
            let words = chains * bits.words_per_row();
            let visible = bits.bits().iter().copied().cycle().take(words).collect();
            let visible = BitMatrix::from_bits(bits.units(), visible).map_err(value_error)?;
            Chains::from_visible(&engine, &visible, seed).map_err(value_error)?
        }
    };
    work::finish(py, progress, |control| {
        chains.run_with(&engine, steps, threads, control);
    })?;
    let probabilities = chains.probabilities().iter();
    let probabilities: Vec<f32> = probabilities.map(|&p| f32::from(p) / 65_536.0).collect();
    let samples = chains.samples();
    let shape = [samples.count(), samples.units()];
    let probabilities = probabilities.into_pyarray(py).reshape(shape)?;
    Ok((unpacked(py, &samples)?, probabilities))
}

/// Gibbs steps of a completion, from a dict.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Steps {
    burn_in: usize,
    steps: usize,
    seed: u64,
    threads: usize,
}

/// Probabilities of the units that are not known, given those that are, and a sample. The last `classes` units are label
/// units, of which a row knows all or none.
#[pyfunction]
#[pyo3(signature = (arrays, classes, start, known, steps, progress=None))]
pub(crate) fn complete<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    classes: usize,
    start: PyReadonlyArray2<'py, bool>,
    known: PyReadonlyArray2<'py, bool>,
    steps: Steps,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Probabilities<'py>, Flags<'py>)> {
    let model = from_arrays(&arrays)?;
    let engine = engine(&model).map_err(value_error)?;
    let starts = match classes {
        0 => vec![],
        classes => vec![model.visible.saturating_sub(classes)],
    };
    let groups = Groups::new(engine.shape(), &starts).map_err(value_error)?;
    let (start, known) = (packed_flags(&start)?, packed_flags(&known)?);
    let plan = Plan {
        burn_in: steps.burn_in,
        steps: steps.steps,
        seed: steps.seed,
        threads: steps.threads,
    };
    let found = measured(work::finish(py, progress, |control| {
        complete_with(&engine, &groups, &start, known.bits(), plan, control)
    })?)?;
    let shape = [start.count(), start.units()];
    let probabilities = found.probabilities.into_pyarray(py).reshape(shape)?;
    Ok((probabilities, unpacked(py, &found.sample)?))
}
