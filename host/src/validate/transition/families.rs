//! Small models of every kind of graph, in quarters.

use bitspin_core::Error;
use bitspin_core::ising::{Dense, Sparse};

use crate::ising::Graph;
use crate::reference::ising::Ising;

/// Binary places of couplings and fields.
pub(super) const PLACES: u32 = 2;

/// A model of up to 6 spins.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// What it is.
    pub name: String,
    /// Couplings i < j, w_ij in quarters.
    pub couplings: Vec<(usize, usize, i32)>,
    /// Fields, in quarters.
    pub fields: Vec<i32>,
}

impl Family {
    fn new(
        name: String,
        units: usize,
        couplings: impl IntoIterator<Item = (usize, usize, i32)>,
    ) -> Self {
        let ordered = |(i, j, w): (usize, usize, i32)| (i.min(j), i.max(j), w);
        Self {
            name,
            couplings: couplings.into_iter().map(ordered).collect(),
            fields: vec![0; units],
        }
    }

    fn with_fields(mut self, fields: &[i32]) -> Self {
        self.name.push_str(" in fields");
        self.fields = fields.to_vec();
        self
    }

    /// Every kind of graph. No flip costs more than exp(-beta cost) = 2^-32 at beta = 3 in every state from which a
    /// chain would have to make it: the engine makes none that is rarer.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let ring = |n: usize, w: i32| {
            Self::new(
                format!("ring of {n}, J {w}/4"),
                n,
                (0..n).map(move |i| (i, (i + 1) % n, w)),
            )
        };
        let pairs = |n: usize| (0..n).flat_map(move |i| (0..i).map(move |j| (j, i)));
        let complete = |n: usize, w: i32| {
            Self::new(
                format!("complete graph of {n}"),
                n,
                pairs(n).map(|(i, j)| (i, j, w)),
            )
        };
        let bipartite = |a: usize, b: usize, w: i32| {
            let edges = (0..a).flat_map(move |i| (a..a + b).map(move |j| (i, j, w)));
            Self::new(format!("K({a},{b})"), a + b, edges)
        };
        // Rows of a lattice with periodic ends: both neighbours across are one, coupled twice as strongly.
        let strip = |n: usize| {
            let across = (0..n).map(move |i| (i, n + i, 4));
            let along = (0..2 * n)
                .filter(move |i| n > 2 || i % n == 0)
                .map(move |i| {
                    let w = if n == 2 { 4 } else { 2 };
                    (i, i / n * n + (i + 1) % n, w)
                });
            Self::new(format!("2 x {n} lattice"), 2 * n, across.chain(along))
        };
        let ladder =
            (0..3)
                .map(|i| (i, 3 + i, 4))
                .chain([(0, 1, 4), (1, 2, 4), (3, 4, 4), (4, 5, 4)]);
        let glass = pairs(6).map(|(i, j)| (i, j, if (5 * i + 3 * j) % 4 < 2 { 2 } else { -2 }));
        let signs = pairs(4).map(|(i, j)| (i, j, if (i + 2 * j) % 3 == 0 { -4 } else { 4 }));
        vec![
            ring(3, 4),
            ring(3, -4),
            ring(4, 4),
            ring(5, 4),
            ring(5, -4),
            ring(6, 4),
            complete(4, 4),
            complete(5, 2),
            complete(6, 2),
            bipartite(2, 2, 4),
            bipartite(2, 3, 4),
            bipartite(2, 4, 4),
            bipartite(3, 3, 2),
            bipartite(1, 3, 4),
            bipartite(1, 5, 4),
            bipartite(1, 4, -3),
            strip(2),
            strip(3),
            Self::new("ladder of 2 x 3".into(), 6, ladder),
            Self::new("2 spins without a coupling".into(), 2, []),
            Self::new("4 spins without couplings".into(), 4, []),
            Self::new("4 spins without couplings".into(), 4, []).with_fields(&[0, 1, -2, 5]),
            Self::new("a pair and 2 spins alone".into(), 4, [(0, 2, 4)]),
            Self::new("glass of +-1/2, 6 spins".into(), 6, glass),
            Self::new("glass of +-1, 4 spins".into(), 4, signs),
            ring(6, 4).with_fields(&[1, -1, 2, 0, -4, 1]),
            complete(4, -4).with_fields(&[2, 0, -1, 3]),
            bipartite(1, 4, 3).with_fields(&[-2, 1, 1, 0, -3]),
        ]
    }

    /// Number of spins.
    #[must_use]
    pub fn units(&self) -> usize {
        self.fields.len()
    }

    /// The field of a spin in a state, bit i of which is spin i.
    #[must_use]
    pub fn field(&self, state: usize, unit: usize) -> i32 {
        let spin = |k: usize| 2 * (state >> k & 1) as i32 - 1;
        let terms = self.couplings.iter().map(|&(i, j, w)| {
            if i == unit {
                w * spin(j)
            } else if j == unit {
                w * spin(i)
            } else {
                0
            }
        });
        self.fields[unit] + terms.sum::<i32>()
    }

    /// The energy of a state, in quarters.
    #[must_use]
    pub fn energy(&self, state: usize) -> i64 {
        let spin = |k: usize| 2 * (state >> k & 1) as i64 - 1;
        let pairs = self
            .couplings
            .iter()
            .map(|&(i, j, w)| i64::from(w) * spin(i) * spin(j));
        let fields = self
            .fields
            .iter()
            .enumerate()
            .map(|(i, &h)| i64::from(h) * spin(i));
        -pairs.sum::<i64>() - fields.sum::<i64>()
    }

    /// The same numbers as floats.
    #[must_use]
    pub fn reference(&self) -> Ising {
        let (n, scale) = (self.units(), f64::from(1 << PLACES));
        let mut w = vec![0.0; n * n];
        for &(i, j, coupling) in &self.couplings {
            w[i * n + j] += f64::from(coupling) / scale;
            w[j * n + i] += f64::from(coupling) / scale;
        }
        let h = self.fields.iter().map(|&h| f64::from(h) / scale).collect();
        Ising { w, h }
    }

    /// So many copies that do not see each other as one model: spin i of copy c is spin `c units + i`.
    #[must_use]
    pub fn copies(&self, copies: usize) -> Self {
        let n = self.units();
        let all = (0..copies).flat_map(|c| {
            self.couplings
                .iter()
                .map(move |&(i, j, w)| (c * n + i, c * n + j, w))
        });
        Self {
            name: self.name.clone(),
            couplings: all.collect(),
            fields: self.fields.repeat(copies),
        }
    }

    /// A spin for which a flip costs nothing is added, until there are so many.
    #[must_use]
    pub(super) fn padded(mut self, units: usize) -> Self {
        self.fields.resize(units.max(self.units()), 0);
        self
    }

    /// The engine's model, in rows of neighbours.
    ///
    /// # Errors
    /// Those of [`Sparse::new`].
    pub fn sparse(&self) -> Result<Graph, Error> {
        let mut rows = vec![vec![]; self.units()];
        for &(i, j, w) in &self.couplings {
            rows[i].push((j as u32, w));
            rows[j].push((i as u32, w));
        }
        let (mut offsets, mut neighbours, mut weights) = (vec![0], vec![], vec![]);
        for mut row in rows {
            row.sort_unstable();
            neighbours.extend(row.iter().map(|pair| pair.0));
            weights.extend(row.iter().map(|pair| pair.1));
            offsets.push(neighbours.len() as u32);
        }
        Sparse::new(offsets, neighbours, weights, self.fields.clone(), PLACES)
    }

    /// The engine's model, as a matrix.
    ///
    /// # Errors
    /// Those of [`Dense::new`].
    pub fn dense(&self) -> Result<Dense<i8, Vec<i8>, Vec<i32>>, Error> {
        let n = self.units();
        let mut w = vec![0; n * n];
        for &(i, j, coupling) in &self.couplings {
            w[i * n + j] = coupling as i8;
            w[j * n + i] = coupling as i8;
        }
        Dense::new(n, w, self.fields.clone(), PLACES)
    }
}
