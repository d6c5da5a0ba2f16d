//! The error of this crate: what is wrong with a shape, a value or a blob.

use core::fmt;

/// Why a model, a chain or a distribution could not be made. Variants name the parameter that was wrong.
///
/// Every function of this crate that fails returns this error, except for the input and output of
/// [`blob::read`](crate::blob::read) and [`Blob::write`](crate::Blob::write): one `From<bitspin_core::Error>` is enough for
/// an error type of your own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A slice that must hold at least one element holds none.
    Empty {
        /// The parameter.
        what: &'static str,
    },
    /// A slice has another length than the shapes ask for.
    Length {
        /// The parameter.
        what: &'static str,
        /// The number of elements that the shapes ask for.
        expected: usize,
        /// The number of elements that were given.
        found: usize,
    },
    /// A buffer of fixed size has less room than is needed.
    Capacity {
        /// The buffer.
        what: &'static str,
        /// The number of elements that are needed.
        needed: usize,
        /// The number of elements that there is room for.
        room: usize,
    },
    /// A number is NaN or infinite where only finite ones have a meaning.
    NotFinite {
        /// The parameter.
        what: &'static str,
        /// The position of the first such number.
        index: usize,
    },
    /// A number lies outside the range in which it has a meaning.
    OutOfRange {
        /// The parameter.
        what: &'static str,
        /// The range, in words.
        expected: &'static str,
    },
    /// Bytes are not a blob, or hold another kind of model.
    #[cfg(target_endian = "little")]
    Blob(crate::blob::Error),
}

/// Refuses another number of elements than the expected one.
pub(crate) fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Length {
        what,
        expected,
        found,
    })
}

/// [`check_len`] of several slices: name, expected and found length.
pub(crate) fn check_lens(slices: &[(&'static str, usize, usize)]) -> Result<(), Error> {
    let mut slices = slices.iter();
    slices.try_for_each(|&(what, expected, found)| check_len(what, expected, found))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty { what } => write!(f, "{what}: expected at least one element, found none"),
            Self::Length {
                what,
                expected,
                found,
            } => {
                write!(f, "{what}: expected {expected} elements, found {found}")
            }
            Self::Capacity { what, needed, room } => {
                write!(
                    f,
                    "{what}: room for {room} elements where {needed} are needed"
                )
            }
            Self::NotFinite { what, index } => {
                write!(f, "{what}: the number at position {index} is not finite")
            }
            Self::OutOfRange { what, expected } => {
                write!(f, "{what}: expected {expected}")
            }
            #[cfg(target_endian = "little")]
            Self::Blob(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}
