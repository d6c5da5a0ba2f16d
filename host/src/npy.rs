//! NumPy's `.npy` format, versions 1 to 3, as `numpy.lib.format` documents it.
//!
//! A file is a magic number, the version, the length of the header, the header (a Python dictionary literal with the keys
//! `descr`, `fortran_order` and `shape`), and the elements. The reader is strict: it evaluates no Python, checks that the
//! shape does not overflow before anything is allocated, and quotes at most a few escaped characters of a header that is
//! wrong. Booleans, integers of 1 to 8 bytes and floats of 2 to 8 bytes are taken, in both byte orders.
//!
//! ```
//! use bitspin::npy::{Header, Kind};
//!
//! let header = Header::c_order(Kind::Unsigned, 1, &[2, 3]);
//! let mut file = header.to_bytes();
//! file.extend([0, 1, 1, 0, 0, 1]);
//! let mut reader = file.as_slice();
//! assert_eq!(Header::read(&mut reader)?, header);
//! assert_eq!(reader.len(), header.data_bytes());
//! # Ok::<(), bitspin::npy::NpyError>(())
//! ```

mod literal;

use std::io::{self, Read};

use thiserror::Error;

/// How every file begins.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The longest header that is read, in bytes. NumPy itself refuses headers of more than 10,000 characters.
const MOST_HEADER: usize = 1 << 16;

/// The most axes of an array, as in NumPy 2.
const MOST_AXES: usize = 64;

/// Elements start at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// Why bytes are not an array that can be read. Each message is one line and fits after `expected ...`.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The bytes do not begin with [`MAGIC`].
    #[error("expected a NumPy array, found something else")]
    Magic,
    /// A version that does not exist yet.
    #[error("expected .npy version 1, 2 or 3, found version {0}")]
    Version(u8),
    /// The file ends inside its header.
    #[error("cut short: the NumPy header ends after {found} of {expected} bytes")]
    CutShort {
        /// Bytes that the header should have.
        expected: usize,
        /// Bytes that there are.
        found: usize,
    },
    /// The header claims to be longer than any header is.
    #[error("expected a NumPy header of at most {MOST_HEADER} bytes, found {0}")]
    TooLong(usize),
    /// The header is no dictionary of the three keys.
    #[error("expected {expected} in the NumPy header, found {found}")]
    Header {
        /// What belongs there.
        expected: &'static str,
        /// What is there, quoted, escaped and shortened.
        found: String,
    },
    /// Elements of a type that is no plain number.
    #[error("expected booleans, integers or floats of at most 8 bytes, found type {0}")]
    Type(String),
    /// More elements than can be addressed.
    #[error("expected an array that fits in memory, found shape {0}")]
    TooLarge(String),
    /// The reader failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Kinds of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Booleans, a byte each.
    Bool,
    /// Unsigned integers.
    Unsigned,
    /// Signed integers.
    Signed,
    /// IEEE 754 floats.
    Float,
}

/// The type, order and shape of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Kind of the elements.
    pub kind: Kind,
    /// Bytes per element: 1, 2, 4 or 8.
    pub size: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Whether the first index varies fastest.
    pub fortran_order: bool,
    /// Elements along each axis. Their product, in bytes, fits a `usize`.
    pub shape: Vec<usize>,
}

impl Header {
    /// A little-endian array in C order, as [`Header::to_bytes`] writes it.
    #[must_use]
    pub fn c_order(kind: Kind, size: usize, shape: &[usize]) -> Self {
        Self {
            kind,
            size,
            big_endian: false,
            fortran_order: false,
            shape: shape.to_vec(),
        }
    }

