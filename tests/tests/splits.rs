//! What must not depend on how work is split: chains in batches, places among threads, units in shards and panels.

use bitspin::validate::{
    Learner, Minibatch, Random, Witnesses, hidden_statistics, weight_statistics,
};
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
    let model = Witnesses::random(300, 65, 0.2, &mut random);
    let mut learner = Learner::new(&model, starts, rate.momentum > 0.0);
    let mut batch = Minibatch::new(model.shape(), random.chains(places));
    let mut after = vec![];
    for _ in 0..4 {
        batch.data = random.vectors(300, places);
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
            // A shard of 256 units has rows that are padded further than others.
            for starts in [&[0, 128][..], &[0, 256], &[0, 64], &[0, 64, 128, 192]] {
                let parts = learn(starts, &rate, places);
                assert!(parts == whole, "{places} places, shards from {starts:?}");
            }
        }
    }
}

#[test]
fn panels_of_hidden_units_leave_no_seam() {
    // 1,200 places bring 19 tables of evidence, too many for a cache with all hidden units at once.
    let places = 1200;
    let mut random = Random::new(19);
    let model = Witnesses::random(70, 300, 0.2, &mut random);
    let stride = model.shape().hidden_stride();
    let mut learner = Learner::new(&model, &[0], false);
    let mut batch = Minibatch::new(model.shape(), random.chains(places));
    batch.data = random.vectors(70, places);
    let mut borrowed = batch.places();
    learner.with_weights(|weights| {
        borrowed.contrast(weights, Method::ContrastiveDivergence, 1, places)
    });
    let evidence: Vec<_> = borrowed.evidence(places).collect();
    let before = learner.w();
    let rate = LearningRate {
        rate: 0.1,
        weight_decay: 0.0,
        momentum: 0.0,
    };
    learner.update(&evidence, places, &rate);

    let sums = weight_statistics(model.shape(), &evidence);
    let factor = 0.1 / (places as f32 * 256.0);
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
    learner.with_weights(|weights| weights.hidden_fields(&single, &mut fields));
    let (w, bias) = (learner.w(), learner.hidden_bias.quantised());
    for (i, fields) in fields.chunks(stride).enumerate() {
        for j in 0..300 {
            let rounded = (w[i * 300 + j] * scale).round_ties_even() as i16;
            assert_eq!(fields[j] - bias[j], rounded, "weight {j}, {i}");
        }
    }
}
