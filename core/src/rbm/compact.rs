//! Restricted Boltzmann machines for flash: one weight matrix of small codes, borrowed in place, and scratch for one layer.
//!
//! An [`Rbm`](super::Rbm) keeps its weights twice, 16 bits each and padded for SIMD. A [`CompactRbm`] keeps them once, in
//! 1, 2, 4, 8 or 16 bits, and works for one chain in plain 32-bit integer arithmetic: 196 x 64 weights of 8 bits are 12,544
//! bytes of flash, and a chain needs in RAM its spins (40 bytes), 196 fields (392 bytes) and its generator (128 bytes).
//!
//! A weight is `weight_scale * code` in units of 2^-fraction_bits, a bias a number of those units. Fields are sums of codes
//! that are multiplied once: exact, and equal to those of an `Rbm` of the same weights ([`CompactRbm::expand_into`]). So are
//! the random numbers, the draws and the fixed-point free energy, to the bit.

mod chain;
mod format;
mod gibbs;
mod labels;
mod learn;
mod quantise;
mod rows;
#[cfg(test)]
mod tests;

pub use chain::{Chain, RbmChain};
pub use format::WeightFormat;
pub use labels::CompactLabelled;
pub use learn::{Learner, LearnerBuffers};
pub use quantise::quantise;

use super::model::check_lengths;
use super::{Quantised, Shape};
use crate::Error;
use crate::error::check_len;
use crate::fixed::{FIELD_LIMIT, MAX_FRACTION_BITS};

/// Number format of a [`CompactRbm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    /// Storage format of the weight codes.
    pub weights: WeightFormat,
    /// Value of a code of 1, in units of 2^-fraction_bits; 1..=32767.
    pub weight_scale: u16,
    /// Binary places of weights, biases and fields; 0..=11.
    pub fraction_bits: u32,
}

/// The three buffers of a [`CompactRbm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers<C, B> {
    /// \[visible\]\[[row](WeightFormat::row_len)\]: the codes of each visible unit's weights.
    pub codes: C,
    /// \[visible\], without padding.
    pub visible_bias: B,
    /// \[hidden\], without padding.
    pub hidden_bias: B,
}

/// A quantised RBM of one weight matrix, over storage of the caller's: codes `C` are bytes, biases `B` are `i16`.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::rbm::compact::{Buffers, CompactRbm, NumberFormat, RbmChain, WeightFormat};
/// use bitspin_core::rbm::Shape;
/// use bitspin_core::rng::{Purpose, Streams};
/// // Weights 0.5 * [[1, -1], [0, 1], [1, 1]] of three visible and two hidden units, four bits per row.
/// static CODES: [u8; 3] = [0b11_01, 0b01_00, 0b01_01];
/// let format = NumberFormat { weights: WeightFormat::Ternary, weight_scale: 128, fraction_bits: 8 };
/// let buffers = Buffers { codes: CODES, visible_bias: &[0, 0, -256][..], hidden_bias: &[64, 0][..] };
/// let model = CompactRbm::new(Shape::new(3, 2)?, format, buffers)?;
/// let mut fields = [0; 2];
/// model.hidden_fields(&Bits::new(3, [0b101])?, &mut fields)?;
/// assert_eq!(fields, [64 + 128 + 128, 128 - 128]);
/// let rng = Streams::new(1, Purpose::Chains).next_chain();
/// let mut chain = RbmChain::<3, 1>::owned(&model, rng)?;
/// chain.step();
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactRbm<C, B> {
    shape: Shape,
    format: NumberFormat,
    buffers: Buffers<C, B>,
}

impl<C: AsRef<[u8]>, B: AsRef<[i16]>> CompactRbm<C, B> {
    /// Makes a model from its buffers. O(visible x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] if a buffer has another length than the shape and the format ask for; [`Error::OutOfRange`] if
    /// `fraction_bits` is above 11, `weight_scale` is 0 or above 32,767, a code is out of its format's range, a bit behind
    /// a row's last code is set, or a field could overflow, that is unless |bias| + sum |weight| is below
    /// [`FIELD_LIMIT`] for every unit.
    pub fn new(shape: Shape, format: NumberFormat, buffers: Buffers<C, B>) -> Result<Self, Error> {
        let model = Self {
            shape,
            format,
            buffers,
        };
        check_format(format)?;
        let row = check_buffers(shape, format.weights, &model.buffers())?;
        let out_of_range = |what, expected| Error::OutOfRange { what, expected };
        for codes in model.codes().chunks_exact(row) {
            let accepted = format.weights.accepts(codes, shape.hidden);
            accepted.map_err(|expected| out_of_range("weight codes", expected))?;
        }
        if !model.fields_fit() {
            let expected = "magnitudes that sum to less than 32767 a unit";
            return Err(out_of_range("weights", expected));
        }
        Ok(model)
    }

    /// Numbers of units.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The number format.
    #[must_use]
    pub fn format(&self) -> NumberFormat {
        self.format
    }

