//! Boltzmann learning: the reference against the files and finite differences, the core against the reference, and every
//! rule against a machine that is known.

use bitspin::reference::boltzmann_machine::{BoltzmannMachine, Gradient, Objective};
use bitspin::reference::ising::Ising;
use bitspin::validate::Random;
use bitspin_core::ising::learn::{self, GradientStep, Sums};
use serde::Deserialize;

/// A model of `ising_exact.json` with what it says of data.
#[derive(Deserialize)]
struct Case {
    n: usize,
    beta: f64,
    w: Vec<Vec<f64>>,
    h: Vec<f64>,
    data: Vec<usize>,
    data_log_likelihood: f64,
    gradient_w: Vec<Vec<f64>>,
    gradient_h: Vec<f64>,
    kl_data_model: f64,
    pseudo_log_likelihood: f64,
}

impl Case {
    fn all() -> Vec<Self> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        let json = include_str!("../../data/ising_exact.json");
        let file: File = serde_json::from_str(json).expect("a reference file");
        assert_eq!(file.cases.len(), 5);
        file.cases
    }

    /// The machine at beta 1 that is the model at its beta.
    fn machine(&self) -> BoltzmannMachine {
        let scaled = |values: &[f64]| values.iter().map(|x| self.beta * x).collect();
        BoltzmannMachine {
            ising: Ising {
                w: scaled(&self.w.concat()),
                h: scaled(&self.h),
            },
            visible: self.n,
        }
    }
}

#[track_caller]
fn near(found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= bound,
            "{found}, expected {expected} within {bound}"
        );
    }
}

/// A random machine of spins of which the first are visible.
fn random(visible: usize, hidden: usize, scale: f64, random: &mut Random) -> BoltzmannMachine {
    let n = visible + hidden;
    let mut w = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            w[i * n + j] = random.number(scale);
            w[j * n + i] = w[i * n + j];
        }
    }
    let h = random.numbers(n, scale);
    BoltzmannMachine {
        ising: Ising { w, h },
        visible,
    }
}

const OBJECTIVES: [(Objective, learn::Objective); 3] = [
    (
        Objective::PseudoLikelihood,
        learn::Objective::PseudoLikelihood,
    ),
    (Objective::RatioMatching, learn::Objective::RatioMatching),
    (Objective::Flow, learn::Objective::Flow),
];

#[test]
fn the_reference_has_the_results_of_the_file() {
    for case in Case::all() {
        let machine = case.machine();
        let found = machine.log_likelihood(&case.data);
        near(&[found], &[case.data_log_likelihood], 1e-12);
        let gradient = machine.gradient(&case.data);
        near(&gradient.h, &case.gradient_h, 1e-12);
        let mut expected = case.gradient_w.concat();
        // The file's gradient has a diagonal, which rounding leaves near zero.
        (0..case.n).for_each(|i| expected[i * case.n + i] = 0.0);
        near(&gradient.w, &expected, 1e-12);
        let pseudo = -machine.objective(Objective::PseudoLikelihood, &case.data);
        near(&[pseudo], &[case.pseudo_log_likelihood], 1e-11);
        let p = machine.distribution();
        let share = 1.0 / case.data.len() as f64;
        let kl: f64 = (0..p.len())
            .map(|v| share * case.data.iter().filter(|&&d| d == v).count() as f64)
            .zip(&p)
            .filter(|(q, _)| *q > 0.0)
            .map(|(q, p)| q * (q / p).ln())
            .sum();
        near(&[kl], &[case.kl_data_model], 1e-12);
    }
}

