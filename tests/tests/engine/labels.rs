//! Models with label units: the engine against the reference, and the reference against results from elsewhere.

mod agreement;
mod calibration;
mod files;
mod training;

use bitspin::model_file::{LabelledParameters, RbmParameters};
use bitspin::reference::labels::Labelled;
use bitspin::reference::{Rbm, state};
use serde::Deserialize;

/// One model of `data/joint_ebm.json`.
#[derive(Deserialize)]
struct Case {
    visible: usize,
    hidden: usize,
    classes: usize,
    w: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    class_bias: Vec<f64>,
    ln_z: f64,
    states: Vec<usize>,
    logits: Vec<Vec<f64>>,
    p_class: Vec<Vec<f64>>,
    energy_x: Vec<f64>,
    ln_p_x: Vec<f64>,
    ln_p_joint: Vec<Vec<f64>>,
}

fn cases<T: for<'a> Deserialize<'a>>(json: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct File<T> {
        cases: Vec<T>,
    }
    let file: File<T> = serde_json::from_str(json).unwrap();
    assert!(!file.cases.is_empty());
    file.cases
}

fn models() -> Vec<Case> {
    cases(include_str!("../../data/joint_ebm.json"))
}

impl Case {
    fn reference(&self) -> Labelled {
        let (b, c) = (self.visible_bias.clone(), self.hidden_bias.clone());
        Labelled {
            rbm: Rbm::new(self.w.concat(), b, c),
            u: self.u.concat(),
            class_bias: self.class_bias.clone(),
        }
    }

    fn parameters(&self) -> LabelledParameters {
        let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let rows = self.w.iter().zip(&self.u);
        LabelledParameters {
            joint: RbmParameters {
                visible: self.visible + self.classes,
                hidden: self.hidden,
                w: rows
                    .flat_map(|(w, u)| narrow(&[&w[..], u].concat()))
                    .collect(),
                visible_bias: narrow(&[&self.visible_bias[..], &self.class_bias].concat()),
                hidden_bias: narrow(&self.hidden_bias),
            },
            classes: self.classes,
        }
    }

    /// -F(x, y) of state `k`: the file's logits are short of the term b'x, which is the same for all classes.
    fn exact_logits(&self, k: usize) -> Vec<f64> {
        let x = state(self.states[k], self.visible);
        let linear: f64 = x.iter().zip(&self.visible_bias).map(|(x, b)| x * b).sum();
        self.logits[k].iter().map(|logit| logit + linear).collect()
    }

    /// The most that a logit of the quantised model is off: half a step for every parameter, and softplus's own error.
    fn bound(&self) -> f64 {
        let half = 0.5 / 2048.0;
        let parameters = self.visible * (self.hidden + 1) + 2 * self.hidden + 1;
        half * parameters as f64 + self.hidden as f64 / 65_536.0 + 1e-6
    }
}
