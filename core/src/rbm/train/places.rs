//! The places of a minibatch: data, chains and generators, and the statistics they leave behind.

use core::ops::Range;

use super::super::{Shape, Weights};
use crate::Error;
use crate::bits::{WORD, transpose};
use crate::kernel::{self, GROUP, padded};
use crate::rng::ChainRng;

/// Where the negative chains start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Contrastive divergence (Hinton 2002): every chain starts at its datum.
    ContrastiveDivergence,
    /// Persistent contrastive divergence (Tieleman 2008): chains go on from where the last minibatch left them.
    Persistent,
}

/// The state whose hidden fields are at hand when a chain has moved on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The data.
    Data,
    /// The chain a step before.
    Previous,
}

/// Whose hidden fields those of the chains after Gibbs step `step`, from 0, can be made from: `None` where they are
/// unrelated.
#[must_use]
pub fn moves_from(method: Method, step: usize) -> Option<Start> {
    match (step, method) {
        (0, Method::ContrastiveDivergence) => Some(Start::Data),
        (0, Method::Persistent) => None,
        _ => Some(Start::Previous),
    }
}

/// What some places use of their buffers.
struct Used {
    visible_words: usize,
    visible: Range<usize>,
    hidden: Range<usize>,
    hidden_fields: Range<usize>,
}

/// The buffers of a [`Places`], for `places` many places; their lengths are those that each line states.
#[derive(Debug)]
pub struct PlacesBuffers<'a> {
    /// places x visible words: the data.
    pub data: &'a mut [u64],
    /// places x visible words: the chains' visible units.
    pub chain: &'a mut [u64],
    /// places x visible words: room for the step before.
    pub previous: &'a mut [u64],
    /// places x hidden words: the chains' hidden units.
    pub hidden: &'a mut [u64],
    /// places x hidden stride.
    pub hidden_fields: &'a mut [i16],
    /// places x the padded units of the largest shard.
    pub visible_fields: &'a mut [i16],
    /// hidden stride.
    pub probabilities: &'a mut [i16],
    /// groups x 3 x 64 x hidden stride, where groups is places / 64 rounded up (3 x places rows if that is one group).
    pub table: &'a mut [i16],
    /// groups x 64 x visible words: for every visible unit, the places whose datum has it set.
    pub data_columns: &'a mut [u64],
    /// The same of the chains.
    pub chain_columns: &'a mut [u64],
    /// One generator a place.
    pub rngs: &'a mut [ChainRng],
}

/// Some places of a minibatch, over buffers of the caller's.
#[derive(Debug)]
pub struct Places<'a> {
    shape: Shape,
    places: usize,
    buffers: PlacesBuffers<'a>,
}

/// What a group of 1 to 64 places says about the gradient.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    places: usize,
    data_columns: &'a [u64],
    chain_columns: &'a [u64],
    table: &'a [i16],
}

impl<'a> Evidence<'a> {
    /// The statistics of the first `count` places, a group at a time, from the buffers of a [`Places`] that has
    /// [contrasted](Places::contrast) as many.
    pub fn groups(
        shape: Shape,
        count: usize,
        table: &'a [i16],
        data_columns: &'a [u64],
        chain_columns: &'a [u64],
    ) -> impl Iterator<Item = Self> {
        let columns = WORD * shape.visible_words();
        let rows = table.len().min(3 * GROUP * shape.hidden_stride()).max(1);
        let groups = table
            .chunks_exact(rows)
            .zip(data_columns.chunks_exact(columns));
        groups
            .zip(chain_columns.chunks_exact(columns))
            .enumerate()
            .map_while(move |(group, ((table, data_columns), chain_columns))| {
                let places = count.saturating_sub(group * GROUP).min(GROUP);
                (places > 0).then_some(Self {
                    places,
                    data_columns,
                    chain_columns,
                    table,
                })
            })
    }

