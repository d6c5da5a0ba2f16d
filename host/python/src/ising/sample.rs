//! Sampling at one or several temperatures.

use bitspin::evaluate::convergence::{Advice, Convergence, Verdict, worst};
use bitspin::ising::sampling::{Estimate, Plan, Point, Sampler};
use bitspin::ising::{FasterSampler, Ladder, faster_sampler};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Ising;
use crate::error::value_error;
use crate::spins::unpack;
use crate::work::run;

/// Samples at ascending inverse temperatures. Returns results by name, of the temperatures that are complete, and the
/// exception that ended it early, if one did.
#[pyfunction]
#[pyo3(signature = (model, betas, sampler, sweeps, burn_in, chains, seed, threads, progress))]
#[expect(clippy::too_many_arguments)]
pub(crate) fn ising_sample<'py>(
    py: Python<'py>,
    model: &Bound<'py, Ising>,
    betas: PyReadonlyArray1<'py, f64>,
    sampler: &str,
    sweeps: usize,
    burn_in: usize,
    chains: usize,
    seed: u64,
    threads: usize,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyDict>, Option<PyErr>)> {
    let betas = betas.as_array().to_vec();
    let coldest = betas.iter().copied().fold(0.0, f64::max);
    let couplings = &model.get().couplings;
    let model = py.detach(|| couplings.quantised(coldest));
    let plan = Plan {
        model: model.map_err(value_error)?,
        betas,
        sampler: sampler_of(sampler)?,
        sweeps,
        burn_in,
        chains,
        seed,
    };
    let (points, raised) = run(py, progress, |control| plan.run_with(threads, control));
    let points = points.map_err(value_error)?;
    Ok((results(py, &plan, &points)?, raised))
}

fn sampler_of(name: &str) -> PyResult<Sampler> {
    match name {
        "glauber" => Ok(Sampler::Glauber),
        "metropolis" => Ok(Sampler::Metropolis),
        "wolff" => Ok(Sampler::Wolff),
        "tempering" => Ok(Sampler::Tempering),
        _ => Err(value_error(format!(
            "sampler: expected 'glauber', 'metropolis', 'wolff' or 'tempering', found {name:?}"
        ))),
    }
}

fn results<'py>(py: Python<'py>, plan: &Plan, points: &[Point]) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    let array = |value: &dyn Fn(&Point) -> f64| -> Bound<'py, PyArray1<f64>> {
        points
            .iter()
            .map(value)
            .collect::<Vec<_>>()
            .into_pyarray(py)
    };
    result.set_item("betas", array(&|point| point.beta))?;
    let estimate = |name: &str, of: fn(&Point) -> Estimate| {
        result.set_item(name, array(&|point| of(point).mean))?;
        result.set_item(format!("{name}_error"), array(&|point| of(point).error))
    };
    estimate("energy", |point| point.energy)?;
    estimate("magnetisation", |point| point.magnetisation)?;
    estimate("specific_heat", |point| point.specific_heat)?;
    estimate("susceptibility", |point| point.susceptibility)?;
    let judged = |name: &str, of: fn(&Point) -> Convergence| {
        let number = |what: &str, value: fn(&Convergence) -> f64| {
            result.set_item(format!("{name}_{what}"), array(&|point| value(&of(point))))
        };
        number("r_hat", |found| found.r_hat)?;
        number("effective_samples", |found| found.effective_samples)?;
        number("autocorrelation_time", |found| found.autocorrelation_time)?;
        let verdicts = points.iter().map(|point| name_of(of(point).verdict));
        result.set_item(format!("{name}_verdicts"), verdicts.collect::<Vec<_>>())
    };
    judged("energy", |point| point.energy_convergence)?;
    judged("magnetisation", |point| point.magnetisation_convergence)?;
    let rates: Vec<f64> = points
        .iter()
        .filter_map(|point| point.exchange_rate)
        .collect();
    let rates = (plan.sampler == Sampler::Tempering).then(|| rates.into_pyarray(py));
    result.set_item("exchange_rates", rates)?;
    let rows: Vec<&[u64]> = points
        .iter()
        .flat_map(|point| &point.states)
        .map(|row| &row[..])
        .collect();
    let units = plan.model.units();
    let states = unpack(py, units, &rows, -1)?;
    result.set_item(
        "states",
        states.reshape([points.len(), plan.chains, units])?,
    )?;
    let convergence = points
        .iter()
        .flat_map(|point| [point.energy_convergence, point.magnetisation_convergence]);
    let convergence: Vec<_> = convergence.collect();
    let slowest = worst(&convergence).map(|(at, found)| {
        let faster = faster_sampler(&plan.model, plan.sampler, &plan.betas);
        let faster = faster.map(|faster| words(plan.sampler, faster));
        let advice = Advice {
            longer: "sweeps",
            burn_in: "burn_in",
            chains: "chains",
            faster: faster.as_deref(),
        };
        (
            points[at / 2].beta,
            name_of(found.verdict),
            found.sentence(&advice),
        )
    });
    result.set_item("slowest", slowest)?;
    result.set_item("rounding", plan.model.numbers.rounding())?;
    Ok(result)
}

/// The name of a verdict, as in the command's JSON.
fn name_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Mixed => "mixed",
        Verdict::Constant => "constant",
        Verdict::TooFew => "too-few",
        Verdict::NotMixed => "not-mixed",
    }
}

/// The arguments that choose a sampler in place of another.
fn words(now: Sampler, faster: FasterSampler) -> String {
    let name = match faster.sampler {
        _ if faster.sampler == now => None,
        Sampler::Glauber => Some("sampler=\"glauber\""),
        Sampler::Metropolis => Some("sampler=\"metropolis\""),
        Sampler::Wolff => Some("sampler=\"wolff\""),
        Sampler::Tempering => Some("sampler=\"tempering\""),
    };
    let ladder = faster.ladder.map(|Ladder { hot, cold, points }| {
        format!("betas=numpy.linspace({hot}, {cold}, {points})")
    });
    let words = name.map(String::from).into_iter().chain(ladder);
    words.collect::<Vec<_>>().join(", ")
}
