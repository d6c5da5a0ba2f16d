//! The Boltzmann distribution of a list of energies, and what is measured of distributions: entropy, divergence.
//!
//! A system of discrete states with energies `e_i`, in equilibrium at temperature `T` (`k_B = 1`), is found in state
//! `i` with probability `p_i = exp(-e_i / T) / Z`, where `Z = sum_j exp(-e_j / T)` is the partition function. This is
//! the softmax of the logits `z_i = -e_i` at temperature `T`, and the two functions here agree to the bit.
//!
//! # Conventions
//! Temperatures are finite and above 0, in the unit of the energies. Entropies and divergences are in nats. An energy
//! of `+infinity` (a logit of `-infinity`) is a forbidden state: its probability is 0. Not a number and the other
//! infinity are errors, as is an empty slice. All work is one or two passes in float64: O(n) time, O(1) memory.
//!
//! # Stability
//! Exponentials are taken only of gaps to the lowest energy, `(e_min - e_i) / T <= 0`, and each gap is subtracted before
//! it is divided. So neither the size of the energies nor that of the temperature can overflow a probability, and the
//! gap's rounding is the only loss: probabilities above `1e-300` have a relative error below `1e-12` for up to 1000
//! states; smaller ones fade to 0.

pub use divergence::{NORMALISATION_TOLERANCE, cross_entropy, entropy, kl_divergence};

use crate::Error;
use crate::error::check_len;
use divergence::check_distribution;

mod divergence;

/// Writes the Boltzmann distribution of `energies` at `temperature`: `out[i] = exp(-energies[i] / temperature) / Z`.
///
/// # Errors
/// [`Error::Empty`] without energies; [`Error::NotFinite`] for an energy that is NaN or `-infinity`;
/// [`Error::OutOfRange`] where every energy is `+infinity`, or for a temperature that is not finite and above 0;
/// [`Error::Length`] where `out` is not as long as `energies`. After an error `out` is as it was.
///
/// ```
/// use bitspin_core::softmax::boltzmann;
///
/// let mut p = [0.0; 3];
/// boltzmann(&[0.0, 1.0, f64::INFINITY], 0.5, &mut p)?;
/// assert!((p[1] / p[0] - (-2.0f64).exp()).abs() < 1e-15);
/// assert_eq!(p[2], 0.0);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn boltzmann(energies: &[f64], temperature: f64, out: &mut [f64]) -> Result<(), Error> {
    let logits = Logits::of_energies(energies)?;
    logits.softmax(temperature, out)
}

/// Writes the softmax of `logits` at `temperature`: `out[i] = exp(z_i / T) / sum_j exp(z_j / T)`.
///
/// The temperature sharpens (below 1) or flattens (above 1) the distribution and leaves the largest logit the most
/// probable (temperature scaling: Hinton et al. 2015, Guo et al. 2017).
///
/// # Errors
/// As [`boltzmann`], with the infinities exchanged.
///
/// ```
/// use bitspin_core::softmax::softmax;
///
/// let mut p = [0.0; 2];
/// softmax(&[1e300, 1e300], 1.0, &mut p)?;
/// assert_eq!(p, [0.5, 0.5]);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn softmax(logits: &[f64], temperature: f64, out: &mut [f64]) -> Result<(), Error> {
    Logits::of_logits(logits)?.softmax(temperature, out)
}

/// `ln sum_i exp(values[i])`, in nats. A value of `-infinity` adds nothing; where all are, so is the answer.
///
/// # Errors
/// [`Error::Empty`] without values; [`Error::NotFinite`] for a value that is NaN or `+infinity`.
///
/// ```
/// use bitspin_core::softmax::log_sum_exp;
///
/// assert_eq!(log_sum_exp(&[1000.0, 1000.0])?, 1000.0 + core::f64::consts::LN_2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn log_sum_exp(values: &[f64]) -> Result<f64, Error> {
    let logits = Logits::new(values, 1.0, "values")?;
    if logits.top == f64::NEG_INFINITY {
        return Ok(logits.top);
    }
    Ok(logits.top + logits.ln_sum_of_gaps(1.0))
}

