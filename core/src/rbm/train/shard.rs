//! The parameters of a range of hidden units, and their update.

use super::super::{Shape, ShardWeights};
use super::update::Update;
use super::{Centring, LearningRate, Source};
use crate::Error;
use crate::bits::WORD;
use crate::error::check_lens;
use crate::fixed::norms_fit;
use crate::kernel::padded;

/// The buffers of a [`Shard`] of `units` hidden units; `stride` is that number padded. The velocities are empty where
/// there is no momentum.
#[derive(Clone, Debug, Default)]
pub struct ShardBuffers<F, Q> {
    /// \[visible\]\[stride\]: the float weights, zero in the padding.
    pub weights: F,
    /// \[visible\]\[stride\], or empty.
    pub velocity: F,
    /// \[units\]: the float biases.
    pub bias: F,
    /// \[units\], or empty.
    pub bias_velocity: F,
    /// \[visible\]\[stride\]: the quantised weights.
    pub to_hidden: Q,
    /// \[units\]\[visible stride\]: the same, transposed.
    pub to_visible: Q,
    /// \[stride\]: the quantised biases, zero in the padding.
    pub hidden_bias: Q,
    /// \[stride\]: for every hidden unit, the sum of magnitudes of its quantised weights, held to 65,535, as bits of a `u16`.
    pub hidden_norms: Q,
    /// \[visible\]: for every visible unit, the sum of magnitudes of its quantised weights in the shard, held to 32,767.
    pub visible_norms: Q,
    /// \[stride\]: room for a row of sums.
    pub sums: Q,
    /// \[stride\]: room for a row of the sums of many samples.
    pub wide_sums: F,
    /// \[stride\]: room for a row of sums of probabilities at the data.
    pub activity: F,
}

/// The parameters of the hidden units `first..first + units`, float and quantised.
#[derive(Clone, Debug)]
pub struct Shard<F, Q> {
    shape: Shape,
    first: usize,
    units: usize,
    buffers: ShardBuffers<F, Q>,
}

