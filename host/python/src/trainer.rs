//! Training of RBMs.

pub(crate) mod settings;

use bitspin::model_file::LabelledParameters;
use bitspin::train::{
    self, EpochSummary, Layers, TrainError, TrainerState, TrainingData, TrainingRows,
};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::error::value_error;
use crate::parameters::{Arrays, NewArrays, from_arrays, to_arrays};
use crate::rows::{Rows, packed_flags, unpacked};
use crate::work;
use settings::Plan;

/// Parameters, chains and generators of a training run.
#[pyclass(module = "bitspin._native")]
pub(crate) struct Trainer {
    trainer: train::Trainer,
    seed: u64,
    threads: usize,
}

/// An error of training as a `ValueError` that names the argument of Python.
fn train_error(error: TrainError) -> PyErr {
    value_error(match error {
        TrainError::Setting { field, expected } => {
            format!("{}: expected {expected}", settings::argument(field))
        }
        TrainError::Diverged { epoch } => format!(
            "training diverged in epoch {epoch}: a unit's weights sum to more than 32767; a smaller learning_rate may help"
        ),
        other => other.to_string(),
    })
}

#[pymethods]
impl Trainer {
    /// A run from W, b and c on `rows` rows. The last `classes` visible units are label units.
    #[new]
    fn new(arrays: Arrays<'_>, rows: usize, plan: Plan, classes: usize) -> PyResult<Self> {
        let parameters = from_arrays(&arrays)?;
        let (seed, threads) = (plan.seed, plan.threads);
        let settings = plan.settings();
        let trainer = match classes {
            0 => train::Trainer::new(&parameters, rows, settings),
            classes => {
                let joint = parameters;
                let labelled = LabelledParameters { joint, classes };
                train::Trainer::new(Layers::from(&labelled), rows, settings)
            }
        };
        Ok(Self {
            trainer: trainer.map_err(train_error)?,
            seed,
            threads,
        })
    }

    /// Continues a run from the bytes of [`Self::state`].
    #[staticmethod]
    fn resume(state: &[u8], plan: Plan) -> PyResult<Self> {
        let state = TrainerState::from_bytes(state).ok_or_else(|| {
            value_error("state: expected that of a run of this version of bitspin")
        })?;
        let (seed, threads) = (plan.seed, plan.threads);
        let rows = state.rows();
        let trainer = train::Trainer::resume(state, rows, plan.settings()).map_err(train_error)?;
        Ok(Self {
            trainer,
            seed,
            threads,
        })
    }

    /// The run as bytes.
    fn state<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.trainer.state().to_bytes())
    }

    /// Trains on every row once, or on what an interrupt has left of the last epoch, and returns figures of the epoch. An
    /// exception of a signal or of `progress` interrupts it, and is raised after the current minibatch.
    #[pyo3(signature = (rows, categories=None, progress=None))]
    fn epoch<'py>(
        &mut self,
        py: Python<'py>,
        rows: &Rows,
        categories: Option<PyReadonlyArray1<'py, u8>>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let mut drawn = None;
        let at = (self.seed, self.trainer.epochs() as u64);
        let binary = rows.training(py, at, self.threads, &mut drawn)?;
        let categories = categories.as_ref().map(|array| array.as_slice());
        let categories = categories.transpose()?.unwrap_or_default();
        let rows = TrainingRows { binary, categories };
        let trainer = &mut self.trainer;
        let (summary, raised) =
            work::run(py, progress, |control| trainer.epoch_with(rows, control));
        if let Some(raised) = raised {
            return Err(raised);
        }
        figures(py, &summary.map_err(train_error)?)
    }

    /// Trains on `rows` rows from the next epoch on.
    fn set_rows(&mut self, rows: usize) {
        self.trainer.set_rows(rows);
    }

    /// W, b and c.
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<NewArrays<'py>> {
        to_arrays(py, self.trainer.parameters())
    }

    /// Epochs that are over.
    #[getter]
    fn epochs(&self) -> usize {
        self.trainer.epochs()
    }

    /// The learning rate that the next epoch begins with.
    #[getter]
    fn learning_rate(&self) -> f32 {
        self.trainer.learning_rate()
    }

    /// The hidden units of every chain.
    fn hidden_states<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<bool>>> {
        unpacked(py, &self.trainer.hidden_states())
    }

    /// Sets the hidden units of the first chains.
    fn set_hidden_states(&mut self, states: PyReadonlyArray2<'_, bool>) -> PyResult<()> {
        let states = packed_flags(&states)?;
        self.trainer.set_hidden_states(&states).map_err(train_error)
    }
}

/// Figures of an epoch.
fn figures<'py>(py: Python<'py>, summary: &EpochSummary) -> PyResult<Bound<'py, PyDict>> {
    let figures = PyDict::new(py);
    figures.set_item("seconds", summary.duration.as_secs_f64())?;
    figures.set_item("rows", summary.images)?;
    figures.set_item("reconstruction_mse", summary.reconstruction_mse)?;
    let (nll, error) = summary.classification.unzip();
    figures.set_item("nll", nll)?;
    figures.set_item("error", error)?;
    Ok(figures)
}

/// Visible biases with which a model without weights has the means of the rows.
#[pyfunction]
pub(crate) fn initial_visible_bias<'py>(
    py: Python<'py>,
    rows: &Rows,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    let mut drawn = None;
    let data: TrainingData<'_> = rows.training(py, (seed, 0), threads, &mut drawn)?;
    let means = data.means(rows.units()).map_err(value_error)?;
    Ok(train::initial_visible_bias(&means).to_pyarray(py))
}
