//! What is measured of one distribution and between two: entropy, cross entropy, Kullback-Leibler divergence.

use crate::Error;
use crate::error::check_len;

/// How far the sum of a distribution's probabilities may lie from 1: enough for one that was normalised in float32.
pub const NORMALISATION_TOLERANCE: f64 = 1e-6;

/// The entropy `S = -sum_i p_i ln p_i` in nats: from 0 for a certain state to `ln n` for `n` equally probable ones.
///
/// # Errors
/// [`Error::Empty`] without probabilities; [`Error::NotFinite`] for one that is NaN or infinite;
/// [`Error::OutOfRange`] for one below 0, or a sum further than [`NORMALISATION_TOLERANCE`] from 1.
///
/// ```
/// use bitspin_core::softmax::entropy;
///
/// assert_eq!(entropy(&[0.5, 0.5, 0.0])?, core::f64::consts::LN_2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn entropy(probabilities: &[f64]) -> Result<f64, Error> {
    check_distribution(probabilities, "probabilities")?;
    let uncertain = probabilities.iter().filter(|&&p| p > 0.0 && p < 1.0);
    Ok(uncertain.fold(0.0, |sum, &p| sum - p * libm::log(p)))
}

/// The cross entropy `-sum_i p_i ln q_i = S(p) + K(p;q)` in nats; `+infinity` where `q_i = 0` and `p_i > 0`.
///
/// With `p` the data and `q` the model this is minus the mean log-likelihood.
///
/// # Errors
/// As [`kl_divergence`].
///
/// ```
/// use bitspin_core::softmax::cross_entropy;
///
/// assert_eq!(cross_entropy(&[1.0, 0.0], &[0.5, 0.5])?, core::f64::consts::LN_2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn cross_entropy(p: &[f64], q: &[f64]) -> Result<f64, Error> {
    check_pair(p, q)?;
    let pairs = p.iter().zip(q).filter(|&(&p, _)| p > 0.0);
    Ok(pairs.fold(0.0, |sum, (&p, &q)| sum - p * libm::log(q)))
}

/// The Kullback-Leibler divergence `K(p;q) = sum_i p_i ln(p_i / q_i)` in nats: never below 0, and 0 only for `p = q`.
///
/// Not symmetric: with `p` the model and `q` the data, training maximises the likelihood by minimising `K(q;p)`.
/// A term with `p_i = 0` is 0; one with `q_i = 0` and `p_i > 0` is `+infinity`.
///
/// Summed as `p_i ln(p_i / q_i) - p_i + q_i`. The added parts cancel between normalised distributions, and with them no
/// term is negative: the rounding of a distribution's sum cannot make a small divergence negative, or hide it.
///
/// # Errors
/// Of `p` and `q`, as [`entropy`]; [`Error::Length`] where they differ in length.
///
/// ```
/// use bitspin_core::softmax::kl_divergence;
///
/// let (p, q) = ([1.0, 0.0], [0.5, 0.5]);
/// assert_eq!(kl_divergence(&p, &q)?, core::f64::consts::LN_2);
/// assert_eq!(kl_divergence(&q, &p)?, f64::INFINITY);
/// assert_eq!(kl_divergence(&q, &q)?, 0.0);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn kl_divergence(p: &[f64], q: &[f64]) -> Result<f64, Error> {
    check_pair(p, q)?;
    Ok(p.iter().zip(q).map(|(&p, &q)| divergence_term(p, q)).sum())
}

/// `p ln(p / q) - p + q`, not below 0, with a relative error of about `1e-14`.
fn divergence_term(p: f64, q: f64) -> f64 {
    if p == 0.0 {
        return q;
    }
    if q == 0.0 {
        return f64::INFINITY;
    }
    let difference = p - q;
    if difference.abs() <= q / 16.0 {
        // (1 + r) ln(1 + r) - r = r^2 sum_k (-r)^k / ((k + 1)(k + 2)): near p = q the closed form would cancel to noise.
        let r = difference / q;
        let series = (0..12u32)
            .rev()
            .fold(0.0, |sum, k| 1.0 / f64::from((k + 1) * (k + 2)) - r * sum);
        return difference * r * series;
    }
    let ratio = p / q;
    let ln_ratio = if ratio.is_finite() {
        libm::log(ratio)
    } else {
        libm::log(p) - libm::log(q)
    };
    p * ln_ratio - difference
}

