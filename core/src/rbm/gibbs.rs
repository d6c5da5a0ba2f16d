//! Conditionals and Gibbs steps, for any number of chains at once.
//!
//! A batch of chains is a flat slice: packed vectors one after the other (`visible_words` or `hidden_words` words a
//! chain), fields one after the other (a stride a chain). Every chain has a generator of its own, so that what a chain
//! draws does not depend on the batch it is in.

use super::{Rbm, Shape};
use crate::Error;
use crate::bits::WORD;
use crate::fixed::MAX_FRACTION_BITS;
use crate::kernel::{self, Rows, padded};
use crate::rng::ChainRng;

/// The quantised weights of a range of visible units, which begins at a whole word: a view of an [`Rbm`] or of a
/// [`Shard`](super::train::Shard), whose shapes were checked when it was made.
#[derive(Clone, Copy, Debug)]
pub struct ShardWeights<'a> {
    pub(super) shape: Shape,
    /// The first visible unit, a multiple of 64.
    pub(super) first: usize,
    pub(super) units: usize,
    /// \[units\]\[hidden stride\].
    pub(super) to_hidden: &'a [i16],
    /// \[hidden\]\[padded units\].
    pub(super) to_visible: &'a [i16],
    /// \[padded units\].
    pub(super) visible_bias: &'a [i16],
}

impl<'a> ShardWeights<'a> {
    /// \[units\]\[hidden stride\]: what a set visible unit adds to the hidden fields.
    #[must_use]
    pub fn to_hidden(&self) -> &'a [i16] {
        self.to_hidden
    }

    /// \[hidden\]\[padded units\]: what a set hidden unit adds to the visible fields.
    #[must_use]
    pub fn to_visible(&self) -> &'a [i16] {
        self.to_visible
    }

    /// \[padded units\]: the biases of the visible units.
    #[must_use]
    pub fn visible_bias(&self) -> &'a [i16] {
        self.visible_bias
    }

    /// Adds what the shard's visible units give to the hidden fields of packed visible vectors (of all units): `fields`
    /// holds a hidden stride a chain. One row addition a set bit.
    pub fn add_hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        let words = self.shape.visible_words();
        kernel::add_set_rows(&self.rows_to_hidden(), words, visible, fields);
    }

    /// Turns what the shard's visible units of `before` gave to the hidden fields into what those of `after` give. One row
    /// addition a changed bit.
    pub fn move_hidden_fields(&self, before: &[u64], after: &[u64], fields: &mut [i16]) {
        let words = self.shape.visible_words();
        kernel::add_changed_rows(&self.rows_to_hidden(), words, before, after, fields);
    }

    /// The fields of the shard's visible units for packed hidden vectors: `fields` holds the shard's padded units a
    /// chain. One row addition a set bit.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        let stride = padded(self.units);
        for fields in fields.chunks_exact_mut(stride) {
            fields.copy_from_slice(self.visible_bias);
        }
        let rows = Rows {
            weights: self.to_visible,
            stride,
            first_word: 0,
        };
        kernel::add_set_rows(&rows, self.shape.hidden_words(), hidden, fields);
    }

    fn rows_to_hidden(&self) -> Rows<'a> {
        Rows {
            weights: self.to_hidden,
            stride: self.shape.hidden_stride(),
            first_word: self.first / WORD,
        }
    }

    /// The words of a visible vector that belong to the shard.
    pub(super) fn words(&self) -> core::ops::Range<usize> {
        self.first / WORD..(self.first + self.units).div_ceil(WORD)
    }
}

/// Everything that sampling reads of a model.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    pub(super) shape: Shape,
    pub(super) fraction_bits: u32,
    pub(super) hidden_bias: &'a [i16],
    pub(super) shards: &'a [ShardWeights<'a>],
}

impl<'a> Weights<'a> {
    /// Puts shards together: all visible units in ascending order and without gaps, and the hidden biases, a
    /// [hidden stride](Shape::hidden_stride) long. All are quantised to `fraction_bits`.
    ///
    /// # Errors
    /// [`Error::Length`] if there are another number of hidden biases; [`Error::OutOfRange`] if the shards are of
    /// another shape or leave a gap, or `fraction_bits` is above 11.
    pub fn new(
        shape: Shape,
        fraction_bits: u32,
        hidden_bias: &'a [i16],
        shards: &'a [ShardWeights<'a>],
    ) -> Result<Self, Error> {
        if hidden_bias.len() != shape.hidden_stride() {
            let (expected, found) = (shape.hidden_stride(), hidden_bias.len());
            return Err(Error::Length {
                what: "hidden_bias",
                expected,
                found,
            });
        }
        if fraction_bits > MAX_FRACTION_BITS {
            return Err(Error::OutOfRange {
                what: "fraction_bits",
                expected: "0..=11",
            });
        }
        let end = shards.iter().try_fold(0, |end, shard| {
            (shard.first == end && shard.shape == shape).then_some(end + shard.units)
        });
        if end != Some(shape.visible()) {
            return Err(Error::OutOfRange {
                what: "shards",
                expected: "every visible unit once, in order",
            });
        }
        Ok(Self {
            shape,
            fraction_bits,
            hidden_bias,
            shards,
        })
    }
}

