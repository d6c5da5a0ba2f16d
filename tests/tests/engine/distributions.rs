//! What is sampled against exact distributions and expectations.
//!
//! Every statistical test here has a false-alarm rate of at most [`FALSE_ALARM`] over its seeds, shared among its
//! comparisons (Bonferroni). Seeds are fixed, so a test that passes keeps passing until the engine's numbers change.

use bitspin::reference::{self, rbm::Gradient, states};
use bitspin::validate::{FALSE_ALARM, Minibatch, Random, Witnesses, mixing_steps, pack};
use bitspin_core::rbm::train::Method;
use bitspin_tests::{RbmCase, gibbs};

/// The bias that the 16-bit logistic may give a probability.
const LOGISTIC: f64 = 2.8 / 65_536.0;

/// The file's cases, quantised, up to so many visible units.
fn cases(visible: usize) -> Vec<(RbmCase, Witnesses)> {
    let all = RbmCase::all().into_iter();
    let some = all.filter(|case| case.visible <= visible && case.hidden <= 6);
    some.map(|case| {
        let model = Witnesses::new(case.rbm()).expect("small parameters fit");
        (case, model)
    })
    .collect()
}

/// Steps after which a chain of visible states is within 1e-12 of its model's distribution, wherever it started: those
/// that the hidden layer, the smaller, needs, and one more.
fn steps_to_forget(rbm: &reference::Rbm) -> usize {
    let mut w = vec![];
    for i in 0..rbm.visible {
        w.extend((0..rbm.hidden).map(|j| rbm.weight(j, i)));
    }
    let (b, c) = (rbm.hidden_bias.clone(), rbm.visible_bias.clone());
    mixing_steps(&reference::Rbm::new(w, b, c), 1e-12) + 1
}

/// Null: 2^18 independent draws of the visible state from the exact distribution of the quantised model. Independent
/// since 2^12 chains are read 64 times, after as many steps as make each forget its last state to within 1e-12.
/// Pearson's statistic over states, those expected fewer than 20 times pooled, is compared with a bound that chi-squared
/// exceeds with probability exp(-x) at most (Laurent and Massart 2000, lemma 1).
#[test]
fn gibbs_chains_have_the_exact_distribution() {
    const CHAINS: usize = 1 << 12;
    const READS: usize = 64;
    let cases = cases(12);
    let x = (cases.len() as f64 / FALSE_ALARM).ln();
    for (case, model) in cases {
        let steps = steps_to_forget(&model.quantised);
        let mut rngs = Random::new(11).chains(CHAINS);
        let mut v = vec![0; CHAINS];
        let mut counts = vec![0.0; 1 << case.visible];
        for _ in 0..READS {
            gibbs(&model, steps, &mut rngs, &mut v);
            v.iter().for_each(|&v| counts[v as usize] += 1.0);
        }
        let (mut rare, mut degrees, mut statistic) = ((0.0, 0.0), -1.0, 0.0);
        let mut term = |found: f64, expected: f64| {
            degrees += 1.0;
            statistic += (found - expected) * (found - expected) / expected;
        };
        for (found, p) in counts.iter().zip(model.quantised.visible_distribution()) {
            let expected = p * (CHAINS * READS) as f64;
            if expected < 20.0 {
                rare = (rare.0 + found, rare.1 + expected);
            } else {
                term(*found, expected);
            }
        }
        if rare.1 > 0.0 {
            term(rare.0, rare.1);
        }
        let bound = degrees + 2.0 * (degrees * x).sqrt() + 2.0 * x;
        assert!(
            statistic <= bound,
            "{} x {}: {statistic} with {degrees} degrees of freedom",
            case.visible,
            case.hidden
        );
    }
}

/// Sums and sums of squares of every parameter's statistic over minibatches.
struct Tally {
    batches: f64,
    sums: Vec<[f64; 2]>,
}

impl Tally {
    fn new(model: &Witnesses) -> Self {
        let (visible, hidden) = (model.float.visible, model.float.hidden);
        Self {
            batches: 0.0,
            sums: vec![[0.0; 2]; visible * hidden + visible + hidden],
        }
    }

