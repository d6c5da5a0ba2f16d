//! Every sampler once more, as plain comparisons of words with thresholds.

use std::collections::HashMap;

use bitspin_core::ising::{TURNING_THRESHOLD, Temperature, UpdateRule};
use bitspin_core::rng::{ChainRng, LANES, UNITS_A_STEP};

use super::families::PLACES;
use super::{Family, script};
use crate::validate::Random;

/// Where the words come from that decide.
pub(super) trait Words {
    /// What is left of 16 words is not used.
    fn step(&mut self);

    /// Whether the next word is below a threshold.
    fn below(&mut self, threshold: u64) -> bool;

    /// Spin floor(w N / 2^32) of the next word w.
    fn site(&mut self, units: usize) -> usize;
}

/// Words as a generator draws them.
pub(super) struct Drawn {
    pub(super) rng: ChainRng,
    words: [u32; UNITS_A_STEP],
    used: usize,
}

impl Drawn {
    pub(super) fn new(rng: ChainRng) -> Self {
        Self {
            rng,
            words: [0; UNITS_A_STEP],
            used: UNITS_A_STEP,
        }
    }

    fn next(&mut self) -> u64 {
        if self.used == UNITS_A_STEP {
            self.step();
        }
        self.used += 1;
        self.words[self.used - 1].into()
    }
}

impl Words for Drawn {
    fn step(&mut self) {
        self.words = self.rng.words();
        self.used = 0;
    }

    fn below(&mut self, threshold: u64) -> bool {
        self.next() < threshold
    }

    fn site(&mut self, units: usize) -> usize {
        site(self.next(), units)
    }
}

/// Words on either side of what they are compared with, as near as they can be: the last that is below, or the first that
/// is not.
pub(super) struct Chosen<'a> {
    random: &'a mut Random,
    words: [u32; UNITS_A_STEP],
    used: usize,
    steps: usize,
}

impl<'a> Chosen<'a> {
    pub(super) fn new(random: &'a mut Random) -> Self {
        Self {
            random,
            words: [0; UNITS_A_STEP],
            used: 0,
            steps: 0,
        }
    }

    fn push(&mut self, word: u64) {
        if let Some(place) = self.words.get_mut(self.used) {
            *place = word as u32;
        }
        self.used += 1;
    }

    /// The words, if one step was enough for all.
    pub(super) fn words(&self) -> Option<[u32; UNITS_A_STEP]> {
        (self.steps <= 1 && self.used <= UNITS_A_STEP).then_some(self.words)
    }

    /// A generator that draws them.
    pub(super) fn generator(self) -> Option<ChainRng> {
        let words = self.words()?;
        Some(script::generator(words, free(self.random)))
    }
}

/// Numbers for what does not matter of a generator.
pub(super) fn free(random: &mut Random) -> [[u32; LANES]; 2] {
    std::array::from_fn(|_| std::array::from_fn(|_| random.bits32()))
}

impl Words for Chosen<'_> {
    fn step(&mut self) {
        self.steps += 1;
    }

    fn below(&mut self, threshold: u64) -> bool {
        let below =
            threshold > 0 && (threshold > u32::MAX.into() || self.random.bits32() >> 31 == 0);
        self.push(if below { threshold - 1 } else { threshold });
        below
    }

    fn site(&mut self, units: usize) -> usize {
        let site = site(self.random.bits32().into(), units);
        let first = |site: usize| ((site as u64) << 32).div_ceil(units as u64);
        let word = if self.random.bits32() >> 31 == 0 {
            first(site)
        } else {
            first(site + 1) - 1
        };
        self.push(word);
        site
    }
}

/// A model at a temperature, with the engine's thresholds.
pub(super) struct Plain {
    pub(super) family: Family,
    pub(super) rule: UpdateRule,
    pub(super) temperature: Temperature,
    thresholds: HashMap<i32, u64>,
    partings: HashMap<i32, u64>,
}

impl Plain {
    pub(super) fn new(family: Family, rule: UpdateRule, temperature: Temperature) -> Self {
        Self {
            family,
            rule,
            temperature,
            thresholds: HashMap::new(),
            partings: HashMap::new(),
        }
    }

    pub(super) fn units(&self) -> usize {
        self.family.units()
    }

