//! The pseudo-log-likelihood over all units: how well each pixel follows from the others.
//!
//! ln p(v_i | other units) = ln sigmoid(F(v with unit i flipped) - F(v)), summed over i (Besag 1975). With p_j the
//! probability of hidden unit j given v and q_j = 1 - p_j, flipping unit i changes the sum over j of ln(1 + e^field) by
//!
//! - sum_j ln(q_j + p_j e^(w_ji)) where unit i becomes set,
//! - sum_j ln(q_j + p_j e^(-w_ji)) = sum_j ln(p_j + q_j e^(w_ji)) - sum_j w_ji where it is cleared.
//!
//! The sums are logarithms of products whose terms are positive, so nothing cancels however large the weights. A factor
//! lies between 1 and e^(+-w), which says how many of them a float64 holds before a logarithm must be taken.

use bitspin_core::Error;
use bitspin_core::kernel::softplus::{
    self, Given, LANES, NEVER, TILE, exponentials, ln_products, probabilities,
};

use super::fields::{FieldTable, TILE as HIDDEN_TILE};
use super::{check_units, over_blocks};
use crate::BitMatrix;
use crate::aligned::Aligned;
use crate::engine::parameters;
use crate::model_file::RbmParameters;

/// The largest |ln| of a product; e^-708 is the smallest normal float64.
const PRODUCT_LIMIT: f64 = 700.0;
/// The largest |w| whose exponential serves.
const WEIGHT_LIMIT: f64 = 600.0;

/// The mean over images of sum_i ln p(v_i | other units), over all units, in nats per image.
///
/// O(visible x hidden) per image, five operations on vectors of 8 for every 8 weights. Error at most 2 x visible times
/// that of a free energy (see [`free_energies`](super::free_energies)).
///
/// # Errors
/// [`Error`] if the model's shapes disagree or a parameter is not finite, or if images are of another number of units.
pub fn pseudo_log_likelihood(
    model: &RbmParameters,
    images: &BitMatrix,
    threads: usize,
) -> Result<f64, Error> {
    let sums = sums(model, images, threads, Sums::OfBlocks)?;
    Ok(sums.iter().sum::<f64>() / images.count() as f64)
}

/// sum_i ln p(v_i | other units) of every image, in nats. The cost and the error are those of [`pseudo_log_likelihood`],
/// which is the mean of these but for rounding.
///
/// # Errors
/// As [`pseudo_log_likelihood`].
pub fn pseudo_log_likelihoods(
    model: &RbmParameters,
    images: &BitMatrix,
    threads: usize,
) -> Result<Vec<f64>, Error> {
    sums(model, images, threads, Sums::OfImages)
}

/// What is summed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sums {
    /// One sum of the images of a block.
    OfBlocks,
    /// One of every image.
    OfImages,
}

/// The sums over all units, of blocks or of images.
fn sums(
    model: &RbmParameters,
    images: &BitMatrix,
    threads: usize,
    kind: Sums,
) -> Result<Vec<f64>, Error> {
    parameters(model)?.check()?;
    check_units(model.visible, images)?;
    let fields = FieldTable::new(model);
    let flips = FlipTable::new(model);
    let words = images.words_per_row();
    let sums = over_blocks(images, threads, Vec::new, |given, block| {
        let images = block.chunks_exact(words);
        given.clear();
        for image in images.clone() {
            given_image(&fields, model.hidden, image, given);
        }
        let (count, step) = match kind {
            Sums::OfBlocks => (1, 0),
            Sums::OfImages => (images.len(), 1),
        };
        let mut sums = vec![0.0; count];
        for tile in 0..model.visible.div_ceil(TILE) {
            let images = images.clone().zip(given.chunks_exact(model.hidden));
            for (at, (image, hidden)) in images.enumerate() {
                sums[at * step] -= softplus::sum(&flips.log_odds_against(tile, image, hidden));
            }
        }
        sums
    });
    Ok(sums)
}

