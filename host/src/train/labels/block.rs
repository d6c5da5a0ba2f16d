//! Some hidden units: their parameters, their states at all places of the minibatch, and their update.

mod chains;
mod learn;

pub(super) use learn::Lesson;

use bitspin_core::fixed::{norms_fit, quantise, scale};
use bitspin_core::kernel::classes::{self, UNIT};
use bitspin_core::kernel::{self, GROUP, Rows, Step, padded};
use bitspin_core::rng::ChainRng;

use super::LabelSettings;
use crate::aligned::{AlignedF32, AlignedI16};
use crate::model_file::{LabelledParameters, RbmParameters};

/// Hidden units of a block. Fixed, so that what is summed in the order of blocks does not depend on threads; whole
/// words; and narrow enough for two threads to share 500 units evenly.
pub(super) const BLOCK: usize = 128;

/// Visible units whose rows are updated before they are written as columns.
const PANEL: usize = 32;

/// Some hidden units.
#[derive(Debug)]
pub(super) struct Block {
    first: usize,
    units: usize,
    stride: usize,
    visible: usize,
    classes: usize,
    weights: AlignedF32,
    velocity: AlignedF32,
    /// \[visible\]\[stride\].
    to_hidden: AlignedI16,
    /// \[units\]\[visible stride\], or empty.
    to_visible: AlignedI16,
    bias: Vec<f32>,
    bias_velocity: Vec<f32>,
    hidden_bias: AlignedI16,
    norms: AlignedI16,
    /// \[visible\].
    pub(super) visible_norms: Vec<i32>,
    pub(super) rngs: Vec<ChainRng>,
    /// \[places\]\[stride\]: fields at the pixels alone, and at the chains.
    fields: AlignedI16,
    chain_fields: AlignedI16,
    /// Room for a row of fields with a label, of sigmoids, of sums.
    labelled: AlignedI16,
    sigmoids: AlignedI16,
    sums: AlignedI16,
    wide: AlignedF32,
    /// \[places\]\[stride\]: rows of the discriminative gradient.
    rows: AlignedI16,
    /// What a row counts, for every group of places; and which places have a row that is not zero.
    groups: Vec<(f32, u64)>,
    /// \[classes\]\[stride\], in 1/UNIT.
    label_sums: Vec<i32>,
    /// \[places\]\[stride\]: hidden probabilities at the data, and less those of the chains, in 1/256.
    positive: AlignedI16,
    negative: AlignedI16,
    /// \[places\]\[words\].
    pub(super) hidden: Vec<u64>,
    /// Whether the chains have begun: with the first minibatch, which is a whole one.
    pub(super) started: bool,
}

impl Block {
    /// The hidden units from `first` on.
    pub(super) fn new(
        initial: &LabelledParameters,
        first: usize,
        settings: &LabelSettings,
        rngs: Vec<ChainRng>,
    ) -> Self {
        let joint = &initial.joint;
        let (visible, units) = (joint.visible, BLOCK.min(joint.hidden - first));
        let (stride, places) = (padded(units), settings.batch);
        let mut weights = AlignedF32::zeros(visible * stride);
        for j in 0..units {
            let row = &joint.w[(first + j) * visible..][..visible];
            for (i, weight) in row.iter().enumerate() {
                weights.as_mut()[i * stride + j] = *weight;
            }
        }
        let moving = if settings.momentum > 0.0 {
            visible * stride
        } else {
            0
        };
        let generative = usize::from(settings.is_generative());
        Self {
            first,
            units,
            stride,
            visible,
            classes: initial.classes,
            weights,
            velocity: AlignedF32::zeros(moving),
            to_hidden: AlignedI16::zeros(visible * stride),
            to_visible: AlignedI16::zeros(generative * units * padded(visible)),
            bias: joint.hidden_bias[first..first + units].to_vec(),
            bias_velocity: vec![0.0; units],
            hidden_bias: AlignedI16::zeros(stride),
            norms: AlignedI16::zeros(stride),
            visible_norms: vec![0; visible],
            rngs,
            fields: AlignedI16::zeros(places * stride),
            chain_fields: AlignedI16::zeros(generative * places * stride),
            labelled: AlignedI16::zeros(stride),
            sigmoids: AlignedI16::zeros(stride),
            sums: AlignedI16::zeros(stride),
            wide: AlignedF32::zeros(stride),
            rows: AlignedI16::zeros(places * stride),
            groups: vec![(0.0, 0); places.div_ceil(GROUP)],
            label_sums: vec![0; initial.classes * stride],
            positive: AlignedI16::zeros(generative * places * stride),
            negative: AlignedI16::zeros(generative * places * stride),
            hidden: vec![0; generative * places * units.div_ceil(64)],
            started: false,
        }
    }

