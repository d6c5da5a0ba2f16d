//! Measures of training.

use serde::{Deserialize, Serialize};

/// The measures of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Seconds of training alone, without evaluation.
    pub seconds: f64,
    /// Training images per second.
    pub images_per_second: f64,
    /// The epoch's learning rate.
    pub learning_rate: f32,
    /// What was measured of the model.
    pub measures: Measures,
    /// The likelihood, where it was measured.
    pub likelihood: Option<Likelihood>,
}

/// Which measures are taken after every epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measures {
    /// Of a model without labels.
    Unlabelled {
        /// Mean of (v - p(v|h))^2 over pixels and training images, h drawn given v: during the epoch for contrastive
        /// divergence, after it for persistent chains.
        reconstruction_mse: f64,
        /// Mean F(v) - F(v') in nats over training images after the epoch, v' one Gibbs step from v: the lecture's loss.
        free_energy_gap: f64,
        /// Mean over held-out images of sum_i ln p(v_i | the other pixels), in nats per image.
        test_pseudo_log_likelihood: f64,
    },
    /// Of a model with labels.
    Labelled {
        /// Mean -ln p(y|x) of the training images as they came, in nats; `None` without a discriminative gradient.
        train_nll: Option<f64>,
        /// The share of them that was classified wrongly.
        train_error: Option<f64>,
        /// Mean -ln p(y|x) of the held-out images after the epoch, in nats.
        test_nll: f64,
        /// The share of them that was classified wrongly.
        test_error: f64,
    },
}

/// The log-likelihood of held-out images, with their labels where the model has label units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likelihood {
    /// Mean ln p(v) over held-out images in nats per image: exact or by annealed importance sampling.
    pub test: f64,
    /// One standard error of its ln Z; 0 where that is exact.
    pub standard_error: f64,
    /// Mean F(v) of held-out less that of training images, in nats: it grows with overfitting.
    pub free_energy_gap: f64,
}

impl EpochMetrics {
    /// How good the model is, the more the better: the log-likelihood if `likelihood` is asked for, else -ln p(y|x) or, without
    /// labels, the pseudo-log-likelihood. `None` where it was not measured.
    #[must_use]
    pub fn quality(&self, likelihood: bool) -> Option<f64> {
        if likelihood {
            return self.likelihood.map(|found| found.test);
        }
        Some(match self.measures {
            Measures::Unlabelled {
                test_pseudo_log_likelihood,
                ..
            } => test_pseudo_log_likelihood,
            Measures::Labelled { test_nll, .. } => -test_nll,
        })
    }

    /// The figures side by side, as they are written: a row of `metrics.csv`, and an element of the JSON output.
    #[must_use]
    pub fn row(&self) -> impl Serialize + use<> {
        let &Self {
            epoch,
            seconds,
            images_per_second,
            learning_rate,
            ..
        } = self;
        let (test_log_likelihood, test_log_likelihood_standard_error, train_test_free_energy_gap) = (
            self.likelihood.map(|found| found.test),
            self.likelihood.map(|found| found.standard_error),
            self.likelihood.map(|found| found.free_energy_gap),
        );
        match self.measures {
            Measures::Unlabelled {
                reconstruction_mse,
                free_energy_gap,
                test_pseudo_log_likelihood,
            } => Row::Unlabelled {
                epoch,
                seconds,
                images_per_second,
                learning_rate,
                reconstruction_mse,
                free_energy_gap,
                test_pseudo_log_likelihood,
                test_log_likelihood,
                test_log_likelihood_standard_error,
                train_test_free_energy_gap,
            },
            Measures::Labelled {
                train_nll,
                train_error,
                test_nll,
                test_error,
            } => Row::Labelled {
                epoch,
                seconds,
                images_per_second,
                learning_rate,
                train_nll,
                train_error,
                test_nll,
                test_error,
                test_log_likelihood,
                test_log_likelihood_standard_error,
                train_test_free_energy_gap,
            },
        }
    }
}

/// The columns of `metrics.csv`.
#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Unlabelled {
        epoch: usize,
        seconds: f64,
        images_per_second: f64,
        learning_rate: f32,
        reconstruction_mse: f64,
        free_energy_gap: f64,
        test_pseudo_log_likelihood: f64,
        test_log_likelihood: Option<f64>,
        test_log_likelihood_standard_error: Option<f64>,
        train_test_free_energy_gap: Option<f64>,
    },
    Labelled {
        epoch: usize,
        seconds: f64,
        images_per_second: f64,
        learning_rate: f32,
        train_nll: Option<f64>,
        train_error: Option<f64>,
        test_nll: f64,
        test_error: f64,
        test_log_likelihood: Option<f64>,
        test_log_likelihood_standard_error: Option<f64>,
        train_test_free_energy_gap: Option<f64>,
    },
}
