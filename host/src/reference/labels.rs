//! The model with one-hot label units: `E(x, y, h) = -h'Wx - b'x - c'h - d_y - h'u_y`.

use super::rbm::{sigmoid, softplus};
use super::softmax::{log_sum_exp, softmax};
use super::{Rbm, state, states};

/// A model of `rbm` and `classes` label units.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The model without its labels.
    pub rbm: Rbm,
    /// u, `[hidden][class]` row-major.
    pub u: Vec<f64>,
    /// d, one per class.
    pub class_bias: Vec<f64>,
}

/// The gradient of a mean of `ln p(y|x)`.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelGradient {
    /// `[hidden][visible]`.
    pub w: Vec<f64>,
    /// `[hidden][class]`.
    pub u: Vec<f64>,
    /// `[hidden]`.
    pub hidden_bias: Vec<f64>,
    /// `[class]`.
    pub class_bias: Vec<f64>,
}

impl Labelled {
    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.class_bias.len()
    }

    /// What hidden unit `j` sees at `x` and label `y`: `c_j + W_j x + u_jy`.
    pub fn field(&self, x: &[f64], j: usize, y: usize) -> f64 {
        self.rbm.hidden_field(x)[j] + self.u[j * self.classes() + y]
    }

    /// `-F(x, y) = b'x + d_y + sum_j softplus(o_yj)` for every class.
    pub fn logits(&self, x: &[f64]) -> Vec<f64> {
        let mut logits = self.class_bias.clone();
        for y in 0..self.classes() {
            for (bias, unit) in self.rbm.visible_bias.iter().zip(x) {
                logits[y] += bias * unit;
            }
            for j in 0..self.rbm.hidden {
                logits[y] += softplus(self.field(x, j, y));
            }
        }
        logits
    }

    /// `p(y|x)`.
    pub fn p_class(&self, x: &[f64]) -> Vec<f64> {
        softmax(&self.logits(x), 1.0)
    }

    /// `E(x) = -ln sum_y exp(-F(x, y))`.
    pub fn energy(&self, x: &[f64]) -> f64 {
        -log_sum_exp(&self.logits(x))
    }

    /// `ln Z = ln sum_x sum_y exp(-F(x, y))`.
    pub fn ln_z(&self) -> f64 {
        let energies = states(self.rbm.visible).map(|x| -self.energy(&state(x, self.rbm.visible)));
        log_sum_exp(&energies.collect::<Vec<_>>())
    }

    /// `p(x|y)` of every `x`.
    pub fn p_given_class(&self, y: usize) -> Vec<f64> {
        let logits = states(self.rbm.visible).map(|x| self.logits(&state(x, self.rbm.visible))[y]);
        softmax(&logits.collect::<Vec<_>>(), 1.0)
    }

    /// Mean `ln p(y|x)`.
    pub fn conditional_log_likelihood(&self, data: &[Vec<f64>], labels: &[usize]) -> f64 {
        let pairs = data.iter().zip(labels);
        pairs.map(|(x, &y)| self.p_class(x)[y].ln()).sum::<f64>() / data.len() as f64
    }

    /// The gradient of [`Self::conditional_log_likelihood`]: `([k = y] - p(k|x)) sigmoid(o_kj)` is what hidden unit `j` and
    /// class `k` give to `u_jk`, to `c_j`, and times `x_i` to `w_ji` (Larochelle and Bengio 2008, equation 12).
    pub fn gradient(&self, data: &[Vec<f64>], labels: &[usize]) -> LabelGradient {
        let (hidden, visible, classes) = (self.rbm.hidden, self.rbm.visible, self.classes());
        let mut gradient = LabelGradient {
            w: vec![0.0; hidden * visible],
            u: vec![0.0; hidden * classes],
            hidden_bias: vec![0.0; hidden],
            class_bias: vec![0.0; classes],
        };
        for (x, &y) in data.iter().zip(labels) {
            let p = self.p_class(x);
            for k in 0..classes {
                let lacking = (f64::from(u8::from(k == y)) - p[k]) / data.len() as f64;
                gradient.class_bias[k] += lacking;
                for j in 0..hidden {
                    let change = lacking * sigmoid(self.field(x, j, k));
                    gradient.u[j * classes + k] += change;
                    gradient.hidden_bias[j] += change;
                    for i in 0..visible {
                        gradient.w[j * visible + i] += change * x[i];
                    }
                }
            }
        }
        gradient
    }
}
