//! The engine held against the float64 [reference](crate::reference) and enumeration, on random models.
//!
//! [`run`] measures every quantity on models of awkward sizes and several temperatures and says how far the engine is
//! from the reference, beside the bound that the engine's documentation promises. Deterministic quantities have bounds
//! that follow from rounding alone. Sampled ones have bounds that hold for every sample size, not just for large ones
//! (Hoeffding, McDiarmid): a correct engine breaks such a bound in fewer than [`FALSE_ALARM`] of all seeds.
//!
//! The parts are public because tests use them too: [`Witnesses`] is one model as engine and reference see it,
//! [`Minibatch`] and [`Learner`] own the buffers that the core's learning borrows.

mod contrast;
mod deterministic;
mod exact;
mod hopfield;
mod ising;
mod kernels;
mod learner;
mod learning;
mod minibatch;
mod random;
mod report;
mod sampling;
pub mod transition;
mod update;
mod witnesses;

pub use ising::{FORGOTTEN, Sampler, SmallIsing, sampler_bound};
pub use learner::Learner;
pub use minibatch::Minibatch;
pub use random::Random;
pub use report::{Report, Row};
pub use sampling::{
    hoeffding, mixing_doublings, mixing_steps, total_variation, total_variation_bound,
};
pub use witnesses::{Witnesses, pack, unpack};

/// How often, of all seeds, each sampled row fails although the engine is right: less than this.
pub const FALSE_ALARM: f64 = 1e-6;

/// Visible and hidden units of the models: one unit, one off a SIMD register, one off a word, several words.
const SHAPES: [(usize, usize); 8] = [
    (1, 1),
    (1, 33),
    (31, 65),
    (33, 31),
    (65, 64),
    (64, 1),
    (70, 40),
    (200, 130),
];

/// The largest magnitudes of weights and biases: inverse temperatures.
const SCALES: [f64; 3] = [0.1, 1.0, 4.0];

/// Measures every quantity. Equal seeds give equal rows. Takes some seconds in a release build.
///
/// ```no_run
/// use bitspin::validate::{Report, run};
/// let report = Report::from(run(1));
/// print!("{report}");
/// assert!(report.passed);
/// ```
#[must_use]
pub fn run(seed: u64) -> Vec<Row> {
    let mut random = Random::new(seed);
    let mut models = vec![];
    for (visible, hidden) in SHAPES {
        for scale in SCALES {
            models.push(Witnesses::random(visible, hidden, scale, &mut random));
        }
    }
    // One function a family of quantities; each returns its rows.
    [
        deterministic::fields(&models, &mut random),
        deterministic::energies(&models, &mut random),
        deterministic::probabilities(&models, &mut random),
        exact::likelihoods(&mut random),
        contrast::statistics(&models, &mut random),
        contrast::expectation(&mut random),
        update::parameters(&models, &mut random),
        sampling::draws(&mut random),
        sampling::distribution(&mut random),
        kernels::scalar_is_simd(&mut random),
        hopfield::rows(&mut random),
        ising::rows(&mut random),
        learning::rows(&mut random),
        transition::rows(&mut random),
    ]
    .concat()
}
