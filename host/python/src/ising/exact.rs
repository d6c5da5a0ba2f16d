//! Exact results by enumeration.

use bitspin::bitspin_core::exact::{IsingEnumeration, Partition};
use numpy::{IntoPyArray, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::Ising;
use crate::error::value_error;

/// ln Z, means and correlations at an inverse temperature, and the probabilities of all states if asked for.
#[pyfunction]
pub(crate) fn ising_exact<'py>(
    py: Python<'py>,
    model: &Bound<'py, Ising>,
    beta: f64,
    probabilities: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let couplings = &model.get().couplings;
    let n = couplings.units();
    let (w, h) = (couplings.matrix(), &couplings.h);
    let exact = IsingEnumeration::new(&w, h, beta).map_err(value_error)?;
    let mut partition = Partition::EMPTY;
    for part in 0..exact.parts() {
        let more = py.detach(|| exact.partition_of_part(part));
        partition = exact.merged(partition, more.map_err(value_error)?);
        py.check_signals()?;
    }
    let (mut spin, mut pair, mut excess) = (vec![0.0; n], vec![0.0; n * n], 0.0);
    for part in 0..exact.parts() {
        py.detach(|| {
            exact.add_moments_of_part(&partition, part, &mut excess, &mut spin, &mut pair)
        })
        .map_err(value_error)?;
        py.check_signals()?;
    }
    let means = exact.finish_moments(&partition, excess, &mut pair);
    let means = means.map_err(value_error)?;
    let result = PyDict::new(py);
    result.set_item("ln_z", exact.ln_z_of(&partition))?;
    result.set_item("energy", means.energy)?;
    result.set_item("entropy", means.entropy)?;
    result.set_item("ground_energy", exact.ground_energy(&partition))?;
    result.set_item("spins", spin.into_pyarray(py))?;
    result.set_item("correlations", pair.into_pyarray(py).reshape([n, n])?)?;
    if probabilities {
        let p = py.detach(|| {
            let mut p = vec![0.0; exact.states()];
            exact.distribution(&partition, &mut p).map(|()| p)
        });
        let p = p.map_err(value_error)?;
        result.set_item("probabilities", p.into_pyarray(py))?;
    }
    Ok(result)
}
