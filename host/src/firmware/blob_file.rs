//! Blobs in files.

use crate::display::shown;
use crate::input::{self, Format, InputProblem};
use std::path::{Path, PathBuf};

use bitspin_core::Error;
use bitspin_core::blob::{Blob, Header};

/// Blobs in files. Their headers count bytes in 32 bits.
const FORMAT: Format = Format::new("firmware model", u32::MAX as u64);

/// A file that holds no blob, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", shown(path))]
pub struct BlobFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: BlobProblem,
}

/// A problem of a blob file. Every message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobProblem {
    /// The file cannot be read.
    #[error(transparent)]
    Input(InputProblem),
    /// The bytes are no blob.
    #[error("expected a firmware model: {0}")]
    Blob(Error),
}

/// A blob that owns its bytes, which begin at a multiple of 8 and have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobFile {
    words: Vec<u64>,
    len: usize,
}

impl BlobFile {
    /// The bytes of a model.
    ///
    /// # Errors
    /// [`TooLarge`](bitspin_core::blob::Error::TooLarge) if its blob would be too long.
    pub fn new(model: &Blob<'_>) -> Result<Self, Error> {
        let len = model.header()?.blob_len();
        let mut bytes = vec![0; len];
        // The slice takes as much as the header states.
        let _ = model.write(&mut &mut bytes[..]);
        Self::from_bytes(&bytes)
    }

    /// Copies bytes to where they can be used, and checks them. O(bytes), and what the model's constructor costs.
    ///
    /// # Errors
    /// [`Error`] if they are not exactly one blob.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut file = Self {
            words: vec![0; bytes.len().div_ceil(8)],
            len: bytes.len(),
        };
        bytemuck::cast_slice_mut(&mut file.words)[..bytes.len()].copy_from_slice(bytes);
        Blob::parse(file.bytes())?;
        Ok(file)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BlobFileError`] names the file and what is wrong with it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BlobFileError> {
        let path = path.as_ref();
        input::read(path, &FORMAT)
            .map_err(|error| BlobProblem::Input(error.problem))
            .and_then(|bytes| Self::from_bytes(&bytes).map_err(BlobProblem::Blob))
            .map_err(|problem| BlobFileError {
                path: path.to_owned(),
                problem,
            })
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }

    /// The model.
    ///
    /// # Panics
    /// Never: the bytes were checked.
    #[must_use]
    pub fn blob(&self) -> Blob<'_> {
        Blob::parse(self.bytes()).expect("the bytes were checked")
    }

    /// The header.
    ///
    /// # Panics
    /// Never: the bytes were checked.
    #[must_use]
    pub fn header(&self) -> Header {
        Header::parse(self.bytes()).expect("the bytes were checked")
    }

    /// The CRC-32 that the bytes end with.
    #[must_use]
    pub fn crc(&self) -> u32 {
        let last = self.bytes().last_chunk().copied();
        u32::from_le_bytes(last.unwrap_or_default())
    }
}
