//! Means under the model's own distribution.

use super::{Enumeration, Layer};
use crate::Error;
use crate::bits::ones;
use crate::error::check_len;

/// Buffers for moments.
#[derive(Debug)]
pub struct MomentsBuffers<'a> {
    /// `<v_i>`, one number per visible unit.
    pub mean_visible: &'a mut [f64],
    /// `<h_j>`, one number per hidden unit.
    pub mean_hidden: &'a mut [f64],
    /// `<h_j v_i>`, \[hidden\]\[visible\].
    pub correlation: &'a mut [f64],
    /// 2 x [`Enumeration::fields_len`] numbers of no meaning before or after.
    pub scratch: &'a mut [f64],
}

impl Enumeration<'_> {
    /// Writes `<v>`, `<h>` and `<h v'>` under the model, and returns ln Z in nats. Enumerates twice, O(2^units x summed
    /// units). Errors of the moments are at most twice [`Self::error_bound`] and 2^(units - 52).
    ///
    /// Of `<h v'>` each state changes the row of one unit, the one that flips: while a unit is set, the running sums of
    /// the other layer's probabilities go on, and what they were when it was set is subtracted from what they are when
    /// it is cleared.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer that has another length than [`MomentsBuffers`] states.
    pub fn moments(&self, buffers: &mut MomentsBuffers<'_>) -> Result<f64, Error> {
        let shape = self.parameters.shape;
        check_len("mean_visible", shape.visible(), buffers.mean_visible.len())?;
        check_len("mean_hidden", shape.hidden(), buffers.mean_hidden.len())?;
        let weights = shape.visible() * shape.hidden();
        check_len("correlation", weights, buffers.correlation.len())?;
        check_len("scratch", 2 * self.fields_len(), buffers.scratch.len())?;
        let (fields, totals) = buffers.scratch.split_at_mut(self.fields_len());
        let sum = self.ln_sum(fields)?;
        let (means, summed_means) = match self.layer {
            Layer::Visible => (&mut *buffers.mean_visible, &mut *buffers.mean_hidden),
            Layer::Hidden => (&mut *buffers.mean_hidden, &mut *buffers.mean_visible),
        };
        let correlation = &mut *buffers.correlation;
        means.fill(0.0);
        correlation.fill(0.0);
        totals.fill(0.0);
        for part in 0..self.parts() {
            let mut number = 0;
            self.walk(part, fields, |state, kept| {
                let flipped = state.flipped.map_or(state.number, |k| 1 << k);
                for k in ones(&[flipped as u64]) {
                    self.turn(k, state.number, totals, correlation);
                }
                number = state.number;
                let p = sum.share(state.ln_weight);
                for k in ones(&[number as u64]) {
                    means[k] += p;
                }
                for (total, x) in totals.iter_mut().zip(kept) {
                    *total += p * self.scale.probability(*x);
                }
            });
            for k in ones(&[number as u64]) {
                self.turn(k, 0, totals, correlation);
            }
        }
        summed_means.copy_from_slice(&totals[..summed_means.len()]);
        Ok(sum.value())
    }

    /// Enumerated unit `k` turns to what it is in state `number`.
    #[inline]
    fn turn(&self, k: usize, number: usize, totals: &[f64], correlation: &mut [f64]) {
        let sign = if number >> k & 1 != 0 { -1.0 } else { 1.0 };
        let totals = totals.iter().take(self.view.summed());
        for (i, total) in totals.enumerate() {
            correlation[self.view.index(k, i)] += sign * total;
        }
    }
}
