//! The core's Boltzmann distribution and divergences: known answers, the float64 reference, and what theory promises.

use bitspin::reference::softmax as reference;
use bitspin_core::softmax::{
    boltzmann, cross_entropy, entropy, free_energy, kl_divergence, ln_partition_function,
    log_sum_exp, mean_energy, softmax,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// Against the files, whose own method is good to about this.
const FILE_BOUND: f64 = 1e-9;
/// Against the reference, which divides each energy by T before it subtracts: `|e / T| <= 600` costs it 600 roundings.
const REFERENCE_BOUND: f64 = 1e-12;

/// `|found - expected| <= bound`, times the size of `expected` where that is above 1.
fn close(found: f64, expected: f64, bound: f64) -> bool {
    (found - expected).abs() <= bound * expected.abs().max(1.0)
}

fn all_close(found: &[f64], expected: &[f64], bound: f64) -> bool {
    let mut pairs = found.iter().zip(expected);
    found.len() == expected.len() && pairs.all(|(&f, &e)| close(f, e, bound))
}

fn distribution(energies: &[f64], temperature: f64) -> Vec<f64> {
    let mut p = vec![0.0; energies.len()];
    boltzmann(energies, temperature, &mut p).unwrap();
    p
}

fn cases(json: &str, number: usize) -> Vec<Value> {
    let mut file: Value = serde_json::from_str(json).unwrap();
    let cases: Vec<Value> = serde_json::from_value(file["cases"].take()).unwrap();
    assert_eq!(cases.len(), number);
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn boltzmann_agrees_with_the_file() {
    for case in cases(include_str!("../../data/boltzmann.json"), 20) {
        let (e, t) = (
            numbers(&case["energies"]),
            case["temperature"].as_f64().unwrap(),
        );
        let known = |name: &str| case[name].as_f64().unwrap();
        let (p, ln_z) = (distribution(&e, t), ln_partition_function(&e, t).unwrap());
        assert!(all_close(&p, &numbers(&case["probabilities"]), FILE_BOUND));
        assert!(close(ln_z, known("ln_z"), FILE_BOUND));
        let mean = mean_energy(&p, &e).unwrap();
        assert!(close(mean, known("mean_energy"), FILE_BOUND));
        assert!(close(entropy(&p).unwrap(), known("entropy"), FILE_BOUND));
        let free = free_energy(&e, t).unwrap();
        assert!(close(free, -t * known("ln_z"), FILE_BOUND));
    }
}

#[test]
fn divergences_agree_with_the_file_both_ways() {
    for case in cases(include_str!("../../data/kl.json"), 4) {
        let (p, q) = (numbers(&case["p"]), numbers(&case["q"]));
        let (pq, qp) = (&case["kl_pq"], &case["kl_qp"]);
        for (p, q, known) in [(&p, &q, pq), (&q, &p, qp)] {
            let known = known.as_f64().unwrap();
            assert!(close(kl_divergence(p, q).unwrap(), known, FILE_BOUND));
            let cross = entropy(p).unwrap() + known;
            assert!(close(cross_entropy(p, q).unwrap(), cross, FILE_BOUND));
        }
    }
}

/// Energies that differ by up to 60 at temperatures down to 0.1: probabilities from 1 to 1e-260.
fn energies() -> impl Strategy<Value = Vec<f64>> {
    vec(-30.0..30.0f64, 1..40)
}

/// Temperatures from 0.1 to 100, evenly in their logarithm.
fn temperature() -> impl Strategy<Value = f64> {
    (-1.0..2.0f64).prop_map(|x| 10f64.powf(x))
}

/// Finite numbers of every size and sign, denormals and zeros among them.
fn any_energies() -> impl Strategy<Value = Vec<f64>> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    vec(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, 1..20)
}

/// Temperatures of every size.
fn any_temperature() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NORMAL, POSITIVE, SUBNORMAL};
    POSITIVE | NORMAL | SUBNORMAL
}

/// Two distributions over the same states, some states of probability 0 in both or in the first.
fn pair() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let weight = || prop_oneof![1 => Just(0.0), 4 => 1e-12..1.0f64];
    let pairs = vec((weight(), weight()), 2..20);
    let pairs = pairs.prop_filter("a state for each", |pairs| {
        pairs.iter().any(|&(p, q)| p > 0.0 && q > 0.0)
    });
    pairs.prop_map(|pairs| {
        let p: Vec<f64> = pairs
            .iter()
            .map(|&(p, q)| if q > 0.0 { p } else { 0.0 })
            .collect();
        let q: Vec<f64> = pairs.iter().map(|&(_, q)| q).collect();
        (normalised(p), normalised(q))
    })
}

