//! One model as the engine and the reference see it.

use super::Random;
use crate::reference;
use bitspin_core::bits::{WORD, words};
use bitspin_core::rbm::{Parameters, Quantised, Rbm, Shape, quantise};

/// A restricted Boltzmann machine three times over.
#[derive(Clone, Debug)]
pub struct Witnesses {
    /// The parameters as they were given.
    pub float: reference::Rbm,
    /// The engine's model: the parameters quantised.
    pub engine: Rbm<Vec<i16>>,
    /// What the engine's model means, as the reference reads it: the quantised parameters as float64, no more
    /// rounding. An engine without error agrees with it exactly.
    pub quantised: reference::Rbm,
}

impl Witnesses {
    /// Quantises a model.
    ///
    /// # Errors
    /// What [`quantise`] refuses: parameters that are not finite, or too large.
    pub fn new(float: reference::Rbm) -> Result<Self, bitspin_core::Error> {
        let shape = Shape::new(float.visible, float.hidden)?;
        let single = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let (w, b, c) = (
            single(&float.w),
            single(&float.visible_bias),
            single(&float.hidden_bias),
        );
        let parameters = Parameters {
            shape,
            w: &w,
            visible_bias: &b,
            hidden_bias: &c,
        };
        let mut buffers = Quantised {
            to_hidden: vec![0; shape.visible() * shape.hidden_stride()],
            to_visible: vec![0; shape.hidden() * shape.visible_stride()],
            visible_bias: vec![0; shape.visible_stride()],
            hidden_bias: vec![0; shape.hidden_stride()],
        };
        let mut borrowed = Quantised {
            to_hidden: &mut buffers.to_hidden[..],
            to_visible: &mut buffers.to_visible[..],
            visible_bias: &mut buffers.visible_bias[..],
            hidden_bias: &mut buffers.hidden_bias[..],
        };
        let fraction_bits = quantise(&parameters, &mut borrowed)?;
        let engine = Rbm::new(shape, fraction_bits, buffers)?;
        let quantised = meaning(&engine);
        Ok(Self {
            float,
            engine,
            quantised,
        })
    }

    /// A model of random parameters between `-scale` and `scale`.
    ///
    /// # Panics
    /// If the parameters are too large to quantise.
    #[must_use]
    pub fn random(visible: usize, hidden: usize, scale: f64, random: &mut Random) -> Self {
        let w = random.numbers(visible * hidden, scale);
        let (b, c) = (
            random.numbers(visible, scale),
            random.numbers(hidden, scale),
        );
        Self::new(reference::Rbm::new(w, b, c)).expect("parameters of that scale fit")
    }

    /// The most by which quantisation moves a parameter.
    #[must_use]
    pub fn half_step(&self) -> f64 {
        0.5 / f64::from(1_u32 << self.engine.fraction_bits())
    }

    /// The numbers of units.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.engine.shape()
    }
}

/// The model that the quantised numbers stand for, read from the rows of one matrix.
fn meaning(engine: &Rbm<Vec<i16>>) -> reference::Rbm {
    let (shape, buffers) = (engine.shape(), engine.buffers());
    let step = 1.0 / f64::from(1_u32 << engine.fraction_bits());
    let real = |values: &[i16], units: usize| -> Vec<f64> {
        values[..units]
            .iter()
            .map(|&q| f64::from(q) * step)
            .collect()
    };
    let rows = buffers.to_visible.chunks_exact(shape.visible_stride());
    reference::Rbm::new(
        rows.flat_map(|row| real(row, shape.visible())).collect(),
        real(buffers.visible_bias, shape.visible()),
        real(buffers.hidden_bias, shape.hidden()),
    )
}

/// A packed vector of `units` bits as numbers 0.0 and 1.0.
#[must_use]
pub fn unpack(packed: &[u64], units: usize) -> Vec<f64> {
    (0..units)
        .map(|i| (packed[i / WORD] >> (i % WORD) & 1) as f64)
        .collect()
}

/// Numbers 0.0 and 1.0 as a packed vector.
#[must_use]
pub fn pack(units: &[f64]) -> Vec<u64> {
    let mut packed = vec![0; words(units.len())];
    for (i, &unit) in units.iter().enumerate() {
        packed[i / WORD] |= u64::from(unit == 1.0) << (i % WORD);
    }
    packed
}
