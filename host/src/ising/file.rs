//! Ising models from files: safetensors, and the edge lists of MaxCut.
//!
//! An edge list is text, as the Gset collection has it: a line with the numbers of vertices and edges, then a line an edge,
//! two vertices counted from 1 and a weight (1 if there is none). Cutting an edge earns its weight, so that the couplings
//! are minus the weights: cut = (sum of weights - E) / 2.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bitspin_core::Error;
use bitspin_core::ising::Sparse;
use thiserror::Error as ThisError;

use super::Graph;
use crate::display::{shortened, shown};
use crate::input::{self, Format, InputError};
use crate::model_file::{IsingFile, ModelFileError, ModelProblem};

/// The most spins of a model.
pub const MAX_SPINS: usize = 1 << 16;

/// Magnitudes of a spin's integers sum to less than this, which leaves high temperatures room.
const SUM_LIMIT: f64 = 4_194_304.0;

/// Edge lists; the densest of [`MAX_SPINS`] spins that fits has some 50 million edges.
const TEXT: Format = Format::new("edge list", 1 << 30);

/// Why a model cannot be read or written. Every message is one line and names the file.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum FileError {
    /// A safetensors file holds no model.
    #[error(transparent)]
    Model(#[from] ModelFileError),
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A line of an edge list is not what it should be.
    #[error("{}, line {line}: {reason}", shown(path))]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was expected and what was found.
        reason: String,
    },
}

/// A model as lists: fields, and couplings of pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Couplings {
    /// Fields, one a spin.
    pub h: Vec<f64>,
    /// Pairs (i, j), i < j, with a coupling that is not 0, in ascending order.
    pub edges: Vec<(u32, u32, f64)>,
    /// Of an edge list, the sum of the weights.
    pub total_weight: Option<f64>,
}

/// Reads a model: a `.safetensors` file by its tensors `w` and `h`, anything else as an edge list. With `symmetrise`,
/// couplings that differ in the two directions become their mean, which gives the same energy.
///
/// # Errors
/// [`FileError`] naming the file, and the line or the place in a tensor.
pub fn read(path: &Path, symmetrise: bool) -> Result<Couplings, FileError> {
    if is_safetensors(path) {
        return Ok(Couplings::of_file(&IsingFile::load(path, symmetrise)?));
    }
    let text = input::read(path, &TEXT)?;
    // Bytes that are no text are found out as bad numbers, by line.
    parse(&String::from_utf8_lossy(&text)).map_err(|(line, reason)| FileError::Line {
        path: path.to_owned(),
        line,
        reason,
    })
}

/// Whether a path names a safetensors file.
#[must_use]
pub fn is_safetensors(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors"))
}

/// The couplings of an edge list; else the line that is wrong, and why.
fn parse(text: &str) -> Result<Couplings, (usize, String)> {
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let mut lines = lines.by_ref().filter(|(_, line)| !line.trim().is_empty());
    let first = lines.next().ok_or((1, "the file is empty".to_string()))?;
    let (units, count) = heading(first)?;
    let mut seen = HashSet::new();
    let mut edges = vec![];
    let (mut total, mut last, mut found) = (0.0, first.0, 0);
    for (number, line) in lines {
        if found == count {
            return Err((
                number,
                format!("more edges than the {count} that line 1 announces"),
            ));
        }
        let (i, j, weight) = edge(line, units).map_err(|reason| (number, reason))?;
        if !seen.insert((i, j)) {
            return Err((
                number,
                format!("vertices {} and {} had an edge before", i + 1, j + 1),
            ));
        }
        total += weight;
        if weight != 0.0 {
            edges.push((i, j, -weight));
        }
        (last, found) = (number, found + 1);
    }
    if found < count {
        let reason = format!("the file ends after {found} edges where line 1 announces {count}");
        return Err((last, reason));
    }
    edges.sort_unstable_by_key(|&(i, j, _)| (i, j));
    Ok(Couplings {
        h: vec![0.0; units],
        edges,
        total_weight: Some(total),
    })
}

fn heading((line, text): (usize, &str)) -> Result<(usize, usize), (usize, String)> {
    let numbers: Vec<_> = text.split_whitespace().map(str::parse::<usize>).collect();
    match numbers.as_slice() {
        [Ok(units), Ok(edges)] if (2..=MAX_SPINS).contains(units) => Ok((*units, *edges)),
        [Ok(units), Ok(_)] => Err((
            line,
            format!("expected 2 to {MAX_SPINS} vertices, not {units}"),
        )),
        _ => Err((
            line,
            format!(
                "expected the numbers of vertices and of edges, not '{}'",
                shortened(text.trim(), 40)
            ),
        )),
    }
}

