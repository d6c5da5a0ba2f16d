//! The centred gradient: that of a machine whose units are counted from their means.
//!
//! With offsets m of the visible and l of the hidden units, E = -(v - m)'W'(h - l) - b'(v - m) - c'(h - l) is the same family of
//! machines, and its gradient, taken back to the usual parameters, is (Melchior, Fischer and Wiskott, *How to center deep
//! Boltzmann machines*, 2016, eq. 8 to 10; Montavon and Mueller 2012)
//!
//! - for w_ij: S_ij - m_i D_j - B_i l_j,
//! - for b_i: B_i less the sum over j of l_j times that,
//! - for c_j: D_j less the sum over i of m_i times that,
//!
//! where S, B and D are the plain gradients of W, b and c: the plain one with corrections of rank one. Offsets of the hidden
//! units are multiples of 1/256, so that what shards of hidden units give to the gradient of b are sums of integers.

use super::Evidence;
use crate::Error;
use crate::bits::WORD;
use crate::kernel::{self, padded};
use crate::rbm::Shape;

/// How much of a minibatch's means the means of the hidden units take in.
const RATE: f32 = 0.01;

/// Numbers that a shard gives to the visible biases after those of the units: the sum of D_j l_j, and that of l_j^2.
const TOTALS: usize = 2;

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
    /// Length of the shares of `visible` units.
    #[must_use]
    pub const fn shares(visible: usize) -> usize {
        visible + TOTALS
    }

    /// Checks the lengths of the buffers for a shard of `units` hidden units.
    ///
    /// # Errors
    /// [`Error::Length`] naming the first that differs.
    pub fn check(&self, shape: Shape, units: usize) -> Result<(), Error> {
        let stride = padded(units);
        Error::check_lengths(&[
            ("visible_means", self.visible_means.len(), shape.visible()),
            ("hidden_means", self.hidden_means.len(), stride),
            ("offsets", self.offsets.len(), stride),
            ("differences", self.differences.len(), stride),
            ("projections", self.projections.len(), stride),
            ("shares", self.shares.len(), Self::shares(shape.visible())),
        ])
    }

    /// Takes in the means of a minibatch of `places` places, and finds D. `sums` is room for a row.
    pub(super) fn begin<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>>,
        places: usize,
        units: usize,
        sums: &mut [i16],
    ) {
        let stride = sums.len();
        self.differences.fill(0.0);
        self.projections.fill(0.0);
        for group in evidence {
            let all = u64::MAX >> (WORD - group.places());
            for (after, target) in [(all, &mut *self.differences), (0, &mut *self.projections)] {
                sums.fill(0);
                kernel::correlate(group.table(), stride, 0, all, after, sums);
                kernel::widen(sums, target);
            }
        }
        let each = 1.0 / (256.0 * places as f32);
        let means = self.hidden_means.iter_mut().zip(&*self.projections);
        for ((mean, sum), offset) in means.zip(&mut *self.offsets).take(units) {
            *mean += RATE * (sum * each - *mean);
            *offset = (*mean * 256.0 + 0.5) as i16;
        }
        self.projections.fill(0.0);
        self.shares.fill(0);
        let visible = self.visible_means.len();
        let (mut of_differences, mut of_squares) = (0, 0);
        for (&difference, &offset) in self.differences.iter().zip(&*self.offsets).take(units) {
            // Whole numbers, and exact.
            of_differences += difference as i64 * i64::from(offset);
            of_squares += i64::from(offset) * i64::from(offset);
        }
        for (share, total) in
            (self.shares.iter_mut().skip(visible)).zip([of_differences, of_squares])
        {
            *share = total;
        }
    }

    /// Whether a visible unit's weights change although no place has it set.
    pub(super) fn always(&self, unit: usize) -> bool {
        self.visible_means
            .get(unit)
            .is_some_and(|&mean| mean != 0.0)
    }

    /// Takes integer sums of a visible unit, a part of its S from hidden unit `column` on, into the unit's share.
    pub(super) fn share(&mut self, unit: usize, column: usize, sums: &[i16]) {
        let offsets = self.offsets.get(column..).unwrap_or_default();
        let dot = |sums: &[i16], offsets: &[i16]| -> i32 {
            let pairs = sums.iter().zip(offsets);
            pairs.map(|(&s, &l)| i32::from(s) * i32::from(l)).sum()
        };
        // 256 products of 15 and of 8 bits.
        let sum: i64 = (sums.chunks(256).zip(offsets.chunks(256)))
            .map(|(sums, offsets)| i64::from(dot(sums, offsets)))
            .sum();
        if let Some(share) = self.shares.get_mut(unit) {
            *share += sum;
        }
    }

    /// Turns a visible unit's S into the centred gradient, from hidden unit `column` on. `difference` is B of the unit.
    pub(super) fn centre(&mut self, unit: usize, column: usize, difference: i32, sums: &mut [f32]) {
        let mean = self.visible_means.get(unit).copied().unwrap_or(0.0);
        let difference = difference as f32;
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

    /// The gradient of hidden unit `j`'s bias in 1/256, given the sums over visible units of m_i^2 and of B_i m_i.
    pub(super) fn of_hidden_bias(&self, j: usize, squares: f32, products: f32) -> f32 {
        let at = |values: &[f32]| values.get(j).copied().unwrap_or(0.0);
        let d = at(self.differences);
        let l = f32::from(self.offsets.get(j).copied().unwrap_or(0));
        d - (at(self.projections) - d * squares - l * products)
    }
}

/// The gradient of visible unit `unit`'s bias from B, its mean, and the shares of all shards.
pub(super) fn of_visible_bias<'s>(
    difference: i32,
    mean: f32,
    unit: usize,
    visible: usize,
    shares: impl Iterator<Item = &'s [i64]> + Clone,
) -> f32 {
    let total = |at: usize| -> f64 {
        let of_shards = shares.clone().filter_map(|shares| shares.get(at));
        of_shards.sum::<i64>() as f64
    };
    let (b, m) = (f64::from(difference), f64::from(mean));
    let weights = total(unit) - m * total(visible) - b * total(visible + 1);
    (b - weights / 65_536.0) as f32
}
