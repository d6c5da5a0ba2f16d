//! Divergences and likelihoods of a model.

use bitspin_core::Error;
use bitspin_core::exact::{IsingEnumeration, MAX_UNITS, Partition};
use bitspin_core::ising::learn::{MAX_HIDDEN, Objective};
use serde::Serialize;

use super::Patterns;
use super::probabilities::visible_probabilities;
use super::thermal::Wide;
use crate::parallel;

/// Measures of a model, in nats; `None` where the model is too large to be enumerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    /// ln Z.
    pub ln_z: Option<f64>,
    /// K(data; model) = sum_v q(v) ln(q(v) / p(v)), never negative.
    pub kl: Option<f64>,
    /// K(model; data) = sum_v p(v) ln(p(v) / q(v)): infinite unless all visible states are among the data.
    pub kl_reverse: Option<f64>,
    /// -sum_v q(v) ln p(v), never below the entropy of the data: minus the log-likelihood of a pattern.
    pub cross_entropy: Option<f64>,
    /// The mean over data of sum_i ln p(v_i | other spins).
    pub pseudo_log_likelihood: Option<f64>,
}

/// Measures a model with couplings `w` (N x N) and fields `h` (N), whose first spins are visible.
///
/// Z takes at most 24 spins, O(2^N N); sums over hidden spins at most 12 of those. The parts of the work are summed in
/// order, so the threads do not matter.
///
/// # Errors
/// As [`BoltzmannMachine::new`](bitspin_core::ising::learn::BoltzmannMachine::new).
pub fn measure(
    w: &[f32],
    h: &[f32],
    patterns: &Patterns,
    threads: usize,
) -> Result<Measured, Error> {
    let wide = Wide::new(w, h);
    if h.len() > patterns.visible() + MAX_HIDDEN {
        return Ok(Measured::default());
    }
    let model = wide.model(patterns.visible())?;
    let all: Vec<_> = patterns.iter().collect();
    let scratch = || vec![0.0; model.scratch_len()];
    let of_patterns = parallel::map(all.len(), threads, scratch, |scratch, at| {
        let weight = model.ln_weight(all[at].0, scratch)?;
        let loss = model.loss(Objective::PseudoLikelihood, all[at].0, scratch)?;
        Ok((weight, loss))
    });
    let (mut weight, mut loss) = (0.0, 0.0);
    for (of_pattern, q) in of_patterns.into_iter().zip(patterns.shares()) {
        let (own_weight, own_loss) = of_pattern?;
        weight += q * own_weight;
        loss += q * own_loss;
    }
    let ln_z = if h.len() <= MAX_UNITS {
        Some(ln_z(&wide, threads)?)
    } else {
        None
    };
    let cross_entropy = ln_z.map(|ln_z| ln_z - weight);
    let kl_reverse = match ln_z {
        Some(_) => reverse(w, h, patterns, threads)?,
        None => None,
    };
    Ok(Measured {
        ln_z,
        kl_reverse,
        cross_entropy,
        // Rounding may leave a perfect model a little below.
        kl: cross_entropy.map(|nats| (nats - patterns.entropy()).max(0.0)),
        pseudo_log_likelihood: Some(-loss),
    })
}

/// K(model; data). A model gives every state some probability, so that it is infinite where a state is not in the data;
/// `None` where the states are too many to be listed.
fn reverse(
    w: &[f32],
    h: &[f32],
    patterns: &Patterns,
    threads: usize,
) -> Result<Option<f64>, Error> {
    let visible = patterns.visible();
    let states = 1_usize.checked_shl(visible as u32).unwrap_or(usize::MAX);
    if visible >= usize::BITS as usize || patterns.distinct() < states {
        return Ok(Some(f64::INFINITY));
    }
    let Some(model) = visible_probabilities(w, h, visible, threads)? else {
        return Ok(None);
    };
    let mut data = vec![0.0; states];
    for ((state, _), q) in patterns.iter().zip(patterns.shares()) {
        data[state[0] as usize] = q;
    }
    let terms = model.iter().zip(&data).filter(|&(&p, _)| p > 0.0);
    Ok(Some(terms.map(|(p, q)| p * libm::log(p / q) - p + q).sum()))
}

/// ln Z by enumeration.
fn ln_z(wide: &Wide, threads: usize) -> Result<f64, Error> {
    let exact = IsingEnumeration::new(&wide.w, &wide.h, 1.0)?;
    let parts = parallel::map(
        exact.parts(),
        threads,
        || (),
        |(), part| exact.partition_of_part(part),
    );
    let mut sum = Partition::EMPTY;
    for part in parts {
        sum = exact.merged(sum, part?);
    }
    Ok(exact.ln_z_of(&sum))
}
