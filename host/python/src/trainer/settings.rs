//! Settings of training from a dict.

use bitspin::train::{self, Method, Objective, RateSchedule, Settings, Sparsity};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::value_error;

/// Settings of training, from a dict whose values were checked for their types.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Plan {
    /// `generative`, `discriminative` or `hybrid`.
    objective: String,
    mix: f32,
    batch: usize,
    last_batch: Option<usize>,
    epochs: usize,
    learning_rate: f32,
    /// `inverse`, `linear`, `exponential` or `cosine`.
    schedule: String,
    decay: f32,
    last_rate: f32,
    momentum: f32,
    weight_decay: f32,
    l1: f32,
    sparsity_target: Option<f32>,
    sparsity_cost: f32,
    centred: bool,
    steps: usize,
    last_steps: Option<usize>,
    persistent: bool,
    pub(super) seed: u64,
    pub(super) threads: usize,
}

impl Plan {
    /// The library's settings.
    pub(super) fn settings(self) -> Settings {
        let last = self.last_rate;
        Settings {
            objective: match &*self.objective {
                "discriminative" => Objective::Discriminative,
                "hybrid" => Objective::Hybrid(self.mix),
                _ => Objective::Generative,
            },
            batch: self.batch,
            last_batch: self.last_batch,
            epochs: self.epochs,
            learning_rate: self.learning_rate,
            schedule: match &*self.schedule {
                "linear" => RateSchedule::Linear { last },
                "exponential" => RateSchedule::Exponential { last },
                "cosine" => RateSchedule::Cosine { last },
                _ => RateSchedule::Inverse { decay: self.decay },
            },
            momentum: self.momentum,
            weight_decay: self.weight_decay,
            l1: self.l1,
            sparsity: match self.sparsity_target {
                Some(target) => Sparsity {
                    target,
                    cost: self.sparsity_cost,
                },
                None => Sparsity::NONE,
            },
            centred: self.centred,
            steps: self.steps,
            last_steps: self.last_steps,
            method: match self.persistent {
                true => Method::Persistent,
                false => Method::ContrastiveDivergence,
            },
            seed: self.seed,
            threads: self.threads,
        }
    }
}

/// The argument of the Python classes that sets a field.
pub(super) fn argument(field: &'static str) -> &'static str {
    match field {
        "settings.objective" => "mix",
        "settings.batch" => "batch_size",
        "settings.last_batch" => "final_batch_size",
        "settings.schedule.decay" => "decay",
        "settings.schedule.last" => "final_learning_rate",
        "settings.sparsity.target" => "sparsity_target",
        "settings.sparsity.cost" => "sparsity_cost",
        "settings.last_steps" => "final_steps",
        other => other.strip_prefix("settings.").unwrap_or(other),
    }
}

/// The settings of a preset, by the names of a [`Plan`], and `starts_from_means`.
#[pyfunction]
pub(crate) fn preset<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
    let preset = match name {
        "lecture" => train::Preset::Lecture,
        "quick" => train::Preset::Quick,
        "best" => train::Preset::Best,
        _ => {
            return Err(value_error(format!(
                "preset: expected None, 'lecture', 'quick' or 'best', found '{name}'"
            )));
        }
    };
    let settings = preset.settings();
    let decay = match settings.schedule {
        RateSchedule::Inverse { decay } => decay,
        _ => 0.0,
    };
    let found = PyDict::new(py);
    found.set_item("batch", settings.batch)?;
    found.set_item("epochs", settings.epochs)?;
    // By their shortest decimals, which are what users would write.
    found.set_item("learning_rate", shortest(settings.learning_rate))?;
    found.set_item("schedule", settings.schedule.name())?;
    found.set_item("decay", shortest(decay))?;
    found.set_item(
        "last_rate",
        shortest(settings.schedule.last().unwrap_or(0.0)),
    )?;
    found.set_item("steps", settings.steps)?;
    found.set_item("last_steps", settings.last_steps)?;
    found.set_item("persistent", settings.method == Method::Persistent)?;
    found.set_item("starts_from_means", preset.starts_from_means())?;
    Ok(found)
}

/// The float64 of the shortest decimal that is this float32.
fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}
