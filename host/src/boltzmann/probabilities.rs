//! The distribution of all visible states.

use bitspin_core::Error;
use bitspin_core::exact::{LogSum, MAX_UNITS};
use bitspin_core::ising::learn::MAX_HIDDEN;

use super::thermal::Wide;
use crate::parallel;

/// The most visible spins of which all states are listed.
const MOST_VISIBLE: usize = 16;

/// Visible states that one part of the work takes on.
const PART: usize = 256;

/// p(v) of all 2^visible states of the first spins, in the order of their numbers (bit i is spin i); none if there are more
/// than 16 visible, 12 hidden or 24 spins. O(2^visible (N^2 + 2^hidden hidden)).
///
/// # Errors
/// As [`BoltzmannMachine::new`](bitspin_core::ising::learn::BoltzmannMachine::new).
pub fn visible_probabilities(
    w: &[f32],
    h: &[f32],
    visible: usize,
    threads: usize,
) -> Result<Option<Vec<f64>>, Error> {
    if visible > MOST_VISIBLE || h.len() > MAX_UNITS || h.len() > visible + MAX_HIDDEN {
        return Ok(None);
    }
    let wide = Wide::new(w, h);
    let model = wide.model(visible)?;
    let states = 1_usize << visible;
    let scratch = || vec![0.0; model.scratch_len()];
    let parts = parallel::map(states.div_ceil(PART), threads, scratch, |scratch, part| {
        let numbers = part * PART..states.min((part + 1) * PART);
        let weights = numbers.map(|v| model.ln_weight(&[v as u64], scratch));
        weights.collect::<Result<Vec<f64>, Error>>()
    });
    let parts = parts.into_iter().collect::<Result<Vec<_>, Error>>()?;
    let weights = parts.concat();
    // Z is their sum.
    let mut sum = LogSum::EMPTY;
    weights.iter().for_each(|&weight| sum.add(weight));
    let shares = weights.into_iter().map(|weight| sum.share(weight));
    Ok(Some(shares.collect()))
}
