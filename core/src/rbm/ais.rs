//! Annealed importance sampling (AIS) from a base-rate model to an RBM, for estimates of ln Z, and [`tempering`] on the same
//! path.
//!
//! The base-rate model has the RBM's units, no weights, and visible biases a of its own; its ln Z is
//! sum_i ln(1 + e^a_i) + hidden ln 2 (of a categorical group, the logarithm of the sum of e^a_i). At inverse temperature b, 0 to 1, the model between is
//!
//! ln p*_b(v) = (1 - b) a'v + b b'v + sum_j softplus(b x_j(v)),
//!
//! x_j the model's hidden fields (Salakhutdinov and Murray, *On the quantitative analysis of deep belief networks*, 2008,
//! eq. 15 to 18, with hidden biases of zero in the base-rate model). Its conditionals are those of the model with hidden
//! fields b x and visible fields (1 - b) a + b y.
//!
//! A [`Beta`] is a whole number of 1/65,536, so that chains and their weights use exactly the same inverse temperature.
//! Fields are scaled by it in 32-bit integers and rounded to 10 or 11 binary places: an error of 2^-11 at most, or nothing
//! where b is 1. ln-weights are float64 sums whose error is below 2e-6 (ln 2) nat per hidden unit.

pub mod tempering;

use super::{Groups, Rbm, Shape};
use crate::Error;
use crate::bits::ones;
use crate::error::check_len;
use crate::fixed::MAX_FRACTION_BITS;
use crate::kernel::intermediate::{Panel, Scale, panel_sum, scale_fields};
use crate::kernel::{self, Rows};
use crate::rng::ChainRng;

/// An inverse temperature in 1/65,536.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beta(u32);

impl Beta {
    /// The base-rate model.
    pub const ZERO: Self = Self(0);
    /// The model.
    pub const ONE: Self = Self(1 << 16);

    /// Step `k` of `of` even ones, rounded; [`Beta::ONE`] from `of` on.
    ///
    /// ```
    /// use bitspin_core::rbm::ais::Beta;
    /// assert_eq!([0, 1, 2].map(|k| Beta::step(k, 2).real()), [0.0, 0.5, 1.0]);
    /// ```
    #[must_use]
    pub fn step(k: u32, of: u32) -> Self {
        if k >= of {
            return Self::ONE;
        }
        let (k, of) = (u64::from(k), u64::from(of));
        Self((((k << 16) + of / 2) / of) as u32)
    }

    /// The number that it stands for, exactly.
    #[must_use]
    pub fn real(self) -> f64 {
        f64::from(self.0) / 65_536.0
    }
}

/// Binary places of a base-rate model's biases.
pub const BASE_BITS: u32 = MAX_FRACTION_BITS;

/// The widest panel, as width times field, and so 6.8e-5 x 6 / 0.25 x 0.25^5, 1.6e-6 nat, a hidden unit from end to end.
const PANEL: f64 = 0.25;

/// A model and the base-rate model that annealing begins at.
#[derive(Clone, Copy, Debug)]
pub struct Annealing<'a, S> {
    model: &'a Rbm<S>,
    groups: Groups<'a>,
    base: &'a [i16],
    /// The largest magnitudes that fields can have, in the model's format: hidden, visible.
    hidden_limit: u32,
    visible_limit: u32,
    /// The largest magnitude of a base-rate bias.
    base_limit: u32,
}

impl<'a, S: AsRef<[i16]>> Annealing<'a, S> {
    /// `base` holds the base-rate model's visible biases with [`BASE_BITS`] binary places, one per visible unit.
    /// O(visible x hidden).
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one per visible unit.
    pub fn new(model: &'a Rbm<S>, base: &'a [i16]) -> Result<Self, Error> {
        Self::with_groups(model, Groups::all_binary(model.shape()), base)
    }

