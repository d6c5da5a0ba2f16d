//! Boltzmann machines: training, measures, samples and files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bitspin::BitMatrix;
use bitspin::boltzmann::{
    BoltzmannError, Patterns, Settings, Trainer, ln_probabilities, measure, model_file,
    survey_with, visible_probabilities,
};
use bitspin::evaluate::convergence::{Advice, Verdict};
use bitspin::model_file::IsingFile;
use bitspin::output::OutputFile;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::value_error;
use crate::spins::{pack, unpack};
use crate::work::run;

/// Couplings \[n, n\] and fields \[n\] of a model.
type Parameters<'py> = (Bound<'py, PyArray2<f32>>, Bound<'py, PyArray1<f32>>);

fn parameters<'py>(py: Python<'py>, w: &[f32], h: &[f32]) -> PyResult<Parameters<'py>> {
    let w = w.to_vec().into_pyarray(py).reshape([h.len(), h.len()])?;
    Ok((w, h.to_vec().into_pyarray(py)))
}

/// A library error without the names of the library's settings.
fn error(error: BoltzmannError) -> PyErr {
    let names = [
        ("settings.hidden", "n_hidden"),
        ("settings.chains", "n_chains"),
        ("settings.temperatures", "n_temperatures"),
        ("settings.", ""),
    ];
    let text = error.to_string();
    value_error(
        names
            .iter()
            .fold(text, |text, (theirs, ours)| text.replace(theirs, ours)),
    )
}

/// The settings of a run: numbers by name where they are not the method's defaults.
fn settings(
    method: &str,
    hidden: usize,
    options: &Bound<'_, PyDict>,
    seed: u64,
    threads: usize,
) -> PyResult<Settings> {
    let method = method.parse();
    let method = method.map_err(|error| value_error(format!("method: {error}")))?;
    let defaults = Settings::defaults(method, hidden);
    let count = |name: &str, default: usize| match options.get_item(name)? {
        Some(value) => value.extract::<usize>(),
        None => Ok(default),
    };
    let number = |name: &str, default: f32| match options.get_item(name)? {
        Some(value) => value.extract::<f32>(),
        None => Ok(default),
    };
    Ok(Settings {
        epochs: count("epochs", defaults.epochs)?,
        learning_rate: number("learning_rate", defaults.learning_rate)?,
        learning_rate_decay: number("learning_rate_decay", defaults.learning_rate_decay)?,
        momentum: number("momentum", defaults.momentum)?,
        weight_decay: number("weight_decay", defaults.weight_decay)?,
        chains: count("n_chains", defaults.chains)?,
        sweeps: count("sweeps", defaults.sweeps)?,
        temperatures: count("n_temperatures", defaults.temperatures)?,
        seed,
        threads,
        ..defaults
    })
}

/// Trains on rows of spins. Returns couplings, fields, and the largest component of every epoch's gradient, and the exception
/// that ended it early, if one did.
#[pyfunction]
#[pyo3(signature = (rows, method, hidden, options, seed, threads, progress))]
#[expect(clippy::too_many_arguments)]
pub(crate) fn boltzmann_fit<'py>(
    py: Python<'py>,
    rows: PyReadonlyArray2<'py, i8>,
    method: &str,
    hidden: usize,
    options: &Bound<'py, PyDict>,
    seed: u64,
    threads: usize,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Parameters<'py>, Bound<'py, PyArray1<f32>>, Option<PyErr>)> {
    let settings = settings(method, hidden, options, seed, threads)?;
    let patterns = Patterns::of_rows("X", &pack(&rows)?).map_err(error)?;
    let epochs = settings.epochs;
    let mut trainer = Trainer::new(&patterns, settings).map_err(error)?;
    let mut gradients = Vec::new();
    let (trained, interrupted) = run(py, progress, |control| {
        trainer.train_with(epochs, &mut gradients, control)
    });
    let raised = interrupted.or(trained.err().map(error));
    let parameters = parameters(py, trainer.w(), trainer.h())?;
    Ok((parameters, gradients.into_pyarray(py), raised))
}

/// A model from NumPy: couplings and fields in C order.
type Model<'py> = (PyReadonlyArray2<'py, f32>, PyReadonlyArray1<'py, f32>);

