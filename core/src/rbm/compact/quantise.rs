//! From float parameters to codes.

use super::{Buffers, CompactRbm, NumberFormat, WeightFormat, check_buffers};
use crate::Error;
use crate::fixed::{self, MAX_FRACTION_BITS};
use crate::rbm::Parameters;

/// Steps that the search first tries, between 0 and the largest that has a use.
const COARSE: u32 = 48;

/// Times that the search then halves its distances.
const FINE: u32 = 6;

/// Quantises float parameters into buffers of the lengths that [`Buffers`] states, and says what their numbers mean.
///
/// The weights' scale is the one, of those that a short search tries, with the least sum of squared errors; there are as
/// many fraction bits as leave every field in range, at most 11. O(visible x hidden) some sixty times. The arithmetic is
/// plain float64, the same on every platform.
///
/// # Errors
/// What [`Parameters::check`] finds; [`Error::Length`] if a buffer has another length; [`Error::OutOfRange`] if the
/// parameters are so large that not even whole numbers fit (a sum of magnitudes above 32,767).
pub fn quantise(
    parameters: &Parameters<'_>,
    weights: WeightFormat,
    buffers: &mut Buffers<&mut [u8], &mut [i16]>,
) -> Result<NumberFormat, Error> {
    parameters.check()?;
    check_buffers(parameters.shape, weights, &borrow(buffers))?;
    let step = best_step(parameters.w, weights);
    let mut result = Err(Error::OutOfRange {
        what: "W",
        expected: "magnitudes that sum to less than 32767 a unit",
    });
    for fraction_bits in (0..=MAX_FRACTION_BITS).rev() {
        let one = fixed::scale(fraction_bits);
        let Some(weight_scale) = best_scale(parameters.w, weights, step, f64::from(one)) else {
            continue;
        };
        let format = NumberFormat {
            weights,
            weight_scale,
            fraction_bits,
        };
        fill(parameters, format, buffers);
        result = CompactRbm::new(parameters.shape, format, borrow(buffers)).map(|_| format);
        if result.is_ok() {
            break;
        }
    }
    result
}

fn borrow<'a>(buffers: &'a Buffers<&mut [u8], &mut [i16]>) -> Buffers<&'a [u8], &'a [i16]> {
    Buffers {
        codes: buffers.codes,
        visible_bias: buffers.visible_bias,
        hidden_bias: buffers.hidden_bias,
    }
}

/// Writes the codes and biases of a format.
fn fill(
    parameters: &Parameters<'_>,
    format: NumberFormat,
    buffers: &mut Buffers<&mut [u8], &mut [i16]>,
) {
    let shape = parameters.shape;
    let one = fixed::scale(format.fraction_bits);
    let step = f64::from(format.weight_scale) / f64::from(one);
    let row_len = format.weights.row_len(shape.hidden);
    buffers.codes.fill(0);
    for (j, weights) in parameters.w.chunks_exact(shape.visible).enumerate() {
        for (row, &w) in buffers.codes.chunks_exact_mut(row_len).zip(weights) {
            format.weights.put(row, j, nearest(format.weights, w, step));
        }
    }
    for (targets, sources) in [
        (&mut *buffers.visible_bias, parameters.visible_bias),
        (&mut *buffers.hidden_bias, parameters.hidden_bias),
    ] {
        for (target, &source) in targets.iter_mut().zip(sources) {
            *target = fixed::quantise(source, one);
        }
    }
}

/// The code that is nearest to a weight.
fn nearest(format: WeightFormat, weight: f32, step: f64) -> i16 {
    let limit = f64::from(format.limit());
    match format {
        WeightFormat::Sign => {
            if weight < 0.0 {
                -1
            } else {
                1
            }
        }
        _ => libm::rint(f64::from(weight) / step).clamp(-limit, limit) as i16,
    }
}

fn squared_error(weights: &[f32], format: WeightFormat, step: f64) -> f64 {
    let error = |&w: &f32| f64::from(w) - step * f64::from(nearest(format, w, step));
    weights.iter().map(error).map(|error| error * error).sum()
}

/// The step from code to code that errs least, in the weights' own unit; 0 if all weights are.
fn best_step(weights: &[f32], format: WeightFormat) -> f64 {
    let magnitudes = weights.iter().map(|w| f64::from(w.abs()));
    let largest = magnitudes.clone().fold(0.0, f64::max);
    let covering = largest / f64::from(format.limit());
    match format {
        // Sixteen bits cover whatever fits a field, with the finest step there is.
        WeightFormat::I16 => 0.0,
        // The derivative of the sum of (|w| - step)^2 is zero at the mean.
        WeightFormat::Sign => magnitudes.sum::<f64>() / weights.len() as f64,
        _ if largest == 0.0 => 0.0,
        _ => {
            let error = |step: f64| squared_error(weights, format, step);
            let mut best = (error(covering), covering);
            let consider = |best: &mut (f64, f64), step: f64| {
                let error = error(step);
                if error < best.0 {
                    *best = (error, step);
                }
            };
            let mut distance = covering / f64::from(COARSE);
            for k in 1..COARSE {
                consider(&mut best, f64::from(k) * distance);
            }
            for _ in 0..FINE {
                distance /= 2.0;
                let middle = best.1;
                consider(&mut best, middle - distance);
                consider(&mut best, middle + distance);
            }
            best.1
        }
    }
}

/// The whole number of units, `one` of which are 1.0, that errs least about a step; `None` if that is beyond the range.
fn best_scale(weights: &[f32], format: WeightFormat, step: f64, one: f64) -> Option<u16> {
    let below = libm::floor(step * one);
    if below > 32_766.0 {
        return None;
    }
    let below = (below as u16).max(1);
    if format == WeightFormat::I16 {
        return Some(1);
    }
    let error = |scale: u16| squared_error(weights, format, f64::from(scale) / one);
    let above = below + 1;
    Some(if error(above) < error(below) {
        above
    } else {
        below
    })
}
