//! The quantised model, and quantisation of float parameters.

use super::{Shape, ShardWeights, Weights};
use crate::Error;
use crate::error::check_len;
use crate::fixed::{self, FIELD_LIMIT, MAX_FRACTION_BITS};

/// Float parameters: `w` is \[hidden\]\[visible\] row by row.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    /// Numbers of units.
    pub shape: Shape,
    /// Couplings, hidden unit after hidden unit.
    pub w: &'a [f32],
    /// b, one number per visible unit.
    pub visible_bias: &'a [f32],
    /// c, one number per hidden unit.
    pub hidden_bias: &'a [f32],
}

impl Parameters<'_> {
    /// Checks lengths and that every number is finite.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::NotFinite`], naming the parameter.
    pub fn check(&self) -> Result<(), Error> {
        let Shape { visible, hidden } = self.shape;
        for (what, values, expected) in [
            ("W", self.w, visible * hidden),
            ("the visible bias", self.visible_bias, visible),
            ("the hidden bias", self.hidden_bias, hidden),
        ] {
            check_len(what, expected, values.len())?;
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(Error::NotFinite { what, index });
            }
        }
        Ok(())
    }
}

/// The four buffers of a quantised model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantised<S> {
    /// \[visible\]\[hidden stride\]: what a set visible unit adds to the hidden fields.
    pub to_hidden: S,
    /// \[hidden\]\[visible stride\]: what a set hidden unit adds to the visible fields.
    pub to_visible: S,
    /// \[visible stride\].
    pub visible_bias: S,
    /// \[hidden stride\].
    pub hidden_bias: S,
}

/// Quantises float parameters into buffers of the lengths that [`Quantised`] states, with as many fraction bits as
/// leave every field in range, at most 11, and returns their number.
///
/// # Errors
/// What [`Parameters::check`] finds; [`Error::Length`] if a buffer has another length; [`Error::OutOfRange`] if the
/// parameters are so large that not even whole numbers fit (a sum of magnitudes above 32,767).
pub fn quantise(
    parameters: &Parameters<'_>,
    buffers: &mut Quantised<&mut [i16]>,
) -> Result<u32, Error> {
    parameters.check()?;
    let shape = parameters.shape;
    check_lengths(shape, &buffers.as_ref())?;
    for fraction_bits in (0..=MAX_FRACTION_BITS).rev() {
        let scale = fixed::scale(fraction_bits);
        fill(buffers.hidden_bias, parameters.hidden_bias, scale);
        fill(buffers.visible_bias, parameters.visible_bias, scale);
        buffers.to_hidden.fill(0);
        let rows = parameters
            .w
            .chunks_exact(shape.visible)
            .zip(buffers.to_visible.chunks_exact_mut(shape.visible_stride()));
        for (j, (source, target)) in rows.enumerate() {
            fill(target, source, scale);
            for (weight, column) in target
                .iter()
                .zip(buffers.to_hidden.chunks_exact_mut(shape.hidden_stride()))
            {
                column[j] = *weight;
            }
        }
        // A number held to 32,767 by the quantisation fails this as well, for it reaches the limit alone.
        if fields_fit(shape, &buffers.as_ref()) {
            return Ok(fraction_bits);
        }
    }
    Err(Error::OutOfRange {
        what: "W",
        expected: "magnitudes that sum to less than 32767 a unit",
    })
}

/// Quantises a row; its padding becomes zero.
fn fill(target: &mut [i16], source: &[f32], scale: f32) {
    let (inside, padding) = target.split_at_mut(source.len());
    for (target, source) in inside.iter_mut().zip(source) {
        *target = fixed::quantise(*source, scale);
    }
    padding.fill(0);
}

impl Quantised<&mut [i16]> {
    pub(super) fn as_ref(&self) -> Quantised<&[i16]> {
        Quantised {
            to_hidden: self.to_hidden,
            to_visible: self.to_visible,
            visible_bias: self.visible_bias,
            hidden_bias: self.hidden_bias,
        }
    }
}

pub(super) fn check_lengths(shape: Shape, buffers: &Quantised<&[i16]>) -> Result<(), Error> {
    for (what, buffer, expected) in [
        (
            "to_hidden",
            buffers.to_hidden,
            shape.visible.saturating_mul(shape.hidden_stride()),
        ),
        (
            "to_visible",
            buffers.to_visible,
            shape.hidden.saturating_mul(shape.visible_stride()),
        ),
        ("visible_bias", buffers.visible_bias, shape.visible_stride()),
        ("hidden_bias", buffers.hidden_bias, shape.hidden_stride()),
    ] {
        check_len(what, expected, buffer.len())?;
    }
    Ok(())
}

