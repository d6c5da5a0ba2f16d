//! The parameters of a range of visible units, and their update.

use super::super::{Shape, ShardWeights};
use super::Evidence;
use super::rate::{LearningRate, NARROW, update_bias};
use crate::Error;
use crate::bits::WORD;
use crate::fixed::{FIELD_LIMIT, scale};
use crate::kernel::{self, LANES, Step, padded};

/// Bytes of evidence that a panel of hidden units may read, so that they stay in a second-level cache while the panel's
/// weights are updated.
const PANEL_CACHE: usize = 512 * 1024;

/// Hidden units of the smallest panel.
const MIN_PANEL: usize = 128;

/// Visible units whose rows are updated before they are written as columns.
const BLOCK: usize = 32;

/// The buffers of a [`Shard`] of `units` visible units. The velocities are empty where there is no momentum.
#[derive(Clone, Debug, Default)]
pub struct ShardBuffers<F, Q> {
    /// \[units\]\[hidden stride\]: the float parameters, zero in the padding.
    pub weights: F,
    /// \[units\]\[hidden stride\], or empty.
    pub velocity: F,
    /// \[units\].
    pub bias: F,
    /// \[units\], or empty.
    pub bias_velocity: F,
    /// \[units\]\[hidden stride\]: the quantised weights.
    pub to_hidden: Q,
    /// \[hidden\]\[padded units\]: the same, transposed.
    pub to_visible: Q,
    /// \[padded units\].
    pub visible_bias: Q,
    /// \[hidden stride\]: for every hidden unit, the sum of magnitudes of its quantised weights, held to 32,767.
    pub norms: Q,
    /// \[units\]: for every visible unit, the sum of magnitudes of its quantised weights, held to 32,767.
    pub unit_norms: Q,
    /// \[hidden stride\]: room for a row of sums.
    pub sums: Q,
    /// \[hidden stride\]: room for a row of the sums of many places.
    pub wide_sums: F,
}

/// The parameters of the visible units `first..first + units`, float and quantised.
#[derive(Clone, Debug)]
pub struct Shard<F, Q> {
    shape: Shape,
    first: usize,
    units: usize,
    buffers: ShardBuffers<F, Q>,
    /// The largest sum of magnitudes of a visible unit's quantised parameters.
    largest_norm: i32,
}

