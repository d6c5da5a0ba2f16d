//! Samples from a model, and their convergence.

use bitspin_core::Error;
use bitspin_core::rng::{Purpose, Streams};

use super::chains::Ladders;
use super::thermal::{Quantised, Wide};
use crate::control::{Control, whole};
use crate::evaluate::convergence::Convergence;

/// Samples from chains that start from noise.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The last states of the coldest chains, packed, all spins.
    pub states: Vec<Vec<u64>>,
    /// How the energies of the chains converged; the first third of the sweeps is left out.
    pub energy: Convergence,
}

/// Draws one state from each of `ladders` ladders of parallel tempering (chains of Glauber dynamics if there is one
/// temperature) that start from noise, after `sweeps` sweeps, at least 6.
///
/// # Errors
/// Numbers that are too large to be sampled with.
pub fn survey(
    w: &[f32],
    h: &[f32],
    ladders: usize,
    temperatures: usize,
    sweeps: usize,
    seed: u64,
    threads: usize,
) -> Result<Survey, Error> {
    let chains = (ladders, temperatures, sweeps);
    survey_with(w, h, chains, seed, threads, Control::new()).map(whole)
}

/// [`survey`] of so many (ladders, temperatures, sweeps) that reports sweeps of ladders; `None` if interrupted.
///
/// # Errors
/// As [`survey`].
pub fn survey_with(
    w: &[f32],
    h: &[f32],
    (ladders, temperatures, sweeps): (usize, usize, usize),
    seed: u64,
    threads: usize,
    control: Control<'_>,
) -> Result<Option<Survey>, Error> {
    let model = Quantised::new(&Wide::new(w, h))?;
    let mut streams = Streams::new(seed, Purpose::Evaluation);
    let mut chains = Ladders::new(h.len(), ladders, temperatures, &mut streams);
    let moved = chains.run(&model, 0, sweeps, true, &|_| 0, (threads, control))?;
    if control.is_stopped() {
        return Ok(None);
    }
    let counted: Vec<&[f64]> = moved
        .energies
        .iter()
        .map(|walk| &walk[walk.len() / 3..])
        .collect();
    Ok(Some(Survey {
        states: chains.coldest().map(<[u64]>::to_vec).collect(),
        energy: Convergence::of(&counted)?,
    }))
}
