//! The gradient of the likelihood, and contrastive divergence: what is sampled, and what it is on average.
//!
//! Hidden units enter both statistics by their probabilities, visible units by their sampled values.

use super::{Moments, Rbm};

/// One number per parameter: the direction in which each should go to make the data more probable.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// For the weights, `[hidden][visible]` row-major.
    pub w: Vec<f64>,
    /// For the visible biases, `[visible]`.
    pub visible_bias: Vec<f64>,
    /// For the hidden biases, `[hidden]`.
    pub hidden_bias: Vec<f64>,
}

impl Rbm {
    /// The gradient of the mean log-likelihood of `data` (`[samples][visible]`, 0/1) in nats:
    /// `<h v>_data - <h v>_model` for the weights, and so for the biases.
    pub fn gradient(&self, data: &[Vec<f64>]) -> Gradient {
        difference(self.data_moments(data), self.moments())
    }

    /// The exact expectation, over its sampling, of the CD-k update for `data`: `<h v>_0 - <h v>_k`.
    ///
    /// The chains start at the data and make `k` Gibbs steps, `2^(visible + hidden)` terms each. For `k` to infinity
    /// this is [`Rbm::gradient`].
    pub fn expected_cd(&self, data: &[Vec<f64>], k: usize) -> Gradient {
        let mut q = self.empirical(data);
        for _ in 0..k {
            q = self.gibbs_step(&q);
        }
        difference(self.data_moments(data), self.moments_under(&q))
    }

    /// The CD statistics of given visible states: `v0` the data, `v1` where their chains ended, both `[samples][visible]`.
    pub fn cd_statistics(&self, v0: &[Vec<f64>], v1: &[Vec<f64>]) -> Gradient {
        assert_eq!(v0.len(), v1.len());
        difference(self.data_moments(v0), self.data_moments(v1))
    }

    /// The means over `data` (`[samples][visible]`, 0/1) of `v`, `p(h|v)` and `p(h|v) v'`.
    pub fn data_moments(&self, data: &[Vec<f64>]) -> Moments {
        let each = 1.0 / data.len() as f64;
        let mut moments = Moments {
            mean_visible: vec![0.0; self.visible],
            mean_hidden: vec![0.0; self.hidden],
            correlation_hv: vec![0.0; self.hidden * self.visible],
        };
        for v in data {
            let h = self.p_hidden(v);
            for i in 0..self.visible {
                moments.mean_visible[i] += each * v[i];
            }
            for j in 0..self.hidden {
                moments.mean_hidden[j] += each * h[j];
                for i in 0..self.visible {
                    moments.correlation_hv[j * self.visible + i] += each * h[j] * v[i];
                }
            }
        }
        moments
    }
}

fn difference(of_data: Moments, of_model: Moments) -> Gradient {
    let minus = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(b).map(|(a, b)| a - b).collect();
    Gradient {
        w: minus(of_data.correlation_hv, of_model.correlation_hv),
        visible_bias: minus(of_data.mean_visible, of_model.mean_visible),
        hidden_bias: minus(of_data.mean_hidden, of_model.mean_hidden),
    }
}
