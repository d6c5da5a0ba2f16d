//! Energies and free energies of configurations, in nats.

use super::Rbm;
use crate::Error;
use crate::bits::ones;
use crate::error::check_lens;
use crate::fixed;

impl<S: AsRef<[i16]>> Rbm<S> {
    /// E(v, h) = -v'Wh - b'v - c'h of packed vectors. The sum is taken in integers: the result is exact for the
    /// quantised parameters. O(set visible bits x set hidden bits).
    ///
    /// # Errors
    /// [`Error::Length`] unless the vectors are those of one state.
    pub fn energy(&self, visible: &[u64], hidden: &[u64]) -> Result<f64, Error> {
        let shape = self.shape();
        check_lens(&[
            ("visible", shape.visible_words(), visible.len()),
            ("hidden", shape.hidden_words(), hidden.len()),
        ])?;
        let buffers = self.buffers();
        let at =
            |values: &[i16], index: usize| values.get(index).map_or(0, |&value| i64::from(value));
        let mut sum: i64 = ones(hidden).map(|j| at(buffers.hidden_bias, j)).sum();
        for i in ones(visible) {
            let row = buffers
                .to_hidden
                .chunks_exact(self.shape().hidden_stride())
                .nth(i)
                .unwrap_or_default();
            sum += at(buffers.visible_bias, i) + ones(hidden).map(|j| at(row, j)).sum::<i64>();
        }
        Ok(-self.real(sum))
    }

    /// F(v) = -b'v - sum_j ln(1 + exp(field_j)) of a packed visible vector whose hidden fields are `fields` (from
    /// [`Rbm::hidden_fields`]). O(hidden) logarithms; relative error of the sum below 1e-15 per unit.
    ///
    /// # Errors
    /// [`Error::Length`] unless `visible` is one vector and `fields` one [`hidden_stride`](super::Shape::hidden_stride).
    pub fn free_energy(&self, visible: &[u64], fields: &[i16]) -> Result<f64, Error> {
        self.check_vector(visible, fields)?;
        let bias = self.buffers().visible_bias;
        let linear: i64 = ones(visible)
            .map(|i| bias.get(i).map_or(0, |&b| i64::from(b)))
            .sum();
        let softplus: f64 = fields
            .iter()
            .take(self.shape().hidden())
            .map(|&field| softplus(self.real(field.into())))
            .sum();
        Ok(-self.real(linear) - softplus)
    }

    /// [`free_energy`](Self::free_energy) in integers, in 2^-16 nat: the same number to the bit on every platform, and that
    /// of a [`CompactRbm`](super::CompactRbm) of the same weights. The error is below one unit (1.5e-5 nat) for each
    /// hidden unit; see [`fixed::softplus`].
    ///
    /// # Errors
    /// [`Error::Length`] unless `visible` is one vector and `fields` one [`hidden_stride`](super::Shape::hidden_stride).
    pub fn free_energy_fixed(&self, visible: &[u64], fields: &[i16]) -> Result<i64, Error> {
        self.check_vector(visible, fields)?;
        let fields = fields.get(..self.shape().hidden()).unwrap_or(fields);
        let (bias, bits) = (self.buffers().visible_bias, self.fraction_bits());
        Ok(free_energy_fixed(bias, bits, visible, fields))
    }

    /// Requires one packed visible vector and its hidden fields.
    fn check_vector(&self, visible: &[u64], fields: &[i16]) -> Result<(), Error> {
        let shape = self.shape();
        check_lens(&[
            ("visible", shape.visible_words(), visible.len()),
            ("fields", shape.hidden_stride(), fields.len()),
        ])
    }

    /// The number that `fixed` stands for in the model's format.
    #[must_use]
    pub fn real(&self, fixed: i64) -> f64 {
        fixed as f64 / f64::from(fixed::scale(self.fraction_bits()))
    }
}

/// F(v) in 2^-16 nat from the visible biases, a packed visible vector and its hidden fields, one per hidden unit.
pub(super) fn free_energy_fixed(
    bias: &[i16],
    fraction_bits: u32,
    visible: &[u64],
    fields: &[i16],
) -> i64 {
    // At most 2^16 biases of 2^15 and, a hidden unit, 2^31: both sums are far from overflowing.
    let linear: i64 = ones(visible)
        .map(|i| bias.get(i).map_or(0, |&b| i64::from(b)))
        .sum();
    let softplus: i64 = fields
        .iter()
        .map(|&field| i64::from(fixed::softplus(field, fraction_bits)))
        .sum();
    -(linear << (fixed::NAT_BITS - fraction_bits)) - softplus
}

/// ln(1 + exp(x)) without overflow.
#[must_use]
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}
