//! Ising models of 16 or 8 bits per coupling.

use bitspin_core::Error;
use bitspin_core::blob::{self, Blob, IsingWeights};
use bitspin_core::ising::{Dense, Sparse};
use bitspin_core::network::Weight;

use crate::ising::file::{Couplings, Problem};

/// Couplings as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Numbers {
    I16(Vec<i16>),
    I8(Vec<i8>),
}

/// Where each spin's row begins and ends, and the neighbours of all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rows {
    offsets: Vec<u32>,
    neighbours: Vec<u32>,
}

/// An Ising model for a board, which owns its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirmwareIsing {
    fraction_bits: u32,
    fields: Vec<i32>,
    /// `None` for a matrix.
    rows: Option<Rows>,
    numbers: Numbers,
}

impl FirmwareIsing {
    /// Rounds a model's couplings and fields to integers: exactly, where `bits` bits suffice, or else with as many binary
    /// places as fit. It is stored as a matrix or in compressed rows, whichever takes less flash. O(N^2 + couplings).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there are more than 65,536 spins, or couplings or fields are too large even without binary
    /// places.
    ///
    /// ```
    /// use bitspin::firmware::FirmwareIsing;
    /// use bitspin::ising::file::{Couplings, Problem};
    /// use bitspin_core::blob::{Blob, IsingWeights};
    /// let model = Couplings { h: vec![0.5, 0.0], edges: vec![(0, 1, -0.75)], problem: Problem::Ising };
    /// let small = FirmwareIsing::new(&model, IsingWeights::I8)?;
    /// assert_eq!(small.couplings(), model); // in quarters
    /// assert!(matches!(small.blob()?, Blob::Ising(_)));
    /// # Ok::<(), bitspin_core::Error>(())
    /// ```
    pub fn new(model: &Couplings, weights: IsingWeights) -> Result<Self, Error> {
        let limit = match weights {
            IsingWeights::I16 => i16::LIMIT,
            IsingWeights::I8 => i8::LIMIT,
        };
        let fraction_bits = model.fraction_bits(f64::from(limit))?;
        let scale = f64::from(1_u32 << fraction_bits);
        let round = |x: f64| (x * scale).round_ties_even() as i32;
        let fields = model.h.iter().map(|&h| round(h)).collect();
        let edges = || model.edges.iter().map(|&(i, j, w)| (i, j, round(w)));
        let (units, stored) = (model.units() as u64, 2 * model.edges.len() as u64);
        let bytes = weights.bytes() as u64;
        let sparse = stored * (4 + bytes) + 4 * (units + 1) < bytes * units * units;
        let (rows, numbers) = if sparse {
            let (rows, numbers) = rows(model.units(), edges());
            (Some(rows), numbers)
        } else {
            (None, matrix(model.units(), edges()))
        };
        Ok(Self {
            fraction_bits,
            fields,
            rows,
            numbers: match weights {
                IsingWeights::I16 => Numbers::I16(numbers.iter().map(|&w| w as i16).collect()),
                IsingWeights::I8 => Numbers::I8(numbers.iter().map(|&w| w as i8).collect()),
            },
        })
    }