    /// Number of places, 1 to 64.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places
    }

    /// The places whose datum has visible unit `unit` set, and those whose chain ended with it set: a bit each.
    #[must_use]
    pub fn columns(&self, unit: usize) -> (u64, u64) {
        let column = |columns: &[u64]| columns.get(unit).copied().unwrap_or(0);
        (column(self.data_columns), column(self.chain_columns))
    }

    /// The hidden probabilities; see [`kernel::capacity`].
    #[must_use]
    pub fn table(&self) -> &'a [i16] {
        self.table
    }
}

impl<'a> Places<'a> {
    /// Takes the buffers of `places` places for the weights' shape.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer that has another length than [`PlacesBuffers`] states.
    pub fn new(shape: Shape, places: usize, buffers: PlacesBuffers<'a>) -> Result<Self, Error> {
        let groups = places.div_ceil(GROUP);
        let table_rows = if groups == 1 {
            3 * places
        } else {
            3 * GROUP * groups
        };
        let columns = groups * WORD * shape.visible_words();
        for (what, found, expected) in [
            ("data", buffers.data.len(), places * shape.visible_words()),
            ("chain", buffers.chain.len(), places * shape.visible_words()),
            (
                "previous",
                buffers.previous.len(),
                places * shape.visible_words(),
            ),
            (
                "hidden",
                buffers.hidden.len(),
                places * shape.hidden_words(),
            ),
            (
                "hidden_fields",
                buffers.hidden_fields.len(),
                places * shape.hidden_stride(),
            ),
            (
                "probabilities",
                buffers.probabilities.len(),
                shape.hidden_stride(),
            ),
            (
                "table",
                buffers.table.len(),
                table_rows * shape.hidden_stride(),
            ),
            ("data_columns", buffers.data_columns.len(), columns),
            ("chain_columns", buffers.chain_columns.len(), columns),
            ("rngs", buffers.rngs.len(), places),
        ] {
            if found != expected {
                return Err(Error::Length {
                    what,
                    expected,
                    found,
                });
            }
        }
        if !buffers.visible_fields.len().is_multiple_of(places.max(1)) {
            let found = buffers.visible_fields.len();
            return Err(Error::Length {
                what: "visible_fields",
                expected: places * shape.visible_stride(),
                found,
            });
        }
        Ok(Self {
            shape,
            places,
            buffers,
        })
    }

    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places == 0
    }

    /// Draws the data from grey levels (0..=255, one visible unit a pixel), place `k` from `image(k)`; afterwards the
    /// first `count` places are in use.
    pub fn draw_data<'p>(&mut self, count: usize, image: impl Fn(usize) -> &'p [u8]) {
        let data = self
            .buffers
            .data
            .chunks_exact_mut(self.shape.visible_words());
        for (k, (data, rng)) in data
            .zip(self.buffers.rngs.iter_mut())
            .take(count)
            .enumerate()
        {
            kernel::binarise(image(k), rng, data);
        }
    }

    /// The packed data, to be filled by the caller where they are not drawn.
    pub fn data_mut(&mut self) -> &mut [u64] {
        self.buffers.data
    }

    /// Runs the chains of the first `count` places for `steps` Gibbs steps and keeps the statistics. Returns the sum
    /// over visible units and places of (v - p(v|h))^2 in 2^-24, of the reconstruction of the data by one step;
    /// persistent chains reconstruct nothing, and return 0.
    ///
    /// Threads that share a minibatch take the same steps apart: see [`Self::begin`].
    pub fn contrast(
        &mut self,
        weights: &Weights<'_>,
        method: Method,
        steps: usize,
        count: usize,
    ) -> u64 {
        let bits = weights.fraction_bits;
        let count = count.min(self.places);
        let mut error = 0;
        let (b, used) = self.used(count);
        weights.hidden_fields(
            &b.data[used.visible.clone()],
            &mut b.hidden_fields[used.hidden_fields.clone()],
        );
        self.begin(bits, method, count);
        for step in 0..steps {
            for shard in weights.shards {
                let (b, used) = self.used(count);
                let fields = &mut b.visible_fields[..count * padded(shard.units)];
                shard.visible_fields(&b.hidden[used.hidden], fields);
                error += self.draw_visible(shard.first, shard.units, bits, method, step, count);
            }
            let (b, used) = self.used(count);
            let (data, chain) = (
                &b.data[used.visible.clone()],
                &b.chain[used.visible.clone()],
            );
            let fields = &mut b.hidden_fields[used.hidden_fields];
            match moves_from(method, step) {
                Some(Start::Data) => weights.move_hidden_fields(data, chain, fields),
                Some(Start::Previous) => {
                    weights.move_hidden_fields(&b.previous[used.visible], chain, fields)
                }
                None => weights.hidden_fields(chain, fields),
            }
            if step + 1 < steps {
                self.draw_hidden(bits, count);
            }
        }
        self.end(bits, method, count);
        error
    }

    /// First of the four steps that [`Self::contrast`] consists of, for callers that compute fields elsewhere: takes
    /// p(h|data) down and, for contrastive divergence, draws the hidden units, all from the
    /// [hidden fields](Self::hidden_fields_mut) of the data.
    ///
    /// Then, for every Gibbs step: [`Self::draw_visible`] for each shard from its visible fields,
    /// [`Self::draw_hidden`] from the hidden fields of the chains, and in the last step [`Self::end`] instead.
    pub fn begin(&mut self, fraction_bits: u32, method: Method, count: usize) {
        let (stride, words, units) = (
            self.shape.hidden_stride(),
            self.shape.hidden_words(),
            self.shape.hidden(),
        );
        let b = &mut self.buffers;
        let chains = b
            .hidden_fields
            .chunks_exact(stride)
            .zip(b.hidden.chunks_exact_mut(words));
        for (k, ((fields, hidden), rng)) in chains.zip(b.rngs.iter_mut()).take(count).enumerate() {
            let p = data_probabilities(b.table, stride, k);
            match method {
                Method::ContrastiveDivergence => {
                    kernel::sample_with_probabilities(fields, fraction_bits, units, rng, hidden, p);
                }
                Method::Persistent => kernel::probabilities(fields, fraction_bits, units, rng, p),
            }
        }
    }

    /// Draws the `units` visible units from `first` (a multiple of 64) on of Gibbs step `step`, from 0, from the
    /// [visible fields](Self::visible_fields_mut). Returns the squared error as [`Self::contrast`] does.
    pub fn draw_visible(
        &mut self,
        first: usize,
        units: usize,
        fraction_bits: u32,
        method: Method,
        step: usize,
        count: usize,
    ) -> u64 {
        let words = self.shape.visible_words();
        let range = first / WORD..(first + units).div_ceil(WORD);
        let reconstructs = step == 0 && method == Method::ContrastiveDivergence;
        let b = &mut self.buffers;
        let chains = b
            .visible_fields
            .chunks_exact(padded(units))
            .zip(b.rngs.iter_mut());
        let vectors = b
            .data
            .chunks_exact(words)
            .zip(b.chain.chunks_exact_mut(words));
        let mut error = 0;
        for ((fields, rng), (data, chain)) in chains.zip(vectors).take(count) {
            let (Some(data), Some(chain)) = (data.get(range.clone()), chain.get_mut(range.clone()))
            else {
                continue;
            };
            if reconstructs {
                error += kernel::sample_with_error(fields, fraction_bits, units, rng, data, chain);
            } else {
                kernel::sample(fields, fraction_bits, units, rng, chain);
            }
        }
        error
    }

    /// Draws the hidden units from the [hidden fields](Self::hidden_fields_mut) of the chains, between two Gibbs steps.
    pub fn draw_hidden(&mut self, fraction_bits: u32, count: usize) {
        let (stride, words) = (self.shape.hidden_stride(), self.shape.hidden_words());
        let b = &mut self.buffers;
        b.previous.copy_from_slice(b.chain);
        let chains = b
            .hidden_fields
            .chunks_exact(stride)
            .zip(b.hidden.chunks_exact_mut(words));
        for ((fields, hidden), rng) in chains.zip(b.rngs.iter_mut()).take(count) {
            kernel::sample(fields, fraction_bits, self.shape.hidden(), rng, hidden);
        }
    }

    /// Takes p(h|chain) down, from the [hidden fields](Self::hidden_fields_mut) of the chains (and draws their hidden
    /// units where they persist), and brings the statistics in the form that [`Self::evidence`] gives out.
    pub fn end(&mut self, fraction_bits: u32, method: Method, count: usize) {
        let (stride, words, units) = (
            self.shape.hidden_stride(),
            self.shape.hidden_words(),
            self.shape.hidden(),
        );
        let (b, used) = self.used(count);
        let chains = b
            .hidden_fields
            .chunks_exact(stride)
            .zip(b.hidden.chunks_exact_mut(words));
        for (k, ((fields, hidden), rng)) in chains.zip(b.rngs.iter_mut()).take(count).enumerate() {
            let p = &mut *b.probabilities;
            match method {
                Method::ContrastiveDivergence => {
                    kernel::probabilities(fields, fraction_bits, units, rng, p)
                }
                Method::Persistent => {
                    kernel::sample_with_probabilities(fields, fraction_bits, units, rng, hidden, p);
                }
            }
            let (table, row) = group_table(b.table, stride, k);
            kernel::tabulate(p, row, table);
        }
        let visible_words = used.visible_words;
        write_columns(&b.data[used.visible.clone()], visible_words, b.data_columns);
        write_columns(&b.chain[used.visible], visible_words, b.chain_columns);
    }

    /// Places x hidden stride: the fields that the hidden units are drawn from.
    pub fn hidden_fields_mut(&mut self) -> &mut [i16] {
        self.buffers.hidden_fields
    }

    /// Places x a shard's padded units (at the front): the fields that its visible units are drawn from.
    pub fn visible_fields_mut(&mut self) -> &mut [i16] {
        self.buffers.visible_fields
    }

    /// The buffers, and what the first `count` places use of them.
    fn used(&mut self, count: usize) -> (&mut PlacesBuffers<'a>, Used) {
        let count = count.min(self.places);
        let used = Used {
            visible_words: self.shape.visible_words(),
            visible: 0..count * self.shape.visible_words(),
            hidden: 0..count * self.shape.hidden_words(),
            hidden_fields: 0..count * self.shape.hidden_stride(),
        };
        (&mut self.buffers, used)
    }

    /// The statistics of the first `count` places, a group at a time.
    pub fn evidence(&self, count: usize) -> impl Iterator<Item = Evidence<'_>> {
        let b = &self.buffers;
        Evidence::groups(
            self.shape,
            count.min(self.places),
            b.table,
            b.data_columns,
            b.chain_columns,
        )
    }

    /// The packed visible units at the ends of the chains.
    #[must_use]
    pub fn chain(&self) -> &[u64] {
        self.buffers.chain
    }
}

