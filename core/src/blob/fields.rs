//! The header's fields as numbers, and what they mean.

use super::Error;
use super::kind::{IsingWeights, Kind};
use crate::hopfield::{Diagonal, LearningRule};
use crate::network::MAX_UNITS;
use crate::rbm::Shape;
use crate::rbm::compact::{NumberFormat, WeightFormat};

/// Length of a header in bytes.
pub const HEADER_LEN: usize = 32;

pub(super) const MAGIC: [u8; 8] = *b"bitspin\0";
pub(super) const VERSION: u16 = 1;

/// Kinds.
const PATTERNS: u8 = 1;
const COUPLINGS: u8 = 2;
const RBM: u8 = 3;
const ISING: u8 = 4;
const LABELLED: u8 = 5;

/// Number formats: the place in this list, counted from 1.
const WEIGHTS: [WeightFormat; 5] = [
    WeightFormat::I16,
    WeightFormat::I8,
    WeightFormat::I4,
    WeightFormat::Ternary,
    WeightFormat::Sign,
];
const I16: u8 = 1;
const I8: u8 = 2;
const SIGN: u8 = 5;

/// The rule of exponential patterns; 1 and 2 are those of [`LearningRule`].
const EXPONENTIAL: u8 = 3;

/// How the couplings of an Ising model are laid out, in the byte that patterns have their rule in.
const DENSE: u8 = 1;
const SPARSE: u8 = 2;

/// The header's fields in the order of their bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields {
    pub(super) magic: [u8; 8],
    pub(super) version: u16,
    kind: u8,
    number_format: u8,
    pub(super) len: u32,
    units: u32,
    /// Patterns, hidden units, or couplings in sparse rows.
    others: u32,
    /// Or terms.
    weight_scale: u16,
    fraction_bits: u8,
    rule: u8,
    diagonal: u8,
    unused: u8,
    classes: u16,
}

impl Fields {
    pub(super) fn new(kind: Kind, len: u32) -> Self {
        let fields = Self {
            magic: MAGIC,
            version: VERSION,
            len,
            ..Self::default()
        };
        // Numbers of units and terms fit, since the blob's length does.
        match kind {
            Kind::Patterns {
                units,
                count,
                rule,
                diagonal,
            } => Self {
                kind: PATTERNS,
                units: units as u32,
                others: count as u32,
                rule: match rule {
                    LearningRule::Hebb => 1,
                    LearningRule::Covariance => 2,
                },
                diagonal: match diagonal {
                    Diagonal::Zero => 1,
                    Diagonal::Kept => 2,
                },
                ..fields
            },
            Kind::Exponential {
                units,
                count,
                terms,
            } => Self {
                kind: PATTERNS,
                units: units as u32,
                others: count as u32,
                weight_scale: terms as u16,
                rule: EXPONENTIAL,
                ..fields
            },
            Kind::CouplingsI16 { units } => Self {
                kind: COUPLINGS,
                number_format: I16,
                units: units as u32,
                ..fields
            },
            Kind::CouplingsI8 { units } => Self {
                kind: COUPLINGS,
                number_format: I8,
                units: units as u32,
                ..fields
            },
            Kind::CouplingsSign { units } => Self {
                kind: COUPLINGS,
                number_format: SIGN,
                units: units as u32,
                ..fields
            },
            Kind::Rbm { shape, format } => fields.with_rbm(RBM, shape, format),
            Kind::Labelled {
                shape,
                format,
                classes,
            } => Self {
                classes: classes as u16,
                ..fields.with_rbm(LABELLED, shape, format)
            },
            Kind::Ising {
                units,
                stored,
                weights,
                fraction_bits,
            } => Self {
                kind: ISING,
                number_format: match weights {
                    IsingWeights::I16 => I16,
                    IsingWeights::I8 => I8,
                },
                units: units as u32,
                others: stored.unwrap_or(0) as u32,
                fraction_bits: fraction_bits as u8,
                rule: stored.map_or(DENSE, |_| SPARSE),
                ..fields
            },
        }
    }

    fn with_rbm(self, kind: u8, shape: Shape, format: NumberFormat) -> Self {
        Self {
            kind,
            number_format: match format.weights {
                WeightFormat::I16 => I16,
                WeightFormat::I8 => I8,
                WeightFormat::I4 => 3,
                WeightFormat::Ternary => 4,
                WeightFormat::Sign => SIGN,
            },
            units: shape.visible() as u32,
            others: shape.hidden() as u32,
            weight_scale: format.weight_scale,
            fraction_bits: format.fraction_bits as u8,
            ..self
        }
    }