    /// [`Self::new`] for a model whose visible layer has such `groups`: of a categorical group one unit is set.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_groups(
        model: &'a Rbm<S>,
        groups: Groups<'a>,
        base: &'a [i16],
    ) -> Result<Self, Error> {
        check_len("the base-rate biases", model.shape().visible(), base.len())?;
        let (shape, buffers) = (model.shape(), model.buffers());
        let largest = |rows: &[i16], stride, bias: &[i16]| {
            let sum = |row: &[i16]| row.iter().map(|w| u32::from(w.unsigned_abs())).sum::<u32>();
            let units = rows.chunks_exact(stride).zip(bias);
            units
                .map(|(row, bias)| sum(row) + u32::from(bias.unsigned_abs()))
                .max()
                .unwrap_or(0)
        };
        Ok(Self {
            model,
            groups,
            base,
            hidden_limit: largest(
                buffers.to_visible,
                shape.visible_stride(),
                buffers.hidden_bias,
            ),
            visible_limit: largest(
                buffers.to_hidden,
                shape.hidden_stride(),
                buffers.visible_bias,
            ),
            base_limit: base
                .iter()
                .map(|a| u32::from(a.unsigned_abs()))
                .max()
                .unwrap_or(0),
        })
    }

    /// ln Z of the base-rate model in nats.
    #[must_use]
    pub fn base_ln_z(&self) -> f64 {
        let binary = self.base.iter().take(self.groups.binary());
        let mut visible: f64 = binary.map(|&a| super::softplus(base_bias(a))).sum();
        for group in 0..self.groups.categorical() {
            let biases = self.base.get(self.groups.units(group)).unwrap_or_default();
            let terms = biases.iter().map(|&a| libm::exp(base_bias(a)));
            visible += libm::log(terms.sum());
        }
        visible + self.model.shape().hidden() as f64 * core::f64::consts::LN_2
    }

    /// Binary places for fields that reach `limit` of the model's format and the base-rate biases at `beta`.
    ///
    /// With 11 places fields hold to 16, with 10 to 32, where a unit's other state is left with a chance of 1e-14, less
    /// than a decision resolves.
    fn places(&self, limit: u32, base_limit: u32, beta: Beta) -> u32 {
        let real = f64::from(limit) * self.model.real(1) * beta.real()
            + f64::from(base_limit) / 2048.0 * (1.0 - beta.real());
        if real < 15.99 || self.model.fraction_bits() == MAX_FRACTION_BITS {
            MAX_FRACTION_BITS
        } else {
            MAX_FRACTION_BITS - 1
        }
    }

    /// From the model's fields to those at `beta`, of so many binary places.
    fn scale(&self, beta: Beta, places: u32) -> Scale {
        Scale {
            factor: beta.0 as i32,
            shift: 16 + self.model.fraction_bits() - places,
        }
    }
}

/// The number that a base-rate bias stands for.
fn base_bias(a: i16) -> f64 {
    f64::from(a) / f64::from(1_u32 << BASE_BITS)
}

/// Chains that are annealed, over buffers of the caller's; the lengths are for one chain each.
#[derive(Debug)]
pub struct ChainsBuffers<'a> {
    /// Packed visible units: [visible words](Shape::visible_words).
    pub visible: &'a mut [u64],
    /// Room for the visible units of the step before: as many.
    pub previous: &'a mut [u64],
    /// Packed hidden units: [hidden words](Shape::hidden_words).
    pub hidden: &'a mut [u64],
    /// Room for the hidden units of the step before: as many.
    pub previous_hidden: &'a mut [u64],
    /// Fields of the model: a [hidden stride](Shape::hidden_stride).
    pub hidden_fields: &'a mut [i16],
    /// Fields of the model: a [visible stride](Shape::visible_stride).
    pub visible_fields: &'a mut [i16],
    /// A generator each.
    pub rngs: &'a mut [ChainRng],
    /// The logarithms of importance weights, in nats.
    pub ln_weights: &'a mut [f64],
    /// A row of fields at a temperature, for all chains together: the longer of the two strides.
    pub row: &'a mut [i16],
    /// The base-rate biases at a temperature, for all chains together: a visible stride.
    pub base_row: &'a mut [i16],
}

/// Chains on their way between the two models.
#[derive(Debug)]
pub struct Chains<'a, S> {
    annealing: &'a Annealing<'a, S>,
    buffers: ChainsBuffers<'a>,
    /// Whether the visible fields are those of the hidden units.
    fields_kept: bool,
}

