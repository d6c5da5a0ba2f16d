//! The firmware model format: one model in contiguous bytes, used in place from flash or from a buffer.
//!
//! [`Blob::parse`] borrows; nothing is copied and nothing is allocated. [`include_blob!`](crate::include_blob) includes a
//! file in the program, aligned as parsing needs it. `TryFrom` turns a [`Blob`] into the model that a program expects.
//! [`Blob::write`] and [`read`] work on any `embedded-io` stream: a serial line, a file or a slice.
//!
//! # The bytes
//! All numbers are little-endian. A blob and each section in it are aligned to 8 bytes. The header is 32 bytes:
//!
//! | offset | bytes | what |
//! | --- | --- | --- |
//! | 0 | 8 | `"bitspin\0"` |
//! | 8 | 2 | format version: 1 |
//! | 10 | 1 | kind: 1 Hopfield patterns, 2 Hopfield couplings, 3 RBM, 4 Ising model, 5 RBM with label units |
//! | 11 | 1 | number format, see below |
//! | 12 | 4 | length of the blob in bytes, a multiple of 8 |
//! | 16 | 4 | units: spins N, or visible units, labels among them |
//! | 20 | 4 | patterns P, or hidden units; sparse Ising models: couplings M, each pair counted twice; else 0 |
//! | 24 | 2 | RBMs: weight scale, 1..=32767; exponential patterns: terms T, at least 1; else 0 |
//! | 26 | 1 | fraction bits, RBMs: 0..=11, Ising model: 0..=24; else 0 |
//! | 27 | 1 | patterns: rule, 1 Hebb, 2 covariance, 3 exponential; Ising model: layout, 1 dense, 2 sparse; else 0 |
//! | 28 | 1 | Hebb and covariance patterns: diagonal, 1 zero, 2 kept; else 0 |
//! | 29 | 1 | 0 |
//! | 30 | 2 | RBM with label units: classes, 1.. and fewer than visible units; else 0 |
//!
//! Sections follow, each behind zeros up to the next multiple of 8 bytes:
//!
//! | kind | number format | sections |
//! | --- | --- | --- |
//! | 1 patterns | 0 | P rows of ceil(N / 64) 64-bit words: unit i in bit i % 64 of word i / 64, tails zero; for the exponential rule also T terms (`u32`), see [`exponential_table`](crate::hopfield::exponential_table) |
//! | 2 couplings | 1 `i16`, 2 `i8` | N x N numbers, row by row |
//! | 2 couplings | 5 sign | N rows of words as of patterns: a set bit is +1, a clear one -1; the diagonal is clear |
//! | 3 RBM, 5 with label units | 1 `i16`, 2 `i8`, 3 `i4`, 4 ternary, 5 sign | visible biases (`i16`); hidden biases (`i16`); a row of codes per visible unit, see [`WeightFormat`]; the labels are the last visible units |
//! | 4 Ising, dense | 1 `i16`, 2 `i8` | N external fields (`i32`); N x N couplings, row by row |
//! | 4 Ising, sparse | 1 `i16`, 2 `i8` | N external fields (`i32`); N + 1 offsets (`u32`); M neighbours (`u32`); M couplings, see [`Sparse`] |
//!
//! After the last section zeros make the length 4 more than a multiple of 8; the last 4 bytes are the CRC-32 of all bytes
//! before them (that of zlib and Ethernet: reflected polynomial 0xEDB88320, start and final exclusive or 0xFFFFFFFF).
//!
//! The encoding is canonical: a model has exactly one blob. Unused bytes are zero, and are checked.
//!
//! # What is checked
//! Everything is checked, and every length before it is used: bytes are a valid model or a typed error. The CRC detects
//! damage in transfer; wrong numbers with a right CRC fail the checks of the model's constructor, which cost O(visible x
//! hidden) for an RBM, O(N^2) for dense couplings and O(M log M) for sparse ones, once.
//!
//! The module exists on little-endian targets only, where the bytes are the numbers.

mod aligned;
mod checksum;
mod convert;
mod error;
mod fields;
mod header;
mod ising;
mod kind;
mod stream;

pub use aligned::Aligned;
pub use checksum::crc32;
pub use error::{Error, ReadError, WriteError};
pub use fields::HEADER_LEN;
pub use header::Header;
pub use ising::Ising;
pub use kind::{IsingWeights, Kind};
pub use stream::read;

use core::ops::Range;

use crate::hopfield::{ClippedCouplings, ExponentialMemory, PatternMemory, Patterns};
use crate::ising::{Dense, Model as _, Sparse};
use crate::network::{Couplings, Network};
#[cfg(doc)]
use crate::rbm::WeightFormat;
use crate::rbm::compact::{Buffers, CompactLabelled, CompactRbm};

