//! Enumeration against results made elsewhere, the float64 reference, and closed forms.

use bitspin::reference::{self, state};
use bitspin_core::Error;
use bitspin_core::exact::{
    Enumeration, FIELD_LIMIT, Layer, LogSum, MomentsBuffers, RESYNC, free_energy, ln_probability,
};
use bitspin_core::rbm::{Parameters, Shape};
use proptest::prelude::*;
use serde::Deserialize;

/// A model in both precisions: the reference sees the very numbers that the engine sees.
#[derive(Debug)]
struct Model {
    shape: Shape,
    w: Vec<f32>,
    visible_bias: Vec<f32>,
    hidden_bias: Vec<f32>,
}

impl Model {
    /// Parameters from `-scale..scale`, from a seed.
    fn random(visible: usize, hidden: usize, scale: f32, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
            scale * ((state >> 40) as f32 / (1 << 23) as f32 - 1.0)
        };
        Self {
            shape: Shape::new(visible, hidden).unwrap(),
            w: (0..visible * hidden).map(|_| next()).collect(),
            visible_bias: (0..visible).map(|_| next()).collect(),
            hidden_bias: (0..hidden).map(|_| next()).collect(),
        }
    }

    fn parameters(&self) -> Parameters<'_> {
        Parameters {
            shape: self.shape,
            w: &self.w,
            visible_bias: &self.visible_bias,
            hidden_bias: &self.hidden_bias,
        }
    }

    fn reference(&self) -> reference::Rbm {
        let wide = |values: &[f32]| values.iter().map(|&x| x.into()).collect();
        reference::Rbm::new(
            wide(&self.w),
            wide(&self.visible_bias),
            wide(&self.hidden_bias),
        )
    }

    fn with<T>(&self, layer: Layer, work: impl FnOnce(&Enumeration<'_>, &mut [f64]) -> T) -> T {
        let mut table = vec![f64::NAN; layer.table_len(self.shape).unwrap()];
        let exact = Enumeration::new(self.parameters(), layer, &mut table).unwrap();
        let mut fields = vec![f64::NAN; exact.fields_len()];
        work(&exact, &mut fields)
    }
}

#[track_caller]
fn near(what: &str, found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= bound,
            "{what}[{i}] is {found}, expected {expected} within {bound}"
        );
    }
}

/// Everything that enumeration gives, against the reference, over both layers.
#[track_caller]
fn agrees_with_the_reference(model: &Model) {
    let reference = model.reference();
    let (visible, hidden) = (model.shape.visible(), model.shape.hidden());
    let p = reference.visible_distribution();
    let moments = reference.moments();
    for layer in [Layer::Visible, Layer::Hidden] {
        model.with(layer, |exact, fields| {
            // The reference sums straight on and rounds as well, by less than the engine may.
            let bound = 2.0 * exact.error_bound();
            near(
                "ln_z",
                &[exact.ln_z(fields).unwrap()],
                &[reference.ln_z()],
                bound,
            );
            let mut buffers = (
                vec![0.0; visible],
                vec![0.0; hidden],
                vec![0.0; visible * hidden],
            );
            let ln_z = exact.moments(&mut MomentsBuffers {
                mean_visible: &mut buffers.0,
                mean_hidden: &mut buffers.1,
                correlation: &mut buffers.2,
                scratch: &mut vec![f64::NAN; 2 * exact.fields_len()],
            });
            near(
                "ln_z of moments",
                &[ln_z.unwrap()],
                &[reference.ln_z()],
                bound,
            );
            near("<v>", &buffers.0, &moments.mean_visible, bound);
            near("<h>", &buffers.1, &moments.mean_hidden, bound);
            near("<hv>", &buffers.2, &moments.correlation_hv, bound);
            let mut found = vec![f64::NAN; exact.states()];
            exact.distribution(fields, &mut found).unwrap();
            if layer == Layer::Visible {
                near("p(v)", &found, &p, bound);
            }
            for v in [0, 1, (1 << visible) - 1, (1 << visible) / 3] {
                let packed = [v as u64];
                let free = free_energy(&model.parameters(), &packed).unwrap();
                let expected = reference.free_energy(&state(v, visible));
                near("F(v)", &[free], &[expected], bound);
                let ln_p = ln_probability(&model.parameters(), ln_z.unwrap(), &packed).unwrap();
                near(
                    "ln p(v)",
                    &[ln_p],
                    &[-expected - reference.ln_z()],
                    2.0 * bound,
                );
            }
        });
    }
}