/// Central differences of step d err by d^2/6 times a third derivative: 1e-8 here, and rounding adds 1e-11.
#[test]
fn gradients_of_the_reference_are_slopes() {
    let mut numbers = Random::new(11);
    let data = [0, 3, 5, 3, 7, 6];
    for hidden in [0, 2] {
        let machine = random(3, hidden, 0.8, &mut numbers);
        let n = 3 + hidden;
        let slopes = |value: &dyn Fn(&BoltzmannMachine) -> f64| {
            let slope = |change: &dyn Fn(&mut BoltzmannMachine, f64)| {
                let at = |d: f64| {
                    let mut moved = machine.clone();
                    change(&mut moved, d);
                    value(&moved)
                };
                (at(1e-4) - at(-1e-4)) / 2e-4
            };
            let mut slopes = Gradient {
                w: vec![0.0; n * n],
                h: vec![0.0; n],
            };
            for i in 0..n {
                slopes.h[i] = slope(&|m, d| m.ising.h[i] += d);
                for j in (0..n).filter(|&j| j != i) {
                    slopes.w[i * n + j] = slope(&|m, d| {
                        m.ising.w[i * n + j] += d;
                        m.ising.w[j * n + i] += d;
                    });
                }
            }
            slopes
        };
        let check = |found: &Gradient, value: &dyn Fn(&BoltzmannMachine) -> f64| {
            let expected = slopes(value);
            near(&found.h, &expected.h, 5e-8);
            near(&found.w, &expected.w, 5e-8);
            assert!(
                found.w.iter().any(|g| g.abs() > 0.01),
                "a slope to be found"
            );
        };
        check(&machine.gradient(&data), &|m| m.log_likelihood(&data));
        for (objective, _) in OBJECTIVES {
            check(&machine.descent(objective, &data), &|m| {
                -m.objective(objective, &data)
            });
        }
    }
}

/// Sums for `n` spins that own their numbers.
struct Owned(Vec<i64>, Vec<i64>);

impl Owned {
    fn new(n: usize) -> Self {
        Self(vec![0; n], vec![0; n * n])
    }

    fn sums(&mut self) -> Sums<'_> {
        Sums::new(&mut self.0, &mut self.1).unwrap()
    }

    /// The means over `total` as the reference has them.
    fn gradient(&mut self, total: f64) -> Gradient {
        let n = self.0.len();
        let (mut h, mut w) = (vec![0.0; n], vec![0.0; n * n]);
        self.sums().spin_means(total, &mut h).unwrap();
        self.sums().pair_means(total, &mut w).unwrap();
        let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect();
        Gradient {
            w: wide(&w),
            h: wide(&h),
        }
    }
}

/// Every term is rounded by 2^-21 at most, and there are up to `visible + 1` terms a datum with hidden spins; float32
/// adds 2^-24 of the sum.
#[test]
fn the_core_has_the_gradients_of_the_reference() {
    let mut numbers = Random::new(12);
    for (visible, hidden) in [(1, 0), (2, 0), (7, 0), (1, 1), (4, 3), (5, 4)] {
        for scale in [0.1, 1.0, 2.0] {
            let machine = random(visible, hidden, scale, &mut numbers);
            let n = visible + hidden;
            let data: Vec<usize> = (0..9)
                .map(|_| numbers.bits32() as usize % (1 << visible))
                .collect();
            let core =
                learn::BoltzmannMachine::new(&machine.ising.w, &machine.ising.h, visible).unwrap();
            let mut scratch = vec![f64::NAN; core.scratch_len()];
            let rounding = (visible as f64 + 2.0) * 2_f64.powi(-21);
            let bound = |expected: &Gradient| {
                let largest = expected
                    .w
                    .iter()
                    .chain(&expected.h)
                    .fold(0.0_f64, |top, g| top.max(g.abs()));
                rounding + largest * 2_f64.powi(-23)
            };

            for &v in &data {
                let found = core.ln_weight(&[v as u64], &mut scratch).unwrap();
                near(&[found], &[machine.ln_weight(v)], 1e-11);
            }
            let mut owned = Owned::new(n);
            for &v in &data {
                core.add_clamped(&[v as u64], 1, &mut scratch, &mut owned.sums())
                    .unwrap();
            }
            let mut expected = machine.gradient(&data);
            let thermal = machine.ising.moments(&machine.ising.distribution(1.0));
            for i in 0..n {
                expected.h[i] += thermal.spin[i];
                for j in (0..n).filter(|&j| j != i) {
                    expected.w[i * n + j] += thermal.correlation[i * n + j];
                }
            }
            let found = owned.gradient(9.0);
            near(&found.h, &expected.h, bound(&expected));
            near(&found.w, &expected.w, bound(&expected));

            for (known, objective) in OBJECTIVES {
                let mut owned = Owned::new(n);
                let mut loss = 0.0;
                for &v in &data {
                    let state = [v as u64];
                    core.add_gradient(objective, &state, 1, &mut scratch, &mut owned.sums())
                        .unwrap();
                    loss += core.loss(objective, &state, &mut scratch).unwrap();
                }
                let expected = machine.objective(known, &data);
                near(&[loss / 9.0], &[expected], 1e-11 * (1.0 + expected));
                let expected = machine.descent(known, &data);
                let found = owned.gradient(9.0);
                near(&found.h, &expected.h, bound(&expected));
                near(&found.w, &expected.w, bound(&expected));
            }
        }
    }
}

