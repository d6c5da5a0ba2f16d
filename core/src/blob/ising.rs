//! Ising models in a blob.

use super::kind::IsingWeights;
use crate::ising::{Dense, Model, Sparse};
use crate::network::{Energy, Network};

/// Sparse rows in a blob.
type Rows<'a, W> = Sparse<W, &'a [u32], &'a [u32], &'a [W], &'a [i32]>;

/// An Ising model borrowed from its bytes: a [`Model`], whose chains are those of the model inside, to the bit.
///
/// As one type for all of them it makes one sampler of a program's code; the models inside are there to be taken out,
/// and a large dense one is sampled faster by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ising<'a> {
    /// All spins coupled, by numbers of 16 bits.
    DenseI16(Dense<i16, &'a [i16], &'a [i32]>),
    /// All spins coupled, by numbers of 8 bits.
    DenseI8(Dense<i8, &'a [i8], &'a [i32]>),
    /// Compressed rows of numbers of 16 bits.
    SparseI16(Rows<'a, i16>),
    /// Compressed rows of numbers of 8 bits.
    SparseI8(Rows<'a, i8>),
}

/// Does the same with whichever model is inside.
macro_rules! inside {
    ($ising:expr, $model:ident => $body:expr) => {
        match $ising {
            Ising::DenseI16($model) => $body,
            Ising::DenseI8($model) => $body,
            Ising::SparseI16($model) => $body,
            Ising::SparseI8($model) => $body,
        }
    };
}

impl<'a> Ising<'a> {
    /// What couplings are stored as.
    #[must_use]
    pub fn weights(&self) -> IsingWeights {
        match self {
            Self::DenseI16(_) | Self::SparseI16(_) => IsingWeights::I16,
            Self::DenseI8(_) | Self::SparseI8(_) => IsingWeights::I8,
        }
    }

    /// Couplings in compressed rows, each pair counted twice; `None` for a matrix.
    #[must_use]
    pub fn stored(&self) -> Option<usize> {
        match self {
            Self::DenseI16(_) | Self::DenseI8(_) => None,
            Self::SparseI16(model) => Some(model.weights().len()),
            Self::SparseI8(model) => Some(model.weights().len()),
        }
    }

    /// The bytes of the sections, which are the model's own.
    pub(super) fn sections(&self) -> [&[u8]; 4] {
        fn rows<'s, W: bytemuck::NoUninit + crate::network::Weight>(
            model: &'s Rows<'_, W>,
        ) -> [&'s [u8]; 4] {
            [
                bytemuck::cast_slice(model.fields()),
                bytemuck::cast_slice(model.offsets()),
                bytemuck::cast_slice(model.neighbours()),
                bytemuck::cast_slice(model.weights()),
            ]
        }
        let cast = |fields, weights| [bytemuck::cast_slice(fields), weights, &[], &[]];
        match self {
            Self::DenseI16(model) => cast(model.fields(), bytemuck::cast_slice(model.weights())),
            Self::DenseI8(model) => cast(model.fields(), bytemuck::cast_slice(model.weights())),
            Self::SparseI16(model) => rows(model),
            Self::SparseI8(model) => rows(model),
        }
    }
}

impl Network for Ising<'_> {
    fn units(&self) -> usize {
        inside!(self, model => model.units())
    }

    fn cache_len(&self) -> usize {
        inside!(self, model => model.cache_len())
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        inside!(self, model => model.prepare(state, cache));
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        inside!(self, model => model.field(state, cache, unit))
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        inside!(self, model => model.flipped(state, cache, unit));
    }
}

impl Energy for Ising<'_> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        inside!(self, model => model.twice_energy(state, cache))
    }
}

impl Model for Ising<'_> {
    fn fraction_bits(&self) -> u32 {
        inside!(self, model => model.fraction_bits())
    }

    fn external(&self, unit: usize) -> i32 {
        inside!(self, model => model.external(unit))
    }

    fn couplings(&self, unit: usize, each: impl FnMut(usize, i32)) {
        inside!(self, model => model.couplings(unit, each));
    }
}