impl<'a, S: AsRef<[i16]>> Chains<'a, S> {
    /// Takes buffers of chains, as many as there are generators. Start with [`Self::draw_base`] or [`Self::enter`].
    ///
    /// # Errors
    /// [`Error::Length`] naming a buffer of another length than [`ChainsBuffers`] states.
    pub fn new(annealing: &'a Annealing<'a, S>, buffers: ChainsBuffers<'a>) -> Result<Self, Error> {
        let (shape, chains) = (annealing.model.shape(), buffers.rngs.len());
        let (hidden_stride, visible_stride) = (shape.hidden_stride(), shape.visible_stride());
        let words = chains * shape.visible_words();
        let hidden_words = chains * shape.hidden_words();
        let b = &buffers;
        for (what, expected, found) in [
            ("visible", words, b.visible.len()),
            ("previous", words, b.previous.len()),
            ("hidden", hidden_words, b.hidden.len()),
            ("previous_hidden", hidden_words, b.previous_hidden.len()),
            (
                "hidden_fields",
                chains * hidden_stride,
                b.hidden_fields.len(),
            ),
            (
                "visible_fields",
                chains * visible_stride,
                b.visible_fields.len(),
            ),
            ("ln_weights", chains, b.ln_weights.len()),
            ("row", hidden_stride.max(visible_stride), b.row.len()),
            ("base_row", visible_stride, b.base_row.len()),
        ] {
            check_len(what, expected, found)?;
        }
        Ok(Self {
            annealing,
            buffers,
            fields_kept: false,
        })
    }

    /// The packed visible units, chain after chain.
    #[must_use]
    pub fn visible(&self) -> &[u64] {
        self.buffers.visible
    }

    /// The hidden fields of the visible units, chain after chain.
    #[must_use]
    pub fn hidden_fields(&self) -> &[i16] {
        self.buffers.hidden_fields
    }

    /// Number of chains.
    #[must_use]
    pub fn count(&self) -> usize {
        self.buffers.rngs.len()
    }

    /// Starts every chain at a sample of the base-rate model, with a weight of 1.
    pub fn draw_base(&mut self) {
        let shape = self.shape();
        let b = &mut self.buffers;
        b.base_row.fill(0);
        for (row, a) in b.base_row.iter_mut().zip(self.annealing.base) {
            *row = *a;
        }
        let chains = b.visible.chunks_exact_mut(shape.visible_words());
        for (visible, rng) in chains.zip(&mut *b.rngs) {
            let groups = &self.annealing.groups;
            groups.sample(b.base_row, BASE_BITS, rng, visible);
        }
        self.begin();
    }

    /// Starts every chain at the visible units given, with a weight of 1.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are [visible words](Shape::visible_words) a chain.
    pub fn enter(&mut self, visible: &[u64]) -> Result<(), Error> {
        check_len("visible", self.buffers.visible.len(), visible.len())?;
        self.buffers.visible.copy_from_slice(visible);
        self.begin();
        Ok(())
    }

    fn begin(&mut self) {
        let b = &mut self.buffers;
        b.ln_weights.fill(0.0);
        self.annealing
            .model
            .weights()
            .hidden_fields(b.visible, b.hidden_fields);
        self.fields_kept = false;
    }

    /// Adds ln p*_to(v) - ln p*_from(v) to every chain's weight. A chain costs 32 operations every 16 hidden units for
    /// each panel, of which there is one unless the temperatures lie far apart.
    pub fn weigh(&mut self, from: Beta, to: Beta) {
        let shape = self.shape();
        let model = self.annealing.model;
        let width = to.real() - from.real();
        let unit = model.real(1);
        let reach = libm::fabs(width) * f64::from(self.annealing.hidden_limit) * unit;
        let panels = (libm::ceil(reach / PANEL) as u32).max(1);
        let panel_width = width / f64::from(panels);
        let b = &mut self.buffers;
        let chains = (b.visible.chunks_exact(shape.visible_words()))
            .zip(b.hidden_fields.chunks_exact(shape.hidden_stride()));
        for (ln_weight, (visible, fields)) in b.ln_weights.iter_mut().zip(chains) {
            let mut slope = linear(model, self.annealing.base, visible) * width;
            for at in 0..panels {
                let sum = panel_sum(
                    fields,
                    &Panel {
                        step: unit as f32,
                        middle: (from.real() + panel_width * (f64::from(at) + 0.5)) as f32,
                        curvature: (panel_width * panel_width / 24.0) as f32,
                    },
                );
                slope += panel_width * (sum.above as f64 * unit - sum.below);
            }
            *ln_weight += slope;
        }
    }

