//! Exact results for small models, by enumerating the states of one layer.
//!
//! Given one layer of a restricted Boltzmann machine the other is summed in closed form,
//! ln sum_u exp(-E(s, u)) = a's + sum_i ln(1 + exp(x_i(s))), where s is a state of the *enumerated* layer with biases
//! a, and x_i(s) the field of unit i of the *summed* layer. So 2^n terms give ln Z, where n is the number of units of
//! the smaller layer, at most [`MAX_UNITS`]. All of it is float64, from the float parameters (not the quantised ones).
//!
//! # How it is fast
//! States follow each other in Gray-code order: one unit flips, and every e^(x_i) is multiplied by e^(+-w), from a
//! table. The sum of logarithms is the logarithm of a product of 1 + e^(x_i), whose exponents are taken out before they
//! can overflow. A state costs two multiplications and an addition per summed unit, a logarithm and an exponential:
//! some 2^20 states of 784 units in a tenth of a second. Every [`RESYNC`] states the fields are computed afresh, which
//! bounds what rounding adds up to. Where a field could pass [`FIELD_LIMIT`], whose exponential is near the end of
//! float64, the fields themselves are added up instead: one exponential a unit, some ten times slower.
//!
//! # Parts
//! The states fall into [`Enumeration::parts`] parts, by their topmost units. The number of parts belongs to the model,
//! not to the computer: summing the parts in any threads and [merging](LogSum::merge) them in order gives the same bits.
//!
//! # Ising models
//! [`IsingEnumeration`] enumerates all states of a fully visible model of at most [`MAX_UNITS`] spins.
//!
//! # Numbers of states
//! Bit `k` of a state's number is unit `k`.
//!
//! ```
//! use bitspin_core::exact::{Enumeration, Layer};
//! use bitspin_core::rbm::{Parameters, Shape};
//!
//! let shape = Shape::new(3, 1)?;
//! let parameters = Parameters { shape, w: &[0.0; 3], visible_bias: &[0.0; 3], hidden_bias: &[0.0] };
//! let layer = Layer::smaller(shape);
//! let mut table = vec![0.0; layer.table_len(shape)?];
//! let exact = Enumeration::new(parameters, layer, &mut table)?;
//! let mut fields = vec![0.0; exact.fields_len()];
//! assert!((exact.ln_z(&mut fields)? - 4.0 * std::f64::consts::LN_2).abs() < 1e-15);
//! # Ok::<(), bitspin_core::Error>(())
//! ```

mod grid;
mod ising;
mod layer;
mod log_sum;
mod moments;
mod probability;
mod product;
mod walk;

pub use ising::{IsingEnumeration, Means, Partition};
pub use layer::Layer;
pub use log_sum::LogSum;
pub use moments::MomentsBuffers;
pub use probability::{free_energy, ln_probability};
pub use walk::RESYNC;

use crate::Error;
use crate::error::check_len;
use crate::rbm::Parameters;
use layer::View;
use product::Scale;

/// The most units of an enumerated layer: 2^24 states.
pub const MAX_UNITS: usize = 24;

/// The largest magnitude of a field, in nats, up to which its exponential is carried from state to state.
pub const FIELD_LIMIT: f64 = 600.0;

/// The parts that a large enumeration falls into: 2^6.
const PART_BITS: usize = 6;

/// A model prepared for enumerating one of its layers.
#[derive(Clone, Copy, Debug)]
pub struct Enumeration<'a> {
    parameters: Parameters<'a>,
    layer: Layer,
    view: View<'a>,
    scale: Scale,
    /// For every enumerated unit what setting and what clearing it does to the summed layer, and a row that does
    /// nothing: \[2 units + 1\]\[stride\]. Factors of e^x, or terms of x, as the scale says.
    table: &'a [f64],
    error_bound: f64,
}

