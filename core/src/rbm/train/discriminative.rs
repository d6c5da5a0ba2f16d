//! The gradient of ln p(y|x) as a source, exact: y is a categorical group of visible units, x are all other visible units.
//!
//! With o_yj the field of hidden unit j at x and category y (Larochelle and Bengio, *Classification using discriminative
//! restricted Boltzmann machines*, 2008),
//!
//! d ln p(t|x) / d w_ji = x_i sum_y ([y = t] - p(y|x)) sigmoid(o_yj), and for the weights of category y the term of y alone.
//!
//! So every sample has one row of hidden units, which is added to the weights of the units that it has set. Sigmoids
//! have 15 binary places and weights of categories count in 1/[`UNIT`]; rows are halved, 64 samples and
//! [`BLOCK`] hidden units at a time, until their sums fit 16 bits. Blocks do not depend on how hidden units are shared among threads,
//! and sums are of integers: the result does not depend on the number of threads.

use core::ops::Range;

use super::HiddenUnits;
use super::source::{Integers, Row};
use crate::Error;
use crate::error::check_lens;
use crate::kernel::classes::{self, UNIT};
use crate::kernel::{GROUP, padded, widen_scaled};
use crate::rbm::{Shape, ShardWeights};

/// Hidden units whose rows are halved together. Shards begin at a multiple of it where there is a discriminative
/// gradient.
pub const BLOCK: usize = 128;

/// Fractions of a nat that sums of softplus count: 2^-32.
const NAT: f64 = 4_294_967_296.0;

/// What 64 samples' rows of a block of hidden units have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowBlock {
    /// The samples whose row is not zero: a bit each.
    active: u64,
    /// A row counts 2^shift / [`UNIT`].
    shift: u32,
}

/// The buffers of a [`ClassUnits`] of `units` hidden units in `samples` samples; `stride` is the padded number of hidden
/// units, `classes` the number of units of the group.
#[derive(Debug)]
pub struct ClassUnitsBuffers<'a> {
    /// samples x stride: the fields of the hidden units at x alone.
    pub fields: &'a mut [i16],
    /// samples x stride: the rows of the gradient.
    pub rows: &'a mut [i16],
    /// samples / 64, rounded up, x units / [`BLOCK`], rounded up.
    pub blocks: &'a mut [RowBlock],
    /// classes x stride: the gradient of the weights of categories, in 1/[`UNIT`].
    pub class_sums: &'a mut [i32],
    /// stride: the sums over samples of p(h|x, t), in 2^-15.
    pub activity: &'a mut [i32],
    /// samples x classes: the sums of softplus, in 2^-32 nats.
    pub softplus: &'a mut [i64],
    /// samples x classes: what a category weighs in the gradient, in 1/[`UNIT`].
    pub weights: &'a mut [i16],
    /// One per sample: the category of the datum, [`u16::MAX`] if it has none.
    pub truth: &'a mut [u16],
    /// stride: room for a row of sigmoids.
    pub sigmoids: &'a mut [i16],
}

/// What some hidden units make of the categories of one group, over buffers of the caller's.
#[derive(Debug)]
pub struct ClassUnits<'a> {
    units: usize,
    stride: usize,
    target: Range<usize>,
    buffers: ClassUnitsBuffers<'a>,
}

impl<'a> ClassUnits<'a> {
    /// Takes the buffers of `units` of the hidden units of `shape` in `samples` samples, for the categories whose visible
    /// units are `target`.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer that has another length than [`ClassUnitsBuffers`] states;
    /// [`Error::OutOfRange`] unless `target` are visible units.
    pub fn new(
        shape: Shape,
        units: usize,
        samples: usize,
        target: Range<usize>,
        buffers: ClassUnitsBuffers<'a>,
    ) -> Result<Self, Error> {
        if target.is_empty() || target.end > shape.visible() {
            return Err(Error::OutOfRange {
                what: "the group",
                expected: "visible units",
            });
        }
        let (stride, classes) = (padded(units), target.len());
        let blocks = samples.div_ceil(GROUP) * units.div_ceil(BLOCK);
        let b = &buffers;
        check_lens(&[
            ("fields", samples * stride, b.fields.len()),
            ("rows", samples * stride, b.rows.len()),
            ("blocks", blocks, b.blocks.len()),
            ("class_sums", classes * stride, b.class_sums.len()),
            ("activity", stride, b.activity.len()),
            ("softplus", samples * classes, b.softplus.len()),
            ("weights", samples * classes, b.weights.len()),
            ("truth", samples, b.truth.len()),
            ("sigmoids", stride, b.sigmoids.len()),
        ])?;
        Ok(Self {
            units,
            stride,
            target,
            buffers,
        })
    }

