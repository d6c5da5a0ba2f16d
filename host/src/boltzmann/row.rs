//! Measures of an epoch.

use serde::Serialize;

/// Measures of an epoch, in nats: a row of `metrics.csv`, and an element of the JSON output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The epoch, from 1; 0 is before the first step.
    pub epoch: usize,
    /// Seconds of learning so far, without measuring.
    pub seconds: f64,
    /// The learning rate of the last step.
    pub learning_rate: f32,
    /// The largest component of the last step's gradient.
    pub largest_gradient: Option<f32>,
    /// K(data; model).
    pub kl: Option<f64>,
    /// K(model; data): infinite unless all visible states are among the data.
    pub kl_reverse: Option<f64>,
    /// -sum q ln p.
    pub cross_entropy: Option<f64>,
    /// The mean over data of sum_i ln p(v_i | other spins).
    pub pseudo_log_likelihood: Option<f64>,
}