fn normalised(mut p: Vec<f64>) -> Vec<f64> {
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= total);
    p
}

fn distance(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The part of `direction` along which neither `sum_i p_i` nor `sum_i p_i e_i` changes.
fn keeping_sum_and_mean(direction: &[f64], energies: &[f64]) -> Vec<f64> {
    let n = energies.len() as f64;
    let centre = |x: &[f64]| -> Vec<f64> {
        let mean = x.iter().sum::<f64>() / n;
        x.iter().map(|x| x - mean).collect()
    };
    let (d, e) = (centre(direction), centre(energies));
    let along = dot(&d, &e) / dot(&e, &e);
    d.iter().zip(&e).map(|(d, e)| d - along * e).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_core_agrees_with_the_reference(e in energies(), t in temperature()) {
        let (p, naive) = (distribution(&e, t), reference::boltzmann(&e, t));
        prop_assert!(all_close(&p, &naive, REFERENCE_BOUND));
        for (&p, &naive) in p.iter().zip(&naive) {
            prop_assert!((p - naive).abs() <= REFERENCE_BOUND * naive, "relative: {} {}", p, naive);
        }
        let ln_z = ln_partition_function(&e, t).unwrap();
        prop_assert!(close(ln_z, reference::ln_partition_function(&e, t), REFERENCE_BOUND));
        prop_assert!(close(log_sum_exp(&e).unwrap(), reference::log_sum_exp(&e), REFERENCE_BOUND));
        prop_assert!(close(mean_energy(&p, &e).unwrap(), reference::mean_energy(&p, &e), REFERENCE_BOUND));
        prop_assert!(close(entropy(&p).unwrap(), reference::entropy(&p), REFERENCE_BOUND));
        let hot = distribution(&e, 2.0 * t);
        for (p, q) in [(&p, &hot), (&hot, &p)] {
            prop_assert!(close(kl_divergence(p, q).unwrap(), reference::kl_divergence(p, q), REFERENCE_BOUND));
            prop_assert!(close(cross_entropy(p, q).unwrap(), reference::cross_entropy(p, q), REFERENCE_BOUND));
        }
        // F = -T ln Z = <E> - T S.
        let free = free_energy(&e, t).unwrap();
        prop_assert!(close(free, -t * ln_z, REFERENCE_BOUND));
        let (mean, s) = (mean_energy(&p, &e).unwrap(), entropy(&p).unwrap());
        prop_assert!((free - (mean - t * s)).abs() <= REFERENCE_BOUND * (30.0 + t * ln_z.abs()));
    }

    #[test]
    fn softmax_is_boltzmann_of_the_opposite_to_the_bit(e in any_energies(), t in any_temperature()) {
        let logits: Vec<f64> = e.iter().map(|e| -e).collect();
        let mut soft = vec![0.0; e.len()];
        softmax(&logits, t, &mut soft).unwrap();
        prop_assert_eq!(soft, distribution(&e, t));
    }

    #[test]
    fn energies_of_any_size_make_a_distribution(e in any_energies(), t in any_temperature()) {
        let p = distribution(&e, t);
        prop_assert!((p.iter().sum::<f64>() - 1.0).abs() <= 1e-14);
        prop_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
        let s = entropy(&p).unwrap();
        prop_assert!(s >= 0.0 && s <= (e.len() as f64).ln() + 1e-14);
        prop_assert!(!ln_partition_function(&e, t).unwrap().is_nan());
        prop_assert!(free_energy(&e, t).unwrap() <= e.iter().copied().fold(f64::INFINITY, f64::min));
    }

    #[test]
    fn temperature_never_changes_the_most_probable_state(e in any_energies(), t in any_temperature()) {
        let p = distribution(&e, t);
        let lowest = e.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = p.iter().copied().fold(0.0, f64::max);
        for (&e, &p) in e.iter().zip(&p) {
            if e == lowest {
                prop_assert_eq!(p, highest);
            } else if (e - lowest) / t > 1e-15 {
                // Below this gap exp rounds to 1, and the state is as probable as the lowest.
                prop_assert!(p < highest);
            }
        }
    }

    #[test]
    fn units_do_not_matter(e in energies(), t in temperature(), exponent in -900..900i32) {
        // A power of two scales every intermediate result exactly, so the distribution is the same to the bit.
        let unit = 2f64.powi(exponent);
        let scaled: Vec<f64> = e.iter().map(|e| e * unit).collect();
        prop_assert_eq!(distribution(&scaled, t * unit), distribution(&e, t));
    }

    #[test]
    fn a_shift_of_all_logits_changes_nothing(z in vec(-1000..1000i32, 1..40), shift in -1000..1000i32, t in temperature()) {
        // Whole numbers shift without rounding, so the softmax is the same to the bit.
        let of = |shift: i32| {
            let logits: Vec<f64> = z.iter().map(|&z| f64::from(z + shift)).collect();
            let mut p = vec![0.0; z.len()];
            softmax(&logits, t, &mut p).unwrap();
            (p, log_sum_exp(&logits).unwrap())
        };
        let ((p, ln_sum), (shifted, shifted_ln_sum)) = (of(0), of(shift));
        prop_assert_eq!(p, shifted);
        prop_assert!((shifted_ln_sum - ln_sum - f64::from(shift)).abs() <= 1e-12);
    }

    #[test]
    fn no_distribution_of_the_same_mean_energy_has_more_entropy(
        (e, direction) in (3..12usize).prop_flat_map(|n| (vec(-3.0..3.0f64, n), vec(-1.0..1.0f64, n))),
        t in 1.0..10.0f64,
        step in 0.1..0.95f64,
    ) {
        let p = distribution(&e, t);
        let d = keeping_sum_and_mean(&direction, &e);
        // As a fraction of the way to where the first probability would be 0.
        let reach = p.iter().zip(&d).filter(|&(_, &d)| d < 0.0).map(|(p, d)| -p / d).fold(f64::INFINITY, f64::min);
        let other: Vec<f64> = p.iter().zip(&d).map(|(p, d)| p + step * reach * d).collect();
        let apart = distance(&p, &other);
        prop_assume!(apart > 1e-5 && apart.is_finite());

        let (mean, other_mean) = (mean_energy(&p, &e).unwrap(), mean_energy(&other, &e).unwrap());
        prop_assert!((mean - other_mean).abs() <= 1e-12);
        // ln p is linear in the energy, so the entropy lost is the divergence K(other; p), at least apart^2 / 2 (Pinsker).
        let lost = entropy(&p).unwrap() - entropy(&other).unwrap();
        prop_assert!(lost >= 0.5 * apart * apart - 1e-12, "lost {} at a distance of {}", lost, apart);
        prop_assert!((lost - kl_divergence(&other, &p).unwrap()).abs() <= 1e-12);
    }

    #[test]
    fn divergence_is_above_zero_and_bounds_the_distance((p, q) in pair()) {
        let k = kl_divergence(&p, &q).unwrap();
        let apart = distance(&p, &q);
        prop_assert!(k.is_finite() && k >= 0.0);
        prop_assert_eq!(k == 0.0, p == q);
        // Pinsker: K >= |p - q|_1^2 / 2. And K <= ln(1 + chi^2) <= chi^2 from above.
        prop_assert!(k >= 0.5 * apart * apart * (1.0 - 1e-12));
        let chi2: f64 = p.iter().zip(&q).filter(|&(_, &q)| q > 0.0).map(|(p, q)| (p - q) * (p - q) / q).sum();
        prop_assert!(k <= chi2 * (1.0 + 1e-9) + 1e-15);
        prop_assert_eq!(kl_divergence(&p, &p).unwrap(), 0.0);
        // What p allows and q forbids is infinitely surprising, in whichever order they are asked.
        let forbids = q.iter().zip(&p).any(|(&q, &p)| q > 0.0 && p == 0.0);
        prop_assert_eq!(kl_divergence(&q, &p).unwrap().is_infinite(), forbids);
    }

    #[test]
    fn divergence_of_neighbours_is_seen(weights in vec(0.1..1.0f64, 2..20), i in 0..1000usize, bits in 30..48i32) {
        // Moving 2^-bits of one probability to another state: far below what the rounding of p ln(p / q) would show.
        let p = normalised(weights);
        let from = i % p.len();
        let to = (from + 1) % p.len();
        let mut q = p.clone();
        let moved = p[from] * 2f64.powi(-bits);
        (q[from], q[to]) = (q[from] - moved, q[to] + moved);
        let expected: f64 = p.iter().zip(&q).map(|(p, q)| 0.5 * (p - q) * (p - q) / q).sum();
        let k = kl_divergence(&p, &q).unwrap();
        prop_assert!((k - expected).abs() <= 1e-5 * expected, "{} is not {}", k, expected);
    }
}