    fn threshold(&mut self, field: i32) -> u64 {
        let (rule, temperature) = (self.rule, self.temperature);
        *self
            .thresholds
            .entry(field)
            .or_insert_with(|| temperature.threshold(rule, field))
    }

    /// Whether a spin is +1 after an attempt.
    pub(super) fn attempt(&mut self, state: usize, unit: usize, words: &mut impl Words) -> bool {
        let (field, up) = (self.family.field(state, unit), state >> unit & 1 != 0);
        match self.rule {
            UpdateRule::Glauber => words.below(self.threshold(field)),
            UpdateRule::Metropolis => {
                up != words.below(self.threshold(if up { field } else { -field }))
            }
        }
    }

    /// One attempt for every spin in ascending order.
    pub(super) fn sweep(&mut self, mut state: usize, words: &mut impl Words) -> usize {
        for unit in 0..self.units() {
            if unit % UNITS_A_STEP == 0 {
                words.step();
            }
            state = with(state, unit, self.attempt(state, unit, words));
        }
        state
    }

    /// One attempt for every spin, class after class, the spins of 16 of a class at once.
    pub(super) fn coloured(
        &mut self,
        mut state: usize,
        classes: &[Vec<u32>],
        words: &mut impl Words,
    ) -> usize {
        for units in classes.iter().flat_map(|class| class.chunks(UNITS_A_STEP)) {
            words.step();
            let before = state;
            for &unit in units {
                state = with(
                    state,
                    unit as usize,
                    self.attempt(before, unit as usize, words),
                );
            }
        }
        state
    }

    /// Attempts for spins drawn at random: 16 spins, then what decides them.
    pub(super) fn random_sites(
        &mut self,
        mut state: usize,
        attempts: usize,
        words: &mut impl Words,
    ) -> usize {
        let mut left = attempts;
        while left > 0 {
            let count = left.min(UNITS_A_STEP);
            words.step();
            let sites: Vec<_> = (0..count).map(|_| words.site(self.units())).collect();
            words.step();
            for unit in sites {
                state = with(state, unit, self.attempt(state, unit, words));
            }
            left -= count;
        }
        state
    }

    /// Whether a bond of this strength, which is above 0, joins.
    fn joins(&mut self, strength: i32, words: &mut impl Words) -> bool {
        let temperature = self.temperature;
        let parting = || temperature.parting_threshold(strength.into());
        !words.below(*self.partings.entry(strength).or_insert_with(parting))
    }

    /// One step of Wolff's algorithm.
    pub(super) fn wolff(&mut self, state: usize, words: &mut impl Words) -> usize {
        let n = self.units();
        let spin = |k: usize| 2 * (state >> k & 1) as i32 - 1;
        words.step();
        if !words.below(TURNING_THRESHOLD.into()) {
            return state;
        }
        let first = words.site(n);
        let (mut members, mut waiting) = (1 << first, vec![first]);
        while let Some(unit) = waiting.pop() {
            let along = spin(unit) * self.family.fields[unit];
            if along > 0 && self.joins(along, words) {
                return state;
            }
            for j in 0..n {
                let w = self.coupling(unit, j);
                let satisfied = w * spin(unit) * spin(j);
                if satisfied > 0 && members >> j & 1 == 0 && self.joins(satisfied, words) {
                    members |= 1 << j;
                    waiting.push(j);
                }
            }
        }
        state ^ members
    }

    fn coupling(&self, i: usize, j: usize) -> i32 {
        let pair = (i.min(j), i.max(j));
        let found = self
            .family
            .couplings
            .iter()
            .find(|&&(a, b, _)| (a, b) == pair);
        found.map_or(0, |&(_, _, w)| w)
    }

    /// Whether the states of a warmer and a colder chain are exchanged.
    pub(super) fn exchanges(
        &self,
        colder: &Self,
        states: (usize, usize),
        words: &mut impl Words,
    ) -> bool {
        let cost = self.family.energy(states.0) - self.family.energy(states.1);
        words.step();
        words.below(
            self.temperature
                .exchange_threshold(&colder.temperature, PLACES, cost),
        )
    }
}

/// The spin that a word draws.
pub(super) fn site(word: u64, units: usize) -> usize {
    ((word * units as u64) >> 32) as usize
}

/// A state with a spin set to +1 or to -1.
fn with(state: usize, unit: usize, up: bool) -> usize {
    state & !(1 << unit) | usize::from(up) << unit
}
