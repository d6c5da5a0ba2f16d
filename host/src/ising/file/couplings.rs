//! Ising models as lists of fields and couplings.

use std::collections::BTreeMap;

use bitspin_core::Error;

use super::Problem;
use crate::model_file::{IsingFile, ModelProblem};

/// Magnitudes of a spin's integers sum to less than this, which leaves high temperatures room.
const SUM_LIMIT: f64 = 4_194_304.0;

/// The metadata of a safetensors file that was a QUBO: what is added to the energy of its spins.
const OFFSET: &str = "qubo_offset";

/// Two spins and the number of their pair, or of one spin where both are equal.
pub(super) type Pair = (u32, u32, f64);

/// An Ising model as lists: fields, and couplings of pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Couplings {
    /// Fields, one per spin.
    pub h: Vec<f64>,
    /// Pairs (i, j), i < j, with a coupling that is not 0, in ascending order.
    pub edges: Vec<(u32, u32, f64)>,
    /// The units in which the file states its problem.
    pub problem: Problem,
}

impl Couplings {
    /// A model of fields `h`, one per spin, and edges (i, j, w_ij) in any order and direction, each pair at most once:
    /// E = -sum_edges w_ij s_i s_j - sum_i h_i s_i.
    ///
    /// # Errors
    /// [`Error::Empty`] without spins; [`Error::NotFinite`] for a field or coupling that is not finite;
    /// [`Error::OutOfRange`] for an edge to a missing spin, of a spin to itself, or of a pair that has one already.
    pub fn new(h: Vec<f64>, edges: &[(u32, u32, f64)]) -> Result<Self, Error> {
        if h.is_empty() {
            return Err(Error::Empty { what: "h" });
        }
        if let Some(index) = h.iter().position(|h| !h.is_finite()) {
            return Err(Error::NotFinite { what: "h", index });
        }
        if let Some(index) = edges.iter().position(|edge| !edge.2.is_finite()) {
            let what = "edges";
            return Err(Error::NotFinite { what, index });
        }
        let sorted = edges.iter().map(|&(i, j, w)| (i.min(j), i.max(j), w));
        let mut sorted: Vec<_> = sorted.collect();
        sorted.sort_by_key(|&(i, j, _)| (i, j));
        let is_wrong = |&(i, j, _): &Pair| i == j || j as usize >= h.len();
        let twice = |pair: &[Pair]| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1);
        if sorted.iter().any(is_wrong) || sorted.windows(2).any(twice) {
            return Err(Error::OutOfRange {
                what: "edges",
                expected: "pairs of different spins, each at most once",
            });
        }
        sorted.retain(|edge| edge.2 != 0.0);
        Ok(Self {
            h,
            edges: sorted,
            problem: Problem::Ising,
        })
    }

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
            problem: match file.metadata.get(OFFSET).and_then(|x| x.parse().ok()) {
                Some(offset) if f64::is_finite(offset) => Problem::Qubo { offset },
                _ => Problem::Ising,
            },
        }
    }

    /// The model of a QUBO over `units` bits x = (1 + s) / 2, whose energy is the sum of w x_i x_j over its terms (i, j, w),
    /// of w x_i where both are i. Terms of one pair are summed, whatever their direction.
    ///
    /// # Errors
    /// [`Error::Empty`] without bits; [`Error::NotFinite`] for a weight that is not finite; [`Error::OutOfRange`] for a
    /// term of a missing bit, or sums that are not finite.
    ///
    /// ```
    /// use bitspin::ising::Couplings;
    ///
    /// // x_0 - 2 x_0 x_1: lowest where both bits are set.
    /// let model = Couplings::from_qubo(2, &[(0, 0, 1.0), (0, 1, -2.0)])?;
    /// assert_eq!(model.objective(&[0b11]), -1.0);
    /// assert_eq!(model.objective(&[0b00]), 0.0);
    /// # Ok::<(), bitspin_core::Error>(())
    /// ```
    pub fn from_qubo(units: usize, terms: &[(u32, u32, f64)]) -> Result<Self, Error> {
        if units == 0 {
            return Err(Error::Empty { what: "bits" });
        }
        if let Some(index) = terms.iter().position(|term| !term.2.is_finite()) {
            let what = "terms";
            return Err(Error::NotFinite { what, index });
        }
        let sorted = terms.iter().map(|&(i, j, w)| (i.min(j), i.max(j), w));
        let mut sorted: Vec<_> = sorted.collect();
        // Of equal pairs the order of the terms is kept.
        sorted.sort_by_key(|&(i, j, _)| (i, j));
        let summed = sorted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1));
        let summed =
            summed.map(|same| (same[0].0, same[0].1, same.iter().map(|term| term.2).sum()));
        let (own, pairs): (Vec<Pair>, Vec<Pair>) = summed.partition(|term| term.0 == term.1);
        let missing = sorted.iter().any(|&(_, j, _)| j as usize >= units);
        let total: f64 = own.iter().chain(&pairs).map(|term| term.2.abs()).sum();
        if missing || !total.is_finite() {
            return Err(Error::OutOfRange {
                what: "terms",
                expected: "pairs of bits that there are, and weights whose sum is finite",
            });
        }
        Ok(Self::of_qubo(units, &own, &pairs))
    }

    /// The Ising model of bits x = (1 + s) / 2: a_i x_i = a_i / 2 (1 + s_i), b_ij x_i x_j = b_ij / 4 (1 + s_i + s_j + s_i s_j).
    pub(super) fn of_qubo(units: usize, linear: &[Pair], quadratic: &[Pair]) -> Self {
        let mut h = vec![0.0; units];
        let mut offset = 0.0;
        for &(i, _, a) in linear {
            h[i as usize] -= a / 2.0;
            offset += a / 2.0;
        }
        let mut edges = Vec::new();
        for &(i, j, b) in quadratic {
            let quarter = b / 4.0;
            h[i as usize] -= quarter;
            h[j as usize] -= quarter;
            offset += quarter;
            if quarter != 0.0 {
                edges.push((i, j, -quarter));
            }
        }
        Self {
            h,
            edges,
            problem: Problem::Qubo { offset },
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

    /// The energy of the spins of a packed state, bit i being set where spin i is +1; without a QUBO's offset.
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

    /// The energy of a packed state in the units of the file's problem: of a QUBO, with its offset.
    #[must_use]
    pub fn objective(&self, state: &[u64]) -> f64 {
        self.energy(state) + self.problem.offset()
    }

    /// The root of the mean over spins of sum_j w_ij^2 + h_i^2: the size of a typical field. 0 without couplings and
    /// fields.
    #[must_use]
    pub fn typical_field(&self) -> f64 {
        let pairs = || self.edges.iter().map(|edge| edge.2);
        let mean = |scale: f64| {
            let pairs: f64 = pairs().map(|w| 2.0 * (w / scale) * (w / scale)).sum();
            let fields: f64 = self.h.iter().map(|h| (h / scale) * (h / scale)).sum();
            ((pairs + fields) / self.units() as f64).sqrt()
        };
        let plain = mean(1.0);
        let top = pairs().chain(self.h.iter().copied());
        let top = top.fold(0.0_f64, |top, x| top.max(x.abs()));
        // Squares of very large and very small numbers are taken relative to the largest.
        if top == 0.0 || (1e-100..1e100).contains(&top) {
            return plain;
        }
        top * mean(top)
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
        let mut metadata = BTreeMap::from([("model".to_string(), "ising".to_string())]);
        if let Problem::Qubo { offset } = self.problem {
            metadata.insert(OFFSET.into(), offset.to_string());
        }
        let file = IsingFile {
            w: narrow(&self.matrix()),
            h: narrow(&self.h),
            metadata,
        };
        file.check()?;
        Ok(file)
    }
}
