//! Hopfield memories.

use bitspin::BitMatrix;
use bitspin::bitspin_core::hopfield::{Outcome, Stop};
use bitspin::hopfield::recall::Motion;
use bitspin::hopfield::{
    Complements, Memory, Rule, Settled, Settling, complements, equal_patterns, outcome,
};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::error::value_error;
use crate::spins::{pack, unpack};
use crate::work::{finish, run};

/// Stored patterns and the memory of them.
#[pyclass(frozen, module = "bitspin._native")]
pub(crate) struct HopfieldMemory {
    memory: Memory,
    patterns: BitMatrix,
}

/// Pairs of patterns that a rule cannot tell apart: equal ones, and complements with what becomes of them.
type Alike = (Option<(usize, usize)>, Option<(usize, usize, &'static str)>);

#[pymethods]
impl HopfieldMemory {
    /// Stores patterns of -1 and 1 by a named rule.
    #[new]
    fn new(py: Python<'_>, rule: &str, patterns: PyReadonlyArray2<'_, i8>) -> PyResult<Self> {
        let rule = rule_of(rule)?;
        let patterns = pack(&patterns)?;
        let memory = finish(py, None, |control| {
            Memory::store_with(rule, &patterns, control)
        })?;
        let memory = memory.map_err(|error| value_error(format!("patterns: {error}")))?;
        let memory = memory.ok_or_else(|| value_error("storing was interrupted"))?;
        Ok(Self { memory, patterns })
    }

    /// The first patterns that the rule cannot tell apart.
    #[staticmethod]
    fn alike(rule: &str, patterns: PyReadonlyArray2<'_, i8>) -> PyResult<Alike> {
        let (rule, patterns) = (rule_of(rule)?, pack(&patterns)?);
        let what = match rule.complements() {
            Complements::Distinct => None,
            Complements::Same => Some("same"),
            Complements::Cancel => Some("cancel"),
        };
        let pair = what.and_then(|what| {
            let (first, second) = complements(&patterns)?;
            Some((first, second, what))
        });
        Ok((equal_patterns(&patterns), pair))
    }

    /// The energies of states.
    fn energies<'py>(
        &self,
        py: Python<'py>,
        states: PyReadonlyArray2<'py, i8>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let states = pack(&states)?;
        let mut energies = Vec::with_capacity(states.count());
        for state in states.iter() {
            energies.push(
                py.detach(|| self.memory.energy(state))
                    .map_err(value_error)?,
            );
            py.check_signals()?;
        }
        Ok(energies.into_pyarray(py))
    }

    /// Recalls from states. Returns results by name, and the exception that ended it early, if one did.
    #[expect(clippy::too_many_arguments)]
    #[pyo3(signature = (states, motion, temperature, sweeps, trace, seed, threads, progress))]
    fn recall<'py>(
        &self,
        py: Python<'py>,
        states: PyReadonlyArray2<'py, i8>,
        motion: &str,
        temperature: f64,
        sweeps: u32,
        trace: bool,
        seed: u64,
        threads: usize,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyDict>, Option<PyErr>)> {
        let states = pack(&states)?;
        let motion = match motion {
            _ if temperature > 0.0 => Motion::Glauber(temperature),
            "ascending" => Motion::Ascending,
            "random" => Motion::Random,
            "greedy" => Motion::Greedy,
            "synchronous" => Motion::Synchronous,
            _ => {
                let expected =
                    "motion: expected 'ascending', 'random', 'greedy' or 'synchronous', found";
                return Err(value_error(format!("{expected} {motion:?}")));
            }
        };
        let settling = Settling {
            motion,
            sweeps,
            seed,
        };
        let (settled, raised) = run(py, progress, |control| {
            settling.run_with(&self.memory, &states, threads, control)
        });
        let settled = settled.map_err(value_error)?;
        let rows: Vec<&[u64]> = settled.iter().map(|one| &one.state[..]).collect();
        let result = self.outcomes(py, &rows)?;
        let last = |one: &Settled| one.energies.last().copied().unwrap_or_default();
        let energies: Vec<f64> = settled.iter().map(last).collect();
        let sweeps: Vec<i64> = settled.iter().map(|one| one.sweeps.into()).collect();
        let stops: Vec<_> = settled.iter().map(|one| stop(one.stop)).collect();
        result.set_item("states", unpack(py, self.patterns.units(), &rows, -1)?)?;
        result.set_item("energies", energies.into_pyarray(py))?;
        result.set_item("sweeps", sweeps.into_pyarray(py))?;
        result.set_item("stop", stops)?;
        let trace = trace.then(|| {
            let traces = settled.into_iter().map(|one| one.energies.into_pyarray(py));
            PyList::new(py, traces.collect::<Vec<_>>())
        });
        result.set_item("trace", trace.transpose()?)?;
        Ok((result, raised))
    }

    /// What states are, seen from the stored patterns.
    fn classify<'py>(
        &self,
        py: Python<'py>,
        states: PyReadonlyArray2<'py, i8>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let states = pack(&states)?;
        let rows: Vec<&[u64]> = states.iter().collect();
        self.outcomes(py, &rows)
    }
}

impl HopfieldMemory {
    fn outcomes<'py>(&self, py: Python<'py>, rows: &[&[u64]]) -> PyResult<Bound<'py, PyDict>> {
        let mut found = Vec::with_capacity(rows.len());
        for block in rows.chunks(256) {
            let block = py.detach(|| -> Result<Vec<_>, _> {
                block
                    .iter()
                    .map(|row| outcome(&self.patterns, row))
                    .collect()
            });
            found.extend(block.map_err(value_error)?);
            py.check_signals()?;
        }
        let named = |one: &Outcome| match *one {
            Outcome::Pattern { index, differing } => ("pattern", index, i64::from(differing)),
            Outcome::Inverse { index, differing } => ("inverse", index, i64::from(differing)),
            Outcome::Mixture { parts, differing } => ("mixture", parts[0].0, i64::from(differing)),
            Outcome::Spurious { nearest, .. } => ("spurious", nearest, -1),
        };
        let result = PyDict::new(py);
        let kinds: Vec<_> = found.iter().map(|one| named(one).0).collect();
        let nearest: Vec<i64> = found.iter().map(|one| named(one).1 as i64).collect();
        let wrong: Vec<i64> = found.iter().map(|one| named(one).2).collect();
        let pattern = found.iter().map(|one| match one {
            Outcome::Pattern { index, .. } => *index as i64,
            _ => -1,
        });
        let parts = found.iter().map(|one| match one {
            Outcome::Mixture { parts, .. } => Some((parts[0], parts[1], parts[2])),
            _ => None,
        });
        result.set_item("outcome", kinds)?;
        result.set_item("pattern", pattern.collect::<Vec<_>>().into_pyarray(py))?;
        result.set_item("nearest", nearest.into_pyarray(py))?;
        result.set_item("wrong_units", wrong.into_pyarray(py))?;
        result.set_item("mixtures", parts.collect::<Vec<_>>())?;
        Ok(result)
    }
}

fn rule_of(name: &str) -> PyResult<Rule> {
    name.parse()
        .map_err(|error| value_error(format!("rule: {error}")))
}

fn stop(stop: Stop) -> &'static str {
    match stop {
        Stop::FixedPoint => "fixed-point",
        Stop::TwoCycle => "two-cycle",
        Stop::SweepLimit => "sweep-limit",
    }
}
