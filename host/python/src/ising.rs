//! Ising models: energies, annealing, sampling, enumeration and files.

pub(crate) mod anneal;
pub(crate) mod exact;
pub(crate) mod sample;

use std::path::PathBuf;

use bitspin::ising::Couplings;
use bitspin::ising::file::{Convention, Problem, Reading, read};
use bitspin::output::OutputFile;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use crate::error::value_error;
use crate::spins::pack;

/// States whose energies are computed between two looks at Python's signals: about a quarter of a second.
const BLOCK: usize = 100_000_000;

/// An Ising model, E = -sum_{i<j} w_ij s_i s_j - sum_i h_i s_i.
#[pyclass(frozen, module = "bitspin._native")]
pub(crate) struct Ising {
    couplings: Couplings,
}

/// Arrays of pairs: i, j, w_ij.
type Pairs<'py> = (
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f64>>,
);

fn edges(
    rows: &PyReadonlyArray1<'_, u32>,
    columns: &PyReadonlyArray1<'_, u32>,
    weights: &PyReadonlyArray1<'_, f64>,
) -> Vec<(u32, u32, f64)> {
    let (rows, columns) = (rows.as_array(), columns.as_array());
    let pairs = rows.iter().zip(&columns).zip(weights.as_array());
    pairs.map(|((&i, &j), &w)| (i, j, w)).collect()
}

#[pymethods]
impl Ising {
    #[new]
    fn new(
        fields: PyReadonlyArray1<'_, f64>,
        rows: PyReadonlyArray1<'_, u32>,
        columns: PyReadonlyArray1<'_, u32>,
        weights: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Self> {
        let edges = edges(&rows, &columns, &weights);
        let fields = fields.as_array().to_vec();
        let couplings = Couplings::new(fields, &edges).map_err(value_error)?;
        Ok(Self { couplings })
    }

    /// The model of a QUBO: the sum of w x_i x_j over pairs, of w x_i where both are i.
    #[staticmethod]
    fn from_qubo(
        units: usize,
        rows: PyReadonlyArray1<'_, u32>,
        columns: PyReadonlyArray1<'_, u32>,
        weights: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Self> {
        let terms = edges(&rows, &columns, &weights);
        let couplings = Couplings::from_qubo(units, &terms).map_err(value_error)?;
        Ok(Self { couplings })
    }

    /// Reads a file of any format that the command reads, and says in sentences what was not evident from it.
    #[staticmethod]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        convention: Option<&str>,
        symmetrise: bool,
    ) -> PyResult<(Self, Vec<String>)> {
        let convention = match convention {
            None => None,
            Some("maxcut") => Some(Convention::MaxCut),
            Some("ising") => Some(Convention::Ising),
            Some(other) => {
                let expected = "convention: expected None, 'maxcut' or 'ising', found";
                return Err(value_error(format!("{expected} {other:?}")));
            }
        };
        let reading = Reading {
            symmetrise,
            convention,
        };
        let source = py.detach(|| read(&path, reading)).map_err(value_error)?;
        let couplings = source.couplings;
        Ok((Self { couplings }, source.notes))
    }

    /// Writes a safetensors file.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| {
            let file = self.couplings.to_file().map_err(value_error)?;
            let bytes = file.to_bytes().map_err(value_error)?;
            let output = OutputFile::create(&path, true).map_err(value_error)?;
            output.commit(bytes).map_err(value_error)
        })
    }

    /// Number of spins.
    #[getter]
    fn units(&self) -> usize {
        self.couplings.units()
    }

    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.couplings.h.clone().into_pyarray(py)
    }

    /// Pairs with a coupling that is not 0, i < j, in ascending order.
    #[getter]
    fn edges<'py>(&self, py: Python<'py>) -> Pairs<'py> {
        let edges = &self.couplings.edges;
        let rows: Vec<_> = edges.iter().map(|edge| edge.0).collect();
        let columns: Vec<_> = edges.iter().map(|edge| edge.1).collect();
        let weights: Vec<_> = edges.iter().map(|edge| edge.2).collect();
        (
            rows.into_pyarray(py),
            columns.into_pyarray(py),
            weights.into_pyarray(py),
        )
    }

    /// The root of the mean over spins of sum_j w_ij^2 + h_i^2.
    #[getter]
    fn typical_field(&self) -> f64 {
        self.couplings.typical_field()
    }

    /// What a QUBO adds to the energy of its spins; None of other models.
    #[getter]
    fn qubo_offset(&self) -> Option<f64> {
        match self.couplings.problem {
            Problem::Qubo { offset } => Some(offset),
            _ => None,
        }
    }

    /// The model as that of a QUBO with this offset.
    fn with_qubo_offset(&self, offset: f64) -> Self {
        let problem = Problem::Qubo { offset };
        let couplings = Couplings {
            problem,
            ..self.couplings.clone()
        };
        Self { couplings }
    }

    /// The energies of states, without an offset.
    fn energies<'py>(
        &self,
        py: Python<'py>,
        states: PyReadonlyArray2<'py, i8>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let states = pack(&states)?;
        let terms = self.couplings.edges.len() + self.couplings.units();
        let block = states.words_per_row() * (BLOCK / terms.max(1)).max(1);
        let mut energies = Vec::with_capacity(states.count());
        for rows in states.bits().chunks(block) {
            py.detach(|| {
                let rows = rows.chunks_exact(states.words_per_row());
                energies.extend(rows.map(|row| self.couplings.energy(row)));
            });
            py.check_signals()?;
        }
        Ok(energies.into_pyarray(py))
    }
}