    /// One minibatch: its mean statistics, the weights' in the reference's order.
    fn add(&mut self, model: &Witnesses, batch: &Minibatch) {
        let (visible, hidden) = (model.float.visible, model.float.hidden);
        let samples = batch.count();
        let w = batch.weight_statistics();
        let w = (0..w.len()).map(|at| w[at % visible * hidden + at / visible] as f64 / 256.0);
        let b = batch.visible_statistics().into_iter().map(|b| b as f64);
        let c = batch.hidden_statistics();
        let c = c.into_iter().map(|c| c as f64 / 256.0);
        for (sums, x) in self.sums.iter_mut().zip(w.chain(b).chain(c)) {
            let mean = x / samples as f64;
            *sums = [sums[0] + mean, sums[1] + mean * mean];
        }
        self.batches += 1.0;
    }

    /// Each parameter's mean is as many standard errors from its expectation as chance allows to one of `tests`, and not
    /// more beyond what the logistic's bias explains.
    #[track_caller]
    fn agrees(&self, what: &str, expected: &Gradient, tests: usize) {
        let largest_z = (2.0 * (2.0 * tests as f64 / FALSE_ALARM).ln()).sqrt();
        let expected = flat(expected);
        assert_eq!(expected.len(), self.sums.len());
        for (at, ([sum, squares], expected)) in self.sums.iter().zip(expected).enumerate() {
            let mean = sum / self.batches;
            let variance = (squares / self.batches - mean * mean) / (self.batches - 1.0);
            let bound = largest_z * variance.max(0.0).sqrt() + 2.0 * LOGISTIC;
            let error = (mean - expected).abs();
            assert!(
                error <= bound,
                "{what}: parameter {at} is {mean}, expected {expected}, bound {bound}"
            );
            assert!(bound < 0.01, "{what}: parameter {at} is not measured well");
        }
    }
}

/// All of a gradient's numbers: weights, visible biases, hidden biases.
fn flat(gradient: &Gradient) -> Vec<f64> {
    [
        &gradient.w[..],
        &gradient.visible_bias,
        &gradient.hidden_bias,
    ]
    .concat()
}

/// The number of parameters of all models: the comparisons that share the false-alarm rate.
fn parameters(cases: &[(RbmCase, Witnesses)]) -> usize {
    let each = |(case, _): &(RbmCase, Witnesses)| flat(&case.expected_cd1()).len();
    cases.iter().map(each).sum()
}

/// A minibatch whose samples hold the case's data over and over.
fn minibatch(case: &RbmCase, model: &Witnesses, samples: usize, seed: u64) -> Minibatch {
    let rngs = Random::new(seed).chains(samples + model.shape().hidden_words());
    let mut batch = Minibatch::new(model.shape(), samples, rngs);
    let data = case.data().into_iter().cycle().take(samples);
    batch.data = data.flat_map(|v| pack(&v)).collect();
    batch
}

/// Null: the minibatches' CD-1 statistics are independent and have the exact expectation of the quantised model.
/// 2^14 minibatches of 64 samples, 2^20 draws of CD-1; the mean of so many is normal, with the standard error of the
/// minibatches themselves.
#[test]
fn sampled_cd1_averages_to_its_expectation() {
    const SAMPLES: usize = 64;
    let mut cases = cases(12);
    let stiff = RbmCase::all().pop().expect("the case with large weights");
    let model = Witnesses::new(stiff.rbm()).expect("it fits");
    cases.push((stiff, model));
    let tests = parameters(&cases);
    for (case, model) in &cases {
        let mut batch = minibatch(case, model, SAMPLES, 12);
        let weights = model.engine.weights();
        let mut tally = Tally::new(model);
        for _ in 0..1 << 14 {
            batch.contrast(&weights, Method::ContrastiveDivergence, 1);
            tally.add(model, &batch);
        }
        let expected = model.quantised.expected_cd(&case.data(), 1);
        tally.agrees("CD-1", &expected, tests);
    }
}

