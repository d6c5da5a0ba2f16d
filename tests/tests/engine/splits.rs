//! What must not depend on how work is split: chains in batches, samples among threads, units in shards and panels.

use bitspin::validate::{Learner, Minibatch, Random, Witnesses};
use bitspin_core::rbm::train::{LearningRate, Method};
use bitspin_tests::gibbs;

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

/// What a minibatch leaves behind: chains' ends, statistics of the weights and of the hidden biases, the error.
type Left = (Vec<u64>, Vec<i64>, Vec<i64>, u64);

/// Three minibatches one after the other, over `splits` many samples each and hidden units from each of `starts` on, with
/// the generators and data of the whole.
fn run_split(
    model: &Witnesses,
    method: Method,
    steps: usize,
    splits: &[usize],
    starts: &[usize],
) -> Vec<Left> {
    let (shape, total) = (model.shape(), splits.iter().sum());
    let mut random = Random::new(16);
    let rngs = random.chains(total + shape.hidden_words());
    let mut batch = Minibatch::split(shape, splits, starts, rngs);
    let learner = Learner::new(model, starts, false);
    let shards: Vec<_> = learner
        .shards
        .iter()
        .map(|shard| shard.quantised())
        .collect();
    let bias = learner.visible_bias.quantised();
    let mut left = vec![];
    for _ in 0..3 {
        batch.data = random.vectors(shape.visible(), total);
        let error = batch.contrast_parts(&shards, bias, learner.fraction_bits(), method, steps);
        left.push((
            batch.chain.clone(),
            batch.weight_statistics(),
            batch.hidden_statistics(),
            error,
        ));
    }
    left
}

/// The same by the core's own loop over whole layers.
fn run_whole(model: &Witnesses, method: Method, steps: usize, total: usize) -> Vec<Left> {
    let shape = model.shape();
    let mut random = Random::new(16);
    let rngs = random.chains(total + shape.hidden_words());
    let mut batch = Minibatch::new(shape, total, rngs);
    let mut left = vec![];
    for _ in 0..3 {
        batch.data = random.vectors(shape.visible(), total);
        let error = batch.contrast(&model.engine.weights(), method, steps);
        left.push((
            batch.chain.clone(),
            batch.weight_statistics(),
            batch.hidden_statistics(),
            error,
        ));
    }
    left
}

#[test]
fn a_minibatch_is_independent_of_how_it_is_split() {
    let model = Witnesses::random(70, 200, 0.5, &mut Random::new(17));
    for method in [Method::ContrastiveDivergence, Method::Persistent] {
        for steps in [1, 3] {
            let whole = run_whole(&model, method, steps, 150);
            assert_ne!(whole[0].1, whole[1].1, "minibatches differ");
            for (splits, starts) in [
                (&[150][..], &[0][..]),
                (&[75, 75], &[0, 128]),
                (&[1, 63, 64, 22], &[0, 64, 128, 192]),
                (&[65, 85], &[0, 64]),
                (&[128, 22], &[0, 192]),
            ] {
                let parts = run_split(&model, method, steps, splits, starts);
                assert!(
                    parts == whole,
                    "{method:?} with {steps} steps in {splits:?}, {starts:?}"
                );
            }
        }
    }
}

/// The float parameters after each of four minibatches of so many samples, in shards from `starts` on.
fn learn(starts: &[usize], rate: &LearningRate, samples: usize) -> Vec<Vec<u32>> {
    let mut random = Random::new(18);
    let model = Witnesses::random(65, 300, 0.2, &mut random);
    let mut learner = Learner::new(&model, starts, rate.momentum > 0.0);
    let mut batch = learner.minibatch(samples, random.chains(samples + 5));
    let mut after = vec![];
    for _ in 0..4 {
        batch.data = random.vectors(65, samples);
        learner.contrast(&mut batch, Method::ContrastiveDivergence, 2);
        learner.update(&batch, rate);
        let (w, c) = (learner.w(), learner.hidden_bias());
        let all = [&w[..], &c, learner.visible_bias.bias()].concat();
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
        ..LearningRate::plain(0.1)
    };
    let heavy = LearningRate {
        weight_decay: 0.01,
        momentum: 0.5,
        ..plain
    };
    for rate in [plain, heavy] {
        for samples in [100, 150] {
            let whole = learn(&[0], &rate, samples);
            assert_ne!(whole[0], whole[1], "it learns");
            // A shard of 256 units has rows that are padded further than others.
            for starts in [&[0, 128][..], &[0, 256], &[0, 64], &[0, 64, 128, 192]] {
                let parts = learn(starts, &rate, samples);
                assert!(parts == whole, "{samples} samples, shards from {starts:?}");
            }
        }
    }
}

