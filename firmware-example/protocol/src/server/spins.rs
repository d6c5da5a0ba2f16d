//! The Ising model of a server.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::blob::{Blob, Ising, IsingWeights};
use bitspin_core::ising::{self, Chain, Model as _, Temperature};
use bitspin_core::network::Network as _;
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::{WORDS, checksum};
use crate::{IsingInfo, MAX_STATE, Refusal, Rule, Start, Weights, state_len, to_words};

/// An Ising model to serve, and its chain.
#[derive(Debug)]
pub struct Spins<'a> {
    pub(super) model: Ising<'a>,
    fields: &'a mut [i32],
    chain: ChainRng,
    pub(super) sweeps: u64,
    pub(super) energy: i64,
    pub(super) state: [u64; WORDS],
}

impl<'a> Spins<'a> {
    /// An Ising model; `fields` has one number per spin.
    ///
    /// # Errors
    /// [`Error`] if there are not as many fields, or the state is longer than a message.
    pub fn new(model: Ising<'a>, fields: &'a mut [i32]) -> Result<Self, Error> {
        let units = model.units();
        if state_len(units) > MAX_STATE {
            return Err(Error::OutOfRange {
                what: "units",
                expected: "as many as a message holds",
            });
        }
        if fields.len() != units {
            return Err(Error::Length {
                what: "fields",
                expected: units,
                found: fields.len(),
            });
        }
        Ok(Self {
            model,
            fields,
            chain: Streams::new(0, Purpose::Chains).next_chain(),
            sweeps: 0,
            energy: 0,
            state: [0; WORDS],
        })
    }

    /// The temperature, if it is one for this model.
    pub(super) fn temperature(&self, beta: f64) -> Result<Temperature, Refusal> {
        Temperature::new(beta, self.model.fraction_bits()).map_err(|_| Refusal::Beta)
    }

    pub(super) fn begin(&mut self, start: Start<'_>) -> Result<(), Refusal> {
        to_words(self.model.units(), start.visible, &mut self.state)?;
        self.chain = Streams::new(start.seed, Purpose::Chains).next_chain();
        self.sweeps = 0;
        Ok(())
    }

    /// Sweeps, and takes the energy down.
    pub(super) fn sweep(
        &mut self,
        rule: Rule,
        temperature: Temperature,
        sweeps: u32,
    ) -> Result<(), Error> {
        let rule = match rule {
            Rule::Glauber => ising::UpdateRule::Glauber,
            Rule::Metropolis => ising::UpdateRule::Metropolis,
        };
        let units = self.model.units();
        let state = self.state.get_mut(..words(units)).unwrap_or_default();
        let state = Bits::new(units, state)?;
        let mut chain = Chain::new(&self.model, state, &mut *self.fields, self.chain.clone())?;
        for _ in 0..sweeps {
            chain.sweep(rule, temperature);
        }
        self.energy = chain.energy();
        self.chain = chain.rng().clone();
        self.sweeps += u64::from(sweeps);
        Ok(())
    }

    pub(super) fn info(&self) -> IsingInfo {
        IsingInfo {
            units: self.model.units() as u32,
            weights: match self.model.weights() {
                IsingWeights::I16 => Weights::I16,
                IsingWeights::I8 => Weights::I8,
            },
            fraction_bits: self.model.fraction_bits(),
            crc: checksum(&Blob::Ising(self.model)),
        }
    }
}
