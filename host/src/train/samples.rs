//! How the samples of a minibatch are shared among threads.

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use bitspin_core::rbm::Shape;

use super::Trainer;
use super::minibatch::OwnedSamples;

/// Cuts `0..total` into `parts` ranges whose lengths are multiples of `unit` (but for the last) and differ little.
/// Empty ranges are left out.
pub(super) fn cut(total: usize, unit: usize, parts: usize) -> impl Iterator<Item = Range<usize>> {
    let units = total.div_ceil(unit);
    (0..parts)
        .map(move |part| {
            units * part / parts * unit..(units * (part + 1) / parts * unit).min(total)
        })
        .filter(|range| !range.is_empty())
}

/// The samples of all parts in their order, cut into `ranges` that follow one another.
fn cut_anew(
    parts: Vec<OwnedSamples>,
    shape: Shape,
    ranges: impl Iterator<Item = Range<usize>>,
) -> Vec<OwnedSamples> {
    let (mut data, mut chain, mut rngs) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        data.extend(part.data);
        chain.extend(part.chain);
        rngs.extend(part.rngs);
    }
    let words = shape.visible_words();
    let (mut data, mut chain, mut rngs) = (data.into_iter(), chain.into_iter(), rngs.into_iter());
    ranges
        .map(|range| {
            let rngs = rngs.by_ref().take(range.len()).collect();
            let mut part = OwnedSamples::new(shape, range.start, rngs);
            part.data = data.by_ref().take(range.len() * words).collect();
            part.chain = chain.by_ref().take(range.len() * words).collect();
            part
        })
        .collect()
}

impl Trainer {
    /// Cuts the samples among the threads so that all have as many of the first `batch`; the last has those that idle, too.
    pub(super) fn cut_samples(&mut self, batch: usize) {
        let most = self.settings.largest_batch();
        let ranges = cut(batch, 1, self.settings.threads).map(|range| match range.end == batch {
            true => range.start..most,
            false => range,
        });
        let parts = std::mem::take(&mut self.samples).into_iter();
        let parts = parts.map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut samples = cut_anew(parts.collect(), self.shape, ranges);
        if let Some(target) = self.target() {
            for part in &mut samples {
                part.class_weights = vec![0; part.rngs.len() * target.len()];
            }
        }
        self.samples = samples.into_iter().map(RwLock::new).collect();
    }
}
