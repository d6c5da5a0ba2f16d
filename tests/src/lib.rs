//! What the cross-crate tests share: the reference results, and the command as a user runs it.

pub mod board;
pub mod book;
pub mod command;
pub mod digits;
pub mod firmware;

use bitspin::reference::{Rbm, rbm::Gradient, state};
use bitspin::validate::Witnesses;
use bitspin_core::rng::ChainRng;
use serde::Deserialize;

/// One model of `data/rbm_exact.json` with its exact results. Weights are `[hidden][visible]`, data are state numbers.
#[expect(missing_docs, reason = "the names are those of the words table")]
#[derive(Clone, Debug, Deserialize)]
pub struct RbmCase {
    pub visible: usize,
    pub hidden: usize,
    pub w: Vec<Vec<f64>>,
    pub visible_bias: Vec<f64>,
    pub hidden_bias: Vec<f64>,
    pub data: Vec<usize>,
    pub free_energy: Vec<f64>,
    pub p_hidden_given_data: Vec<Vec<f64>>,
    pub mean_visible: Vec<f64>,
    pub mean_hidden: Vec<f64>,
    pub correlation_hv: Vec<Vec<f64>>,
    pub expected_cd1_w: Vec<Vec<f64>>,
    pub expected_cd1_visible_bias: Vec<f64>,
    pub expected_cd1_hidden_bias: Vec<f64>,
}

impl RbmCase {
    /// All cases of the file.
    ///
    /// # Panics
    /// If the file does not parse.
    #[must_use]
    pub fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<RbmCase>,
        }
        let json = include_str!("../data/rbm_exact.json");
        let file: File = serde_json::from_str(json).expect("a reference file");
        assert_eq!(file.cases.len(), 4);
        file.cases
    }

    /// The model, for the reference.
    #[must_use]
    pub fn rbm(&self) -> Rbm {
        let (b, c) = (self.visible_bias.clone(), self.hidden_bias.clone());
        Rbm::new(self.w.concat(), b, c)
    }

    /// The data as 0.0 and 1.0, `[samples][visible]`.
    #[must_use]
    pub fn data(&self) -> Vec<Vec<f64>> {
        self.data.iter().map(|&v| state(v, self.visible)).collect()
    }
    /// The expected CD-1 update.
    #[must_use]
    pub fn expected_cd1(&self) -> Gradient {
        Gradient {
            w: self.expected_cd1_w.concat(),
            visible_bias: self.expected_cd1_visible_bias.clone(),
            hidden_bias: self.expected_cd1_hidden_bias.clone(),
        }
    }
}

/// Runs all chains for some Gibbs steps and leaves their visible units in `v`.
pub fn gibbs(model: &Witnesses, steps: usize, rngs: &mut [ChainRng], v: &mut [u64]) -> Vec<u64> {
    let shape = model.shape();
    let mut v_fields = vec![0; rngs.len() * shape.visible_stride()];
    let mut h_fields = vec![0; rngs.len() * shape.hidden_stride()];
    let mut h = vec![0; rngs.len() * shape.hidden_words()];
    const FIT: &str = "buffers of the model's lengths";
    for _ in 0..steps {
        model
            .engine
            .sample_hidden(v, &mut h_fields, rngs, &mut h)
            .expect(FIT);
        model
            .engine
            .sample_visible(&h, &mut v_fields, rngs, v)
            .expect(FIT);
    }
    h
}