/// Alignment of a blob and of its sections, in bytes.
const ALIGNMENT: usize = align_of::<Aligned<()>>();

/// A model borrowed from its bytes.
///
/// ```
/// use bitspin_core::blob::{self, Blob};
/// use bitspin_core::hopfield::{Diagonal, PatternMemory, Patterns, LearningRule};
/// let patterns = [0x00ff_u64, 0x0f0f];
/// let memory = PatternMemory::new(Patterns::new(16, &patterns[..])?, LearningRule::Hebb, Diagonal::Zero)?;
/// let mut words = [0_u64; 7];
/// let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
/// Blob::Patterns(memory).write(&mut &mut bytes[..]).unwrap();
/// let Blob::Patterns(same) = Blob::parse(bytes).unwrap() else { unreachable!() };
/// assert_eq!(same, memory);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blob<'a> {
    /// A Hopfield network of packed patterns.
    Patterns(PatternMemory<&'a [u64]>),
    /// A Hopfield network of packed patterns whose energy is the exponential of the overlaps.
    Exponential(ExponentialMemory<&'a [u64], &'a [u32]>),
    /// A Hopfield network of couplings of 16 bits.
    CouplingsI16(Couplings<i16, &'a [i16]>),
    /// A Hopfield network of couplings of 8 bits.
    CouplingsI8(Couplings<i8, &'a [i8]>),
    /// A Hopfield network of couplings of one bit.
    CouplingsSign(ClippedCouplings<&'a [u64]>),
    /// A restricted Boltzmann machine.
    Rbm(CompactRbm<&'a [u8], &'a [i16]>),
    /// A restricted Boltzmann machine with label units.
    Labelled(CompactLabelled<&'a [u8], &'a [i16]>),
    /// An Ising model.
    Ising(Ising<'a>),
}

impl<'a> Blob<'a> {
    /// Parses bytes that are exactly one blob. For a blob that other bytes follow, [`Header::parse`] gives the length.
    /// O(bytes), plus the cost of the model's constructor.
    ///
    /// # Errors
    /// [`crate::Error::Blob`] if they are not a blob, another [`crate::Error`] if their numbers are not a model. Any bytes
    /// are safe to pass.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, crate::Error> {
        let header = Header::parse(bytes)?;
        if bytes.len() != header.blob_len() {
            return Err(crate::Error::Blob(Error::Length {
                expected: header.blob_len(),
                found: bytes.len(),
            }));
        }
        check_alignment(bytes)?;
        checksum::check(bytes)?;
        let [first, second, third, fourth] = sections(&header, bytes)?;
        Ok(match header.kind() {
            Kind::Patterns {
                units,
                rule,
                diagonal,
                ..
            } => {
                let patterns = Patterns::new(units, cast(first)?)?;
                Self::Patterns(PatternMemory::new(patterns, rule, diagonal)?)
            }
            Kind::Exponential { units, .. } => {
                let patterns = Patterns::new(units, cast(first)?)?;
                Self::Exponential(ExponentialMemory::new(patterns, cast(second)?)?)
            }
            Kind::CouplingsI16 { units } => {
                Self::CouplingsI16(Couplings::new(units, cast(first)?)?)
            }
            Kind::CouplingsI8 { units } => Self::CouplingsI8(Couplings::new(units, cast(first)?)?),
            Kind::CouplingsSign { units } => {
                Self::CouplingsSign(ClippedCouplings::new(units, cast(first)?)?)
            }
            Kind::Rbm { shape, format } | Kind::Labelled { shape, format, .. } => {
                let buffers = Buffers {
                    codes: third,
                    visible_bias: cast(first)?,
                    hidden_bias: cast(second)?,
                };
                let rbm = CompactRbm::new(shape, format, buffers)?;
                match header.kind() {
                    Kind::Labelled { classes, .. } => {
                        Self::Labelled(CompactLabelled::new(rbm, classes)?)
                    }
                    _ => Self::Rbm(rbm),
                }
            }
            Kind::Ising {
                units,
                stored,
                weights,
                fraction_bits: bits,
            } => {
                let fields = cast(first)?;
                Self::Ising(match (stored, weights) {
                    (None, IsingWeights::I16) => {
                        Ising::DenseI16(Dense::new(units, cast(second)?, fields, bits)?)
                    }
                    (None, IsingWeights::I8) => {
                        Ising::DenseI8(Dense::new(units, cast(second)?, fields, bits)?)
                    }
                    (Some(_), weights) => {
                        let (offsets, neighbours) = (cast(second)?, cast(third)?);
                        match weights {
                            IsingWeights::I16 => Ising::SparseI16(Sparse::new(
                                offsets,
                                neighbours,
                                cast(fourth)?,
                                fields,
                                bits,
                            )?),
                            IsingWeights::I8 => Ising::SparseI8(Sparse::new(
                                offsets,
                                neighbours,
                                cast(fourth)?,
                                fields,
                                bits,
                            )?),
                        }
                    }
                })
            }
        })
    }

    /// The header that the model's blob has.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if the blob would be longer than 2^32 - 1 bytes, an exponential memory has more than 65,535
    /// terms, or there are more labels.
    pub fn header(&self) -> Result<Header, crate::Error> {
        Header::new(match self {
            Self::Patterns(memory) => Kind::Patterns {
                units: memory.patterns().units(),
                count: memory.patterns().count(),
                rule: memory.rule(),
                diagonal: memory.diagonal(),
            },
            Self::Exponential(memory) => Kind::Exponential {
                units: memory.patterns().units(),
                count: memory.patterns().count(),
                terms: memory.table().len(),
            },
            Self::CouplingsI16(couplings) => Kind::CouplingsI16 {
                units: couplings.units(),
            },
            Self::CouplingsI8(couplings) => Kind::CouplingsI8 {
                units: couplings.units(),
            },
            Self::CouplingsSign(couplings) => Kind::CouplingsSign {
                units: couplings.units(),
            },
            Self::Rbm(model) => Kind::Rbm {
                shape: model.shape(),
                format: model.format(),
            },
            Self::Labelled(model) => Kind::Labelled {
                shape: model.rbm().shape(),
                format: model.rbm().format(),
                classes: model.classes(),
            },
            Self::Ising(model) => Kind::Ising {
                units: model.units(),
                stored: model.stored(),
                weights: model.weights(),
                fraction_bits: model.fraction_bits(),
            },
        })
    }

    /// The bytes of the sections, which are the model's own.
    fn sections(&self) -> [&[u8]; 4] {
        match self {
            Self::Patterns(memory) => {
                let words = memory.patterns().as_words();
                [bytemuck::cast_slice(words), &[], &[], &[]]
            }
            Self::Exponential(memory) => {
                let (words, table) = (memory.patterns().as_words(), memory.table());
                [
                    bytemuck::cast_slice(words),
                    bytemuck::cast_slice(table),
                    &[],
                    &[],
                ]
            }
            Self::CouplingsI16(couplings) => {
                [bytemuck::cast_slice(couplings.weights()), &[], &[], &[]]
            }
            Self::CouplingsI8(couplings) => {
                [bytemuck::cast_slice(couplings.weights()), &[], &[], &[]]
            }
            Self::CouplingsSign(couplings) => {
                [bytemuck::cast_slice(couplings.as_words()), &[], &[], &[]]
            }
            Self::Rbm(model) => rbm_sections(model),
            Self::Labelled(model) => rbm_sections(model.rbm()),
            Self::Ising(model) => model.sections(),
        }
    }
}

/// The biases and the codes of an RBM.
fn rbm_sections<'s>(model: &'s CompactRbm<&[u8], &[i16]>) -> [&'s [u8]; 4] {
    let buffers = model.buffers();
    [
        bytemuck::cast_slice(buffers.visible_bias),
        bytemuck::cast_slice(buffers.hidden_bias),
        buffers.codes,
        &[],
    ]
}

/// Cuts a blob of the right length into its sections, whose padding has to be zero.
fn sections<'a>(header: &Header, bytes: &'a [u8]) -> Result<[&'a [u8]; 4], crate::Error> {
    let mut sections: [&[u8]; 4] = [&[]; 4];
    let mut end = HEADER_LEN;
    for (section, (begin, behind)) in sections.iter_mut().zip(header.sections) {
        check_zero(bytes, end..begin)?;
        *section = bytes.get(begin..behind).unwrap_or_default();
        end = behind;
    }
    check_zero(bytes, end..bytes.len() - checksum::LEN)?;
    Ok(sections)
}

fn check_zero(bytes: &[u8], padding: Range<usize>) -> Result<(), crate::Error> {
    let unused = bytes.get(padding.clone()).unwrap_or_default();
    match unused.iter().position(|&byte| byte != 0) {
        Some(at) => Err(crate::Error::Blob(Error::Padding {
            offset: padding.start + at,
        })),
        None => Ok(()),
    }
}

/// Requires the alignment of `u64` for every kind of model, so that parsing does not depend on where bytes happen to lie.
/// (Some targets align `u64` to less than [`ALIGNMENT`].)
fn check_alignment(bytes: &[u8]) -> Result<(), crate::Error> {
    if bytes.as_ptr().addr().is_multiple_of(align_of::<u64>()) {
        Ok(())
    } else {
        Err(crate::Error::Blob(Error::Alignment))
    }
}

/// A section as numbers.
fn cast<T: bytemuck::AnyBitPattern>(bytes: &[u8]) -> Result<&[T], crate::Error> {
    bytemuck::try_cast_slice(bytes).map_err(|_| crate::Error::Blob(Error::Alignment))
}