/// Learns a visible machine from states and how often each came up, until the steps no longer matter.
fn learned(rule: Option<learn::Objective>, n: usize, counts: &[i64]) -> BoltzmannMachine {
    let total = counts.iter().sum::<i64>() as f64;
    let (mut w, mut h) = (vec![0.0_f32; n * n], vec![0.0_f32; n]);
    let (mut velocity_w, mut velocity_h) = (w.clone(), h.clone());
    let (mut gradient_w, mut gradient_h) = (w.clone(), h.clone());
    let step = GradientStep {
        rate: 0.05,
        momentum: 0.9,
        decay: 0.0,
    };
    let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    for _ in 0..1500 {
        let (wide_w, wide_h) = (wide(&w), wide(&h));
        let machine = learn::BoltzmannMachine::new(&wide_w, &wide_h, n).unwrap();
        let mut owned = Owned::new(n);
        for (v, &times) in counts.iter().enumerate().filter(|(_, times)| **times > 0) {
            let state = [v as u64];
            match rule {
                Some(objective) => {
                    machine.add_gradient(objective, &state, times, &mut [], &mut owned.sums())
                }
                None => machine.add_clamped(&state, times, &mut [], &mut owned.sums()),
            }
            .unwrap();
        }
        owned.sums().spin_means(total, &mut gradient_h).unwrap();
        owned.sums().pair_means(total, &mut gradient_w).unwrap();
        if rule.is_none() {
            let exact = bitspin_core::exact::IsingEnumeration::new(&wide_w, &wide_h, 1.0).unwrap();
            let (mut spin, mut pair) = (vec![0.0; n], vec![0.0; n * n]);
            exact
                .moments(&exact.partition(), &mut spin, &mut pair)
                .unwrap();
            (0..n).for_each(|i| gradient_h[i] -= spin[i] as f32);
            (0..n * n)
                .filter(|at| at % (n + 1) != 0)
                .for_each(|at| gradient_w[at] -= pair[at] as f32);
        }
        step.ascend(&gradient_w, &mut velocity_w, &mut w).unwrap();
        step.ascend(&gradient_h, &mut velocity_h, &mut h).unwrap();
    }
    BoltzmannMachine {
        ising: Ising {
            w: wide(&w),
            h: wide(&h),
        },
        visible: n,
    }
}

/// The parameters of a visible machine as one list: fields, then couplings of j < i.
fn list(w: &[f64], h: &[f64]) -> Vec<f64> {
    let n = h.len();
    let pairs = (0..n).flat_map(|i| (0..i).map(move |j| i * n + j));
    h.iter().copied().chain(pairs.map(|at| w[at])).collect()
}