    /// The model, to be written.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 2 to 65,536 spins.
    pub fn blob(&self) -> Result<Blob<'_>, Error> {
        let (units, fields, bits) = (self.fields.len(), &self.fields[..], self.fraction_bits);
        Ok(Blob::Ising(match (&self.rows, &self.numbers) {
            (None, Numbers::I16(w)) => {
                blob::Ising::DenseI16(Dense::new(units, &w[..], fields, bits)?)
            }
            (None, Numbers::I8(w)) => {
                blob::Ising::DenseI8(Dense::new(units, &w[..], fields, bits)?)
            }
            (Some(rows), numbers) => {
                let (offsets, neighbours) = (&rows.offsets[..], &rows.neighbours[..]);
                match numbers {
                    Numbers::I16(w) => {
                        let model = Sparse::new(offsets, neighbours, &w[..], fields, bits)?;
                        blob::Ising::SparseI16(model)
                    }
                    Numbers::I8(w) => {
                        let model = Sparse::new(offsets, neighbours, &w[..], fields, bits)?;
                        blob::Ising::SparseI8(model)
                    }
                }
            }
        }))
    }

    /// The real numbers that the integers stand for. Couplings that were rounded to 0 are not among them.
    #[must_use]
    pub fn couplings(&self) -> Couplings {
        let units = self.fields.len();
        let one = f64::from(1_u32 << self.fraction_bits);
        let number = |at: usize| match &self.numbers {
            Numbers::I16(w) => f64::from(w[at]),
            Numbers::I8(w) => f64::from(w[at]),
        };
        let mut edges = Vec::new();
        for i in 0..units {
            let row = match &self.rows {
                None => i * units..(i + 1) * units,
                Some(rows) => rows.offsets[i] as usize..rows.offsets[i + 1] as usize,
            };
            for (within, at) in row.enumerate() {
                let j = self
                    .rows
                    .as_ref()
                    .map_or(within, |rows| rows.neighbours[at] as usize);
                let w = number(at);
                if j > i && w != 0.0 {
                    edges.push((i as u32, j as u32, w / one));
                }
            }
        }
        Couplings {
            h: self.fields.iter().map(|&h| f64::from(h) / one).collect(),
            edges,
            problem: Problem::Ising,
        }
    }
}

/// The couplings of pairs in both rows.
fn rows(units: usize, edges: impl Iterator<Item = (u32, u32, i32)>) -> (Rows, Vec<i32>) {
    let mut lists = vec![vec![]; units];
    for (i, j, w) in edges.filter(|edge| edge.2 != 0) {
        lists[i as usize].push((j, w));
        lists[j as usize].push((i, w));
    }
    let mut rows = Rows {
        offsets: vec![0],
        neighbours: vec![],
    };
    let mut numbers = vec![];
    for list in &mut lists {
        list.sort_unstable();
        rows.neighbours.extend(list.iter().map(|&(j, _)| j));
        numbers.extend(list.iter().map(|&(_, w)| w));
        rows.offsets.push(numbers.len() as u32);
    }
    (rows, numbers)
}

/// The couplings of pairs in a matrix.
fn matrix(units: usize, edges: impl Iterator<Item = (u32, u32, i32)>) -> Vec<i32> {
    let mut numbers = vec![0; units * units];
    for (i, j, w) in edges {
        let (i, j) = (i as usize, j as usize);
        (numbers[i * units + j], numbers[j * units + i]) = (w, w);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(units: u32, w: f64) -> Couplings {
        let mut edges: Vec<_> = (1..units).map(|j| (j - 1, j, w)).collect();
        edges.push((0, units - 1, w));
        edges.sort_unstable_by_key(|&(i, j, _)| (i, j));
        Couplings {
            h: vec![0.25; units as usize],
            edges,
            problem: Problem::Ising,
        }
    }

    #[test]
    fn the_smaller_layout_is_taken_and_nothing_exact_is_moved() {
        for (units, sparse) in [(4, false), (64, true)] {
            for weights in [IsingWeights::I16, IsingWeights::I8] {
                let model = ring(units, -1.5);
                let small = FirmwareIsing::new(&model, weights).unwrap();
                assert_eq!(small.couplings(), model);
                let Blob::Ising(ising) = small.blob().unwrap() else {
                    panic!("another kind");
                };
                assert_eq!(ising.stored(), sparse.then_some(2 * units as usize));
                assert_eq!(ising.weights(), weights);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_rounded_or_refused() {
        let model = ring(8, 1.01);
        let small = FirmwareIsing::new(&model, IsingWeights::I8).unwrap();
        // 1.01 x 64 fits 127, times 128 it does not.
        assert_eq!(small.couplings().edges[0].2, 65.0 / 64.0);
        assert!(FirmwareIsing::new(&ring(8, 128.0), IsingWeights::I8).is_err());
        assert!(FirmwareIsing::new(&ring(8, 128.0), IsingWeights::I16).is_ok());
    }
}
