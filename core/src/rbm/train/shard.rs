//! The parameters of a range of hidden units, and their update.

use super::super::{Shape, ShardWeights};
use super::rate::{LearningRate, NARROW, shrink, update_bias};
use super::{Centring, Evidence};
use crate::Error;
use crate::bits::WORD;
use crate::fixed::{norms_fit, scale};
use crate::kernel::{self, LANES, Step, padded};

/// Bytes of evidence that a panel of hidden units may read, so that they stay in a second-level cache while the panel's
/// weights are updated.
const PANEL_CACHE: usize = 512 * 1024;

/// Hidden units of the smallest panel.
const MIN_PANEL: usize = 128;

/// Visible units whose rows are updated before they are written as columns.
const BLOCK: usize = 32;

/// The buffers of a [`Shard`] of `units` hidden units; `stride` is that number padded. The velocities are empty where
/// there is no momentum.
#[derive(Clone, Debug, Default)]
pub struct ShardBuffers<F, Q> {
    /// \[visible\]\[stride\]: the float weights, zero in the padding.
    pub weights: F,
    /// \[visible\]\[stride\], or empty.
    pub velocity: F,
    /// \[units\]: the float biases.
    pub bias: F,
    /// \[units\], or empty.
    pub bias_velocity: F,
    /// \[visible\]\[stride\]: the quantised weights.
    pub to_hidden: Q,
    /// \[units\]\[visible stride\]: the same, transposed.
    pub to_visible: Q,
    /// \[stride\]: the quantised biases, zero in the padding.
    pub hidden_bias: Q,
    /// \[stride\]: for every hidden unit, the sum of magnitudes of its quantised weights, held to 65,535, as bits of a `u16`.
    pub hidden_norms: Q,
    /// \[visible\]: for every visible unit, the sum of magnitudes of its quantised weights in the shard, held to 32,767.
    pub visible_norms: Q,
    /// \[stride\]: room for a row of sums.
    pub sums: Q,
    /// \[stride\]: room for a row of the sums of many places.
    pub wide_sums: F,
}

/// The parameters of the hidden units `first..first + units`, float and quantised.
#[derive(Clone, Debug)]
pub struct Shard<F, Q> {
    shape: Shape,
    first: usize,
    units: usize,
    buffers: ShardBuffers<F, Q>,
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
    /// `first` is not a multiple of 64 or the range does not lie within the hidden layer.
    pub fn new(
        shape: Shape,
        first: usize,
        units: usize,
        buffers: ShardBuffers<F, Q>,
    ) -> Result<Self, Error> {
        if !first.is_multiple_of(WORD) || units == 0 || first + units > shape.hidden() {
            return Err(Error::OutOfRange {
                what: "shard",
                expected: "hidden units from a multiple of 64 on",
            });
        }
        let stride = padded(units);
        let (visible, rows) = (shape.visible(), shape.visible() * stride);
        let b = &buffers;
        let (velocity, bias_velocity) = (b.velocity.as_ref().len(), b.bias_velocity.as_ref().len());
        let moving = |found: usize, length: usize| if found == 0 { 0 } else { length };
        Error::check_lengths(&[
            ("weights", b.weights.as_ref().len(), rows),
            ("velocity", velocity, moving(velocity, rows)),
            ("bias", b.bias.as_ref().len(), units),
            ("bias_velocity", bias_velocity, moving(bias_velocity, units)),
            ("to_hidden", b.to_hidden.as_ref().len(), rows),
            (
                "to_visible",
                b.to_visible.as_ref().len(),
                units * shape.visible_stride(),
            ),
            ("hidden_bias", b.hidden_bias.as_ref().len(), stride),
            ("hidden_norms", b.hidden_norms.as_ref().len(), stride),
            ("visible_norms", b.visible_norms.as_ref().len(), visible),
            ("sums", b.sums.as_ref().len(), stride),
            ("wide_sums", b.wide_sums.as_ref().len(), stride),
        ])?;
        Ok(Self {
            shape,
            first,
            units,
            buffers,
        })
    }

