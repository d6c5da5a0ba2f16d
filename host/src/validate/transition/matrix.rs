//! Transition matrices: what they keep, and how fast they forget.

/// Doublings of a chain's length after which it counts as one that never forgets where it started.
const MOST_DOUBLINGS: u32 = 40;

/// The most steps that a chain may take to forget where it started: 2^40.
pub const LONGEST: f64 = 1_099_511_627_776.0;

/// Probabilities from each of some states to each, `[from][to]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    size: usize,
    p: Vec<f64>,
}

impl Matrix {
    /// Every state stays as it is.
    #[must_use]
    pub fn identity(size: usize) -> Self {
        let mut p = vec![0.0; size * size];
        p.iter_mut().step_by(size + 1).for_each(|p| *p = 1.0);
        Self { size, p }
    }

    /// The matrix of these probabilities.
    ///
    /// # Panics
    /// Unless there are `size` squared.
    #[must_use]
    pub fn from_rows(size: usize, p: Vec<f64>) -> Self {
        assert_eq!(p.len(), size * size);
        Self { size, p }
    }

    /// This, and then a step from each state to another or to the same: `step` gives the other, and its probability.
    #[must_use]
    pub fn then(&self, step: impl Fn(usize) -> (usize, f64)) -> Self {
        let mut next = vec![0.0; self.p.len()];
        let steps: Vec<_> = (0..self.size).map(step).collect();
        let rows = self
            .p
            .chunks_exact(self.size)
            .zip(next.chunks_exact_mut(self.size));
        for (row, next) in rows {
            for (from, (&p, &(to, share))) in row.iter().zip(&steps).enumerate() {
                next[from] += p * (1.0 - share);
                next[to] += p * share;
            }
        }
        Self {
            size: self.size,
            p: next,
        }
    }

    /// This, and then another.
    #[must_use]
    pub fn product(&self, other: &Self) -> Self {
        let mut next = vec![0.0; self.p.len()];
        let rows = self
            .p
            .chunks_exact(self.size)
            .zip(next.chunks_exact_mut(self.size));
        for (row, next) in rows {
            for (&p, other) in row.iter().zip(other.p.chunks_exact(self.size)) {
                if p != 0.0 {
                    next.iter_mut()
                        .zip(other)
                        .for_each(|(next, other)| *next += p * other);
                }
            }
        }
        Self {
            size: self.size,
            p: next,
        }
    }

    /// The sum of matrices with weights.
    #[must_use]
    pub fn mixture(size: usize, parts: impl IntoIterator<Item = (f64, Self)>) -> Self {
        let mut p = vec![0.0; size * size];
        for (weight, part) in parts {
            p.iter_mut()
                .zip(&part.p)
                .for_each(|(p, part)| *p += weight * part);
        }
        Self { size, p }
    }

    /// This so many times.
    #[must_use]
    pub fn power(&self, times: usize) -> Self {
        (0..times).fold(Self::identity(self.size), |power, _| power.product(self))
    }

    /// The largest magnitude of an element.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.p.iter().fold(0.0, |largest, p| largest.max(p.abs()))
    }

    /// sum_b |sum_a pi_a P_ab - pi_b|.
    #[must_use]
    pub fn stationary_error(&self, pi: &[f64]) -> f64 {
        let mut after = vec![0.0; self.size];
        for (row, &weight) in self.p.chunks_exact(self.size).zip(pi) {
            after
                .iter_mut()
                .zip(row)
                .for_each(|(after, p)| *after += weight * p);
        }
        after
            .iter()
            .zip(pi)
            .map(|(after, pi)| (after - pi).abs())
            .sum()
    }

    /// How far the distributions from two starts are apart at most: the total variation between two rows, which is
    /// Dobrushin's coefficient. That of a product is no larger than the product of both, and it goes to 0 as the matrix is
    /// raised to powers if and only if 1 is a simple eigenvalue and no other has modulus 1.
    #[must_use]
    pub fn spread(&self) -> f64 {
        let rows: Vec<_> = self.p.chunks_exact(self.size).collect();
        let pairs = rows
            .iter()
            .enumerate()
            .flat_map(|(i, a)| rows[..i].iter().map(move |b| (a, b)));
        let apart = |(a, b): (&&[f64], &&[f64])| {
            a.iter().zip(*b).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
        };
        pairs.map(apart).fold(0.0, f64::max)
    }

    /// The relaxation time -1 / ln |lambda|, lambda being the second largest eigenvalue by modulus, from the spread of
    /// powers 2^k: 0 where one step forgets everything, `None` if none does up to [`LONGEST`] steps.
    #[must_use]
    pub fn relaxation(&self) -> Option<f64> {
        /// Spreads that are rounding.
        const ROUNDING: f64 = 1e-13;
        let (mut power, mut steps) = (self.clone(), 1.0);
        let mut spread = power.spread();
        for _ in 0..=MOST_DOUBLINGS {
            if spread < ROUNDING {
                return Some(0.0);
            }
            let mut square = power.product(&power);
            square.normalise();
            let after = square.spread();
            if after < 1e-4 {
                // Of C lambda^m and C lambda^(2 m).
                return Some(steps / (spread / after.max(ROUNDING)).ln());
            }
            (power, spread, steps) = (square, after, 2.0 * steps);
        }
        None
    }

    fn normalise(&mut self) {
        for row in self.p.chunks_exact_mut(self.size) {
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relaxation_time_is_that_of_the_second_eigenvalue() {
        // Eigenvalues 1 and 1 - a - b.
        for (a, b) in [(0.1, 0.2), (0.9, 0.95), (1e-6, 2e-6)] {
            let chain = Matrix::from_rows(2, vec![1.0 - a, a, b, 1.0 - b]);
            let expected = -1.0 / (1.0 - a - b).abs().ln();
            let found = chain.relaxation().expect("a chain that forgets");
            assert!((found / expected - 1.0).abs() < 1e-6, "{found}, {expected}");
            assert!(chain.stationary_error(&[b / (a + b), a / (a + b)]) < 1e-15);
        }
    }

    #[test]
    fn periods_and_parts_are_seen() {
        let turns = Matrix::from_rows(2, vec![0.0, 1.0, 1.0, 0.0]);
        assert_eq!(turns.relaxation(), None);
        assert_eq!(Matrix::identity(3).relaxation(), None);
        let half = Matrix::from_rows(2, vec![0.5; 4]);
        assert_eq!(half.relaxation(), Some(0.0));
    }
}