fn slices<'a>((w, h): &'a Model<'_>) -> PyResult<(&'a [f32], &'a [f32])> {
    Ok((
        w.as_slice().map_err(value_error)?,
        h.as_slice().map_err(value_error)?,
    ))
}

/// ln Z, cross-entropy and pseudo-log-likelihood of rows, each None where the model is too large.
#[pyfunction]
pub(crate) fn boltzmann_measure<'py>(
    py: Python<'py>,
    model: Model<'py>,
    rows: PyReadonlyArray2<'py, i8>,
    threads: usize,
) -> PyResult<(Option<f64>, Option<f64>, Option<f64>)> {
    let (w, h) = slices(&model)?;
    let patterns = Patterns::of_rows("X", &pack(&rows)?).map_err(error)?;
    let found = py.detach(|| measure(w, h, &patterns, threads));
    let found = found.map_err(value_error)?;
    Ok((found.ln_z, found.cross_entropy, found.pseudo_log_likelihood))
}

/// ln p of every row; None where the model is too large.
#[pyfunction]
pub(crate) fn boltzmann_scores<'py>(
    py: Python<'py>,
    model: Model<'py>,
    rows: PyReadonlyArray2<'py, i8>,
    threads: usize,
) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
    let (w, h) = slices(&model)?;
    let rows: BitMatrix = pack(&rows)?;
    let scores = py.detach(|| ln_probabilities(w, h, &rows, threads));
    let scores = scores.map_err(value_error)?;
    Ok(scores.map(|scores| scores.into_pyarray(py)))
}

/// p of all states of the visible spins; None where they are too many.
#[pyfunction]
pub(crate) fn boltzmann_probabilities<'py>(
    py: Python<'py>,
    model: Model<'py>,
    visible: usize,
    threads: usize,
) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
    let (w, h) = slices(&model)?;
    let found = py.detach(|| visible_probabilities(w, h, visible, threads));
    let found = found.map_err(value_error)?;
    Ok(found.map(|probabilities| probabilities.into_pyarray(py)))
}

/// The last states of ladders of chains, all spins; whether they have not mixed, and their convergence in words.
#[pyfunction]
#[pyo3(signature = (model, chains, seed, threads, progress))]
pub(crate) fn boltzmann_sample<'py>(
    py: Python<'py>,
    model: Model<'py>,
    chains: (usize, usize, usize),
    seed: u64,
    threads: usize,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyArray2<i8>>, bool, String)> {
    let (w, h) = slices(&model)?;
    let (found, raised) = run(py, progress, |control| {
        survey_with(w, h, chains, seed, threads, control)
    });
    if let Some(raised) = raised {
        return Err(raised);
    }
    let found = found.map_err(value_error)?;
    let found = found.ok_or_else(|| value_error("sampling was interrupted"))?;
    let advice = Advice {
        longer: "sweeps",
        burn_in: "sweeps",
        chains: "n_samples",
        faster: Some("more n_temperatures"),
    };
    let states = unpack(py, h.len(), &found.states, -1)?;
    let apart = found.energy.verdict == Verdict::NotMixed;
    Ok((states, apart, found.energy.sentence(&advice)))
}

/// Writes a safetensors file as the command does.
#[pyfunction]
#[expect(clippy::too_many_arguments)]
pub(crate) fn boltzmann_save<'py>(
    py: Python<'py>,
    path: PathBuf,
    model: Model<'py>,
    method: &str,
    hidden: usize,
    options: &Bound<'py, PyDict>,
    seed: u64,
    epochs: usize,
) -> PyResult<()> {
    let (w, h) = slices(&model)?;
    let settings = settings(method, hidden, options, seed, 1)?;
    let file = model_file(w, h, "numpy array", &settings, epochs);
    let bytes = file.to_bytes().map_err(value_error)?;
    py.detach(|| {
        let output = OutputFile::create(&path, true).map_err(value_error)?;
        output.commit(bytes).map_err(value_error)
    })
}

/// Reads a safetensors file: couplings, fields and what the file says of itself.
#[pyfunction]
pub(crate) fn boltzmann_load(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<(Parameters<'_>, BTreeMap<String, String>)> {
    let file = py
        .detach(|| IsingFile::load(&path, false))
        .map_err(value_error)?;
    Ok((parameters(py, &file.w, &file.h)?, file.metadata))
}
