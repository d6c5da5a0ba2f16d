//! The native module of the Python package bitspin: arrays in, the engine's work without the GIL, arrays out.
//!
//! The classes that users see are Python's, in `python/bitspin`; they check arguments and call these.

mod boltzmann_machine;
mod config;
mod error;
mod hopfield;
mod ising;
mod labels;
mod likelihood;
mod measures;
mod model_files;
mod parameters;
mod rows;
mod sampling;
mod spins;
mod trainer;
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
    #[pymodule_export]
    use crate::labels::{best_temperature, class_logits};
    #[pymodule_export]
    use crate::likelihood::{annealed_ln_z, annealing_steps, ln_z, pseudo_log_likelihoods};
    #[pymodule_export]
    use crate::measures::{flip_changes, free_energies, hidden_probabilities};
    #[pymodule_export]
    use crate::model_files::{from_tensors, load_model, model_to_bytes};
    #[pymodule_export]
    use crate::parameters::initial_parameters;
    #[pymodule_export]
    use crate::rows::Rows;
    #[pymodule_export]
    use crate::sampling::{complete, sample};
    #[pymodule_export]
    use crate::trainer::{Trainer, initial_visible_bias, settings::preset};

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::config::check()
    }
}
