//! What one shard gives to the fields of a whole minibatch: how threads share the work of sampling.
//!
//! Every thread computes fields by its own shard's weights alone, for the places of all threads, and draws the units of its own
//! places from the fields of all shards. So weights never leave the cache of the core that updates them; what threads
//! exchange is bits and fields, a tenth of the bytes.

use bitspin_core::kernel::padded;
use bitspin_core::rbm::train::{Method, Start, moves_from};
use bitspin_core::rbm::{Shape, ShardWeights};

use super::places::OwnedPlaces;
use crate::aligned::AlignedI16;

/// One shard's part of the hidden fields, and its visible units' fields, of all places.
#[derive(Debug)]
pub(super) struct Contribution {
    hidden_stride: usize,
    visible_stride: usize,
    /// places x hidden stride.
    hidden: AlignedI16,
    /// places x the shard's padded units.
    visible: AlignedI16,
}

impl Contribution {
    /// Of a shard of `units` visible units, for `places` places.
    pub(super) fn new(shape: Shape, units: usize, places: usize) -> Self {
        Self {
            hidden_stride: shape.hidden_stride(),
            visible_stride: padded(units),
            hidden: AlignedI16::zeros(places * shape.hidden_stride()),
            visible: AlignedI16::zeros(places * padded(units)),
        }
    }

    /// The part of the hidden fields of some places' data.
    pub(super) fn hidden_of_data(&mut self, shard: &ShardWeights<'_>, places: &OwnedPlaces) {
        let fields = self.hidden_at(places);
        fields.fill(0);
        shard.add_hidden_fields(&places.data, fields);
    }

    /// The part of the hidden fields of some places' chains after Gibbs step `step`.
    pub(super) fn hidden_of_chain(
        &mut self,
        shard: &ShardWeights<'_>,
        places: &OwnedPlaces,
        method: Method,
        step: usize,
    ) {
        let fields = self.hidden_at(places);
        match moves_from(method, step) {
            Some(Start::Data) => shard.move_hidden_fields(&places.data, &places.chain, fields),
            Some(Start::Previous) => {
                shard.move_hidden_fields(&places.previous, &places.chain, fields);
            }
            None => {
                fields.fill(0);
                shard.add_hidden_fields(&places.chain, fields);
            }
        }
    }

    /// The fields of the shard's visible units for some places' hidden units.
    pub(super) fn visible_of_hidden(&mut self, shard: &ShardWeights<'_>, places: &OwnedPlaces) {
        let range = places.first * self.visible_stride..;
        let fields = &mut self.visible.as_mut()[range][..places.places * self.visible_stride];
        shard.visible_fields(&places.hidden, fields);
    }

    /// Adds the part of the hidden fields of the places from `first` on to `fields`.
    pub(super) fn add_hidden(&self, first: usize, fields: &mut [i16]) {
        let part = &self.hidden.as_ref()[first * self.hidden_stride..];
        for (field, part) in fields.iter_mut().zip(part) {
            *field = field.wrapping_add(*part);
        }
    }

    /// Copies the visible fields of the places from `first` on.
    pub(super) fn copy_visible(&self, first: usize, fields: &mut [i16]) {
        let part = &self.visible.as_ref()[first * self.visible_stride..];
        for (field, part) in fields.iter_mut().zip(part) {
            *field = *part;
        }
    }

    fn hidden_at(&mut self, places: &OwnedPlaces) -> &mut [i16] {
        let range = places.first * self.hidden_stride..;
        &mut self.hidden.as_mut()[range][..places.places * self.hidden_stride]
    }
}