impl Weights<'_> {
    /// The hidden fields of packed visible vectors: `fields` holds a hidden stride a chain.
    /// One row addition a set bit.
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        for fields in fields.chunks_exact_mut(self.shape.hidden_stride()) {
            fields.copy_from_slice(self.hidden_bias);
        }
        for shard in self.shards {
            shard.add_hidden_fields(visible, fields);
        }
    }

    /// Turns the hidden fields of `before` into those of `after`. One row addition a changed bit; where more bits
    /// changed than are set, starts afresh. The result is that of [`Self::hidden_fields`], to the bit.
    pub fn move_hidden_fields(&self, before: &[u64], after: &[u64], fields: &mut [i16]) {
        let set: u32 = after.iter().map(|word| word.count_ones()).sum();
        if kernel::hamming(before, after) >= set {
            return self.hidden_fields(after, fields);
        }
        for shard in self.shards {
            shard.move_hidden_fields(before, after, fields);
        }
    }

    /// Draws the hidden units of every chain from their fields.
    pub fn sample_hidden(&self, fields: &[i16], rngs: &mut [ChainRng], hidden: &mut [u64]) {
        let chains = fields
            .chunks_exact(self.shape.hidden_stride())
            .zip(hidden.chunks_exact_mut(self.shape.hidden_words()));
        for ((fields, hidden), rng) in chains.zip(rngs) {
            kernel::sample(fields, self.fraction_bits, self.shape.hidden, rng, hidden);
        }
    }

    /// Draws a shard's visible units of every chain from their fields into whole visible vectors.
    pub fn sample_visible(
        &self,
        shard: &ShardWeights<'_>,
        fields: &[i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) {
        let chains = fields
            .chunks_exact(padded(shard.units))
            .zip(visible.chunks_exact_mut(self.shape.visible_words()));
        for ((fields, visible), rng) in chains.zip(rngs) {
            let Some(target) = visible.get_mut(shard.words()) else {
                return;
            };
            kernel::sample(fields, self.fraction_bits, shard.units, rng, target);
        }
    }
}

impl<S: AsRef<[i16]>> Rbm<S> {
    /// The hidden fields of packed visible vectors; see [`Weights::hidden_fields`].
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        self.weights(&[self.shard()]).hidden_fields(visible, fields);
    }

    /// The visible fields of packed hidden vectors: `fields` holds a visible stride a chain.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        self.shard().visible_fields(hidden, fields);
    }

    /// The probabilities that units are set, in 1/65,536 and held to 65,535, from their fields: p(h|v) or p(v|h).
    pub fn probabilities(&self, fields: &[i16], probabilities: &mut [u16]) {
        kernel::probabilities16(fields, self.fraction_bits(), probabilities);
    }

    /// Draws h given v for every chain. `fields` is room for a hidden stride a chain, and holds the fields afterwards.
    pub fn sample_hidden(
        &self,
        visible: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        hidden: &mut [u64],
    ) {
        let shard = self.shard();
        let weights = self.weights(core::array::from_ref(&shard));
        weights.hidden_fields(visible, fields);
        weights.sample_hidden(fields, rngs, hidden);
    }

    /// Draws v given h for every chain. `fields` is room for a visible stride a chain, and holds the fields afterwards.
    pub fn sample_visible(
        &self,
        hidden: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) {
        let shard = self.shard();
        let weights = self.weights(core::array::from_ref(&shard));
        shard.visible_fields(hidden, fields);
        weights.sample_visible(&shard, fields, rngs, visible);
    }

    /// The mean-field (deterministic) pass from probabilities of visible units to those of hidden units, both in
    /// 1/65,536. O(visible x hidden) multiplications in 64-bit integers; exact up to the logistic's error, since the
    /// weighted field is rounded once, to the format of fields.
    pub fn mean_field_hidden(&self, visible: &[u16], hidden: &mut [u16]) {
        let buffers = self.buffers();
        mean_field(
            visible,
            buffers.to_visible,
            self.shape().visible_stride(),
            buffers.hidden_bias,
            self.fraction_bits(),
            hidden,
        );
    }

    /// The mean-field pass from hidden to visible probabilities; see [`Self::mean_field_hidden`].
    pub fn mean_field_visible(&self, hidden: &[u16], visible: &mut [u16]) {
        let buffers = self.buffers();
        mean_field(
            hidden,
            buffers.to_hidden,
            self.shape().hidden_stride(),
            buffers.visible_bias,
            self.fraction_bits(),
            visible,
        );
    }
}

/// `output_j = sigmoid(bias_j + sum_i weights_ji input_i)`; the weights of an output are a row.
fn mean_field(
    input: &[u16],
    weights: &[i16],
    stride: usize,
    bias: &[i16],
    fraction_bits: u32,
    output: &mut [u16],
) {
    for ((output, bias), row) in output
        .iter_mut()
        .zip(bias)
        .zip(weights.chunks_exact(stride))
    {
        let sum: i64 = row
            .iter()
            .zip(input)
            .map(|(w, p)| i64::from(*w) * i64::from(*p))
            .sum();
        let field = i64::from(*bias) + ((sum + (1 << 15)) >> 16);
        *output = crate::fixed::probability16(field as i16, fraction_bits);
    }
}
