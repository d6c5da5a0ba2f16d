//! The models between the base-rate model and the RBM, and exact samples.

use bitspin::engine::engine;
use bitspin::evaluate;
use bitspin::model_file::RbmParameters;
use bitspin::reference::{rbm::softplus, state, states};
use bitspin_core::rbm::ais::{Annealing, Beta, Chains, ChainsBuffers};
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_tests::RbmCase;

use super::narrow;

/// Buffers for `chains` chains of one word a layer and small strides.
pub(super) fn with_chains<T>(
    annealing: &Annealing<'_, bitspin::aligned::AlignedI16>,
    strides: (usize, usize),
    rngs: &mut [ChainRng],
    work: impl FnOnce(Chains<'_, bitspin::aligned::AlignedI16>) -> T,
) -> (T, Vec<f64>) {
    let (chains, (hidden, visible)) = (rngs.len(), strides);
    let mut ln_weights = vec![0.0; chains];
    let buffers = ChainsBuffers {
        visible: &mut vec![0; chains],
        previous: &mut vec![0; chains],
        hidden: &mut vec![0; chains],
        previous_hidden: &mut vec![0; chains],
        hidden_fields: &mut vec![0; chains * hidden],
        visible_fields: &mut vec![0; chains * visible],
        rngs,
        ln_weights: &mut ln_weights,
        row: &mut vec![0; hidden.max(visible)],
        base_row: &mut vec![0; visible],
    };
    let result = work(Chains::new(annealing, buffers).unwrap());
    (result, ln_weights)
}

/// ln p*(v) of the model between at `beta`, in float64, of the numbers that the engine holds.
pub(super) fn ln_between(model: &RbmParameters, base: &[i16], beta: f64, number: usize) -> f64 {
    let v = state(number, model.visible);
    let dot =
        |values: &[f32]| -> f64 { values.iter().zip(&v).map(|(&w, v)| f64::from(w) * v).sum() };
    let of_base: f64 = base
        .iter()
        .zip(&v)
        .map(|(&a, v)| f64::from(a) / 2048.0 * v)
        .sum();
    let rows = model.w.chunks_exact(model.visible).zip(&model.hidden_bias);
    let of_hidden: f64 = rows
        .map(|(row, &c)| softplus(beta * (f64::from(c) + dot(row))))
        .sum();
    (1.0 - beta) * of_base + beta * dot(&model.visible_bias) + of_hidden
}

#[test]
fn steps_leave_the_model_between_as_it_is_and_weights_are_ratios() {
    const CHAINS: usize = 40_000;
    // Numbers that the engine holds without rounding, and fields that reach beyond 16.
    let mut model = narrow(&RbmCase::all()[1]);
    let hold = |x: &mut f32| *x = (*x * 3.0 * 256.0).round() / 256.0;
    model.w.iter_mut().for_each(hold);
    model.visible_bias.iter_mut().for_each(hold);
    model.hidden_bias.iter_mut().for_each(hold);
    let engine = engine(&model).unwrap();
    let shape = engine.shape();
    let strides = (shape.hidden_stride(), shape.visible_stride());
    let base: Vec<i16> = (0..model.visible).map(|i| 700 * i as i16 - 1500).collect();
    let annealing = Annealing::new(&engine, &base).unwrap();
    let expected: f64 = base.iter().map(|&a| softplus(f64::from(a) / 2048.0)).sum();
    let expected = expected + model.hidden as f64 * 2_f64.ln();
    assert!((annealing.base_ln_z() - expected).abs() < 1e-12);
    let mut streams = Streams::new(4, Purpose::Annealing);
    let rngs: Vec<ChainRng> = (0..CHAINS).map(|_| streams.next_chain()).collect();

    // A weight is the ratio of two unnormalised probabilities, whatever the width of the step.
    let all: Vec<u64> = states(model.visible).map(|v| v as u64).collect();
    for (from, to) in [(0, 1), (3, 4), (0, 4), (4, 2)] {
        let (from, to) = (Beta::step(from, 4), Beta::step(to, 4));
        let mut rngs = rngs[..all.len()].to_vec();
        let ((), found) = with_chains(&annealing, strides, &mut rngs, |mut chains| {
            chains.enter(&all).unwrap();
            chains.weigh(from, to);
        });
        for (v, found) in found.into_iter().enumerate() {
            let ln = |beta: Beta| ln_between(&model, &base, beta.real(), v);
            let error = (found - (ln(to) - ln(from))).abs();
            assert!(error < 5e-6, "{v}, {from:?} to {to:?}: {error}");
        }
    }

    // Chains that start at the model between are still there after five steps.
    for k in [0, 1, 2, 3, 4] {
        let beta = Beta::step(k, 4);
        let weights: Vec<f64> = states(model.visible)
            .map(|v| ln_between(&model, &base, beta.real(), v).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        // As many chains as come next to each state's share.
        let mut start = Vec::with_capacity(CHAINS);
        let mut sum = 0.0;
        for (v, weight) in weights.iter().enumerate() {
            sum += weight / total * CHAINS as f64;
            start.resize(sum.round() as usize, v as u64);
        }
        let mut rngs = rngs.clone();
        let (found, _) = with_chains(&annealing, strides, &mut rngs, |mut chains| {
            if beta == Beta::ZERO {
                chains.draw_base();
            } else {
                chains.enter(&start).unwrap();
            }
            for _ in 0..5 {
                chains.step(beta);
            }
            chains.visible().to_vec()
        });
        let mut counts = vec![0.0; weights.len()];
        for v in found {
            counts[v as usize] += 1.0;
        }
        distribution_is(&format!("beta {}", beta.real()), &counts, &weights);
    }
}

/// Pearson's statistic over states that expect at least 5, the others taken together. Its mean is the degrees of freedom d,
/// its variance 2 d: beyond d + 5 sqrt(2 d) comes once in some 100,000 (d of 30 and more). A start that is closer to
/// its expectation than a draw only makes it smaller.
#[track_caller]
pub(super) fn distribution_is(what: &str, counts: &[f64], weights: &[f64]) {
    let (total, draws) = (weights.iter().sum::<f64>(), counts.iter().sum::<f64>());
    let (mut statistic, mut cells, mut rest) = (0.0, 0, (0.0, 0.0));
    for (count, weight) in counts.iter().zip(weights) {
        let expected = weight / total * draws;
        if expected >= 5.0 {
            statistic += (count - expected).powi(2) / expected;
            cells += 1;
        } else {
            rest = (rest.0 + count, rest.1 + expected);
        }
    }
    if rest.1 > 1.0 {
        statistic += (rest.0 - rest.1).powi(2) / rest.1;
        cells += 1;
    }
    let freedom = f64::from(cells - 1);
    assert!(
        statistic < freedom + 5.0 * (2.0 * freedom).sqrt(),
        "{what}: {statistic} of {freedom} degrees of freedom"
    );
}

#[test]
fn exact_samples_have_their_distribution() {
    const DRAWS: usize = 20_000;
    // Of 8 visible units, whose hidden layer is enumerated, and turned around, where it is the visible one.
    let model = narrow(&RbmCase::all()[1]);
    let mut turned = model.clone();
    (turned.visible, turned.hidden) = (model.hidden, model.visible);
    (turned.visible_bias, turned.hidden_bias) =
        (model.hidden_bias.clone(), model.visible_bias.clone());
    for i in 0..model.visible {
        for j in 0..model.hidden {
            turned.w[i * model.hidden + j] = model.w[j * model.visible + i];
        }
    }
    for model in [model, turned] {
        let samples = evaluate::exact_samples(&model, DRAWS, 6).unwrap();
        let ln_z = evaluate::ln_z(&model, 1).unwrap();
        let expected: Vec<f64> = states(model.visible)
            .map(|v| (ln_between(&model, &[], 1.0, v) - ln_z).exp())
            .collect();
        let mut counts = vec![0.0; expected.len()];
        for v in samples.bits() {
            counts[*v as usize] += 1.0;
        }
        let statistic: f64 = (counts.iter().zip(&expected))
            .map(|(count, p)| (count - p * DRAWS as f64).powi(2) / (p * DRAWS as f64))
            .sum();
        // As above; states that are expected less than once widen the tail.
        let freedom = (expected.len() - 1) as f64;
        assert!(
            statistic < freedom + 6.0 * (2.0 * freedom).sqrt(),
            "{statistic} of {freedom}"
        );
    }
}
