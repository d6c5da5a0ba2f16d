//! RBMs of small weights, and the same model as the desktop runs it.

use bitspin_core::Error;
use bitspin_core::fixed;
use bitspin_core::rbm::compact::{self, Buffers, CompactRbm, WeightFormat};
use bitspin_core::rbm::{Quantised, Rbm};

use crate::aligned::AlignedI16;
use crate::engine::{Engine, parameters};
use crate::model_file::RbmParameters;

/// A compact RBM that owns its storage.
pub type OwnedRbm = CompactRbm<Vec<u8>, Vec<i16>>;

/// Quantises a model's weights to a format. O(visible x hidden), some sixty times.
///
/// # Errors
/// [`Error`] if a layer has no units or too many, a parameter is not finite, or the parameters are too large for 16-bit
/// fields.
pub fn compact(model: &RbmParameters, weights: WeightFormat) -> Result<OwnedRbm, Error> {
    let floats = parameters(model)?;
    let shape = floats.shape;
    let row = weights.row_len(shape.hidden());
    let mut buffers = Buffers {
        codes: vec![0; shape.visible() * row],
        visible_bias: vec![0; shape.visible()],
        hidden_bias: vec![0; shape.hidden()],
    };
    let Buffers {
        codes,
        visible_bias,
        hidden_bias,
    } = &mut buffers;
    let mut borrowed = Buffers {
        codes: &mut codes[..],
        visible_bias: &mut visible_bias[..],
        hidden_bias: &mut hidden_bias[..],
    };
    let format = compact::quantise(&floats, weights, &mut borrowed)?;
    CompactRbm::new(shape, format, buffers)
}

/// The parameters that a compact model's numbers stand for, exactly.
#[must_use]
pub fn parameters_of<C: AsRef<[u8]>, B: AsRef<[i16]>>(model: &CompactRbm<C, B>) -> RbmParameters {
    let (shape, buffers) = (model.shape(), model.buffers());
    let one = fixed::scale(model.format().fraction_bits);
    let real = |&number: &i16| f32::from(number) / one;
    let (visible, hidden) = (shape.visible(), shape.hidden());
    let mut w = vec![0.0; visible * hidden];
    for (j, row) in w.chunks_exact_mut(visible).enumerate() {
        for (i, w) in row.iter_mut().enumerate() {
            *w = real(&model.weight(i, j));
        }
    }
    RbmParameters {
        visible,
        hidden,
        w,
        visible_bias: buffers.visible_bias.iter().map(real).collect(),
        hidden_bias: buffers.hidden_bias.iter().map(real).collect(),
    }
}

/// The compact model's numbers in the desktop's engine, whose chains are the same to the bit. O(visible x hidden).
///
/// # Errors
/// None that a valid model can cause; the core's checks are repeated.
pub fn desktop<C: AsRef<[u8]>, B: AsRef<[i16]>>(model: &CompactRbm<C, B>) -> Result<Engine, Error> {
    let shape = model.shape();
    let mut buffers = Quantised {
        to_hidden: AlignedI16::zeros(shape.visible() * shape.hidden_stride()),
        to_visible: AlignedI16::zeros(shape.hidden() * shape.visible_stride()),
        visible_bias: AlignedI16::zeros(shape.visible_stride()),
        hidden_bias: AlignedI16::zeros(shape.hidden_stride()),
    };
    model.expand_into(&mut Quantised {
        to_hidden: buffers.to_hidden.as_mut(),
        to_visible: buffers.to_visible.as_mut(),
        visible_bias: buffers.visible_bias.as_mut(),
        hidden_bias: buffers.hidden_bias.as_mut(),
    })?;
    Rbm::new(shape, model.format().fraction_bits, buffers)
}
