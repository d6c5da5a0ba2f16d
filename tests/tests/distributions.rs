//! What is sampled against exact distributions and expectations, and what must not depend on how work is split.
//!
//! Every statistical test here has a false-alarm rate of at most [`FALSE_ALARM`] over its seeds, shared among its
//! comparisons (Bonferroni). Seeds are fixed, so a test that passes keeps passing until the engine's numbers change.

use bitspin::reference::{self, rbm::Gradient, states};
use bitspin::validate::{
    FALSE_ALARM, Learner, Minibatch, Random, Witnesses, hidden_statistics, mixing_steps, pack,
    weight_statistics,
};
use bitspin_core::rbm::train::{Evidence, LearningRate, Method};
use bitspin_core::rng::ChainRng;
use bitspin_tests::RbmCase;

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

/// Steps after which a chain of visible states is within 1e-12 of its machine's distribution, wherever it started: those
/// that the hidden layer, the smaller, needs, and one more.
fn steps_to_forget(rbm: &reference::Rbm) -> usize {
    let mut w = vec![];
    for i in 0..rbm.visible {
        w.extend((0..rbm.hidden).map(|j| rbm.weight(j, i)));
    }
    let (b, c) = (rbm.hidden_bias.clone(), rbm.visible_bias.clone());
    mixing_steps(&reference::Rbm::new(w, b, c), 1e-12) + 1
}

/// Runs all chains for some Gibbs steps and leaves their visible units in `v`.
fn gibbs(model: &Witnesses, steps: usize, rngs: &mut [ChainRng], v: &mut [u64]) -> Vec<u64> {
    let shape = model.shape();
    let mut v_fields = vec![0; rngs.len() * shape.visible_stride()];
    let mut h_fields = vec![0; rngs.len() * shape.hidden_stride()];
    let mut h = vec![0; rngs.len() * shape.hidden_words()];
    for _ in 0..steps {
        model.engine.sample_hidden(v, &mut h_fields, rngs, &mut h);
        model.engine.sample_visible(&h, &mut v_fields, rngs, v);
    }
    h
}

