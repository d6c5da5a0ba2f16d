//! The reference against the joint energy-based model, the engine against the reference, and the gradient.

use bitspin::BitMatrix;
use bitspin::engine::engine;
use bitspin::evaluate::{labelled_ln_z, logits};
use bitspin::reference::labels::Labelled;
use bitspin::reference::{Rbm, state};

use super::models;

#[test]
fn the_reference_is_the_joint_energy_based_model() {
    for case in models() {
        let model = case.reference();
        let close = |found: f64, expected: f64| {
            assert!(
                (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{found}, {expected}"
            );
        };
        close(model.ln_z(), case.ln_z);
        for (k, &number) in case.states.iter().enumerate() {
            let x = state(number, case.visible);
            let found = model.logits(&x);
            for (y, &logit) in found.iter().enumerate() {
                close(logit, case.exact_logits(k)[y]);
                close(model.p_class(&x)[y], case.p_class[k][y]);
                close(logit - model.ln_z(), case.ln_p_joint[k][y]);
            }
            close(model.energy(&x), case.energy_x[k]);
            close(-model.energy(&x) - model.ln_z(), case.ln_p_x[k]);
        }
    }
}

#[test]
fn the_engine_is_the_reference_within_its_bound() {
    for case in models() {
        let parameters = case.parameters();
        let engine = engine(&parameters.joint).unwrap();
        assert_eq!(engine.fraction_bits(), 11);
        let bits = case.states.iter().map(|&x| x as u64).collect();
        let images = BitMatrix::from_bits(case.visible, bits).unwrap();
        let found = logits(&engine, case.classes, &images, 2).unwrap();
        assert_eq!(found, logits(&engine, case.classes, &images, 1).unwrap());
        let bound = case.bound();
        for (k, logits) in found.iter().enumerate() {
            for (logit, exact) in logits.iter().zip(case.exact_logits(k)) {
                assert!((logit - exact).abs() < bound, "{logit}, {exact}");
            }
            assert!((found.energies()[k] - case.energy_x[k]).abs() < bound);
        }
        let ln_z = labelled_ln_z(&parameters, 2).unwrap();
        assert!((ln_z - case.ln_z).abs() < 1e-5, "{ln_z}, {}", case.ln_z);
        for y in 0..case.classes {
            let given = parameters.given(y);
            let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
            let rbm = Rbm::new(
                wide(&given.w),
                wide(&given.visible_bias),
                wide(&given.hidden_bias),
            );
            let pairs = rbm
                .visible_distribution()
                .into_iter()
                .zip(case.reference().p_given_class(y));
            pairs.for_each(|(p, q)| assert!((p - q).abs() < 1e-6, "p(x|y) of class {y}"));
        }
        assert!(logits(&engine, case.classes + 1, &images, 1).is_err());
    }
}

#[test]
fn the_discriminative_gradient_is_the_slope_of_ln_p_of_y_given_x() {
    const STEP: f64 = 1e-5;
    for case in models() {
        let model = case.reference();
        let data: Vec<_> = case
            .states
            .iter()
            .map(|&x| state(x, case.visible))
            .collect();
        let labels: Vec<usize> = (0..data.len()).map(|k| k * k % case.classes).collect();
        let gradient = model.gradient(&data, &labels);
        let near = |found: f64, change: &dyn Fn(&mut Labelled, f64)| {
            let at = |step| {
                let mut moved = model.clone();
                change(&mut moved, step);
                moved.conditional_log_likelihood(&data, &labels)
            };
            let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!((found - slope).abs() < 1e-8, "{found}, {slope}");
        };
        for (k, &found) in gradient.w.iter().enumerate() {
            near(found, &|m, step| m.rbm.w[k] += step);
        }
        for (k, &found) in gradient.u.iter().enumerate() {
            near(found, &|m, step| m.u[k] += step);
        }
        for (k, &found) in gradient.hidden_bias.iter().enumerate() {
            near(found, &|m, step| m.rbm.hidden_bias[k] += step);
        }
        for (k, &found) in gradient.class_bias.iter().enumerate() {
            near(found, &|m, step| m.class_bias[k] += step);
        }
    }
}
