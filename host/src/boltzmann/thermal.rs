//! A model's parameters in float64 for enumeration and in integers for sampling.

use bitspin_core::Error;
use bitspin_core::ising::learn::BoltzmannMachine;
use bitspin_core::ising::{Dense, Temperature};

use crate::ising::WideGraph;
use crate::ising::file::{Couplings, Problem};
use crate::ising::numbers::{Numbers, Room, dense};

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

    pub(super) fn model(&self, visible: usize) -> Result<BoltzmannMachine<'_>, Error> {
        BoltzmannMachine::new(&self.w, &self.h, visible)
    }
}

/// The parameters in the integers that hold them well at beta 1, of which chains sample.
#[derive(Clone, Debug)]
pub(super) struct Quantised {
    pub(super) model: Integers,
    pub(super) numbers: Numbers,
}

/// A model in integers.
#[derive(Clone, Debug)]
pub(super) enum Integers {
    I16(Dense<i16, Vec<i16>, Vec<i32>>),
    I32(Dense<i32, Vec<i32>, Vec<i32>>),
    Wide(WideGraph),
}

impl Quantised {
    pub(super) fn new(wide: &Wide) -> Result<Self, Error> {
        let n = wide.h.len();
        let pairs = (0..n as u32).flat_map(|i| (i + 1..n as u32).map(move |j| (i, j)));
        let edges = pairs.map(|(i, j)| (i, j, wide.w[i as usize * n + j as usize]));
        let couplings = Couplings {
            h: wide.h.clone(),
            edges: edges.filter(|edge| edge.2 != 0.0).collect(),
            problem: Problem::Ising,
        };
        let hold = |room| Numbers::hold(&couplings, room, 1.0);
        if let Some(numbers) = hold(Room::I16) {
            let model = Integers::I16(dense(&couplings, &numbers)?);
            return Ok(Self { model, numbers });
        }
        if let Some(numbers) = hold(Room::I32) {
            let model = Integers::I32(dense(&couplings, &numbers)?);
            return Ok(Self { model, numbers });
        }
        let numbers = couplings.wide_numbers(1.0)?;
        let model = Integers::Wide(couplings.wide(&numbers)?);
        Ok(Self { model, numbers })
    }

    /// A ladder of so many temperatures of equal steps in beta, up to beta 1; 1 alone is beta 1.
    pub(super) fn ladder(&self, temperatures: usize) -> Result<Vec<Temperature>, Error> {
        let betas = (1..=temperatures).map(|k| k as f64 / temperatures as f64);
        betas.map(|beta| self.numbers.temperature(beta)).collect()
    }
}