impl<'a> Enumeration<'a> {
    /// Prepares the enumeration of `layer`. `table` is room for [`Layer::table_len`] numbers, and is filled here.
    /// O(visible x hidden) exponentials.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the layer has more than [`MAX_UNITS`] units (take [`Layer::smaller`]); what
    /// [`Parameters::check`] finds; [`Error::Length`] if `table` has another length.
    pub fn new(
        parameters: Parameters<'a>,
        layer: Layer,
        table: &'a mut [f64],
    ) -> Result<Self, Error> {
        check_len("table", layer.table_len(parameters.shape)?, table.len())?;
        parameters.check()?;
        let view = View::new(&parameters, layer);
        let scale = Scale::of(view.largest_field());
        for (k, rows) in table.chunks_exact_mut(2 * view.stride).enumerate() {
            let (setting, clearing) = rows.split_at_mut(view.stride);
            scale.fill_row(view.weights(k), 1.0, setting);
            scale.fill_row(view.weights(k), -1.0, clearing);
        }
        scale.fill_row(
            [].into_iter(),
            1.0,
            &mut table[2 * view.units() * view.stride..],
        );
        Ok(Self {
            parameters,
            layer,
            view,
            scale,
            table,
            error_bound: 3e-11 + 4e-13 * view.summed() as f64 + 1.2e-13 * view.sum_of_magnitudes(),
        })
    }

    /// The enumerated layer.
    #[must_use]
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// The parameters that were given.
    #[must_use]
    pub fn parameters(&self) -> &Parameters<'a> {
        &self.parameters
    }

    /// Number of states, 2^units.
    #[must_use]
    pub fn states(&self) -> usize {
        1 << self.view.units()
    }

    /// Number of parts that the states fall into: 2^6, or fewer if there are fewer states.
    #[must_use]
    pub fn parts(&self) -> usize {
        1 << self.view.units().min(PART_BITS)
    }

    /// Length of the `fields` that walking through states needs: the summed layer, padded.
    #[must_use]
    pub fn fields_len(&self) -> usize {
        self.view.stride
    }

    /// The largest error of ln Z and of the ln weight of any state, in nats:
    /// 3e-11 + 4e-13 N + 1.2e-13 M for N summed units and parameters whose magnitudes sum to M.
    ///
    /// Rounding in the worst case, one sign throughout: [`RESYNC`] products of relative error 3 x 2^-53 each for every
    /// summed unit, as many sums for the fields and biases, and 2^18 terms a part. Errors seen are a thousandth of it.
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        self.error_bound
    }

    /// ln of the sum over a part's states of their weights, sum_u exp(-E(s, u)). O(states of the part x summed units).
    /// `fields` is room for [`Self::fields_len`] numbers; what it holds before and after has no meaning.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `part` is not below [`Self::parts`]; [`Error::Length`] for `fields` of another length.
    pub fn ln_sum_of_part(&self, part: usize, fields: &mut [f64]) -> Result<LogSum, Error> {
        if part >= self.parts() {
            return Err(Error::OutOfRange {
                what: "part",
                expected: "a number below that of parts",
            });
        }
        check_len("fields", self.fields_len(), fields.len())?;
        let mut sum = LogSum::EMPTY;
        self.walk(part, fields, |state, _| sum.add(state.ln_weight));
        Ok(sum)
    }

    /// ln Z in nats, within [`Self::error_bound`]. O(2^units x summed units).
    ///
    /// # Errors
    /// [`Error::Length`] for `fields` of another length than [`Self::fields_len`].
    pub fn ln_z(&self, fields: &mut [f64]) -> Result<f64, Error> {
        Ok(self.ln_sum(fields)?.value())
    }

    /// Z, of which shares are taken.
    fn ln_sum(&self, fields: &mut [f64]) -> Result<LogSum, Error> {
        let mut sum = LogSum::EMPTY;
        for part in 0..self.parts() {
            sum.merge(self.ln_sum_of_part(part, fields)?);
        }
        Ok(sum)
    }
}
