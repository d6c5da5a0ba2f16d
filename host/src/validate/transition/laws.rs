//! The transition matrix of one sweep by each sampler, from the engine's own integer thresholds.

use bitspin_core::ising::{TURNING_THRESHOLD, Temperature, UpdateRule};

use super::families::PLACES;
use super::{Family, Matrix};

/// Equally likely random words.
const WORDS: f64 = 4_294_967_296.0;

/// The error of a probability that a threshold stands for, relative to it and beside that.
pub(super) const RELATIVE: f64 = 1.0 / (1 << 23) as f64;
pub(super) const ABSOLUTE: f64 = 1.0 / (1_u64 << 31) as f64;

/// The probability that a spin, +1 or not, of a field flips.
pub trait Flips {
    /// The probability.
    fn flips(&self, up: bool, field: i32) -> f64;
}

impl<F: Fn(bool, i32) -> f64> Flips for F {
    fn flips(&self, up: bool, field: i32) -> f64 {
        self(up, field)
    }
}

/// What the engine does at a temperature.
///
/// # Panics
/// If it has no such temperature.
#[must_use]
pub fn engine(rule: UpdateRule, beta: f64) -> impl Flips {
    let temperature = temperature(beta);
    move |up: bool, field: i32| {
        let words = match rule {
            UpdateRule::Metropolis => temperature.threshold(rule, if up { field } else { -field }),
            UpdateRule::Glauber => {
                let above = temperature.threshold(rule, field);
                if up { (1 << 32) - above } else { above }
            }
        };
        words as f64 / WORDS
    }
}

pub(super) fn temperature(beta: f64) -> Temperature {
    Temperature::new(beta, PLACES).expect("a finite beta that is not negative")
}

fn attempt(family: &Family, unit: usize, flips: &impl Flips) -> impl Fn(usize) -> (usize, f64) {
    move |state| {
        let chance = flips.flips(state >> unit & 1 != 0, family.field(state, unit));
        (state ^ 1 << unit, chance)
    }
}

/// One attempt for each of these spins, in this order.
#[must_use]
pub fn sweep(family: &Family, order: &[usize], flips: &impl Flips) -> Matrix {
    let start = Matrix::identity(1 << family.units());
    order.iter().fold(start, |matrix, &unit| {
        matrix.then(attempt(family, unit, flips))
    })
}

/// What the thresholds of an attempt for each spin may move of a distribution: a flip that costs x happens with a
/// probability p within 2^-23 p + 2^-31, one that saves x is left out so, and one that costs nothing is exact.
#[must_use]
pub fn rounding(family: &Family, flips: &impl Flips, distribution: &[f64]) -> f64 {
    let attempts = distribution
        .iter()
        .enumerate()
        .flat_map(|(state, &weight)| {
            (0..family.units()).map(move |unit| {
                let (up, field) = (state >> unit & 1 != 0, family.field(state, unit));
                let flips = flips.flips(up, field);
                let rare = match if up { field } else { -field } {
                    0 => return 0.0,
                    1.. => flips,
                    _ => flips.min(1.0 - flips),
                };
                // Out of a state, and into another.
                2.0 * weight * (RELATIVE * rare + ABSOLUTE)
            })
        });
    attempts.sum()
}

/// As many attempts as there are spins, each for spin floor(u N) of a random number u.
#[must_use]
pub fn random_sites(family: &Family, flips: &impl Flips) -> Matrix {
    let (n, size) = (family.units(), 1 << family.units());
    let one = (0..n).map(|unit| {
        let attempt = Matrix::identity(size).then(attempt(family, unit, flips));
        (site_share(unit, n), attempt)
    });
    Matrix::mixture(size, one).power(n)
}

/// The share of random words w for which floor(w N / 2^32) is a spin.
fn site_share(unit: usize, units: usize) -> f64 {
    let first = |unit: usize| ((unit as u64) << 32).div_ceil(units as u64);
    (first(unit + 1) - first(unit)) as f64 / WORDS
}

