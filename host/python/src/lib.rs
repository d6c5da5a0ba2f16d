//! The native module of the Python package bitspin: arrays in, the engine's work without the GIL, arrays out.
//!
//! The classes that users see are Python's, in `python/bitspin`; they check arguments and call these.

mod boltzmann_machine;
mod config;
mod error;
mod hopfield;
mod ising;
mod spins;
mod work;

use pyo3::prelude::*;

/// The native part of bitspin.
#[pymodule]
mod _native {
    use super::*;

    #[pymodule_export]
    use crate::boltzmann_machine::{
        boltzmann_fit, boltzmann_load, boltzmann_measure, boltzmann_probabilities,
        boltzmann_sample, boltzmann_save, boltzmann_scores,
    };
    #[pymodule_export]
    use crate::config::{config, cores};
    #[pymodule_export]
    use crate::hopfield::HopfieldMemory;
    #[pymodule_export]
    use crate::ising::{Ising, anneal::ising_anneal, exact::ising_exact, sample::ising_sample};

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::config::check()
    }
}