/// What the test above compares with differs from the file by quantisation only. A field is off by half a step a term, a
/// conditional by a quarter of that; the distribution of the chain's end, as total variation, by no more than the sum over
/// all units of both layers.
#[test]
fn the_expected_update_is_that_of_the_file_within_quantisation() {
    for case in RbmCase::all() {
        let model = Witnesses::new(case.rbm()).expect("it fits");
        let (v, h) = (case.visible as f64, case.hidden as f64);
        let quarter = 0.25 * (model.half_step() + 1e-6);
        let chain = quarter * (h * (1.0 + v) + v * (1.0 + h));
        let bound = chain + 2.0 * quarter * (1.0 + v);
        let found = flat(&model.quantised.expected_cd(&case.data(), 1));
        for (found, expected) in found.iter().zip(flat(&case.expected_cd1())) {
            assert!((found - expected).abs() <= bound, "{found}, {expected}");
        }
    }
}

/// Null: the persistent chains' statistics are independent minibatch after minibatch, and their expectation is the exact
/// gradient, data less model, of the quantised model. Independent since each minibatch makes as many steps as a
/// chain needs to forget its last state to within 1e-12. 2^12 minibatches of 64 samples.
#[test]
fn persistent_chains_have_the_moments_of_the_model() {
    const SAMPLES: usize = 64;
    let cases = cases(12);
    let tests = parameters(&cases);
    for (case, model) in &cases {
        let steps = steps_to_forget(&model.quantised);
        let mut batch = minibatch(case, model, SAMPLES, 13);
        let weights = model.engine.weights();
        let mut tally = Tally::new(model);
        for burn_in in [true].into_iter().chain([false; 1 << 12]) {
            batch.contrast(&weights, Method::Persistent, steps);
            if !burn_in {
                tally.add(model, &batch);
            }
        }
        tally.agrees("PCD", &model.quantised.gradient(&case.data()), tests);
        moments_are_near(case, model);
    }
}

/// The quantised model's moments against the file's: energies are off by half a step a term, so every state's
/// probability is by a factor of exp(2 of that) at most.
fn moments_are_near(case: &RbmCase, model: &Witnesses) {
    let terms = flat(&case.expected_cd1()).len() as f64;
    let bound = (2.0 * terms * (model.half_step() + 1e-6)).exp_m1();
    let found = model.quantised.moments();
    for (found, expected) in [
        (found.mean_visible, &case.mean_visible),
        (found.mean_hidden, &case.mean_hidden),
        (found.correlation_hv, &case.correlation_hv.concat()),
    ] {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= bound, "{found}, {expected}");
        }
    }
}

/// Persistent chains one step at a time have a distribution that goes to the model's as the exact one does. Null: after
/// each of the first 4 minibatches the 2^16 chains are draws from the exact distribution after so many steps,
/// from hidden units that are all zero; compared with the bound that total variation obeys.
#[test]
fn persistent_chains_go_on_from_where_they_were() {
    const CHAINS: usize = 1 << 16;
    const MINIBATCHES: usize = 4;
    let (case, model) = cases(3).remove(0);
    let mut batch = minibatch(&case, &model, CHAINS, 14);
    let weights = model.engine.weights();
    // From h = 0 the visible units are independent: their distribution is that of a model without weights.
    let b = model.quantised.visible_bias.clone();
    let mut expected = reference::Rbm::new(vec![0.0; 3], b, vec![0.0]).visible_distribution();
    for minibatch in 0..MINIBATCHES {
        batch.contrast(&weights, Method::Persistent, 1);
        let mut found = vec![0.0; states(3).len()];
        batch
            .chain
            .iter()
            .for_each(|&v| found[v as usize] += 1.0 / CHAINS as f64);
        let alpha = FALSE_ALARM / MINIBATCHES as f64;
        let bound = bitspin::validate::total_variation_bound(&expected, CHAINS, alpha);
        let error = bitspin::validate::total_variation(&found, &expected);
        assert!(
            error <= bound,
            "minibatch {minibatch}: {error} above {bound}"
        );
        expected = model.quantised.gibbs_step(&expected);
    }
}
