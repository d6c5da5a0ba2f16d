//! A data set as a directory of IDX files.

use std::io;
use std::path::{Path, PathBuf};

use super::idx::{read_images, read_labels};
use super::{DataError, Dataset, GreyRange, Split};
use crate::display::shown;

/// A file of the set: its standard name and the other spelling found in the wild.
struct Name {
    standard: &'static str,
    dotted: &'static str,
}

const TRAIN_IMAGES: Name = Name {
    standard: "train-images-idx3-ubyte",
    dotted: "train-images.idx3-ubyte",
};
const TRAIN_LABELS: Name = Name {
    standard: "train-labels-idx1-ubyte",
    dotted: "train-labels.idx1-ubyte",
};
const TEST_IMAGES: Name = Name {
    standard: "t10k-images-idx3-ubyte",
    dotted: "t10k-images.idx3-ubyte",
};
const TEST_LABELS: Name = Name {
    standard: "t10k-labels-idx1-ubyte",
    dotted: "t10k-labels.idx1-ubyte",
};

/// The files of the standard distribution, raw: training images and labels, test images and labels.
pub const STANDARD_NAMES: [&str; 4] = [
    TRAIN_IMAGES.standard,
    TRAIN_LABELS.standard,
    TEST_IMAGES.standard,
    TEST_LABELS.standard,
];

/// Reads the set in `directory`; [`Dataset::load`] documents it.
pub(super) fn load(directory: &Path) -> Result<Dataset, DataError> {
    match directory.metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(DataError::NotADirectory {
                path: directory.to_owned(),
            });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(DataError::NoDirectory {
                path: directory.to_owned(),
            });
        }
        Err(error) => return Err(DataError::io(directory)(error)),
    }
    let Some((mut train, train_path)) = split(directory, &TRAIN_IMAGES, &TRAIN_LABELS)? else {
        return Err(DataError::NoFile {
            path: directory.to_owned(),
            name: TRAIN_IMAGES.standard,
            why: None,
        });
    };
    let test = match split(directory, &TEST_IMAGES, &TEST_LABELS)? {
        Some((test, path)) => {
            let size = |split: &Split| (split.images.rows(), split.images.columns());
            if size(&test) != size(&train) {
                return Err(DataError::OtherSize {
                    path,
                    expected: size(&train),
                    found: size(&test),
                });
            }
            test
        }
        None => hold_out(&mut train, &train_path)?,
    };
    Ok(Dataset {
        name: shown(&directory).to_string(),
        train,
        test,
        columns: None,
        range: Some(GreyRange::BYTES),
        notes: Vec::new(),
    })
}

/// Images with their labels where there are any, and where the images are; `None` without images.
fn split(
    directory: &Path,
    images: &Name,
    labels: &Name,
) -> Result<Option<(Split, PathBuf)>, DataError> {
    let labels_path = find(directory, labels)?;
    let Some(path) = find(directory, images)? else {
        return match labels_path {
            None => Ok(None),
            Some(_) => Err(DataError::NoFile {
                path: directory.to_owned(),
                name: images.standard,
                why: Some(", only its labels"),
            }),
        };
    };
    let images = read_images(&path)?;
    let labels = match labels_path {
        None => None,
        Some(labels_path) => {
            let labels = read_labels(&labels_path)?;
            if labels.len() != images.count() {
                return Err(DataError::Mismatch {
                    path: labels_path,
                    images_path: path,
                    images: images.count(),
                    labels: labels.len(),
                });
            }
            Some(labels)
        }
    };
    let known = None;
    let split = Split {
        images,
        labels,
        known,
    };
    Ok(Some((split, path)))
}

/// The first spelling of `name` that exists in `directory`: standard before dotted, raw before `.gz`.
fn find(directory: &Path, name: &Name) -> Result<Option<PathBuf>, DataError> {
    for spelling in [name.standard, name.dotted] {
        for suffix in ["", ".gz"] {
            let path = directory.join(format!("{spelling}{suffix}"));
            if path.try_exists().map_err(DataError::io(&path))? {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// A file of the set that is in `directory` already, under any of its spellings.
#[cfg(feature = "download")]
pub(super) fn first_present(directory: &Path) -> Result<Option<PathBuf>, DataError> {
    for name in [TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS] {
        if let Some(path) = find(directory, &name)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The last tenth of the training images, at least one, taken out of them.
fn hold_out(train: &mut Split, path: &Path) -> Result<Split, DataError> {
    let count = train.images.count();
    if count < 2 {
        return Err(DataError::TooFew {
            path: path.to_owned(),
            count,
        });
    }
    Ok(train.split_off(count - (count / 10).max(1)))
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
