//! Exact results for a small model, by enumerating its states.

use super::Rbm;
use crate::reference::softmax::log_sum_exp;
use crate::reference::{state, states};

/// The means under the model's own distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `<v_i>`, `[visible]`.
    pub mean_visible: Vec<f64>,
    /// `<h_j>`, `[hidden]`.
    pub mean_hidden: Vec<f64>,
    /// `<h_j v_i>`, `[hidden][visible]` row-major.
    pub correlation_hv: Vec<f64>,
}

impl Rbm {
    /// `ln Z` over the smaller layer: `2^min(visible, hidden)` free energies.
    pub fn ln_z(&self) -> f64 {
        if self.visible <= self.hidden {
            self.ln_z_over_visible()
        } else {
            self.ln_z_over_hidden()
        }
    }

    /// `ln Z = ln sum_v exp(-F(v))`, `2^visible` terms.
    pub fn ln_z_over_visible(&self) -> f64 {
        let exponents: Vec<f64> = states(self.visible)
            .map(|v| -self.free_energy(&state(v, self.visible)))
            .collect();
        log_sum_exp(&exponents)
    }

    /// `ln Z` with the visible layer summed in closed form, `2^hidden` terms.
    pub fn ln_z_over_hidden(&self) -> f64 {
        let exponents: Vec<f64> = states(self.hidden)
            .map(|h| -self.free_energy_of_hidden(&state(h, self.hidden)))
            .collect();
        log_sum_exp(&exponents)
    }

    /// `p(v)` of every visible state, `[2^visible]`.
    pub fn visible_distribution(&self) -> Vec<f64> {
        let ln_z = self.ln_z();
        states(self.visible)
            .map(|v| (-self.free_energy(&state(v, self.visible)) - ln_z).exp())
            .collect()
    }

    /// `p(v, h)` of every pair of states, `[2^hidden][2^visible]` row-major, from the energies alone.
    pub fn joint_distribution(&self) -> Vec<f64> {
        let mut exponents = Vec::new();
        for h in states(self.hidden) {
            for v in states(self.visible) {
                exponents.push(-self.energy(&state(v, self.visible), &state(h, self.hidden)));
            }
        }
        let ln_z = log_sum_exp(&exponents);
        exponents.iter().map(|x| (x - ln_z).exp()).collect()
    }

    /// The moments under `p(v) p(h|v)`, with `p(v)` the model's own distribution.
    pub fn moments(&self) -> Moments {
        self.moments_under(&self.visible_distribution())
    }

    /// The moments under `q(v) p(h|v)`, for any distribution `q` over the visible states, `[2^visible]`.
    pub fn moments_under(&self, q: &[f64]) -> Moments {
        assert_eq!(q.len(), states(self.visible).len());
        let mut moments = Moments {
            mean_visible: vec![0.0; self.visible],
            mean_hidden: vec![0.0; self.hidden],
            correlation_hv: vec![0.0; self.hidden * self.visible],
        };
        for (number, q) in q.iter().enumerate() {
            let v = state(number, self.visible);
            let h = self.p_hidden(&v);
            for i in 0..self.visible {
                moments.mean_visible[i] += q * v[i];
            }
            for j in 0..self.hidden {
                moments.mean_hidden[j] += q * h[j];
                for i in 0..self.visible {
                    moments.correlation_hv[j * self.visible + i] += q * h[j] * v[i];
                }
            }
        }
        moments
    }

    /// The mean of `ln p(v)` over `data` (`[samples][visible]`, 0/1), in nats per sample.
    pub fn log_likelihood(&self, data: &[Vec<f64>]) -> f64 {
        let ln_z = self.ln_z();
        let mut sum = 0.0;
        for v in data {
            sum += -self.free_energy(v) - ln_z;
        }
        sum / data.len() as f64
    }

    /// The mean over `data` of the pseudo-log-likelihood `sum_i ln p(v_i | the other units)`, over all units, in nats.
    ///
    /// `p(v_i | others) = sigmoid(F(v with unit i flipped) - F(v))`; no `Z`, so it serves models of any size.
    pub fn pseudo_log_likelihood(&self, data: &[Vec<f64>]) -> f64 {
        let mut sum = 0.0;
        for v in data {
            for i in 0..self.visible {
                let mut flipped = v.clone();
                flipped[i] = 1.0 - v[i];
                sum -= super::softplus(self.free_energy(v) - self.free_energy(&flipped));
            }
        }
        sum / data.len() as f64
    }

    /// One Gibbs step `v -> h -> v'` of a distribution `q` over the visible states: `q'(v') = sum_vh q(v) p(h|v) p(v'|h)`.
    ///
    /// `q` and the result are `[2^visible]`; `2^(visible + hidden)` terms each way. The model's own distribution stays.
    pub fn gibbs_step(&self, q: &[f64]) -> Vec<f64> {
        assert_eq!(q.len(), states(self.visible).len());
        let mut of_hidden = vec![0.0; states(self.hidden).len()];
        for (v, q) in q.iter().enumerate().filter(|&(_, &q)| q > 0.0) {
            let p = self.p_hidden(&state(v, self.visible));
            for (h, sum) in of_hidden.iter_mut().enumerate() {
                *sum += q * probability_of(&state(h, self.hidden), &p);
            }
        }
        let mut next = vec![0.0; q.len()];
        for (h, q) in of_hidden.iter().enumerate() {
            let p = self.p_visible(&state(h, self.hidden));
            for (v, sum) in next.iter_mut().enumerate() {
                *sum += q * probability_of(&state(v, self.visible), &p);
            }
        }
        next
    }

    /// The probability of every visible state one Gibbs step after the visible state `v`, `[2^visible]`.
    pub fn gibbs_transition(&self, v: &[f64]) -> Vec<f64> {
        self.gibbs_step(&self.empirical(&[v.to_vec()]))
    }

    /// The distribution of `data` over the visible states, `[2^visible]`: each sample counts `1 / samples`.
    pub fn empirical(&self, data: &[Vec<f64>]) -> Vec<f64> {
        let mut q = vec![0.0; states(self.visible).len()];
        for v in data {
            let mut number = 0;
            for i in 0..self.visible {
                number += (v[i] as usize) << i;
            }
            q[number] += 1.0 / data.len() as f64;
        }
        q
    }
}

/// The probability that independent units, each on with probability `p[i]`, are in the state `units`.
fn probability_of(units: &[f64], p: &[f64]) -> f64 {
    let mut product = 1.0;
    for (&unit, p) in units.iter().zip(p) {
        product *= if unit == 1.0 { *p } else { 1.0 - p };
    }
    product
}
