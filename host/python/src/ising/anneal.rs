//! Simulated annealing.

use std::time::{Duration, Instant};

use bitspin::ising::anneal::{Annealed, Betas, Plan, anneal_with};
use bitspin::ising::{Course, Schedule, UpdateRule};
use numpy::{IntoPyArray, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Ising;
use crate::error::value_error;
use crate::spins::{pack, unpack};
use crate::work::run;

/// The longest time limit in seconds: a century.
const LONGEST: f64 = 3.2e9;

/// Anneals, at `betas` if there are any, else along a schedule: its course, its first and last inverse temperature or
/// None for the default, and its sweeps. Returns results by name, and the exception that ended it early, if one did.
#[pyfunction]
#[pyo3(signature = (model, schedule, betas, rule, replicas, starts, seed, threads, time_limit, progress))]
#[expect(clippy::too_many_arguments)]
pub(crate) fn ising_anneal<'py>(
    py: Python<'py>,
    model: &Bound<'py, Ising>,
    schedule: (String, Option<(f64, f64)>, u32),
    betas: Option<PyReadonlyArray1<'py, f64>>,
    rule: &str,
    replicas: usize,
    starts: Option<PyReadonlyArray2<'py, i8>>,
    seed: u64,
    threads: usize,
    time_limit: Option<f64>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyDict>, Option<PyErr>)> {
    let model = &model.get().couplings;
    let list = betas.map(|betas| betas.as_array().to_vec());
    let betas = match &list {
        Some(list) => Betas::List(list),
        None => {
            let (course, range, sweeps) = schedule;
            let course = course_of(&course)?;
            match range {
                Some((first, last)) => {
                    Schedule::new(first, last, sweeps, course).map(Betas::Schedule)
                }
                None => Betas::default_for(model, sweeps, course),
            }
            .map_err(value_error)?
        }
    };
    let starts = starts.as_ref().map(pack).transpose()?;
    let plan = Plan {
        betas,
        rule: rule_of(rule)?,
        replicas,
        starts: starts.as_ref(),
        seed,
    };
    let deadline =
        time_limit.map(|limit| Instant::now() + Duration::from_secs_f64(limit.min(LONGEST)));
    let (found, raised) = run(py, progress, |control| {
        let control = match deadline {
            Some(deadline) => control.deadline(deadline),
            None => control,
        };
        anneal_with(model, &plan, threads, control)
    });
    let (found, numbers) = found.map_err(value_error)?;
    let result = PyDict::new(py);
    let states: Vec<&[u64]> = found.iter().map(|one| &one.state[..]).collect();
    let numbers_of =
        |value: fn(&Annealed) -> u32| -> Vec<u32> { found.iter().map(value).collect() };
    let energies: Vec<f64> = found.iter().map(|one| one.energy).collect();
    result.set_item("states", unpack(py, model.units(), &states, -1)?)?;
    result.set_item("energies", energies.into_pyarray(py))?;
    result.set_item("first_seen", numbers_of(|one| one.sweep).into_pyarray(py))?;
    result.set_item("sweeps", numbers_of(|one| one.sweeps).into_pyarray(py))?;
    result.set_item("first_beta", betas.beta(0))?;
    result.set_item("last_beta", betas.beta(betas.sweeps()))?;
    result.set_item("rounding", numbers.rounding())?;
    Ok((result, raised))
}

fn course_of(name: &str) -> PyResult<Course> {
    match name {
        "linear" => Ok(Course::Linear),
        "geometric" => Ok(Course::Geometric),
        _ => Err(value_error(format!(
            "schedule: expected 'geometric' or 'linear', found {name:?}"
        ))),
    }
}

fn rule_of(name: &str) -> PyResult<UpdateRule> {
    match name {
        "glauber" => Ok(UpdateRule::Glauber),
        "metropolis" => Ok(UpdateRule::Metropolis),
        _ => Err(value_error(format!(
            "rule: expected 'glauber' or 'metropolis', found {name:?}"
        ))),
    }
}