    /// The codes and biases.
    #[must_use]
    pub fn buffers(&self) -> Buffers<&[u8], &[i16]> {
        Buffers {
            codes: self.buffers.codes.as_ref(),
            visible_bias: self.buffers.visible_bias.as_ref(),
            hidden_bias: self.buffers.hidden_bias.as_ref(),
        }
    }

    /// The same model, borrowed.
    #[must_use]
    pub fn as_borrowed(&self) -> CompactRbm<&[u8], &[i16]> {
        CompactRbm {
            shape: self.shape,
            format: self.format,
            buffers: self.buffers(),
        }
    }

    /// The weight between two units, in units of 2^-fraction_bits; 0 for units that the model has not.
    #[must_use]
    pub fn weight(&self, visible: usize, hidden: usize) -> i16 {
        if hidden >= self.shape.hidden {
            return 0;
        }
        let row = self.row(visible);
        // In range, since the field of a unit with this weight alone is.
        let code = self.format.weights.code(row, hidden);
        code.wrapping_mul(self.format.weight_scale as i16)
    }

    /// Writes the weights and biases as those of an [`Rbm`](super::Rbm) of the same
    /// [`fraction_bits`](NumberFormat::fraction_bits). O(visible x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] if a buffer has another length than [`Quantised`] states.
    pub fn expand_into(&self, target: &mut Quantised<&mut [i16]>) -> Result<(), Error> {
        check_lengths(self.shape, &target.as_ref())?;
        let (hidden_stride, visible_stride) =
            (self.shape.hidden_stride(), self.shape.visible_stride());
        target.to_hidden.fill(0);
        target.to_visible.fill(0);
        for (i, row) in target.to_hidden.chunks_exact_mut(hidden_stride).enumerate() {
            let columns = target.to_visible.chunks_exact_mut(visible_stride);
            for (j, (slot, column)) in row.iter_mut().zip(columns).enumerate() {
                *slot = self.weight(i, j);
                column[i] = *slot;
            }
        }
        let own = self.buffers();
        for (target, source) in [
            (&mut *target.visible_bias, own.visible_bias),
            (&mut *target.hidden_bias, own.hidden_bias),
        ] {
            let (inside, padding) = target.split_at_mut(source.len());
            inside.copy_from_slice(source);
            padding.fill(0);
        }
        Ok(())
    }

    fn codes(&self) -> &[u8] {
        self.buffers.codes.as_ref()
    }

    /// Bytes of a row; at least one.
    fn row_len(&self) -> usize {
        self.format.weights.row_len(self.shape.hidden)
    }

    fn row(&self, visible: usize) -> &[u8] {
        let mut rows = self.codes().chunks_exact(self.row_len());
        rows.nth(visible).unwrap_or_default()
    }

    /// Whether every unit's sum of magnitudes is below the limit.
    fn fields_fit(&self) -> bool {
        let own = self.buffers();
        let fits = |codes: u32, bias: i16| {
            let weights = u64::from(codes) * u64::from(self.format.weight_scale);
            weights + u64::from(bias.unsigned_abs()) < FIELD_LIMIT as u64
        };
        let magnitude = |row, j| u32::from(self.format.weights.code(row, j).unsigned_abs());
        let rows = || own.codes.chunks_exact(self.row_len());
        // Sums of 2^16 codes of 15 bits fit.
        rows().zip(own.visible_bias).all(|(row, &bias)| {
            fits(
                (0..self.shape.hidden).map(|j| magnitude(row, j)).sum(),
                bias,
            )
        }) && (own.hidden_bias.iter().enumerate())
            .all(|(j, &bias)| fits(rows().map(|row| magnitude(row, j)).sum(), bias))
    }
}

fn check_format(format: NumberFormat) -> Result<(), Error> {
    if format.fraction_bits > MAX_FRACTION_BITS {
        return Err(Error::OutOfRange {
            what: "fraction_bits",
            expected: "0..=11",
        });
    }
    if !(1..=32_767).contains(&format.weight_scale) {
        return Err(Error::OutOfRange {
            what: "weight_scale",
            expected: "1..=32767",
        });
    }
    Ok(())
}

/// Checks lengths, and returns that of a row of codes.
fn check_buffers(
    shape: Shape,
    weights: WeightFormat,
    buffers: &Buffers<&[u8], &[i16]>,
) -> Result<usize, Error> {
    let row = weights.row_len(shape.hidden);
    // Saturated, the length is more than a slice can have on a 32-bit target.
    let codes = shape.visible.saturating_mul(row);
    for (what, expected, found) in [
        ("weight codes", codes, buffers.codes.len()),
        ("visible_bias", shape.visible, buffers.visible_bias.len()),
        ("hidden_bias", shape.hidden, buffers.hidden_bias.len()),
    ] {
        check_len(what, expected, found)?;
    }
    Ok(row)
}
