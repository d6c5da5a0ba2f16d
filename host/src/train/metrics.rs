//! What is written down of an epoch.

use serde::{Deserialize, Serialize};

/// The figures of one epoch: a row of `metrics.csv`, and an element of `--json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Seconds of training alone, without evaluation.
    pub seconds: f64,
    /// Training images a second.
    pub images_per_second: f64,
    /// The epoch's learning rate.
    pub learning_rate: f32,
    /// Mean of (v - p(v|h))^2 over pixels and training images, h drawn given v: during the epoch for contrastive
    /// divergence, after it for persistent chains.
    pub reconstruction_mse: f64,
    /// Mean F(v) - F(v') in nats over training images after the epoch, v' one Gibbs step from v: the lecture's loss.
    pub free_energy_gap: f64,
    /// Mean over held-out images of sum_i ln p(v_i | the other pixels), in nats an image.
    pub test_pseudo_log_likelihood: f64,
    /// Mean ln p(v) over held-out images in nats an image, where it was measured: exact or by annealed importance sampling.
    pub test_log_likelihood: Option<f64>,
    /// One standard error of its ln Z; 0 where that is exact.
    pub test_log_likelihood_standard_error: Option<f64>,
    /// Mean F(v) of held-out less that of training images, in nats, where it was measured: it grows with overfitting.
    pub train_test_free_energy_gap: Option<f64>,
}

/// The rows as CSV, under a line that names the columns.
///
/// # Panics
/// Never: writing to memory does not fail.
#[must_use]
pub fn write_csv(rows: &[EpochMetrics]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("a row of numbers is a record");
    }
    writer.into_inner().expect("memory can be written")
}
