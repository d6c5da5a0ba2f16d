//! Restricted Boltzmann machines: visible and hidden units in {0, 1}, and no couplings within a layer.
//!
//! E(v, h) = -v'Wh - b'v - c'h. Given one layer the units of the other are independent: unit `j` of the hidden layer
//! sees the field c_j + sum_i W_ji v_i and is set with probability sigmoid(field), and likewise the other way round.
//!
//! - [`CompactRbm`] is a model for flash: one matrix of small codes without padding. [`compact::RbmChain`] samples it, and
//!   [`compact::Learner`] trains one on a device.
//! - [`Rbm`] is a model for a desktop, over borrowed or owned storage; [`quantise`] makes its numbers from floats. It
//!   has the conditionals and Gibbs steps of many chains at once.
//! - [`ais`] estimates ln Z by annealed importance sampling from a base-rate model.
//! - [`labels`] turns an RBM into a classifier whose logits are energies.
//!
//! Rows of 16-bit numbers are padded; the strides of a [`Shape`] are their lengths.

pub mod ais;
pub mod compact;
mod energy;
mod gibbs;
mod groups;
pub mod labels;
mod model;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod train;
#[cfg(not(feature = "internals"))]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod train;

pub use compact::{CompactRbm, WeightFormat};
pub(crate) use energy::softplus;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub use gibbs::{ShardWeights, Weights};
#[cfg(not(feature = "internals"))]
pub(crate) use gibbs::{ShardWeights, Weights};
pub use groups::Groups;
pub use model::{Parameters, Quantised, Rbm, quantise};

use crate::Error;
use crate::bits::words;
use crate::kernel::padded;

/// Numbers of units, and the lengths of the buffers that follow from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    visible: usize,
    hidden: usize,
}

/// The most units that a layer may have.
pub const MAX_UNITS: usize = 1 << 16;

impl Shape {
    /// A model of so many visible and hidden units.
    ///
    /// # Errors
    /// [`Error::Empty`] if either number is zero, [`Error::OutOfRange`] above [`MAX_UNITS`].
    pub fn new(visible: usize, hidden: usize) -> Result<Self, Error> {
        for (what, units) in [("the visible layer", visible), ("the hidden layer", hidden)] {
            if units == 0 {
                return Err(Error::Empty { what });
            }
            if units > MAX_UNITS {
                return Err(Error::OutOfRange {
                    what,
                    expected: "at most 65536 units",
                });
            }
        }
        Ok(Self { visible, hidden })
    }

    /// Visible units.
    #[must_use]
    pub const fn visible(self) -> usize {
        self.visible
    }

    /// Hidden units.
    #[must_use]
    pub const fn hidden(self) -> usize {
        self.hidden
    }

    /// Words of a packed visible vector.
    #[must_use]
    pub const fn visible_words(self) -> usize {
        words(self.visible)
    }

    /// Words of a packed hidden vector.
    #[must_use]
    pub const fn hidden_words(self) -> usize {
        words(self.hidden)
    }

    /// Fields of the larger layer: what a chain of a [`CompactRbm`] needs room for.
    #[must_use]
    pub const fn fields_len(self) -> usize {
        if self.visible > self.hidden {
            self.visible
        } else {
            self.hidden
        }
    }

    /// Length of a padded row of visible units.
    #[must_use]
    pub const fn visible_stride(self) -> usize {
        padded(self.visible)
    }

    /// Length of a padded row of hidden units.
    #[must_use]
    pub const fn hidden_stride(self) -> usize {
        padded(self.hidden)
    }
}
