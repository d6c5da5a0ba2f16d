//! Why bytes are not a blob, and why reading or writing one failed.

use core::fmt;

/// Why bytes are not a blob, or a model cannot become one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There are fewer bytes than a header has.
    Truncated {
        /// The number of bytes.
        found: usize,
    },
    /// The first eight bytes are not those of a blob.
    Magic,
    /// The format has another version than 1.
    Version {
        /// The version.
        found: u16,
    },
    /// The kind of model is unknown, or known but not supported yet.
    Kind {
        /// The kind's number.
        found: u8,
    },
    /// A field of the header has a value without meaning.
    Header {
        /// The field.
        what: &'static str,
        /// The value.
        found: u32,
    },
    /// The header states another length than its shapes ask for.
    StatedLength {
        /// The length that the shapes ask for, in bytes.
        expected: u32,
        /// The length in the header.
        found: u32,
    },
    /// There are more or fewer bytes than the header states.
    Length {
        /// The length in the header.
        expected: usize,
        /// The number of bytes.
        found: usize,
    },
    /// The bytes have another checksum than their last four state.
    Checksum {
        /// The stated checksum.
        expected: u32,
        /// The checksum of the bytes.
        found: u32,
    },
    /// A byte that is not used is not zero.
    Padding {
        /// Its offset.
        offset: usize,
    },
    /// The bytes do not begin at a multiple of 8.
    Alignment,
    /// The blob would be longer than 2^32 - 1 bytes.
    TooLarge,
    /// The blob holds another kind of model than the one that was asked for.
    WrongKind {
        /// The kind that was asked for.
        expected: &'static str,
        /// The kind that the blob holds.
        found: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { found } => {
                write!(f, "expected a header of 32 bytes, found {found} bytes")
            }
            Self::Magic => write!(f, "not a bitspin blob"),
            Self::Version { found } => {
                write!(f, "expected format version 1, found {found}")
            }
            Self::Kind { found } => write!(f, "unknown kind of model {found}"),
            Self::Header { what, found } => write!(f, "the header's {what} cannot be {found}"),
            Self::StatedLength { expected, found } => write!(
                f,
                "the header states {found} bytes: expected {expected} for its shapes"
            ),
            Self::Length { expected, found } => {
                write!(f, "expected {expected} bytes by the header, found {found}")
            }
            Self::Checksum { expected, found } => {
                write!(f, "expected checksum {expected:#010x}, found {found:#010x}")
            }
            Self::Padding { offset } => write!(f, "the unused byte at offset {offset} is not zero"),
            Self::Alignment => write!(f, "the blob does not begin at a multiple of 8 bytes"),
            Self::TooLarge => write!(f, "the blob would be longer than 2^32 - 1 bytes"),
            Self::WrongKind { expected, found } => {
                write!(f, "the blob holds {found}: expected {expected}")
            }
        }
    }
}

impl core::error::Error for Error {}

/// Why no model was read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The reader failed.
    Io(E),
    /// The reader ended before the blob did.
    End,
    /// The blob is longer than the buffer.
    Buffer {
        /// Bytes of the blob.
        needed: usize,
        /// Bytes of the buffer.
        found: usize,
    },
    /// What was read is not a blob, or not a model.
    Blob(crate::Error),
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::End => write!(f, "the bytes end before the blob does"),
            Self::Buffer { needed, found } => {
                write!(f, "the blob has {needed} bytes, the buffer {found}")
            }
            Self::Blob(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadError<E> {}

/// Why a model was not written.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The writer failed.
    Io(E),
    /// The writer takes no more bytes.
    End,
    /// The model cannot become a blob.
    Blob(crate::Error),
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::End => write!(f, "the writer takes no more bytes"),
            Self::Blob(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WriteError<E> {}
