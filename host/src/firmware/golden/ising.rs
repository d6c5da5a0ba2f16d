//! Golden vectors of Ising models.

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::blob::Ising;
use bitspin_core::ising::{Chain, Model, Temperature, UpdateRule};
use bitspin_core::rng::{Purpose, Streams};

use super::Digest;

/// Chains of Glauber dynamics: starts and results.
#[derive(Clone, Debug, PartialEq)]
pub struct IsingVectors {
    /// Chain k draws from chain k of this seed's streams.
    pub seed: u64,
    /// The inverse temperature.
    pub beta: f64,
    /// Sweeps per chain.
    pub sweeps: u32,
    /// States after the last sweep.
    pub states: Vec<Vec<u64>>,
    /// Their energies, in units of 2^-fraction_bits.
    pub energies: Vec<i64>,
    /// Over the states of all chains after every sweep.
    pub digest: u64,
}

impl IsingVectors {
    /// Walks chains from random states, spins in ascending order, on the desktop. `see` is shown every state.
    ///
    /// # Errors
    /// [`Error`] for a temperature that is none.
    pub fn walk(
        model: &Ising<'_>,
        (beta, seed): (f64, u64),
        (chains, sweeps): (usize, u32),
        mut see: impl FnMut(&[u64]),
    ) -> Result<Self, Error> {
        let mut vectors = Self {
            seed,
            beta,
            sweeps,
            states: vec![],
            energies: vec![],
            digest: 0,
        };
        // The concrete model, which the desktop has kernels for: a board samples through one type for all.
        match model {
            Ising::DenseI16(model) => vectors.fill(model, chains, &mut see),
            Ising::DenseI8(model) => vectors.fill(model, chains, &mut see),
            Ising::SparseI16(model) => vectors.fill(model, chains, &mut see),
            Ising::SparseI8(model) => vectors.fill(model, chains, &mut see),
            other => vectors.fill(other, chains, &mut see),
        }?;
        Ok(vectors)
    }

    fn fill<M: Model>(
        &mut self,
        model: &M,
        chains: usize,
        see: &mut impl FnMut(&[u64]),
    ) -> Result<(), Error> {
        let units = model.units();
        let temperature = Temperature::new(self.beta, model.fraction_bits())?;
        let mut streams = Streams::new(self.seed, Purpose::Chains);
        let mut digest = Digest::default();
        for _ in 0..chains {
            let mut state = vec![0; units.div_ceil(64)];
            let mut fields = vec![0; units];
            let bits = Bits::new(units, &mut state[..])?;
            let mut chain = Chain::new(model, bits, &mut fields, streams.next_chain())?;
            chain.randomise();
            for _ in 0..self.sweeps {
                chain.sweep(UpdateRule::Glauber, temperature);
                digest.add(chain.state().as_words());
                see(chain.state().as_words());
            }
            self.energies.push(chain.energy());
            self.states.push(chain.state().as_words().to_vec());
        }
        self.digest = digest.value();
        Ok(())
    }
}
