//! The native module of the Python package bitspin: arrays in, the engine's work without the GIL, arrays out.
//!
//! The classes that users see are Python's, in `python/bitspin`; they check arguments and call these.

mod config;
mod error;
mod work;

use pyo3::prelude::*;

/// The native part of bitspin.
#[pymodule]
mod _native {
    use super::*;

    #[pymodule_export]
    use crate::config::{config, cores};

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::config::check()
    }
}
