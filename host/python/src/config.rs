//! What this build is, and what it uses of the CPU.

use std::env::consts::{ARCH, OS};
use std::thread;

use bitspin::bitspin_core::simd::{Level, VARIABLE, level, requested};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::value_error;

/// Refuses a value of the environment variable that names no level of this CPU.
pub(crate) fn check() -> PyResult<()> {
    requested().map(drop).map_err(|error| {
        let found = std::env::var_os(VARIABLE).unwrap_or_default();
        value_error(format!("{error}, found {}", found.display()))
    })
}

/// Number of CPU cores that this process may use.
#[pyfunction]
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The version, the target, the SIMD level in use, the levels of this CPU, and its cores.
#[pyfunction]
pub(crate) fn config(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let available: Vec<_> = Level::available().map(Level::name).collect();
    let config = PyDict::new(py);
    config.set_item("version", env!("CARGO_PKG_VERSION"))?;
    config.set_item("target", format!("{ARCH} {OS}"))?;
    config.set_item("simd", level().name())?;
    config.set_item("simd_available", available)?;
    config.set_item("threads", cores())?;
    Ok(config)
}
