//! Conditionals and Gibbs steps, for any number of chains at once.
//!
//! A batch of chains is a flat slice: packed vectors one after the other (`visible_words` or `hidden_words` words a
//! chain), fields one after the other (a stride per chain). Every chain has a generator of its own, so that what a chain
//! draws does not depend on the batch it is in.

use super::{Groups, Rbm, Shape};
use crate::Error;
use crate::bits::{hamming, words};
use crate::error::{check_len, check_lens};
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
        let add_changed_rows = match self.units <= kernel::listed::WIDEST {
            true => kernel::listed::add_changed_rows,
            false => kernel::add_changed_rows,
        };
        add_changed_rows(&self.rows_to_hidden(), words, before, after, fields);
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
    /// The hidden fields of packed visible vectors, one vector per chain: `visible` holds
    /// [`visible_words`](Shape::visible_words) words and `fields` a [`hidden_stride`](Shape::hidden_stride) per chain. One row
    /// addition per set bit.
    ///
    /// # Errors
    /// [`Error::Length`] unless `fields` holds whole chains and `visible` as many.
    pub fn hidden_fields(&self, visible: &[u64], fields: &mut [i16]) -> Result<(), Error> {
        let shape = self.shape();
        let chains = chains(fields, shape.hidden_stride())?;
        check_len("visible", chains * shape.visible_words(), visible.len())?;
        self.weights().hidden_fields(visible, fields);
        Ok(())
    }

    /// The visible fields of packed hidden vectors: `fields` holds a [`visible_stride`](Shape::visible_stride) per chain.
    ///
    /// # Errors
    /// [`Error::Length`] unless `fields` holds whole chains and `hidden` as many.
    pub fn visible_fields(&self, hidden: &[u64], fields: &mut [i16]) -> Result<(), Error> {
        let shape = self.shape();
        let chains = chains(fields, shape.visible_stride())?;
        check_len("hidden", chains * shape.hidden_words(), hidden.len())?;
        self.weights().visible_fields(hidden, fields);
        Ok(())
    }

    /// The probabilities that units are set, in 1/65,536 and held to 65,535, from their fields: p(h|v) or p(v|h). There may be
    /// fewer probabilities than fields, since fields are padded.
    ///
    /// # Errors
    /// [`Error::Length`] if there are more probabilities than fields.
    pub fn probabilities(&self, fields: &[i16], probabilities: &mut [u16]) -> Result<(), Error> {
        let found = fields.len().min(probabilities.len());
        check_len("fields", probabilities.len(), found)?;
        kernel::probabilities16(fields, self.fraction_bits(), probabilities);
        Ok(())
    }

    /// Draws h given v for every chain, with a generator per chain. `fields` is room for a hidden stride per chain, and holds
    /// the fields afterwards.
    ///
    /// # Errors
    /// [`Error::Length`] unless `fields` holds whole chains and the other slices as many.
    pub fn sample_hidden(
        &self,
        visible: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        hidden: &mut [u64],
    ) -> Result<(), Error> {
        let shape = self.shape();
        let chains = chains(fields, shape.hidden_stride())?;
        check_lens(&[
            ("visible", chains * shape.visible_words(), visible.len()),
            ("hidden", chains * shape.hidden_words(), hidden.len()),
            ("rngs", chains, rngs.len()),
        ])?;
        let weights = self.weights();
        weights.hidden_fields(visible, fields);
        weights.sample_hidden(fields, rngs, hidden);
        Ok(())
    }

    /// Draws v given h for every chain. `fields` is room for a visible stride per chain, and holds the fields afterwards.
    ///
    /// # Errors
    /// [`Error::Length`] unless `fields` holds whole chains and the other slices as many.
    pub fn sample_visible(
        &self,
        hidden: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) -> Result<(), Error> {
        let groups = Groups::all_binary(self.shape());
        self.sample_groups(&groups, hidden, fields, rngs, visible)
    }

    /// [`Self::sample_visible`] for a visible layer of such `groups`.
    ///
    /// # Errors
    /// [`Error::Length`] unless `fields` holds whole chains, the other slices as many, and `groups` are of this layer.
    pub fn sample_groups(
        &self,
        groups: &Groups<'_>,
        hidden: &[u64],
        fields: &mut [i16],
        rngs: &mut [ChainRng],
        visible: &mut [u64],
    ) -> Result<(), Error> {
        let shape = self.shape();
        let chains = chains(fields, shape.visible_stride())?;
        check_lens(&[
            ("groups", shape.visible(), groups.visible()),
            ("hidden", chains * shape.hidden_words(), hidden.len()),
            ("visible", chains * shape.visible_words(), visible.len()),
            ("rngs", chains, rngs.len()),
        ])?;
        let weights = self.weights();
        weights.visible_fields(hidden, fields);
        weights.sample_visible(groups, fields, rngs, visible);
        Ok(())
    }

    /// The mean-field (deterministic) pass from probabilities of visible units to those of hidden units, both in
    /// 1/65,536. O(visible x hidden) multiplications in 64-bit integers; exact up to the logistic's error, since the
    /// weighted field is rounded once, to the format of fields.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a probability per unit of either layer.
    pub fn mean_field_hidden(&self, visible: &[u16], hidden: &mut [u16]) -> Result<(), Error> {
        let buffers = self.buffers();
        self.check_layers(visible.len(), hidden.len())?;
        mean_field(
            visible,
            buffers.to_visible,
            self.shape().visible_stride(),
            buffers.hidden_bias,
            self.fraction_bits(),
            hidden,
        );
        Ok(())
    }

    /// The mean-field pass from hidden to visible probabilities; see [`Self::mean_field_hidden`].
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a probability per unit of either layer.
    pub fn mean_field_visible(&self, hidden: &[u16], visible: &mut [u16]) -> Result<(), Error> {
        let buffers = self.buffers();
        self.check_layers(visible.len(), hidden.len())?;
        mean_field(
            hidden,
            buffers.to_hidden,
            self.shape().hidden_stride(),
            buffers.visible_bias,
            self.fraction_bits(),
            visible,
        );
        Ok(())
    }

    /// Requires a number per unit of either layer.
    fn check_layers(&self, visible: usize, hidden: usize) -> Result<(), Error> {
        check_lens(&[
            ("visible", self.shape().visible(), visible),
            ("hidden", self.shape().hidden(), hidden),
        ])
    }
}

