//! Models with label units: classifying and calibrating.

mod calibrate;
mod classify;

pub(super) use calibrate::run as calibrate;
pub(super) use classify::run as classify;

use std::path::Path;

use bitspin::BitMatrix;
use bitspin::data::{Images, Split};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::evaluate::{self, Logits};
use bitspin::model_file::LabelledFile;

use super::{CommandError, load_labelled, recorded};

/// The metadata that holds a calibrated model's temperature.
const TEMPERATURE: &str = "temperature";

/// A model that has label units.
pub(super) fn load(path: &Path) -> Result<LabelledFile, CommandError> {
    load_labelled(path)?.ok_or_else(|| {
        CommandError::usage(format!(
            "{}: expected a model with label units, found one without; `bitspin rbm train --labels` makes one",
            shown(&path)
        ))
    })
}

/// The labels of a split, which has to have them, all below `classes`.
pub(super) fn labels<'a>(
    name: &str,
    split: &'a Split,
    classes: usize,
) -> Result<&'a [u8], CommandError> {
    let labels = split.labels.as_deref().ok_or_else(|| {
        CommandError::usage(format!(
            "{name}: expected labels for all images, found none"
        ))
    })?;
    match labels
        .iter()
        .position(|&label| usize::from(label) >= classes)
    {
        None => Ok(labels),
        Some(at) => Err(CommandError::usage(format!(
            "{name}: expected labels below {classes}, found {} at image {at}",
            labels[at]
        ))),
    }
}

/// Refuses images that are not of the model's size.
pub(super) fn check_size(
    model: &Path,
    file: &LabelledFile,
    name: &str,
    images: &Images,
) -> Result<(), CommandError> {
    let units = (file.parameters.pixels(), "pixels");
    recorded::check_size(model, &file.metadata, units, name, images)
}

/// The logits of images of the model's size.
fn logits(
    model: &Path,
    file: &LabelledFile,
    images: &BitMatrix,
    threads: usize,
) -> Result<Logits, CommandError> {
    let bad = CommandError::at(model);
    let engine = engine(&file.parameters.joint).map_err(bad)?;
    evaluate::logits(&engine, file.parameters.classes, images, threads).map_err(bad)
}

/// The share of predictions that are wrong.
pub(super) fn error_rate(predictions: &[usize], labels: &[u8]) -> f64 {
    let pairs = predictions.iter().zip(labels);
    let wrong = pairs.filter(|&(&predicted, &label)| predicted != usize::from(label));
    wrong.count() as f64 / labels.len() as f64
}
