//! Data sets of grey images, MNIST and everything distributed like it, and tables of 0/1 entries.
//!
//! [`Dataset::load`] takes a directory of IDX files, raw or gzipped, of any image size and number (MNIST,
//! Fashion-MNIST, KMNIST ...), or a [`Table`] (CSV, NumPy, or the built-in film likes), or gives the built-in sample of
//! 10,000 MNIST digits.
//!
//! The `mnist` crate downloads (feature `download`: `fetch`), and a test checks that our reader agrees with it on the
//! standard raw set, the only one it loads. It is not used for reading: on that set it takes 135 ms and 98 MB where
//! ours takes 42 ms and 60 MB (most of it the pixels), because it copies the images and reads labels a byte at a time;
//! and it panics on a file that changed between our check and its reading.
//!
//! ```
//! use bitspin::data::Dataset;
//!
//! let digits = Dataset::load(None)?;
//! assert_eq!(digits.train.images.count(), 9_000);
//! assert_eq!(digits.train.images.pixels_per_image(), 28 * 28);
//! assert_eq!(digits.to_string(), "built-in MNIST sample: 9000 images to train, 1000 to test, 28 x 28, labelled");
//! # Ok::<(), bitspin::data::DataError>(())
//! ```

mod as_text;
mod binarise;
mod directory;
mod error;
#[cfg(feature = "download")]
mod fetch;
mod grey;
mod held_out;
mod idx;
mod images;
mod pictures;
mod reading;
mod sample;
mod table;
mod varied;

use std::fmt;
use std::path::Path;

pub use binarise::Binarisation;
pub use directory::STANDARD_NAMES;
pub use error::DataError;
#[cfg(feature = "download")]
pub use fetch::{fetch, run_downloader};
pub use grey::{Extent, GreyLevels, GreyRange};
pub use held_out::{HeldOut, Holdout};
pub use idx::{
    images_from_bytes, labels_from_bytes, read_images, read_labels, write_images, write_labels,
};
pub use images::{Images, ShapeError, Split};
pub use pictures::{PictureFileError, Pictures};
pub use reading::Reading;
pub use sample::DIGITS;
pub use table::{ColumnName, FILMS, LabelSource, RowNames, Separator, Table, TableOptions};
pub use varied::{Constant, Shade, best_threshold};

/// Training images and test images of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where the images came from: the directory, or `built-in MNIST sample`.
    pub name: String,
    /// The images to learn from.
    pub train: Split,
    /// Images of the same size that no training sees.
    pub test: Split,
    /// Where the images held out come from.
    pub held_out: HeldOut,
    /// The names of a table's columns (their numbers, where it has none); `None` of images.
    pub columns: Option<Vec<String>>,
    /// The grey levels that were taken as black and white, the same in both splits; `None` where there are none to take,
    /// as in a table of 0 and 1.
    pub range: Option<GreyRange>,
    /// What the user should be told of how the data were read, a line each: levels that were scaled, names that were
    /// taken, files that were left out.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Reads the IDX files in a directory, a table where `path` [names one](Table::is_named) (see [`Table::read`] and
    /// [`Table::into_dataset`]), or the built-in sample (9,000 + 1,000 MNIST digits) for `None`.
    ///
    /// The directory holds `train-images-idx3-ubyte`, and may hold `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
    /// and `t10k-labels-idx1-ubyte` ([`STANDARD_NAMES`]). Each may be raw or gzipped with `.gz` after its name, and
    /// may be spelt with a dot (`train-images.idx3-ubyte`); of several the first in this order is taken. The names of
    /// EMNIST (`emnist-letters-train-images-idx3-ubyte`) and QMNIST (`qmnist-test-labels-idx2-int`) are known too; of a
    /// directory of several sets one is named as `DIRECTORY/emnist-letters`. EMNIST stores its images transposed, and they
    /// stay so. Without labels a split has none. Without test images the last tenth of the training images, at least one,
    /// is held out in their place.
    ///
    /// Grey levels of any [range](GreyRange::of) and of every IDX type become 0..=255, in both splits alike; where this
    /// changes them [`notes`](Self::notes) say so.
    ///
    /// Time and memory are linear in the unpacked size: the full MNIST takes 55 MB.
    ///
    /// # Errors
    /// [`DataError`] where the directory or its training images are missing, a file is not what it should be (see
    /// [`read_images`]), images and labels differ in number, training and test images differ in size, test labels have
    /// no images, a single training image leaves none to hold out, or a table holds something else than ones and zeros.
    pub fn load(path: Option<&Path>) -> Result<Self, DataError> {
        Reading::default().load(path)
    }

    /// Whether `path` names something that [`load`](Self::load) may read: a file, a directory, or a set in a directory.
    #[must_use]
    pub fn exists(path: &Path) -> bool {
        path.exists() || directory::has_set(path)
    }

    /// Pixels per image, in both splits: the number of visible units of a model of this data.
    #[must_use]
    pub fn pixels_per_image(&self) -> usize {
        self.train.images.pixels_per_image()
    }

    /// The data set with every image [halved](Images::halved); `None` of a table, and of images with an odd side.
    #[must_use]
    pub fn halved(mut self) -> Option<Self> {
        if self.columns.is_some() {
            return None;
        }
        for split in [&mut self.train, &mut self.test] {
            split.images = split.images.halved()?;
        }
        Some(self)
    }

    /// Whether any entry is missing, which only tables have.
    #[must_use]
    pub fn has_missing(&self) -> bool {
        self.train.known.is_some() || self.test.known.is_some()
    }
}

/// One line: the name, the number of images (or rows of a table), their size, and which of them have labels.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name, train, test, ..
        } = self;
        let (rows, columns) = (train.images.rows(), train.images.columns());
        let labelled = match (&train.labels, &test.labels) {
            (Some(_), Some(_)) => "labelled",
            (Some(_), None) => "training images labelled",
            (None, Some(_)) => "test images labelled",
            (None, None) => "not labelled",
        };
        let (trained, tested) = (train.images.count(), test.images.count());
        let is_table = self.columns.is_some();
        let rows_or_images = if is_table { "rows" } else { "images" };
        write!(f, "{name}: {trained} {rows_or_images}")?;
        match self.held_out {
            HeldOut::Separate => write!(f, " to train, {tested} to test")?,
            HeldOut::Last => write!(f, " to train, the last {tested} to test")?,
            HeldOut::None => write!(f, ", none held out")?,
        }
        match self.columns {
            Some(_) => write!(f, ", {columns} columns, {labelled}")?,
            None => write!(f, ", {rows} x {columns}, {labelled}")?,
        }
        match self.has_missing() {
            true => write!(f, ", some entries missing"),
            false => Ok(()),
        }
    }
}