/// `ln Z = ln sum_i exp(-energies[i] / temperature)`, in nats.
///
/// Infinite, with the right sign, only where `ln Z` itself is beyond the range of float64.
///
/// # Errors
/// As [`boltzmann`], without `out`.
///
/// ```
/// use bitspin_core::softmax::ln_partition_function;
///
/// assert_eq!(ln_partition_function(&[-800.0, f64::INFINITY], 0.5)?, 1600.0);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn ln_partition_function(energies: &[f64], temperature: f64) -> Result<f64, Error> {
    let logits = Logits::of_energies(energies)?;
    check_temperature(temperature)?;
    Ok(logits.top / temperature + logits.ln_sum_of_gaps(temperature))
}

/// The free energy `F = -T ln Z = <E> - T S`, in the unit of the energies; never above the lowest of them.
///
/// Infinite only where `F` itself is beyond the range of float64 (it may hold where [`ln_partition_function`] does not).
///
/// # Errors
/// As [`boltzmann`], without `out`.
///
/// ```
/// use bitspin_core::softmax::free_energy;
///
/// assert_eq!(free_energy(&[3.0, 3.0], 2.0)?, 3.0 - 2.0 * core::f64::consts::LN_2);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn free_energy(energies: &[f64], temperature: f64) -> Result<f64, Error> {
    let logits = Logits::of_energies(energies)?;
    check_temperature(temperature)?;
    Ok(-logits.top - temperature * logits.ln_sum_of_gaps(temperature))
}

/// The mean energy `sum_i p_i e_i`, in the unit of the energies. A state of probability 0 adds nothing, forbidden or not.
///
/// # Errors
/// Of `probabilities`, as [`entropy`]; [`Error::Length`] where the slices differ in length; [`Error::NotFinite`] for an
/// energy that is NaN or `-infinity`.
///
/// ```
/// use bitspin_core::softmax::mean_energy;
///
/// assert_eq!(mean_energy(&[0.25, 0.75, 0.0], &[4.0, 8.0, f64::INFINITY])?, 7.0);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
pub fn mean_energy(probabilities: &[f64], energies: &[f64]) -> Result<f64, Error> {
    check_distribution(probabilities, "probabilities")?;
    check_len("energies", probabilities.len(), energies.len())?;
    Logits::new(energies, -1.0, "energies")?;
    let pairs = probabilities.iter().zip(energies);
    Ok(pairs.filter(|&(&p, _)| p > 0.0).map(|(&p, &e)| p * e).sum())
}

/// Values read as logits, `sign * value`, with the largest of them: what every sum here is taken relative to.
struct Logits<'a> {
    values: &'a [f64],
    sign: f64,
    top: f64,
    at: usize,
}

impl<'a> Logits<'a> {
    fn of_energies(energies: &'a [f64]) -> Result<Self, Error> {
        Self::new(energies, -1.0, "energies")?.allowed("energies", "at least one that is finite")
    }

    fn of_logits(logits: &'a [f64]) -> Result<Self, Error> {
        Self::new(logits, 1.0, "logits")?.allowed("logits", "at least one that is finite")
    }

    fn new(values: &'a [f64], sign: f64, what: &'static str) -> Result<Self, Error> {
        let Some(&first) = values.first() else {
            return Err(Error::Empty { what });
        };
        let (mut top, mut at) = (sign * first, 0);
        for (index, &value) in values.iter().enumerate() {
            let z = sign * value;
            if z.is_nan() || z == f64::INFINITY {
                return Err(Error::NotFinite { what, index });
            }
            if z > top {
                (top, at) = (z, index);
            }
        }
        Ok(Self {
            values,
            sign,
            top,
            at,
        })
    }

    fn allowed(self, what: &'static str, expected: &'static str) -> Result<Self, Error> {
        if self.top == f64::NEG_INFINITY {
            return Err(Error::OutOfRange { what, expected });
        }
        Ok(self)
    }

