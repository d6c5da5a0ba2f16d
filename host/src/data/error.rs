//! Errors of reading and writing data sets.

use crate::display::shown;
use crate::input::InputError;
use std::io;
use std::path::PathBuf;

/// Why a data set could not be read, written or fetched.
///
/// Every message is one line and starts with the path it is about. All of them are faults of the input or of the disk,
/// not of the program: a command answers them with exit code 2.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The directory does not exist.
    #[error("{}: no such directory", shown(path))]
    NoDirectory {
        /// The directory asked for.
        path: PathBuf,
    },
    /// A directory was expected and something else is there.
    #[error(
        "{}: expected a directory of IDX files or a table (.csv, .tsv, .txt, .npy, each also .gz; .npz), found another file",
        shown(path)
    )]
    NotADirectory {
        /// What was given as a directory.
        path: PathBuf,
    },
    /// An IDX file was expected and something else, such as a directory, is there.
    #[error("{}: expected a file, found something else", shown(path))]
    NotAFile {
        /// Where the file should be.
        path: PathBuf,
    },
    /// A file that the data set cannot do without is not in its directory.
    #[error("{}: no {name} here, raw or .gz{}", shown(path), why.unwrap_or(""))]
    NoFile {
        /// The directory that was searched.
        path: PathBuf,
        /// The file's standard name; the other spellings of it were looked for as well.
        name: &'static str,
        /// Why it is needed, where that is not plain.
        why: Option<&'static str>,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The operating system failed to read or write the file.
    #[error("{}: {source}", shown(path))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file has no bytes, or its gzip stream holds none.
    #[error("{}: expected an IDX file, found no bytes", shown(path))]
    Empty {
        /// The empty file.
        path: PathBuf,
    },
    /// The file starts with gzip's magic number and is not a whole gzip stream.
    #[error(
        "{}: expected a whole gzip stream, found a damaged one: {source}",
        shown(path)
    )]
    Gzip {
        /// The damaged file.
        path: PathBuf,
        /// What the decoder said.
        source: io::Error,
    },
    /// The first four bytes are not those of an IDX file of this kind.
    #[error(
        "{}: expected magic number 0x{expected:08x} (IDX {kind}), found 0x{found:08x}",
        shown(path)
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        kind: &'static str,
        /// The magic number of that kind, big-endian.
        expected: u32,
        /// What the file starts with.
        found: u32,
    },
    /// The file ends inside its header.
    #[error(
        "{}: expected a header of {expected} bytes, found {found} bytes in all",
        shown(path)
    )]
    Header {
        /// The file.
        path: PathBuf,
        /// Length of a header of this kind, in bytes.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The header declares nothing at all: no images, no rows, no columns or no labels.
    #[error(
        "{}: expected at least one {what}, its header declares none",
        shown(path)
    )]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What there is none of: `image`, `row`, `column` or `label`.
        what: &'static str,
    },
    /// The header declares more bytes than this machine can address.
    #[error(
        "{}: its header declares {count} images of {rows} x {columns}, more than fit in memory",
        shown(path)
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Declared number of images.
        count: u32,
        /// Declared rows per image.
        rows: u32,
        /// Declared columns per image.
        columns: u32,
    },
    /// The file ends before the data that its header declares.
    #[error(
        "{}: expected {expected} bytes (unpacked) by its header, found only {found}",
        shown(path)
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Header and declared data, in bytes.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The file goes on after the data that its header declares.
    #[error(
        "{}: expected {expected} bytes (unpacked) by its header, found more",
        shown(path)
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Header and declared data, in bytes.
        expected: u64,
    },
    /// Two files that belong together disagree in the number of images and labels.
    #[error(
        "{}: expected {images} labels, one for each image of {}, found {labels}",
        shown(path),
        shown(images_path)
    )]
    Mismatch {
        /// The labels file.
        path: PathBuf,
        /// The images file.
        images_path: PathBuf,
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
    },
    /// Training and test images are not of the same size.
    #[error("{}: expected images of {} x {} like the training set's, found {} x {}", shown(path), expected.0, expected.1, found.0, found.1)]
    OtherSize {
        /// The test images file.
        path: PathBuf,
        /// Rows and columns of a training image.
        expected: (usize, usize),
        /// Rows and columns of a test image.
        found: (usize, usize),
    },
    /// There is no test set, and too few training images to hold some out.
    #[error(
        "{}: expected a test set or at least 2 training images to hold one out, found {count}",
        shown(path)
    )]
    TooFew {
        /// The training images file.
        path: PathBuf,
        /// Number of training images.
        count: usize,
    },
    /// A table holds something else than ones, zeros and missing entries, or is no table at all.
    #[error("{}: {reason}", shown(path))]
    Table {
        /// The file.
        path: PathBuf,
        /// What was expected where, and what was found; one line.
        reason: String,
    },
    /// A file is of the right format, but what it holds cannot be used.
    #[error("{}: {reason}", shown(path))]
    Content {
        /// The file or directory.
        path: PathBuf,
        /// What was expected, and what was found; one line.
        reason: String,
    },
    /// A file that would be written is there already.
    #[error("{}: exists already and was left alone", shown(path))]
    Exists {
        /// The file in the way.
        path: PathBuf,
    },
    /// The data set could not be downloaded.
    #[error("{}: nothing fetched: {reason}", shown(path))]
    Download {
        /// The directory that the files were meant for.
        path: PathBuf,
        /// What went wrong, one line.
        reason: String,
    },
}

impl DataError {
    pub(super) fn io(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