    /// Takes in the data of the first `count` samples, whose fields `hidden` has, and sums softplus up for every category.
    /// Samples x units x classes evaluations of softplus.
    pub fn see(
        &mut self,
        hidden: &HiddenUnits<'_>,
        weights: &ShardWeights<'_>,
        fraction_bits: u32,
        count: usize,
    ) {
        let (stride, units, classes) = (self.stride, self.units, self.target.len());
        let b = &mut self.buffers;
        let rows = weights.to_hidden().get(self.target.start * stride..);
        let rows = rows.unwrap_or_default();
        let row = |class: usize| rows.get(class * stride..(class + 1) * stride);
        let samples = (b.fields.chunks_exact_mut(stride))
            .zip(hidden.fields().chunks_exact(stride))
            .zip(b.softplus.chunks_exact_mut(classes))
            .zip(&mut *b.truth)
            .take(count);
        for (sample, (((fields, joint), sums), truth)) in samples.enumerate() {
            let category = hidden.category(sample, self.target.clone());
            *truth = category.map_or(u16::MAX, |category| category as u16);
            fields.copy_from_slice(joint);
            for (field, weight) in fields
                .iter_mut()
                .zip(category.and_then(row).unwrap_or_default())
            {
                *field = field.wrapping_sub(*weight);
            }
            for (class, sum) in sums.iter_mut().enumerate() {
                *sum = 0;
                for first in (0..units).step_by(BLOCK) {
                    let end = (first + BLOCK).min(stride);
                    let block = first..end;
                    let of_block = classes::softplus(
                        &fields[block.clone()],
                        row(class)
                            .and_then(|row| row.get(block.clone()))
                            .unwrap_or_default(),
                        fraction_bits,
                        (units - first).min(BLOCK),
                        &mut b.sigmoids[block],
                    );
                    *sum += libm::rint(of_block * NAT) as i64;
                }
            }
        }
    }

    /// Samples x classes: the sums of softplus over the hidden units, in 2^-32 nats.
    #[must_use]
    pub fn softplus(&self) -> &[i64] {
        self.buffers.softplus
    }

    /// Copies what categories weigh in the samples from `first` on, as [`class_weights`] found.
    pub fn take_weights(&mut self, first: usize, weights: &[i16]) {
        let first = first * self.target.len();
        if let Some(target) = self.buffers.weights.get_mut(first..) {
            let length = weights.len().min(target.len());
            target[..length].copy_from_slice(&weights[..length]);
        }
    }

    /// Computes the rows of the gradient of the first `count` samples from what categories weigh; and, if `active`, the
    /// sums of p(h|x, t).
    pub fn weigh(
        &mut self,
        weights: &ShardWeights<'_>,
        fraction_bits: u32,
        active: bool,
        count: usize,
    ) {
        let (stride, units, classes) = (self.stride, self.units, self.target.len());
        let b = &mut self.buffers;
        b.class_sums.fill(0);
        b.activity.fill(0);
        let matrix = weights.to_hidden().get(self.target.start * stride..);
        let matrix = matrix.unwrap_or_default();
        let samples = (b.fields.chunks_exact(stride))
            .zip(b.rows.chunks_exact_mut(stride))
            .zip(b.weights.chunks_exact(classes))
            .zip(&*b.truth)
            .take(count);
        for (((fields, row), weights), &truth) in samples {
            row.fill(0);
            let of_classes = matrix.chunks_exact(stride).zip(weights);
            let sums = b.class_sums.chunks_exact_mut(stride);
            for (class, ((addend, &weight), sums)) in of_classes.zip(sums).enumerate() {
                let counts = active && class == usize::from(truth);
                if weight == 0 && !counts {
                    continue;
                }
                let _ = classes::softplus(fields, addend, fraction_bits, units, b.sigmoids);
                classes::weigh(b.sigmoids, weight, row, sums);
                if counts {
                    for (sum, sigmoid) in b.activity.iter_mut().zip(&*b.sigmoids) {
                        *sum += i32::from(*sigmoid);
                    }
                }
            }
        }
        self.make_room(count);
    }

