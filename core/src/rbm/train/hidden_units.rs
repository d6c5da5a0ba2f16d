//! The hidden units of one shard in every sample of a minibatch: fields, states, probabilities, statistics.

use super::super::{Shape, ShardWeights};
use super::Method;
use super::contrastive::{Contrastive, group_table, table_rows, write_columns};
use crate::Error;
use crate::bits::{WORD, words};
use crate::error::check_lens;
use crate::kernel::{self, GROUP, padded};
use crate::rng::ChainRng;

/// The buffers of a [`HiddenUnits`] of `units` hidden units in `samples` many samples; their lengths are those that each
/// line states.
#[derive(Debug)]
pub struct HiddenUnitsBuffers<'a> {
    /// samples x visible words: a copy of the data.
    pub data: &'a mut [u64],
    /// samples x visible words: a copy of the chains' visible units.
    pub chain: &'a mut [u64],
    /// samples x visible words: room for those of the step before.
    pub previous: &'a mut [u64],
    /// samples x words of `units`: the chains' hidden units.
    pub hidden: &'a mut [u64],
    /// samples x padded `units`: the fields of the hidden units.
    pub fields: &'a mut [i16],
    /// samples x visible stride: what the hidden units give to the fields of the visible ones.
    pub visible_fields: &'a mut [i16],
    /// groups x 3 x 64 x padded `units`, where groups is samples / 64 rounded up (3 x samples rows if that is one group).
    pub table: &'a mut [i16],
    /// groups x 64 x visible words: for every visible unit, the samples whose datum has it set.
    pub data_columns: &'a mut [u64],
    /// The same of the chains.
    pub chain_columns: &'a mut [u64],
    /// One generator per word of `units`, which serves one sample after the other.
    pub rngs: &'a mut [ChainRng],
}

/// Some hidden units in every sample of a minibatch, over buffers of the caller's.
#[derive(Debug)]
pub struct HiddenUnits<'a> {
    shape: Shape,
    units: usize,
    stride: usize,
    samples: usize,
    buffers: HiddenUnitsBuffers<'a>,
}

impl<'a> HiddenUnits<'a> {
    /// Takes the buffers of `units` of the hidden units of `shape`, in `samples` samples.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer that has another length than [`HiddenUnitsBuffers`] states.
    pub fn new(
        shape: Shape,
        units: usize,
        samples: usize,
        buffers: HiddenUnitsBuffers<'a>,
    ) -> Result<Self, Error> {
        let stride = padded(units);
        let vectors = samples * shape.visible_words();
        let columns = samples.div_ceil(GROUP) * WORD * shape.visible_words();
        check_lens(&[
            ("data", vectors, buffers.data.len()),
            ("chain", vectors, buffers.chain.len()),
            ("previous", vectors, buffers.previous.len()),
            ("hidden", samples * words(units), buffers.hidden.len()),
            ("fields", samples * stride, buffers.fields.len()),
            (
                "visible_fields",
                samples * shape.visible_stride(),
                buffers.visible_fields.len(),
            ),
            ("table", table_rows(samples) * stride, buffers.table.len()),
            ("data_columns", columns, buffers.data_columns.len()),
            ("chain_columns", columns, buffers.chain_columns.len()),
            ("rngs", words(units), buffers.rngs.len()),
        ])?;
        Ok(Self {
            shape,
            units,
            stride,
            samples,
            buffers,
        })
    }

    /// Copies the data of the samples from `first` on, a visible vector each.
    pub fn take_data(&mut self, first: usize, data: &[u64]) {
        copy_vectors(data, first * self.shape.visible_words(), self.buffers.data);
    }

    /// Copies the chains of the samples from `first` on, as [`draw_chains`](super::Samples::draw_chains) left them.
    pub fn take_chains(&mut self, first: usize, chain: &[u64]) {
        copy_vectors(
            chain,
            first * self.shape.visible_words(),
            self.buffers.chain,
        );
    }

