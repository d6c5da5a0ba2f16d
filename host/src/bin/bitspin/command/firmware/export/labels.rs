//! Exports of RBMs with label units.

use std::path::Path;

use bitspin::display::{escaped, shown};
use bitspin::engine::engine;
use bitspin::evaluate::calibration::negative_log_likelihood;
use bitspin::evaluate::{Logits, logits};
use bitspin::firmware::golden::{Judge, LabelVectors};
use bitspin::firmware::rbm;
use bitspin::firmware::source::Vectors;
use bitspin::model_file::LabelledFile;
use bitspin_core::blob::Blob;
use bitspin_core::rbm::compact::CompactLabelled;
use serde_json::{Value, json};

use super::{
    ANOMALIES, CommandError, Export, Made, VECTORS, blob_file, prepared, refuse_missing,
    weight_format,
};
use crate::command::labels::{check_size, error_rate, labels};
use crate::command::recorded::pixels;
use crate::command::rows::Rows;

/// An RBM with label units, of small weights. What they cost is measured on held-out images with labels.
pub(super) fn export(
    options: &Export,
    path: &Path,
    file: &LabelledFile,
    threads: usize,
) -> Result<Made, CommandError> {
    let bad = CommandError::at(path);
    let parameters = &file.parameters;
    let classes = parameters.classes;
    let small = rbm::compact(&parameters.joint, weight_format(options)).map_err(bad)?;
    let small = CompactLabelled::new(small, classes).map_err(bad)?;
    let model = small.as_borrowed();
    let prepared = prepared(options, path, &file.metadata)?;
    let data = prepared.load(None, Rows::Measured)?;
    refuse_missing(&data)?;
    check_size(path, file, &data.name, &data.test.images)?;
    prepared.tell();
    let truth = labels(&data.name, &data.test, classes)?;
    let images = (prepared.options).pack(&data.test.images, options.run.seed);
    let mut judge = Judge::new(&model).map_err(bad)?;
    let full = engine(&parameters.joint).map_err(bad)?;
    let before = logits(&full, classes, &images, threads).map_err(bad)?;
    let after = logits(judge.engine(), classes, &images, threads).map_err(bad)?;
    let threshold = judge.threshold(&images, ANOMALIES).map_err(bad)?;
    let starts = images.iter().take(VECTORS).map(<[u64]>::to_vec).collect();
    let vectors = LabelVectors::judge(&mut judge, starts, threshold).map_err(bad)?;
    let on = format!(
        "{} held-out images ({}, {})",
        truth.len(),
        escaped(&data.name),
        pixels(&prepared.options, options.run.seed)
    );
    let (text, mut value) = told(&before, &after, truth, threshold, &on);
    prepared.add_to(&mut value, options.run.seed);
    Ok(Made {
        file: blob_file(path, &Blob::Labelled(model))?,
        vectors: Vectors::Labels(vectors),
        origin: shown(&path).to_string(),
        loss: (text, value),
    })
}

/// The loss of small weights, in words and as JSON.
fn told(
    before: &Logits,
    after: &Logits,
    truth: &[u8],
    threshold: i64,
    on: &str,
) -> (String, Value) {
    let errors = [before, after].map(|logits| error_rate(&logits.predictions(), truth));
    let nats = [before, after].map(|logits| negative_log_likelihood(logits, truth, 1.0));
    let predictions = before.predictions().into_iter().zip(after.predictions());
    let moved = predictions
        .filter(|(before, after)| before != after)
        .count();
    let threshold_nats = threshold as f64 / 65_536.0;
    let above = 100.0 * ANOMALIES;
    let text = format!(
        "loss: {:+.4} nats per label of -ln p(y|x) ({:.4} with 16-bit weights, {:.4} exported)
      {:+.2}% error rate ({:.2}%, {:.2}% exported); {moved} of {} predictions changed
measured on {on}
threshold: {above}% of these have an energy E(x) above {threshold_nats:.3} nats ({threshold} in units of 2^-16 nats)",
        nats[1] - nats[0],
        nats[0],
        nats[1],
        100.0 * (errors[1] - errors[0]),
        100.0 * errors[0],
        100.0 * errors[1],
        truth.len(),
    );
    let value = json!({
        "measure": "label_nll", "nats": nats[1] - nats[0], "before": nats[0], "after": nats[1],
        "error_before": errors[0], "error_after": errors[1], "labels_changed": moved, "data": on,
        "threshold_nats": threshold_nats, "threshold": threshold,
    });
    (text, value)
}