/// The covariance that theory gives for estimates from one datum: H^-1 J H^-1, with H the Hessian of the expected
/// objective at the truth and J the covariance of one datum's gradient (Godambe; van der Vaart, theorem 5.21). Returns
/// its trace.
fn sandwich(rule: Option<Objective>, truth: &BoltzmannMachine) -> f64 {
    let n = truth.visible;
    let p = truth.distribution();
    let descent = |machine: &BoltzmannMachine, v: usize| {
        let gradient = match rule {
            Some(objective) => machine.descent(objective, &[v]),
            None => machine.gradient(&[v]),
        };
        list(&gradient.w, &gradient.h)
    };
    let count = n + n * (n - 1) / 2;
    let mut scores = vec![0.0; count * count];
    for (v, p) in p.iter().enumerate() {
        let score = descent(truth, v);
        for a in 0..count {
            for b in 0..count {
                scores[a * count + b] += p * score[a] * score[b];
            }
        }
    }
    let mean = |machine: &BoltzmannMachine| {
        let mut sum = vec![0.0; count];
        for (v, p) in p.iter().enumerate() {
            let one = descent(machine, v);
            sum.iter_mut().zip(one).for_each(|(sum, g)| *sum += p * g);
        }
        sum
    };
    let mut hessian = vec![0.0; count * count];
    let moved = |a: usize, d: f64| {
        let mut machine = truth.clone();
        if a < n {
            machine.ising.h[a] += d;
        } else {
            let mut pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
            let (i, j) = pairs.nth(a - n).unwrap();
            machine.ising.w[i * n + j] += d;
            machine.ising.w[j * n + i] += d;
        }
        mean(&machine)
    };
    for a in 0..count {
        let (up, down) = (moved(a, 1e-4), moved(a, -1e-4));
        for b in 0..count {
            hessian[b * count + a] = (up[b] - down[b]) / 2e-4;
        }
    }
    let left = solve(&hessian, &scores, count);
    let transposed: Vec<f64> = (0..count * count)
        .map(|at| left[at % count * count + at / count])
        .collect();
    let covariance = solve(&hessian, &transposed, count);
    (0..count).map(|a| covariance[a * count + a]).sum()
}

/// X of A X = B, by Gaussian elimination with pivots.
fn solve(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    for k in 0..n {
        let pivot = (k..n)
            .max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))
            .unwrap();
        for c in 0..n {
            a.swap(k * n + c, pivot * n + c);
            b.swap(k * n + c, pivot * n + c);
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i * n + k] / a[k * n + k];
            for c in 0..n {
                a[i * n + c] -= factor * a[k * n + c];
                b[i * n + c] -= factor * b[k * n + c];
            }
        }
    }
    (0..n * n).map(|at| b[at] / a[at / n * (n + 1)]).collect()
}

/// Counts of the states in so many draws from a distribution.
fn draws(p: &[f64], count: usize, numbers: &mut Random) -> Vec<i64> {
    let mut counts = vec![0; p.len()];
    for _ in 0..count {
        let mut u = (f64::from(numbers.bits32()) + 0.5) / 4_294_967_296.0;
        let at = p.iter().position(|p| {
            u -= p;
            u < 0.0
        });
        counts[at.unwrap_or(p.len() - 1)] += 1;
    }
    counts
}

/// Null: every rule is consistent, with the covariance that theory gives. With M data drawn from a known machine of 4
/// spins, M |found - known|^2 / trace is a mean of squares of ten normal numbers, of unequal weights, and 1 in
/// expectation. Were it one such square alone, 24 would be passed with probability 1e-6; the sum of unequal ones is passed
/// more rarely. For M = 200,000 that asks for couplings within about 0.03, in root mean square over all parameters. Where
/// data are the distribution itself, couplings come out to 1e-5: counts out of 2^22, terms of 2^-20 and float32 leave a
/// few 2^-21, which H^-1, of a trace below 40, widens little.
#[test]
fn every_rule_recovers_a_known_machine_as_data_grow() {
    let mut numbers = Random::new(13);
    let truth = random(4, 0, 0.7, &mut numbers);
    let known = list(&truth.ising.w, &truth.ising.h);
    let p = truth.distribution();
    let rules = OBJECTIVES.map(|(known, objective)| (Some(known), Some(objective)));
    for (theory, rule) in rules.into_iter().chain([(None, None)]) {
        let error = |counts: &[i64]| {
            let found = learned(rule, 4, counts);
            let found = list(&found.ising.w, &found.ising.h);
            found
                .iter()
                .zip(&known)
                .map(|(a, b)| (a - b) * (a - b))
                .sum::<f64>()
        };
        let trace = sandwich(theory, &truth);
        for count in [2_000, 20_000, 200_000] {
            let scaled = count as f64 * error(&draws(&p, count, &mut numbers)) / trace;
            assert!(scaled < 24.0, "{rule:?}: {count} data, {scaled}");
        }
        let itself: Vec<i64> = p
            .iter()
            .map(|p| (p * 2_f64.powi(22)).round() as i64)
            .collect();
        let left = (error(&itself) / 10.0).sqrt();
        assert!(left < 1e-5, "{rule:?}: {left}");
    }
}