/// An edge as (i, j, weight), i < j, counted from 0.
fn edge(text: &str, units: usize) -> Result<(u32, u32, f64), String> {
    let wrong = || {
        format!(
            "expected two vertices and a weight, not '{}'",
            shortened(text.trim(), 40)
        )
    };
    let parts: Vec<&str> = text.split_whitespace().collect();
    let (ends, weight) = match parts.as_slice() {
        [a, b] => ([a, b], 1.0),
        [a, b, weight] => ([a, b], weight.parse().map_err(|_| wrong())?),
        _ => return Err(wrong()),
    };
    if !f64::is_finite(weight) {
        return Err(format!("expected a finite weight, not {weight}"));
    }
    let [a, b] = ends.map(|end| end.parse::<usize>().ok());
    let (Some(a), Some(b)) = (a, b) else {
        return Err(wrong());
    };
    if let Some(end) = [a, b].into_iter().find(|end| !(1..=units).contains(end)) {
        return Err(format!("expected vertices 1 to {units}, not {end}"));
    }
    if a == b {
        return Err(format!("vertex {a} has an edge to itself"));
    }
    Ok((a.min(b) as u32 - 1, a.max(b) as u32 - 1, weight))
}

impl Couplings {
    /// The lists of a file's model.
    #[must_use]
    pub fn of_file(file: &IsingFile) -> Self {
        let n = file.units();
        let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        let edges = pairs.filter_map(|(i, j)| {
            let w = file.w[i * n + j];
            (w != 0.0).then_some((i as u32, j as u32, f64::from(w)))
        });
        Self {
            edges: edges.collect(),
            h: file.h.iter().map(|&h| f64::from(h)).collect(),
            total_weight: None,
        }
    }

    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        self.h.len()
    }

    /// The couplings as a matrix, N x N.
    #[must_use]
    pub fn matrix(&self) -> Vec<f64> {
        let n = self.units();
        let mut w = vec![0.0; n * n];
        for &(i, j, value) in &self.edges {
            w[i as usize * n + j as usize] = value;
            w[j as usize * n + i as usize] = value;
        }
        w
    }

    /// The energy of a packed state, bit i being set where spin i is +1.
    #[must_use]
    pub fn energy(&self, state: &[u64]) -> f64 {
        let spin = |i: usize| {
            if state[i / 64] >> (i % 64) & 1 != 0 {
                1.0
            } else {
                -1.0
            }
        };
        let pairs = self.edges.iter();
        let pairs: f64 = pairs
            .map(|&(i, j, w)| w * spin(i as usize) * spin(j as usize))
            .sum();
        let fields: f64 = self.h.iter().enumerate().map(|(i, h)| h * spin(i)).sum();
        // From 0, so that no energy is -0.
        0.0 - pairs - fields
    }

    /// The root of the mean over spins of sum_j w_ij^2 + h_i^2: the size of a typical field. 0 without couplings and
    /// fields.
    #[must_use]
    pub fn typical_field(&self) -> f64 {
        let pairs: f64 = self.edges.iter().map(|&(_, _, w)| 2.0 * w * w).sum();
        let fields: f64 = self.h.iter().map(|h| h * h).sum();
        ((pairs + fields) / self.units() as f64).sqrt()
    }

    /// The binary places to round to: the fewest that hold all numbers exactly, if there are such up to 24; otherwise the
    /// most with which the magnitudes of a spin sum to less than 2^22, and no coupling is above `limit` as an integer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if numbers are too large even without binary places.
    pub fn fraction_bits(&self, limit: f64) -> Result<u32, Error> {
        let mut sums: Vec<f64> = self.h.iter().map(|h| h.abs()).collect();
        for &(i, j, w) in &self.edges {
            sums[i as usize] += w.abs();
            sums[j as usize] += w.abs();
        }
        let largest = sums.iter().copied().fold(0.0, f64::max);
        let widest = self.edges.iter().map(|edge| edge.2.abs());
        let widest = widest.fold(0.0, f64::max);
        let rounding = 0.5 * (self.units() + 1) as f64;
        let scale = |bits: u32| f64::from(1_u32 << bits);
        let fits = |&bits: &u32| {
            largest * scale(bits) + rounding < SUM_LIMIT && widest * scale(bits) <= limit
        };
        let values = || {
            self.edges
                .iter()
                .map(|edge| edge.2)
                .chain(self.h.iter().copied())
        };
        let exact = |&bits: &u32| values().all(|x| (x * scale(bits)).fract() == 0.0);
        let fitting = || (0..=24).take_while(fits);
        fitting()
            .find(exact)
            .or(fitting().last())
            .ok_or(Error::OutOfRange {
                what: "couplings and fields",
                expected: "couplings that fit their integers, and magnitudes that sum to less than 2^22 a spin",
            })
    }

    /// The model in integers, with its neighbours in compressed rows.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for magnitudes that sum to 2^22 or more a spin.
    pub fn graph(&self) -> Result<Graph, Error> {
        let bits = self.fraction_bits(SUM_LIMIT)?;
        let round = |x: f64| (x * f64::from(1_u32 << bits)).round_ties_even() as i32;
        let mut rows = vec![vec![]; self.units()];
        for &(i, j, w) in &self.edges {
            rows[i as usize].push((j, round(w)));
            rows[j as usize].push((i, round(w)));
        }
        let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
        for row in &mut rows {
            row.sort_unstable();
            neighbours.extend(row.iter().map(|&(j, _)| j));
            weights.extend(row.iter().map(|&(_, w)| w));
            offsets.push(neighbours.len() as u32);
        }
        let fields = self.h.iter().map(|&h| round(h)).collect();
        Sparse::new(offsets, neighbours, weights, fields, bits)
    }

    /// The text of an edge list.
    ///
    /// # Errors
    /// The first spin that has a field, which an edge list cannot hold.
    pub fn to_edge_list(&self) -> Result<String, usize> {
        if let Some(unit) = self.h.iter().position(|&h| h != 0.0) {
            return Err(unit);
        }
        let mut text = format!("{} {}\n", self.units(), self.edges.len());
        for &(i, j, w) in &self.edges {
            text.push_str(&format!("{} {} {}\n", i + 1, j + 1, -w));
        }
        Ok(text)
    }

    /// The model as a safetensors file holds it: float32, a matrix of N x N.
    ///
    /// # Errors
    /// [`ModelProblem`] where a number is too large for float32.
    pub fn to_file(&self) -> Result<IsingFile, ModelProblem> {
        let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect();
        let file = IsingFile {
            w: narrow(&self.matrix()),
            h: narrow(&self.h),
            metadata: [("model".to_string(), "ising".to_string())].into(),
        };
        file.check()?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitspin_core::hopfield::Network;
    use bitspin_core::ising::Model;

    #[test]
    fn an_edge_list_is_a_model_whose_energy_tells_the_cut() {
        let found = parse("3 3\n1 2 2\n\n3 2 -1\n1 3\n").unwrap();
        assert_eq!(found.edges, [(0, 1, -2.0), (0, 2, -1.0), (1, 2, 1.0)]);
        // Vertex 1 against the others: edges of weights 2 and 1 are cut.
        assert_eq!(
            (found.total_weight.unwrap() - found.energy(&[0b001])) / 2.0,
            3.0
        );
        assert_eq!(parse(&found.to_edge_list().unwrap()).unwrap(), found);
        let graph = found.graph().unwrap();
        let mut fields = [0; 3];
        graph.prepare(&[0b001], &mut fields);
        assert_eq!(
            graph.real(graph.energy(&[0b001], &fields)),
            found.energy(&[0b001])
        );
        let file = found.to_file().unwrap();
        assert_eq!(Couplings::of_file(&file).edges, found.edges);
    }

    #[test]
    fn a_bad_line_is_named() {
        let cases = [
            ("", 1, "empty"),
            ("x\n", 1, "numbers of vertices"),
            ("1 0\n", 1, "2 to 65536 vertices, not 1"),
            ("0 0\n", 1, "not 0"),
            ("3 1\n1 4 1\n", 2, "vertices 1 to 3, not 4"),
            ("3 1\n0 1 1\n", 2, "not 0"),
            ("3 1\n2 2 1\n", 2, "to itself"),
            ("3 2\n1 2 1\n2 1 5\n", 3, "had an edge before"),
            ("3 1\n1 2 nan\n", 2, "finite weight, not NaN"),
            ("3 1\n1 2 x\n", 2, "two vertices and a weight"),
            ("3 1\n1 -2 1\n", 2, "two vertices and a weight"),
            ("3 2\n1 2 1\n", 2, "ends after 1 edges"),
            ("3 1\n1 2 1\n2 3 1\n", 3, "more edges than the 1"),
        ];
        for (text, line, words) in cases {
            let (found, reason) = parse(text).unwrap_err();
            assert!(
                found == line && reason.contains(words),
                "{text:?}: {found}: {reason}"
            );
        }
    }

    #[test]
    fn numbers_are_rounded_to_what_fits() {
        let mut model = parse("2 1\n1 2 0.75\n").unwrap();
        assert_eq!(model.fraction_bits(SUM_LIMIT), Ok(2));
        model.h[0] = 0.1;
        assert!(model.fraction_bits(SUM_LIMIT).unwrap() > 20);
        model.h[0] = 1e7;
        assert!(model.fraction_bits(SUM_LIMIT).is_err());
    }
}