    /// What the fields say of the model.
    pub(super) fn kind(&self) -> Result<Kind, crate::Error> {
        let header = |what, found: u32| crate::Error::Blob(Error::Header { what, found });
        let units = self.units as usize;
        match self.kind {
            PATTERNS | COUPLINGS | ISING if units > MAX_UNITS => {
                Err(header("number of units", self.units))
            }
            PATTERNS if self.rule == EXPONENTIAL => Ok(Kind::Exponential {
                units,
                count: self.others as usize,
                terms: self.weight_scale.into(),
            }),
            PATTERNS => Ok(Kind::Patterns {
                units,
                count: self.others as usize,
                rule: match self.rule {
                    1 => LearningRule::Hebb,
                    2 => LearningRule::Covariance,
                    other => return Err(header("rule", other.into())),
                },
                diagonal: match self.diagonal {
                    1 => Diagonal::Zero,
                    2 => Diagonal::Kept,
                    other => return Err(header("diagonal", other.into())),
                },
            }),
            COUPLINGS => match self.number_format {
                I16 => Ok(Kind::CouplingsI16 { units }),
                I8 => Ok(Kind::CouplingsI8 { units }),
                SIGN => Ok(Kind::CouplingsSign { units }),
                other => Err(header("number format", other.into())),
            },
            RBM | LABELLED => {
                let weights = WEIGHTS.get(usize::from(self.number_format).wrapping_sub(1));
                let weights =
                    *weights.ok_or_else(|| header("number format", self.number_format.into()))?;
                let shape = Shape::new(units, self.others as usize)?;
                let format = NumberFormat {
                    weights,
                    weight_scale: self.weight_scale,
                    fraction_bits: self.fraction_bits.into(),
                };
                Ok(match self.kind {
                    RBM => Kind::Rbm { shape, format },
                    _ => Kind::Labelled {
                        shape,
                        format,
                        classes: self.classes.into(),
                    },
                })
            }
            ISING => Ok(Kind::Ising {
                units,
                stored: match self.rule {
                    DENSE => None,
                    SPARSE => Some(self.others as usize),
                    other => return Err(header("layout", other.into())),
                },
                weights: match self.number_format {
                    I16 => IsingWeights::I16,
                    I8 => IsingWeights::I8,
                    other => return Err(header("number format", other.into())),
                },
                fraction_bits: self.fraction_bits.into(),
            }),
            found => Err(crate::Error::Blob(Error::Kind { found })),
        }
    }

    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        let mut rest = &mut bytes[..];
        let mut put = |field: &[u8]| {
            if let Some((place, behind)) =
                core::mem::take(&mut rest).split_at_mut_checked(field.len())
            {
                place.copy_from_slice(field);
                rest = behind;
            }
        };
        put(&self.magic);
        put(&self.version.to_le_bytes());
        put(&[self.kind, self.number_format]);
        put(&self.len.to_le_bytes());
        put(&self.units.to_le_bytes());
        put(&self.others.to_le_bytes());
        put(&self.weight_scale.to_le_bytes());
        put(&[self.fraction_bits, self.rule, self.diagonal, self.unused]);
        put(&self.classes.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8; HEADER_LEN]) -> Self {
        let mut rest = &bytes[..];
        Self {
            magic: take(&mut rest),
            version: u16::from_le_bytes(take(&mut rest)),
            kind: u8::from_le_bytes(take(&mut rest)),
            number_format: u8::from_le_bytes(take(&mut rest)),
            len: u32::from_le_bytes(take(&mut rest)),
            units: u32::from_le_bytes(take(&mut rest)),
            others: u32::from_le_bytes(take(&mut rest)),
            weight_scale: u16::from_le_bytes(take(&mut rest)),
            fraction_bits: u8::from_le_bytes(take(&mut rest)),
            rule: u8::from_le_bytes(take(&mut rest)),
            diagonal: u8::from_le_bytes(take(&mut rest)),
            unused: u8::from_le_bytes(take(&mut rest)),
            classes: u16::from_le_bytes(take(&mut rest)),
        }
    }
}

/// The next bytes; zeros past the end, which the header's length excludes.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    match rest.split_first_chunk() {
        Some((field, behind)) => {
            *rest = behind;
            *field
        }
        None => [0; N],
    }
}