/// Whether every unit's sum of magnitudes is below the limit.
fn fields_fit(shape: Shape, buffers: &Quantised<&[i16]>) -> bool {
    let fits = |rows: &[i16], stride: usize, outputs: usize, bias: &[i16]| {
        (0..outputs).all(|output| {
            let weights = rows.iter().skip(output).step_by(stride);
            let sum: i64 = weights.map(|weight| i64::from(*weight).abs()).sum();
            sum + i64::from(bias[output]).abs() < i64::from(FIELD_LIMIT)
        })
    };
    // A unit's weights lie along a row of the other direction's matrix, but walking columns needs no second case.
    fits(
        buffers.to_hidden,
        shape.hidden_stride(),
        shape.hidden,
        buffers.hidden_bias,
    ) && fits(
        buffers.to_visible,
        shape.visible_stride(),
        shape.visible,
        buffers.visible_bias,
    )
}

/// A quantised restricted Boltzmann machine over storage of the caller's: `&'static [i16]` in flash, `Vec<i16>`, arrays.
///
/// ```
/// use bitspin_core::rbm::{Parameters, Quantised, Rbm, Shape, quantise};
/// let shape = Shape::new(2, 1)?;
/// let floats = Parameters { shape, w: &[1.5, -0.25], visible_bias: &[0.0, 0.5], hidden_bias: &[-1.0] };
/// let (mut to_hidden, mut to_visible, mut b, mut c) = ([0; 64], [0; 32], [0; 32], [0; 32]);
/// let fraction_bits = quantise(&floats, &mut Quantised {
///     to_hidden: &mut to_hidden, to_visible: &mut to_visible, visible_bias: &mut b, hidden_bias: &mut c,
/// })?;
/// let model = Rbm::new(shape, fraction_bits, Quantised {
///     to_hidden: &to_hidden[..], to_visible: &to_visible[..], visible_bias: &b[..], hidden_bias: &c[..],
/// })?;
/// assert_eq!(model.fraction_bits(), 11);
/// assert_eq!(model.energy(&[0b11], &[1])?, -(1.5 - 0.25 + 0.5 - 1.0));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rbm<S> {
    shape: Shape,
    fraction_bits: u32,
    buffers: Quantised<S>,
}

impl<S: AsRef<[i16]>> Rbm<S> {
    /// Takes quantised buffers as a model. O(visible x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] if a buffer has another length than the shape asks for; [`Error::OutOfRange`] if
    /// `fraction_bits` is above 11, a padding element is not zero, the two matrices are not each other's transpose, or
    /// a field could overflow.
    pub fn new(shape: Shape, fraction_bits: u32, buffers: Quantised<S>) -> Result<Self, Error> {
        if fraction_bits > MAX_FRACTION_BITS {
            return Err(Error::OutOfRange {
                what: "fraction_bits",
                expected: "0..=11",
            });
        }
        let model = Self {
            shape,
            fraction_bits,
            buffers,
        };
        let borrowed = model.buffers();
        check_lengths(shape, &borrowed)?;
        for (what, rows, units, stride) in [
            (
                "to_hidden",
                borrowed.to_hidden,
                shape.hidden,
                shape.hidden_stride(),
            ),
            (
                "to_visible",
                borrowed.to_visible,
                shape.visible,
                shape.visible_stride(),
            ),
            (
                "visible_bias",
                borrowed.visible_bias,
                shape.visible,
                shape.visible_stride(),
            ),
            (
                "hidden_bias",
                borrowed.hidden_bias,
                shape.hidden,
                shape.hidden_stride(),
            ),
        ] {
            if rows
                .chunks_exact(stride)
                .any(|row| row[units..].iter().any(|&weight| weight != 0))
            {
                return Err(Error::OutOfRange {
                    what,
                    expected: "zeros in the padding",
                });
            }
        }
        for (i, row) in borrowed
            .to_hidden
            .chunks_exact(shape.hidden_stride())
            .enumerate()
        {
            let column = borrowed
                .to_visible
                .iter()
                .skip(i)
                .step_by(shape.visible_stride());
            if row.iter().zip(column).any(|(a, b)| a != b) {
                return Err(Error::OutOfRange {
                    what: "to_visible",
                    expected: "the transpose of to_hidden",
                });
            }
        }
        if !fields_fit(shape, &borrowed) {
            return Err(Error::OutOfRange {
                what: "W",
                expected: "magnitudes that sum to less than 32767 a unit",
            });
        }
        Ok(model)
    }

    /// Numbers of units.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Binary places of weights, biases and fields.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// The quantised numbers.
    #[must_use]
    pub fn buffers(&self) -> Quantised<&[i16]> {
        Quantised {
            to_hidden: self.buffers.to_hidden.as_ref(),
            to_visible: self.buffers.to_visible.as_ref(),
            visible_bias: self.buffers.visible_bias.as_ref(),
            hidden_bias: self.buffers.hidden_bias.as_ref(),
        }
    }

    /// What sampling reads.
    #[doc(hidden)]
    #[must_use]
    pub fn weights(&self) -> Weights<'_> {
        let Quantised {
            to_hidden,
            to_visible,
            visible_bias,
            hidden_bias,
        } = self.buffers();
        Weights {
            fraction_bits: self.fraction_bits,
            visible_bias,
            shard: ShardWeights {
                shape: self.shape,
                units: self.shape.hidden,
                to_hidden,
                to_visible,
                hidden_bias,
            },
        }
    }
}
