//! Samples of the model by parallel tempering, for reverse annealing to start from.

mod report;

pub use report::TemperingReport;

use bitspin_core::Error;
use bitspin_core::bits::ones;
use bitspin_core::ising::Exchange;
use bitspin_core::rbm::ais::tempering::{adapt, barrier};
use bitspin_core::rbm::ais::{Annealing, Beta, Chains};
use bitspin_core::rng::{ChainRng, Purpose, Streams};

use super::chains::OwnedChains;
use super::{Ais, check_units};
use crate::BitMatrix;
use crate::aligned::AlignedI16;
use crate::control::{Control, whole};
use crate::engine::FITS;
use crate::evaluate::convergence::Convergence;
use crate::parallel;
use report::starts_apart;

/// Largest number of ladders.
pub(super) const LADDERS: usize = 64;

/// Temperatures of the first ladder, and of a ladder at most.
const FIRST: usize = 16;
const MOST: usize = 128;

/// Draws of each ladder that convergence is judged by, at most.
const DRAWS: usize = 250;

/// Smallest number of rounds.
pub const FEWEST_ROUNDS: usize = 64;

/// Samples of the model by parallel tempering.
#[derive(Clone, Debug)]
pub struct Tempered {
    /// As many as there are chains to start. Those at equal places modulo the number of ladders come from one ladder.
    pub samples: BitMatrix,
    /// How the ladders moved.
    pub mixing: TemperingReport,
}

/// All replicas between two phases: `visible[level]` and `rngs[level]` hold those of all ladders.
struct Replicas {
    betas: Vec<Beta>,
    visible: Vec<Vec<u64>>,
    rngs: Vec<Vec<ChainRng>>,
}

/// Results of a phase of a group of ladders.
struct Phase {
    visible: Vec<Vec<u64>>,
    rngs: Vec<Vec<ChainRng>>,
    exchanges: Vec<Exchange>,
    draws: Draws,
}

/// What is drawn at the model's temperature, chain after chain in each draw.
#[derive(Default)]
struct Draws {
    free_energy: Vec<Vec<f64>>,
    set_units: Vec<Vec<f64>>,
    samples: Vec<Vec<u64>>,
}

/// When a phase draws.
#[derive(Clone, Copy)]
struct Schedule {
    rounds: usize,
    /// Rounds between draws; 0 for none.
    rounds_a_draw: usize,
    /// Samples to keep of each ladder, evenly spaced, the last at the end.
    samples: usize,
}