    fn softmax(&self, temperature: f64, out: &mut [f64]) -> Result<(), Error> {
        check_temperature(temperature)?;
        check_len("out", self.values.len(), out.len())?;
        let mut sum = 0.0;
        for (weight, &value) in out.iter_mut().zip(self.values) {
            *weight = libm::exp(self.gap(value, temperature));
            sum += *weight;
        }
        // The sum holds exp(0) = 1 of the largest logit, so it is from 1 to n.
        for weight in out {
            *weight /= sum;
        }
        Ok(())
    }

    /// `ln sum_i exp((z_i - top) / T)`, from 0 to `ln n`; by `log1p`, so that the rare states of a cold system count.
    fn ln_sum_of_gaps(&self, temperature: f64) -> f64 {
        let others = self
            .values
            .iter()
            .enumerate()
            .filter(|&(i, _)| i != self.at);
        let weights = others.map(|(_, &value)| libm::exp(self.gap(value, temperature)));
        libm::log1p(weights.sum())
    }

    /// `(z - top) / T`, at most 0. Halved where the difference of two finite logits is beyond float64.
    fn gap(&self, value: f64, temperature: f64) -> f64 {
        let z = self.sign * value;
        let gap = z - self.top;
        if gap == f64::NEG_INFINITY {
            (0.5 * z - 0.5 * self.top) / temperature * 2.0
        } else {
            gap / temperature
        }
    }
}

