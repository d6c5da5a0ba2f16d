//! A machine's parameters as what samples and enumerates need.

use bitspin_core::Error;
use bitspin_core::ising::learn::Machine;
use bitspin_core::ising::{Dense, Temperature, fraction_bits, quantise};

/// Float64 copies of the parameters.
#[derive(Clone, Debug)]
pub(super) struct Wide {
    pub(super) w: Vec<f64>,
    pub(super) h: Vec<f64>,
}

impl Wide {
    pub(super) fn new(w: &[f32], h: &[f32]) -> Self {
        let wide = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect();
        Self {
            w: wide(w),
            h: wide(h),
        }
    }

    pub(super) fn machine(&self, visible: usize) -> Result<Machine<'_>, Error> {
        Machine::new(&self.w, &self.h, visible)
    }
}

/// The parameters as integers, of which chains sample.
#[derive(Clone, Debug)]
pub(super) struct Quantised {
    weights: Vec<i16>,
    fields: Vec<i32>,
    bits: u32,
}

impl Quantised {
    pub(super) fn new(wide: &Wide) -> Result<Self, Error> {
        let bits = fraction_bits::<i16>(&wide.w, &wide.h)?;
        let mut weights = vec![0; wide.w.len()];
        let mut fields = vec![0; wide.h.len()];
        quantise(&wide.w, bits, &mut weights)?;
        quantise(&wide.h, bits, &mut fields)?;
        Ok(Self {
            weights,
            fields,
            bits,
        })
    }

    pub(super) fn model(&self) -> Result<Dense<i16, &[i16], &[i32]>, Error> {
        Dense::new(self.fields.len(), &self.weights, &self.fields, self.bits)
    }

    /// A ladder of so many temperatures of equal steps in beta, up to beta 1; 1 alone is beta 1.
    pub(super) fn ladder(&self, temperatures: usize) -> Result<Vec<Temperature>, Error> {
        let betas = (1..=temperatures).map(|k| k as f64 / temperatures as f64);
        betas
            .map(|beta| Temperature::new(beta, self.bits))
            .collect()
    }
}