    /// Halves the rows of every block until no sum of them can pass 16 bits, rounding to nearest.
    fn make_room(&mut self, count: usize) {
        let (stride, units) = (self.stride, self.units);
        let b = &mut self.buffers;
        let classes = self.target.len();
        let per_group = units.div_ceil(BLOCK);
        for (group, blocks) in b.blocks.chunks_exact_mut(per_group).enumerate() {
            let samples = count.saturating_sub(group * GROUP).min(GROUP);
            let mut active = 0_u64;
            for k in 0..samples {
                let weights = &b.weights[(group * GROUP + k) * classes..][..classes];
                active |= u64::from(weights.iter().any(|&weight| weight != 0)) << k;
            }
            let first_row = group * GROUP * stride;
            for (at, block) in blocks.iter_mut().enumerate() {
                let columns = at * BLOCK..((at + 1) * BLOCK).min(stride);
                let mut totals = [0_i32; BLOCK];
                for k in crate::bits::ones(&[active]) {
                    let row = &b.rows[first_row + k * stride..][columns.clone()];
                    for (total, value) in totals.iter_mut().zip(row) {
                        *total += i32::from(value.unsigned_abs());
                    }
                }
                let largest = totals.iter().copied().max().unwrap_or(0);
                let mut shift = 0;
                while (largest >> shift) + GROUP as i32 > i32::from(i16::MAX) {
                    shift += 1;
                }
                if shift > 0 {
                    let half = 1 << (shift - 1);
                    for k in crate::bits::ones(&[active]) {
                        for value in &mut b.rows[first_row + k * stride..][columns.clone()] {
                            *value = ((i32::from(*value) + half) >> shift) as i16;
                        }
                    }
                }
                *block = RowBlock { active, shift };
            }
        }
    }

    /// The gradient of the first `samples` samples times `scale`, as a source. `hidden` has the data, as columns.
    #[must_use]
    pub fn gradient<'s>(
        &'s self,
        hidden: &'s HiddenUnits<'_>,
        samples: usize,
        scale: f32,
    ) -> Discriminative<'s> {
        let b = &self.buffers;
        Discriminative {
            samples,
            stride: self.stride,
            per_group: self.units.div_ceil(BLOCK),
            target: (self.target.start, self.target.end),
            rows: b.rows,
            blocks: b.blocks,
            class_sums: b.class_sums,
            activity: b.activity,
            weights: b.weights,
            data: hidden.data_columns(),
            scale,
        }
    }
}

/// The gradient of a shard that [`ClassUnits`] found.
#[derive(Clone, Copy, Debug)]
pub struct Discriminative<'a> {
    samples: usize,
    stride: usize,
    /// Blocks per group of samples.
    per_group: usize,
    target: (usize, usize),
    rows: &'a [i16],
    blocks: &'a [RowBlock],
    class_sums: &'a [i32],
    activity: &'a [i32],
    weights: &'a [i16],
    /// The columns of the data, and words of a group's columns.
    data: (&'a [u64], usize),
    scale: f32,
}

impl Discriminative<'_> {
    /// What an integer sum counts, in 1/256.
    pub(super) fn factor(&self) -> f32 {
        self.scale * (256.0 / f32::from(UNIT))
    }

    /// See `Source::add`.
    pub(super) fn add(
        &self,
        row: Row,
        (sums, wide): (&mut [i16], &mut [f32]),
        share: &mut dyn FnMut(usize, Integers<'_>),
    ) -> bool {
        let (start, end) = self.target;
        if (start..end).contains(&row.unit) {
            let sums = self.class_sums.get((row.unit - start) * self.stride..);
            let sums = sums.and_then(|sums| sums.get(row.column..self.stride));
            let sums = sums.unwrap_or_default();
            let sums = &sums[..sums.len().min(wide.len())];
            add_scaled(sums, self.factor(), wide);
            share(0, Integers::Wide(sums));
            return true;
        }
        let mut touched = false;
        for group in 0..self.samples.div_ceil(GROUP) {
            let (columns, width) = self.data;
            let data = columns.get(group * width + row.unit).copied().unwrap_or(0);
            let rows = self.rows.get(group * GROUP * self.stride..);
            let blocks = self
                .blocks
                .get(group * self.per_group + row.column / BLOCK..);
            let parts = sums.chunks_mut(BLOCK).zip(wide.chunks_mut(BLOCK));
            for (at, ((sums, wide), block)) in parts.zip(blocks.unwrap_or_default()).enumerate() {
                let samples = data & block.active;
                if samples == 0 {
                    continue;
                }
                touched = true;
                let column = row.column + at * BLOCK;
                sums.fill(0);
                classes::add_rows(rows.unwrap_or_default(), self.stride, column, samples, sums);
                widen_scaled(sums, self.factor() * (1_u64 << block.shift) as f32, wide);
                let shift = block.shift;
                share(at * BLOCK, Integers::Narrow { sums, shift });
            }
        }
        touched
    }

    /// See `Source::hidden`.
    pub(super) fn hidden(&self, each: &mut dyn FnMut(usize, i64)) {
        for j in 0..self.stride {
            let of_classes = self.class_sums.iter().skip(j).step_by(self.stride);
            each(j, of_classes.map(|&sum| i64::from(sum)).sum());
        }
    }

    /// See `Source::visible`.
    pub(super) fn visible(&self, unit: usize) -> f32 {
        let (start, end) = self.target;
        if !(start..end).contains(&unit) {
            return 0.0;
        }
        let classes = end - start;
        let weights = self.weights.chunks_exact(classes).take(self.samples);
        let of_class = weights.filter_map(|weights| weights.get(unit - start));
        let sum: i64 = of_class.map(|&weight| i64::from(weight)).sum();
        sum as f32 * (self.scale / f32::from(UNIT))
    }

    /// Adds the sums of p(h|x, t) in 1/256.
    pub(super) fn add_activity(&self, wide: &mut [f32]) {
        add_scaled(self.activity, 1.0 / 128.0, wide);
    }
}

