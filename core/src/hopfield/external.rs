//! External fields on any network.

use crate::Error;
use crate::bits::spin;
use crate::error::check_len;
use crate::network::{Energy, Network};

/// A network with an external field h_i (minus a threshold) on every unit: f_i gains h_i, E gains - sum_i h_i s_i.
///
/// Fields are whole numbers in the unit of the network's weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithFields<N, H> {
    network: N,
    fields: H,
}

impl<N: Network, H: AsRef<[i32]>> WithFields<N, H> {
    /// Puts `fields`, one number per unit, on a network.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one field per unit.
    pub fn new(network: N, fields: H) -> Result<Self, Error> {
        check_len("external fields", network.units(), fields.as_ref().len())?;
        Ok(Self { network, fields })
    }

    /// The network under the fields.
    #[must_use]
    pub fn network(&self) -> &N {
        &self.network
    }
}

impl<N: Network, H: AsRef<[i32]>> Network for WithFields<N, H> {
    fn units(&self) -> usize {
        self.network.units()
    }

    fn cache_len(&self) -> usize {
        self.network.cache_len()
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        self.network.prepare(state, cache);
    }

    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        let external = self.fields.as_ref().get(unit).copied().unwrap_or(0);
        self.network.field(state, cache, unit) + i64::from(external)
    }

    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.network.flipped(state, cache, unit);
    }
}

impl<N: Energy, H: AsRef<[i32]>> Energy for WithFields<N, H> {
    fn twice_energy(&self, state: &[u64], cache: &[i32]) -> i64 {
        let external = self.fields.as_ref().iter().enumerate();
        let sum: i64 = external
            .map(|(i, &h)| i64::from(h) * i64::from(spin(state, i)))
            .sum();
        self.network.twice_energy(state, cache) - 2 * sum
    }
}