fn check_pair(p: &[f64], q: &[f64]) -> Result<(), Error> {
    check_distribution(p, "p")?;
    check_len("q", p.len(), q.len())?;
    check_distribution(q, "q")
}

pub(super) fn check_distribution(probabilities: &[f64], what: &'static str) -> Result<(), Error> {
    if probabilities.is_empty() {
        return Err(Error::Empty { what });
    }
    if let Some(index) = probabilities.iter().position(|p| !p.is_finite()) {
        return Err(Error::NotFinite { what, index });
    }
    let total: f64 = probabilities.iter().sum();
    if probabilities.iter().any(|&p| p < 0.0) || (total - 1.0).abs() > NORMALISATION_TOLERANCE {
        return Err(Error::OutOfRange {
            what,
            expected: "probabilities from 0 to 1 that sum to 1",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        let bound = relative * expected.abs();
        assert!(
            (found - expected).abs() <= bound,
            "{found:e} is not {expected:e} within {bound:e}"
        );
    }

    #[test]
    fn what_is_no_distribution_is_named() {
        assert_eq!(
            entropy(&[]),
            Err(Error::Empty {
                what: "probabilities"
            })
        );
        for bad in [
            [0.5, 0.6],
            [0.5, 0.4],
            [1.5, -0.5],
            [f64::NAN, 1.0],
            [f64::INFINITY, 0.0],
        ] {
            assert!(entropy(&bad).is_err(), "{bad:?}");
            assert!(kl_divergence(&bad, &[0.5; 2]).is_err(), "{bad:?}");
            assert!(kl_divergence(&[0.5; 2], &bad).is_err(), "{bad:?}");
            assert!(cross_entropy(&[0.5; 2], &bad).is_err(), "{bad:?}");
        }
        let longer = Error::Length {
            what: "q",
            expected: 1,
            found: 2,
        };
        assert_eq!(kl_divergence(&[1.0], &[0.5; 2]), Err(longer));
    }

    #[test]
    fn divergence_of_zeros_and_of_neighbours() {
        assert_eq!(kl_divergence(&[0.0, 1.0], &[0.0, 1.0]), Ok(0.0));
        for nothing in [entropy(&[1.0]), cross_entropy(&[1.0], &[1.0])] {
            assert_eq!(nothing.unwrap().to_bits(), 0, "0, not -0");
        }
        assert_eq!(cross_entropy(&[0.5; 2], &[0.0, 1.0]), Ok(f64::INFINITY));
        close(
            kl_divergence(&[0.5, 0.5], &[1.0, 5e-324]).unwrap(),
            0.5 * (libm::log(0.5) + libm::log(0.5) - libm::log(5e-324)),
            1e-14,
        );
        // K = 2 d^2 + O(d^4) for (1/2 + d, 1/2 - d) against (1/2, 1/2), down to the last bit of a probability.
        for bits in [-10, -20, -30, -40, -52] {
            let d = libm::exp2(f64::from(bits));
            let (above, below) = (0.5 + d, 0.5 - d);
            close(
                kl_divergence(&[above, below], &[0.5; 2]).unwrap(),
                2.0 * d * d * (1.0 + d * d * 2.0 / 3.0),
                1e-11,
            );
        }
        // Both sides of the change from the series to the closed form.
        let by_hand = |p: f64, q: f64| p * libm::log(p / q) - p + q;
        for r in [-0.0626, -0.0624, 0.0624, 0.0626] {
            let (p, q) = (0.25 * (1.0 + r), 0.25);
            close(divergence_term(p, q), by_hand(p, q), 1e-12);
        }
    }
}