impl Ais<'_> {
    /// Steps that [`Self::tempered`] reports: one per ladder and round.
    #[must_use]
    pub fn tempering_steps(&self, rounds: usize) -> u64 {
        (self.ladders() * rounds) as u64
    }

    /// Samples of the model, one per chain, by parallel tempering between the base-rate model and the model. Ladders start at samples of the base-rate model, every other one at `data` where there are data: ladders
    /// that mix forget which. In the first half of the rounds the ladder is adapted three times to its exchange
    /// rates; in the second half it is fixed, and samples are drawn. O(ladders x temperatures x rounds) Gibbs steps.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for fewer than [`FEWEST_ROUNDS`] rounds; [`Error::Length`] if data have another number of units.
    pub fn tempered(&self, data: Option<&BitMatrix>, rounds: usize) -> Result<Tempered, Error> {
        self.tempered_with(data, rounds, Control::new()).map(whole)
    }

    /// [`Self::tempered`] that reports rounds of each ladder; `None` if interrupted.
    ///
    /// # Errors
    /// As [`Self::tempered`].
    pub fn tempered_with(
        &self,
        data: Option<&BitMatrix>,
        rounds: usize,
        control: Control<'_>,
    ) -> Result<Option<Tempered>, Error> {
        if rounds < FEWEST_ROUNDS {
            return Err(Error::OutOfRange {
                what: "rounds",
                expected: "at least 64",
            });
        }
        let ladders = self.ladders();
        let mut replicas = self.start(data)?;
        let burn_in = rounds / 2;
        let adapting = [burn_in / 16, burn_in / 8, burn_in / 4];
        for rounds in adapting {
            let schedule = Schedule {
                rounds,
                rounds_a_draw: 0,
                samples: 0,
            };
            let (exchanges, _) = self.phase(&mut replicas, schedule, control)?;
            if control.is_stopped() {
                return Ok(None);
            }
            self.readapt(&mut replicas, &exchanges)?;
        }
        let left = burn_in - adapting.iter().sum::<usize>();
        let burn_in_left = Schedule {
            rounds: left,
            rounds_a_draw: 0,
            samples: 0,
        };
        self.phase(&mut replicas, burn_in_left, control)?;
        let measured = rounds - burn_in;
        let rounds_a_draw = measured.div_ceil(DRAWS);
        let chains = self.settings.chains;
        let schedule = Schedule {
            rounds: measured,
            rounds_a_draw,
            samples: chains.div_ceil(ladders),
        };
        let (exchanges, draws) = self.phase(&mut replicas, schedule, control)?;
        if control.is_stopped() {
            return Ok(None);
        }
        let mut samples = draws.samples.concat();
        samples.truncate(chains * self.engine.shape().visible_words());
        let of_free_energy = transposed(&draws.free_energy);
        let of_set_units = transposed(&draws.set_units);
        let free_energy = Convergence::of(&of_free_energy)?;
        let set_units = Convergence::of(&of_set_units)?;
        let both = [free_energy, set_units].map(|found| found.autocorrelation_time);
        let starts_apart = match data.is_some_and(|data| data.count() > 0) {
            true => starts_apart(&of_free_energy).max(starts_apart(&of_set_units)),
            false => 0.0,
        };
        Ok(Some(Tempered {
            samples: BitMatrix::from_bits(self.model.visible, samples)?,
            mixing: TemperingReport {
                ladders,
                temperatures: replicas.betas.len(),
                rounds,
                least_exchange_rate: exchanges.iter().map(Exchange::rate).fold(1.0, f64::min),
                rounds_a_draw,
                free_energy,
                set_units,
                autocorrelation_rounds: both[0].max(both[1]) * rounds_a_draw as f64,
                starts_apart,
            },
        }))
    }

    /// Ladders side by side.
    pub(super) fn ladders(&self) -> usize {
        self.settings.chains.min(LADDERS)
    }

    fn start(&self, data: Option<&BitMatrix>) -> Result<Replicas, Error> {
        let (ladders, shape) = (self.ladders(), self.engine.shape());
        let mut streams = Streams::new(self.settings.seed, Purpose::Tempering);
        let mut rngs: Vec<Vec<ChainRng>> = (0..MOST)
            .map(|_| (0..ladders).map(|_| streams.next_chain()).collect())
            .collect();
        let annealing = self.base.annealing(&self.engine)?;
        let words = shape.visible_words();
        if let Some(data) = data {
            check_units(self.model.visible, data)?;
        }
        let mut visible = vec![];
        for (level, rngs) in rngs.iter_mut().enumerate().take(FIRST) {
            let mut owned = OwnedChains::new(shape, rngs);
            owned.chains(&annealing)?.draw_base();
            let mut states;
            (states, *rngs) = owned.into_states();
            if let Some(data) = data.filter(|data| data.count() > 0) {
                let pairs = states.chunks_exact_mut(words).enumerate().step_by(2);
                for (ladder, state) in pairs {
                    let at = (level * ladders + ladder) % data.count();
                    state.copy_from_slice(&data.bits()[at * words..(at + 1) * words]);
                }
            }
            visible.push(states);
        }
        let last = FIRST as u32 - 1;
        let betas = (0..=last).map(|k| Beta::step(k, last)).collect();
        Ok(Replicas {
            betas,
            visible,
            rngs,
        })
    }

    /// Changes the ladder to twice as many temperatures as rejections add up to, and as little rejection at one as at
    /// another. A new temperature takes the states of the old one next to it.
    fn readapt(&self, replicas: &mut Replicas, exchanges: &[Exchange]) -> Result<(), Error> {
        let levels = (2.0 * barrier(exchanges)).ceil() as usize + 1;
        let mut betas = vec![Beta::ZERO; levels.clamp(4, MOST)];
        adapt(&replicas.betas, exchanges, &mut betas)?;
        let nearest = |beta: &Beta| {
            let distance = |old: &Beta| (old.real() - beta.real()).abs();
            let olds = replicas.betas.iter().enumerate();
            olds.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
                .map_or(0, |(at, _)| at)
        };
        let visible = betas
            .iter()
            .map(|beta| replicas.visible[nearest(beta)].clone());
        (replicas.visible, replicas.betas) = (visible.collect(), betas.clone());
        Ok(())
    }

    /// Runs all ladders for some rounds, groups of them on several threads.
    fn phase(
        &self,
        replicas: &mut Replicas,
        schedule: Schedule,
        control: Control<'_>,
    ) -> Result<(Vec<Exchange>, Draws), Error> {
        let (ladders, threads) = (self.ladders(), self.settings.threads.max(1));
        let together = ladders.div_ceil(threads);
        let groups = ladders.div_ceil(together);
        let annealing = self.base.annealing(&self.engine)?;
        let of_groups = parallel::map(
            groups,
            threads,
            || (),
            |(), group| {
                let range = group * together..ladders.min((group + 1) * together);
                self.run_group(&annealing, replicas, range, schedule, control)
            },
        );
        let levels = replicas.betas.len();
        replicas.visible = vec![vec![]; levels];
        let mut rngs = vec![vec![]; levels];
        let mut exchanges = vec![Exchange::default(); levels - 1];
        let mut draws = Draws::default();
        for of_group in of_groups {
            let of_group: Phase = of_group?;
            for (to, from) in replicas.visible.iter_mut().zip(of_group.visible) {
                to.extend(from);
            }
            for (to, from) in rngs.iter_mut().zip(of_group.rngs) {
                to.extend(from);
            }
            for (to, from) in exchanges.iter_mut().zip(of_group.exchanges) {
                to.attempts += from.attempts;
                to.accepted += from.accepted;
            }
            extend(&mut draws.free_energy, of_group.draws.free_energy);
            extend(&mut draws.set_units, of_group.draws.set_units);
            extend(&mut draws.samples, of_group.draws.samples);
        }
        for (to, from) in replicas.rngs.iter_mut().zip(rngs) {
            *to = from;
        }
        Ok((exchanges, draws))
    }

    fn run_group(
        &self,
        annealing: &Annealing<'_, AlignedI16>,
        replicas: &Replicas,
        ladders: std::ops::Range<usize>,
        schedule: Schedule,
        control: Control<'_>,
    ) -> Result<Phase, Error> {
        let (shape, betas) = (self.engine.shape(), &replicas.betas);
        let words = shape.visible_words();
        let mut owned: Vec<OwnedChains> = (replicas.rngs.iter().take(betas.len()))
            .map(|rngs| OwnedChains::new(shape, &rngs[ladders.clone()]))
            .collect();
        let mut levels = Vec::with_capacity(owned.len());
        for (owned, visible) in owned.iter_mut().zip(&replicas.visible) {
            let mut chains = owned.chains(annealing)?;
            chains.enter(&visible[ladders.start * words..ladders.end * words])?;
            levels.push(chains);
        }
        let mut exchanges = vec![Exchange::default(); betas.len() - 1];
        let mut draws = Draws::default();
        for round in 0..schedule.rounds {
            if control.is_stopped() {
                break;
            }
            for (chains, &beta) in levels.iter_mut().zip(betas) {
                chains.step(beta);
            }
            for pair in (round % 2..exchanges.len()).step_by(2) {
                let (hotter, colder) = levels.split_at_mut(pair + 1);
                let (Some(hotter), Some(colder)) = (hotter.last_mut(), colder.first_mut()) else {
                    continue;
                };
                colder.exchange(betas[pair + 1], hotter, betas[pair], &mut exchanges[pair])?;
            }
            if let Some(model) = levels.last() {
                self.draw(model, schedule, round + 1, &mut draws);
            }
            control.advance(ladders.len());
        }
        drop(levels);
        let (visible, rngs) = owned.into_iter().map(OwnedChains::into_states).unzip();
        Ok(Phase {
            visible,
            rngs,
            exchanges,
            draws,
        })
    }

    /// Keeps what the schedule wants after so many rounds.
    fn draw(
        &self,
        model: &Chains<'_, AlignedI16>,
        schedule: Schedule,
        done: usize,
        to: &mut Draws,
    ) {
        let shape = self.engine.shape();
        let Schedule {
            rounds,
            rounds_a_draw,
            samples,
        } = schedule;
        if rounds_a_draw > 0 && done.is_multiple_of(rounds_a_draw) {
            let states = model.visible().chunks_exact(shape.visible_words());
            let fields = model.hidden_fields().chunks_exact(shape.hidden_stride());
            let energy = |(v, fields)| self.engine.free_energy(v, fields).expect(FITS);
            to.free_energy
                .push(states.clone().zip(fields).map(energy).collect());
            to.set_units
                .push(states.map(|v| ones(v).count() as f64).collect());
        }
        // As many times as the number of samples due grows by this round.
        for _ in (done - 1) * samples / rounds..done * samples / rounds {
            to.samples.push(model.visible().to_vec());
        }
    }
}

/// Appends each draw of a group of chains to the draw of the groups before.
fn extend<T>(draws: &mut Vec<Vec<T>>, more: Vec<Vec<T>>) {
    draws.resize_with(draws.len().max(more.len()), Vec::new);
    for (to, from) in draws.iter_mut().zip(more) {
        to.extend(from);
    }
}

/// From draws of all chains to chains of all draws.
fn transposed(draws: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let chains = draws.first().map_or(0, Vec::len);
    (0..chains)
        .map(|chain| draws.iter().map(|draw| draw[chain]).collect())
        .collect()
}
