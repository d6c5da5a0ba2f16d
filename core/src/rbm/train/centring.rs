//! The centred gradient: that of a model whose units are counted from their means.
//!
//! With offsets m of the visible and l of the hidden units, E = -(v - m)'W'(h - l) - b'(v - m) - c'(h - l) is the same family of
//! models, and its gradient, taken back to the usual parameters, is (Melchior, Fischer and Wiskott, *How to center deep
//! Boltzmann machines*, 2016, eq. 8 to 10; Montavon and Mueller 2012)
//!
//! - for w_ij: S_ij - m_i D_j - B_i l_j,
//! - for b_i: B_i less the sum over j of l_j times that,
//! - for c_j: D_j less the sum over i of m_i times that,
//!
//! where S, B and D are the plain gradients of W, b and c: the plain one with corrections of rank one. Offsets of the hidden
//! units are multiples of 1/256, so that what shards of hidden units give to the gradient of b are sums of integers.

use super::source::{self, Integers, Source, add_activity};
use crate::Error;
use crate::error::check_lens;
use crate::kernel::padded;
use crate::rbm::Shape;

/// How much of a minibatch's means the means of the hidden units take in.
const RATE: f32 = 0.01;

/// Where a shard's centring is kept, over buffers of the caller's; `stride` is its padded number of hidden units.
#[derive(Debug)]
pub struct Centring<'a> {
    /// \[visible\]: m. A unit of mean zero, which the data never set, costs nothing while no chain sets it either.
    pub visible_means: &'a [f32],
    /// \[stride\]: running means of the hidden probabilities at the data. Start them at 0.5, and keep them.
    pub hidden_means: &'a mut [f32],
    /// \[stride\]: l in 1/256.
    pub offsets: &'a mut [i16],
    /// \[stride\]: D in 1/256.
    pub differences: &'a mut [f32],
    /// \[stride\]: the sums over visible units of m_i S_ij, in 1/256.
    pub projections: &'a mut [f32],
    /// \[[Centring::shares]\]: what the shard gives to the gradient of the visible biases.
    pub shares: &'a mut [i64],
}