/// The table of place `k`'s group, and the place's number in it.
fn group_table(table: &mut [i16], stride: usize, k: usize) -> (&mut [i16], usize) {
    let rows = table.len().min(3 * GROUP * stride);
    (&mut table[k / GROUP * rows..][..rows], k % GROUP)
}

/// Where place `k`'s probabilities at the data belong.
fn data_probabilities(table: &mut [i16], stride: usize, k: usize) -> &mut [i16] {
    let (table, place) = group_table(table, stride, k);
    let capacity = kernel::capacity(table, stride);
    &mut table[(capacity + place) * stride..][..stride]
}

/// Transposes packed vectors: word `i` of a group's columns has bit `k` set where vector `k` has bit `i` set.
fn write_columns(vectors: &[u64], words: usize, columns: &mut [u64]) {
    let groups = vectors
        .chunks(GROUP * words)
        .zip(columns.chunks_exact_mut(WORD * words));
    for (vectors, columns) in groups {
        for (word, block) in columns.chunks_exact_mut(WORD).enumerate() {
            let mut square = [0; WORD];
            for (row, vector) in square.iter_mut().zip(vectors.chunks_exact(words)) {
                *row = vector[word];
            }
            transpose(&mut square);
            block.copy_from_slice(&square);
        }
    }
}
