//! The float64 reference against results that no code of this project produced, and against itself by other routes.

use bitspin::reference::{Rbm, rbm::Gradient, softmax, state, states};
use serde::Deserialize;

/// Each number is held to this, times its size where that is above 1.
const BOUND: f64 = 1e-9;

#[track_caller]
fn agree(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= BOUND * expected.abs().max(1.0),
            "{what}[{i}] is {found}, expected {expected}"
        );
    }
}

#[track_caller]
fn agree_gradient(what: &str, found: &Gradient, expected: &Gradient) {
    agree(what, &found.w, &expected.w);
    agree(what, &found.visible_bias, &expected.visible_bias);
    agree(what, &found.hidden_bias, &expected.hidden_bias);
}

/// A file of results. A field that no test reads does not parse, so nothing in the files goes unchecked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    #[serde(rename = "what")]
    _what: String,
    cases: Vec<T>,
}

fn cases<T: for<'a> Deserialize<'a>>(json: &str, number: usize) -> Vec<T> {
    let file: File<T> = serde_json::from_str(json).expect("a reference file");
    assert_eq!(file.cases.len(), number);
    file.cases
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoltzmannCase {
    energies: Vec<f64>,
    temperature: f64,
    probabilities: Vec<f64>,
    ln_z: f64,
    mean_energy: f64,
    entropy: f64,
}

#[test]
fn boltzmann_agrees_with_the_file() {
    for case in cases::<BoltzmannCase>(include_str!("../../data/boltzmann.json"), 20) {
        let (e, t) = (&case.energies, case.temperature);
        let p = softmax::boltzmann(e, t);
        agree("boltzmann", &p, &case.probabilities);
        let logits: Vec<f64> = e.iter().map(|e| -e).collect();
        let softmax = softmax::softmax(&logits, t);
        agree("softmax", &softmax, &case.probabilities);
        let ln_z = softmax::ln_partition_function(e, t);
        agree("ln_z", &[ln_z], &[case.ln_z]);
        let mean_energy = softmax::mean_energy(&p, e);
        agree("mean_energy", &[mean_energy], &[case.mean_energy]);
        agree("entropy", &[softmax::entropy(&p)], &[case.entropy]);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KlCase {
    p: Vec<f64>,
    q: Vec<f64>,
    kl_pq: f64,
    kl_qp: f64,
}

#[test]
fn kl_agrees_with_the_file_both_ways() {
    for KlCase { p, q, kl_pq, kl_qp } in cases(include_str!("../../data/kl.json"), 4) {
        agree("K(p;q)", &[softmax::kl_divergence(&p, &q)], &[kl_pq]);
        agree("K(q;p)", &[softmax::kl_divergence(&q, &p)], &[kl_qp]);
        let cross = softmax::cross_entropy(&p, &q);
        agree("cross", &[cross], &[softmax::entropy(&p) + kl_pq]);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RbmCase {
    visible: usize,
    hidden: usize,
    w: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    ln_z: f64,
    data: Vec<usize>,
    free_energy: Vec<f64>,
    log_likelihood: f64,
    p_hidden_given_data: Vec<Vec<f64>>,
    mean_visible: Vec<f64>,
    mean_hidden: Vec<f64>,
    correlation_hv: Vec<Vec<f64>>,
    gradient_w: Vec<Vec<f64>>,
    gradient_visible_bias: Vec<f64>,
    gradient_hidden_bias: Vec<f64>,
    expected_cd1_w: Vec<Vec<f64>>,
    expected_cd1_visible_bias: Vec<f64>,
    expected_cd1_hidden_bias: Vec<f64>,
    pseudo_log_likelihood: f64,
}

impl RbmCase {
    fn all() -> Vec<Self> {
        cases(include_str!("../../data/rbm_exact.json"), 4)
    }

    fn rbm(&self) -> Rbm {
        let (b, c) = (self.visible_bias.clone(), self.hidden_bias.clone());
        let rbm = Rbm::new(self.w.concat(), b, c);
        assert_eq!((rbm.visible, rbm.hidden), (self.visible, self.hidden));
        rbm
    }

    fn data(&self) -> Vec<Vec<f64>> {
        self.data.iter().map(|&v| state(v, self.visible)).collect()
    }
}

#[test]
fn rbm_free_energies_and_conditionals_agree_with_the_file() {
    for case in RbmCase::all() {
        let (rbm, data) = (case.rbm(), case.data());
        let free_energy: Vec<f64> = data.iter().map(|v| rbm.free_energy(v)).collect();
        agree("free_energy", &free_energy, &case.free_energy);
        assert_eq!(case.p_hidden_given_data.len(), data.len());
        for (v, p) in data.iter().zip(&case.p_hidden_given_data) {
            agree("p_hidden", &rbm.p_hidden(v), p);
        }
        let pseudo = rbm.pseudo_log_likelihood(&data);
        agree("pseudo", &[pseudo], &[case.pseudo_log_likelihood]);
    }
}

#[test]
fn rbm_partition_function_and_moments_agree_with_the_file() {
    for case in RbmCase::all() {
        let rbm = case.rbm();
        agree("ln_z", &[rbm.ln_z()], &[case.ln_z]);
        agree("over visible", &[rbm.ln_z_over_visible()], &[case.ln_z]);
        agree("over hidden", &[rbm.ln_z_over_hidden()], &[case.ln_z]);
        let log_likelihood = rbm.log_likelihood(&case.data());
        agree("ln p", &[log_likelihood], &[case.log_likelihood]);
        let moments = rbm.moments();
        agree("<v>", &moments.mean_visible, &case.mean_visible);
        agree("<h>", &moments.mean_hidden, &case.mean_hidden);
        let correlation = case.correlation_hv.concat();
        agree("<hv>", &moments.correlation_hv, &correlation);
    }
}

#[test]
fn rbm_gradients_agree_with_the_file() {
    for case in RbmCase::all() {
        let (rbm, data) = (case.rbm(), case.data());
        let exact = Gradient {
            w: case.gradient_w.concat(),
            visible_bias: case.gradient_visible_bias,
            hidden_bias: case.gradient_hidden_bias,
        };
        agree_gradient("gradient", &rbm.gradient(&data), &exact);
        let cd1 = Gradient {
            w: case.expected_cd1_w.concat(),
            visible_bias: case.expected_cd1_visible_bias,
            hidden_bias: case.expected_cd1_hidden_bias,
        };
        agree_gradient("expected CD-1", &rbm.expected_cd(&data, 1), &cd1);
    }
}

/// The cases that are small enough for every pair of states, or every pair of visible states.
fn small() -> impl Iterator<Item = (Rbm, Vec<Vec<f64>>)> {
    let small = |case: &RbmCase| case.visible + case.hidden <= 13;
    let cases = RbmCase::all().into_iter().filter(small);
    cases.map(|case| (case.rbm(), case.data()))
}

#[test]
fn the_joint_distribution_has_the_marginals_and_conditionals() {
    for (rbm, _) in small() {
        let (nv, nh) = (states(rbm.visible).len(), states(rbm.hidden).len());
        let joint = rbm.joint_distribution();
        let row = |h: usize| &joint[h * nv..][..nv];
        let marginal: Vec<f64> = (0..nv).map(|v| (0..nh).map(|h| row(h)[v]).sum()).collect();
        agree("p(v)", &marginal, &rbm.visible_distribution());
        for (v, total) in marginal.iter().enumerate() {
            let on = |j: usize| (0..nh).filter(move |h| h >> j & 1 == 1);
            let given: Vec<f64> = (0..rbm.hidden)
                .map(|j| on(j).map(|h| row(h)[v]).sum::<f64>() / total)
                .collect();
            agree("p(h|v)", &rbm.p_hidden(&state(v, rbm.visible)), &given);
        }
        for h in 0..nh {
            let total: f64 = row(h).iter().sum();
            let on = |i: usize| (0..nv).filter(move |v| v >> i & 1 == 1);
            let given: Vec<f64> = (0..rbm.visible)
                .map(|i| on(i).map(|v| row(h)[v]).sum::<f64>() / total)
                .collect();
            agree("p(v|h)", &rbm.p_visible(&state(h, rbm.hidden)), &given);
        }
    }
}

#[test]
fn the_pseudo_likelihood_is_that_of_the_exact_distribution() {
    for (rbm, _) in small() {
        let p = rbm.visible_distribution();
        for v in states(rbm.visible) {
            let data = [state(v, rbm.visible)];
            let ln_given_others = |i: usize| (p[v] / (p[v] + p[v ^ (1 << i)])).ln();
            let expected: f64 = (0..rbm.visible).map(ln_given_others).sum();
            agree("pseudo", &[rbm.pseudo_log_likelihood(&data)], &[expected]);
            agree("ln p", &[rbm.log_likelihood(&data)], &[p[v].ln()]);
        }
    }
}

#[test]
fn gibbs_steps_balance_and_lead_to_the_exact_distribution() {
    for (rbm, data) in small() {
        let p = rbm.visible_distribution();
        agree("stationary", &rbm.gibbs_step(&p), &p);
        let rows: Vec<Vec<f64>> = states(rbm.visible)
            .map(|v| rbm.gibbs_transition(&state(v, rbm.visible)))
            .collect();
        for v in states(rbm.visible) {
            agree("row", &[rows[v].iter().sum()], &[1.0]);
            let there: Vec<f64> = rows[v].iter().map(|t| p[v] * t).collect();
            let back: Vec<f64> = (0..p.len()).map(|u| p[u] * rows[u][v]).collect();
            agree("detailed balance", &there, &back);
        }
        let (far, exact) = (rbm.expected_cd(&data, 200), rbm.gradient(&data));
        agree_gradient("CD-200", &far, &exact);
    }
}

#[test]
fn cd_statistics_average_to_the_expected_update() {
    for (rbm, data) in small() {
        let v0 = &data[..1];
        let mut mean = rbm.cd_statistics(v0, v0);
        assert!(mean.w.iter().all(|&x| x == 0.0), "a chain that stayed");
        for (v, p) in rbm.gibbs_transition(&v0[0]).into_iter().enumerate() {
            let sampled = rbm.cd_statistics(v0, &[state(v, rbm.visible)]);
            let add = |sum: &mut [f64], x: Vec<f64>| {
                sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += p * x);
            };
            add(&mut mean.w, sampled.w);
            add(&mut mean.visible_bias, sampled.visible_bias);
            add(&mut mean.hidden_bias, sampled.hidden_bias);
        }
        agree_gradient("mean CD-1", &mean, &rbm.expected_cd(v0, 1));
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_likelihood() {
    // Central differences err by step^2 / 6 of a third derivative below 1, and by some 1e-15 / step of rounding.
    const STEP: f64 = 1e-4;
    const SLACK: f64 = 3e-9;
    for (rbm, data) in small() {
        let gradient = rbm.gradient(&data);
        let near = |found: f64, change: &dyn Fn(&mut Rbm, f64)| {
            let at = |step| {
                let mut moved = rbm.clone();
                change(&mut moved, step);
                moved.log_likelihood(&data)
            };
            let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((found - slope).abs() < SLACK, "{found} is not {slope}");
        };
        for (k, &found) in gradient.w.iter().enumerate() {
            near(found, &|rbm, step| rbm.w[k] += step);
        }
        for (i, &found) in gradient.visible_bias.iter().enumerate() {
            near(found, &|rbm, step| rbm.visible_bias[i] += step);
        }
        for (j, &found) in gradient.hidden_bias.iter().enumerate() {
            near(found, &|rbm, step| rbm.hidden_bias[j] += step);
        }
    }
}

#[test]
fn the_mean_field_pass_is_two_conditionals() {
    // One unit each way, by hand: p(h|v = 1) = sigmoid(2 - 1), then p(v|h = p) = sigmoid(2 p - 1/2).
    let rbm = Rbm::new(vec![2.0], vec![-0.5], vec![-1.0]);
    let p = 1.0 / (1.0 + (-1f64).exp());
    let expected = 1.0 / (1.0 + (0.5 - 2.0 * p).exp());
    agree("mean field", &rbm.reconstruct(&[1.0]), &[expected]);
    agree("energy", &[rbm.energy(&[1.0], &[1.0])], &[-0.5]);
}
