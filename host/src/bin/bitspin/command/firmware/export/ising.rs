//! Exports of Ising models.

use std::path::Path;

use bitspin::display::shown;
use bitspin::firmware::FirmwareIsing;
use bitspin::firmware::golden::IsingVectors;
use bitspin::firmware::source::Vectors;
use bitspin::input::{Format, Input};
use bitspin::ising::file::{Couplings, FileError, is_safetensors, read};
use bitspin::model_file::{ModelProblem, RbmFile};
use bitspin_core::blob::{Blob, IsingWeights};
use bitspin_core::exact;
use serde_json::{Value, json};

use crate::cli::IsingReading;
use crate::command::ising;

use super::{CommandError, Export, Made, VECTORS, Weights, blob_file, refuse};

/// Format of files of which only the start is read here.
const ANY: Format = Format::new("model", u64::MAX);

/// Sweeps of a golden chain. The loss is measured on the later half of them.
const SWEEPS: u32 = 100;

/// The Ising model in a file, if that is what the file holds: text, or tensors named as an Ising model's and not as an
/// RBM's. Prints how it was read.
pub(super) fn load(path: &Path, reading: IsingReading) -> Result<Option<Couplings>, CommandError> {
    if !is_text(path) {
        match RbmFile::load(path) {
            Err(error) if is_without(&error.problem) => {}
            _ => return Ok(None),
        }
        // Neither format: the error about the RBM is reported.
        if let Err(FileError::Model(error)) = read(path, reading.into())
            && is_without(&error.problem)
        {
            return Ok(None);
        }
    }
    let source = ising::load(path, reading)?;
    ising::tell(path, &source);
    Ok(Some(source.couplings))
}

/// Whether the error is a missing tensor.
fn is_without(problem: &ModelProblem) -> bool {
    matches!(problem, ModelProblem::MissingTensor { .. })
}

/// Whether a file begins as text does; one that cannot be read, or is named as one of tensors, does not.
fn is_text(path: &Path) -> bool {
    if is_safetensors(path) {
        return false;
    }
    let start = Input::open(path, &ANY).and_then(|mut input| input.read_up_to(64));
    start.is_ok_and(|start| !start.is_empty() && !start.contains(&0))
}

/// An Ising model of small couplings.
pub(super) fn export(
    options: &Export,
    path: &Path,
    model: &Couplings,
) -> Result<Made, CommandError> {
    refuse_rbm_options(options)?;
    let bad = CommandError::at(path);
    let weights = match options.weights.unwrap_or(Weights::I8) {
        Weights::I16 => IsingWeights::I16,
        Weights::I8 => IsingWeights::I8,
        _ => {
            let text = "--weights: expected i16 or i8 for an Ising model";
            return Err(CommandError::usage(text));
        }
    };
    let beta = match (options.beta, model.typical_field()) {
        (Some(beta), _) => beta,
        (None, 0.0) => 1.0,
        (None, field) => 1.0 / field,
    };
    let small = FirmwareIsing::new(model, weights).map_err(bad)?;
    let blob = small.blob().map_err(bad)?;
    let Blob::Ising(ising) = &blob else {
        return Err(CommandError::failed("no Ising model"));
    };
    let mut loss = Loss::new(model, small.couplings());
    let mut seen = 0;
    let see = |state: &[u64]| {
        if seen % SWEEPS >= SWEEPS / 2 {
            loss.see(state);
        }
        seen += 1;
    };
    let shape = (VECTORS, SWEEPS);
    let vectors = IsingVectors::walk(ising, (beta, options.run.seed), shape, see)
        .map_err(|error| CommandError::usage(format!("--beta {beta}: {error}")))?;
    Ok(Made {
        file: blob_file(path, &blob)?,
        vectors: Vectors::Ising(vectors),
        origin: shown(&path).to_string(),
        loss: loss.told(beta),
    })
}

/// Refuses options that have no meaning for an Ising model.
fn refuse_rbm_options(options: &Export) -> Result<(), CommandError> {
    let given = [
        ("--data", options.data.is_some()),
        ("--binarise", options.binarise.is_some()),
        ("--halve", options.halve.is_some()),
    ];
    refuse(&given, "only for an RBM, not for an Ising model")
}

