//! One thread's places of the minibatch, with storage of their own.

use std::sync::{PoisonError, RwLock};

use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{Places, PlacesBuffers};
use bitspin_core::rng::ChainRng;

use super::Trainer;
use crate::aligned::AlignedI16;

/// Cuts `0..total` into `parts` ranges whose lengths are multiples of `unit` (but for the last) and differ little.
/// Empty ranges are left out.
pub(super) fn cut(
    total: usize,
    unit: usize,
    parts: usize,
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let units = total.div_ceil(unit);
    (0..parts)
        .map(move |part| {
            units * part / parts * unit..(units * (part + 1) / parts * unit).min(total)
        })
        .filter(|range| !range.is_empty())
}

/// The buffers of some places of the minibatch.
#[derive(Debug)]
pub(super) struct OwnedPlaces {
    shape: Shape,
    /// The first place's number within the minibatch.
    pub(super) first: usize,
    pub(super) data: Vec<u64>,
    pub(super) chain: Vec<u64>,
    fields: AlignedI16,
    pub(super) rngs: Vec<ChainRng>,
}

impl OwnedPlaces {
    /// Places `first..first + rngs.len()`.
    pub(super) fn new(shape: Shape, first: usize, rngs: Vec<ChainRng>) -> Self {
        Self {
            shape,
            first,
            data: vec![0; rngs.len() * shape.visible_words()],
            chain: vec![0; rngs.len() * shape.visible_words()],
            fields: AlignedI16::zeros(shape.visible_stride()),
            rngs,
        }
    }

    /// The same places, those of all parts in their order, cut into `ranges` that follow one another.
    pub(super) fn cut_anew(
        parts: Vec<Self>,
        shape: Shape,
        ranges: impl Iterator<Item = std::ops::Range<usize>>,
    ) -> Vec<Self> {
        let (mut data, mut chain, mut rngs) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            data.extend(part.data);
            chain.extend(part.chain);
            rngs.extend(part.rngs);
        }
        let words = shape.visible_words();
        let (mut data, mut chain, mut rngs) =
            (data.into_iter(), chain.into_iter(), rngs.into_iter());
        ranges
            .map(|range| Self {
                data: data.by_ref().take(range.len() * words).collect(),
                chain: chain.by_ref().take(range.len() * words).collect(),
                ..Self::new(
                    shape,
                    range.start,
                    rngs.by_ref().take(range.len()).collect(),
                )
            })
            .collect()
    }

    /// The places as the core works on them.
    pub(super) fn view(&mut self) -> Places<'_> {
        let buffers = PlacesBuffers {
            data: &mut self.data,
            chain: &mut self.chain,
            fields: self.fields.as_mut(),
            rngs: &mut self.rngs,
        };
        Places::new(self.shape, buffers).expect("the buffers were made for this shape")
    }

    /// How many of a minibatch's `items` fall to these places.
    pub(super) fn share(&self, items: usize) -> usize {
        items.saturating_sub(self.first).min(self.rngs.len())
    }
}

impl Trainer {
    /// Cuts the places among the threads so that all have as many of the first `batch`; the last has those that idle, too.
    pub(super) fn cut_places(&mut self, batch: usize) {
        let most = self.settings.largest_batch();
        let ranges = cut(batch, 1, self.settings.threads).map(|range| match range.end == batch {
            true => range.start..most,
            false => range,
        });
        let parts = std::mem::take(&mut self.places).into_iter();
        let parts = parts.map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner));
        let places = OwnedPlaces::cut_anew(parts.collect(), self.shape, ranges);
        self.places = places.into_iter().map(RwLock::new).collect();
    }
}
