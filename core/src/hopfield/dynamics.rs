//! Asynchronous recall, one spin after the other, and Glauber dynamics.

use super::order::Permutation;
use super::settle_synchronous;
use crate::Error;
use crate::bits::{Bits, Storage, spin};
use crate::error::check_len;
use crate::fixed::{MAX_FRACTION_BITS, decide};
use crate::network::{Energy, Network};
use crate::rng::{ChainRng, Draw, UNITS_A_STEP};

/// Order of the spins in an asynchronous sweep.
#[derive(Debug)]
pub enum Order<'a> {
    /// Unit 0 first.
    Ascending,
    /// Another random order of all units in each sweep.
    Random(&'a mut ChainRng),
    /// Always the spin that lowers the energy most, the first of those that lower it equally. A sweep is as many flips
    /// as there are units, or as there are to make.
    LargestGain,
}

/// Why recall ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A sweep in which no spin turned.
    FixedPoint,
    /// Synchronous dynamics alternates between two states. The state is one of them.
    TwoCycle,
    /// The limit of sweeps was reached.
    SweepLimit,
}

/// Result of a recall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    /// Why it ended.
    pub stop: Stop,
    /// Number of sweeps, including the last one, in which nothing changed.
    pub sweeps: u32,
    /// Number of spins that turned, in all sweeps.
    pub flips: u64,
}

/// An inverse temperature for networks whose fields are whole numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecallTemperature {
    mantissa: i128,
    shift: u32,
}

impl RecallTemperature {
    /// beta for one unit of the network's fields: for couplings that were divided by a scale, beta divided by that scale.
    ///
    /// A spin is +1 with probability sigmoid(2 beta f). In the decision 2 beta f is rounded to 11 binary places (10 from
    /// a magnitude of 16 on, and held below 32), so that the probability is within 6.2e-5 of that; where
    /// 2 beta is a multiple of 2^-11, and 2 beta f below 16, within 5.9e-10.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `0 <= beta < 2^40`.
    pub fn new(beta: f64) -> Result<Self, Error> {
        if !(0.0..1_099_511_627_776.0).contains(&beta) {
            return Err(Error::OutOfRange {
                what: "beta",
                expected: "a number in 0..2^40",
            });
        }
        // beta = mantissa 2^(exponent - 1075), and 2 beta in 11 binary places is 2^12 times that.
        let bits = beta.to_bits();
        let exponent = (bits >> 52) as u32;
        let fraction = i128::from(bits & ((1 << 52) - 1));
        // beta is below 2^40, so that the shift is above zero. Where it is beyond 126, no field makes a difference.
        let shift = 1075 - 12 - exponent;
        let negligible = exponent == 0 || shift > 126;
        Ok(Self {
            mantissa: if negligible { 0 } else { fraction | 1 << 52 },
            shift: shift.min(126),
        })
    }

    /// Whether a spin of this field is +1, given 32 random bits.
    fn decide(self, field: i64, upper: u16, lower: u16) -> bool {
        let half = (1_i128 << self.shift) >> 1;
        let wide = (i128::from(field).saturating_mul(self.mantissa)).saturating_add(half);
        let x = (wide >> self.shift).clamp(-65_534, 65_534) as i32;
        let fits = x.unsigned_abs() <= 32_767;
        let (x, places) = if fits {
            (x, MAX_FRACTION_BITS)
        } else {
            (x / 2, MAX_FRACTION_BITS - 1)
        };
        decide(x as i16, places, upper, || lower)
    }
}

/// A state that moves in a network, one spin after the other, and the cache that keeps its fields.
///
/// The network is borrowed; the state's words `S` and the cache `C` are owned or borrowed, whichever storage they come
/// with. Lengths are checked once, by [`Dynamics::new`], and nothing fails after that.
///
/// Memory: 8 bytes per 64 spins, and 4 bytes per number of the cache, of which a
/// [`PatternMemory`](super::PatternMemory) needs one per spin and one per pattern. [`RecallChain`](super::RecallChain)
/// needs no number per spin.
#[derive(Debug)]
pub struct Dynamics<'a, N: ?Sized, S = &'a mut [u64], C = &'a mut [i32]> {
    network: &'a N,
    state: Bits<S>,
    cache: C,
    /// Whether the cache is that of the state.
    prepared: bool,
}

