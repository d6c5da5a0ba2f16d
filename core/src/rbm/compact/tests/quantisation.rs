//! From floats to codes.

use super::*;
use crate::rbm::Parameters;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

struct Floats {
    shape: Shape,
    w: Vec<f32>,
    visible_bias: Vec<f32>,
    hidden_bias: Vec<f32>,
}

impl Floats {
    /// Weights like sums of uniform numbers, so that few are large; biases up to `scale`.
    fn new(visible: usize, hidden: usize, scale: f32, seed: u64) -> Self {
        let mut rng = Xoshiro128PlusPlus::seed_from_u64(seed);
        let mut number = move || (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0;
        let mut numbers = |count, terms| -> Vec<f32> {
            let sum = |_| (0..terms).map(|_| number()).sum::<f32>() * scale;
            (0..count).map(sum).collect()
        };
        Self {
            shape: Shape::new(visible, hidden).unwrap(),
            w: numbers(visible * hidden, 4),
            visible_bias: numbers(visible, 1),
            hidden_bias: numbers(hidden, 1),
        }
    }

    fn quantise(&self, weights: WeightFormat) -> Result<Owned, Error> {
        let mut buffers = Buffers {
            codes: vec![0xa5; self.shape.visible() * weights.row_len(self.shape.hidden())],
            visible_bias: vec![7; self.shape.visible()],
            hidden_bias: vec![7; self.shape.hidden()],
        };
        let mut borrowed = Buffers {
            codes: &mut buffers.codes[..],
            visible_bias: &mut buffers.visible_bias[..],
            hidden_bias: &mut buffers.hidden_bias[..],
        };
        let parameters = Parameters {
            shape: self.shape,
            w: &self.w,
            visible_bias: &self.visible_bias,
            hidden_bias: &self.hidden_bias,
        };
        let format = quantise(&parameters, weights, &mut borrowed)?;
        CompactRbm::new(self.shape, format, buffers)
    }

    /// The root of the mean squared error of the weights.
    fn error(&self, model: &Owned) -> f64 {
        let one = f64::from(1 << model.format().fraction_bits);
        let squares = self.w.iter().enumerate().map(|(at, &w)| {
            let (i, j) = (at % self.shape.visible(), at / self.shape.visible());
            (f64::from(model.weight(i, j)) / one - f64::from(w)).powi(2)
        });
        (squares.sum::<f64>() / self.w.len() as f64).sqrt()
    }

    /// The error of the best model of any scale that is tried in steps of one unit, by brute force.
    fn least_error(&self, model: &Owned) -> f64 {
        let format = model.format();
        let one = f64::from(1 << format.fraction_bits);
        let limit = f64::from(format.weights.limit());
        let of_scale = |scale: u16| {
            let step = f64::from(scale) / one;
            let squares = self.w.iter().map(|&w| {
                let code = match format.weights {
                    WeightFormat::Sign => 1_f64.copysign(w.into()),
                    _ => (f64::from(w) / step).round().clamp(-limit, limit),
                };
                (f64::from(w) - step * code).powi(2)
            });
            (squares.sum::<f64>() / self.w.len() as f64).sqrt()
        };
        (1..2 * format.weight_scale.max(8))
            .map(of_scale)
            .fold(f64::INFINITY, f64::min)
    }
}

#[test]
fn the_scale_is_nearly_the_best_there_is() {
    for (visible, hidden, scale) in [(40, 30, 0.05), (100, 20, 0.3), (7, 3, 1.0), (30, 30, 4.0)] {
        let floats = Floats::new(visible, hidden, scale, 1);
        for weights in WeightFormat::ALL {
            let model = floats.quantise(weights).unwrap();
            let (error, least) = (floats.error(&model), floats.least_error(&model));
            assert!(
                error <= 1.01 * least,
                "{weights:?}, weights of {scale}: {error}, best {least}"
            );
        }
    }
}

#[test]
fn more_bits_err_less() {
    let floats = Floats::new(196, 64, 0.1, 2);
    let errors = WeightFormat::ALL.map(|weights| floats.error(&floats.quantise(weights).unwrap()));
    assert!(errors.is_sorted(), "{errors:?}");
    // Half a step each: of the format's unit, and of 1/127 of the largest weight there can be.
    let bits = floats
        .quantise(WeightFormat::I16)
        .unwrap()
        .format()
        .fraction_bits;
    assert!(bits >= 9 && errors[0] <= 0.5 / f64::from(1 << bits));
    assert!(errors[1] <= 0.5 * 0.4 / 127.0, "{errors:?}");
}

#[test]
fn sixteen_bits_are_those_of_an_rbm() {
    let floats = Floats::new(70, 35, 0.2, 3);
    let model = floats.quantise(WeightFormat::I16).unwrap();
    let full = expanded(&model);
    let mut again = Quantised {
        to_hidden: vec![0; full.buffers().to_hidden.len()],
        to_visible: vec![0; full.buffers().to_visible.len()],
        visible_bias: vec![0; full.buffers().visible_bias.len()],
        hidden_bias: vec![0; full.buffers().hidden_bias.len()],
    };
    let parameters = Parameters {
        shape: floats.shape,
        w: &floats.w,
        visible_bias: &floats.visible_bias,
        hidden_bias: &floats.hidden_bias,
    };
    let fraction_bits = crate::rbm::quantise(
        &parameters,
        &mut Quantised {
            to_hidden: &mut again.to_hidden,
            to_visible: &mut again.to_visible,
            visible_bias: &mut again.visible_bias,
            hidden_bias: &mut again.hidden_bias,
        },
    )
    .unwrap();
    assert_eq!(Rbm::new(floats.shape, fraction_bits, again).unwrap(), full);
}

#[test]
fn large_weights_take_fewer_fraction_bits_and_too_large_ones_are_refused() {
    for weights in WeightFormat::ALL {
        let bits = |scale| {
            let model = Floats::new(30, 30, scale, 4).quantise(weights);
            model.map(|model| model.format().fraction_bits)
        };
        let (few, many) = (bits(20.0).unwrap(), bits(0.01).unwrap());
        assert!(few < many && many == 11, "{weights:?}: {few}, {many}");
        assert!(bits(1e6).is_err());
        assert!(bits(1e37).is_err());
    }
}

#[test]
fn no_weights_at_all_are_a_model() {
    for weights in WeightFormat::ALL {
        let mut floats = Floats::new(9, 5, 1.0, 5);
        floats.w.fill(0.0);
        floats.quantise(weights).unwrap();
        floats.w[3] = f32::MIN_POSITIVE;
        floats.quantise(weights).unwrap();
        floats.w[3] = f32::NAN;
        assert!(matches!(
            floats.quantise(weights),
            Err(Error::NotFinite {
                what: "W",
                index: 3
            })
        ));
    }
}

#[test]
fn fixed_free_energy_is_the_float_one_to_its_bound() {
    for (visible, hidden, scale) in [(30, 50, 0.3), (60, 7, 3.0), (1, 1, 0.01)] {
        let full = expanded(
            &Floats::new(visible, hidden, scale, 6)
                .quantise(WeightFormat::I8)
                .unwrap(),
        );
        let mut fields = vec![0; full.shape().hidden_stride()];
        for state in 0..200_u64 {
            let v = [state.wrapping_mul(0x9e37_79b9_7f4a_7c15) & tail_mask(visible)];
            full.hidden_fields(&v, &mut fields).unwrap();
            let fixed = full.free_energy_fixed(&v, &fields).unwrap() as f64 / 65_536.0;
            let error = (fixed - full.free_energy(&v, &fields).unwrap()).abs();
            assert!(error <= hidden as f64 / 65_536.0, "{error} at {state}");
        }
    }
}
