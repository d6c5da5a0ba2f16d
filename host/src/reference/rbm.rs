//! The restricted Boltzmann machine: two layers of 0/1 units, `E(v, h) = -h'Wv - b'v - c'h`.
//!
//! Here the energies and the conditionals; [`exact`] enumerates states, [`learning`] has gradients and their estimates.

pub mod exact;
pub mod learning;

pub use exact::Moments;
pub use learning::Gradient;

/// A restricted Boltzmann machine of `visible` by `hidden` units.
#[derive(Clone, Debug, PartialEq)]
pub struct Rbm {
    /// The number of visible units.
    pub visible: usize,
    /// The number of hidden units.
    pub hidden: usize,
    /// W, `[hidden][visible]` row-major: the weight from visible `i` to hidden `j` is `w[j * visible + i]`.
    pub w: Vec<f64>,
    /// b, one per visible unit.
    pub visible_bias: Vec<f64>,
    /// c, one per hidden unit.
    pub hidden_bias: Vec<f64>,
}

impl Rbm {
    /// A model of these parameters; the biases give its shape.
    ///
    /// # Panics
    /// Where `w` has not `hidden * visible` elements.
    pub fn new(w: Vec<f64>, visible_bias: Vec<f64>, hidden_bias: Vec<f64>) -> Self {
        let (visible, hidden) = (visible_bias.len(), hidden_bias.len());
        assert_eq!(w.len(), hidden * visible, "w is [hidden][visible]");
        Self {
            visible,
            hidden,
            w,
            visible_bias,
            hidden_bias,
        }
    }

    /// The weight between hidden unit `j` and visible unit `i`.
    pub fn weight(&self, j: usize, i: usize) -> f64 {
        self.w[j * self.visible + i]
    }

    /// `E(v, h) = -sum_ij h_j w_ji v_i - sum_i b_i v_i - sum_j c_j h_j`.
    pub fn energy(&self, v: &[f64], h: &[f64]) -> f64 {
        let mut energy = 0.0;
        for j in 0..self.hidden {
            for i in 0..self.visible {
                energy -= h[j] * self.weight(j, i) * v[i];
            }
        }
        for i in 0..self.visible {
            energy -= self.visible_bias[i] * v[i];
        }
        for j in 0..self.hidden {
            energy -= self.hidden_bias[j] * h[j];
        }
        energy
    }

    /// What each hidden unit sees, `c_j + sum_i w_ji v_i`, `[hidden]`; `v` may hold probabilities.
    pub fn hidden_field(&self, v: &[f64]) -> Vec<f64> {
        assert_eq!(v.len(), self.visible);
        let mut field = self.hidden_bias.clone();
        for j in 0..self.hidden {
            for i in 0..self.visible {
                field[j] += self.weight(j, i) * v[i];
            }
        }
        field
    }

    /// What each visible unit sees, `b_i + sum_j w_ji h_j`, `[visible]`; `h` may hold probabilities.
    pub fn visible_field(&self, h: &[f64]) -> Vec<f64> {
        assert_eq!(h.len(), self.hidden);
        let mut field = self.visible_bias.clone();
        for i in 0..self.visible {
            for j in 0..self.hidden {
                field[i] += self.weight(j, i) * h[j];
            }
        }
        field
    }

    /// `p(h_j = 1 | v)`, `[hidden]`; `v` may hold probabilities.
    pub fn p_hidden(&self, v: &[f64]) -> Vec<f64> {
        self.hidden_field(v).into_iter().map(sigmoid).collect()
    }

    /// `p(v_i = 1 | h)`, `[visible]`; `h` may hold probabilities.
    pub fn p_visible(&self, h: &[f64]) -> Vec<f64> {
        self.visible_field(h).into_iter().map(sigmoid).collect()
    }

    /// The mean-field (deterministic) pass `v -> p(h|v) -> p(v|h = p(h|v))`, `[visible]`.
    pub fn reconstruct(&self, v: &[f64]) -> Vec<f64> {
        self.p_visible(&self.p_hidden(v))
    }

    /// `F(v) = -ln sum_h exp(-E(v, h)) = -b'v - sum_j softplus(c_j + W_j v)`, so that `p(v) = exp(-F(v)) / Z`.
    pub fn free_energy(&self, v: &[f64]) -> f64 {
        let mut free_energy = 0.0;
        for (bias, unit) in self.visible_bias.iter().zip(v) {
            free_energy -= bias * unit;
        }
        for field in self.hidden_field(v) {
            free_energy -= softplus(field);
        }
        free_energy
    }

    /// The same for the hidden layer, `-ln sum_v exp(-E(v, h)) = -c'h - sum_i softplus(b_i + (W'h)_i)`.
    pub fn free_energy_of_hidden(&self, h: &[f64]) -> f64 {
        let mut free_energy = 0.0;
        for (bias, unit) in self.hidden_bias.iter().zip(h) {
            free_energy -= bias * unit;
        }
        for field in self.visible_field(h) {
            free_energy -= softplus(field);
        }
        free_energy
    }
}

/// The logistic function `1 / (1 + exp(-x))`.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(1 + exp(x))`, which must not overflow for a large `x`.
pub fn softplus(x: f64) -> f64 {
    if x > 0.0 {
        x + (-x).exp().ln_1p()
    } else {
        x.exp().ln_1p()
    }
}
