//! Conditionals and Gibbs steps, for any number of chains at once.
//!
//! A batch of chains is a flat slice: packed vectors one after the other (`visible_words` or `hidden_words` words a
//! chain), fields one after the other (a stride per chain). Every chain has a generator of its own, so that what a chain
//! draws does not depend on the batch it is in.

use super::{Groups, Rbm, Shape};
use crate::bits::{hamming, words};
use crate::kernel::{self, Rows, padded};
use crate::rng::ChainRng;

/// The quantised weights of a range of hidden units, which begins at a whole word: a view of an [`Rbm`] or of a
/// [`Shard`](super::train::Shard), whose shapes were checked when it was made.
#[derive(Clone, Copy, Debug)]
pub struct ShardWeights<'a> {
    pub(super) shape: Shape,
    /// The number of hidden units.
    pub(super) units: usize,
    /// \[visible\]\[padded units\].
    pub(super) to_hidden: &'a [i16],
    /// \[units\]\[visible stride\].
    pub(super) to_visible: &'a [i16],
    /// \[padded units\].
    pub(super) hidden_bias: &'a [i16],
}

impl<'a> ShardWeights<'a> {
    /// \[visible\]\[padded units\]: what a set visible unit adds to the hidden fields.
    #[must_use]
    pub fn to_hidden(&self) -> &'a [i16] {
        self.to_hidden
    }

    /// \[units\]\[visible stride\]: what a set hidden unit adds to the visible fields.
    #[must_use]
    pub fn to_visible(&self) -> &'a [i16] {
        self.to_visible
    }

    /// \[padded units\]: the biases of the hidden units.
    #[must_use]
    pub fn hidden_bias(&self) -> &'a [i16] {
        self.hidden_bias
    }

    /// The fields of the shard's hidden units for packed visible vectors: `fields` holds the shard's padded units a
    /// chain. One row addition per set bit.
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        for fields in fields.chunks_exact_mut(padded(self.units)) {
            fields.copy_from_slice(self.hidden_bias);
        }
        let words = self.shape.visible_words();
        kernel::add_set_rows(&self.rows_to_hidden(), words, visible, fields);
    }

    /// Turns the hidden fields of `before` into those of `after`. One row addition per changed bit; where more bits
    /// changed than are set, starts afresh. The result is that of [`Self::hidden_fields`], to the bit.
    pub fn move_hidden_fields(&self, before: &[u64], after: &[u64], fields: &mut [i16]) {
        let set: u32 = after.iter().map(|word| word.count_ones()).sum();
        if hamming(before, after) >= set {
            return self.hidden_fields(after, fields);
        }
        let words = self.shape.visible_words();
        kernel::add_changed_rows(&self.rows_to_hidden(), words, before, after, fields);
    }

    /// Adds what the shard's hidden units, packed in words of their own, give to the visible fields: `fields` holds a
    /// visible stride per chain. One row addition per set bit.
    pub fn add_visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        let rows = Rows {
            weights: self.to_visible,
            stride: self.shape.visible_stride(),
            width: self.shape.visible(),
        };
        kernel::add_set_rows(&rows, words(self.units), hidden, fields);
    }

    fn rows_to_hidden(&self) -> Rows<'a> {
        Rows {
            weights: self.to_hidden,
            stride: padded(self.units),
            width: self.units,
        }
    }
}

/// Everything that sampling reads of a model.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    pub(super) fraction_bits: u32,
    /// \[visible stride\].
    pub(super) visible_bias: &'a [i16],
    /// All hidden units.
    pub(super) shard: ShardWeights<'a>,
}

impl<'a> Weights<'a> {
    /// Numbers of units.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shard.shape
    }

    /// Binary places of weights, biases and fields.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// \[visible stride\]: the biases of the visible units.
    #[must_use]
    pub fn visible_bias(&self) -> &'a [i16] {
        self.visible_bias
    }

    /// The weights and biases of all hidden units.
    #[doc(hidden)]
    #[must_use]
    pub fn shard(&self) -> ShardWeights<'a> {
        self.shard
    }

    /// The hidden fields of packed visible vectors: `fields` holds a hidden stride per chain.
    /// One row addition per set bit.
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        self.shard.hidden_fields(visible, fields);
    }

    /// Turns the hidden fields of `before` into those of `after`, by one row addition per changed bit. The result is that of
    /// [`hidden_fields`](Self::hidden_fields), to the bit.
    pub fn move_hidden_fields(&self, before: &[u64], after: &[u64], fields: &mut [i16]) {
        self.shard.move_hidden_fields(before, after, fields);
    }

    /// The visible fields of packed hidden vectors: `fields` holds a visible stride per chain. One row addition a set
    /// bit.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        for fields in fields.chunks_exact_mut(self.shape().visible_stride()) {
            fields.copy_from_slice(self.visible_bias);
        }
        self.shard.add_visible_fields(hidden, fields);
    }

    /// Draws the hidden units of every chain from their fields.
    pub fn sample_hidden(&self, fields: &[i16], rngs: &mut [ChainRng], hidden: &mut [u64]) {
        let shape = self.shape();
        let chains = fields
            .chunks_exact(shape.hidden_stride())
            .zip(hidden.chunks_exact_mut(shape.hidden_words()));
        for ((fields, hidden), rng) in chains.zip(rngs) {
            kernel::sample(fields, self.fraction_bits, shape.hidden, rng, hidden);
        }
    }

    /// Draws the visible units of every chain, of such `groups`, from their fields.
    pub fn sample_visible(
        &self,
        groups: &Groups<'_>,
        fields: &[i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) {
        let shape = self.shape();
        let chains = fields
            .chunks_exact(shape.visible_stride())
            .zip(visible.chunks_exact_mut(shape.visible_words()));
        for ((fields, visible), rng) in chains.zip(rngs) {
            groups.sample(fields, self.fraction_bits, rng, visible);
        }
    }
}

impl<S: AsRef<[i16]>> Rbm<S> {
    /// The hidden fields of packed visible vectors; see [`Weights::hidden_fields`].
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) {
        self.weights().hidden_fields(visible, fields);
    }

    /// The visible fields of packed hidden vectors: `fields` holds a visible stride per chain.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) {
        self.weights().visible_fields(hidden, fields);
    }

    /// The probabilities that units are set, in 1/65,536 and held to 65,535, from their fields: p(h|v) or p(v|h).
    pub fn probabilities(&self, fields: &[i16], probabilities: &mut [u16]) {
        kernel::probabilities16(fields, self.fraction_bits(), probabilities);
    }

    /// Draws h given v for every chain. `fields` is room for a hidden stride per chain, and holds the fields afterwards.
    pub fn sample_hidden(
        &self,
        visible: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        hidden: &mut [u64],
    ) {
        let weights = self.weights();
        weights.hidden_fields(visible, fields);
        weights.sample_hidden(fields, rngs, hidden);
    }

    /// Draws v given h for every chain. `fields` is room for a visible stride per chain, and holds the fields afterwards.
    pub fn sample_visible(
        &self,
        hidden: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) {
        let groups = Groups::all_binary(self.shape());
        self.sample_groups(&groups, hidden, fields, rngs, visible);
    }

    /// [`Self::sample_visible`] for a visible layer of such `groups`.
    pub fn sample_groups(
        &self,
        groups: &Groups<'_>,
        hidden: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) {
        let weights = self.weights();
        weights.visible_fields(hidden, fields);
        weights.sample_visible(groups, fields, rngs, visible);
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