#[test]
fn panels_of_hidden_units_leave_no_seam() {
    // 1,200 samples bring 19 tables of the gradient, too many for a cache with all hidden units at once.
    let samples = 1200;
    let mut random = Random::new(19);
    let model = Witnesses::random(70, 300, 0.2, &mut random);
    let stride = model.shape().hidden_stride();
    let mut learner = Learner::new(&model, &[0], false);
    let mut batch = learner.minibatch(samples, random.chains(samples + 5));
    batch.data = random.vectors(70, samples);
    learner.contrast(&mut batch, Method::ContrastiveDivergence, 1);
    let before = learner.w();
    let rate = LearningRate {
        rate: 0.1,
        weight_decay: 0.0,
        momentum: 0.0,
        ..LearningRate::plain(0.1)
    };
    learner.update(&batch, &rate);

    let sums = batch.weight_statistics();
    let factor = 0.1 / (samples as f32 * 256.0);
    let expected = before.iter().zip(&sums);
    let expected = expected.map(|(w, &sum)| w + sum as f32 * factor);
    assert!(
        expected.eq(learner.w()),
        "every weight changes by its integer sum, to the bit"
    );
    // The quantised copy is of the new weights: one visible unit at a time makes its row the field.
    let scale = (1 << learner.fraction_bits()) as f32;
    let mut fields = vec![0; 70 * stride];
    let mut single = vec![0_u64; 70 * 2];
    (0..70).for_each(|i| single[2 * i + i / 64] = 1 << (i % 64));
    let weights = learner.shards[0].quantised();
    weights.hidden_fields(&single, &mut fields);
    let (w, bias) = (learner.w(), weights.hidden_bias());
    for (i, fields) in fields.chunks(stride).enumerate() {
        for j in 0..300 {
            let rounded = (w[i * 300 + j] * scale).round_ties_even() as i16;
            assert_eq!(fields[j] - bias[j], rounded, "weight {j}, {i}");
        }
    }
}

#[test]
fn norms_that_change_by_updates_are_those_of_the_weights() {
    let mut random = Random::new(20);
    let model = Witnesses::random(70, 100, 0.5, &mut random);
    let mut learner = Learner::new(&model, &[0, 64], false);
    let mut batch = learner.minibatch(50, random.chains(50 + 2));
    let rate = LearningRate {
        rate: 2.0,
        weight_decay: 0.0,
        momentum: 0.0,
        ..LearningRate::plain(2.0)
    };
    let mut fits = vec![];
    for _ in 0..40 {
        batch.data = random.vectors(70, 50);
        learner.contrast(&mut batch, Method::ContrastiveDivergence, 1);
        learner.update(&batch, &rate);
        let mut afresh = learner.clone();
        afresh.requantise(learner.fraction_bits());
        for (shard, fresh) in learner.shards.iter().zip(&afresh.shards) {
            assert_eq!(shard.visible_norms(), fresh.visible_norms());
            assert_eq!(shard.hidden_fields_fit(), fresh.hidden_fields_fit());
        }
        assert_eq!(learner.fields_fit(), afresh.fields_fit());
        fits.push(learner.fields_fit());
        if !learner.fields_fit() {
            learner.requantise(learner.fraction_bits() - 1);
        }
    }
    assert!(fits.contains(&true) && fits.contains(&false), "{fits:?}");
}
