//! Divergences and likelihoods of a model.

use bitspin_core::Error;
use bitspin_core::exact::{IsingEnumeration, MAX_UNITS, Partition};
use bitspin_core::ising::learn::{MAX_HIDDEN, Objective};
use serde::Serialize;

use super::Patterns;
use super::probabilities::visible_probabilities;
use super::thermal::Wide;
use crate::BitMatrix;
use crate::control::{Control, whole};
use crate::parallel;

/// States that one thread sums before another has started.
const FEW_STATES: usize = 1 << 14;

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

/// ln p(v) of rows of visible spins, in nats; `None` if the model has more than 24 spins, or 12 hidden ones. O(2^N N) for Z.
///
/// # Errors
/// As [`measure`]; [`Error::Length`] for rows that leave no room for the model's visible spins.
pub fn ln_probabilities(
    w: &[f32],
    h: &[f32],
    rows: &BitMatrix,
    threads: usize,
) -> Result<Option<Vec<f64>>, Error> {
    let visible = rows.units();
    if h.len() > MAX_UNITS || h.len() > visible + MAX_HIDDEN {
        return Ok(None);
    }
    let wide = Wide::new(w, h);
    let model = wide.model(visible)?;
    let ln_z = ln_z(&wide, threads)?;
    let scratch = || vec![0.0; model.scratch_len()];
    let weights = parallel::map(rows.count(), threads, scratch, |scratch, row| {
        model.ln_weight(rows.row(row), scratch)
    });
    let weights: Vec<f64> = weights.into_iter().collect::<Result<_, _>>()?;
    Ok(Some(
        weights.into_iter().map(|weight| weight - ln_z).collect(),
    ))
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
    let partition = partition(&exact, threads, Control::new())?;
    Ok(exact.ln_z_of(&whole(partition)))
}

/// Z, its parts on several threads; `None` if interrupted.
pub(super) fn partition(
    exact: &IsingEnumeration<'_>,
    threads: usize,
    control: Control<'_>,
) -> Result<Option<Partition>, Error> {
    let part = |part| exact.partition_of_part(part).map(Some);
    // Starting threads takes longer than few states.
    let threads = if exact.states() < FEW_STATES {
        1
    } else {
        threads
    };
    let mut sum = Partition::EMPTY;
    for part in parallel::map_until(exact.parts(), threads, control, part)? {
        let Some(part) = part else {
            return Ok(None);
        };
        sum = exact.merged(sum, part);
    }
    Ok(Some(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boltzmann::visible_probabilities;

    /// They are the listed probabilities, hidden spins summed over, and the cross-entropy is their mean.
    #[test]
    fn rows_have_the_probabilities_that_are_listed() {
        let n = 6;
        let weight = |i: usize, j: usize| (((i + j) * 7 + i * j * 3) % 11) as f32 / 10.0 - 0.5;
        let w: Vec<f32> = (0..n * n)
            .map(|at| {
                if at / n == at % n {
                    0.0
                } else {
                    weight(at / n, at % n)
                }
            })
            .collect();
        let h: Vec<f32> = (0..n).map(|i| i as f32 / 10.0 - 0.2).collect();
        for visible in [6, 4] {
            let listed = visible_probabilities(&w, &h, visible, 1).unwrap().unwrap();
            let rows = BitMatrix::from_bits(visible, (0..1 << visible).collect()).unwrap();
            let found = ln_probabilities(&w, &h, &rows, 2).unwrap().unwrap();
            for (ln_p, p) in found.iter().zip(&listed) {
                assert!((ln_p.exp() - p).abs() < 1e-13, "{ln_p} {p}");
            }
            let patterns = Patterns::of_rows("all", &rows).unwrap();
            let measured = measure(&w, &h, &patterns, 1).unwrap();
            let mean = -found.iter().sum::<f64>() / found.len() as f64;
            assert!((measured.cross_entropy.unwrap() - mean).abs() < 1e-12);
        }
        let rows = BitMatrix::from_bits(7, vec![1]).unwrap();
        assert!(ln_probabilities(&w, &h, &rows, 1).is_err());
    }
}
