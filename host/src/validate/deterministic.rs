//! What is computed without chance: fields, energies, probabilities, thresholds.

use super::report::Worst;
use super::{Random, Row, Witnesses, unpack};
use crate::engine::FITS;
use crate::reference::rbm::sigmoid;
use bitspin_core::fixed::decide;
use bitspin_core::kernel;
use bitspin_core::rbm::Shape;

/// Vectors that each model is looked at with.
const SAMPLES: usize = 8;

/// The largest error of the 16-bit logistic; see [`logistic16`](bitspin_core::fixed::logistic16).
pub(super) const LOGISTIC: f64 = 2.8 / 65_536.0;

/// The largest error of the probability of a decision; see [`decide`].
const DECISION: f64 = 5.9e-10;

fn vectors(packed: &[u64], words: usize, units: usize) -> impl Iterator<Item = (&[u64], Vec<f64>)> {
    let chunks = packed.chunks_exact(words);
    chunks.map(move |bits| (bits, unpack(bits, units)))
}

/// Both layers' fields of every model, found afresh and by changing those of another vector.
///
/// Against the quantised parameters they are exact. Against the float parameters each of the terms, the set inputs'
/// weights and the bias, is off by half a step at most.
pub(super) fn fields(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let (mut exact, mut rounded) = (Worst::default(), Worst::default());
    for model in models {
        let shape = model.shape();
        let mut compare = |fields: &[i16], input: &[f64], of: [Vec<f64>; 2]| {
            let terms = input.iter().sum::<f64>() + 1.0;
            for ((&field, quantised), float) in fields.iter().zip(&of[0]).zip(&of[1]) {
                let field = model.engine.real(field.into());
                exact.add(field - quantised, 0.0);
                rounded.add(field - float, model.half_step() * terms);
            }
        };
        let both = [&model.quantised, &model.float];
        let packed = random.vectors(shape.visible(), SAMPLES);
        let mut moved = vec![0; shape.hidden_stride()];
        let mut before = vec![0; shape.visible_words()];
        model.engine.hidden_fields(&before, &mut moved).expect(FITS);
        for (bits, v) in vectors(&packed, shape.visible_words(), shape.visible()) {
            let mut fields = vec![0; shape.hidden_stride()];
            model.engine.hidden_fields(bits, &mut fields).expect(FITS);
            compare(&fields, &v, both.map(|rbm| rbm.hidden_field(&v)));
            let weights = model.engine.weights();
            weights.move_hidden_fields(&before, bits, &mut moved);
            compare(&moved, &v, both.map(|rbm| rbm.hidden_field(&v)));
            before.copy_from_slice(bits);
        }
        let packed = random.vectors(shape.hidden(), SAMPLES);
        for (bits, h) in vectors(&packed, shape.hidden_words(), shape.hidden()) {
            let mut fields = vec![0; shape.visible_stride()];
            model.engine.visible_fields(bits, &mut fields).expect(FITS);
            compare(&fields, &h, both.map(|rbm| rbm.visible_field(&h)));
        }
    }
    vec![
        exact.row("fields"),
        rounded.row("fields, against unquantised weights"),
    ]
}

/// Energies and free energies of every model, in nats.
///
/// Energies are exact for the quantised parameters. Free energies are off by float64 rounding, 1e-12 of their size.
/// Against the float parameters an energy is off by half a step for each of its terms; a free energy by no more than if
/// all hidden units were set, since the slope of softplus is at most one.
pub(super) fn energies(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let mut worst = [Worst::default(); 4];
    for model in models {
        let shape = model.shape();
        let (visible, hidden) = (
            random.vectors(shape.visible(), SAMPLES),
            random.vectors(shape.hidden(), SAMPLES),
        );
        let pairs = vectors(&visible, shape.visible_words(), shape.visible()).zip(vectors(
            &hidden,
            shape.hidden_words(),
            shape.hidden(),
        ));
        for ((v_bits, v), (h_bits, h)) in pairs {
            let (set_v, set_h) = (v.iter().sum::<f64>(), h.iter().sum::<f64>());
            let terms = |set_h: f64| set_v * set_h + set_v + set_h;
            let energy = model.engine.energy(v_bits, h_bits).expect(FITS);
            worst[0].add(energy - model.quantised.energy(&v, &h), 0.0);
            worst[1].add(
                energy - model.float.energy(&v, &h),
                model.half_step() * terms(set_h),
            );
            let mut fields = vec![0; shape.hidden_stride()];
            model.engine.hidden_fields(v_bits, &mut fields).expect(FITS);
            let free_energy = model.engine.free_energy(v_bits, &fields).expect(FITS);
            let expected = model.quantised.free_energy(&v);
            worst[2].add(free_energy - expected, 1e-12 * (1.0 + expected.abs()));
            worst[3].add(
                free_energy - model.float.free_energy(&v),
                model.half_step() * terms(shape.hidden() as f64) + 1e-12,
            );
        }
    }
    vec![
        worst[0].row("energies"),
        worst[1].row("energies, against unquantised weights"),
        worst[2].row("free energies"),
        worst[3].row("free energies, against unquantised weights"),
    ]
}

