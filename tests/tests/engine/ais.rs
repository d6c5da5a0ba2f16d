//! Annealed importance sampling against enumeration, the float64 reference, and itself.

mod between;
mod bracket;
mod raise;
mod tempering;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::data::{Binarisation, Dataset};
use bitspin::engine::engine;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate, Estimate, ReverseStart};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmParameters;
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_core::Error;
use bitspin_core::rng::Purpose;
use bitspin_tests::RbmCase;

const SETTINGS: AisSettings = AisSettings {
    chains: 100,
    betas: 600,
    seed: 1,
    threads: 2,
};

fn forward(model: &RbmParameters, base: &BaseRate, settings: AisSettings) -> Estimate {
    let ais = Ais::new(model, base, settings).unwrap();
    ais.forward().unwrap()
}

fn reverse(
    model: &RbmParameters,
    base: &BaseRate,
    settings: AisSettings,
    start: ReverseStart<'_>,
) -> Estimate {
    let ais = Ais::new(model, base, settings).unwrap();
    ais.reverse(start).unwrap()
}

/// The built-in digits as bits, and a model of them.
fn trained(hidden: usize, epochs: usize) -> (RbmParameters, BitMatrix) {
    trained_at(0.05, hidden, epochs)
}

fn trained_at(learning_rate: f32, hidden: usize, epochs: usize) -> (RbmParameters, BitMatrix) {
    let digits = Dataset::load(None).unwrap().train.images;
    let packed = BitMatrix::binarise(
        &digits,
        Binarisation::Threshold(0.5),
        1,
        Purpose::Evaluation,
    );
    let settings = Settings {
        learning_rate,
        ..Settings::default()
    };
    let data = TrainingData::Grey(digits.pixels());
    let initial = initial_parameters(784, hidden, 1);
    let mut trainer = Trainer::new(&initial, digits.count(), settings).unwrap();
    for _ in 0..epochs {
        trainer.epoch(data).unwrap();
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
fn tempering_starts_reverse_annealing_within_its_error_bars() {
    let (model, packed) = trained(16, 3);
    let base = BaseRate::of_data(&packed);
    let exact = evaluate::ln_z(&model, 2).unwrap();
    errors_are_as_claimed("reverse from tempering", exact, |seed| {
        let settings = AisSettings { seed, ..SETTINGS };
        let ais = Ais::new(&model, &base, settings).unwrap();
        let tempered = ais.tempered(Some(&packed), 150).unwrap();
        reverse(&model, &base, settings, ReverseStart::Tempering(&tempered))
    });
}

#[test]
fn trained_models_are_within_their_error_bars_from_both_ends() {
    let (model, packed) = trained(16, 3);
    let base = BaseRate::of_data(&packed);
    let exact = evaluate::ln_z(&model, 2).unwrap();
    errors_are_as_claimed("forward", exact, |seed| {
        let estimate = forward(&model, &base, AisSettings { seed, ..SETTINGS });
        assert!(estimate.is_reliable(), "{estimate:?}");
        estimate
    });
    errors_are_as_claimed("reverse", exact, |seed| {
        let samples = evaluate::exact_samples(&model, SETTINGS.chains, seed).unwrap();
        let settings = AisSettings { seed, ..SETTINGS };
        reverse(&model, &base, settings, ReverseStart::Exact(&samples))
    });
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
fn the_models_of_the_reference_are_met_closely() {
    for case in RbmCase::all() {
        let model = narrow(&case);
        let exact = case.rbm().ln_z();
        // From the model's own biases, from data, and in steps so wide that they are cut into panels.
        let data = case.data.iter().map(|&v| v as u64).collect();
        let data = BitMatrix::from_bits(case.visible, data).unwrap();
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
        let ais = Ais::new(&model, &base, settings).unwrap();
        let tempered = ais.tempered(Some(&packed), 64).unwrap();
        let all = [
            forward(&model, &base, settings),
            reverse(&model, &base, settings, start),
            reverse(&model, &base, settings, ReverseStart::Tempering(&tempered)),
        ];
        let raise = ais.raise(&packed.clone().take(5), 3);
        let raise: Vec<u64> = (raise.unwrap().rows.iter())
            .map(|ln_p| ln_p.to_bits())
            .collect();
        let bits = all.map(|found| [found.ln_z.to_bits(), found.standard_error.to_bits()]);
        (bits, tempered.samples, tempered.mixing, raise)
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
    let control = Control::new().interrupt(&interrupt).progress(&stop);
    assert_eq!(ais.forward_with(control).unwrap(), None);
    let start = ReverseStart::Data(&packed, 5);
    assert_eq!(ais.reverse_with(start, control).unwrap(), None);
    assert!(ais.tempered_with(None, 64, control).unwrap().is_none());
    assert_eq!(ais.raise_with(&packed, 1, control).unwrap(), None);
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
    let few = BaseRate::of_data(&BitMatrix::from_bits(9, vec![1; 4]).unwrap());
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
        ais.reverse(start),
        Err(Error::Length {
            expected: 100,
            found: 99,
            ..
        })
    ));
    let one_row = samples.clone().take(1);
    for (rows, chains, wrong) in [(&one_row, 1, "rows"), (&samples, 0, "chains of a row")] {
        let found = ais.raise(rows, chains);
        assert!(matches!(found, Err(Error::OutOfRange { what, .. }) if what == wrong));
    }
    let found = ais.tempered(None, 63);
    assert!(matches!(
        found,
        Err(Error::OutOfRange { what: "rounds", .. })
    ));
    let narrow = BitMatrix::from_bits(9, vec![1; 4]).unwrap();
    assert!(ais.raise(&narrow, 1).is_err());
    assert!(ais.tempered(Some(&narrow), 64).is_err());
}
