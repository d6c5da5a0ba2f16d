//! What can be wrong with a blob, and with the way to it.

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
    /// The numbers are not a model.
    Model(crate::Error),
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Model(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { found } => {
                write!(f, "{found} bytes are fewer than a header has")
            }
            Self::Magic => write!(f, "not a bitspin blob"),
            Self::Version { found } => {
                write!(f, "format version {found} where 1 was expected")
            }
            Self::Kind { found } => write!(f, "model kind {found} is not known"),
            Self::Header { what, found } => write!(f, "the header's {what} cannot be {found}"),
            Self::StatedLength { expected, found } => write!(
                f,
                "the header states {found} bytes where its shapes ask for {expected}"
            ),
            Self::Length { expected, found } => {
                write!(f, "{found} bytes where the header states {expected}")
            }
            Self::Checksum { expected, found } => {
                write!(f, "checksum {found:#010x} where {expected:#010x} is stated")
            }
            Self::Padding { offset } => write!(f, "the unused byte {offset} is not zero"),
            Self::Alignment => write!(f, "the blob does not begin at a multiple of 8 bytes"),
            Self::TooLarge => write!(f, "the blob would be longer than 2^32 - 1 bytes"),
            Self::Model(error) => error.fmt(f),
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
    /// The reader came to its end before the blob did.
    End,
    /// The blob is longer than the buffer.
    Buffer {
        /// Bytes of the blob.
        needed: usize,
        /// Bytes of the buffer.
        found: usize,
    },
    /// What was read is not a blob.
    Blob(Error),
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::End => write!(f, "the bytes end before the blob does"),
            Self::Buffer { needed, found } => {
                write!(f, "a blob of {needed} bytes for a buffer of {found}")
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
    Blob(Error),
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
