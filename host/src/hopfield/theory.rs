//! Theory of retrieval in large networks: the overlap with a pattern at each load.
//!
//! Amit, Gutfreund and Sompolinsky (*Storing infinite numbers of patterns in a spin-glass model of neural networks*,
//! Phys. Rev. Lett. 55, 1985) solve Hebb's network of N units and P = alpha N random patterns for N to infinity. At
//! temperature 0, with replica symmetry, the retrieval overlap m and the noise sigma of the fields obey
//!
//! ```text
//! m = erf(m / (sqrt(2) sigma)),   sigma^2 = alpha / (1 - C)^2 + d,   C = sqrt(2/pi) exp(-m^2 / (2 sigma^2)) / sigma
//! ```
//!
//! with d = 0. Keeping only the signs of the couplings acts as a static noise on them, d = alpha (pi/2 - 1) (Sompolinsky,
//! *Neural networks with nonlinear synapses and a static noise*, Phys. Rev. A 34, 1986). The solution with the largest m
//! is the memory; past the capacity it is gone, and the theory's overlap is 0. A real network falls to a remnant instead
//! (0.2 to 0.4 for Hebb), since its dynamics stick in a spin-glass state near the start, which the theory leaves out.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, SQRT_2};

/// Couplings that the theory covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Couplings {
    /// Hebb's sum over the patterns, without self-coupling.
    Hebb,
    /// The sign of Hebb's sum, one bit per coupling.
    SignClipped,
}

/// Where the search for the largest solution begins and ends, in y = m / (sqrt(2) sigma), and its number of steps.
const LARGEST: f64 = 6.0;
const SMALLEST: f64 = 0.3;
const STEPS: usize = 4000;

/// The retrieval overlap m at this load P/N and temperature 0, for N to infinity; 0 past the capacity. The error is
/// below 1e-9, except within 1e-6 of the capacity. Takes about a millisecond.
///
/// ```
/// use bitspin::hopfield::theory::{Couplings, retrieval_overlap};
/// assert!((retrieval_overlap(0.10, Couplings::Hebb) - 0.998).abs() < 1e-4);
/// assert_eq!(retrieval_overlap(0.14, Couplings::Hebb), 0.0);
/// ```
#[must_use]
pub fn retrieval_overlap(load: f64, couplings: Couplings) -> f64 {
    if load <= 0.0 {
        return 1.0;
    }
    let gap = |y: f64| libm::erf(y) - y * SQRT_2 * noise(y, load, couplings);
    let mut above = LARGEST;
    if gap(above) >= 0.0 {
        return 1.0;
    }
    for step in 1..STEPS {
        let y = LARGEST + (SMALLEST - LARGEST) * step as f64 / (STEPS - 1) as f64;
        if gap(y) >= 0.0 {
            return libm::erf(root(y, above, |y| -gap(y)));
        }
        above = y;
    }
    0.0
}

/// The load above which no retrieval solution is left: 0.1379 for Hebb, 0.102 for sign-clipped couplings, to 1e-5.
#[must_use]
pub fn capacity(couplings: Couplings) -> f64 {
    let (mut kept, mut lost) = (0.0, 1.0);
    while lost - kept > 1e-6 {
        let middle = 0.5 * (kept + lost);
        if retrieval_overlap(middle, couplings) > 0.0 {
            kept = middle;
        } else {
            lost = middle;
        }
    }
    kept
}

/// The standard deviation sigma of the fields that solves the second equation for a given y = m / (sqrt(2) sigma).
fn noise(y: f64, load: f64, couplings: Couplings) -> f64 {
    let g = FRAC_2_PI.sqrt() * (-y * y).exp();
    match couplings {
        // sigma (1 - g / sigma) = sqrt(alpha)
        Couplings::Hebb => g + load.sqrt(),
        Couplings::SignClipped => {
            let clipping = load * (FRAC_PI_2 - 1.0);
            let excess = |sigma: f64| {
                let screened = 1.0 - g / sigma;
                sigma * sigma - load / (screened * screened) - clipping
            };
            // Clipping only adds noise: the root lies above Hebb's, where the excess rises with sigma.
            let least = g + load.sqrt();
            root(least, least + clipping.sqrt() + 1.0, excess)
        }
    }
}

/// Where a function that rises through zero between `low` and `high` is zero, by bisection to the last bits.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_are_the_published_ones() {
        assert!((capacity(Couplings::Hebb) - 0.1379).abs() < 5e-5);
        assert!((capacity(Couplings::SignClipped) - 0.102).abs() < 5e-4);
    }

    #[test]
    fn overlaps_fall_with_the_load() {
        for couplings in [Couplings::Hebb, Couplings::SignClipped] {
            let overlaps: Vec<f64> = (0..=25)
                .map(|k| retrieval_overlap(0.008 * f64::from(k), couplings))
                .collect();
            assert!(overlaps.windows(2).all(|pair| pair[0] >= pair[1]));
            assert_eq!((overlaps[0], overlaps[25]), (1.0, 0.0));
        }
    }
}
