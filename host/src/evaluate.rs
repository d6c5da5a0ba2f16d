//! Measures of a model: likelihoods, free energies, pseudo-likelihoods, reconstructions.
//!
//! Data are [`BitMatrix`]: how grey levels became bits is the caller's business, and to be
//! named beside every number. Likelihoods and free energies are in nats, means are over images.
//!
//! | function | parameters | cost |
//! | --- | --- | --- |
//! | [`ln_z`], [`log_likelihood`] | float32, in float64 arithmetic | 2^(units of the smaller layer) |
//! | [`Ais`] | quantised, then corrected to float32 | a Gibbs step per chain and temperature |
//! | [`free_energies`], [`free_energy`] | float32, in float64 arithmetic | set pixels x hidden |
//! | [`HiddenLayer`] | float32, in float64 arithmetic | set pixels x hidden an image |
//! | [`RealLayer`]: the same of rows of real numbers | float32, in float64 arithmetic | numbers other than 0 x hidden |
//! | [`HiddenStates`] | quantised, what sampling uses | as half a Gibbs step |
//! | [`pseudo_log_likelihood`], [`pseudo_log_likelihoods`] | float32, in float64 arithmetic | visible x hidden an image |
//! | [`convergence`] | of any sampled quantity: error bars, effective samples, R-hat, a verdict | draws x ln draws |
//! | [`Mixing`], [`AdversarialAccuracy`] | quantised, what sampling uses | Gibbs steps; samples x data |
//! | [`reconstruction`] | quantised, what sampling uses | as one Gibbs step |
//!
//! Work falls into parts that do not depend on `threads` (0 counts as 1), and their results are summed in order: one
//! machine gives the same bits at any number of threads. Exponentials and logarithms are `wide`'s, so machines of
//! different vector units may differ in the last digits; what is *decided* while measuring never differs.

mod ais;
pub mod calibration;
pub mod convergence;
mod exact;
mod fields;
mod free_energy;
mod hidden;
mod labels;
mod logistic;
mod mixing;
mod pseudo_likelihood;
mod real;
mod reconstruction;
mod rounding;
mod two_sample;

pub use ais::{
    Ais, AisSettings, BaseRate, Bracket, BracketSettings, Doubt, Errs, Estimate, FEWEST_ROUNDS,
    MAX_BETAS, Raise, ReverseFrom, ReverseStart, Stage, Tempered, TemperingReport, drawn,
};
pub use exact::{exact_samples, ln_z, ln_z_with, log_likelihood};
pub use free_energy::{free_energies, free_energy};
pub use hidden::{HiddenLayer, HiddenStates};
pub use labels::{Logits, labelled_ln_z, logits};
pub use logistic::{LogisticRegression, hidden_probabilities};
pub use mixing::Mixing;
pub use pseudo_likelihood::{pseudo_log_likelihood, pseudo_log_likelihoods};
pub use real::{RealLayer, RealRows, real_logits};
pub use reconstruction::{Reconstruction, reconstruction};
pub use rounding::{Rounded, rounded};
pub use two_sample::AdversarialAccuracy;

use crate::BitMatrix;
use crate::bit_matrix::check_units;
use crate::parallel;

/// Images that are worked on at once.
const BLOCK: usize = 64;

/// `work` on blocks of up to [`BLOCK`] images, with a scratch of each thread's own; the results of all blocks in order.
fn over_blocks<S, T: Clone + Send>(
    images: &BitMatrix,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &[u64]) -> Vec<T> + Sync,
) -> Vec<T> {
    let blocks: Vec<&[u64]> = images
        .bits()
        .chunks(BLOCK * images.words_per_row())
        .collect();
    let work = |scratch: &mut S, block: usize| work(scratch, blocks[block]);
    parallel::map(blocks.len(), threads, scratch, work).concat()
}