/// One step of Wolff's algorithm.
///
/// Two satisfied spins are joined with probability p_ij. The cluster of a spin is C where C is connected by such bonds and
/// no bond leaves it; it turns over if none of C is joined with what stands for the fields. With c(C) the probability that
/// bonds within C connect it, sum over S of c(S) times the probability that no bond goes from S to C \ S is 1, S being all parts of
/// C with one certain spin.
#[must_use]
pub fn wolff(family: &Family, beta: f64) -> Matrix {
    let temperature = temperature(beta);
    let (n, size) = (family.units(), 1_usize << family.units());
    let parted = |strength: i32| match strength {
        0.. => temperature.parting_threshold(strength.into()) as f64 / WORDS,
        _ => 1.0,
    };
    let turning = f64::from(TURNING_THRESHOLD) / WORDS;
    let mut rows = vec![0.0; size * size];
    for state in 0..size {
        let spin = |k: usize| 2 * (state >> k & 1) as i32 - 1;
        // The probability that two spins, or a spin and the fields, are not joined.
        let mut open = vec![1.0; n * n];
        for &(i, j, w) in &family.couplings {
            let apart = parted(w * spin(i) * spin(j));
            open[i * n + j] *= apart;
            open[j * n + i] *= apart;
        }
        let free: Vec<f64> = (0..n).map(|i| parted(family.fields[i] * spin(i))).collect();
        let members = |set: usize| (0..n).filter(move |k| set >> k & 1 != 0);
        let cut = |from: usize, to: usize| -> f64 {
            members(from)
                .flat_map(|i| members(to).map(move |j| (i, j)))
                .map(|(i, j)| open[i * n + j])
                .product()
        };
        let mut connected = vec![1.0; size];
        for set in 1..size {
            let root = 1 << set.trailing_zeros();
            let rest = set & !root;
            // All parts of the rest but the whole.
            let mut part = rest;
            while part != 0 {
                part = (part - 1) & rest;
                let with = part | root;
                connected[set] -= connected[with] * cut(with, set & !with);
            }
            let chance = connected[set]
                * cut(set, (size - 1) & !set)
                * members(set).map(|i| free[i]).product::<f64>();
            let share: f64 = members(set).map(|i| site_share(i, n)).sum();
            rows[state * size + (state ^ set)] = turning * share * chance;
        }
        let row = &mut rows[state * size..][..size];
        row[state] = 1.0 - row.iter().sum::<f64>();
    }
    Matrix::from_rows(size, rows)
}

/// Sweeps of chains at a ladder of temperatures, each followed by exchanges of pairs: even pairs, and after another sweep
/// odd pairs. Spin i of the chain at temperature k is bit k N + i of a state.
#[must_use]
pub fn tempering(family: &Family, ladder: &[f64], rule: UpdateRule) -> Matrix {
    let n = family.units();
    let mask = (1_usize << n) - 1;
    let part = |state: usize, k: usize| state >> (k * n) & mask;
    let mut matrix = Matrix::identity(1 << (n * ladder.len()));
    for first in [0, 1] {
        for (k, &beta) in ladder.iter().enumerate() {
            let flips = engine(rule, beta);
            for unit in 0..n {
                matrix = matrix.then(|state| {
                    let (to, chance) = attempt(family, unit, &flips)(part(state, k));
                    (state ^ (to ^ part(state, k)) << (k * n), chance)
                });
            }
        }
        for k in (first..ladder.len() - 1).step_by(2) {
            let (hot, cold) = (temperature(ladder[k]), temperature(ladder[k + 1]));
            matrix = matrix.then(|state| {
                let (a, b) = (part(state, k), part(state, k + 1));
                let cost = family.energy(a) - family.energy(b);
                let words = hot.exchange_threshold(&cold, PLACES, cost);
                let swapped = state ^ ((a ^ b) << (k * n) | (a ^ b) << ((k + 1) * n));
                (swapped, words as f64 / WORDS)
            });
        }
    }
    matrix
}

/// exp(-beta E) / Z of all states of the chains at a ladder of temperatures.
#[must_use]
pub fn product_distribution(family: &Family, ladder: &[f64]) -> Vec<f64> {
    let reference = family.reference();
    ladder.iter().fold(vec![1.0], |joint, &beta| {
        let own = reference.distribution(beta);
        own.iter()
            .flat_map(|p| joint.iter().map(move |q| p * q))
            .collect()
    })
}
