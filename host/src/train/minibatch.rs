//! Storage for a minibatch: what the core's views of samples and hidden units borrow.

use std::ops::Range;

use bitspin_core::bits::{WORD, words};
use bitspin_core::kernel::{GROUP, padded};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{
    BLOCK, ClassUnits, ClassUnitsBuffers, Contrastive, HiddenUnits, HiddenUnitsBuffers, RowBlock,
    Samples, SamplesBuffers, table_rows,
};
use bitspin_core::rng::ChainRng;

use crate::aligned::AlignedI16;

/// The visible units of some samples of a minibatch.
#[derive(Clone, Debug)]
pub struct OwnedSamples {
    shape: Shape,
    /// The first sample's number within the minibatch.
    pub first: usize,
    /// \[sample\]\[visible words\]: the data.
    pub data: Vec<u64>,
    /// \[sample\]\[visible words\]: the chains' visible units.
    pub chain: Vec<u64>,
    /// \[sample\]\[class\]: what categories weigh in the discriminative gradient; empty without one.
    pub class_weights: Vec<i16>,
    fields: AlignedI16,
    /// One generator per sample.
    pub rngs: Vec<ChainRng>,
}

impl OwnedSamples {
    /// Samples `first..first + rngs.len()` of a minibatch, with data and chains of zeros.
    #[must_use]
    pub fn new(shape: Shape, first: usize, rngs: Vec<ChainRng>) -> Self {
        Self {
            shape,
            first,
            data: vec![0; rngs.len() * shape.visible_words()],
            chain: vec![0; rngs.len() * shape.visible_words()],
            class_weights: Vec::new(),
            fields: AlignedI16::zeros(shape.visible_stride()),
            rngs,
        }
    }

    /// The samples as the core works on them.
    ///
    /// # Panics
    /// If a buffer was replaced by one of another length.
    pub fn view(&mut self) -> Samples<'_> {
        let buffers = SamplesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            fields: self.fields.as_mut(),
            rngs: &mut self.rngs,
        };
        Samples::new(self.shape, buffers).expect("the buffers were made for this shape")
    }

    /// How many of a minibatch's `items` fall to these samples.
    #[must_use]
    pub fn share(&self, items: usize) -> usize {
        items.saturating_sub(self.first).min(self.rngs.len())
    }
}

/// Some hidden units in all samples of a minibatch.
#[derive(Clone, Debug)]
pub struct OwnedHiddenUnits {
    shape: Shape,
    units: usize,
    samples: usize,
    data: Vec<u64>,
    chain: Vec<u64>,
    previous: Vec<u64>,
    /// \[sample\]\[words of the units\]: the chains' hidden units.
    pub hidden: Vec<u64>,
    /// \[sample\]\[padded units\]: the fields of the hidden units.
    pub fields: AlignedI16,
    /// \[sample\]\[visible stride\]: the units' contributions to the visible fields.
    pub visible_fields: AlignedI16,
    /// The tables of the contrastive gradient; see [`capacity`](bitspin_core::kernel::capacity).
    pub table: AlignedI16,
    /// \[group of 64 samples\]\[64 x visible words\]: the samples whose datum has each visible unit set.
    pub data_columns: Vec<u64>,
    /// The same of the chains.
    pub chain_columns: Vec<u64>,
    /// One generator per word of the units.
    pub rngs: Vec<ChainRng>,
}

impl OwnedHiddenUnits {
    /// `units` of the hidden units of `shape` in so many samples, with a generator per word of them.
    #[must_use]
    pub fn new(shape: Shape, units: usize, samples: usize, rngs: Vec<ChainRng>) -> Self {
        let groups = samples.div_ceil(GROUP);
        let vectors = || vec![0; samples * shape.visible_words()];
        let columns = || vec![0; groups * WORD * shape.visible_words()];
        Self {
            shape,
            units,
            samples,
            data: vectors(),
            chain: vectors(),
            previous: vectors(),
            hidden: vec![0; samples * words(units)],
            fields: AlignedI16::zeros(samples * padded(units)),
            visible_fields: AlignedI16::zeros(samples * shape.visible_stride()),
            table: AlignedI16::zeros(table_rows(samples) * padded(units)),
            data_columns: columns(),
            chain_columns: columns(),
            rngs,
        }
    }

    /// The hidden units as the core works on them.
    ///
    /// # Panics
    /// If a buffer was replaced by one of another length.
    pub fn view(&mut self) -> HiddenUnits<'_> {
        let buffers = HiddenUnitsBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            fields: self.fields.as_mut(),
            visible_fields: self.visible_fields.as_mut(),
            table: self.table.as_mut(),
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        HiddenUnits::new(self.shape, self.units, self.samples, buffers)
            .expect("the buffers were made for this shape")
    }

    /// The contrastive gradient of the first `count` samples, times `scale`, after the [negative
    /// phase](HiddenUnits::negative).
    #[must_use]
    pub fn gradient(&self, count: usize, scale: f32) -> Contrastive<'_> {
        let tables = (
            self.table.as_ref(),
            &*self.data_columns,
            &*self.chain_columns,
        );
        Contrastive::new((self.shape, self.units), count, scale, tables)
    }
}

/// What some hidden units make of the categories of one group.
#[derive(Clone, Debug)]
pub(super) struct OwnedClassUnits {
    shape: Shape,
    units: usize,
    samples: usize,
    target: Range<usize>,
    fields: AlignedI16,
    rows: AlignedI16,
    blocks: Vec<RowBlock>,
    class_sums: Vec<i32>,
    activity: Vec<i32>,
    softplus: Vec<i64>,
    weights: Vec<i16>,
    truth: Vec<u16>,
    sigmoids: AlignedI16,
}

impl OwnedClassUnits {
    /// `units` of the hidden units of `shape` in so many samples, for the categories whose visible units are `target`.
    pub(super) fn new(shape: Shape, units: usize, samples: usize, target: Range<usize>) -> Self {
        let (stride, classes) = (padded(units), target.len());
        Self {
            shape,
            units,
            samples,
            fields: AlignedI16::zeros(samples * stride),
            rows: AlignedI16::zeros(samples * stride),
            blocks: vec![RowBlock::default(); samples.div_ceil(GROUP) * units.div_ceil(BLOCK)],
            class_sums: vec![0; classes * stride],
            activity: vec![0; stride],
            softplus: vec![0; samples * classes],
            weights: vec![0; samples * classes],
            truth: vec![0; samples],
            sigmoids: AlignedI16::zeros(stride),
            target,
        }
    }

    /// The units as the core works on them.
    pub(super) fn view(&mut self) -> ClassUnits<'_> {
        let buffers = ClassUnitsBuffers {
            fields: self.fields.as_mut(),
            rows: self.rows.as_mut(),
            blocks: &mut self.blocks,
            class_sums: &mut self.class_sums,
            activity: &mut self.activity,
            softplus: &mut self.softplus,
            weights: &mut self.weights,
            truth: &mut self.truth,
            sigmoids: self.sigmoids.as_mut(),
        };
        ClassUnits::new(
            self.shape,
            self.units,
            self.samples,
            self.target.clone(),
            buffers,
        )
        .expect("the buffers were made for this shape")
    }

    /// Samples x classes: sums of softplus; see [`ClassUnits::softplus`].
    pub(super) fn softplus(&self) -> &[i64] {
        &self.softplus
    }
}