/// The number of chains whose fields these are; an error if the last one is not whole.
fn chains(fields: &[i16], stride: usize) -> Result<usize, Error> {
    let chains = fields.len().div_ceil(stride);
    check_len("fields", chains * stride, fields.len())?;
    Ok(chains)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbm::labels::{Labelled, set_label};
    use crate::rbm::{Parameters, Quantised, quantise};
    use crate::rng::{Purpose, Streams};

    /// Every slice of every call, one element too short and one too long, is an error and not a partial result.
    #[test]
    fn slices_of_other_lengths_are_refused() {
        let shape = Shape::new(70, 65).unwrap();
        let floats = Parameters {
            shape,
            w: &[0.5; 70 * 65],
            visible_bias: &[0.0; 70],
            hidden_bias: &[0.0; 65],
        };
        let (v_stride, h_stride) = (shape.visible_stride(), shape.hidden_stride());
        let mut numbers = Quantised {
            to_hidden: std::vec![0; 70 * h_stride],
            to_visible: std::vec![0; 65 * v_stride],
            visible_bias: std::vec![0; v_stride],
            hidden_bias: std::vec![0; h_stride],
        };
        let bits = quantise(
            &floats,
            &mut Quantised {
                to_hidden: &mut numbers.to_hidden[..],
                to_visible: &mut numbers.to_visible[..],
                visible_bias: &mut numbers.visible_bias[..],
                hidden_bias: &mut numbers.hidden_bias[..],
            },
        );
        let rbm = Rbm::new(shape, bits.unwrap(), numbers).unwrap();
        let labelled = Labelled::new(&rbm, 3).unwrap();
        let groups = Groups::new(shape, &[67]).unwrap();
        let mut streams = Streams::new(1, Purpose::Chains);
        let rngs: std::vec::Vec<_> = (0..4).map(|_| streams.next_chain()).collect();
        // Two chains, or one; `change` is what one slice has more or less.
        let run = |which: usize, at: usize, change: isize| {
            let of = |index: usize, length: usize| {
                let more = if index == at { change } else { 0 };
                length.checked_add_signed(more).unwrap()
            };
            let words = |index, length| std::vec![0_u64; of(index, length)];
            let fields = |index, length| std::vec![0_i16; of(index, length)];
            let shares = |index, length| std::vec![0_u16; of(index, length)];
            let mut rngs = rngs[..of(3, 2)].to_vec();
            match which {
                0 => rbm.hidden_fields(&words(0, 4), &mut fields(1, 2 * h_stride)),
                1 => rbm.visible_fields(&words(0, 4), &mut fields(1, 2 * v_stride)),
                2 => rbm.sample_hidden(
                    &words(0, 4),
                    &mut fields(1, 2 * h_stride),
                    &mut rngs,
                    &mut words(2, 4),
                ),
                3 => rbm.sample_visible(
                    &words(0, 4),
                    &mut fields(1, 2 * v_stride),
                    &mut rngs,
                    &mut words(2, 4),
                ),
                4 => rbm.mean_field_hidden(&shares(0, 70), &mut shares(1, 65)),
                5 => rbm.mean_field_visible(&shares(0, 65), &mut shares(1, 70)),
                6 => rbm.energy(&words(0, 2), &words(1, 2)).map(|_| ()),
                7 => (rbm.free_energy(&words(0, 2), &fields(1, h_stride))).map(|_| ()),
                8 => (rbm.free_energy_fixed(&words(0, 2), &fields(1, h_stride))).map(|_| ()),
                9 => {
                    let mut logits = std::vec![0; of(1, 3)];
                    labelled.logits(&[0; 2], &mut fields(0, h_stride), &mut logits)
                }
                10 => set_label(&mut words(0, 2), 67, 3, 1),
                11 => groups.set(&mut words(0, 2), 0, 1),
                _ => groups.set_binary(&mut words(0, 2), &words(1, 2)),
            }
        };
        let slices = [2, 2, 4, 4, 2, 2, 2, 2, 2, 2, 1, 1, 2];
        for (which, slices) in slices.into_iter().enumerate() {
            assert_eq!(run(which, usize::MAX, 0), Ok(()), "call {which}");
            for at in 0..slices {
                for change in [-1, 1] {
                    let found = run(which, at, change);
                    assert!(
                        matches!(found, Err(Error::Length { .. })),
                        "call {which}, slice {at}, {change}: {found:?}"
                    );
                }
            }
        }
        let more = rbm.probabilities(&[0; 64], &mut [0; 65]);
        assert!(matches!(more, Err(Error::Length { .. })));
        assert!(set_label(&mut [0; 2], 67, 3, 3).is_err());
        assert!(groups.set(&mut [0; 2], 0, 3).is_err());
        assert!(groups.set(&mut [0; 2], 1, 0).is_err());
        assert!(
            labelled
                .logits(&[0; 3], &mut std::vec![0; h_stride], &mut [0; 3])
                .is_err()
        );
        let binary = Groups::all_binary(Shape::new(69, 65).unwrap());
        let (mut fields, mut visible) = (std::vec![0; v_stride], [0; 2]);
        let other = rbm.sample_groups(
            &binary,
            &[0; 2],
            &mut fields,
            &mut rngs[..1].to_vec(),
            &mut visible,
        );
        assert!(matches!(other, Err(Error::Length { what: "groups", .. })));
    }
}