/// Appends what `image` says about each hidden unit.
fn given_image(fields: &FieldTable, hidden: usize, image: &[u64], given: &mut Vec<Given>) {
    let end = given.len() + hidden;
    for tile in 0..fields.tiles() {
        let fields: [f64; HIDDEN_TILE] = fields.fields(tile, image);
        for &x in fields.as_chunks::<LANES>().0 {
            let (p, q) = probabilities(x);
            given.extend((0..LANES).map(|lane| Given {
                field: x[lane],
                p: p[lane],
                q: q[lane],
            }));
        }
    }
    given.truncate(end);
}

/// What flipping visible units does to the hidden layer.
struct FlipTable<'a> {
    model: &'a RbmParameters,
    /// e^w: \[tile\]\[hidden\]\[16\], one in the padding.
    factors: Aligned<f64>,
    /// sum_j w_ji: \[visible\].
    column_sums: Vec<f64>,
    /// Factors that a product can take; `None` where a weight is too large for its exponential.
    period: Option<usize>,
}

impl<'a> FlipTable<'a> {
    fn new(model: &'a RbmParameters) -> Self {
        let largest = model
            .w
            .iter()
            .fold(0.0_f32, |largest, w| largest.max(w.abs()));
        let largest = f64::from(largest);
        let mut column_sums = vec![0.0; model.visible];
        for row in model.w.chunks_exact(model.visible) {
            for (sum, w) in column_sums.iter_mut().zip(row) {
                *sum += f64::from(*w);
            }
        }
        let period =
            (largest <= WEIGHT_LIMIT).then(|| (PRODUCT_LIMIT / largest.max(1e-3)) as usize);
        let tiles = model.visible.div_ceil(TILE);
        let mut factors = Aligned::zeros(tiles * model.hidden * TILE);
        let mut rows = factors.as_mut().as_chunks_mut().0.iter_mut();
        for tile in 0..tiles {
            for (row, factors) in model.w.chunks_exact(model.visible).zip(&mut rows) {
                let mut weights = [0.0; TILE];
                for (weight, w) in weights.iter_mut().zip(&row[tile * TILE..]) {
                    *weight = f64::from(*w);
                }
                *factors = exponentials(weights);
            }
        }
        Self {
            model,
            factors,
            column_sums,
            period,
        }
    }

    /// ln p(v_i flipped | others) - ln p(v_i | others) = F(v) - F(v with unit i flipped), of a tile's units.
    fn log_odds_against(&self, tile: usize, image: &[u64], hidden: &[Given]) -> [f64; TILE] {
        let first = tile * TILE;
        let set = image[first / 64] >> (first % 64);
        let is_set = |lane: usize| set >> lane & 1 != 0;
        let factors = self.factors.as_ref().as_chunks().0;
        let factors = &factors[tile * hidden.len()..][..hidden.len()];
        let products = self
            .period
            .map(|period| ln_products(factors, &std::array::from_fn(is_set), hidden, period));
        std::array::from_fn(|lane| {
            let i = first + lane;
            if i >= self.model.visible {
                return NEVER;
            }
            let bias = f64::from(self.model.visible_bias[i]);
            match (products, is_set(lane)) {
                (Some(sums), true) => sums[lane] - self.column_sums[i] - bias,
                (Some(sums), false) => sums[lane] + bias,
                (None, true) => self.change(i, -1.0, hidden) - bias,
                (None, false) => self.change(i, 1.0, hidden) + bias,
            }
        })
    }

    /// The change of sum_j ln(1 + e^field) when `sign` times unit `i`'s weights is added to the fields, term by term.
    fn change(&self, i: usize, sign: f64, hidden: &[Given]) -> f64 {
        let weights = self.model.w.iter().skip(i).step_by(self.model.visible);
        let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
        weights
            .zip(hidden)
            .map(|(w, hidden)| {
                softplus(hidden.field + sign * f64::from(*w)) - softplus(hidden.field)
            })
            .sum()
    }
}
