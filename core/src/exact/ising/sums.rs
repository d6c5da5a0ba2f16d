//! Moments of a part's states.

use super::states::is_up;
use crate::exact::MAX_UNITS;

/// Sums of a part's probabilities. The sum over the states since pair (i, j) last changed its sign is the total less what
/// the total was then, so that a state costs one row of pairs.
pub(super) struct Sums {
    units: usize,
    number: usize,
    total: f64,
    /// The total when a pair, or (on the diagonal) a spin, last changed.
    since: [[f64; MAX_UNITS]; MAX_UNITS],
    spin: [f64; MAX_UNITS],
}

impl Sums {
    pub(super) fn new(units: usize) -> Self {
        Self {
            units,
            number: 0,
            total: 0.0,
            since: [[0.0; MAX_UNITS]; MAX_UNITS],
            spin: [0.0; MAX_UNITS],
        }
    }

    /// The state becomes `number`, by turning spin `flipped`; or is the first.
    #[inline]
    pub(super) fn turn(&mut self, number: usize, flipped: Option<usize>, correlation: &mut [f64]) {
        if let Some(k) = flipped {
            self.close(k, correlation);
        }
        self.number = number;
    }

    /// Books what has been summed of spin `k` and its pairs.
    #[inline]
    fn close(&mut self, k: usize, correlation: &mut [f64]) {
        let own = sign(self.number, k);
        let row = k * self.units;
        for j in 0..k {
            let sum = self.total - self.since[k][j];
            correlation[row + j] += own * sign(self.number, j) * sum;
            self.since[k][j] = self.total;
        }
        for j in k + 1..self.units {
            let sum = self.total - self.since[j][k];
            correlation[j * self.units + k] += own * sign(self.number, j) * sum;
            self.since[j][k] = self.total;
        }
        self.spin[k] += own * (self.total - self.since[k][k]);
        self.since[k][k] = self.total;
    }

    pub(super) fn add(&mut self, p: f64) {
        self.total += p;
    }

    pub(super) fn finish(mut self, spin: &mut [f64], correlation: &mut [f64]) {
        for k in 0..self.units {
            self.close(k, correlation);
        }
        for (mean, sum) in spin.iter_mut().zip(&self.spin) {
            *mean += sum;
        }
    }
}

/// Spin `k` of a state.
#[inline]
fn sign(number: usize, k: usize) -> f64 {
    if is_up(number, k) { 1.0 } else { -1.0 }
}
