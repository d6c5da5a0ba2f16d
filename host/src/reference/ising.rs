//! Ising models: energies, the Boltzmann distribution by enumeration, and single flips as transition matrices.
//!
//! A spin is -1.0 or +1.0. Couplings are N x N numbers, row by row, symmetric with a zero diagonal; bit `i` of a state's
//! number is set where spin i is +1.

use super::{hopfield, softmax, state, states};

/// An Ising model, E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i.
#[derive(Clone, Debug, PartialEq)]
pub struct Ising {
    /// w, N x N.
    pub w: Vec<f64>,
    /// h, N.
    pub h: Vec<f64>,
}

/// Means under a distribution of states.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `<E>`.
    pub energy: f64,
    /// `<s_i>`.
    pub spin: Vec<f64>,
    /// `<s_i s_j>`, N x N.
    pub correlation: Vec<f64>,
}

/// The spins of state `number`.
pub fn spins(number: usize, units: usize) -> Vec<f64> {
    state(number, units).iter().map(|s| 2.0 * s - 1.0).collect()
}

impl Ising {
    /// Number of spins.
    pub fn units(&self) -> usize {
        self.h.len()
    }

    /// E of a state.
    pub fn energy(&self, s: &[f64]) -> f64 {
        hopfield::energy(&self.w, &self.h, s)
    }

    /// What turning spin k over adds to the energy: s_k epsilon_k, epsilon_k = 2 (h_k + sum_j w_kj s_j).
    pub fn flip_cost(&self, s: &[f64], k: usize) -> f64 {
        2.0 * s[k] * (self.h[k] + hopfield::field(&self.w, s, k))
    }

    /// The energies of all states, in the order of their numbers.
    pub fn energies(&self) -> Vec<f64> {
        let n = self.units();
        states(n).map(|a| self.energy(&spins(a, n))).collect()
    }

    /// ln Z at an inverse temperature.
    pub fn ln_z(&self, beta: f64) -> f64 {
        softmax::ln_partition_function(&self.energies(), 1.0 / beta)
    }

    /// p of all states: exp(-beta E) / Z.
    pub fn distribution(&self, beta: f64) -> Vec<f64> {
        softmax::boltzmann(&self.energies(), 1.0 / beta)
    }

    /// Means under a distribution of all states.
    pub fn moments(&self, p: &[f64]) -> Moments {
        let n = self.units();
        let mut moments = Moments {
            energy: 0.0,
            spin: vec![0.0; n],
            correlation: vec![0.0; n * n],
        };
        for a in states(n) {
            let s = spins(a, n);
            moments.energy += p[a] * self.energy(&s);
            for i in 0..n {
                moments.spin[i] += p[a] * s[i];
                for j in 0..n {
                    moments.correlation[i * n + j] += p[a] * s[i] * s[j];
                }
            }
        }
        moments
    }
}

/// The probability that Metropolis makes a flip of so large a cost: 7/8 min(1, exp(-beta cost)).
pub fn metropolis(beta: f64, cost: f64) -> f64 {
    0.875 * (-beta * cost).exp().min(1.0)
}

/// The probability that the heat bath makes a flip of so large a cost: 1 / (1 + exp(beta cost)).
pub fn glauber(beta: f64, cost: f64) -> f64 {
    1.0 / (1.0 + (beta * cost).exp())
}

impl Ising {
    /// The transition matrix of one attempt to flip spin k, `[from][to]`, where `accept` gives the probability of a flip
    /// of a cost.
    pub fn attempt(&self, accept: impl Fn(f64) -> f64, k: usize) -> Vec<Vec<f64>> {
        let n = self.units();
        let mut matrix = vec![vec![0.0; 1 << n]; 1 << n];
        for a in states(n) {
            let flips = accept(self.flip_cost(&spins(a, n), k));
            matrix[a][a ^ 1 << k] = flips;
            matrix[a][a] = 1.0 - flips;
        }
        matrix
    }

    /// The transition matrix of a sweep: an attempt for every spin in ascending order.
    pub fn sweep(&self, accept: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let mut matrix = self.attempt(&accept, 0);
        for k in 1..self.units() {
            matrix = product(&matrix, &self.attempt(&accept, k));
        }
        matrix
    }

    /// The transition matrix of an attempt for a spin that is drawn at random.
    pub fn random_attempt(&self, accept: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let n = self.units();
        let mut matrix = vec![vec![0.0; 1 << n]; 1 << n];
        for k in 0..n {
            let one = self.attempt(&accept, k);
            for a in states(n) {
                for b in states(n) {
                    matrix[a][b] += one[a][b] / n as f64;
                }
            }
        }
        matrix
    }
}

/// The matrix of one transition after another.
pub fn product(first: &[Vec<f64>], then: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let size = first.len();
    let mut matrix = vec![vec![0.0; size]; size];
    for a in 0..size {
        for b in 0..size {
            for c in 0..size {
                matrix[a][c] += first[a][b] * then[b][c];
            }
        }
    }
    matrix
}