fn add_scaled(sums: &[i32], scale: f32, wide: &mut [f32]) {
    for (wide, sum) in wide.iter_mut().zip(sums) {
        *wide += *sum as f32 * scale;
    }
}

/// What the categories of one sample come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassLoss {
    /// -ln p(t|x) of the true category in nats.
    pub nll: f64,
    /// Whether another category was at least as likely.
    pub wrong: bool,
}

/// Turns logits into each category's weight in the gradient: [y = t] - p(y|x) in 1/[`UNIT`], `truth` being t. Overwrites the
/// logits. Float64 by a portable library: the same on every platform.
pub fn class_weights(logits: &mut [f64], truth: usize, weights: &mut [i16]) -> ClassLoss {
    weights.fill(0);
    let Some(&of_truth) = logits.get(truth) else {
        return ClassLoss::default();
    };
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let others = || logits.iter().enumerate().filter(|&(y, _)| y != truth);
    let wrong = others().any(|(_, &z)| z >= of_truth);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = libm::exp(*logit - most);
        sum += *logit;
    }
    // What the true category lacks of 1, as a sum of small numbers rather than a difference of large ones.
    let others = || logits.iter().enumerate().filter(|&(y, _)| y != truth);
    let lacking: f64 = others().map(|(_, p)| p / sum).sum();
    for (y, (p, weight)) in logits.iter().zip(weights).enumerate() {
        let exact = if y == truth { lacking } else { -p / sum };
        *weight = libm::rint(exact * f64::from(UNIT)) as i16;
    }
    ClassLoss {
        nll: libm::log(sum) - (of_truth - most),
        wrong,
    }
}

/// The logits of one sample: `biases` of the categories in nats, and the sums of softplus that shards found
/// ([`ClassUnits::softplus`], from the sample's on).
pub fn class_logits<'s>(
    biases: &[f32],
    softplus: impl Iterator<Item = &'s [i64]> + Clone,
    logits: &mut [f64],
) {
    for (class, (logit, bias)) in logits.iter_mut().zip(biases).enumerate() {
        let of_shards = softplus.clone().filter_map(|sums| sums.get(class));
        *logit = f64::from(*bias) + of_shards.sum::<i64>() as f64 / NAT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_halve_the_weight() {
        let mut weights = [0; 2];
        let loss = class_weights(&mut [0.0, 0.0], 1, &mut weights);
        assert_eq!(weights, [-16_000, 16_000]);
        assert!((loss.nll - core::f64::consts::LN_2).abs() < 1e-12 && loss.wrong);
    }

    #[test]
    fn weights_are_the_truth_less_the_softmax() {
        let logits = [1.0, 2.0, 0.5];
        let total: f64 = logits.iter().map(|&z| libm::exp(z)).sum();
        let mut weights = [0; 3];
        let loss = class_weights(&mut logits.clone(), 0, &mut weights);
        for (y, (weight, z)) in weights.iter().zip(logits).enumerate() {
            let exact = f64::from(u8::from(y == 0)) - libm::exp(z) / total;
            assert!((f64::from(*weight) / f64::from(UNIT) - exact).abs() < 2e-5);
        }
        assert!(loss.wrong && (loss.nll + libm::log(libm::exp(1.0) / total)).abs() < 1e-12);
        let mut far = [1000.0, -1000.0];
        assert_eq!(class_weights(&mut far, 1, &mut weights[..2]).nll, 2000.0);
        assert_eq!(weights[..2], [-UNIT, UNIT]);
        assert_eq!(
            class_weights(&mut far, 2, &mut weights),
            ClassLoss::default()
        );
        assert_eq!(weights, [0; 3]);
    }
}
