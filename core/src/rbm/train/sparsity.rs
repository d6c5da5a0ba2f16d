//! A penalty that makes hidden units seldom active.

use super::Evidence;
use crate::bits::WORD;
use crate::kernel;

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

    /// Adds the slope of the sparsity penalty in 1/256, summed over all places, to the hidden biases' gradient.
    pub(super) fn add<'e>(
        self,
        evidence: impl Iterator<Item = Evidence<'e>>,
        places: usize,
        sums: &mut [i16],
        gradient: &mut [f32],
    ) {
        let Self { target, cost } = self;
        if cost == 0.0 {
            return;
        }
        let stride = sums.len();
        for group in evidence {
            let all = u64::MAX >> (WORD - group.places());
            sums.fill(0);
            kernel::correlate(group.table(), stride, 0, all, 0, sums);
            for (gradient, sum) in gradient.iter_mut().zip(&*sums) {
                *gradient -= cost * f32::from(*sum);
            }
        }
        let wanted = cost * target * (256.0 * places as f32);
        gradient.iter_mut().for_each(|gradient| *gradient += wanted);
    }
}
