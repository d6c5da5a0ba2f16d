//! Models whose weights are rounded to small numbers.

use bitspin_core::Error;
use bitspin_core::rbm::WeightFormat;
use bitspin_core::rbm::compact::{Buffers, CompactRbm, quantise};

use crate::engine::parameters;
use crate::model_file::RbmParameters;

/// A model rounded to a format, as floats.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounded {
    /// What the codes stand for.
    pub parameters: RbmParameters,
    /// Bytes of the codes and of the 16-bit biases.
    pub bytes: usize,
}

/// Rounds a model's weights to `format` and its biases to 16 bits, as the firmware format does (see [`quantise`]).
/// O(visible x hidden) some sixty times.
///
/// # Errors
/// [`Error`] if the model's shapes disagree, a parameter is not finite or too large for 16-bit fields.
pub fn rounded(model: &RbmParameters, format: WeightFormat) -> Result<Rounded, Error> {
    let floats = parameters(model)?;
    let mut codes = vec![0; model.visible * format.row_len(model.hidden)];
    let (mut visible_bias, mut hidden_bias) = (vec![0; model.visible], vec![0; model.hidden]);
    let numbers = quantise(
        &floats,
        format,
        &mut Buffers {
            codes: &mut codes,
            visible_bias: &mut visible_bias,
            hidden_bias: &mut hidden_bias,
        },
    )?;
    let bytes = codes.len() + 2 * (model.visible + model.hidden);
    let buffers = Buffers {
        codes,
        visible_bias: &visible_bias[..],
        hidden_bias: &hidden_bias[..],
    };
    let compact = CompactRbm::new(floats.shape, numbers, buffers)?;
    let real = |fixed: i16| f32::from(fixed) / (1_u32 << numbers.fraction_bits) as f32;
    let pairs = (0..model.hidden).flat_map(|j| (0..model.visible).map(move |i| (i, j)));
    Ok(Rounded {
        parameters: RbmParameters {
            visible: model.visible,
            hidden: model.hidden,
            w: pairs.map(|(i, j)| real(compact.weight(i, j))).collect(),
            visible_bias: visible_bias.iter().copied().map(real).collect(),
            hidden_bias: hidden_bias.iter().copied().map(real).collect(),
        },
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_errs_less_with_more_bits_and_not_at_all_twice() {
        let model = crate::train::initial_parameters(70, 9, 4);
        let error = |format| {
            let rounded = rounded(&model, format).unwrap();
            assert_eq!(
                super::rounded(&rounded.parameters, WeightFormat::I16)
                    .unwrap()
                    .parameters,
                rounded.parameters
            );
            let pairs = rounded.parameters.w.iter().zip(&model.w);
            (
                pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>(),
                rounded.bytes,
            )
        };
        let all = WeightFormat::ALL.map(error);
        // These weights are so small that all 2^-11 can tell apart is told by 8 bits too.
        assert!(
            all[0].0 <= all[1].0 && all[1..].is_sorted_by(|a, b| a.0 < b.0),
            "{all:?}"
        );
        assert!(all.is_sorted_by(|a, b| a.1 > b.1), "{all:?}");
        assert_eq!(all[4].1, 70 * 2 + 2 * 79);
    }
}
