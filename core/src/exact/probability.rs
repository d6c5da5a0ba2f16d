//! Free energies and probabilities of states, from float parameters.

use super::{Enumeration, LogSum};
use crate::Error;
use crate::bits::Bits;
use crate::error::check_len;
use crate::rbm::Parameters;
use crate::rbm::softplus;

/// F(v) = -b'v - sum_j ln(1 + exp(c_j + W_j v)) of a packed visible vector, in nats, from the float parameters.
///
/// Relative error of every sum below 2^-52 a term. O(visible x hidden); the parameters are not checked to be finite.
///
/// # Errors
/// [`Error::Length`] if a slice has another length than the shape asks for; [`Error::OutOfRange`] for a set tail bit.
pub fn free_energy(parameters: &Parameters<'_>, visible: &[u64]) -> Result<f64, Error> {
    let shape = parameters.shape;
    let visible = Bits::new(shape.visible(), visible)?;
    check_len("W", shape.visible() * shape.hidden(), parameters.w.len())?;
    let (b, c) = (parameters.visible_bias, parameters.hidden_bias);
    check_len("the visible bias", shape.visible(), b.len())?;
    check_len("the hidden bias", shape.hidden(), c.len())?;
    let mut free_energy: f64 = -visible.ones().map(|i| f64::from(b[i])).sum::<f64>();
    for (bias, row) in c.iter().zip(parameters.w.chunks_exact(shape.visible())) {
        let sum: f64 = visible.ones().map(|i| f64::from(row[i])).sum();
        let field = f64::from(*bias) + sum;
        free_energy -= softplus(field);
    }
    Ok(free_energy)
}

/// ln p(v) = -F(v) - ln Z of a packed visible vector, in nats.
///
/// # Errors
/// As [`free_energy`].
pub fn ln_probability(
    parameters: &Parameters<'_>,
    ln_z: f64,
    visible: &[u64],
) -> Result<f64, Error> {
    Ok(-free_energy(parameters, visible)? - ln_z)
}

impl Enumeration<'_> {
    /// Writes the probability of every state of the enumerated layer, p(v) or p(h), at the state's number, and returns
    /// ln Z in nats. O(2^units x summed units). Relative error twice [`Self::error_bound`]; those below e^-745 are 0.
    ///
    /// # Errors
    /// [`Error::Length`] unless `probabilities` is as long as there are states and `fields` is
    /// [`Self::fields_len`] long.
    pub fn distribution(
        &self,
        fields: &mut [f64],
        probabilities: &mut [f64],
    ) -> Result<f64, Error> {
        check_len("probabilities", self.states(), probabilities.len())?;
        check_len("fields", self.fields_len(), fields.len())?;
        let mut sum = LogSum::EMPTY;
        for part in 0..self.parts() {
            let mut of_part = LogSum::EMPTY;
            self.walk(part, fields, |state, _| {
                of_part.add(state.ln_weight);
                probabilities[state.number] = state.ln_weight;
            });
            sum.merge(of_part);
        }
        for p in probabilities {
            *p = sum.share(*p);
        }
        Ok(sum.value())
    }
}
