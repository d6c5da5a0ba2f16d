//! The infinite square lattice, exactly: Onsager 1944 (energy, specific heat), Yang 1952 (magnetisation).
//!
//! All is for coupling J > 0 without field; K = beta J is the argument, and energies are in units of J.

use std::f64::consts::{FRAC_PI_2, PI};

/// K at which the lattice begins to be magnetised: ln(1 + sqrt 2) / 2.
pub const CRITICAL: f64 = 0.440_686_793_509_771_5;

/// The spontaneous magnetisation per spin: (1 - sinh(2K)^-4)^(1/8) above [`CRITICAL`], 0 up to it.
///
/// ```
/// use bitspin::ising::onsager::magnetisation;
/// assert!((magnetisation(0.5) - 0.911319).abs() < 1e-6);
/// assert_eq!(magnetisation(0.4), 0.0);
/// ```
#[must_use]
pub fn magnetisation(k: f64) -> f64 {
    if k <= CRITICAL {
        return 0.0;
    }
    (1.0 - (2.0 * k).sinh().powi(-4)).powf(0.125)
}

/// The energy per spin, in units of J.
#[must_use]
pub fn energy(k: f64) -> f64 {
    let t = (2.0 * k).tanh();
    let factor = 2.0 * t * t - 1.0;
    // At the critical point the factor is zero where the integral is infinite.
    let term = if factor.abs() < 1e-12 {
        0.0
    } else {
        factor * elliptic(modulus(k)).0
    };
    -(1.0 + term / FRAC_PI_2) / t
}

/// The specific heat per spin, beta^2 (`<E^2> - <E>^2`) / N; infinite at the critical point.
#[must_use]
pub fn specific_heat(k: f64) -> f64 {
    let t = (2.0 * k).tanh();
    let factor = 2.0 * t * t - 1.0;
    let (first, second) = elliptic(modulus(k));
    let inner = 2.0 * (first - second) - (1.0 - factor) * (FRAC_PI_2 + factor * first);
    2.0 / PI * (k / t).powi(2) * inner
}

fn modulus(k: f64) -> f64 {
    2.0 * (2.0 * k).sinh() / (2.0 * k).cosh().powi(2)
}

/// The complete elliptic integrals of the first and the second kind of a modulus in 0..=1, by arithmetic and geometric
/// means (Gauss).
fn elliptic(modulus: f64) -> (f64, f64) {
    let (mut a, mut b) = (1.0, (1.0 - modulus * modulus).max(0.0).sqrt());
    if b == 0.0 {
        return (f64::INFINITY, 1.0);
    }
    let (mut power, mut sum) = (0.5, 0.5 * modulus * modulus);
    while (a - b).abs() > 1e-15 * a {
        let c = 0.5 * (a - b);
        (a, b) = (0.5 * (a + b), (a * b).sqrt());
        power *= 2.0;
        sum += power * c * c;
    }
    let first = FRAC_PI_2 / a;
    (first, first * (1.0 - sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnetisations_are_the_published_ones() {
        for (k, m) in [(0.5, 0.911_319), (0.6, 0.973_609), (0.7, 0.990_163)] {
            assert!((magnetisation(k) - m).abs() < 1e-6);
        }
        assert_eq!(magnetisation(CRITICAL), 0.0);
    }

    /// -sqrt 2 at the critical point; -2 K and less at high temperature, -2 at low; the specific heat is its slope.
    #[test]
    fn the_energy_has_its_limits_and_its_slope_is_the_specific_heat() {
        assert!((energy(CRITICAL) + 2_f64.sqrt()).abs() < 1e-6);
        assert!((energy(0.01) + 0.02).abs() < 1e-5);
        assert!((energy(3.0) + 2.0).abs() < 1e-8);
        for k in [0.1, 0.3, 0.43, 0.46, 0.6, 1.0] {
            let slope = (energy(k + 1e-5) - energy(k - 1e-5)) / 2e-5;
            let found = specific_heat(k);
            assert!(
                (found + k * k * slope).abs() < 1e-6 * (1.0 + found),
                "{k}: {found}"
            );
        }
    }

    /// Below the critical point a lattice of 4 x 4 is near the infinite one at K = 0.2, by enumeration: -0.45614.
    #[test]
    fn a_small_hot_lattice_is_near() {
        assert!((energy(0.2) + 0.428).abs() < 0.03);
    }
}
