//! `bitspin hopfield`: where its pictures come from, and what its commands share.

mod add;
mod capacity;
mod classify;
mod distinct;
mod recall;

use std::path::{Path, PathBuf};

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset, Images, Pictures};
use bitspin_core::rng::Purpose;

use super::{CommandError, at_least_one, print, print_json, refuse_constant, say};
use crate::cli::{Hopfield, Source};

/// Runs a command.
pub(crate) fn run(command: &Hopfield) -> Result<(), CommandError> {
    match command {
        Hopfield::Recall(options) => recall::run(options),
        Hopfield::Add(options) => add::run(options),
        Hopfield::Capacity(options) => capacity::run(options),
        Hopfield::Classify(options) => classify::run(options),
    }
}

impl Source {
    /// Refuses a threshold that no grey level could be compared with.
    pub(super) fn check(&self) -> Result<(), CommandError> {
        share("--threshold", self.threshold)
    }

    /// The data set that was asked for.
    fn load(&self) -> Result<Dataset, CommandError> {
        let directory = self.data.as_deref().filter(|path| !is_built_in(path));
        let data = Dataset::load(directory)?;
        let how = Binarisation::Threshold(self.threshold);
        refuse_constant(&data, how, "--threshold ")?;
        say(&data.notes);
        Ok(data)
    }

    /// Grey images as spins.
    pub(super) fn binarise(&self, images: &Images) -> BitMatrix {
        let how = Binarisation::Threshold(self.threshold);
        // A threshold draws nothing, so any seed gives the same bits.
        BitMatrix::binarise(images, how, 0, Purpose::Evaluation)
    }
}

/// Whether `--data built-in` means the built-in digits: unless there is such a directory.
fn is_built_in(path: &Path) -> bool {
    path == Path::new("built-in") && !path.exists()
}

/// Refuses a number outside 0 to 1.
pub(super) fn share(option: &str, value: f64) -> Result<(), CommandError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(CommandError::usage(format!(
        "{option}: expected a number from 0 to 1, not {value}"
    )))
}

/// Images that may be stored, and what they are called.
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) images: Images,
    labels: Option<Vec<u8>>,
    /// The file of each image, of the user's pictures.
    files: Vec<PathBuf>,
}

impl Stored {
    /// The user's pictures if there are any, or the training images of a data set: the first of every class, then the
    /// second of every class, and so on.
    pub(super) fn load(source: &Source, pictures: &[PathBuf]) -> Result<Self, CommandError> {
        if !pictures.is_empty() {
            let pictures = Pictures::read(pictures)?;
            say(&pictures.notes);
            return Ok(Self {
                name: format!("{} pictures", pictures.paths.len()),
                images: pictures.images,
                labels: None,
                files: pictures.paths,
            });
        }
        let data = source.load()?;
        let (images, labels) = (data.train.images, data.train.labels);
        let Some(labels) = labels else {
            return Ok(Self {
                name: data.name,
                images,
                labels: None,
                files: Vec::new(),
            });
        };
        let mut seen = [0_usize; 256];
        let mut order: Vec<_> = labels
            .iter()
            .enumerate()
            .map(|(index, &label)| {
                let count = &mut seen[usize::from(label)];
                *count += 1;
                (*count, label, index)
            })
            .collect();
        order.sort_unstable();
        let pixels = order.iter().flat_map(|&(_, _, index)| images.image(index));
        let pixels = pixels.copied().collect();
        Ok(Self {
            name: data.name,
            images: Images::new(images.rows(), images.columns(), pixels)
                .map_err(CommandError::failed)?,
            labels: Some(order.iter().map(|&(_, label, _)| label).collect()),
            files: Vec::new(),
        })
    }

    /// The number of patterns to store: as many as asked for, or all pictures of the user, or `default` of a data set.
    pub(super) fn count(
        &self,
        asked: Option<usize>,
        default: usize,
    ) -> Result<usize, CommandError> {
        let most = self.images.count();
        let Some(asked) = asked else {
            let default = if self.files.is_empty() { default } else { most };
            return Ok(default.min(most));
        };
        if (1..=most).contains(&asked) {
            return Ok(asked);
        }
        let name = &self.name;
        Err(CommandError::usage(format!(
            "--patterns: expected 1 to {most}, as many as there are ({name}), not {asked}"
        )))
    }
}
