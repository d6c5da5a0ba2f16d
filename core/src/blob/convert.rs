//! Blobs from bytes, and models from blobs.

use super::{Blob, Error, Ising};
use crate::hopfield::{ClippedCouplings, ExponentialMemory, PatternMemory};
use crate::network::Couplings;
use crate::rbm::compact::{CompactLabelled, CompactRbm};

impl Blob<'_> {
    /// The kind of model, in words.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Patterns(_) => "Hopfield patterns",
            Self::Exponential(_) => "exponential Hopfield patterns",
            Self::CouplingsI16(_) => "Hopfield couplings of 16 bits",
            Self::CouplingsI8(_) => "Hopfield couplings of 8 bits",
            Self::CouplingsSign(_) => "Hopfield couplings of one bit",
            Self::Rbm(_) => "an RBM",
            Self::Labelled(_) => "an RBM with label units",
            Self::Ising(_) => "an Ising model",
        }
    }
}

/// [`Blob::parse`].
impl<'a> TryFrom<&'a [u8]> for Blob<'a> {
    type Error = crate::Error;

    fn try_from(bytes: &'a [u8]) -> Result<Self, crate::Error> {
        Self::parse(bytes)
    }
}

/// The model in a blob, or [`Error::WrongKind`].
macro_rules! model {
    ($variant:ident, $model:ty, $expected:literal) => {
        impl<'a> TryFrom<Blob<'a>> for $model {
            type Error = crate::Error;

            fn try_from(blob: Blob<'a>) -> Result<Self, crate::Error> {
                match blob {
                    Blob::$variant(model) => Ok(model),
                    other => Err(crate::Error::Blob(Error::WrongKind {
                        expected: $expected,
                        found: other.kind_name(),
                    })),
                }
            }
        }

        impl<'a> From<$model> for Blob<'a> {
            fn from(model: $model) -> Self {
                Self::$variant(model)
            }
        }
    };
}

model!(Patterns, PatternMemory<&'a [u64]>, "Hopfield patterns");
model!(
    Exponential,
    ExponentialMemory<&'a [u64], &'a [u32]>,
    "exponential Hopfield patterns"
);
model!(CouplingsI16, Couplings<i16, &'a [i16]>, "Hopfield couplings of 16 bits");
model!(CouplingsI8, Couplings<i8, &'a [i8]>, "Hopfield couplings of 8 bits");
model!(
    CouplingsSign,
    ClippedCouplings<&'a [u64]>,
    "Hopfield couplings of one bit"
);
model!(Rbm, CompactRbm<&'a [u8], &'a [i16]>, "an RBM");
model!(
    Labelled,
    CompactLabelled<&'a [u8], &'a [i16]>,
    "an RBM with label units"
);
model!(Ising, Ising<'a>, "an Ising model");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hopfield::{Diagonal, LearningRule, Patterns};

    #[test]
    fn a_model_comes_out_as_its_kind_and_no_other() {
        let patterns = Patterns::new(16, &[0x00ff_u64, 0x0f0f][..]).unwrap();
        let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
        let blob = Blob::from(memory);
        assert_eq!(PatternMemory::try_from(blob), Ok(memory));
        let error = CompactRbm::try_from(blob).unwrap_err();
        assert_eq!(
            std::string::ToString::to_string(&error),
            "the blob holds Hopfield patterns: expected an RBM"
        );
    }
}