impl<F, Q> Shard<F, Q>
where
    F: AsRef<[f32]> + AsMut<[f32]>,
    Q: AsRef<[i16]> + AsMut<[i16]>,
{
    /// Takes buffers whose float parameters are set; call [`Self::requantise`] before sampling.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of another length than [`ShardBuffers`] states; [`Error::OutOfRange`] if
    /// `first` is not a multiple of 64 or the range does not lie within the hidden layer.
    pub fn new(
        shape: Shape,
        first: usize,
        units: usize,
        buffers: ShardBuffers<F, Q>,
    ) -> Result<Self, Error> {
        if !first.is_multiple_of(WORD) || units == 0 || first + units > shape.hidden() {
            return Err(Error::OutOfRange {
                what: "shard",
                expected: "hidden units from a multiple of 64 on",
            });
        }
        let stride = padded(units);
        let (visible, rows) = (shape.visible(), shape.visible() * stride);
        let b = &buffers;
        let (velocity, bias_velocity) = (b.velocity.as_ref().len(), b.bias_velocity.as_ref().len());
        let moving = |found: usize, length: usize| if found == 0 { 0 } else { length };
        check_lens(&[
            ("weights", rows, b.weights.as_ref().len()),
            ("velocity", moving(velocity, rows), velocity),
            ("bias", units, b.bias.as_ref().len()),
            ("bias_velocity", moving(bias_velocity, units), bias_velocity),
            ("to_hidden", rows, b.to_hidden.as_ref().len()),
            (
                "to_visible",
                units * shape.visible_stride(),
                b.to_visible.as_ref().len(),
            ),
            ("hidden_bias", stride, b.hidden_bias.as_ref().len()),
            ("hidden_norms", stride, b.hidden_norms.as_ref().len()),
            ("visible_norms", visible, b.visible_norms.as_ref().len()),
            ("sums", stride, b.sums.as_ref().len()),
            ("wide_sums", stride, b.wide_sums.as_ref().len()),
            ("activity", stride, b.activity.as_ref().len()),
        ])?;
        Ok(Self {
            shape,
            first,
            units,
            buffers,
        })
    }

    /// The first hidden unit.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// Number of hidden units.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// \[visible\]\[padded units\]: the float weights.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        self.buffers.weights.as_ref()
    }

    /// \[units\]: the float biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        self.buffers.bias.as_ref()
    }

    /// \[visible\]\[padded units\]: the velocities of the weights; empty where there is no momentum.
    #[must_use]
    pub fn velocity(&self) -> &[f32] {
        self.buffers.velocity.as_ref()
    }

    /// \[units\]: the velocities of the biases; empty where there is no momentum.
    #[must_use]
    pub fn bias_velocity(&self) -> &[f32] {
        self.buffers.bias_velocity.as_ref()
    }

    /// The quantised weights, for sampling.
    #[must_use]
    pub fn quantised(&self) -> ShardWeights<'_> {
        ShardWeights {
            shape: self.shape,
            units: self.units,
            to_hidden: self.buffers.to_hidden.as_ref(),
            to_visible: self.buffers.to_visible.as_ref(),
            hidden_bias: self.buffers.hidden_bias.as_ref(),
        }
    }

    /// Whether every hidden unit's field is in range, whatever the visible units are; see
    /// [`no_overflow`](crate::fixed::no_overflow).
    #[must_use]
    pub fn hidden_fields_fit(&self) -> bool {
        let b = &self.buffers;
        norms_fit(b.hidden_norms.as_ref(), b.hidden_bias.as_ref())
    }

    /// \[visible\]: for every visible unit, the shard's share of the sum of magnitudes; see
    /// [`VisibleBias::fields_fit`](super::VisibleBias::fields_fit).
    #[must_use]
    pub fn visible_norms(&self) -> &[i16] {
        self.buffers.visible_norms.as_ref()
    }

    /// Quantises all float parameters to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        self.parts().requantise(fraction_bits);
    }

    /// Changes the parameters by the gradient of a minibatch of `samples` samples, the sum of its `sources`, and quantises
    /// them to `fraction_bits`.
    ///
    /// One row addition per visible unit and sample where the datum or the chain has it set, then one pass over the weights
    /// of those units; the others stay as they are unless weights decay or have a velocity.
    pub fn update(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        self.parts()
            .update(sources, samples, rate, fraction_bits, None);
    }

    /// [`Self::update`] by the [centred](Centring) gradient; `centring` holds the shard's means. All visible units of a mean
    /// that is not zero change with every minibatch. What [`VisibleBias::update_centred`](super::VisibleBias::update_centred)
    /// needs of the shard is in [`Centring::shares`] afterwards.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of the centring that has another length than it states.
    pub fn update_centred(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        centring: &mut Centring<'_>,
    ) -> Result<(), Error> {
        centring.check(self.shape, self.units, sources.len())?;
        self.parts()
            .update(sources, samples, rate, fraction_bits, Some(centring));
        Ok(())
    }

    /// The buffers as slices, on which the update is compiled once, whatever the storage.
    fn parts(&mut self) -> Update<'_> {
        let b = &mut self.buffers;
        Update {
            shape: self.shape,
            units: self.units,
            weights: b.weights.as_mut(),
            velocity: b.velocity.as_mut(),
            bias: b.bias.as_mut(),
            bias_velocity: b.bias_velocity.as_mut(),
            to_hidden: b.to_hidden.as_mut(),
            to_visible: b.to_visible.as_mut(),
            hidden_bias: b.hidden_bias.as_mut(),
            hidden_norms: b.hidden_norms.as_mut(),
            visible_norms: b.visible_norms.as_mut(),
            sums: b.sums.as_mut(),
            wide_sums: b.wide_sums.as_mut(),
            activity: b.activity.as_mut(),
        }
    }
}
