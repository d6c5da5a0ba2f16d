//! A penalty that makes hidden units seldom active.

use super::source::{Source, add_activity};

/// A penalty on hidden units that are on too often, or too seldom: `cost` times the cross-entropy between `target` and a
/// unit's mean probability q at the minibatch's data. Its slope along the unit's total input is cost (q - target) (Hinton, *A
/// practical guide to training restricted Boltzmann machines*, 2010, section 11), and is followed by the biases alone (Lee,
/// Ekanadham and Ng 2008).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sparsity {
    /// 0..1.
    pub target: f32,
    /// From 0, which is no penalty, on.
    pub cost: f32,
}

impl Sparsity {
    /// No penalty.
    pub const NONE: Self = Self {
        target: 0.0,
        cost: 0.0,
    };

    /// Adds the slope of the sparsity penalty in 1/256, summed over `samples` samples, to the hidden biases' gradient. `sums`
    /// and `activity` are room for a row.
    pub(super) fn add(
        self,
        sources: &[Source<'_>],
        samples: usize,
        (sums, activity): (&mut [i16], &mut [f32]),
        gradient: &mut [f32],
    ) {
        let Self { target, cost } = self;
        if cost == 0.0 {
            return;
        }
        activity.fill(0.0);
        add_activity(sources, sums, activity);
        let wanted = cost * target * (256.0 * samples as f32);
        for (gradient, activity) in gradient.iter_mut().zip(activity) {
            *gradient = *gradient - cost * *activity + wanted;
        }
    }
}