    /// The first hidden unit.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// Number of hidden units.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// \[visible\]\[padded units\]: the float weights.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        self.buffers.weights.as_ref()
    }

    /// \[units\]: the float biases.
    #[must_use]
    pub fn bias(&self) -> &[f32] {
        self.buffers.bias.as_ref()
    }

    /// \[visible\]\[padded units\]: the velocities of the weights; empty where there is no momentum.
    #[must_use]
    pub fn velocity(&self) -> &[f32] {
        self.buffers.velocity.as_ref()
    }

    /// \[units\]: the velocities of the biases; empty where there is no momentum.
    #[must_use]
    pub fn bias_velocity(&self) -> &[f32] {
        self.buffers.bias_velocity.as_ref()
    }

    /// The quantised weights, for sampling.
    #[must_use]
    pub fn quantised(&self) -> ShardWeights<'_> {
        ShardWeights {
            shape: self.shape,
            units: self.units,
            to_hidden: self.buffers.to_hidden.as_ref(),
            to_visible: self.buffers.to_visible.as_ref(),
            hidden_bias: self.buffers.hidden_bias.as_ref(),
        }
    }

    /// Whether every hidden unit's field is in range, whatever the visible units are; see
    /// [`no_overflow`](crate::fixed::no_overflow).
    #[must_use]
    pub fn hidden_fields_fit(&self) -> bool {
        let b = &self.buffers;
        norms_fit(b.hidden_norms.as_ref(), b.hidden_bias.as_ref())
    }

    /// \[visible\]: for every visible unit, the shard's share of the sum of magnitudes; see
    /// [`VisibleBias::fields_fit`](super::VisibleBias::fields_fit).
    #[must_use]
    pub fn visible_norms(&self) -> &[i16] {
        self.buffers.visible_norms.as_ref()
    }

    /// Quantises all float parameters to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        let nothing = Step {
            rate: 0.0,
            keep: 1.0,
            momentum: 1.0,
            scale: scale(fraction_bits),
        };
        // Norms change by what the quantised weights do.
        self.buffers.to_hidden.as_mut().fill(0);
        self.buffers.hidden_norms.as_mut().fill(0);
        self.apply(&nothing, 0.0, usize::MAX, &mut |_, _, sums, _| {
            sums.fill(0);
            Row::Quantise
        });
        let b = &mut self.buffers;
        for (bias, quantised) in b.bias.as_mut().iter_mut().zip(b.hidden_bias.as_mut()) {
            *quantised = update_bias(&nothing, 0.0, None, bias);
        }
    }

    /// Changes the parameters by the evidence of a minibatch of `places` places, and quantises them to
    /// `fraction_bits`.
    ///
    /// One row addition a visible unit and place where the datum or the chain has it set, then one pass over the weights
    /// of those units; the others stay as they are unless weights decay or have a velocity.
    pub fn update<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        self.update_by(evidence, places, rate, fraction_bits, None);
    }

    /// [`Self::update`] by the [centred](Centring) gradient; `centring` holds the shard's means. All visible units of a mean
    /// that is not zero change with every minibatch. What [`VisibleBias::update_centred`](super::VisibleBias::update_centred)
    /// needs of the shard is in [`Centring::shares`] afterwards.
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of the centring that has another length than it states.
    pub fn update_centred<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        centring: &mut Centring<'_>,
    ) -> Result<(), Error> {
        centring.check(self.shape, self.units)?;
        self.update_by(evidence, places, rate, fraction_bits, Some(centring));
        Ok(())
    }

    fn update_by<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        mut centring: Option<&mut Centring<'_>>,
    ) {
        if let Some(centring) = &mut centring {
            let (units, sums) = (self.units, self.buffers.sums.as_mut());
            centring.begin(evidence.clone(), places, units, sums);
        }
        let step = rate.step(places, 256.0, fraction_bits);
        let shrinkage = rate.shrinkage();
        let always = !step.leaves_zero_gradients()
            || shrinkage != 0.0
            || !self.buffers.velocity.as_ref().is_empty();
        let narrow = places <= NARROW;
        let stride = padded(self.units);
        let rows: usize = evidence
            .clone()
            .map(|group| group.table().len() / stride)
            .sum();
        let panel = PANEL_CACHE / (size_of::<i16>() * rows.max(1));
        let panel = (panel / LANES * LANES).max(MIN_PANEL);
        self.apply(
            &step,
            shrinkage,
            panel,
            &mut |unit, column, sums, wide_sums| {
                let mut touched = false;
                let mut difference = 0;
                sums.fill(0);
                for group in evidence.clone() {
                    let (before, after) = group.columns(unit);
                    if before | after == 0 {
                        continue;
                    }
                    if !narrow && !touched {
                        wide_sums.fill(0.0);
                    }
                    touched = true;
                    difference += group.difference(unit);
                    kernel::correlate(group.table(), stride, column, before, after, sums);
                    if !narrow {
                        if let Some(centring) = &mut centring {
                            centring.share(unit, column, sums);
                        }
                        kernel::widen(sums, wide_sums);
                        sums.fill(0);
                    }
                }
                if let Some(centring) = &mut centring {
                    if !(touched || always || centring.always(unit)) {
                        return Row::Keep;
                    }
                    if narrow || !touched {
                        wide_sums.fill(0.0);
                    }
                    if narrow && touched {
                        centring.share(unit, column, sums);
                        kernel::widen(sums, wide_sums);
                    }
                    centring.centre(unit, column, difference, wide_sums);
                    return Row::ChangeWide;
                }
                match (touched || always, narrow) {
                    (false, _) => Row::Keep,
                    (true, true) => Row::Change,
                    (true, false) if !touched => {
                        wide_sums.fill(0.0);
                        Row::ChangeWide
                    }
                    (true, false) => Row::ChangeWide,
                }
            },
        );
        match centring {
            Some(centring) => {
                self.update_biases_centred(evidence, places, rate, fraction_bits, centring);
            }
            None => self.update_biases(evidence, places, rate, fraction_bits),
        }
    }

    /// Changes the biases by their centred gradient.
    fn update_biases_centred<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
        centring: &Centring<'_>,
    ) {
        let step = rate.bias_step(places, 256.0, fraction_bits);
        let (mut squares, mut products) = (0.0, 0.0);
        for (unit, mean) in centring.visible_means.iter().enumerate() {
            let difference: i32 = evidence.clone().map(|group| group.difference(unit)).sum();
            squares += mean * mean;
            products += mean * difference as f32;
        }
        let b = &mut self.buffers;
        let (sums, penalty) = (b.sums.as_mut(), b.wide_sums.as_mut());
        penalty.fill(0.0);
        rate.sparsity.add(evidence, places, sums, penalty);
        let velocity = b.bias_velocity.as_mut();
        let biases = b.bias.as_mut().iter_mut().zip(b.hidden_bias.as_mut());
        for (j, ((bias, quantised), penalty)) in biases.zip(penalty).enumerate() {
            let sum = centring.of_hidden_bias(j, squares, products) + *penalty;
            *quantised = update_bias(&step, sum, velocity.get_mut(j), bias);
        }
    }

    /// Changes the biases by the sums over all places.
    fn update_biases<'e>(
        &mut self,
        evidence: impl Iterator<Item = Evidence<'e>> + Clone,
        places: usize,
        rate: &LearningRate,
        fraction_bits: u32,
    ) {
        let step = rate.bias_step(places, 256.0, fraction_bits);
        let b = &mut self.buffers;
        let (sums, wide_sums) = (b.sums.as_mut(), b.wide_sums.as_mut());
        let stride = sums.len();
        wide_sums.fill(0.0);
        for group in evidence.clone() {
            let all = u64::MAX >> (WORD - group.places());
            sums.fill(0);
            kernel::correlate(group.table(), stride, 0, all, all, sums);
            kernel::widen(sums, wide_sums);
        }
        rate.sparsity.add(evidence, places, sums, wide_sums);
        let velocity = b.bias_velocity.as_mut();
        let biases = b.bias.as_mut().iter_mut().zip(b.hidden_bias.as_mut());
        for (j, ((bias, quantised), sum)) in biases.zip(wide_sums).enumerate() {
            *quantised = update_bias(&step, *sum, velocity.get_mut(j), bias);
        }
    }

    /// Walks over all weights, a panel of hidden units at a time: `gradient(unit, first hidden unit, sums, wide sums)`
    /// says what happens to a visible unit's weights and fills its sums.
    fn apply(
        &mut self,
        step: &Step,
        shrinkage: f32,
        panel: usize,
        gradient: &mut impl FnMut(usize, usize, &mut [i16], &mut [f32]) -> Row,
    ) {
        let (stride, columns) = (padded(self.units), self.shape.visible_stride());
        let width = self.units.next_multiple_of(LANES);
        let visible = self.shape.visible();
        let b = &mut self.buffers;
        let (weights, velocity) = (b.weights.as_mut(), b.velocity.as_mut());
        let (to_hidden, to_visible) = (b.to_hidden.as_mut(), b.to_visible.as_mut());
        let (hidden_norms, visible_norms) = (b.hidden_norms.as_mut(), b.visible_norms.as_mut());
        let (sums, wide_sums) = (b.sums.as_mut(), b.wide_sums.as_mut());
        for column in (0..width).step_by(panel) {
            let end = column.saturating_add(panel).min(width);
            let (sums, wide_sums) = (&mut sums[column..end], &mut wide_sums[column..end]);
            let norms = &mut hidden_norms[column..end];
            for block in (0..visible).step_by(BLOCK) {
                let units = block..(block + BLOCK).min(visible);
                let mut changed = false;
                for unit in units.clone() {
                    let row = gradient(unit, column, sums, wide_sums);
                    if matches!(row, Row::Keep) {
                        continue;
                    }
                    changed = true;
                    let part = unit * stride + column..unit * stride + end;
                    let quantised = &mut to_hidden[part.clone()];
                    let velocity = match row {
                        Row::Quantise => Default::default(),
                        _ => velocity.get_mut(part.clone()).unwrap_or_default(),
                    };
                    let weights = &mut weights[part];
                    if shrinkage != 0.0 {
                        shrink(weights, shrinkage);
                    }
                    let norm = match row {
                        Row::ChangeWide => kernel::update_wide(
                            step, wide_sums, velocity, weights, quantised, norms,
                        ),
                        _ => kernel::update(step, sums, velocity, weights, quantised, norms),
                    };
                    let before = if column == 0 { 0 } else { visible_norms[unit] };
                    visible_norms[unit] = before.saturating_add(norm);
                }
                if changed && end == width {
                    let rows = &to_hidden[units.start * stride..units.end * stride];
                    kernel::transpose_rows(rows, stride, to_visible, columns, block);
                }
            }
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
