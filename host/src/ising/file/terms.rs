//! Weighted pairs as a text file lists them, and the model that they make.

use std::collections::HashMap;

use super::couplings::Pair;
use super::text::Wrong;
use super::{Convention, Couplings, Problem, Reading};
use crate::model_file::ONE_DIRECTION;

/// A weight of a pair of vertices, or of one vertex where both are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    /// Where it stands, from 1.
    pub(super) line: usize,
    /// Vertices as they were given, counted from 0.
    pub(super) ends: [u32; 2],
    pub(super) weight: f64,
}

/// What equal pairs mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    /// An undirected graph: each pair once, or all of them once in each direction.
    Graph,
    /// A symmetric matrix of which one of both entries is given.
    Symmetric,
    /// All entries of a matrix.
    Matrix,
    /// A sum of terms: equal ones are summed.
    Sum,
}

/// What a text file holds.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) format: String,
    pub(super) units: usize,
    pub(super) pairs: Pairs,
    pub(super) list: Vec<Term>,
    pub(super) notes: Vec<String>,
    /// What vertices are counted from in messages.
    pub(super) base: u32,
}

/// One weight a pair, the smaller vertex first.
type Weights = Vec<Pair>;

impl Term {
    fn key(&self) -> (u32, u32) {
        let [a, b] = self.ends;
        (a.min(b), a.max(b))
    }
}

impl Terms {
    /// The model under a convention; says in `notes` what was not evident.
    pub(super) fn couplings(
        &self,
        convention: Convention,
        reading: Reading,
        notes: &mut Vec<String>,
    ) -> Result<Couplings, Wrong> {
        let mut sorted: Vec<&Term> = self.list.iter().collect();
        // Of equal pairs the order of lines is kept.
        sorted.sort_by_key(|term| term.key());
        let (diagonal, pairs): (Vec<_>, Vec<_>) = sorted
            .into_iter()
            .partition(|term| term.ends[0] == term.ends[1]);
        if convention == Convention::MaxCut {
            self.refuse_loops(&diagonal)?;
        }
        let diagonal = match self.pairs {
            Pairs::Sum => summed(&diagonal, notes, "fields"),
            _ => self.once(&diagonal)?,
        };
        let pairs = match self.pairs {
            Pairs::Sum => summed(&pairs, notes, "pairs"),
            Pairs::Symmetric => self.once(&pairs)?,
            Pairs::Graph => self.graph(&pairs, notes)?,
            Pairs::Matrix => self.matrix(&pairs, reading, notes)?,
        };
        self.model(convention, &diagonal, pairs)
    }

    fn model(
        &self,
        convention: Convention,
        diagonal: &Weights,
        pairs: Weights,
    ) -> Result<Couplings, Wrong> {
        let overflow = || (1, "expected weights whose sum is finite".to_string());
        let total: f64 = pairs.iter().map(|pair| pair.2.abs()).sum();
        let total = diagonal
            .iter()
            .fold(total, |sum, entry| sum + entry.2.abs());
        if !total.is_finite() {
            return Err(overflow());
        }
        if convention == Convention::Qubo {
            return Ok(Couplings::of_qubo(self.units, diagonal, &pairs));
        }
        let sign = match convention {
            Convention::Ising => 1.0,
            _ => -1.0,
        };
        let mut h = vec![0.0; self.units];
        for &(i, _, w) in diagonal {
            h[i as usize] = sign * w + 0.0;
        }
        let problem = match convention {
            Convention::MaxCut => Problem::MaxCut {
                total_weight: pairs.iter().map(|pair| pair.2).sum(),
            },
            _ => Problem::Ising,
        };
        let edges = pairs.into_iter().filter(|pair| pair.2 != 0.0);
        Ok(Couplings {
            h,
            edges: edges.map(|(i, j, w)| (i, j, sign * w)).collect(),
            problem,
        })
    }

    /// A vertex with an edge to itself has no meaning in a cut.
    fn refuse_loops(&self, diagonal: &[&Term]) -> Result<(), Wrong> {
        let first = diagonal.iter().filter(|term| term.weight != 0.0);
        match first.min_by_key(|term| term.line) {
            None => Ok(()),
            Some(term) => Err((
                term.line,
                format!(
                    "vertex {} has an edge to itself, which no cut has; with reading.convention = ising such a weight is a field",
                    term.ends[0] + self.base
                ),
            )),
        }
    }

