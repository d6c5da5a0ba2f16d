//! Persistent chains: they continue from step to step while the model that they sample from changes.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, tail_mask, words};
use bitspin_core::ising::learn::Sums;
use bitspin_core::ising::{Chain, Exchange, Field, Model, Temperature, Tempering, UpdateRule};
use bitspin_core::rng::{ChainRng, Streams};

use super::thermal::{Integers, Quantised};
use crate::control::Control;
use crate::parallel;

/// Ladders, or single chains, that one part of the work takes on: fixed, so that parts do not depend on the threads.
const PART: usize = 16;

/// Ladders of chains: states and generators. A ladder of one temperature is a plain chain.
#[derive(Clone, Debug)]
pub(super) struct Ladders {
    units: usize,
    temperatures: usize,
    /// \[ladder\]\[temperature, hottest first\]\[word\].
    states: Vec<u64>,
    rngs: Vec<ChainRng>,
}

/// Results of a run of chains.
pub(super) struct Moved {
    /// The sums over the states of the coldest chains, after every sweep.
    pub(super) sums: (Vec<i64>, Vec<i64>),
    /// The energies of every coldest chain after every sweep.
    pub(super) energies: Vec<Vec<f64>>,
    part: Ladders,
}

/// Settings of a run of chains.
struct Walk<'a> {
    /// Temperatures, hottest first.
    ladder: &'a [Temperature],
    /// What the engine's unit of energy is.
    unit: f64,
    /// The first spin that moves.
    first: usize,
    sweeps: usize,
    /// Whether energies are kept, rather than sums.
    energies: bool,
    control: Control<'a>,
}

impl Ladders {
    /// Chains that start from noise.
    pub(super) fn new(
        units: usize,
        ladders: usize,
        temperatures: usize,
        streams: &mut Streams,
    ) -> Self {
        let chains = ladders * temperatures;
        let mut rngs: Vec<_> = (0..chains).map(|_| streams.next_chain()).collect();
        let mut states = vec![];
        for rng in &mut rngs {
            for word in 0..words(units) {
                let draw = rng.step();
                let random = draw.upper.chunks_exact(4).next().unwrap_or_default();
                let bits = random
                    .iter()
                    .fold(0, |bits, &half| bits << 16 | u64::from(half));
                let last = word + 1 == words(units);
                states.push(if last { bits & tail_mask(units) } else { bits });
            }
        }
        Self {
            units,
            temperatures,
            states,
            rngs,
        }
    }

    /// Chains from these states, one per chain, of one temperature.
    pub(super) fn from_states(units: usize, states: Vec<u64>, streams: &mut Streams) -> Self {
        let chains = states.len() / words(units);
        Self {
            units,
            temperatures: 1,
            states,
            rngs: (0..chains).map(|_| streams.next_chain()).collect(),
        }
    }

    /// The states of the coldest chains.
    pub(super) fn coldest(&self) -> impl Iterator<Item = &[u64]> {
        let all = self.states.chunks_exact(words(self.units));
        all.skip(self.temperatures - 1).step_by(self.temperatures)
    }

