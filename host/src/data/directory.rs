//! A data set as a directory of IDX files.

mod names;
mod set;

use std::path::Path;

use crate::display::shown;
use set::{RawSplit, Set};

use super::idx::{Element, Levels};
use super::{DataError, Dataset, Extent, GreyLevels, GreyRange, HeldOut, Holdout, Split};
use names::Part;

#[cfg(feature = "download")]
pub(super) use set::first_present;

/// The files of the standard distribution, raw: training images and labels, test images and labels.
pub const STANDARD_NAMES: [&str; 4] = [
    Part::TrainImages.standard(),
    Part::TrainLabels.standard(),
    Part::TestImages.standard(),
    Part::TestLabels.standard(),
];

/// How many times as far the levels of one split may reach as those of the other.
const MOST_CONTRAST: f64 = 4.0;

/// Reads a set, its grey levels by the range that is asked for; [`Dataset::load`] documents it.
pub(super) fn load(
    path: &Path,
    levels: GreyLevels,
    holdout: Holdout,
) -> Result<Dataset, DataError> {
    let mut set = Set::find(path)?;
    let train = set.train()?;
    let test = set.test()?;
    let (range, note) = common_range(&train.levels, test.as_ref().map(|t| &t.levels), levels)?;
    let train_path = train.levels.path.clone();
    let train = split(train, range)?;
    let (train, test, held_out) = match test {
        Some(test) => {
            let path = test.levels.path.clone();
            let test = split(test, range)?;
            let size = |split: &Split| (split.images.rows(), split.images.columns());
            if size(&test) != size(&train) {
                return Err(DataError::OtherSize {
                    path,
                    expected: size(&train),
                    found: size(&test),
                });
            }
            (train, test, HeldOut::Separate)
        }
        None => holdout.split(train, &shown(&train_path).to_string())?,
    };
    let mut notes = set.notes(train.labels.is_some() && test.labels.is_some());
    notes.extend(note);
    let name = set.name();
    Ok(Dataset {
        notes: notes.iter().map(|note| format!("{name}: {note}")).collect(),
        name,
        train,
        test,
        held_out,
        columns: None,
        range: Some(range),
    })
}

fn split(raw: RawSplit, range: GreyRange) -> Result<Split, DataError> {
    Ok(Split {
        images: raw.levels.into_images(range)?,
        labels: raw.labels,
        known: None,
    })
}

/// The range of all grey levels of a set, the same for both splits, and what to say of it.
fn common_range(
    train: &Levels,
    test: Option<&Levels>,
    levels: GreyLevels,
) -> Result<(GreyRange, Option<String>), DataError> {
    let found = train.extent()?;
    let mut all = found;
    if let Some(test) = test {
        if test.element != train.element {
            return Err(test.wrong(format!(
                "expected elements of type {} like those of the training set, found {}",
                train.element, test.element
            )));
        }
        let other = test.extent()?;
        all = found.and(other);
        let [here, there] = [found, other].map(|Extent { least, most }| most - least.min(0.0));
        if here.min(there) > 0.0 && here.max(there) > MOST_CONTRAST * here.min(there) {
            return Err(test.wrong(format!(
                "expected the grey levels of the training set, which are from {} to {}, found {} to {}",
                found.least, found.most, other.least, other.most
            )));
        }
    }
    let Extent { least, most } = all;
    match levels.range(all) {
        Err(range) => Err(train.wrong(format!(
            "expected grey levels of the range {range}, found levels from {least} to {most}"
        ))),
        Ok(Some(range)) => Ok((range, range.note(all))),
        // Bytes need no range to be found: what they stand for is customary.
        Ok(None) if train.element == Element::U8 => Ok((GreyRange::BYTES, None)),
        Ok(None) => Err(train.no_range(all)),
    }
}

/// Whether a path that is no directory names a set in one.
pub(super) fn has_set(path: &Path) -> bool {
    Set::find(path).is_ok()
}

#[cfg(test)]
mod tests;