impl Centring<'_> {
    /// Length of the shares of `visible` units where the gradient has so many sources: for each source one number per unit
    /// and the sum of D_j l_j, then the sum of l_j^2.
    #[must_use]
    pub const fn shares(visible: usize, sources: usize) -> usize {
        sources * (visible + 1) + 1
    }

    /// Checks the lengths of the buffers for a shard of `units` hidden units.
    ///
    /// # Errors
    /// [`Error::Length`] naming the first that differs.
    pub fn check(&self, shape: Shape, units: usize, sources: usize) -> Result<(), Error> {
        let (stride, visible) = (padded(units), shape.visible());
        let shares = Self::shares(visible, sources);
        check_lens(&[
            ("visible_means", visible, self.visible_means.len()),
            ("hidden_means", stride, self.hidden_means.len()),
            ("offsets", stride, self.offsets.len()),
            ("differences", stride, self.differences.len()),
            ("projections", stride, self.projections.len()),
            ("shares", shares, self.shares.len()),
        ])
    }

    /// Takes in the means of a minibatch of `samples` samples, and finds D. `sums` and `room` are room for a row.
    pub(super) fn begin(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        units: usize,
        (sums, room): (&mut [i16], &mut [f32]),
    ) {
        self.projections.fill(0.0);
        add_activity(sources, sums, self.projections);
        let each = 1.0 / (256.0 * samples as f32);
        let means = self.hidden_means.iter_mut().zip(&*self.projections);
        for ((mean, sum), offset) in means.zip(&mut *self.offsets).take(units) {
            *mean += RATE * (sum * each - *mean);
            *offset = (*mean * 256.0 + 0.5) as i16;
        }
        self.projections.fill(0.0);
        self.differences.fill(0.0);
        self.shares.fill(0);
        let per_source = self.visible_means.len() + 1;
        let offset = |j: usize| self.offsets.get(j).copied().map_or(0, i64::from);
        for (source, shares) in sources.iter().zip(self.shares.chunks_mut(per_source)) {
            let mut total = 0;
            source.hidden(sums, room, &mut |j, sum| {
                if j < units {
                    total += sum * offset(j);
                    self.differences[j] += sum as f32 * source.factor();
                }
            });
            if let Some(share) = shares.last_mut() {
                *share = total;
            }
        }
        if let Some(squares) = self.shares.last_mut() {
            *squares = (0..units).map(|j| offset(j) * offset(j)).sum();
        }
    }

    /// Whether a visible unit's weights change although no sample has it set.
    pub(super) fn always(&self, unit: usize) -> bool {
        self.visible_means
            .get(unit)
            .is_some_and(|&mean| mean != 0.0)
    }

    /// Takes integer sums of a visible unit, a part of what source `source` gives to its S from hidden unit `column` on,
    /// into the unit's share.
    pub(super) fn share(&mut self, source: usize, unit: usize, column: usize, sums: &Integers<'_>) {
        let offsets = self.offsets.get(column..).unwrap_or_default();
        let sum = match sums {
            Integers::Narrow { sums, shift } => dot(sums, offsets) << shift,
            Integers::Wide(sums) => {
                let pairs = sums.iter().zip(offsets);
                pairs.map(|(&s, &l)| i64::from(s) * i64::from(l)).sum()
            }
        };
        let at = source * (self.visible_means.len() + 1) + unit;
        if let Some(share) = self.shares.get_mut(at) {
            *share += sum;
        }
    }

    /// Turns a visible unit's S into the centred gradient, from hidden unit `column` on.
    pub(super) fn centre(
        &mut self,
        unit: usize,
        column: usize,
        sources: &[Source<'_>],
        sums: &mut [f32],
    ) {
        let mean = self.visible_means.get(unit).copied().unwrap_or(0.0);
        let difference = source::visible(sources, unit);
        let (differences, offsets) = (
            self.differences.get(column..).unwrap_or_default(),
            self.offsets.get(column..).unwrap_or_default(),
        );
        let projections = self.projections.get_mut(column..).unwrap_or_default();
        let columns = differences.iter().zip(offsets).zip(projections);
        for (sum, ((d, &l), projection)) in sums.iter_mut().zip(columns) {
            *projection += mean * *sum;
            *sum -= mean * *d + difference * f32::from(l);
        }
    }

    /// Adds the gradient of the hidden biases in 1/256 to `gradient`.
    pub(super) fn hidden_biases(&self, sources: &[Source<'_>], gradient: &mut [f32]) {
        let (mut squares, mut products) = (0.0, 0.0);
        for (unit, mean) in self.visible_means.iter().enumerate() {
            squares += mean * mean;
            products += mean * source::visible(sources, unit);
        }
        let rows = self.differences.iter().zip(&*self.projections);
        for ((gradient, (d, projection)), &l) in gradient.iter_mut().zip(rows).zip(&*self.offsets) {
            *gradient += d - (projection - d * squares - f32::from(l) * products);
        }
    }
}

/// The sum of products of 15 and of 8 bits, 256 of which fit 32 bits.
fn dot(sums: &[i16], offsets: &[i16]) -> i64 {
    let part = |sums: &[i16], offsets: &[i16]| -> i32 {
        let pairs = sums.iter().zip(offsets);
        pairs.map(|(&s, &l)| i32::from(s) * i32::from(l)).sum()
    };
    let parts = sums.chunks(256).zip(offsets.chunks(256));
    parts
        .map(|(sums, offsets)| i64::from(part(sums, offsets)))
        .sum()
}

/// The gradient of visible unit `unit`'s bias from its mean, and the shares of all shards. `visible` is the number of
/// visible units.
pub(super) fn of_visible_bias<'s>(
    sources: &[Source<'_>],
    (unit, mean, visible): (usize, f32, usize),
    shares: impl Iterator<Item = &'s [i64]> + Clone,
) -> f32 {
    let total = |at: usize| -> f64 {
        let of_shards = shares.clone().filter_map(|shares| shares.get(at));
        of_shards.sum::<i64>() as f64
    };
    let per_source = visible + 1;
    let of_sources = |at: usize| -> f64 {
        let sources = sources.iter().enumerate();
        sources
            .map(|(k, source)| f64::from(source.factor()) * total(k * per_source + at))
            .sum()
    };
    let difference = source::visible(sources, unit);
    let (b, m) = (f64::from(difference), f64::from(mean));
    let squares = total(sources.len() * per_source);
    let weights = of_sources(unit) - m * of_sources(visible) - b * squares;
    (b - weights / 65_536.0) as f32
}
