//! Checkpoints: the resumable state of a training run, on disk.
//!
//! A file is [`MAGIC`], the format's version (u32, little-endian as all numbers here), the length of what follows but for
//! the checksum (u64), a [`Head`] and a body in postcard's encoding, and a CRC-64/XZ of all before it (u64). It is replaced in
//! one step, so that a run that is killed while it writes leaves the checkpoint before.

use std::path::{Path, PathBuf};

use crc::{CRC_64_XZ, Crc, Table};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::data::{Dataset, Split};
use crate::display::shown;
use crate::input::{Format, Input, InputProblem};

/// How every checkpoint begins.
pub const MAGIC: &[u8; 19] = b"bitspin checkpoint\n";

/// The version of the format that is read and written. It grows with every change of what a state holds.
pub const VERSION: u32 = 4;

/// Bytes before the head, and after the body.
const BEFORE: usize = MAGIC.len() + 4 + 8;
const AFTER: usize = 8;

/// Checkpoint files: parameters, velocities and the best model of the largest model that is likely to fit memory.
const FORMAT: Format = Format::new("checkpoint", 1 << 34);

static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// Identity of a run: its options and data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The options of the command, all of them, by name, each value as JSON: `("lr", "0.05")`.
    pub options: Vec<(String, String)>,
    /// Where its data come from, as bytes: a path need not be text.
    pub data_path: Option<Vec<u8>>,
    /// What it learns from.
    pub data: DataIdentity,
    /// Which run it is.
    pub run: RunIdentity,
    /// The run whose results in the same directory it is to replace, if there is one.
    pub replaces: Option<RunIdentity>,
    /// Whether all epochs are over, and their results written.
    pub finished: bool,
}

/// What tells one run from another: a checksum of the options that decide what comes of it, and of its data. The same options and
/// data give the same run, to the bit, so that their results may stand for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity(u64);

impl RunIdentity {
    /// The key of the metadata by which a model says what run it comes from.
    pub const KEY: &'static str = "run";

    /// The identity of a run with these options, which learns from `data`.
    #[must_use]
    pub fn new<'a>(
        options: impl IntoIterator<Item = &'a (String, String)>,
        data: &DataIdentity,
    ) -> Self {
        let mut digest = CRC.digest();
        for (name, value) in options {
            for word in [name, value] {
                digest.update(word.as_bytes());
                digest.update(&[0]);
            }
        }
        let numbers = data.size.into_iter().chain(data.images);
        let numbers = numbers.map(|number| number as u64).chain([data.checksum]);
        numbers.for_each(|number| digest.update(&number.to_le_bytes()));
        Self(digest.finalize())
    }

    /// The identity that [`Display`](std::fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl std::fmt::Display for RunIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Dataset fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataIdentity {
    /// Rows and columns of an image.
    pub size: [usize; 2],
    /// Images to learn from, and held out.
    pub images: [usize; 2],
    /// CRC-64/XZ of pixels, labels and what is known of them.
    pub checksum: u64,
}

impl DataIdentity {
    /// The identity of a data set. Reads all of it.
    #[must_use]
    pub fn of(data: &Dataset) -> Self {
        let mut digest = CRC.digest();
        for Split {
            images,
            labels,
            known,
        } in [&data.train, &data.test]
        {
            digest.update(images.pixels());
            digest.update(labels.as_deref().unwrap_or_default());
            for word in known.iter().flatten() {
                digest.update(&word.to_le_bytes());
            }
        }
        let images = &data.train.images;
        Self {
            size: [images.rows(), images.columns()],
            images: [images.count(), data.test.images.count()],
            checksum: digest.finalize(),
        }
    }
}

impl std::fmt::Display for DataIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ([rows, columns], [train, test]) = (self.size, self.images);
        let sum = self.checksum;
        write!(
            f,
            "{train} + {test} of {rows} x {columns}, checksum {sum:016x}"
        )
    }
}

/// An error of reading a checkpoint. The message is one line and names the file.
#[derive(Debug, Error)]
#[error("{}: {problem}", shown(path))]
pub struct CheckpointError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: CheckpointProblem,
}

/// A problem of a checkpoint.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointProblem {
    /// There is none.
    #[error("not found; expected the checkpoint of an earlier run in this directory")]
    Missing,
    /// The file cannot be read.
    #[error(transparent)]
    Input(#[from] InputProblem),
    /// It is something else.
    #[error("not a checkpoint of bitspin")]
    NotACheckpoint,
    /// It is of another version.
    #[error("a checkpoint of format {0}, expected {VERSION}: of another version of bitspin")]
    Version(u32),
    /// Bytes are missing, or are too many.
    #[error("damaged: {found} bytes, expected {expected}")]
    Length {
        /// As many as there should be.
        expected: u64,
        /// As many as there are.
        found: u64,
    },
    /// Bytes are others than were written.
    #[error("damaged: its checksum is wrong")]
    Checksum,
    /// The checksum is right, but the content is of no use.
    #[error("does not hold what a checkpoint of format {VERSION} holds")]
    Content,
}

