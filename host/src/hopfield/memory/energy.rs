//! Energies of states.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::network::{Energy, Network};

use super::{Kind, Memory};

impl Memory {
    /// The energy of a packed state, which no turn of a single unit towards its field raises.
    ///
    /// It is in the [unit of fields](Memory::field_unit): by Hebb's rule E = -1/2 sum_ij w_ij s_i s_j with
    /// w_ij = 1/N sum_mu xi_mu,i xi_mu,j and no self-coupling. The energy of an exponential memory is
    /// -1/beta ln sum_mu exp(beta M_mu), where M_mu = sum_i xi_mu,i s_i. O(P N), or O(N^2) for couplings.
    ///
    /// # Errors
    /// [`Error::Length`] if the state has another number of units.
    pub fn energy(&self, state: &[u64]) -> Result<f64, Error> {
        let state = Bits::new(self.units(), state)?;
        if let (Kind::Exponential(memory), beta) = (&self.kind, self.beta) {
            let mut overlaps = vec![0; memory.patterns().count()];
            memory.patterns().overlaps(&state, &mut overlaps)?;
            let largest = overlaps.iter().copied().max().unwrap_or(0);
            let less = |overlap: &i32| libm::exp(beta * f64::from(overlap - largest));
            let sum: f64 = overlaps.iter().map(less).sum();
            return Ok(-f64::from(largest) - libm::log(sum) / beta);
        }
        let network = WithEnergy(self);
        let mut cache = vec![0; network.cache_len()];
        network.prepare(state.as_words(), &mut cache);
        let twice = network.twice_energy(state.as_words(), &cache);
        Ok(twice as f64 / (2.0 * self.field_unit))
    }
}

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
