//! ln Z and pseudo-likelihoods.

use bitspin::BitMatrix;
use bitspin::evaluate::{
    self, AisSettings, BaseRate, Bracket, BracketSettings, Errs, Estimate, ReverseFrom,
};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::value_error;
use crate::measures::measured;
use crate::parameters::{Arrays, from_arrays};
use crate::rows::Rows;
use crate::work;

/// Rows between two checks of Python's signals.
const BLOCK: usize = 512;

/// ln Z by enumeration of the smaller layer, of up to 24 units.
#[pyfunction]
pub(crate) fn ln_z(py: Python<'_>, arrays: Arrays<'_>, threads: usize) -> PyResult<f64> {
    let model = from_arrays(&arrays)?;
    measured(work::finish(py, None, |control| {
        evaluate::ln_z_with(&model, threads, control)
    })?)
}

/// Settings of annealing, from a dict.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Annealing {
    chains: usize,
    betas: usize,
    rounds: usize,
    seed: u64,
    threads: usize,
}

/// ln Z by annealed importance sampling from both sides, and the reasons to doubt it. The base-rate model is that of the
/// rows, or else the model's biases.
#[pyfunction]
#[pyo3(signature = (arrays, rows, settings, progress=None))]
pub(crate) fn annealed_ln_z<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    rows: Option<&Rows>,
    settings: Annealing,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let model = from_arrays(&arrays)?;
    let Annealing {
        chains,
        betas,
        rounds,
        seed,
        threads,
    } = settings;
    let data = rows
        .map(|rows| rows.draw(py, seed, EVALUATION, threads))
        .transpose()?;
    let base = match &data {
        Some(data) => BaseRate::of_data(data),
        None => BaseRate::of_model(&model),
    };
    let settings = BracketSettings {
        ais: AisSettings {
            chains,
            betas,
            seed,
            threads,
        },
        from: ReverseFrom::sound(&model),
        rounds,
        burn_in: 0,
    };
    let bracket = measured(work::finish(py, progress, |control| {
        Bracket::new_with(&model, &base, data.as_ref(), settings, &|_, _| (), control)
    })?)?;
    let found = PyDict::new(py);
    found.set_item("forward", estimate(py, &bracket.forward)?)?;
    found.set_item("reverse", estimate(py, &bracket.reverse)?)?;
    found.set_item("is_bound", bracket.reverse_errs() == Errs::High)?;
    let doubts: Vec<_> = bracket.doubts().iter().map(ToString::to_string).collect();
    found.set_item("doubts", doubts)?;
    Ok(found)
}

/// The steps that [`annealed_ln_z`] reports.
#[pyfunction]
pub(crate) fn annealing_steps(arrays: Arrays<'_>, settings: Annealing) -> PyResult<u64> {
    let from = ReverseFrom::sound(&from_arrays(&arrays)?);
    let ais = AisSettings {
        chains: settings.chains,
        betas: settings.betas,
        seed: settings.seed,
        threads: settings.threads,
    };
    let (rounds, burn_in) = (settings.rounds, 0);
    Ok(BracketSettings {
        ais,
        from,
        rounds,
        burn_in,
    }
    .steps())
}

/// The number of an epoch that no training has: bits of rows that are measured.
pub(crate) const EVALUATION: u64 = u64::MAX;

/// ln Z and its standard error.
fn estimate<'py>(py: Python<'py>, estimate: &Estimate) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    found.set_item("ln_z", estimate.ln_z)?;
    found.set_item("standard_error", estimate.standard_error)?;
    found.set_item("effective_sample_size", estimate.effective_sample_size)?;
    Ok(found)
}

/// sum_i ln p(v_i | other units) of every row, over all units. Values between 0 and 1 are drawn.
#[pyfunction]
pub(crate) fn pseudo_log_likelihoods<'py>(
    py: Python<'py>,
    arrays: Arrays<'py>,
    rows: &Rows,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let model = from_arrays(&arrays)?;
    let bits = rows.draw(py, seed, EVALUATION, threads)?;
    let found = in_blocks(py, &bits, |block| {
        evaluate::pseudo_log_likelihoods(&model, block, threads).map_err(value_error)
    })?;
    Ok(found.into_pyarray(py))
}

/// `work` on blocks of rows without the GIL; signals are handled in between.
pub(crate) fn in_blocks<T: Send>(
    py: Python<'_>,
    rows: &BitMatrix,
    work: impl Fn(&BitMatrix) -> PyResult<Vec<T>> + Sync + Send,
) -> PyResult<Vec<T>> {
    let mut found = Vec::new();
    for block in rows.bits().chunks(BLOCK * rows.words_per_row()) {
        py.check_signals()?;
        let block = BitMatrix::from_bits(rows.units(), block.to_vec()).map_err(value_error)?;
        found.extend(py.detach(|| work(&block))?);
    }
    Ok(found)
}