#[derive(Deserialize)]
struct Case {
    visible: usize,
    hidden: usize,
    w: Vec<Vec<f64>>,
    visible_bias: Vec<f64>,
    hidden_bias: Vec<f64>,
    ln_z: f64,
    mean_visible: Vec<f64>,
    mean_hidden: Vec<f64>,
    correlation_hv: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[test]
fn enumeration_agrees_with_the_file() {
    let file: File = serde_json::from_str(include_str!("../../data/rbm_exact.json")).unwrap();
    assert_eq!(file.cases.len(), 4);
    for case in file.cases {
        // The slope of ln Z along a parameter is a probability: rounding the parameters to float32 changes it by no more
        // than the sum of the changes, and a moment, whose slope is a covariance, by no more than that.
        let mut rounding = 0.0;
        let mut narrow = |values: &[f64]| -> Vec<f32> {
            values
                .iter()
                .map(|&x| {
                    rounding += (x - f64::from(x as f32)).abs();
                    x as f32
                })
                .collect()
        };
        let model = Model {
            shape: Shape::new(case.visible, case.hidden).unwrap(),
            w: narrow(&case.w.concat()),
            visible_bias: narrow(&case.visible_bias),
            hidden_bias: narrow(&case.hidden_bias),
        };
        assert!(rounding < 2e-5, "{rounding}");
        model.with(Layer::smaller(model.shape), |exact, fields| {
            let bound = rounding + exact.error_bound();
            near("ln_z", &[exact.ln_z(fields).unwrap()], &[case.ln_z], bound);
            let weights = case.visible * case.hidden;
            let (mut v, mut h) = (vec![0.0; case.visible], vec![0.0; case.hidden]);
            let mut hv = vec![0.0; weights];
            exact
                .moments(&mut MomentsBuffers {
                    mean_visible: &mut v,
                    mean_hidden: &mut h,
                    correlation: &mut hv,
                    scratch: &mut vec![0.0; 2 * exact.fields_len()],
                })
                .unwrap();
            near("<v>", &v, &case.mean_visible, bound);
            near("<h>", &h, &case.mean_hidden, bound);
            near("<hv>", &hv, &case.correlation_hv.concat(), bound);
        });
        agrees_with_the_reference(&model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn enumeration_agrees_with_the_reference(
        visible in 1_usize..=8,
        hidden in 1_usize..=8,
        scale in prop::sample::select(vec![0.0_f32, 0.01, 1.0, 8.0, 60.0, 300.0, 1e6]),
        seed: u64,
    ) {
        agrees_with_the_reference(&Model::random(visible, hidden, scale, seed));
    }
}

#[test]
fn layers_of_one_unit_and_layers_beyond_the_lanes_agree() {
    for (visible, hidden) in [(1, 1), (1, 15), (15, 1), (2, 16), (3, 17), (17, 3), (7, 33)] {
        for scale in [1.0, 100.0] {
            let model = Model::random(visible, hidden, scale, 3);
            let reference = model.reference().ln_z();
            model.with(Layer::smaller(model.shape), |exact, fields| {
                let ln_z = exact.ln_z(fields).unwrap();
                near("ln_z", &[ln_z], &[reference], 2.0 * exact.error_bound());
            });
        }
    }
}

#[test]
fn fields_that_are_carried_on_and_computed_afresh_agree() {
    const UNITS: usize = 18;
    const { assert!(1 << (UNITS - 6) >= 4 * RESYNC, "a part has several runs") };
    for (visible, hidden) in [(UNITS, 20), (20, UNITS)] {
        for scale in [0.5, 5.0] {
            let model = Model::random(visible, hidden, scale, 4);
            let reference = model.reference();
            model.with(Layer::smaller(model.shape), |exact, fields| {
                let error = (exact.ln_z(fields).unwrap() - reference.ln_z()).abs();
                // Of the worst case nothing like it is seen.
                assert!(error <= exact.error_bound() / 10.0, "{error}");
            });
        }
    }
}

#[test]
fn independent_units_of_24_give_the_closed_form() {
    let mut model = Model::random(30, 24, 2.0, 5);
    model.w.fill(0.0);
    let softplus = |&x: &f32| f64::from(x).exp().ln_1p();
    let biases = model.visible_bias.iter().chain(&model.hidden_bias);
    let expected: f64 = biases.map(softplus).sum();
    model.with(Layer::Hidden, |exact, fields| {
        let found = exact.ln_z(fields).unwrap();
        near("ln_z", &[found], &[expected], exact.error_bound());
    });
}

#[test]
fn both_ways_of_keeping_fields_agree_at_their_border() {
    // One summed unit decides, and its weight is too small to matter otherwise.
    for (last, which) in [
        (FIELD_LIMIT as f32, "carried"),
        (FIELD_LIMIT as f32 + 1.0, "added"),
    ] {
        for sign in [-1.0, 1.0] {
            let mut model = Model::random(40, 6, 1.0, 6);
            model
                .w
                .iter_mut()
                .skip(39)
                .step_by(40)
                .for_each(|w| *w = 0.0);
            model.visible_bias[39] = sign * last;
            let reference = model.reference().ln_z();
            model.with(Layer::Hidden, |exact, fields| {
                let found = exact.ln_z(fields).unwrap();
                near(which, &[found], &[reference], 2.0 * exact.error_bound());
            });
        }
    }
    // Products of many factors e^600 must not overflow.
    let mut model = Model::random(100, 2, 1.0, 7);
    model.visible_bias.fill(590.0);
    let reference = model.reference().ln_z();
    model.with(Layer::Hidden, |exact, fields| {
        near("large", &[exact.ln_z(fields).unwrap()], &[reference], 1e-8);
    });
}

#[test]
fn parts_in_any_order_merge_to_the_same_bits() {
    let model = Model::random(9, 70, 1.0, 8);
    model.with(Layer::Visible, |exact, fields| {
        assert_eq!(exact.parts(), 64);
        let mut parts: Vec<(usize, LogSum)> = (0..exact.parts())
            .rev()
            .map(|part| (part, exact.ln_sum_of_part(part, fields).unwrap()))
            .collect();
        parts.sort_by_key(|&(part, _)| part);
        let mut sum = LogSum::EMPTY;
        parts.into_iter().for_each(|(_, part)| sum.merge(part));
        let ln_z = exact.ln_z(fields).unwrap();
        assert_eq!(sum.value().to_bits(), ln_z.to_bits());
    });
}

#[test]
fn wrong_shapes_are_typed_errors() {
    let shape = Shape::new(25, 26).unwrap();
    for layer in [Layer::Visible, Layer::Hidden] {
        let error = layer.table_len(shape).unwrap_err();
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
    let large = Model::random(25, 26, 1.0, 1);
    let error = Enumeration::new(large.parameters(), Layer::Visible, &mut []).unwrap_err();
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    assert!(
        Layer::Hidden
            .table_len(Shape::new(784, 24).unwrap())
            .is_ok()
    );

    let length = |what, result: Result<(), Error>| match result {
        Err(Error::Length { what: found, .. }) => assert_eq!(found, what),
        other => panic!("{what}: {other:?}"),
    };
    let mut model = Model::random(3, 2, 1.0, 1);
    let table = Layer::Hidden.table_len(model.shape).unwrap();
    let mut short = vec![0.0; table - 1];
    let made = Enumeration::new(model.parameters(), Layer::Hidden, &mut short);
    length("table", made.map(|_| ()));
    model.with(Layer::Hidden, |exact, fields| {
        assert!(exact.ln_sum_of_part(exact.parts(), fields).is_err());
        length("fields", exact.ln_z(&mut fields[1..]).map(|_| ()));
        let found = exact.distribution(fields, &mut [0.0; 3]).map(|_| ());
        length("probabilities", found);
        let mut buffers = [[0.0; 2]; 4];
        let [a, b, c, d] = &mut buffers;
        let found = exact.moments(&mut MomentsBuffers {
            mean_visible: a,
            mean_hidden: b,
            correlation: c,
            scratch: d,
        });
        length("mean_visible", found.map(|_| ()));
    });
    length(
        "bits",
        free_energy(&model.parameters(), &[0, 0]).map(|_| ()),
    );
    assert!(free_energy(&model.parameters(), &[0b1000]).is_err());
    model.w[3] = f32::NAN;
    let mut room = vec![0.0; table];
    let error = Enumeration::new(model.parameters(), Layer::Hidden, &mut room).unwrap_err();
    assert_eq!(
        error,
        Error::NotFinite {
            what: "W",
            index: 3
        }
    );
    length(
        "W",
        Enumeration::new(
            Parameters {
                w: &[],
                ..model.parameters()
            },
            Layer::Hidden,
            &mut room,
        )
        .map(|_| ()),
    );
}
