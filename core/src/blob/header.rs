//! The header of a blob: kind and shape of the model, and length of the blob.

use super::fields::{Fields, HEADER_LEN, MAGIC, VERSION};
use super::kind::Kind;
use super::{ALIGNMENT, Error, checksum};
use crate::bits::words;

/// A blob's header: the kind of model and the length of the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    kind: Kind,
    /// Bytes of the blob.
    len: u32,
    /// Where each section begins and ends; where there are fewer than four, the others begin and end with the last.
    pub(super) sections: [(usize, usize); 4],
}

impl Header {
    /// The header of a model.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if its blob would be longer than 2^32 - 1 bytes, an exponential memory has more than 65,535
    /// terms, or there are more labels.
    pub fn new(kind: Kind) -> Result<Self, crate::Error> {
        let too_large = crate::Error::Blob(Error::TooLarge);
        let (places, len) = layout(kind).ok_or(too_large)?;
        Ok(Self {
            kind,
            len: u32::try_from(len).map_err(|_| too_large)?,
            // None ends behind the whole.
            sections: places.map(|(begin, end)| (begin as usize, end as usize)),
        })
    }

    /// Parses a header from the first [`HEADER_LEN`] bytes of a blob.
    ///
    /// # Errors
    /// [`Error::Truncated`] if there are fewer bytes; [`Error::Magic`], [`Error::Version`], [`Error::Kind`],
    /// [`Error::Header`] or another [`crate::Error`] if a field has no meaning; [`Error::StatedLength`] unless the length is the
    /// one that the shapes ask for; [`Error::Padding`] if a field that the kind has no use for is not zero.
    pub fn parse(bytes: &[u8]) -> Result<Self, crate::Error> {
        let Some(bytes) = bytes.first_chunk::<HEADER_LEN>() else {
            return Err(crate::Error::Blob(Error::Truncated { found: bytes.len() }));
        };
        let fields = Fields::decode(bytes);
        if fields.magic != MAGIC {
            return Err(crate::Error::Blob(Error::Magic));
        }
        if fields.version != VERSION {
            let found = fields.version;
            return Err(crate::Error::Blob(Error::Version { found }));
        }
        let header = Self::new(fields.kind()?)?;
        if fields.len != header.len {
            let (expected, found) = (header.len, fields.len);
            return Err(crate::Error::Blob(Error::StatedLength { expected, found }));
        }
        // All fields that have a use are in `kind` and come back as they were; only the others can differ.
        let canonical = header.encode();
        match canonical.iter().zip(bytes).position(|(a, b)| a != b) {
            Some(offset) => Err(crate::Error::Blob(Error::Padding { offset })),
            None => Ok(header),
        }
    }

    /// The header's bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        Fields::new(self.kind, self.len).encode()
    }

    /// What the model is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of the whole blob, a multiple of 8.
    #[must_use]
    pub fn blob_len(&self) -> usize {
        self.len as usize
    }
}

/// The lengths of a kind's sections in bytes, if they can be counted.
fn section_lens(kind: Kind) -> Option<[u64; 4]> {
    if let Kind::Labelled { classes, .. } = kind {
        u16::try_from(classes).ok()?;
    }
    let couplings = |units: usize| (units as u64).checked_mul(units as u64);
    let rows = |units: usize, rows: usize| (8 * words(units) as u64).checked_mul(rows as u64);
    Some(match kind {
        Kind::Patterns { units, count, .. } => [rows(units, count)?, 0, 0, 0],
        Kind::Exponential {
            units,
            count,
            terms,
        } => {
            let terms = u16::try_from(terms).ok()?;
            [rows(units, count)?, 4 * u64::from(terms), 0, 0]
        }
        Kind::CouplingsI16 { units } => [couplings(units)?.checked_mul(2)?, 0, 0, 0],
        Kind::CouplingsI8 { units } => [couplings(units)?, 0, 0, 0],
        Kind::CouplingsSign { units } => [rows(units, units)?, 0, 0, 0],
        Kind::Rbm { shape, format } | Kind::Labelled { shape, format, .. } => {
            // A shape has at most 2^16 units per layer.
            let row = format.weights.row_len(shape.hidden()) as u64;
            let (visible, hidden) = (shape.visible() as u64, shape.hidden() as u64);
            [2 * visible, 2 * hidden, visible * row, 0]
        }
        Kind::Ising {
            units,
            stored,
            weights,
            ..
        } => {
            let numbers = match stored {
                None => couplings(units)?,
                Some(stored) => stored as u64,
            };
            let weights = numbers.checked_mul(weights.bytes() as u64)?;
            let fields = (units as u64).checked_mul(4)?;
            match stored {
                None => [fields, weights, 0, 0],
                Some(_) => {
                    let offsets = fields.checked_add(4)?;
                    [fields, offsets, numbers.checked_mul(4)?, weights]
                }
            }
        }
    })
}

/// Where a kind's sections lie, and how long its blob is, if that can be counted.
fn layout(kind: Kind) -> Option<([(u64, u64); 4], u64)> {
    let mut end = HEADER_LEN as u64;
    let mut places = [(end, end); 4];
    for (place, len) in places.iter_mut().zip(section_lens(kind)?) {
        if len > 0 {
            let begin = end.checked_next_multiple_of(ALIGNMENT as u64)?;
            end = begin.checked_add(len)?;
            *place = (begin, end);
        } else {
            *place = (end, end);
        }
    }
    let len = end
        .checked_add(checksum::LEN as u64)?
        .checked_next_multiple_of(ALIGNMENT as u64)?;
    Some((places, len))
}
