//! Annealed importance sampling against enumeration, the float64 reference, and itself.

use bitspin::data::{Binarisation, Dataset, PackedImages};
use bitspin::engine::engine;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate, Estimate, ReverseStart};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::reference::{rbm::softplus, state, states};
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_core::Error;
use bitspin_core::rbm::anneal::{Annealing, Beta, Chains, ChainsBuffers};
use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_tests::RbmCase;

const SETTINGS: AisSettings = AisSettings {
    chains: 100,
    betas: 600,
    seed: 1,
    threads: 2,
};

fn forward(model: &RbmParameters, base: &BaseRate, settings: AisSettings) -> Estimate {
    let ais = Ais::new(model, base, settings).unwrap();
    ais.forward(&Interrupt::manual(), &|_| ()).unwrap().unwrap()
}

fn reverse(
    model: &RbmParameters,
    base: &BaseRate,
    settings: AisSettings,
    start: ReverseStart<'_>,
) -> Estimate {
    let ais = Ais::new(model, base, settings).unwrap();
    let estimate = ais.reverse(start, &Interrupt::manual(), &|_| ());
    estimate.unwrap().unwrap()
}

/// The built-in digits as bits, and a model of them.
fn trained(hidden: usize, epochs: usize) -> (RbmParameters, PackedImages) {
    let digits = Dataset::load(None).unwrap().train.images;
    let packed = PackedImages::new(
        &digits,
        Binarisation::Threshold(0.5),
        1,
        Purpose::Evaluation,
    );
    let settings = Settings {
        learning_rate: 0.05,
        ..Settings::default()
    };
    let data = TrainingData::Grey(digits.pixels());
    let initial = initial_parameters(784, hidden, 1);
    let mut trainer = Trainer::new(&initial, digits.count(), settings).unwrap();
    for _ in 0..epochs {
        trainer.epoch(data, &Interrupt::manual(), &|_| ()).unwrap();
    }
    (trainer.parameters(), packed)
}

/// Holds 20 seeds to exact ln Z: within half a nat, and within their own error bars as often as these claim. Where a
/// standard error is right, more than 4 of 20 intervals of 95% miss once in 390 times, and the root mean square of
/// the errors, in standard errors, leaves 0.54 to 1.51 once in 500.
#[track_caller]
fn errors_are_as_claimed(what: &str, exact: f64, estimate: impl Fn(u64) -> Estimate) {
    let found: Vec<Estimate> = (1..=20).map(estimate).collect();
    let errors = found.iter().map(|found| found.ln_z - exact);
    let in_standard_errors: Vec<f64> = (errors.clone().zip(&found))
        .map(|(error, found)| error / found.standard_error)
        .collect();
    let worst = errors.map(f64::abs).fold(0.0, f64::max);
    assert!(worst < 0.5, "{what}: {worst} nats off: {found:#?}");
    let missed = in_standard_errors.iter().filter(|z| z.abs() > 1.96).count();
    assert!(
        missed <= 4,
        "{what}: {missed} of 20 missed: {in_standard_errors:?}"
    );
    let square: f64 = in_standard_errors.iter().map(|z| z * z).sum::<f64>() / 20.0;
    assert!(
        (0.54..1.51).contains(&square.sqrt()),
        "{what}: {} standard errors: {in_standard_errors:?}",
        square.sqrt()
    );
}

#[test]
fn trained_models_are_within_their_error_bars_from_both_ends() {
    for hidden in [16, 20] {
        let (model, packed) = trained(hidden, 3);
        let base = BaseRate::of_data(&packed);
        let exact = evaluate::ln_z(&model, 2).unwrap();
        errors_are_as_claimed(&format!("{hidden} hidden, forward"), exact, |seed| {
            let estimate = forward(&model, &base, AisSettings { seed, ..SETTINGS });
            assert!(estimate.is_reliable(), "{estimate:?}");
            estimate
        });
        errors_are_as_claimed(&format!("{hidden} hidden, reverse"), exact, |seed| {
            let samples = evaluate::exact_samples(&model, SETTINGS.chains, seed).unwrap();
            let settings = AisSettings { seed, ..SETTINGS };
            reverse(&model, &base, settings, ReverseStart::Exact(&samples))
        });
    }
}

fn narrow(case: &RbmCase) -> RbmParameters {
    let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect();
    RbmParameters {
        visible: case.visible,
        hidden: case.hidden,
        w: narrow(&case.w.concat()),
        visible_bias: narrow(&case.visible_bias),
        hidden_bias: narrow(&case.hidden_bias),
    }
}