/// Effect of rounding on the numbers, and on the energies of states that the rounded model visits.
struct Loss<'m> {
    model: &'m Couplings,
    small: Couplings,
    exact: bool,
    /// Energies of the rounded model minus those of the model.
    differences: Vec<f64>,
}

/// Effect of rounding on the distribution of a small model: rounded minus original.
struct Effect {
    ln_z: f64,
    ground_energy: f64,
}

/// Maximum number of spins for this enumeration.
const ENUMERATED: usize = 20;

impl<'m> Loss<'m> {
    fn new(model: &'m Couplings, small: Couplings) -> Self {
        Self {
            exact: (&model.h, &model.edges) == (&small.h, &small.edges),
            model,
            small,
            differences: vec![],
        }
    }

    fn see(&mut self, state: &[u64]) {
        if !self.exact {
            self.differences
                .push(self.small.energy(state) - self.model.energy(state));
        }
    }

    /// The largest errors of a coupling and of a field.
    fn largest(&self) -> (f64, f64) {
        let held = |i: u32, j: u32| {
            let found = self
                .small
                .edges
                .binary_search_by_key(&(i, j), |&(i, j, _)| (i, j));
            found.map_or(0.0, |at| self.small.edges[at].2)
        };
        let pairs = self.model.edges.iter();
        let pairs = pairs.map(|&(i, j, w)| (held(i, j) - w).abs());
        let fields = self.model.h.iter().zip(&self.small.h);
        let fields = fields.map(|(h, held)| (held - h).abs());
        (pairs.fold(0.0, f64::max), fields.fold(0.0, f64::max))
    }

    /// Computed by enumeration, for few spins.
    fn effect(&self, beta: f64) -> Option<Effect> {
        if self.exact || self.model.units() > ENUMERATED {
            return None;
        }
        let measured = |model: &Couplings| {
            let w = model.matrix();
            let exact = exact::IsingEnumeration::new(&w, &model.h, beta).ok()?;
            let partition = exact.partition();
            Some((exact.ln_z_of(&partition), exact.ground_energy(&partition)))
        };
        let (before, after) = (measured(self.model)?, measured(&self.small)?);
        Some(Effect {
            ln_z: after.0 - before.0,
            ground_energy: after.1 - before.1,
        })
    }

    /// In words, and as JSON.
    fn told(&self, beta: f64) -> (String, Value) {
        let (coupling, field) = self.largest();
        let effect = self.effect(beta);
        let count = self.differences.len().max(1) as f64;
        let mean = self.differences.iter().sum::<f64>() / count;
        let squares = self.differences.iter().map(|d| (d - mean) * (d - mean));
        let deviation = (squares.sum::<f64>() / count).sqrt();
        let value = json!({
            "measure": "energy", "exact": self.exact, "beta": beta, "states": self.differences.len(),
            "mean": mean, "standard_deviation": deviation, "standard_deviation_kt": beta * deviation,
            "largest_coupling_error": coupling, "largest_field_error": field,
            "ln_z_change": effect.as_ref().map(|effect| effect.ln_z),
            "ground_energy_change": effect.as_ref().map(|effect| effect.ground_energy),
        });
        let text = if self.exact {
            format!(
                "loss: none; every coupling and field is exact\ngolden chains at beta {beta:.6}"
            )
        } else {
            let enumerated = effect.map_or(String::new(), |effect| {
                format!(
                    "\nover all states: ln Z changes by {:+.4e} at that beta, the lowest energy by {:+.4e}",
                    effect.ln_z, effect.ground_energy
                )
            });
            format!(
                "loss: couplings are rounded by up to {coupling:.4e}, fields by up to {field:.4e}; energies change by {mean:+.4} on average, standard deviation {deviation:.4}, {:.4} kT at beta {beta:.6}
measured on {} states of the golden chains{enumerated}",
                beta * deviation,
                self.differences.len()
            )
        };
        (text, value)
    }
}
