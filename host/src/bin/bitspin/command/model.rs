//! RBMs with and without label units.

use std::collections::BTreeMap;
use std::path::Path;

use bitspin::data::Images;
use bitspin::model_file::{LabelledFile, RbmFile, RbmParameters};

use super::{CommandError, check_size, labels, load_labelled, load_model};

/// A model and its metadata.
pub(crate) enum Model {
    Labelled(LabelledFile),
    Plain(RbmFile),
}

impl Model {
    /// Loads a model.
    pub(crate) fn load(path: &Path) -> Result<Self, CommandError> {
        Ok(match load_labelled(path)? {
            Some(file) => Self::Labelled(file),
            None => Self::Plain(load_model(path)?),
        })
    }

    pub(crate) fn metadata(&self) -> &BTreeMap<String, String> {
        match self {
            Self::Labelled(file) => &file.metadata,
            Self::Plain(file) => &file.metadata,
        }
    }

    /// Parameters of all units; label units count as visible units.
    pub(crate) fn parameters(&self) -> &RbmParameters {
        match self {
            Self::Labelled(file) => &file.parameters.joint,
            Self::Plain(file) => &file.parameters,
        }
    }

    /// The number of label units.
    pub(crate) fn classes(&self) -> usize {
        match self {
            Self::Labelled(file) => file.parameters.classes,
            Self::Plain(_) => 0,
        }
    }

    /// Refuses images of another number of pixels than there are visible units besides labels.
    pub(crate) fn check_size(
        &self,
        path: &Path,
        data: &str,
        images: &Images,
    ) -> Result<(), CommandError> {
        match self {
            Self::Labelled(file) => labels::check_size(path, file, data, images),
            Self::Plain(file) => check_size(path, file, data, images),
        }
    }
}