    /// Reads a header and leaves `reader` at the first element.
    ///
    /// # Errors
    /// [`NpyError`] where the bytes are no header of an array of plain numbers.
    pub fn read(reader: &mut impl Read) -> Result<Self, NpyError> {
        let mut start = [0; MAGIC.len() + 2];
        let found = fill(reader, &mut start)?;
        if !start.starts_with(&MAGIC[..found.min(MAGIC.len())]) || found < MAGIC.len() {
            return Err(NpyError::Magic);
        }
        let cut = |expected, found| NpyError::CutShort { expected, found };
        if found < start.len() {
            return Err(cut(start.len(), found));
        }
        let mut length = [0; 4];
        let bytes = match start[MAGIC.len()] {
            1 => 2,
            2 | 3 => 4,
            other => return Err(NpyError::Version(other)),
        };
        let found = fill(reader, &mut length[..bytes])?;
        if found < bytes {
            return Err(cut(start.len() + bytes, start.len() + found));
        }
        let length = u32::from_le_bytes(length) as usize;
        if length > MOST_HEADER {
            return Err(NpyError::TooLong(length));
        }
        let mut text = vec![0; length];
        let found = fill(reader, &mut text)?;
        if found < length {
            return Err(cut(length, found));
        }
        literal::parse(&text)
    }

    /// Number of elements; 1 of an array without axes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes of all elements.
    #[must_use]
    pub fn data_bytes(&self) -> usize {
        self.count() * self.size
    }

    /// The element stored in `bytes`, of which there are [`size`](Self::size). Integers beyond 2^53 are rounded.
    ///
    /// # Panics
    /// If there are more than 8 bytes or none.
    #[must_use]
    pub fn value(&self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        if self.big_endian {
            word[..bytes.len()].reverse();
        }
        let word = u64::from_le_bytes(word);
        let unused = 64 - 8 * bytes.len() as u32;
        match (self.kind, bytes.len()) {
            (Kind::Bool, _) => f64::from(u8::from(word != 0)),
            (Kind::Unsigned, _) => word as f64,
            (Kind::Signed, _) => ((word << unused).cast_signed() >> unused) as f64,
            (Kind::Float, 2) => half(word as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (Kind::Float, _) => f64::from_bits(word),
        }
    }

    /// The header of a file, in version 1.0; elements follow.
    ///
    /// # Panics
    /// If the shape has so many axes that a header of version 1 does not hold it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let order = match (self.size, self.big_endian) {
            (1, _) => '|',
            (_, true) => '>',
            (_, false) => '<',
        };
        let kind = match self.kind {
            Kind::Bool => 'b',
            Kind::Unsigned => 'u',
            Kind::Signed => 'i',
            Kind::Float => 'f',
        };
        let fortran = if self.fortran_order { "True" } else { "False" };
        let mut text = format!(
            "{{'descr': '{order}{kind}{}', 'fortran_order': {fortran}, 'shape': {}, }}",
            self.size,
            tuple(&self.shape)
        );
        let before = MAGIC.len() + 4;
        let padded = (before + text.len() + 1).next_multiple_of(ALIGNMENT);
        text.extend(std::iter::repeat_n(' ', padded - before - text.len() - 1));
        text.push('\n');
        let length = u16::try_from(text.len()).expect("a header of a few axes is short");
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes
    }
}

/// A file of `bytes` as uint8 numbers in C order.
///
/// # Panics
/// Unless there are as many bytes as `shape` has elements.
#[must_use]
pub fn of_bytes(shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let header = Header::c_order(Kind::Unsigned, 1, shape);
    assert_eq!(header.count(), bytes.len(), "the shape holds the elements");
    let mut file = header.to_bytes();
    file.extend_from_slice(bytes);
    file
}

/// A file of float32 numbers in C order.
///
/// # Panics
/// Unless there are as many numbers as `shape` has elements.
#[must_use]
pub fn of_floats(shape: &[usize], numbers: &[f32]) -> Vec<u8> {
    let header = Header::c_order(Kind::Float, 4, shape);
    assert_eq!(
        header.count(),
        numbers.len(),
        "the shape holds the elements"
    );
    let mut file = header.to_bytes();
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    file
}

/// A shape as Python writes it: `(2, 3)`, `(2,)`, `()`.
#[must_use]
pub fn tuple(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    format!("({}{comma})", sizes.join(", "))
}

/// An IEEE 754 binary16 number.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => mantissa * f64::powi(2.0, -24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * f64::powi(2.0, exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// Reads until `buffer` is full or the reader ends; how many bytes were read.
pub(crate) fn fill(reader: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