    /// One weight a pair; refuses a second.
    fn once(&self, terms: &[&Term]) -> Result<Weights, Wrong> {
        let twice = terms.windows(2).filter(|two| two[0].key() == two[1].key());
        if let Some(two) = twice.min_by_key(|two| two[1].line) {
            return Err(self.repeated(two[0], two[1]));
        }
        Ok(terms.iter().map(|term| weighted(term)).collect())
    }

    fn repeated(&self, first: &Term, second: &Term) -> Wrong {
        let [a, b] = second.ends.map(|end| end + self.base);
        let reason = format!(
            "the pair {a} {b} is listed already, in line {}; expected each pair once",
            first.line
        );
        (second.line, reason)
    }

    /// Pairs of an undirected graph.
    fn graph(&self, terms: &[&Term], notes: &mut Vec<String>) -> Result<Weights, Wrong> {
        let (both, _) = terms.as_chunks::<2>();
        let mirrored = |[a, b]: &[&Term; 2]| {
            a.ends[0] == b.ends[1] && a.ends[1] == b.ends[0] && a.weight == b.weight
        };
        let full = !terms.is_empty() && terms.len().is_multiple_of(2) && both.iter().all(mirrored);
        // Halves of two equal pairs would be neighbours too.
        if !full
            || both
                .windows(2)
                .any(|two| two[0][0].key() == two[1][0].key())
        {
            return self.once(terms);
        }
        notes.push("every edge is listed in both directions; each is taken once".into());
        Ok(both.iter().map(|two| weighted(two[0])).collect())
    }

    /// Pairs of a matrix of which all entries are given.
    fn matrix(
        &self,
        terms: &[&Term],
        reading: Reading,
        notes: &mut Vec<String>,
    ) -> Result<Weights, Wrong> {
        let mut entries: HashMap<[u32; 2], &Term> = HashMap::new();
        let mut repeated: Option<(&Term, &Term)> = None;
        for &term in terms {
            if let Some(first) = entries.insert(term.ends, term)
                && repeated.is_none_or(|(_, found)| term.line < found.line)
            {
                repeated = Some((first, term));
            }
        }
        if let Some((first, second)) = repeated {
            return Err(self.repeated(first, second));
        }
        let back = |term: &Term| {
            let [i, j] = term.ends;
            entries.get(&[j, i]).map_or(0.0, |other| other.weight)
        };
        let given = || terms.iter().filter(|term| term.weight != 0.0);
        if given().all(|term| back(term) == 0.0) {
            if given().next().is_some() {
                notes.push(ONE_DIRECTION.into());
            }
            return Ok(given().map(|term| weighted(term)).collect());
        }
        let skew = given().filter(|term| back(term) != term.weight);
        if let (Some(term), false) = (skew.min_by_key(|term| term.line), reading.symmetrise) {
            let [i, j] = term.ends.map(|end| end + self.base);
            let (forth, back) = (term.weight, back(term));
            return Err((
                term.line,
                format!(
                    "entry ({i}, {j}) is {forth} but ({j}, {i}) is {back}; a symmetric matrix was expected (`symmetrise` \
                     takes their mean, which gives the same energy -1/2 s'ws)"
                ),
            ));
        }
        let mut pairs: Weights = vec![];
        for term in terms {
            let (i, j) = term.key();
            if pairs.last().is_none_or(|last| (last.0, last.1) != (i, j)) {
                pairs.push((i, j, 0.5 * term.weight + 0.5 * back(term)));
            }
        }
        Ok(pairs)
    }
}

fn weighted(term: &Term) -> Pair {
    let (i, j) = term.key();
    (i, j, term.weight)
}

/// The sum of equal pairs.
fn summed(terms: &[&Term], notes: &mut Vec<String>, what: &str) -> Weights {
    let mut sums: Weights = vec![];
    for term in terms {
        let (i, j, w) = weighted(term);
        match sums.last_mut() {
            Some(last) if (last.0, last.1) == (i, j) => last.2 += w,
            _ => sums.push((i, j, w)),
        }
    }
    if sums.len() < terms.len() {
        let count = terms.len() - sums.len();
        notes.push(format!(
            "{count} lines repeat {what}; equal ones are summed"
        ));
    }
    sums
}
