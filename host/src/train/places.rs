//! One thread's places of the minibatch, with storage of their own.

use bitspin_core::kernel::{GROUP, padded};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Evidence, Places, PlacesBuffers};
use bitspin_core::rng::ChainRng;

use crate::aligned::AlignedI16;

/// The buffers of some places of the minibatch.
#[derive(Debug)]
pub(super) struct OwnedPlaces {
    shape: Shape,
    /// The first place's number within the minibatch.
    pub(super) first: usize,
    /// Number of places.
    pub(super) places: usize,
    pub(super) data: Vec<u64>,
    pub(super) chain: Vec<u64>,
    pub(super) previous: Vec<u64>,
    pub(super) hidden: Vec<u64>,
    hidden_fields: AlignedI16,
    visible_fields: AlignedI16,
    probabilities: AlignedI16,
    table: AlignedI16,
    data_columns: Vec<u64>,
    chain_columns: Vec<u64>,
    rngs: Vec<ChainRng>,
}

impl OwnedPlaces {
    /// Places `first..first + rngs.len()`, for shards of at most `shard_units` visible units.
    pub(super) fn new(shape: Shape, first: usize, shard_units: usize, rngs: Vec<ChainRng>) -> Self {
        let places = rngs.len();
        let groups = places.div_ceil(GROUP);
        let table_rows = if groups == 1 {
            3 * places
        } else {
            3 * GROUP * groups
        };
        let columns = groups * GROUP * shape.visible_words();
        Self {
            shape,
            first,
            places,
            data: vec![0; places * shape.visible_words()],
            chain: vec![0; places * shape.visible_words()],
            previous: vec![0; places * shape.visible_words()],
            hidden: vec![0; places * shape.hidden_words()],
            hidden_fields: AlignedI16::zeros(places * shape.hidden_stride()),
            visible_fields: AlignedI16::zeros(places * padded(shard_units)),
            probabilities: AlignedI16::zeros(shape.hidden_stride()),
            table: AlignedI16::zeros(table_rows * shape.hidden_stride()),
            data_columns: vec![0; columns],
            chain_columns: vec![0; columns],
            rngs,
        }
    }

    /// The places as the core works on them.
    pub(super) fn view(&mut self) -> Places<'_> {
        let buffers = PlacesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            previous: &mut self.previous,
            hidden: &mut self.hidden,
            hidden_fields: self.hidden_fields.as_mut(),
            visible_fields: self.visible_fields.as_mut(),
            probabilities: self.probabilities.as_mut(),
            table: self.table.as_mut(),
            data_columns: &mut self.data_columns,
            chain_columns: &mut self.chain_columns,
            rngs: &mut self.rngs,
        };
        Places::new(self.shape, self.places, buffers).expect("the buffers were made for this shape")
    }

    /// How many of a minibatch's `items` fall to these places.
    pub(super) fn share(&self, items: usize) -> usize {
        items.saturating_sub(self.first).min(self.places)
    }

    /// The statistics of a minibatch of `items`.
    pub(super) fn evidence(&self, items: usize) -> impl Iterator<Item = Evidence<'_>> {
        let table = self.table.as_ref();
        Evidence::groups(
            self.shape,
            self.share(items),
            table,
            &self.data_columns,
            &self.chain_columns,
        )
    }
}
