//! The gradient of a minibatch as a list of sources, which the update adds up.

use super::{Contrastive, Discriminative};

/// A part of a shard's gradient: sums over samples of a quantity of a hidden unit times a bit of a visible unit, times a
/// scale.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Contrastive divergence: of ln p(v).
    Contrastive(Contrastive<'a>),
    /// Of ln p(y|x), y a categorical group and x the other visible units.
    Discriminative(Discriminative<'a>),
}

/// A row of weights: those of a visible unit to the shard's hidden units from `column` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) unit: usize,
    pub(super) column: usize,
    /// The length of rows of the shard's tables.
    pub(super) stride: usize,
}

impl Source<'_> {
    /// What one of the source's integer sums counts, in 1/256.
    pub(super) fn factor(&self) -> f32 {
        match self {
            Self::Contrastive(source) => source.scale(),
            Self::Discriminative(source) => source.factor(),
        }
    }

    /// Adds the gradient of `row` in 1/256 to `wide`, and tells `share` the integer sums that make it up: the first of the
    /// hidden units that they are of, counted from the row's, and the sums, which a power of two multiplies.
    /// Whether there is any. `sums` is room for a row.
    pub(super) fn add(
        &self,
        row: Row,
        sums: &mut [i16],
        wide: &mut [f32],
        share: &mut dyn FnMut(usize, Integers<'_>),
    ) -> bool {
        match self {
            Self::Contrastive(source) => source.add(row, (sums, wide), |sums| {
                share(0, Integers::Narrow { sums, shift: 0 });
            }),
            Self::Discriminative(source) => source.add(row, (sums, wide), share),
        }
    }

    /// Tells `each` the number of every hidden unit and the integer sum of its bias's gradient. `sums` and `room` are room
    /// for a row.
    pub(super) fn hidden(
        &self,
        sums: &mut [i16],
        room: &mut [f32],
        each: &mut dyn FnMut(usize, i64),
    ) {
        match self {
            Self::Contrastive(source) => {
                room.fill(0.0);
                source.add_hidden(true, sums, room);
                for (j, sum) in room.iter().enumerate() {
                    // Whole numbers, and exact.
                    each(j, *sum as i64);
                }
            }
            Self::Discriminative(source) => source.hidden(each),
        }
    }

    /// Adds the gradient of the hidden biases in 1/256 to `wide`. `sums` and `room` are room for a row.
    pub(super) fn add_hidden(&self, sums: &mut [i16], room: &mut [f32], wide: &mut [f32]) {
        let factor = self.factor();
        self.hidden(sums, room, &mut |j, sum| {
            if let Some(wide) = wide.get_mut(j) {
                *wide += sum as f32 * factor;
            }
        });
    }

    /// The gradient of visible unit `unit`'s bias.
    pub(super) fn visible(&self, unit: usize) -> f32 {
        match self {
            Self::Contrastive(source) => source.difference(unit) as f32 * source.scale(),
            Self::Discriminative(source) => source.visible(unit),
        }
    }
}

/// Integer sums of a row of the gradient.
pub(super) enum Integers<'a> {
    /// Each times 2^shift.
    Narrow { sums: &'a [i16], shift: u32 },
    /// As they are.
    Wide(&'a [i32]),
}

/// The gradient of visible unit `unit`'s bias from all sources.
pub(super) fn visible(sources: &[Source<'_>], unit: usize) -> f32 {
    sources.iter().map(|source| source.visible(unit)).sum()
}

/// Adds the gradient of the biases of the visible units from `first`, a multiple of 64, on to `gradient`, which is of at
/// most 64.
pub(super) fn add_visible(sources: &[Source<'_>], first: usize, gradient: &mut [f32]) {
    for source in sources {
        match source {
            Source::Contrastive(source) => source.add_differences(first, gradient),
            Source::Discriminative(source) => {
                for (unit, gradient) in (first..).zip(&mut *gradient) {
                    *gradient += source.visible(unit);
                }
            }
        }
    }
}

/// Adds the sums over samples of p(h|data) in 1/256 to `wide`. `sums` is room for a row.
pub(super) fn add_activity(sources: &[Source<'_>], sums: &mut [i16], wide: &mut [f32]) {
    let contrastive = sources.iter().find_map(|source| match source {
        Source::Contrastive(source) => Some(source),
        Source::Discriminative(_) => None,
    });
    match (contrastive, sources) {
        (Some(source), _) => source.add_hidden(false, sums, wide),
        (None, [Source::Discriminative(source), ..]) => source.add_activity(wide),
        _ => {}
    }
}