    /// One Gibbs step of every chain at `beta`: h given v, then v given h, which leaves p_beta(v) as it is and is its own
    /// reversal. Adds a row for every hidden unit set or changed, and one for every visible unit set or changed.
    pub fn step(&mut self, beta: Beta) {
        self.draw_hidden(beta);
        self.update_visible_fields();
        self.draw_visible(beta);
        let b = &mut self.buffers;
        let weights = self.annealing.model.weights();
        weights.move_hidden_fields(b.previous, b.visible, b.hidden_fields);
    }

    fn draw_hidden(&mut self, beta: Beta) {
        let (annealing, shape) = (self.annealing, self.shape());
        let places = annealing.places(annealing.hidden_limit, 0, beta);
        let scale = annealing.scale(beta, places);
        let b = &mut self.buffers;
        b.previous_hidden.copy_from_slice(b.hidden);
        let row = &mut b.row[..shape.hidden_stride()];
        let chains = (b.hidden_fields.chunks_exact(shape.hidden_stride()))
            .zip(b.hidden.chunks_exact_mut(shape.hidden_words()));
        for ((fields, hidden), rng) in chains.zip(&mut *b.rngs) {
            scale_fields(fields, scale, &[], row);
            kernel::sample(row, places, shape.hidden(), rng, hidden);
        }
    }

    /// The visible fields of the hidden units: from those of the step before where fewer units changed than are set.
    fn update_visible_fields(&mut self) {
        let shape = self.shape();
        let weights = self.annealing.model.weights();
        let b = &mut self.buffers;
        let set: u32 = b.hidden.iter().map(|word| word.count_ones()).sum();
        if self.fields_kept && crate::bits::hamming(b.previous_hidden, b.hidden) < set {
            let rows = Rows {
                weights: weights.shard().to_visible(),
                stride: shape.visible_stride(),
                width: shape.visible(),
            };
            let words = shape.hidden_words();
            kernel::add_changed_rows(&rows, words, b.previous_hidden, b.hidden, b.visible_fields);
        } else {
            weights.visible_fields(b.hidden, b.visible_fields);
        }
        self.fields_kept = true;
    }

    fn draw_visible(&mut self, beta: Beta) {
        let (annealing, shape) = (self.annealing, self.shape());
        let places = annealing.places(annealing.visible_limit, annealing.base_limit, beta);
        let scale = annealing.scale(beta, places);
        let b = &mut self.buffers;
        b.previous.copy_from_slice(b.visible);
        let left = i64::from(Beta::ONE.0 - beta.0);
        let shift = 16 + BASE_BITS - places;
        for (row, &a) in b.base_row.iter_mut().zip(annealing.base) {
            *row = ((i64::from(a) * left + (1 << (shift - 1))) >> shift) as i16;
        }
        let row = &mut b.row[..shape.visible_stride()];
        let chains = (b.visible_fields.chunks_exact(shape.visible_stride()))
            .zip(b.visible.chunks_exact_mut(shape.visible_words()));
        for ((fields, visible), rng) in chains.zip(&mut *b.rngs) {
            scale_fields(fields, scale, b.base_row, row);
            annealing.groups.sample(row, places, rng, visible);
        }
    }

    fn shape(&self) -> Shape {
        self.annealing.model.shape()
    }
}

/// (b - a)'v in nats.
fn linear<S: AsRef<[i16]>>(model: &Rbm<S>, base: &[i16], visible: &[u64]) -> f64 {
    let bias = model.buffers().visible_bias;
    let (mut of_model, mut of_base) = (0_i64, 0_i64);
    for i in ones(visible) {
        of_model += bias.get(i).map_or(0, |&b| i64::from(b));
        of_base += base.get(i).map_or(0, |&a| i64::from(a));
    }
    model.real(of_model) - of_base as f64 / f64::from(1_u32 << BASE_BITS)
}