#[test]
fn the_machines_of_the_reference_are_met_closely() {
    for case in RbmCase::all() {
        let model = narrow(&case);
        let exact = case.rbm().ln_z();
        // From the model's own biases, from data, and in steps so wide that they are cut into panels.
        let data = case.data.iter().map(|&v| v as u64).collect();
        let data = PackedImages::from_bits(case.visible, data).unwrap();
        for base in [BaseRate::of_model(&model), BaseRate::of_data(&data)] {
            for (chains, betas) in [(4000, 100), (4000, 7)] {
                let settings = AisSettings {
                    chains,
                    betas,
                    ..SETTINGS
                };
                let samples = evaluate::exact_samples(&model, chains, 3).unwrap();
                for found in [
                    forward(&model, &base, settings),
                    reverse(&model, &base, settings, ReverseStart::Exact(&samples)),
                ] {
                    let error = (found.ln_z - exact).abs();
                    // 4.5 standard errors are exceeded once in 150,000, of 32 draws.
                    assert!(
                        error < 4.5 * found.standard_error && found.standard_error < 0.1,
                        "{error} off: {found:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_estimate_is_for_the_float_parameters_and_not_the_quantised_ones() {
    // One bias is so large that fields have two binary places: all weights are quantised to quarters.
    let mut next = 1_u64;
    let mut random = move || {
        next = next.wrapping_mul(6364136223846793005).wrapping_add(1);
        (next >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut model = RbmParameters {
        visible: 12,
        hidden: 6,
        w: (0..72).map(|_| 0.9 * random()).collect(),
        visible_bias: (0..12).map(|_| 0.9 * random()).collect(),
        hidden_bias: (0..6).map(|_| 0.9 * random()).collect(),
    };
    model.hidden_bias[2] = -5000.0;
    assert_eq!(engine(&model).unwrap().fraction_bits(), 2);
    let exact = evaluate::ln_z(&model, 1).unwrap();
    let base = BaseRate::of_model(&model);
    let settings = AisSettings {
        chains: 1000,
        betas: 100,
        ..SETTINGS
    };
    let samples = evaluate::exact_samples(&model, 1000, 5).unwrap();
    for found in [
        forward(&model, &base, settings),
        reverse(&model, &base, settings, ReverseStart::Exact(&samples)),
    ] {
        let error = (found.ln_z - exact).abs();
        assert!(error < 4.5 * found.standard_error, "{exact}: {found:?}");
    }
}

#[test]
fn neither_threads_nor_company_change_a_bit() {
    let (model, packed) = trained(16, 1);
    let base = BaseRate::of_data(&packed);
    let all = |threads: usize| {
        let settings = AisSettings {
            chains: 33,
            betas: 20,
            threads,
            ..SETTINGS
        };
        let start = ReverseStart::Data(&packed, 3);
        let both = [
            forward(&model, &base, settings),
            reverse(&model, &base, settings, start),
        ];
        both.map(|estimate| [estimate.ln_z.to_bits(), estimate.standard_error.to_bits()])
    };
    let one = all(1);
    for threads in [0, 2, 3, 50] {
        assert_eq!(all(threads), one, "{threads} threads");
    }
}

#[test]
fn an_interrupt_leaves_no_estimate() {
    let (model, packed) = trained(16, 1);
    let base = BaseRate::of_data(&packed);
    let ais = Ais::new(&model, &base, SETTINGS).unwrap();
    let interrupt = Interrupt::manual();
    let stop = |_: u64| interrupt.set();
    assert_eq!(ais.forward(&interrupt, &stop).unwrap(), None);
    let start = ReverseStart::Data(&packed, 5);
    assert_eq!(ais.reverse(start, &interrupt, &stop).unwrap(), None);
}

#[test]
fn wrong_shapes_and_settings_are_typed_errors() {
    let (model, packed) = trained(16, 1);
    let base = BaseRate::of_data(&packed);
    let new = |chains, betas| {
        let settings = AisSettings {
            chains,
            betas,
            ..SETTINGS
        };
        Ais::new(&model, &base, settings).err()
    };
    for (found, what) in [
        (new(1, 10), "chains"),
        (new(2, 0), "betas"),
        (new(2, 65_537), "betas"),
    ] {
        assert!(matches!(found, Some(Error::OutOfRange { what: w, .. }) if w == what));
    }
    let few = BaseRate::of_data(&PackedImages::from_bits(9, vec![1; 4]).unwrap());
    assert!(matches!(
        Ais::new(&model, &few, SETTINGS).err(),
        Some(Error::Length {
            expected: 784,
            found: 9,
            ..
        })
    ));
    let ais = Ais::new(&model, &base, SETTINGS).unwrap();
    let samples = evaluate::exact_samples(&model, 99, 1).unwrap();
    let start = ReverseStart::Exact(&samples);
    assert!(matches!(
        ais.reverse(start, &Interrupt::manual(), &|_| ()),
        Err(Error::Length {
            expected: 100,
            found: 99,
            ..
        })
    ));
}

/// Buffers for `chains` chains of one word a layer and small strides.
fn with_chains<T>(
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
fn ln_between(model: &RbmParameters, base: &[i16], beta: f64, number: usize) -> f64 {
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
        // Pearson's statistic over states that expect at least 5, the others taken together; the start is closer to its
        // expectation than a draw, which only makes it smaller. Its mean is the degrees of freedom d, its variance
        // 2 d: beyond d + 5 sqrt(2 d) comes once in some 100,000 (d of 30 and more).
        let (mut statistic, mut cells, mut rest) = (0.0, 0, (0.0, 0.0));
        for (count, weight) in counts.iter().zip(&weights) {
            let expected = weight / total * CHAINS as f64;
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
            "beta {}: {statistic} of {freedom} degrees of freedom",
            beta.real()
        );
    }
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
