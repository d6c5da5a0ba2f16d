//! Boltzmann machines: what they say of visible states, and how every learning rule would change them.
//!
//! The first `visible` spins are visible, the others hidden; beta is 1. Data are numbers of visible states.

use super::ising::{Ising, Moments, spins};
use super::{softmax, states};

/// A Boltzmann machine.
#[derive(Clone, Debug, PartialEq)]
pub struct BoltzmannMachine {
    /// All spins.
    pub ising: Ising,
    /// How many of them are visible.
    pub visible: usize,
}

/// Changes of parameters, of the shapes of w and h. The entries (i, j) and (j, i) of w are one parameter, and equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Of the couplings, N x N.
    pub w: Vec<f64>,
    /// Of the fields, N.
    pub h: Vec<f64>,
}

/// What a rule without a thermal average minimises, by the probabilities p of a state and q of its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// -ln p/(p + q).
    PseudoLikelihood,
    /// (q/(p + q))^2.
    RatioMatching,
    /// sqrt(q/p).
    Flow,
}

impl Objective {
    /// The loss of one neighbour.
    pub fn loss(self, p: f64, q: f64) -> f64 {
        match self {
            Self::PseudoLikelihood => -(p / (p + q)).ln(),
            Self::RatioMatching => (q / (p + q)).powi(2),
            Self::Flow => (q / p).sqrt(),
        }
    }

    /// The derivative of the loss with respect to ln p - ln q.
    pub fn derivative(self, p: f64, q: f64) -> f64 {
        let share = q / (p + q);
        match self {
            Self::PseudoLikelihood => -share,
            Self::RatioMatching => -2.0 * share * share * (1.0 - share),
            Self::Flow => -0.5 * (q / p).sqrt(),
        }
    }
}

impl BoltzmannMachine {
    /// The numbers of the states of all spins whose visible ones are in state `v`.
    fn completions(&self, v: usize) -> impl Iterator<Item = usize> + use<> {
        let visible = self.visible;
        states(self.ising.units() - visible).map(move |hidden| hidden << visible | v)
    }

    /// p(v) of all visible states.
    pub fn distribution(&self) -> Vec<f64> {
        let p = self.ising.distribution(1.0);
        let marginal = |v| self.completions(v).map(|a| p[a]).sum();
        states(self.visible).map(marginal).collect()
    }

    /// -F(v) = ln sum_h exp(-E(v, h)).
    pub fn ln_weight(&self, v: usize) -> f64 {
        let n = self.ising.units();
        let completions = self.completions(v);
        let weights: Vec<f64> = completions
            .map(|a| -self.ising.energy(&spins(a, n)))
            .collect();
        softmax::log_sum_exp(&weights)
    }

    /// Means over the hidden spins given v: the clamped phase.
    pub fn clamped(&self, v: usize) -> Moments {
        let all = self.ising.distribution(1.0);
        let total: f64 = self.completions(v).map(|a| all[a]).sum();
        let mut p = vec![0.0; all.len()];
        self.completions(v).for_each(|a| p[a] = all[a] / total);
        self.ising.moments(&p)
    }

    /// The mean of ln p(v) over data.
    pub fn log_likelihood(&self, data: &[usize]) -> f64 {
        let p = self.distribution();
        data.iter().map(|&v| p[v].ln()).sum::<f64>() / data.len() as f64
    }

    /// Its gradient, the lecture's rule: clamped means less thermal ones.
    pub fn gradient(&self, data: &[usize]) -> Gradient {
        let thermal = self.ising.moments(&self.ising.distribution(1.0));
        let mut sum = self.zero();
        for &v in data {
            sum.add(1.0 / data.len() as f64, &self.clamped(v));
        }
        sum.add(-1.0, &thermal);
        sum
    }

    /// The mean over data of an objective, summed over the visible spins.
    pub fn objective(&self, objective: Objective, data: &[usize]) -> f64 {
        let p = self.distribution();
        let mut sum = 0.0;
        for &v in data {
            for i in 0..self.visible {
                sum += objective.loss(p[v], p[v ^ 1 << i]);
            }
        }
        sum / data.len() as f64
    }

    /// Minus its gradient.
    pub fn descent(&self, objective: Objective, data: &[usize]) -> Gradient {
        let p = self.distribution();
        let means: Vec<Moments> = states(self.visible).map(|v| self.clamped(v)).collect();
        let mut sum = self.zero();
        for &v in data {
            for i in 0..self.visible {
                let turned = v ^ 1 << i;
                let pull = -objective.derivative(p[v], p[turned]) / data.len() as f64;
                sum.add(pull, &means[v]);
                sum.add(-pull, &means[turned]);
            }
        }
        sum
    }

    fn zero(&self) -> Gradient {
        let n = self.ising.units();
        Gradient {
            w: vec![0.0; n * n],
            h: vec![0.0; n],
        }
    }
}

impl Gradient {
    /// Adds so many times the derivatives of -E: s_i of h_i and s_i s_j of w_ij.
    fn add(&mut self, factor: f64, means: &Moments) {
        let n = self.h.len();
        for i in 0..n {
            self.h[i] += factor * means.spin[i];
            for j in 0..n {
                if i != j {
                    self.w[i * n + j] += factor * means.correlation[i * n + j];
                }
            }
        }
    }
}
