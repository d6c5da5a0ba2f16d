//! Trained models as files.

use super::{Method, Settings};
use crate::model_file::IsingFile;

/// The file of a model with couplings `w` (N x N) and fields `h` (N), whose first spins are visible: its metadata say how it
/// was trained, by which data and for how many epochs.
#[must_use]
pub fn model_file(
    w: &[f32],
    h: &[f32],
    data: &str,
    settings: &Settings,
    epochs: usize,
) -> IsingFile {
    let s = settings;
    let visible = h.len() - s.hidden;
    let of_all = [
        ("bitspin_version", env!("CARGO_PKG_VERSION").to_string()),
        ("model", "boltzmann".to_string()),
        ("visible", visible.to_string()),
        ("hidden", s.hidden.to_string()),
        ("data", data.to_string()),
        ("method", s.method.to_string()),
        ("epochs", epochs.to_string()),
        ("lr", s.learning_rate.to_string()),
        ("lr_decay", s.learning_rate_decay.to_string()),
        ("momentum", s.momentum.to_string()),
        ("weight_decay", s.weight_decay.to_string()),
        ("seed", s.seed.to_string()),
    ];
    let of_chains = [
        ("chains", s.chains.to_string()),
        ("sweeps", s.sweeps.to_string()),
        ("temperatures", s.temperatures.to_string()),
    ];
    let sampled = matches!(s.method, Method::Persistent | Method::Tempering);
    let of_chains = of_chains.into_iter().filter(|_| sampled);
    let metadata = of_all.into_iter().chain(of_chains);
    IsingFile {
        w: w.to_vec(),
        h: h.to_vec(),
        metadata: metadata
            .map(|(key, value)| (key.to_string(), value))
            .collect(),
    }
}
