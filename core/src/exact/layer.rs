//! The two layers as the enumerated and the summed one.

use super::MAX_UNITS;
use super::product::LANES;
use crate::Error;
use crate::rbm::{Parameters, Shape};

/// Which layer's states are enumerated; the other one is summed in closed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Enumerate visible states: gives p(v).
    Visible,
    /// Enumerate hidden states: gives p(h).
    Hidden,
}

impl Layer {
    /// The layer with fewer units; of equal ones the visible.
    #[must_use]
    pub fn smaller(shape: Shape) -> Self {
        if shape.visible() <= shape.hidden() {
            Self::Visible
        } else {
            Self::Hidden
        }
    }

    /// Number of its units.
    #[must_use]
    pub fn units(self, shape: Shape) -> usize {
        match self {
            Self::Visible => shape.visible(),
            Self::Hidden => shape.hidden(),
        }
    }

    /// The other layer.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Visible => Self::Hidden,
            Self::Hidden => Self::Visible,
        }
    }

    /// Length of the table that enumerating this layer needs.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if it has more than [`MAX_UNITS`] units.
    pub fn table_len(self, shape: Shape) -> Result<usize, Error> {
        let units = self.units(shape);
        if units > MAX_UNITS {
            return Err(Error::OutOfRange {
                what: match self {
                    Self::Visible => "the number of visible units to enumerate",
                    Self::Hidden => "the number of hidden units to enumerate",
                },
                expected: "at most 24",
            });
        }
        Ok((2 * units + 1) * padded(self.other().units(shape)))
    }
}

fn padded(units: usize) -> usize {
    units.next_multiple_of(LANES)
}

/// Checked parameters, seen from the enumerated layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    w: &'a [f32],
    /// Distances in `w` from an enumerated unit to the next, and from a summed one to the next.
    steps: (usize, usize),
    /// One number per enumerated unit.
    pub(super) bias: &'a [f32],
    /// One number per summed unit.
    pub(super) summed_bias: &'a [f32],
    /// Padded number of summed units.
    pub(super) stride: usize,
}

impl<'a> View<'a> {
    pub(super) fn new(parameters: &Parameters<'a>, layer: Layer) -> Self {
        let visible = parameters.shape.visible();
        let (steps, bias, summed_bias) = match layer {
            Layer::Visible => (
                (1, visible),
                parameters.visible_bias,
                parameters.hidden_bias,
            ),
            Layer::Hidden => (
                (visible, 1),
                parameters.hidden_bias,
                parameters.visible_bias,
            ),
        };
        Self {
            w: parameters.w,
            steps,
            bias,
            summed_bias,
            stride: padded(summed_bias.len()),
        }
    }

    /// Number of enumerated units.
    pub(super) fn units(&self) -> usize {
        self.bias.len()
    }

    /// Number of summed units.
    pub(super) fn summed(&self) -> usize {
        self.summed_bias.len()
    }

    /// The weights from enumerated unit `k` to each summed unit.
    pub(super) fn weights(&self, k: usize) -> impl Iterator<Item = f64> + 'a {
        let (across, along) = self.steps;
        let row = self.w.get(k * across..).unwrap_or_default();
        row.iter()
            .step_by(along)
            .take(self.summed())
            .map(|&w| f64::from(w))
    }

    /// Where the weight between enumerated unit `k` and summed unit `i` is in a \[hidden\]\[visible\] matrix.
    pub(super) fn index(&self, k: usize, i: usize) -> usize {
        k * self.steps.0 + i * self.steps.1
    }

    /// The largest magnitude that a summed unit's field can have in any state, |bias| + sum of |weights|, or more.
    pub(super) fn largest_field(&self) -> f64 {
        let (across, along) = self.steps;
        let mut largest = 0.0_f64;
        for (i, bias) in self.summed_bias.iter().enumerate() {
            let column = self.w.iter().skip(i * along).step_by(across);
            let sum: f64 = column.take(self.units()).map(|&w| f64::from(w.abs())).sum();
            largest = largest.max(sum + f64::from(bias.abs()));
        }
        largest
    }

    /// The sum of the magnitudes of all parameters.
    pub(super) fn sum_of_magnitudes(&self) -> f64 {
        let all = self.w.iter().chain(self.bias).chain(self.summed_bias);
        all.map(|value| f64::from(value.abs())).sum()
    }
}
