//! What is no model, and the walls of what is one.

use super::*;

/// A model of 3 visible and 5 hidden units that is right, but for what `change` does.
fn changed(
    weights: WeightFormat,
    change: impl FnOnce(&mut NumberFormat, &mut Buffers<Vec<u8>, Vec<i16>>),
) -> Result<Owned, Error> {
    let mut model = model(3, 5, weights, 1);
    change(&mut model.format, &mut model.buffers);
    CompactRbm::new(model.shape, model.format, model.buffers)
}

fn what(result: Result<Owned, Error>) -> &'static str {
    match result.unwrap_err() {
        Error::Length { what, .. } | Error::OutOfRange { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lengths() {
    for weights in WeightFormat::ALL {
        assert_eq!(
            what(changed(weights, |_, b| b.codes.push(0))),
            "weight codes"
        );
        assert_eq!(
            what(changed(weights, |_, b| _ = b.codes.pop())),
            "weight codes"
        );
        assert_eq!(
            what(changed(weights, |_, b| b.visible_bias.push(0))),
            "visible_bias"
        );
        assert_eq!(
            what(changed(weights, |_, b| _ = b.hidden_bias.pop())),
            "hidden_bias"
        );
    }
}

#[test]
fn number_formats() {
    let scale = |scale| changed(WeightFormat::I8, |f, _| f.weight_scale = scale);
    assert_eq!(what(scale(0)), "weight_scale");
    assert_eq!(what(scale(32_768)), "weight_scale");
    let bits = |bits| changed(WeightFormat::I8, |f, _| f.fraction_bits = bits);
    assert!(bits(11).is_ok());
    assert_eq!(what(bits(12)), "fraction_bits");
}

#[test]
fn codes_beyond_the_symmetric_range() {
    for (weights, bytes) in [
        (WeightFormat::I16, &[0x00, 0x80][..]),
        (WeightFormat::I8, &[0x80]),
        (WeightFormat::I4, &[0x08]),
        (WeightFormat::I4, &[0x80]),
        (WeightFormat::Ternary, &[0b10]),
        (WeightFormat::Ternary, &[0b1000_0000]),
    ] {
        let result = changed(weights, |_, b| {
            b.codes[..bytes.len()].copy_from_slice(bytes)
        });
        assert_eq!(what(result), "weight codes", "{weights:?} {bytes:x?}");
    }
}

#[test]
fn bits_behind_a_row() {
    for (weights, bit) in [
        (WeightFormat::I4, 5 * 4),
        (WeightFormat::Ternary, 5 * 2),
        (WeightFormat::Sign, 5),
    ] {
        let row = weights.row_len(5);
        for bit in bit..8 * row {
            let result = changed(weights, |_, b| b.codes[row + bit / 8] |= 1 << (bit % 8));
            assert_eq!(what(result), "weight codes", "{weights:?} {bit}");
        }
    }
}

/// A unit's weights and bias may sum to 32,766, as in an [`Rbm`].
#[test]
fn fields_that_just_fit() {
    for bias in [766, -766, 767, -767] {
        for layer in [(1, 40), (40, 1)] {
            let (visible, hidden) = layer;
            let mut codes = vec![0; visible * hidden];
            codes[..32].fill(-1_i8 as u8);
            let format = NumberFormat {
                weights: WeightFormat::I8,
                weight_scale: 1000,
                fraction_bits: 4,
            };
            let mut buffers = Buffers {
                codes,
                visible_bias: vec![0; visible],
                hidden_bias: vec![0; hidden],
            };
            match layer {
                (1, _) => buffers.visible_bias[0] = bias,
                _ => buffers.hidden_bias[0] = bias,
            }
            let shape = Shape::new(visible, hidden).unwrap();
            let result = CompactRbm::new(shape, format, buffers);
            if i32::from(bias).abs() == 766 {
                let model = result.unwrap();
                expanded(&model);
                same_walk(&model, 1, 3);
            } else {
                assert_eq!(what(result), "weights");
            }
        }
    }
}

/// Every function that takes buffers, of every length but the right one.
#[test]
fn buffers_of_other_lengths_are_refused() {
    for weights in WeightFormat::ALL {
        let model = model(70, 37, weights, 3);
        let rng = Streams::new(1, Purpose::Chains).next_chain();
        let labelled = CompactLabelled::new(model.as_borrowed(), 6).unwrap();
        let lens = [0, 36, 37, 38, 63, 64, 65, 69, 70, 71];
        let pairs = lens.map(|hidden| lens.map(|len| (hidden, len)));
        let all = lens.map(|visible| pairs.map(|p| p.map(|(hidden, len)| (visible, hidden, len))));
        for &(visible, hidden, len) in all.as_flattened().as_flattened() {
            let v = Bits::new(visible, vec![0; words(visible)]).unwrap();
            let h = Bits::new(hidden, vec![0; words(hidden)]).unwrap();
            let fits = (visible, hidden, len) == (70, 37, 70);
            let chain = Chain::new(&model, v.clone(), h.clone(), vec![0; len], rng.clone());
            assert_eq!(chain.is_ok(), fits, "{visible} {hidden} {len}");
            let mut fields = vec![0; len];
            let fits = (visible, len) == (70, 37);
            assert_eq!(model.hidden_fields(&v, &mut fields).is_ok(), fits);
            assert_eq!(model.free_energy_fixed(&v, &mut fields).is_ok(), fits);
            let fits = (hidden, len) == (37, 70);
            assert_eq!(model.visible_fields(&h, &mut fields).is_ok(), fits);
            for classes in [5, 6, 7] {
                let found = labelled.logits(&v, &mut fields, &mut vec![0; classes]);
                assert_eq!(found.is_ok(), (visible, len, classes) == (64, 37, 6));
            }
        }
        let mut owned = RbmChain::<70, 2>::owned(&model, rng.clone()).unwrap();
        assert!(owned.set_visible(&Bits::new(69, [0; 2]).unwrap()).is_err());
        assert!(RbmChain::<69, 2>::owned(&model, rng.clone()).is_err());
        assert!(RbmChain::<500, 8>::owned(&model, rng).is_ok());
        assert_eq!(model.weight(70, 0), 0);
        assert_eq!(model.weight(0, 37), 0);
        assert_eq!(weights.code(&[], 3), 0);
        assert_eq!(weights.code(&[1], usize::MAX), 0);
        let (mut full, mut short) = (vec![0; 128 * 128], vec![0; 3]);
        let (mut b, mut c) = (vec![0; 96], vec![0; 64]);
        let wrong = model.expand_into(&mut Quantised {
            to_hidden: &mut full[..70 * 64],
            to_visible: &mut short,
            visible_bias: &mut b,
            hidden_bias: &mut c,
        });
        assert!(matches!(
            wrong,
            Err(Error::Length {
                what: "to_visible",
                found: 3,
                ..
            })
        ));
    }
}
