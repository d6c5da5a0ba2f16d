//! The update of a block by the gradients of a minibatch.

use bitspin_core::kernel::classes::{self, UNIT};
use bitspin_core::kernel::{GROUP, Step};

use super::super::exchange::Columns;
use super::Block;

/// What a block is told of a minibatch: how to learn from it.
pub(in super::super) struct Lesson<'a> {
    /// Packed pixels and labels, a column of places each.
    pub(in super::super) data: &'a Columns,
    /// The same of the chains; empty without a generative gradient.
    pub(in super::super) chain: &'a Columns,
    pub(in super::super) words: usize,
    pub(in super::super) places: usize,
    /// What the generative and the discriminative gradient are multiplied by.
    pub(in super::super) mix: (f32, f32),
    pub(in super::super) step: Step,
}

impl Block {
    /// Changes all parameters by the gradients of the minibatch.
    pub(in super::super) fn learn(&mut self, lesson: &Lesson<'_>, scale: f32) {
        let always = lesson.step.keep != 1.0 || !self.velocity.as_ref().is_empty();
        for unit in 0..self.visible {
            if self.gradient(unit, lesson) || always {
                self.update_row(unit, &lesson.step, true);
            }
        }
        self.write_columns();
        self.learn_biases(lesson, scale);
    }

    /// The gradient of a visible unit's weights, into the wide sums; whether there is any.
    fn gradient(&mut self, unit: usize, lesson: &Lesson<'_>) -> bool {
        let (generative, discriminative) = lesson.mix;
        let (stride, pixels) = (self.stride, self.pixels());
        let mut touched = false;
        self.wide.as_mut().fill(0.0);
        for group in 0..lesson.places.div_ceil(GROUP) {
            let rows = group * GROUP * stride;
            let data = lesson.data.places(group, unit, lesson.words);
            let (count, active) = self.groups[group];
            if discriminative != 0.0 && unit < pixels && data & active != 0 {
                touched = true;
                let sums = self.sums.as_mut();
                sums.fill(0);
                classes::add_rows(&self.rows.as_ref()[rows..], stride, 0, data & active, sums);
                classes::widen_scaled(sums, count * discriminative, self.wide.as_mut());
            }
            if generative == 0.0 {
                continue;
            }
            let chain = lesson.chain.places(group, unit, lesson.words);
            if data | chain != 0 {
                touched = true;
                let sums = self.sums.as_mut();
                sums.fill(0);
                classes::add_rows(&self.positive.as_ref()[rows..], stride, 0, data, sums);
                classes::add_rows(&self.negative.as_ref()[rows..], stride, 0, chain, sums);
                classes::widen_scaled(sums, generative / 256.0, self.wide.as_mut());
            }
        }
        if discriminative != 0.0 && unit >= pixels {
            touched = true;
            let sums = &self.label_sums[(unit - pixels) * stride..][..stride];
            for (wide, sum) in self.wide.as_mut().iter_mut().zip(sums) {
                *wide += *sum as f32 * (discriminative / f32::from(UNIT));
            }
        }
        touched
    }

    fn learn_biases(&mut self, lesson: &Lesson<'_>, scale: f32) {
        let (generative, discriminative) = lesson.mix;
        let stride = self.stride;
        self.wide.as_mut().fill(0.0);
        if discriminative != 0.0 {
            for (j, wide) in self.wide.as_mut()[..self.units].iter_mut().enumerate() {
                let sum: i32 = self.label_sums[j..].iter().step_by(stride).sum();
                *wide = sum as f32 * (discriminative / f32::from(UNIT));
            }
        }
        for group in 0..lesson.places.div_ceil(GROUP) {
            if generative != 0.0 {
                let places = (lesson.places - group * GROUP).min(GROUP);
                let (rows, all) = (group * GROUP * stride, u64::MAX >> (64 - places));
                let sums = self.sums.as_mut();
                sums.fill(0);
                classes::add_rows(&self.positive.as_ref()[rows..], stride, 0, all, sums);
                classes::add_rows(&self.negative.as_ref()[rows..], stride, 0, all, sums);
                classes::widen_scaled(sums, generative / 256.0, self.wide.as_mut());
            }
        }
        let biases = self.bias.iter_mut().zip(&mut self.bias_velocity);
        for ((bias, velocity), sum) in biases.zip(self.wide.as_ref()) {
            *velocity = *velocity * lesson.step.momentum + *sum * lesson.step.rate;
            *bias += *velocity;
        }
        self.requantise_biases(scale);
    }
}
