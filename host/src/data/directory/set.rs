//! Which files of a directory make a data set.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::names::{Name, Part};
use crate::data::DataError;
use crate::data::idx::{ImageFile, LabelFile, Levels};
use crate::display::{escaped, shown};

/// Names that a message lists at the most.
const LISTED: usize = 8;

/// The files of one set in a directory.
pub(super) struct Set {
    directory: PathBuf,
    /// Its name: what its files' names begin with.
    prefix: String,
    /// Its files, those that are preferred first.
    files: Vec<Name>,
    /// Files that seem to hold labels, but not as IDX.
    other_labels: Vec<String>,
    notes: Vec<String>,
}

/// The images of a split as the file has them, and their labels.
pub(super) struct RawSplit {
    pub(super) levels: Levels,
    pub(super) labels: Option<Vec<u8>>,
}

impl Set {
    /// The set that `path` names: the only one of a directory, or as `DIRECTORY/SET` or by the file of its training
    /// images one of several.
    pub(super) fn find(path: &Path) -> Result<Self, DataError> {
        let missing = match path.metadata() {
            Ok(found) if found.is_dir() => return Self::of(path, None),
            Ok(_) => DataError::NotADirectory {
                path: path.to_owned(),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => DataError::NoDirectory {
                path: path.to_owned(),
            },
            Err(error) => return Err(DataError::io(path)(error)),
        };
        let within = path.parent().zip(path.file_name().and_then(|n| n.to_str()));
        let Some((directory, file)) = within.filter(|_| !path.is_dir()) else {
            return Err(missing);
        };
        let directory = match directory.as_os_str().is_empty() {
            true => Path::new("."),
            false => directory,
        };
        let (mut names, _) = match list(directory) {
            Ok(listed) => listed,
            Err(_) => return Err(missing),
        };
        names.retain(|name| {
            name.part == Part::TrainImages && [&name.file, &name.set].contains(&&file.to_owned())
        });
        match names.first() {
            Some(name) => Self::of(directory, Some(name)),
            None => Err(missing),
        }
    }

    /// The set of training images `chosen`, or the only set of the directory.
    fn of(directory: &Path, chosen: Option<&Name>) -> Result<Self, DataError> {
        let (mut files, other_labels) = list(directory)?;
        let sets: BTreeSet<&str> = files
            .iter()
            .filter(|name| name.part == Part::TrainImages)
            .map(|name| name.set.as_str())
            .collect();
        let prefix = match (chosen, sets.len()) {
            (Some(name), _) => name.set.clone(),
            (None, 0) => files.first().map_or("", |name| &name.set).to_owned(),
            (None, 1) => sets.first().map_or("", |set| set).to_owned(),
            (None, _) => return Err(several(directory, &files)),
        };
        files.retain(|name| name.set == prefix);
        files.sort_by(|a, b| a.preference().cmp(&b.preference()));
        if let Some(chosen) = chosen {
            // The file that was asked for by name comes first.
            files.sort_by_key(|name| name.file != chosen.file);
        }
        let mut notes = Vec::new();
        if prefix.to_ascii_lowercase().starts_with("emnist") {
            notes.push("EMNIST's images are stored transposed; they are used as they are".into());
        }
        Ok(Self {
            directory: directory.to_owned(),
            prefix,
            files,
            other_labels,
            notes,
        })
    }

    /// What the set is called: the directory, and the name if it has one.
    pub(super) fn name(&self) -> String {
        match self.prefix.as_str() {
            "" => shown(&self.directory).to_string(),
            prefix => shown(&self.directory.join(prefix)).to_string(),
        }
    }

    /// What to tell the user of the files.
    pub(super) fn notes(&mut self, is_labelled: bool) -> Vec<String> {
        if let (false, Some(file)) = (is_labelled, self.other_labels.first()) {
            let more = match self.other_labels.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            self.notes.push(format!(
                "{}{more} is not read; labels are expected in an IDX file with a name like {}",
                escaped(file),
                Part::TrainLabels.standard()
            ));
        }
        std::mem::take(&mut self.notes)
    }

    /// The training images.
    pub(super) fn train(&mut self) -> Result<RawSplit, DataError> {
        let split = self.split(Part::TrainImages, Part::TrainLabels)?;
        split.ok_or_else(|| self.no_file(Part::TrainImages, None))
    }

    /// The test images, if there are any.
    pub(super) fn test(&mut self) -> Result<Option<RawSplit>, DataError> {
        self.split(Part::TestImages, Part::TestLabels)
    }

    /// Images with their labels where there are any; `None` without images. The number of labels is compared with that
    /// of the images before either is read.
    fn split(&mut self, images: Part, labels: Part) -> Result<Option<RawSplit>, DataError> {
        let labels_path = self.file(labels)?;
        let Some(path) = self.file(images)? else {
            return match labels_path {
                None => Ok(None),
                Some(_) => Err(self.no_file(images, Some(", only its labels"))),
            };
        };
        let images = ImageFile::open(&path)?;
        let labels = labels_path.as_deref().map(LabelFile::open).transpose()?;
        if let Some(labels) = &labels {
            if labels.count() != images.count() {
                return Err(DataError::Mismatch {
                    path: labels.path().to_owned(),
                    images_path: path.clone(),
                    images: images.count(),
                    labels: labels.count(),
                });
            }
            if labels.columns() > 1 {
                self.notes.push(format!(
                    "labels are the first of {} columns, as in QMNIST",
                    labels.columns()
                ));
            }
        }
        Ok(Some(RawSplit {
            levels: images.read()?,
            labels: labels.map(LabelFile::read).transpose()?,
        }))
    }

    /// The preferred file of a part.
    fn file(&mut self, part: Part) -> Result<Option<PathBuf>, DataError> {
        let mut files = self.files.iter().filter(|name| name.part == part);
        let Some(first) = files.next() else {
            return Ok(None);
        };
        for other in files.filter(|other| other.raw != first.raw) {
            self.notes.push(format!(
                "{} is not read, {} is",
                escaped(&other.file),
                escaped(&first.file)
            ));
        }
        Ok(Some(self.directory.join(&first.file)))
    }

    fn no_file(&self, part: Part, why: Option<&'static str>) -> DataError {
        DataError::NoFile {
            path: PathBuf::from(self.name()),
            name: part.standard(),
            why,
        }
    }
}

/// The files of data sets in a directory, and others that seem to hold labels. Links count, wherever they lead, so that
/// one that leads nowhere is an error when it is read.
fn list(directory: &Path) -> Result<(Vec<Name>, Vec<String>), DataError> {
    let (mut names, mut other_labels) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory).map_err(DataError::io(directory))? {
        let file = entry.map_err(DataError::io(directory))?.file_name();
        let Some(file) = file.to_str().filter(|file| !file.starts_with('.')) else {
            continue;
        };
        match Name::of(file) {
            Some(name) => names.push(name),
            None if file.to_ascii_lowercase().contains("label") => {
                other_labels.push(file.to_owned());
            }
            None => {}
        }
    }
    names.sort_by(|a, b| a.file.cmp(&b.file));
    other_labels.sort_unstable();
    Ok((names, other_labels))
}

/// The refusal of a directory of several sets.
fn several(directory: &Path, files: &[Name]) -> DataError {
    let images = files.iter().filter(|name| name.part == Part::TrainImages);
    let mut sets: Vec<&str> = images
        .map(|name| match name.set.as_str() {
            "" => name.file.as_str(),
            set => set,
        })
        .collect();
    sets.dedup();
    let more = sets.len().saturating_sub(LISTED);
    let listed: Vec<_> = sets
        .iter()
        .take(LISTED)
        .map(|set| escaped(set).to_string())
        .collect();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    DataError::Content {
        path: directory.to_owned(),
        reason: format!(
            "expected one data set, found {}: {}{more}; choose one by its path, such as {}",
            sets.len(),
            listed.join(", "),
            shown(&directory.join(sets[0]))
        ),
    }
}

/// A file of the standard set that is in `directory` already, under any of its spellings.
#[cfg(feature = "download")]
pub(in crate::data) fn first_present(directory: &Path) -> Result<Option<PathBuf>, DataError> {
    let (names, _) = list(directory)?;
    let standard = names.iter().find(|name| name.set.is_empty());
    Ok(standard.map(|name| directory.join(&name.file)))
}
