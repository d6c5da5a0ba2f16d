//! Quantised RBMs, for sampling.

use bitspin_core::Error;
use bitspin_core::rbm::{Parameters, Quantised, Rbm, Shape, quantise};

use crate::aligned::AlignedI16;
use crate::model_file::RbmParameters;

/// Why calls of the engine with buffers of the library cannot fail.
pub(crate) const FITS: &str = "buffers made for this model";

/// A quantised RBM that owns its storage.
pub type Engine = Rbm<AlignedI16>;

/// The float parameters as a view of the core's type.
///
/// # Errors
/// [`Error`] if a layer has no units or too many.
pub fn parameters(model: &RbmParameters) -> Result<Parameters<'_>, Error> {
    Ok(Parameters {
        shape: Shape::new(model.visible, model.hidden)?,
        w: &model.w,
        visible_bias: &model.visible_bias,
        hidden_bias: &model.hidden_bias,
    })
}

/// Quantises a model with as many fraction bits as fit. O(visible x hidden).
///
/// # Errors
/// [`Error`] if a layer has no units or too many, a parameter is not finite, or the parameters are too large for
/// 16-bit fields.
pub fn engine(model: &RbmParameters) -> Result<Engine, Error> {
    let floats = parameters(model)?;
    let shape = floats.shape;
    let mut buffers = Quantised {
        to_hidden: AlignedI16::zeros(shape.visible() * shape.hidden_stride()),
        to_visible: AlignedI16::zeros(shape.hidden() * shape.visible_stride()),
        visible_bias: AlignedI16::zeros(shape.visible_stride()),
        hidden_bias: AlignedI16::zeros(shape.hidden_stride()),
    };
    let fraction_bits = quantise(
        &floats,
        &mut Quantised {
            to_hidden: buffers.to_hidden.as_mut(),
            to_visible: buffers.to_visible.as_mut(),
            visible_bias: buffers.visible_bias.as_mut(),
            hidden_bias: buffers.hidden_bias.as_mut(),
        },
    )?;
    Rbm::new(shape, fraction_bits, buffers)
}