    /// Writes the float parameters into those of the whole machine.
    pub(super) fn copy_to(&self, joint: &mut RbmParameters) {
        self.transpose_to(self.weights.as_ref(), &mut joint.w);
        joint.hidden_bias.extend_from_slice(&self.bias);
    }

    /// Writes the velocities into those of the whole machine, whose weights are empty without momentum.
    pub(super) fn copy_velocity_to(&self, velocity: &mut RbmParameters) {
        if !self.velocity.as_ref().is_empty() {
            self.transpose_to(self.velocity.as_ref(), &mut velocity.w);
        }
        velocity.hidden_bias.extend_from_slice(&self.bias_velocity);
    }

    /// Writes rows of the block's own into those of the whole machine.
    fn transpose_to(&self, rows: &[f32], w: &mut [f32]) {
        for j in 0..self.units {
            let row = &mut w[(self.first + j) * self.visible..][..self.visible];
            for (i, weight) in row.iter_mut().enumerate() {
                *weight = rows[i * self.stride + j];
            }
        }
    }

    /// Takes its velocities from those of the whole machine.
    pub(super) fn set_velocity(&mut self, velocity: &RbmParameters) {
        let biases = &velocity.hidden_bias[self.first..self.first + self.units];
        self.bias_velocity.copy_from_slice(biases);
        if self.velocity.as_ref().is_empty() {
            return;
        }
        for j in 0..self.units {
            let row = &velocity.w[(self.first + j) * self.visible..][..self.visible];
            for (i, value) in row.iter().enumerate() {
                self.velocity.as_mut()[i * self.stride + j] = *value;
            }
        }
    }

    fn row(&self, unit: usize) -> std::ops::Range<usize> {
        unit * self.stride..(unit + 1) * self.stride
    }

    fn pixels(&self) -> usize {
        self.visible - self.classes
    }

    /// Whether every hidden unit's field is in range, whatever the visible units are.
    pub(super) fn fields_fit(&self) -> bool {
        norms_fit(self.norms.as_ref(), self.hidden_bias.as_ref())
    }