/// Null: 2^18 independent draws of the visible state from the exact distribution of the quantised machine. Independent
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
    fn add(&mut self, model: &Witnesses, places: usize, evidence: &[Evidence<'_>]) {
        let (shape, visible, hidden) = (model.shape(), model.float.visible, model.float.hidden);
        let w = weight_statistics(shape, evidence);
        let w = (0..w.len()).map(|at| w[at % visible * hidden + at / visible] as f64 / 256.0);
        let b = (0..visible).map(|i| {
            let difference = |group: &Evidence<'_>| {
                let (data, chain) = group.columns(i);
                f64::from(data.count_ones()) - f64::from(chain.count_ones())
            };
            evidence.iter().map(difference).sum()
        });
        let c = hidden_statistics(shape, evidence);
        let c = c.into_iter().map(|c| c as f64 / 256.0);
        for (sums, x) in self.sums.iter_mut().zip(w.chain(b).chain(c)) {
            let mean = x / places as f64;
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

/// The number of parameters of all machines: the comparisons that share the false-alarm rate.
fn parameters(cases: &[(RbmCase, Witnesses)]) -> usize {
    let each = |(case, _): &(RbmCase, Witnesses)| flat(&case.expected_cd1()).len();
    cases.iter().map(each).sum()
}

/// A minibatch whose places hold the case's data over and over.
fn minibatch(case: &RbmCase, model: &Witnesses, places: usize, seed: u64) -> Minibatch {
    let mut batch = Minibatch::new(model.shape(), Random::new(seed).chains(places));
    let data = case.data().into_iter().cycle().take(places);
    batch.data = data.flat_map(|v| pack(&v)).collect();
    batch
}

/// Null: the minibatches' CD-1 statistics are independent and have the exact expectation of the quantised machine.
/// 2^14 minibatches of 64 places, 2^20 draws of CD-1; the mean of so many is normal, with the standard error of the
/// minibatches themselves.
#[test]
fn sampled_cd1_averages_to_its_expectation() {
    const PLACES: usize = 64;
    let mut cases = cases(12);
    let stiff = RbmCase::all().pop().expect("the case with large weights");
    let model = Witnesses::new(stiff.rbm()).expect("it fits");
    cases.push((stiff, model));
    let tests = parameters(&cases);
    for (case, model) in &cases {
        let mut batch = minibatch(case, model, PLACES, 12);
        let mut places = batch.places();
        let shards = [model.engine.shard()];
        let weights = model.engine.weights(&shards);
        let mut tally = Tally::new(model);
        for _ in 0..1 << 14 {
            places.contrast(&weights, Method::ContrastiveDivergence, 1, PLACES);
            let evidence: Vec<_> = places.evidence(PLACES).collect();
            tally.add(model, PLACES, &evidence);
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
/// gradient, data less model, of the quantised machine. Independent since each minibatch makes as many steps as a
/// chain needs to forget its last state to within 1e-12. 2^12 minibatches of 64 places.
#[test]
fn persistent_chains_have_the_moments_of_the_machine() {
    const PLACES: usize = 64;
    let cases = cases(12);
    let tests = parameters(&cases);
    for (case, model) in &cases {
        let steps = steps_to_forget(&model.quantised);
        let mut batch = minibatch(case, model, PLACES, 13);
        let mut places = batch.places();
        let shards = [model.engine.shard()];
        let weights = model.engine.weights(&shards);
        let mut tally = Tally::new(model);
        for burn_in in [true].into_iter().chain([false; 1 << 12]) {
            places.contrast(&weights, Method::Persistent, steps, PLACES);
            if !burn_in {
                let evidence: Vec<_> = places.evidence(PLACES).collect();
                tally.add(model, PLACES, &evidence);
            }
        }
        tally.agrees("PCD", &model.quantised.gradient(&case.data()), tests);
        moments_are_near(case, model);
    }
}

/// The quantised machine's moments against the file's: energies are off by half a step a term, so every state's
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

/// Persistent chains one step at a time have a distribution that goes to the machine's as the exact one does. Null: after
/// each of the first 4 minibatches the 2^16 chains are draws from the exact distribution after so many steps,
/// from hidden units that are all zero; compared with the bound that total variation obeys.
#[test]
fn persistent_chains_go_on_from_where_they_were() {
    const CHAINS: usize = 1 << 16;
    const MINIBATCHES: usize = 4;
    let (case, model) = cases(3).remove(0);
    let mut batch = minibatch(&case, &model, CHAINS, 14);
    let shards = [model.engine.shard()];
    let weights = model.engine.weights(&shards);
    // From h = 0 the visible units are independent: their distribution is that of a machine without weights.
    let b = model.quantised.visible_bias.clone();
    let mut expected = reference::Rbm::new(vec![0.0; 3], b, vec![0.0]).visible_distribution();
    for minibatch in 0..MINIBATCHES {
        batch
            .places()
            .contrast(&weights, Method::Persistent, 1, CHAINS);
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

#[test]
fn a_chain_draws_the_same_alone_and_in_a_batch() {
    let mut random = Random::new(15);
    for (visible, hidden) in [(1, 1), (33, 70), (130, 65)] {
        let model = Witnesses::random(visible, hidden, 0.5, &mut random);
        let shape = model.shape();
        let mut rngs = random.chains(9);
        let alone = rngs.clone();
        let start = random.vectors(visible, 9);
        let mut v = start.clone();
        let h = gibbs(&model, 5, &mut rngs, &mut v);
        for (k, rng) in alone.into_iter().enumerate() {
            let words = k * shape.visible_words()..(k + 1) * shape.visible_words();
            let mut one = start[words.clone()].to_vec();
            let mut rng = [rng];
            let hidden = gibbs(&model, 5, &mut rng, &mut one);
            assert_eq!(one, v[words]);
            assert_eq!(
                hidden,
                h[k * shape.hidden_words()..][..shape.hidden_words()]
            );
            assert_eq!(rng[0], rngs[k]);
        }
    }
}

/// What some places leave behind: chains' ends, statistics of the weights and of the hidden biases, the error.
type Left = (Vec<u64>, Vec<i64>, Vec<i64>, u64);

/// Three minibatches over `splits` many places each, one after the other, with the generators and data of the whole.
fn run_split(model: &Witnesses, method: Method, steps: usize, splits: &[usize]) -> Vec<Left> {
    let (shape, total) = (model.shape(), splits.iter().sum());
    let mut random = Random::new(16);
    let mut rngs = random.chains(total).into_iter();
    let parts = splits.iter().map(|&count| {
        let rngs = rngs.by_ref().take(count).collect();
        Minibatch::new(shape, rngs)
    });
    let mut parts: Vec<Minibatch> = parts.collect();
    let shards = [model.engine.shard()];
    let weights = model.engine.weights(&shards);
    let mut left = vec![];
    for _ in 0..3 {
        let mut data = &random.vectors(shape.visible(), total)[..];
        for part in &mut parts {
            let (own, others) = data.split_at(part.data.len());
            part.data.copy_from_slice(own);
            data = others;
        }
        let mut places: Vec<_> = parts
            .iter_mut()
            .map(|part| (part.count(), part.places()))
            .collect();
        let runs = places.iter_mut();
        let error = runs
            .map(|(count, part)| part.contrast(&weights, method, steps, *count))
            .sum();
        let evidence = places
            .iter()
            .flat_map(|(count, part)| part.evidence(*count));
        let evidence: Vec<_> = evidence.collect();
        left.push((
            places
                .iter()
                .flat_map(|(_, part)| part.chain().to_vec())
                .collect(),
            weight_statistics(shape, &evidence),
            hidden_statistics(shape, &evidence),
            error,
        ));
    }
    left
}

#[test]
fn places_are_independent_of_how_they_are_split() {
    let model = Witnesses::random(70, 40, 0.5, &mut Random::new(17));
    for method in [Method::ContrastiveDivergence, Method::Persistent] {
        for steps in [1, 3] {
            let whole = run_split(&model, method, steps, &[150]);
            for splits in [&[75, 75][..], &[1, 63, 64, 22], &[65, 85], &[128, 22]] {
                let parts = run_split(&model, method, steps, splits);
                assert!(
                    parts == whole,
                    "{method:?} with {steps} steps in {splits:?}"
                );
            }
        }
    }
}

/// The float parameters after each of four minibatches of 100 places, or of 150, in shards from `starts` on.
fn learn(starts: &[usize], rate: &LearningRate, places: usize) -> Vec<Vec<u32>> {
    let mut random = Random::new(18);
    let model = Witnesses::random(200, 65, 0.2, &mut random);
    let mut learner = Learner::new(&model, starts, rate.momentum > 0.0);
    let mut batch = Minibatch::new(model.shape(), random.chains(places));
    let mut after = vec![];
    for _ in 0..4 {
        batch.data = random.vectors(200, places);
        let mut borrowed = batch.places();
        learner.with_weights(|weights| {
            borrowed.contrast(weights, Method::ContrastiveDivergence, 2, places)
        });
        let evidence: Vec<_> = borrowed.evidence(places).collect();
        learner.update(&evidence, places, rate);
        let (w, b) = (learner.w(), learner.visible_bias());
        let all = [&w[..], &b, learner.hidden_bias.bias()].concat();
        after.push(all.into_iter().map(f32::to_bits).collect());
    }
    after
}

#[test]
fn shards_learn_what_the_whole_layer_learns() {
    let plain = LearningRate {
        rate: 0.1,
        weight_decay: 0.0,
        momentum: 0.0,
    };
    let heavy = LearningRate {
        weight_decay: 0.01,
        momentum: 0.5,
        ..plain
    };
    for rate in [plain, heavy] {
        for places in [100, 150] {
            let whole = learn(&[0], &rate, places);
            assert_ne!(whole[0], whole[1], "it learns");
            for starts in [&[0, 128][..], &[0, 64], &[0, 64, 128, 192]] {
                let parts = learn(starts, &rate, places);
                assert!(parts == whole, "{places} places, shards from {starts:?}");
            }
        }
    }
}