    /// Moves every chain by so many sweeps of Glauber's dynamics over the spins from `first` on. With `energies` it keeps
    /// those, else the sums, of which the state of coldest chain k counts `times(k)` times. Reports sweeps of ladders; after
    /// an interrupt the rest of the sweeps are left out.
    pub(super) fn run(
        &mut self,
        model: &Quantised,
        first: usize,
        sweeps: usize,
        energies: bool,
        times: &(dyn Fn(usize) -> i64 + Sync),
        (threads, control): (usize, Control<'_>),
    ) -> Result<Moved, Error> {
        let ladder = model.ladder(self.temperatures)?;
        let how = Walk {
            ladder: &ladder,
            unit: model.numbers.unit(),
            first,
            sweeps,
            energies,
            control,
        };
        match &model.model {
            Integers::I16(model) => self.run_with(model, &how, times, threads),
            Integers::I32(model) => self.run_with(model, &how, times, threads),
            Integers::Wide(model) => self.run_with(model, &how, times, threads),
        }
    }

    fn run_with<F: Field, M: Model<F> + Sync>(
        &mut self,
        model: &M,
        how: &Walk<'_>,
        times: &(dyn Fn(usize) -> i64 + Sync),
        threads: usize,
    ) -> Result<Moved, Error> {
        let energies = how.energies;
        let ladders = self.rngs.len() / self.temperatures;
        let this = &*self;
        let parts = parallel::map(
            ladders.div_ceil(PART),
            threads,
            || (),
            |(), part| {
                let part_of = this.part(part * PART..ladders.min((part + 1) * PART));
                let numbers = part * PART..;
                part_of.walk(model, how, &|k| times(numbers.start + k))
            },
        );
        let n = self.units;
        let mut all = Moved {
            sums: (vec![0; n], vec![0; n * n]),
            energies: vec![],
            part: self.part(0..0),
        };
        for part in parts {
            let mut part = part?;
            if !energies {
                let other = Sums::new(&mut part.sums.0, &mut part.sums.1)?;
                Sums::new(&mut all.sums.0, &mut all.sums.1)?.merge(&other)?;
            }
            all.energies.append(&mut part.energies);
            all.part.states.append(&mut part.part.states);
            all.part.rngs.append(&mut part.part.rngs);
        }
        std::mem::swap(&mut self.states, &mut all.part.states);
        std::mem::swap(&mut self.rngs, &mut all.part.rngs);
        Ok(all)
    }

    /// A copy of some ladders.
    fn part(&self, ladders: std::ops::Range<usize>) -> Self {
        let chains = ladders.start * self.temperatures..ladders.end * self.temperatures;
        let words = words(self.units);
        Self {
            units: self.units,
            temperatures: self.temperatures,
            states: self.states[chains.start * words..chains.end * words].to_vec(),
            rngs: self.rngs[chains].to_vec(),
        }
    }

    /// Moves the ladders one after the other.
    fn walk<F: Field, M: Model<F>>(
        mut self,
        model: &M,
        how: &Walk<'_>,
        times: &dyn Fn(usize) -> i64,
    ) -> Result<Moved, Error> {
        let &Walk {
            ladder,
            unit,
            first,
            sweeps,
            energies,
            control,
        } = how;
        let n = self.units;
        let (mut spin, mut pair) = if energies {
            (vec![], vec![])
        } else {
            (vec![0; n], vec![0; n * n])
        };
        let mut sums = Sums::new(&mut spin, &mut pair)?;
        let mut kept = vec![];
        let mut fields = vec![F::default(); n * self.temperatures];
        let ladders = self.states.chunks_exact_mut(words(n) * self.temperatures);
        let rngs = self.rngs.chunks_exact_mut(self.temperatures);
        for (number, (states, rngs)) in ladders.zip(rngs).enumerate() {
            let mut walk = vec![];
            let mut each = |chain: &Chain<'_, M, F>| {
                control.advance(1);
                if energies {
                    walk.push(unit * model.real(chain.energy()));
                    return Ok(());
                }
                sums.add_state(chain.state().as_words(), times(number))
            };
            let parts = states
                .chunks_exact_mut(words(n))
                .zip(fields.chunks_exact_mut(n));
            let chains = parts.zip(&*rngs).map(|((state, fields), rng)| {
                Chain::new(model, Bits::new(n, state)?, &mut fields[..], rng.clone())
            });
            let mut chains = chains.collect::<Result<Vec<_>, Error>>()?;
            if let [chain] = chains.as_mut_slice() {
                for _ in (0..sweeps).take_while(|_| !control.is_stopped()) {
                    chain.sweep_range(UpdateRule::Glauber, ladder[0], first..n);
                    each(chain)?;
                }
            } else {
                let mut ladder = ladder.to_vec();
                let mut counts = vec![Exchange::default(); ladder.len() - 1];
                let mut tempering = Tempering::new(&mut chains, &mut ladder, &mut counts)?;
                for _ in (0..sweeps).take_while(|_| !control.is_stopped()) {
                    tempering.sweep(UpdateRule::Glauber);
                    each(&tempering.chains()[self.temperatures - 1])?;
                }
            }
            for (rng, chain) in rngs.iter_mut().zip(&chains) {
                rng.clone_from(chain.rng());
            }
            kept.push(walk);
        }
        Ok(Moved {
            sums: (spin, pair),
            energies: if energies { kept } else { vec![] },
            part: self,
        })
    }
}
