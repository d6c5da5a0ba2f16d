//! A second opinion: every quantity of the engine again, as plain float64 loops straight from the formulas.
//!
//! It is the third witness beside the engine's two kernels, so it imports nothing of ours, not even a word of `core`:
//! a mistake there cannot hide by being made here too. In turn it is held to results that no code of this project
//! produced (`tests/data/*.json`). Read it to learn what a quantity is; it is written for that, and slow.
//!
//! # Conventions
//! - A unit is 0.0 or 1.0 in a `&[f64]`. Where a layer may also hold probabilities (a mean-field pass), the docs say so.
//! - Bit `i` of a state's number is unit `i`: see [`state`].
//! - Matrices are row-major `Vec<f64>`; a weight matrix is `[hidden][visible]`.
//! - Natural logarithms; energies are in units of the temperature (`beta = 1`) unless a temperature is a parameter.
//! - Shapes are the caller's to get right: a wrong one panics.

#![expect(
    clippy::needless_range_loop,
    reason = "indices as in the formulas read best here"
)]

pub mod boltzmann_machine;
pub mod calibration;
pub mod hopfield;
pub mod ising;
pub mod labels;
pub mod rbm;
pub mod softmax;

pub use rbm::Rbm;

/// The `units` units of state `number`, each 0.0 or 1.0: unit `i` is bit `i`.
///
/// ```
/// assert_eq!(bitspin::reference::state(6, 4), [0.0, 1.0, 1.0, 0.0]);
/// ```
pub fn state(number: usize, units: usize) -> Vec<f64> {
    (0..units).map(|i| (number >> i & 1) as f64).collect()
}

/// The numbers of all states of `units` units, `0..2^units`.
pub fn states(units: usize) -> std::ops::Range<usize> {
    assert!(units < 32, "enumerating 2^{units} states would not end");
    0..1 << units
}