/// A checkpoint that was read: its head, and its body yet to be decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What run it is.
    pub head: Head,
    body: Vec<u8>,
}

impl Checkpoint {
    /// Reads the checkpoint `path` and checks it whole.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let problem = |problem| CheckpointError {
            path: path.to_owned(),
            problem,
        };
        let mut input = Input::open(path, &FORMAT).map_err(|error| {
            problem(match error.is_missing() {
                true => CheckpointProblem::Missing,
                false => CheckpointProblem::Input(error.problem),
            })
        })?;
        let mut read = |count| {
            let bytes = input.read_up_to(count);
            bytes.map_err(|error| problem(CheckpointProblem::Input(error.problem)))
        };
        // A large file of another kind is not taken into memory.
        let mut bytes = read(MAGIC.len() as u64)?;
        if bytes == MAGIC {
            bytes.extend(read(u64::MAX)?);
        }
        Self::from_bytes(&bytes).map_err(problem)
    }

    /// Reads a checkpoint from bytes.
    ///
    /// # Errors
    /// [`CheckpointProblem`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointProblem> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or(CheckpointProblem::NotACheckpoint)?;
        let short = |expected: u64| CheckpointProblem::Length {
            expected,
            found: bytes.len() as u64,
        };
        let (version, rest) = rest
            .split_first_chunk()
            .ok_or_else(|| short((BEFORE + AFTER) as u64))?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(CheckpointProblem::Version(version));
        }
        let (length, rest) = rest
            .split_first_chunk()
            .ok_or_else(|| short((BEFORE + AFTER) as u64))?;
        let expected = u64::from_le_bytes(*length).saturating_add((BEFORE + AFTER) as u64);
        if expected != bytes.len() as u64 {
            return Err(short(expected));
        }
        let (payload, sum) = rest.split_last_chunk().ok_or_else(|| short(expected))?;
        if CRC.checksum(&bytes[..bytes.len() - AFTER]) != u64::from_le_bytes(*sum) {
            return Err(CheckpointProblem::Checksum);
        }
        let (head, body) =
            postcard::take_from_bytes(payload).map_err(|_| CheckpointProblem::Content)?;
        let body = body.to_vec();
        Ok(Self { head, body })
    }

    /// Decodes the body, all of it.
    ///
    /// # Errors
    /// [`CheckpointProblem::Content`] if it holds something else.
    pub fn body<B: DeserializeOwned>(&self) -> Result<B, CheckpointProblem> {
        match postcard::take_from_bytes(&self.body) {
            Ok((body, [])) => Ok(body),
            _ => Err(CheckpointProblem::Content),
        }
    }
}

/// A checkpoint as bytes.
///
/// # Panics
/// Never: memory can be written, and nothing that is kept here has an unknown length.
#[must_use]
pub fn seal<B: Serialize>(head: &Head, body: &B) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend([0; 8]);
    for part in [postcard::to_allocvec(head), postcard::to_allocvec(body)] {
        bytes.extend(part.expect("memory can be written"));
    }
    let length = (bytes.len() - BEFORE) as u64;
    bytes[BEFORE - 8..BEFORE].copy_from_slice(&length.to_le_bytes());
    let sum = CRC.checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> (Head, Vec<u8>) {
        let head = Head {
            options: vec![
                ("lr".into(), "0.1".into()),
                ("labels".into(), String::new()),
            ],
            data_path: Some(b"a\xff".to_vec()),
            data: DataIdentity::of(&Dataset::load(None).unwrap()),
            run: RunIdentity(7),
            replaces: None,
            finished: true,
        };
        let bytes = seal(&head, &(7_u32, vec![1.5_f32, f32::MIN_POSITIVE]));
        (head, bytes)
    }

    #[test]
    fn what_was_sealed_comes_back() {
        let (head, bytes) = sealed();
        let found = Checkpoint::from_bytes(&bytes).unwrap();
        assert_eq!(found.head, head);
        let body: (u32, Vec<f32>) = found.body().unwrap();
        assert_eq!(body, (7, vec![1.5, f32::MIN_POSITIVE]));
        assert!(matches!(
            found.body::<u32>(),
            Err(CheckpointProblem::Content)
        ));
        assert!(found.body::<(u32, Vec<f32>, u64, u64)>().is_err());
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_noticed() {
        let (_, bytes) = sealed();
        for length in 0..bytes.len() {
            assert!(
                Checkpoint::from_bytes(&bytes[..length]).is_err(),
                "{length} bytes"
            );
        }
        for bit in 0..8 * bytes.len() {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::from_bytes(&other).is_err(), "bit {bit}");
        }
        assert!(Checkpoint::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn data_are_known_again_and_others_are_not() {
        let data = Dataset::load(None).unwrap();
        let identity = DataIdentity::of(&data);
        let mut other = data.clone();
        other.test.labels.as_mut().unwrap()[999] ^= 1;
        assert_ne!(DataIdentity::of(&other), identity);
        assert_eq!(DataIdentity::of(&data.clone()), identity);
        let half = DataIdentity::of(&data.halved().unwrap());
        assert_eq!((half.size, half.images), ([14, 14], [9000, 1000]));
    }
}