fn check_temperature(temperature: f64) -> Result<(), Error> {
    if temperature.is_finite() && temperature > 0.0 {
        return Ok(());
    }
    Err(Error::OutOfRange {
        what: "temperature",
        expected: "a finite number above 0",
    })
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
    fn two_states_at_any_scale() {
        // p_1 / p_0 = exp(-gap / T), whatever the size of both, down to the smallest number there is.
        for unit in [5e-324, 1e-310, 1e-200, 1.0, 1e200, 1e300, f64::MAX / 4.0] {
            let mut p = [0.0; 2];
            boltzmann(&[-unit, unit], unit, &mut p).unwrap();
            close(p[1] / p[0], libm::exp(-2.0), 1e-12);
            close(p[0] + p[1], 1.0, 1e-15);
        }
        let mut p = [0.0; 2];
        boltzmann(&[-f64::MAX, f64::MAX], f64::MAX, &mut p).unwrap();
        close(p[1] / p[0], libm::exp(-2.0), 1e-12);
    }

    #[test]
    fn powers_of_two_down_to_the_smallest() {
        // Equal steps of energy and T = 1 / ln 2 halve the probability from state to state: p_i = 2^-i / (2 - 2^-999).
        let mut energies = [0.0; 1000];
        for (i, e) in energies.iter_mut().enumerate() {
            *e = 1e6 + i as f64;
        }
        let mut p = [0.0; 1000];
        boltzmann(&energies, core::f64::consts::LOG2_E, &mut p).unwrap();
        for (i, &p) in p.iter().enumerate() {
            close(p, libm::exp2(-1.0 - i as f64), 1e-12);
        }
    }

    #[test]
    fn the_cold_and_the_hot_limit() {
        let energies = [2.0, -1.0, -1.0, 1e300];
        let mut p = [0.0; 4];
        for cold in [5e-324, 1e-300, 1e-3] {
            boltzmann(&energies, cold, &mut p).unwrap();
            assert_eq!(p, [0.0, 0.5, 0.5, 0.0]);
        }
        boltzmann(&energies[..3], f64::MAX, &mut p[..3]).unwrap();
        assert_eq!(p[..3], [1.0 / 3.0; 3]);
    }

    #[test]
    fn forbidden_states_count_for_nothing() {
        let energies = [f64::INFINITY, 1.0, f64::INFINITY, 2.0];
        let (mut p, mut allowed) = ([7.0; 4], [7.0; 2]);
        boltzmann(&energies, 0.7, &mut p).unwrap();
        boltzmann(&[1.0, 2.0], 0.7, &mut allowed).unwrap();
        assert_eq!(p, [0.0, allowed[0], 0.0, allowed[1]]);
        assert_eq!(
            mean_energy(&p, &energies),
            mean_energy(&allowed, &[1.0, 2.0])
        );
        assert_eq!(
            ln_partition_function(&energies, 0.7),
            ln_partition_function(&[1.0, 2.0], 0.7)
        );
        assert_eq!(mean_energy(&[0.5; 2], &energies[..2]), Ok(f64::INFINITY));
    }

    #[test]
    fn the_ends_of_the_logarithms() {
        assert_eq!(log_sum_exp(&[f64::NEG_INFINITY; 2]), Ok(f64::NEG_INFINITY));
        assert_eq!(log_sum_exp(&[f64::MAX, f64::MAX]), Ok(f64::MAX));
        assert_eq!(log_sum_exp(&[-f64::MAX, f64::MAX]), Ok(f64::MAX));
        assert_eq!(log_sum_exp(&[5e-324]), Ok(5e-324));
        close(log_sum_exp(&[0.0, -50.0]).unwrap(), libm::exp(-50.0), 1e-15);
        assert_eq!(ln_partition_function(&[0.0; 1], 5e-324), Ok(0.0));
        assert_eq!(
            ln_partition_function(&[1e300; 2], 1e-300),
            Ok(f64::NEG_INFINITY)
        );
        assert_eq!(
            ln_partition_function(&[-1e300; 2], 1e-300),
            Ok(f64::INFINITY)
        );
        assert_eq!(free_energy(&[1e300; 2], 1e-300), Ok(1e300));
        assert_eq!(free_energy(&[1e300, f64::INFINITY], 1.0), Ok(1e300));
    }

    #[test]
    fn bad_energies_and_logits_are_named() {
        let mut out = [7.0; 2];
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let empty = |what| Err(Error::Empty { what });
        let at_1 = |what| Err(Error::NotFinite { what, index: 1 });
        assert_eq!(boltzmann(&[], 1.0, &mut out), empty("energies"));
        assert_eq!(softmax(&[], 1.0, &mut out), empty("logits"));
        assert_eq!(log_sum_exp(&[]), Err(Error::Empty { what: "values" }));
        for bad in [nan, -inf] {
            assert_eq!(boltzmann(&[0.0, bad], 1.0, &mut out), at_1("energies"));
            assert_eq!(softmax(&[0.0, -bad], 1.0, &mut out), at_1("logits"));
            assert!(ln_partition_function(&[0.0, bad], 1.0).is_err());
            assert!(log_sum_exp(&[0.0, -bad]).is_err());
            assert!(mean_energy(&[1.0, 0.0], &[0.0, bad]).is_err());
            assert!(mean_energy(&[0.0, bad], &[0.0; 2]).is_err());
        }
        let forbidden = boltzmann(&[inf; 2], 1.0, &mut out);
        assert!(matches!(
            forbidden,
            Err(Error::OutOfRange {
                what: "energies",
                ..
            })
        ));
        assert!(softmax(&[-inf; 2], 1.0, &mut out).is_err());
        assert!(free_energy(&[inf], 1.0).is_err());
        let short = Error::Length {
            what: "out",
            expected: 3,
            found: 2,
        };
        assert_eq!(boltzmann(&[0.0; 3], 1.0, &mut out), Err(short));
        assert!(mean_energy(&[1.0], &[0.5; 2]).is_err());
        for bad in [0.0, -0.0, -1.0, inf, nan] {
            assert!(boltzmann(&[0.0; 2], bad, &mut out).is_err(), "{bad}");
            assert!(ln_partition_function(&[0.0; 2], bad).is_err(), "{bad}");
            assert!(free_energy(&[0.0; 2], bad).is_err(), "{bad}");
        }
        assert_eq!(out, [7.0; 2]);
    }
}