    /// Quantises all parameters.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        let step = Step {
            rate: 0.0,
            keep: 1.0,
            momentum: 0.0,
            scale: scale(fraction_bits),
        };
        // Norms change by what the quantised weights do.
        self.to_hidden.as_mut().fill(0);
        self.norms.as_mut().fill(0);
        self.wide.as_mut().fill(0.0);
        for unit in 0..self.visible {
            self.update_row(unit, &step, false);
        }
        self.write_columns();
        self.requantise_biases(step.scale);
    }

    fn requantise_biases(&mut self, scale: f32) {
        let targets = self.hidden_bias.as_mut().iter_mut().zip(&self.bias);
        for (target, bias) in targets {
            *target = quantise(*bias, scale);
        }
    }

    /// Changes a row of weights by the wide sums.
    fn update_row(&mut self, unit: usize, step: &Step, moving: bool) {
        let row = self.row(unit);
        let velocity = match moving {
            true => self
                .velocity
                .as_mut()
                .get_mut(row.clone())
                .unwrap_or_default(),
            false => Default::default(),
        };
        let norm = kernel::update_wide(
            step,
            self.wide.as_ref(),
            velocity,
            &mut self.weights.as_mut()[row.clone()],
            &mut self.to_hidden.as_mut()[row],
            self.norms.as_mut(),
        );
        self.visible_norms[unit] = i32::from(norm);
    }

    fn write_columns(&mut self) {
        if self.to_visible.as_ref().is_empty() {
            return;
        }
        for first in (0..self.visible).step_by(PANEL) {
            let end = (first + PANEL).min(self.visible);
            let rows = &self.to_hidden.as_ref()[first * self.stride..end * self.stride];
            let columns = padded(self.visible);
            kernel::transpose_rows(rows, self.stride, self.to_visible.as_mut(), columns, first);
        }
    }

    /// The hidden fields of packed visible vectors, into `fields`.
    fn add_fields(&self, vectors: &[u64], words: usize, fields: &mut [i16]) {
        for fields in fields.chunks_exact_mut(self.stride) {
            fields.copy_from_slice(self.hidden_bias.as_ref());
        }
        let rows = Rows {
            weights: self.to_hidden.as_ref(),
            stride: self.stride,
            width: self.units,
        };
        kernel::add_set_rows(&rows, words, vectors, fields);
    }

    /// Takes in packed pixels without labels: all that follows is of them.
    pub(super) fn see(&mut self, pixels: &[u64], words: usize) {
        let mut fields = std::mem::replace(&mut self.fields, AlignedI16::zeros(0));
        self.add_fields(
            pixels,
            words,
            &mut fields.as_mut()[..pixels.len() / words * self.stride],
        );
        self.fields = fields;
    }

    /// The sums of softplus at all labels, \[place\]\[class\].
    pub(super) fn softplus(&mut self, bits: u32, sums: &mut [f64]) {
        let pixels = self.pixels();
        let places = self.fields.as_ref().chunks_exact(self.stride);
        for (fields, sums) in places.zip(sums.chunks_exact_mut(self.classes)) {
            for (y, sum) in sums.iter_mut().enumerate() {
                let label = &self.to_hidden.as_ref()[(pixels + y) * self.stride..][..self.stride];
                *sum = classes::softplus(fields, label, bits, self.units, self.sigmoids.as_mut());
            }
        }
    }

    /// The rows of the discriminative gradient from what each class weighs, \[place\]\[class\].
    pub(super) fn discriminate(&mut self, weights: &[i16], bits: u32) {
        self.label_sums.fill(0);
        for (group, weights) in weights.chunks(GROUP * self.classes).enumerate() {
            let mut active = 0;
            for (k, weights) in weights.chunks_exact(self.classes).enumerate() {
                if weights.iter().any(|&weight| weight != 0) {
                    active |= 1 << k;
                    self.discriminate_place(group * GROUP + k, weights, bits);
                }
            }
            let unit = self.make_room(group, active);
            self.groups[group] = (unit, active);
        }
    }

    fn discriminate_place(&mut self, place: usize, weights: &[i16], bits: u32) {
        let range = self.row(place);
        let (pixels, stride) = (self.pixels(), self.stride);
        let fields = &self.fields.as_ref()[range.clone()];
        let row = &mut self.rows.as_mut()[range];
        row.fill(0);
        for (y, &weight) in weights
            .iter()
            .enumerate()
            .filter(|&(_, &weight)| weight != 0)
        {
            let label = &self.to_hidden.as_ref()[(pixels + y) * stride..][..stride];
            let sigmoids = self.sigmoids.as_mut();
            let _ = classes::softplus(fields, label, bits, self.units, sigmoids);
            let sums = &mut self.label_sums[y * stride..][..stride];
            classes::weigh(sigmoids, weight, row, sums);
        }
    }

    /// Halves the group's rows until no sum of them can pass 16 bits, rounding to nearest; returns what one counts.
    fn make_room(&mut self, group: usize, active: u64) -> f32 {
        let places = (0..GROUP).filter(|k| active >> k & 1 == 1);
        let places: Vec<usize> = places.map(|k| group * GROUP + k).collect();
        let mut largest = 0;
        for j in 0..self.units {
            let magnitude =
                |&place: &usize| i32::from(self.rows.as_ref()[place * self.stride + j].abs());
            largest = largest.max(places.iter().map(magnitude).sum::<i32>());
        }
        let mut shift = 0;
        while (largest >> shift) + GROUP as i32 > i32::from(i16::MAX) {
            shift += 1;
        }
        if shift > 0 {
            let half = 1 << (shift - 1);
            for place in places {
                let range = self.row(place);
                for value in &mut self.rows.as_mut()[range] {
                    *value = ((i32::from(*value) + half) >> shift) as i16;
                }
            }
        }
        (1_u32 << shift) as f32 / f32::from(UNIT)
    }
}
