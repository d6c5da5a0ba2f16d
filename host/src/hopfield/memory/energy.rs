//! The memories that have an energy.

use bitspin_core::network::{Energy, Network};

use super::{Kind, Memory};

/// A memory that has an energy.
#[derive(Clone, Copy, Debug)]
pub struct WithEnergy<'a>(pub(super) &'a Memory);

impl Network for WithEnergy<'_> {
    fn units(&self) -> usize {
        self.0.units()
    }

    fn cache_len(&self) -> usize {
        self.0.cache_len()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        self.0.prepare(state, cache);
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        self.0.field(state, cache, unit)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.0.flipped(state, cache, unit);
    }
}

impl Energy for WithEnergy<'_> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        match &self.0.kind {
            Kind::Patterns(network) => network.twice_energy(state, cache),
            Kind::Matrix(network) => network.twice_energy(state, cache),
            Kind::Clipped(network) => network.twice_energy(state, cache),
            Kind::Dense(network) => network.twice_energy(state, cache),
            // Never made of one.
            Kind::Exponential(_) => 0,
        }
    }
}
