//! The update of a shard's parameters by the gradient of a minibatch.

use super::rate::{LearningRate, NARROW, shrink, update_bias, update_biases};
use super::source::{Row, Source};
use super::{BLOCK as ROWS_BLOCK, Centring};
use crate::fixed::scale;
use crate::kernel::{self, LANES, Step, padded};
use crate::rbm::Shape;

/// Bytes of gradient tables that a panel of hidden units may read, so that they stay in a second-level cache while the
/// panel's weights are updated.
const PANEL_CACHE: usize = 512 * 1024;

/// Visible units whose rows are updated before they are written as columns.
const BLOCK: usize = 32;

/// A shard's buffers as slices; see [`ShardBuffers`](super::ShardBuffers).
pub(super) struct Update<'a> {
    pub(super) shape: Shape,
    pub(super) units: usize,
    pub(super) weights: &'a mut [f32],
    pub(super) velocity: &'a mut [f32],
    pub(super) bias: &'a mut [f32],
    pub(super) bias_velocity: &'a mut [f32],
    pub(super) to_hidden: &'a mut [i16],
    pub(super) to_visible: &'a mut [i16],
    pub(super) hidden_bias: &'a mut [i16],
    pub(super) hidden_norms: &'a mut [i16],
    pub(super) visible_norms: &'a mut [i16],
    pub(super) sums: &'a mut [i16],
    pub(super) wide_sums: &'a mut [f32],
    pub(super) activity: &'a mut [f32],
}