impl<F, Q> Shard<F, Q>
where
    F: AsRef<[f32]> + AsMut<[f32]>,
    Q: AsRef<[i16]> + AsMut<[i16]>,
{
    /// Takes buffers whose float parameters are set; call [`Self::requantise`] before sampling.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of another length than [`ShardBuffers`] states; [`Error::OutOfRange`] if
    /// `first` is not a multiple of 64 or the range does not lie within the visible layer.
    pub fn new(
        shape: Shape,
        first: usize,
        units: usize,
        buffers: ShardBuffers<F, Q>,
    ) -> Result<Self, Error> {
        if !first.is_multiple_of(WORD) || units == 0 || first + units > shape.visible() {
            return Err(Error::OutOfRange {
                what: "shard",
                expected: "visible units from a multiple of 64 on",
            });
        }
        let (rows, stride) = (units * shape.hidden_stride(), shape.hidden_stride());
        let length = |what, found: usize, expected: usize, optional: bool| {
            if found == expected || (optional && found == 0) {
                Ok(())
            } else {
                Err(Error::Length {
                    what,
                    expected,
                    found,
                })
            }
        };
        length("weights", buffers.weights.as_ref().len(), rows, false)?;
        length("velocity", buffers.velocity.as_ref().len(), rows, true)?;
        length("bias", buffers.bias.as_ref().len(), units, false)?;
        length(
            "bias_velocity",
            buffers.bias_velocity.as_ref().len(),
            units,
            true,
        )?;
        length("to_hidden", buffers.to_hidden.as_ref().len(), rows, false)?;
        length(
            "to_visible",
            buffers.to_visible.as_ref().len(),
            shape.hidden() * padded(units),
            false,
        )?;
        length(
            "visible_bias",
            buffers.visible_bias.as_ref().len(),
            padded(units),
            false,
        )?;
        length("norms", buffers.norms.as_ref().len(), stride, false)?;
        length(
            "unit_norms",
            buffers.unit_norms.as_ref().len(),
            units,
            false,
        )?;
        length("sums", buffers.sums.as_ref().len(), stride, false)?;
        length("wide_sums", buffers.wide_sums.as_ref().len(), stride, false)?;
        Ok(Self {
            shape,
            first,
            units,
            buffers,
            largest_norm: 0,
        })
    }

    /// The first visible unit.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// Number of visible units.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// \[units\]\[hidden stride\]: the float weights.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        self.buffers.weights.as_ref()
    }

    /// \[units\]: the float biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        self.buffers.bias.as_ref()
    }

    /// The quantised weights, for sampling.
    #[must_use]
    pub fn quantised(&self) -> ShardWeights<'_> {
        ShardWeights {
            shape: self.shape,
            first: self.first,
            units: self.units,
            to_hidden: self.buffers.to_hidden.as_ref(),
            to_visible: self.buffers.to_visible.as_ref(),
            visible_bias: self.buffers.visible_bias.as_ref(),
        }
    }

    /// Whether every visible unit's field is in range, whatever the hidden units are; see
    /// [`no_overflow`](crate::fixed::no_overflow).
    #[must_use]
    pub fn visible_fields_fit(&self) -> bool {
        self.largest_norm < FIELD_LIMIT
    }

    /// For every hidden unit, its share of the sum of magnitudes; see [`hidden_fields_fit`](super::hidden_fields_fit).
    #[must_use]
    pub fn norms(&self) -> &[i16] {
        self.buffers.norms.as_ref()
    }

    /// Quantises all float parameters to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        let nothing = Step {
            rate: 0.0,
            keep: 1.0,
            momentum: 1.0,
            scale: scale(fraction_bits),
        };
        self.apply(
            &nothing,
            self.shape.hidden_stride(),
            &mut |_, _, sums, _| {
                sums.fill(0);
                Row::Quantise
            },
        );
        self.apply_biases(&nothing, false, &|_| 0);
    }

    /// Changes the parameters by the evidence of a minibatch of `places` places, and quantises them to
    /// `fraction_bits`.
    ///
    /// One row addition a visible unit and place where the datum or the chain has it set, then one pass over the
    /// parameters of those units; the others stay as they are unless weights decay or have a velocity.
    pub fn update(
        &mut self,
        evidence: &[Evidence<'_>],
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let step = rate.step(places, 256.0, fraction_bits);
        let bias_step = Step {
            keep: 1.0,
            ..rate.step(places, 1.0, fraction_bits)
        };
        let always = !step.leaves_zero_gradients() || !self.buffers.velocity.as_ref().is_empty();
        let narrow = places <= NARROW;
        let (stride, first) = (self.shape.hidden_stride(), self.first);
        let rows: usize = evidence
            .iter()
            .map(|group| group.table().len() / stride)
            .sum();
        let panel = PANEL_CACHE / (size_of::<i16>() * rows.max(1));
        let panel = (panel / LANES * LANES).max(MIN_PANEL).min(stride);
        self.apply(&step, panel, &mut |unit, column, sums, wide_sums| {
            let mut touched = false;
            sums.fill(0);
            wide_sums.fill(0.0);
            for group in evidence {
                let (before, after) = group.columns(first + unit);
                if before | after == 0 {
                    continue;
                }
                touched = true;
                kernel::correlate(group.table(), stride, column, before, after, sums);
                if !narrow {
                    kernel::widen(sums, wide_sums);
                    sums.fill(0);
                }
            }
            match (touched || always, narrow) {
                (false, _) => Row::Keep,
                (true, true) => Row::Change,
                (true, false) => Row::ChangeWide,
            }
        });
        self.apply_biases(&bias_step, true, &|unit| {
            let difference = |group: &Evidence<'_>| {
                let (before, after) = group.columns(first + unit);
                before.count_ones() as i32 - after.count_ones() as i32
            };
            evidence.iter().map(difference).sum()
        });
    }

    /// Walks over all weights, a panel of hidden units at a time: `gradient(unit, first hidden unit, sums, wide sums)`
    /// says what happens to a visible unit's weights and fills its sums.
    fn apply(
        &mut self,
        step: &Step,
        panel: usize,
        gradient: &mut impl FnMut(usize, usize, &mut [i16], &mut [f32]) -> Row,
    ) {
        let stride = self.shape.hidden_stride();
        let columns = padded(self.units);
        let b = &mut self.buffers;
        let (weights, velocity) = (b.weights.as_mut(), b.velocity.as_mut());
        let (to_hidden, to_visible) = (b.to_hidden.as_mut(), b.to_visible.as_mut());
        let (norms, unit_norms) = (b.norms.as_mut(), b.unit_norms.as_mut());
        let (sums, wide_sums) = (b.sums.as_mut(), b.wide_sums.as_mut());
        norms.fill(0);
        unit_norms.fill(0);
        for column in (0..stride).step_by(panel) {
            let end = (column + panel).min(stride);
            let (sums, wide_sums) = (&mut sums[column..end], &mut wide_sums[column..end]);
            let norms = &mut norms[column..end];
            for block in (0..self.units).step_by(BLOCK) {
                let units = block..(block + BLOCK).min(self.units);
                let mut changed = false;
                for unit in units.clone() {
                    let part = unit * stride + column..unit * stride + end;
                    let row = gradient(unit, column, sums, wide_sums);
                    let quantised = &mut to_hidden[part.clone()];
                    let velocity = match row {
                        Row::Quantise => Default::default(),
                        _ => velocity.get_mut(part.clone()).unwrap_or_default(),
                    };
                    let weights = &mut weights[part];
                    let norm = match row {
                        Row::Keep => kernel::add_norms(quantised, norms),
                        Row::Change | Row::Quantise => {
                            kernel::update(step, sums, velocity, weights, quantised, norms)
                        }
                        Row::ChangeWide => kernel::update_wide(
                            step, wide_sums, velocity, weights, quantised, norms,
                        ),
                    };
                    changed |= !matches!(row, Row::Keep);
                    unit_norms[unit] = unit_norms[unit].saturating_add(norm);
                }
                if changed && end == stride {
                    let rows = &to_hidden[units.start * stride..units.end * stride];
                    kernel::transpose_rows(rows, stride, to_visible, columns, block);
                }
            }
        }
    }

    /// Changes every visible unit's bias by its sum, and finds the largest sum of magnitudes.
    fn apply_biases(&mut self, step: &Step, moving: bool, sum: &impl Fn(usize) -> i32) {
        let b = &mut self.buffers;
        let velocity = if moving {
            b.bias_velocity.as_mut()
        } else {
            Default::default()
        };
        let biases = b.bias.as_mut().iter_mut().zip(b.visible_bias.as_mut());
        self.largest_norm = 0;
        for (unit, ((bias, quantised), norm)) in biases.zip(b.unit_norms.as_ref()).enumerate() {
            *quantised = update_bias(step, sum(unit) as f32, velocity.get_mut(unit), bias);
            self.largest_norm = self
                .largest_norm
                .max(i32::from(*norm) + i32::from(quantised.abs()));
        }
    }
}

/// What happens to a row of weights.
enum Row {
    /// Nothing.
    Keep,
    /// It changes by its sums.
    Change,
    /// It changes by its wide sums.
    ChangeWide,
    /// It is quantised anew.
    Quantise,
}