    /// Computes the fields of the hidden units at the data of the first `count` samples.
    pub fn see(&mut self, weights: &ShardWeights<'_>, count: usize) {
        let count = count.min(self.samples);
        let b = &mut self.buffers;
        weights.hidden_fields(
            &b.data[..count * self.shape.visible_words()],
            &mut b.fields[..count * self.stride],
        );
    }

    /// [`Self::see`], then records p(h|data) of the first `count` samples and, for contrastive divergence, draws the
    /// hidden units.
    pub fn positive(
        &mut self,
        weights: &ShardWeights<'_>,
        fraction_bits: u32,
        method: Method,
        count: usize,
    ) {
        self.see(weights, count);
        let stride = self.stride;
        self.each_word(count, |word, b, rng| {
            let (table, sample) = group_table(b.table, stride, word.sample);
            let row = kernel::capacity(table, stride) + sample;
            let p = &mut table[row * stride..][word.columns.clone()];
            let fields = &b.fields[word.sample * stride..][word.columns.clone()];
            match method {
                Method::ContrastiveDivergence => {
                    let hidden = &mut b.hidden[word.at..=word.at];
                    kernel::sample_with_probabilities(
                        fields,
                        fraction_bits,
                        word.units,
                        rng,
                        hidden,
                        p,
                    );
                }
                Method::Persistent => {
                    kernel::probabilities(fields, fraction_bits, word.units, rng, p);
                }
            }
        });
    }

    /// Computes what the hidden units of the first `count` samples give to the fields of the visible ones, from `bias` on: the
    /// visible biases (a visible stride) where the shard has all hidden units, nothing where several shards share them.
    pub fn contribute(&mut self, weights: &ShardWeights<'_>, bias: &[i16], count: usize) {
        let count = count.min(self.samples);
        let b = &mut self.buffers;
        let fields = &mut b.visible_fields[..count * self.shape.visible_stride()];
        if bias.is_empty() {
            fields.fill(0);
        } else {
            for fields in fields.chunks_exact_mut(self.shape.visible_stride()) {
                fields.copy_from_slice(bias);
            }
        }
        weights.add_visible_fields(&b.hidden[..count * words(self.units)], fields);
    }

    /// Samples x visible stride: what [`Self::contribute`] computed.
    #[must_use]
    pub fn visible_fields(&self) -> &[i16] {
        self.buffers.visible_fields
    }

    /// Brings the fields of the hidden units to the chains that [`Self::take_chains`] copied after Gibbs step `step`, from
    /// 0. Where the last ones were of related states, by what changed.
    pub fn move_fields(
        &mut self,
        weights: &ShardWeights<'_>,
        method: Method,
        step: usize,
        count: usize,
    ) {
        let count = count.min(self.samples);
        let used = ..count * self.shape.visible_words();
        let b = &mut self.buffers;
        let (chain, fields) = (&b.chain[used], &mut b.fields[..count * self.stride]);
        match (step, method) {
            (0, Method::ContrastiveDivergence) => {
                weights.move_hidden_fields(&b.data[used], chain, fields);
            }
            (0, Method::Persistent) => weights.hidden_fields(chain, fields),
            _ => weights.move_hidden_fields(&b.previous[used], chain, fields),
        }
    }

    /// Draws the hidden units from their fields, between two Gibbs steps.
    pub fn draw(&mut self, fraction_bits: u32, count: usize) {
        self.buffers.previous.copy_from_slice(self.buffers.chain);
        let stride = self.stride;
        self.each_word(count, |word, b, rng| {
            let fields = &b.fields[word.sample * stride..][word.columns.clone()];
            let hidden = &mut b.hidden[word.at..=word.at];
            kernel::sample(fields, fraction_bits, word.units, rng, hidden);
        });
    }

