//! The element types of IDX files and what their bytes stand for.

use std::fmt;

/// The type of an IDX file's elements, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::data) enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Element {
    /// The type that the third byte of the magic number names.
    pub(super) fn of(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Self::U8,
            0x09 => Self::I8,
            0x0b => Self::I16,
            0x0c => Self::I32,
            0x0d => Self::F32,
            0x0e => Self::F64,
            _ => return None,
        })
    }

    /// Bytes of an element.
    pub(super) fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The numbers in `bytes`; what follows the last whole one is left out.
    pub(super) fn numbers(self, bytes: &[u8]) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::U8 => Box::new(bytes.iter().map(|&byte| f64::from(byte))),
            Self::I8 => Box::new(bytes.iter().map(|&byte| f64::from(byte as i8))),
            Self::I16 => {
                let (numbers, _) = bytes.as_chunks();
                Box::new(numbers.iter().map(|&n| i16::from_be_bytes(n).into()))
            }
            Self::I32 => {
                let (numbers, _) = bytes.as_chunks();
                Box::new(numbers.iter().map(|&n| i32::from_be_bytes(n).into()))
            }
            Self::F32 => {
                let (numbers, _) = bytes.as_chunks();
                Box::new(numbers.iter().map(|&n| f32::from_be_bytes(n).into()))
            }
            Self::F64 => {
                let (numbers, _) = bytes.as_chunks();
                Box::new(numbers.iter().map(|&n| f64::from_be_bytes(n)))
            }
        }
    }
}

/// The name that Rust and NumPy have for it.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}
