//! The visible layer as a list of groups: units that are drawn together.
//!
//! The first visible units are binary: each is a group of its own. Categorical groups follow, of which exactly one unit is
//! set (one-hot): given the hidden units, category k of a group is drawn with the probability of a softmax over the
//! fields of its units. Label units are one such group; a rating of one to five stars is a group of five.

use core::ops::Range;

use super::Shape;
use super::labels::{draw_label, set_units};
use crate::Error;
use crate::bits::{WORD, words};
use crate::error::{check_len, check_lens};
use crate::kernel;
use crate::rng::ChainRng;

/// The groups of a visible layer: the binary units, and where categorical groups begin. Borrows the list of their first units.
///
/// ```
/// use bitspin_core::rbm::{Groups, Shape};
/// // Four pixels, and a label of three classes.
/// let groups = Groups::new(Shape::new(7, 2)?, &[4])?;
/// assert_eq!((groups.binary(), groups.categorical()), (4, 1));
/// let mut visible = [0b0101];
/// groups.set(&mut visible, 0, 2);
/// assert_eq!((visible, groups.category(&visible, 0)), ([0b100_0101], Some(2)));
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a> {
    visible: usize,
    /// The first unit of every categorical group, ascending.
    starts: &'a [usize],
}

impl<'a> Groups<'a> {
    /// A visible layer whose categorical groups begin at `starts`, the last of which ends with the layer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `starts` ascend and lie within the layer: every group has a unit.
    pub fn new(shape: Shape, starts: &'a [usize]) -> Result<Self, Error> {
        let ascending = starts.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || starts.last().is_some_and(|&last| last >= shape.visible()) {
            return Err(Error::OutOfRange {
                what: "the first units of groups",
                expected: "ascending numbers of visible units",
            });
        }
        let visible = shape.visible();
        Ok(Self { visible, starts })
    }

    /// A visible layer of binary units alone.
    #[must_use]
    pub const fn all_binary(shape: Shape) -> Self {
        Self {
            visible: shape.visible(),
            starts: &[],
        }
    }

    /// Number of binary units.
    #[must_use]
    pub fn binary(&self) -> usize {
        self.starts.first().copied().unwrap_or(self.visible)
    }

    /// The first unit of every categorical group, ascending.
    #[must_use]
    pub fn starts(&self) -> &'a [usize] {
        self.starts
    }

    /// Number of categorical groups.
    #[must_use]
    pub fn categorical(&self) -> usize {
        self.starts.len()
    }

    /// The visible units of categorical group `group`; empty if there is no such group.
    #[must_use]
    pub fn units(&self, group: usize) -> Range<usize> {
        let start = |group: usize| self.starts.get(group).copied().unwrap_or(self.visible);
        start(group)..start(group + 1)
    }

    /// Number of visible units.
    #[must_use]
    pub fn visible(&self) -> usize {
        self.visible
    }

    /// Sets category `category` of a group in a packed visible vector, and clears the others.
    ///
    /// # Errors
    /// [`Error::Length`] if the vector is not of this layer, [`Error::OutOfRange`] if there is no such category.
    pub fn set(&self, visible: &mut [u64], group: usize, category: usize) -> Result<(), Error> {
        check_len("visible", words(self.visible), visible.len())?;
        let units = self.units(group);
        if category >= units.len() {
            return Err(Error::OutOfRange {
                what: "category",
                expected: "a category of the group",
            });
        }
        set_units(visible, units, category);
        Ok(())
    }

    /// The category that a packed visible vector has set in a group; `None` if none is.
    #[must_use]
    pub fn category(&self, visible: &[u64], group: usize) -> Option<usize> {
        let set = |unit: usize| {
            let word = visible.get(unit / WORD).copied().unwrap_or(0);
            word >> (unit % WORD) & 1 == 1
        };
        self.units(group).position(set)
    }

    /// Copies the binary units of a packed vector of [`Self::binary`] bits into a visible vector, and clears the rest.
    ///
    /// # Errors
    /// [`Error::Length`] if either vector has another length.
    pub fn set_binary(&self, visible: &mut [u64], binary: &[u64]) -> Result<(), Error> {
        check_lens(&[
            ("visible", words(self.visible), visible.len()),
            ("binary", words(self.binary()), binary.len()),
        ])?;
        let (first, rest) = visible.split_at_mut(binary.len());
        first.copy_from_slice(binary);
        rest.fill(0);
        Ok(())
    }

    /// Draws a visible vector from its fields of `fraction_bits` binary places. Binary units take two generator steps
    /// every 32 units, a categorical group one.
    pub(crate) fn sample(
        &self,
        fields: &[i16],
        fraction_bits: u32,
        rng: &mut ChainRng,
        visible: &mut [u64],
    ) {
        kernel::sample(fields, fraction_bits, self.binary(), rng, visible);
        self.sample_categories(fields, fraction_bits, rng, visible);
    }

    /// [`Self::sample`], and the sum over binary units of (target - probability)^2 in 2^-24.
    pub(crate) fn sample_with_error(
        &self,
        fields: &[i16],
        fraction_bits: u32,
        rng: &mut ChainRng,
        target: &[u64],
        visible: &mut [u64],
    ) -> u64 {
        let units = self.binary();
        let error = kernel::sample_with_error(fields, fraction_bits, units, rng, target, visible);
        self.sample_categories(fields, fraction_bits, rng, visible);
        error
    }

    fn sample_categories(
        &self,
        fields: &[i16],
        fraction_bits: u32,
        rng: &mut ChainRng,
        visible: &mut [u64],
    ) {
        for group in 0..self.categorical() {
            let fields = fields.get(self.units(group)).unwrap_or_default();
            let category = draw_label(fields, fraction_bits, rng);
            set_units(visible, self.units(group), category);
        }
    }
}