impl Update<'_> {
    /// Quantises all float parameters to `fraction_bits`.
    pub(super) fn requantise(&mut self, fraction_bits: u32) {
        let nothing = Step {
            rate: 0.0,
            keep: 1.0,
            momentum: 1.0,
            scale: scale(fraction_bits),
        };
        // Norms change by what the quantised weights do.
        self.to_hidden.fill(0);
        self.hidden_norms.fill(0);
        self.walk(&nothing, 0.0, usize::MAX, &mut |_, sums, _| {
            sums.fill(0);
            Change::Quantise
        });
        for (bias, quantised) in self.bias.iter_mut().zip(&mut *self.hidden_bias) {
            *quantised = update_bias(&nothing, 0.0, None, bias);
        }
    }

    /// See [`Shard::update`](super::Shard::update) and [`Shard::update_centred`](super::Shard::update_centred).
    pub(super) fn update(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        mut centring: Option<&mut Centring<'_>>,
    ) {
        if let Some(centring) = &mut centring {
            let room = (&mut *self.sums, &mut *self.activity);
            centring.begin(sources, samples, self.units, room);
        }
        let step = rate.step(samples, 256.0, fraction_bits);
        let shrinkage = rate.shrinkage();
        let always = !step.leaves_zero_gradients() || shrinkage != 0.0 || !self.velocity.is_empty();
        let rows = samples.next_multiple_of(kernel::GROUP.min(samples.max(1)));
        let panel = PANEL_CACHE / (3 * size_of::<i16>() * rows.max(1));
        let panel = (panel / ROWS_BLOCK * ROWS_BLOCK).max(ROWS_BLOCK);
        match (sources, &mut centring) {
            // Sums of probabilities alone, which fit 16 bits: what most training does.
            ([Source::Contrastive(source)], None) if source.scale() == 1.0 && samples <= NARROW => {
                self.walk(&step, shrinkage, panel, &mut |row, sums, _| {
                    sums.fill(0);
                    match source.add_narrow(row, sums) || always {
                        true => Change::Narrow,
                        false => Change::Keep,
                    }
                });
            }
            (_, centring) => self.walk(&step, shrinkage, panel, &mut |row, sums, wide| {
                wide.fill(0.0);
                let mut touched = always;
                for (at, source) in sources.iter().enumerate() {
                    touched |= source.add(row, sums, wide, &mut |first, integers| {
                        if let Some(centring) = centring {
                            centring.share(at, row.unit, row.column + first, &integers);
                        }
                    });
                }
                if let Some(centring) = centring {
                    if !(touched || centring.always(row.unit)) {
                        return Change::Keep;
                    }
                    centring.centre(row.unit, row.column, sources, wide);
                    return Change::Wide;
                }
                match touched {
                    true => Change::Wide,
                    false => Change::Keep,
                }
            }),
        }
        self.update_biases(sources, samples, rate, fraction_bits, centring.as_deref());
    }

    /// Changes the hidden biases.
    fn update_biases(
        &mut self,
        sources: &[Source<'_>],
        samples: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        centring: Option<&Centring<'_>>,
    ) {
        let step = rate.bias_step(samples, 256.0, fraction_bits);
        let (sums, gradient) = (&mut *self.sums, &mut *self.wide_sums);
        gradient.fill(0.0);
        match centring {
            None => {
                for source in sources {
                    source.add_hidden(sums, self.activity, gradient);
                }
            }
            Some(centring) => centring.hidden_biases(sources, gradient),
        }
        let room = (sums, &mut *self.activity);
        rate.sparsity.add(sources, samples, room, gradient);
        update_biases(
            &step,
            gradient,
            self.bias_velocity,
            self.bias,
            self.hidden_bias,
        );
    }

    /// Walks over all weights, a panel of hidden units at a time: `gradient(row, sums, wide sums)` says what happens to the
    /// weights of a visible unit and fills its sums.
    fn walk(
        &mut self,
        step: &Step,
        shrinkage: f32,
        panel: usize,
        gradient: &mut impl FnMut(Row, &mut [i16], &mut [f32]) -> Change,
    ) {
        let (stride, columns) = (padded(self.units), self.shape.visible_stride());
        let width = self.units.next_multiple_of(LANES);
        let visible = self.shape.visible();
        for column in (0..width).step_by(panel) {
            let end = column.saturating_add(panel).min(width);
            let sums = &mut self.sums[column..end];
            let wide_sums = &mut self.wide_sums[column..end];
            let norms = &mut self.hidden_norms[column..end];
            for block in (0..visible).step_by(BLOCK) {
                let units = block..(block + BLOCK).min(visible);
                let mut changed = false;
                for unit in units.clone() {
                    // The next row comes while the gradient of this one is added up.
                    let next = (unit + 1) * stride + column..(unit + 1) * stride + end;
                    kernel::prefetch(self.weights.get(next.clone()).unwrap_or_default());
                    kernel::prefetch(self.velocity.get(next.clone()).unwrap_or_default());
                    kernel::prefetch(self.to_hidden.get(next).unwrap_or_default());
                    let row = Row {
                        unit,
                        column,
                        stride,
                    };
                    let change = gradient(row, sums, wide_sums);
                    if matches!(change, Change::Keep) {
                        continue;
                    }
                    changed = true;
                    let part = unit * stride + column..unit * stride + end;
                    let quantised = &mut self.to_hidden[part.clone()];
                    let velocity = match change {
                        Change::Quantise => Default::default(),
                        _ => self.velocity.get_mut(part.clone()).unwrap_or_default(),
                    };
                    let weights = &mut self.weights[part];
                    if shrinkage != 0.0 {
                        shrink(weights, shrinkage);
                    }
                    let norm = match change {
                        Change::Wide => kernel::update_wide(
                            step, wide_sums, velocity, weights, quantised, norms,
                        ),
                        _ => kernel::update(step, sums, velocity, weights, quantised, norms),
                    };
                    let before = if column == 0 {
                        0
                    } else {
                        self.visible_norms[unit]
                    };
                    self.visible_norms[unit] = before.saturating_add(norm);
                }
                if changed {
                    let rows = &self.to_hidden[units.start * stride..units.end * stride];
                    let part = column..end;
                    kernel::transpose_rows(rows, stride, part, self.to_visible, columns, block);
                }
            }
        }
    }
}

/// What happens to a row of weights.
enum Change {
    /// Nothing.
    Keep,
    /// It changes by its sums.
    Narrow,
    /// It changes by its wide sums.
    Wide,
    /// It is quantised anew.
    Quantise,
}