impl<'a, N: Network + ?Sized, S: Storage<u64>, C: Storage<i32>> Dynamics<'a, N, S, C> {
    /// A state and a cache of [`Network::cache_len`] numbers, of any content.
    ///
    /// # Errors
    /// [`Error::Length`] if the state or the cache has another length than the network asks for.
    pub fn new(network: &'a N, state: Bits<S>, cache: C) -> Result<Self, Error> {
        check_len("state", network.units(), state.len())?;
        check_len("cache", network.cache_len(), cache.as_ref().len())?;
        Ok(Self {
            network,
            state,
            cache,
            prepared: false,
        })
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> Bits<&[u64]> {
        self.state.as_bits()
    }

    /// The field of a unit; 0 past the last.
    pub fn field(&mut self, unit: usize) -> i64 {
        if unit >= self.network.units() {
            return 0;
        }
        self.prepare();
        self.network
            .field(self.state.as_words(), self.cache.as_ref(), unit)
    }

    /// Turns a spin over and returns 2 (E after - E before) = 4 s_i f_i, s_i before the flip, with couplings of the
    /// unit with itself left out of f_i where the network has them. `None` past the last unit, where nothing changes.
    pub fn flip(&mut self, unit: usize) -> Option<i64> {
        self.prepare();
        if unit >= self.network.units() {
            return None;
        }
        let own = i64::from(spin(self.state.as_words(), unit));
        let before = self
            .network
            .field(self.state.as_words(), self.cache.as_ref(), unit);
        self.turn(unit);
        let after = self
            .network
            .field(self.state.as_words(), self.cache.as_ref(), unit);
        // A coupling with itself adds w_ii s_i to the field: it cancels in the mean of before and after.
        Some(2 * own * (before + after))
    }

    /// One sweep: every spin, one after the other, turns towards its field. Returns how many turned.
    pub fn sweep(&mut self, order: &mut Order<'_>) -> u64 {
        self.prepare();
        let units = self.network.units();
        match order {
            Order::Ascending => self.sweep_ascending(),
            Order::Random(rng) => self.sweep_in_order(Permutation::draw(units, rng).iter()),
            Order::LargestGain => (0..units)
                .map_while(|_| {
                    let (state, cache) = (self.state.as_words(), self.cache.as_ref());
                    let unit = self.network.largest_gain(state, cache)?;
                    self.turn(unit);
                    Some(())
                })
                .count() as u64,
        }
    }

    /// Sweeps until one changes nothing, `limit` times at most.
    pub fn settle(&mut self, mut order: Order<'_>, limit: u32) -> Recall {
        let mut recall = Recall {
            stop: Stop::SweepLimit,
            sweeps: 0,
            flips: 0,
        };
        while recall.sweeps < limit {
            let flips = self.sweep(&mut order);
            recall.sweeps += 1;
            recall.flips += flips;
            if flips == 0 {
                recall.stop = Stop::FixedPoint;
                break;
            }
        }
        recall
    }

    /// [`settle_synchronous`] in this network, on this state. `scratch` is two states' words: `2 words(N)`.
    ///
    /// # Errors
    /// [`Error::Length`] if `scratch` has another length.
    pub fn settle_synchronous(&mut self, scratch: &mut [u64], limit: u32) -> Result<Recall, Error> {
        self.prepared = false;
        let cache = self.cache.as_mut();
        let cache = cache.get_mut(..self.network.synchronous_len());
        let cache = cache.unwrap_or_default();
        settle_synchronous(self.network, &mut self.state, cache, scratch, limit)
    }

    fn prepare(&mut self) {
        if !self.prepared {
            self.network
                .prepare(self.state.as_words(), self.cache.as_mut());
            self.prepared = true;
        }
    }

    fn turn(&mut self, unit: usize) {
        self.state.flip(unit);
        self.network
            .flipped(self.state.as_words(), self.cache.as_mut(), unit);
    }

    fn sweep_ascending(&mut self) -> u64 {
        let (mut flips, mut from) = (0, 0);
        loop {
            let (state, cache) = (self.state.as_words(), self.cache.as_ref());
            let Some(unit) = self.network.first_unstable(state, cache, from) else {
                return flips;
            };
            self.turn(unit);
            flips += 1;
            from = unit + 1;
        }
    }

    fn sweep_in_order(&mut self, units: impl Iterator<Item = usize>) -> u64 {
        let mut flips = 0;
        units.for_each(|unit| {
            let state = self.state.as_words();
            let field = self.network.field(state, self.cache.as_ref(), unit);
            if i64::from(spin(state, unit)) * field < 0 {
                self.turn(unit);
                flips += 1;
            }
        });
        flips
    }
}

impl<N: Energy + ?Sized, S: Storage<u64>, C: Storage<i32>> Dynamics<'_, N, S, C> {
    /// 2 E, exact, in the unit of the network's weights.
    pub fn twice_energy(&mut self) -> i64 {
        self.prepare();
        self.network
            .twice_energy(self.state.as_words(), self.cache.as_ref())
    }

    /// One sweep of Glauber's dynamics in ascending order: every spin in turn is drawn anew, +1 with probability
    /// sigmoid(2 beta f_i). Returns how many turned over. Sweeps leave the Boltzmann distribution
    /// exp(-beta E) / Z of a network without couplings of units with themselves unchanged.
    pub fn glauber_sweep(&mut self, temperature: RecallTemperature, rng: &mut ChainRng) -> u64 {
        self.prepare();
        let mut flips = 0;
        let mut draw = Draw {
            upper: [0; UNITS_A_STEP],
            lower: [0; UNITS_A_STEP],
        };
        for unit in 0..self.network.units() {
            let at = unit % UNITS_A_STEP;
            if at == 0 {
                draw = rng.step();
            }
            let state = self.state.as_words();
            let field = self.network.field(state, self.cache.as_ref(), unit);
            let up = temperature.decide(field, draw.upper[at], draw.lower[at]);
            if up != (spin(state, unit) > 0) {
                self.turn(unit);
                flips += 1;
            }
        }
        flips
    }
}

#[cfg(test)]
mod tests;