    /// Records p(h|chain) at the end of the chains (and draws their hidden units where they persist), and brings the
    /// statistics into the form of [`Self::gradient`].
    pub fn negative(&mut self, fraction_bits: u32, method: Method, count: usize) {
        let stride = self.stride;
        self.each_word(count, |word, b, rng| {
            let fields = &b.fields[word.sample * stride..][word.columns.clone()];
            let mut room = [0; WORD];
            let q = &mut room[..word.columns.len()];
            match method {
                Method::ContrastiveDivergence => {
                    kernel::probabilities(fields, fraction_bits, word.units, rng, q);
                }
                Method::Persistent => {
                    let hidden = &mut b.hidden[word.at..=word.at];
                    kernel::sample_with_probabilities(
                        fields,
                        fraction_bits,
                        word.units,
                        rng,
                        hidden,
                        q,
                    );
                }
            }
            let (table, sample) = group_table(b.table, stride, word.sample);
            kernel::tabulate(q, stride, word.columns.start, sample, table);
        });
        self.write_data_columns(count);
        let words = self.shape.visible_words();
        let count = count.min(self.samples);
        let b = &mut self.buffers;
        write_columns(&b.chain[..count * words], words, b.chain_columns);
    }

    /// Transposes the data of the first `count` samples, for sources of the gradient that have no chains.
    pub fn write_data_columns(&mut self, count: usize) {
        let words = self.shape.visible_words();
        let count = count.min(self.samples);
        let b = &mut self.buffers;
        write_columns(&b.data[..count * words], words, b.data_columns);
    }

    /// Calls `draw` for every word of hidden units, and in that for each of the first `count` samples.
    fn each_word(
        &mut self,
        count: usize,
        mut draw: impl FnMut(&Word, &mut Drawn<'_>, &mut ChainRng),
    ) {
        let words = words(self.units);
        let b = &mut self.buffers;
        let mut drawn = Drawn {
            fields: b.fields,
            hidden: b.hidden,
            table: b.table,
        };
        for (at, rng) in b.rngs.iter_mut().enumerate() {
            let first = at * WORD;
            for sample in 0..count.min(self.samples) {
                let word = Word {
                    sample,
                    at: sample * words + at,
                    columns: first..(first + WORD).min(self.stride),
                    units: (self.units - first).min(WORD),
                };
                draw(&word, &mut drawn, rng);
            }
        }
    }

    /// The contrastive gradient of the first `count` samples, times `scale`, after [`Self::negative`].
    #[must_use]
    pub fn gradient(&self, count: usize, scale: f32) -> Contrastive<'_> {
        let b = &self.buffers;
        let layers = (self.shape, self.units);
        let tables = (&*b.table, &*b.data_columns, &*b.chain_columns);
        Contrastive::new(layers, count.min(self.samples), scale, tables)
    }

    /// Samples x padded units: the fields of the hidden units.
    pub(super) fn fields(&self) -> &[i16] {
        self.buffers.fields
    }

    /// Groups of 64 samples x 64 x visible words: the samples whose datum has each visible unit set; and the words of a
    /// group.
    pub(super) fn data_columns(&self) -> (&[u64], usize) {
        (self.buffers.data_columns, WORD * self.shape.visible_words())
    }

    /// The first of `units` that the datum of a sample has set, counted from their start.
    pub(super) fn category(&self, sample: usize, units: core::ops::Range<usize>) -> Option<usize> {
        let words = self.shape.visible_words();
        let datum = self.buffers.data.get(sample * words..(sample + 1) * words);
        let datum = datum.unwrap_or_default();
        let set =
            |unit: usize| datum.get(unit / WORD).copied().unwrap_or(0) >> (unit % WORD) & 1 == 1;
        units.clone().position(set)
    }

    /// The hidden units that were drawn last, a word after the other for each sample.
    #[must_use]
    pub fn hidden(&self) -> &[u64] {
        self.buffers.hidden
    }
}

/// A word of hidden units in one sample.
struct Word {
    sample: usize,
    /// Where its bits are.
    at: usize,
    /// Where its fields are in the sample's row.
    columns: core::ops::Range<usize>,
    /// How many units it has.
    units: usize,
}

/// The buffers that draws read and write.
struct Drawn<'a> {
    fields: &'a mut [i16],
    hidden: &'a mut [u64],
    table: &'a mut [i16],
}

fn copy_vectors(source: &[u64], first: usize, target: &mut [u64]) {
    if let Some(target) = target.get_mut(first..) {
        let length = source.len().min(target.len());
        target[..length].copy_from_slice(&source[..length]);
    }
}
