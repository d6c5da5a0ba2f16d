//! Compact models against [`Rbm`]s of the same weights, to the bit.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::bits::{Bits, tail_mask, words};
use crate::rbm::Rbm;
use crate::rbm::labels::{self, Labelled};
use crate::rng::{Purpose, Streams};

mod constructor;
mod quantisation;

type Owned = CompactRbm<Vec<u8>, Vec<i16>>;

/// Codes and biases made from seeds, as large as leave the fields in range.
fn model(visible: usize, hidden: usize, weights: WeightFormat, seed: u64) -> Owned {
    let shape = Shape::new(visible, hidden).unwrap();
    let mut state = seed;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i32
    };
    let limit = i32::from(weights.limit()).min(20_000 / visible.max(hidden) as i32);
    let row = weights.row_len(hidden);
    let mut codes = vec![0; row * visible];
    let mut largest = 0;
    for row in codes.chunks_exact_mut(row) {
        for j in 0..hidden {
            let code = match weights {
                WeightFormat::Sign => next() % 2 * 2 - 1,
                _ => next() % (2 * limit + 1) - limit,
            };
            largest = largest.max(code.abs());
            weights.put(row, j, code as i16);
        }
    }
    let scale = 24_000 / (visible.max(hidden) as i32 * largest.max(1));
    let format = NumberFormat {
        weights,
        weight_scale: (1 + next() % scale.max(1)) as u16,
        fraction_bits: (next() % 12) as u32,
    };
    let mut bias = |units| {
        (0..units)
            .map(|_| (next() % 12_001 - 6_000) as i16)
            .collect()
    };
    let buffers = Buffers {
        codes,
        visible_bias: bias(visible),
        hidden_bias: bias(hidden),
    };
    CompactRbm::new(shape, format, buffers).unwrap()
}

fn expanded(model: &Owned) -> Rbm<Vec<i16>> {
    let shape = model.shape();
    let mut full = Quantised {
        to_hidden: vec![1; shape.visible() * shape.hidden_stride()],
        to_visible: vec![1; shape.hidden() * shape.visible_stride()],
        visible_bias: vec![1; shape.visible_stride()],
        hidden_bias: vec![1; shape.hidden_stride()],
    };
    model
        .expand_into(&mut Quantised {
            to_hidden: &mut full.to_hidden,
            to_visible: &mut full.to_visible,
            visible_bias: &mut full.visible_bias,
            hidden_bias: &mut full.hidden_bias,
        })
        .unwrap();
    Rbm::new(shape, model.format().fraction_bits, full).unwrap()
}

/// Walks both chains and compares everything at every step.
fn same_walk(model: &Owned, seed: u64, steps: usize) {
    let (shape, rbm) = (model.shape(), expanded(model));
    let rng = Streams::new(seed, Purpose::Chains).next_chain();
    let mut rngs = [rng.clone()];
    let mut v = vec![0x9e37_79b9_7f4a_7c15_u64.rotate_left(seed as u32); words(shape.visible())];
    *v.last_mut().unwrap() &= tail_mask(shape.visible());
    let (mut full_v, mut full_h) = (v.clone(), vec![0; words(shape.hidden())]);
    let visible = Bits::new(shape.visible(), v).unwrap();
    let hidden = Bits::new(shape.hidden(), full_h.clone()).unwrap();
    let fields = vec![7; model.fields_len()];
    let mut chain = Chain::new(model, visible, hidden, fields, rng).unwrap();
    let mut hidden_fields = vec![0; shape.hidden_stride()];
    let mut visible_fields = vec![0; shape.visible_stride()];
    for step in 0..steps {
        chain.sample_hidden();
        rbm.sample_hidden(&full_v, &mut hidden_fields, &mut rngs, &mut full_h)
            .unwrap();
        assert_eq!(
            chain.fields()[..shape.hidden()],
            hidden_fields[..shape.hidden()],
            "step {step}"
        );
        assert_eq!(chain.hidden().as_words(), full_h, "step {step}");
        assert_eq!(
            chain.free_energy_fixed(),
            rbm.free_energy_fixed(&full_v, &hidden_fields).unwrap()
        );
        chain.sample_visible();
        rbm.sample_visible(&full_h, &mut visible_fields, &mut rngs, &mut full_v)
            .unwrap();
        assert_eq!(
            chain.fields()[..shape.visible()],
            visible_fields[..shape.visible()],
            "step {step}"
        );
        assert_eq!(chain.visible().as_words(), full_v, "step {step}");
        assert_eq!(chain.rng(), &rngs[0], "step {step}");
    }
}

fn formats() -> impl Strategy<Value = WeightFormat> {
    prop::sample::select(&WeightFormat::ALL[..])
}

proptest! {
    #[test]
    fn chains_are_those_of_the_expanded_model(
        visible in 1_usize..=150, hidden in 1_usize..=150, weights in formats(), seed: u64,
    ) {
        same_walk(&model(visible, hidden, weights, seed), seed, 5);
    }
}

/// Logits, fields and classes of a model whose last units are labels, of states with every label clear.
fn same_logits(model: &Owned, classes: usize, seed: u64) {
    let (shape, rbm) = (model.shape(), expanded(model));
    let full = Labelled::new(&rbm, classes).unwrap();
    let small = CompactLabelled::new(model.as_borrowed(), classes).unwrap();
    let pixels = small.pixels();
    assert_eq!(
        (pixels, small.classes()),
        (shape.visible() - classes, classes)
    );
    let mut fields = vec![0; shape.hidden()];
    let mut full_fields = vec![0; shape.hidden_stride()];
    let (mut logits, mut expected) = (vec![0; classes], vec![0; classes]);
    for turn in 0..4 {
        let mut v =
            vec![0x9e37_79b9_7f4a_7c15_u64.rotate_left(seed as u32 + 9 * turn); words(pixels)];
        *v.last_mut().unwrap() &= tail_mask(pixels);
        let x = Bits::new(pixels, &v[..]).unwrap();
        small.logits(&x, &mut fields, &mut logits).unwrap();
        full.logits(&v, &mut full_fields, &mut expected).unwrap();
        assert_eq!(logits, expected);
        assert_eq!(fields, full_fields[..shape.hidden()]);
        // A logit is minus the free energy of the vector with that label.
        for (y, &logit) in logits.iter().enumerate() {
            let mut joint = v.clone();
            joint.resize(words(shape.visible()), 0);
            labels::set_label(&mut joint, pixels, classes, y).unwrap();
            let joint = Bits::new(shape.visible(), joint).unwrap();
            let free_energy = model.free_energy_fixed(&joint, &mut fields).unwrap();
            assert_eq!(-free_energy, logit);
        }
    }
}

proptest! {
    #[test]
    fn logits_are_those_of_the_expanded_model(
        pixels in 1_usize..=140, classes in 1_usize..=12, hidden in 1_usize..=150, weights in formats(), seed: u64,
    ) {
        same_logits(&model(pixels + classes, hidden, weights, seed), classes, seed);
    }
}

#[test]
fn labels_leave_a_unit_besides() {
    let model = model(5, 3, WeightFormat::I8, 1);
    assert!(CompactLabelled::new(model.as_borrowed(), 0).is_err());
    assert!(CompactLabelled::new(model.as_borrowed(), 5).is_err());
    assert!(CompactLabelled::new(model.as_borrowed(), 4).is_ok());
}

#[test]
fn a_thousand_steps_of_every_format_are_those_of_the_expanded_model() {
    for weights in WeightFormat::ALL {
        same_walk(&model(196, 64, weights, 5), 5, 1000);
        same_walk(&model(67, 35, weights, 6), 6, 1000);
    }
}