/// The probabilities that units are set: as numbers, as thresholds of decisions, and of the mean-field pass.
pub(super) fn probabilities(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let (mut given, mut mean_field) = (Worst::default(), Worst::default());
    for model in models {
        let shape = model.shape();
        let packed = random.vectors(shape.visible(), SAMPLES);
        for (bits, v) in vectors(&packed, shape.visible_words(), shape.visible()) {
            let mut fields = vec![0; shape.hidden_stride()];
            model.engine.hidden_fields(bits, &mut fields).expect(FITS);
            let mut p = vec![0; shape.hidden_stride()];
            model.engine.probabilities(&fields, &mut p).expect(FITS);
            for (p, expected) in p.iter().zip(model.quantised.p_hidden(&v)) {
                given.add(f64::from(*p) / 65_536.0 - expected, LOGISTIC);
            }
        }
        mean_field_pass(model, shape, random, &mut mean_field);
    }
    vec![
        given.row("probabilities p(h|v)"),
        all_probabilities().row("probabilities, every field"),
        all_decisions().row("decisions, threshold of every 13th field"),
        mean_field.row("mean-field pass"),
    ]
}

/// Both directions of the mean-field pass: the field is rounded once, by half a step, where sigmoid is no steeper than
/// 1/4.
fn mean_field_pass(model: &Witnesses, shape: Shape, random: &mut Random, worst: &mut Worst) {
    let bound = LOGISTIC + model.half_step() / 4.0;
    let mut compare = |found: &[u16], expected: Vec<f64>| {
        for (found, expected) in found.iter().zip(expected) {
            worst.add(f64::from(*found) / 65_536.0 - expected, bound);
        }
    };
    let real = |p: &[u16]| -> Vec<f64> { p.iter().map(|&p| f64::from(p) / 65_536.0).collect() };
    for _ in 0..3 {
        let v: Vec<u16> = (0..shape.visible())
            .map(|_| random.bits32() as u16)
            .collect();
        let mut h = vec![0; shape.hidden()];
        model.engine.mean_field_hidden(&v, &mut h).expect(FITS);
        compare(&h, model.quantised.p_hidden(&real(&v)));
        let mut back = vec![0; shape.visible()];
        model.engine.mean_field_visible(&h, &mut back).expect(FITS);
        compare(&back, model.quantised.p_visible(&real(&h)));
    }
}

/// Probabilities of all fields there are, at all formats.
fn all_probabilities() -> Worst {
    let mut worst = Worst::default();
    let fields: Vec<i16> = (-i16::MAX..=i16::MAX).collect();
    let mut p = vec![0; fields.len()];
    for fraction_bits in 0..=11 {
        kernel::probabilities16(&fields, fraction_bits, &mut p);
        let scale = f64::from(1_u32 << fraction_bits);
        for (&field, &p) in fields.iter().zip(&p) {
            let expected = sigmoid(f64::from(field) / scale);
            worst.add(f64::from(p) / 65_536.0 - expected, LOGISTIC);
        }
    }
    worst
}

/// A unit is set by those random numbers that lie on one side of a threshold: the exact probability that it is set is
/// how many they are of 2^32, found by bisection.
fn all_decisions() -> Worst {
    let mut worst = Worst::default();
    for field in (-i16::MAX..=i16::MAX).step_by(13) {
        for fraction_bits in [0, 6, 8, 11] {
            let set = |random: u32| {
                decide(field, fraction_bits, (random >> 16) as u16, || {
                    random as u16
                })
            };
            let (mut below, mut end) = (0_u64, 1_u64 << 32);
            while below < end {
                let middle = (below + end) / 2;
                if set(middle as u32) == (field < 0) {
                    below = middle + 1;
                } else {
                    end = middle;
                }
            }
            let share = below as f64 / 2_f64.powi(32);
            let found = if field < 0 { share } else { 1.0 - share };
            let x = f64::from(field) / f64::from(1_u32 << fraction_bits);
            worst.add(found - sigmoid(x), DECISION);
        }
    }
    worst
}
