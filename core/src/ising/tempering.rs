//! Parallel tempering: replicas at a ladder of temperatures that exchange their states.

use super::{Chain, Field, Model, Temperature, UpdateRule};
use crate::Error;
use crate::bits::Storage;
use crate::error::check_len;

/// Counts of the exchanges between two neighbouring temperatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Attempts.
    pub attempts: u64,
    /// Attempts that were accepted.
    pub accepted: u64,
}

impl Exchange {
    /// The share of attempts that were accepted; one half before any attempt.
    #[must_use]
    pub fn rate(&self) -> f64 {
        if self.attempts == 0 {
            return 0.5;
        }
        self.accepted as f64 / self.attempts as f64
    }
}

/// Chains of one model, the chain at number k having the k-th temperature, from the hottest to the coldest. Sweeps
/// alternate with exchanges of states between neighbours, even pairs and odd pairs in turn: with probability
/// min(1, exp((beta' - beta) (E' - E))), which leaves the product of the temperatures' distributions as it is.
///
/// States move and generators stay, so that each temperature's draws belong to it.
#[derive(Debug)]
pub struct Tempering<'c, 'a, M, F = i32, S = &'a mut [u64], B = &'a mut [F]> {
    chains: &'c mut [Chain<'a, M, F, S, B>],
    temperatures: &'c mut [Temperature],
    exchanges: &'c mut [Exchange],
    odd: bool,
}

impl<'c, 'a, F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>> Tempering<'c, 'a, M, F, S, B> {
    /// Makes a ladder of at least two chains, one temperature per chain, and one counter per pair of neighbours.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a ladder of less than two temperatures, or whose beta does not ascend;
    /// [`Error::Length`] for other numbers.
    pub fn new(
        chains: &'c mut [Chain<'a, M, F, S, B>],
        temperatures: &'c mut [Temperature],
        exchanges: &'c mut [Exchange],
    ) -> Result<Self, Error> {
        check_len("temperatures", chains.len(), temperatures.len())?;
        if chains.len() < 2 {
            return Err(Error::OutOfRange {
                what: "ladder",
                expected: "two temperatures or more",
            });
        }
        check_len("exchange counters", chains.len() - 1, exchanges.len())?;
        if !temperatures.is_sorted_by(|a, b| a.beta() < b.beta()) {
            return Err(Error::OutOfRange {
                what: "ladder",
                expected: "inverse temperatures that ascend",
            });
        }
        Ok(Self {
            chains,
            temperatures,
            exchanges,
            odd: false,
        })
    }

    /// The chains, hottest first.
    #[must_use]
    pub fn chains(&self) -> &[Chain<'a, M, F, S, B>] {
        self.chains
    }

    /// The chains, to start them from other states.
    pub fn chains_mut(&mut self) -> &mut [Chain<'a, M, F, S, B>] {
        self.chains
    }

    /// The temperatures, hottest first.
    #[must_use]
    pub fn temperatures(&self) -> &[Temperature] {
        self.temperatures
    }

    /// Exchanges between each temperature and the next.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        self.exchanges
    }

    /// One sweep of every chain and one round of exchanges. Returns the number of flips.
    pub fn sweep(&mut self, rule: UpdateRule) -> u64 {
        let pairs = self.chains.iter_mut().zip(&*self.temperatures);
        let flips = pairs
            .map(|(chain, &temperature)| chain.sweep(rule, temperature))
            .sum();
        self.exchange();
        flips
    }

    fn exchange(&mut self) {
        let first = usize::from(self.odd);
        self.odd = !self.odd;
        for k in (first..self.exchanges.len()).step_by(2) {
            let [hot, cold] = &mut self.chains[k..k + 2] else {
                continue;
            };
            let cost = hot.energy() - cold.energy();
            let random = cold.random();
            let bits = cold.model().fraction_bits();
            let (warmer, colder) = (&self.temperatures[k], &self.temperatures[k + 1]);
            let accepted = warmer.exchanges(colder, bits, cost, random);
            if accepted {
                hot.exchange(cold);
            }
            self.exchanges[k].attempts += 1;
            self.exchanges[k].accepted += u64::from(accepted);
        }
    }

    /// Moves the temperatures between the hottest and the coldest so that all exchanges are rejected equally often by the
    /// current counts, and resets the counts. Rejections add up along the ladder; the new temperatures divide their sum into
    /// equal steps (Syed et al. 2022). `old` is one number per temperature, of any content.
    ///
    /// A chain does not sample a fixed distribution while its temperature moves: adapt before what counts.
    ///
    /// # Errors
    /// [`Error::Length`] if `old` has another length.
    pub fn adapt(&mut self, old: &mut [f64]) -> Result<(), Error> {
        check_len("old temperatures", self.temperatures.len(), old.len())?;
        for (old, temperature) in old.iter_mut().zip(&*self.temperatures) {
            *old = temperature.beta();
        }
        let bits = self.chains[0].model().fraction_bits();
        let total: f64 = self.exchanges.iter().map(rejection).sum();
        let steps = self.exchanges.len();
        let (mut interval, mut sum) = (0, 0.0);
        for step in 1..steps {
            let target = total * step as f64 / steps as f64;
            // The interval of the old ladder in which the sum reaches the target.
            while interval + 1 < steps && sum + rejection(&self.exchanges[interval]) < target {
                sum += rejection(&self.exchanges[interval]);
                interval += 1;
            }
            let share = (target - sum) / rejection(&self.exchanges[interval]);
            let (low, high) = (old[interval], old[interval + 1]);
            self.temperatures[step] = Temperature::new(low + share * (high - low), bits)?;
        }
        self.exchanges.fill(Exchange::default());
        Ok(())
    }
}

/// The share of exchanges that were rejected; at least a little, so that every interval counts.
fn rejection(exchange: &Exchange) -> f64 {
    (1.0 - exchange.rate()).max(1e-3)
}
