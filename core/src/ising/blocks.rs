//! Sweeps in ascending order, of one chain or of many of one model together.
//!
//! A densely coupled model is swept 64 spins at a time. Within such a block the fields that decide are a copy, brought up
//! to date after each 16 spins; those of all spins follow when the block is done, for all of its flips at once and, of
//! many chains, for one chain after the other while the couplings are near. All of it is integers, so that neither the
//! order of additions nor what is held back changes a bit.

use super::{Chain, Field, Model, Temperature, UpdateRule};
use crate::Error;
use crate::bits::{Storage, WORD, words};
use crate::error::check_len;
use crate::kernel::at_level;
use crate::kernel::decide::{self, Approximation, VECTORS};
use crate::rng::UNITS_A_STEP;

/// Chains whose flips are remembered while the fields of a block's neighbours wait: 40 bytes of stack each.
const CHAINS: usize = if VECTORS { 64 } else { 1 };

/// Chains that are decided side by side.
const TOGETHER: usize = 4;

/// Fields that are brought up to date in all chains before the next are.
const STRIP: usize = 512;

impl<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>> Chain<'_, M, F, S, B> {
    /// One attempt for every spin in ascending order. Returns the number of flips.
    pub fn sweep(&mut self, rule: UpdateRule, temperature: Temperature) -> u64 {
        F::sweep_blocks(core::slice::from_mut(self), rule, &[temperature])
            .unwrap_or_else(|| self.sweep_range(rule, temperature, 0..self.state.len()))
    }
}

impl<M: Model, S: Storage<u64>, B: Storage<i32>> Chain<'_, M, i32, S, B> {
    /// sum s_i f_i over the flipped spins of a block, s_i being as they were before.
    #[inline(always)]
    fn work(&self, block: usize, flipped: u64) -> i64 {
        let up = self.state.as_words()[block] ^ flipped;
        let fields = self.fields().get(WORD * block..).unwrap_or_default();
        let terms = fields.iter().take(WORD).enumerate();
        terms
            .map(|(at, &field)| {
                let counts = -((flipped >> at & 1) as i64);
                let down = (up >> at & 1) as i64 - 1;
                ((i64::from(field) ^ down) - down) & counts
            })
            .sum()
    }
}

/// A temperature, and what is approximated at it.
#[derive(Clone, Copy)]
struct Setting {
    temperature: Temperature,
    approximation: Approximation,
}

impl Setting {
    fn new<M: Model>(model: &M, temperature: Temperature) -> Self {
        Self {
            temperature,
            approximation: Approximation::new(temperature.units(), model.largest_field()),
        }
    }

    /// Decides up to 16 spins, one after the other, by exact bounds. Returns the new values.
    #[inline(always)]
    fn decide_exactly<M: Model>(
        &self,
        sixteen: &Sixteen<'_, M>,
        count: usize,
        rule: UpdateRule,
        fields: &[i32; UNITS_A_STEP],
        up: u16,
        random: [u32; UNITS_A_STEP],
    ) -> u16 {
        // Most spins of a cold model are held by fields that no random number is a match for.
        let reach = [self.temperature.reach(); UNITS_A_STEP];
        if decide::wanted(UpdateRule::Metropolis, fields, up, &reach) == up {
            return up;
        }
        let mut bounds = [0; UNITS_A_STEP];
        for (bound, word) in bounds.iter_mut().zip(random) {
            *bound = self.temperature.bound(rule, word);
        }
        decide::decide_exactly(sixteen, count, rule, fields, up, &bounds)
    }
}

/// Sixteen spins of a model.
struct Sixteen<'a, M> {
    model: &'a M,
    start: usize,
}

impl<M: Model> decide::Block for Sixteen<'_, M> {
    #[inline(always)]
    fn row(&self, spin: usize) -> [i32; UNITS_A_STEP] {
        self.model.couplings_to(self.start + spin, self.start)
    }
}

/// One [sweep](Chain::sweep) of many chains of one model, each with a temperature of its own, so that a coupling comes from
/// memory once for all of them: 64 spins of every chain, then the fields that they change. Every chain is, to the bit, what
/// it would be alone. Returns the number of flips.
///
/// # Errors
/// [`Error::Length`] unless there is one temperature per chain and all chains have equally many spins.
pub fn sweep_replicas<F: Field, M: Model<F>, S: Storage<u64>, B: Storage<F>>(
    chains: &mut [Chain<'_, M, F, S, B>],
    rule: UpdateRule,
    temperatures: &[Temperature],
) -> Result<u64, Error> {
    let units = chains.first().map_or(0, |chain| chain.state.len());
    check_len("temperatures", chains.len(), temperatures.len())?;
    for chain in &*chains {
        check_len("replica", units, chain.state.len())?;
    }
    let parts = chains.chunks_mut(CHAINS).zip(temperatures.chunks(CHAINS));
    Ok(parts
        .map(|(chains, temperatures)| {
            F::sweep_blocks(chains, rule, temperatures).unwrap_or_else(|| {
                let each = chains.iter_mut().zip(temperatures);
                each.map(|(chain, &temperature)| chain.sweep(rule, temperature))
                    .sum()
            })
        })
        .sum())
}

/// A sweep of up to [`CHAINS`] chains of equal size.
pub(super) fn sweep_blocks<M: Model, S: Storage<u64>, B: Storage<i32>>(
    chains: &mut [Chain<'_, M, i32, S, B>],
    rule: UpdateRule,
    temperatures: &[Temperature],
) -> u64 {
    at_level(
        #[inline(always)]
        || sweep_all(chains, rule, temperatures),
    )
}

#[inline(always)]
fn sweep_all<M: Model, S: Storage<u64>, B: Storage<i32>>(
    chains: &mut [Chain<'_, M, i32, S, B>],
    rule: UpdateRule,
    temperatures: &[Temperature],
) -> u64 {
    let Some(first) = chains.first() else {
        return 0;
    };
    let (units, model) = (first.state.len(), first.model);
    let together = VECTORS && chains.iter().all(|chain| core::ptr::eq(chain.model, model));
    let Some(&hottest) = temperatures.first() else {
        return 0;
    };
    let mut settings = [Setting::new(model, hottest); CHAINS];
    for (setting, &temperature) in settings.iter_mut().zip(temperatures).skip(1) {
        if temperature != hottest {
            *setting = Setting::new(model, temperature);
        }
    }
    let count = chains.len().min(temperatures.len());
    let (chains, settings) = (&mut chains[..count], &settings[..count]);
    let mut flips = 0;
    for block in 0..words(units) {
        let mut flipped = [0; CHAINS];
        let mut rest = 0;
        if together {
            let (groups, _) = chains.as_chunks_mut::<TOGETHER>();
            rest = groups.len() * TOGETHER;
            let groups = groups.iter_mut().zip(settings.as_chunks().0);
            for ((chains, settings), flipped) in groups.zip(flipped.as_chunks_mut().0) {
                *flipped = decide_block(chains, settings, rule, block);
            }
        }
        let alone = chains[rest..].iter_mut().zip(&settings[rest..]);
        for ((chain, setting), flipped) in alone.zip(&mut flipped[rest..]) {
            [*flipped] = decide_block(
                core::array::from_mut(chain),
                core::array::from_ref(setting),
                rule,
                block,
            );
        }
        if flipped.iter().all(|&flipped| flipped == 0) {
            continue;
        }
        let moved = || {
            flipped
                .iter()
                .enumerate()
                .filter(|(_, flipped)| **flipped != 0)
        };
        for (k, &flipped) in moved() {
            chains[k].energy += chains[k].work(block, flipped);
            flips += u64::from(flipped.count_ones());
        }
        for start in (0..units).step_by(STRIP) {
            let end = (start + STRIP).min(units);
            for (k, &flipped) in moved() {
                let up = chains[k].state.as_words()[block];
                let Chain { model, fields, .. } = &mut chains[k];
                let fields = &mut fields.as_mut()[start..end];
                model.flip_many(block, flipped, up, start, fields);
            }
        }
        // sum_F s_i (f_i + f'_i), f' being the fields after all flips F, is what they cost.
        for (k, &flipped) in moved() {
            chains[k].energy += chains[k].work(block, flipped);
        }
    }
    flips
}

/// Attempts for the spins of a word of `P` chains, in ascending order; fields stay as they were before. Returns which were
/// turned over.
#[inline(always)]
fn decide_block<M: Model, S: Storage<u64>, B: Storage<i32>, const P: usize>(
    chains: &mut [Chain<'_, M, i32, S, B>; P],
    settings: &[Setting; P],
    rule: UpdateRule,
    block: usize,
) -> [u64; P] {
    let (start, model, units) = (WORD * block, chains[0].model, chains[0].state.len());
    let end = (start + WORD).min(units);
    let mut fields = [[0; WORD]; P];
    for (fields, chain) in fields.iter_mut().zip(&*chains) {
        fields[..end - start].copy_from_slice(&chain.fields()[start..end]);
    }
    let before: [u64; P] = core::array::from_fn(|p| chains[p].state.as_words()[block]);
    let mut word = before;
    for group in (0..end - start).step_by(UNITS_A_STEP) {
        let (first, left) = (start + group, end - start - group);
        let mut random = [[0; UNITS_A_STEP]; P];
        let mut own = [[0; UNITS_A_STEP]; P];
        let mut up = [0; P];
        for p in 0..P {
            random[p] = chains[p].rng.words();
            let (groups, _) = fields[p].as_chunks::<UNITS_A_STEP>();
            own[p] = groups[group / UNITS_A_STEP % groups.len()];
            up[p] = (word[p] >> group) as u16;
        }
        let sixteen = Sixteen {
            model,
            start: first,
        };
        let mut next = [None; P];
        if VECTORS && left >= UNITS_A_STEP {
            let mut approximations = [settings[0].approximation; P];
            for (approximation, setting) in approximations.iter_mut().zip(settings) {
                *approximation = setting.approximation;
            }
            next = decide::decide(&sixteen, &approximations, rule, &own, up, &random);
        }
        for p in 0..P {
            let next = next[p].unwrap_or_else(|| {
                settings[p].decide_exactly(&sixteen, left, rule, &own[p], up[p], random[p])
            });
            if next == up[p] {
                continue;
            }
            let flipped = u64::from(next ^ up[p]) << group;
            word[p] ^= flipped;
            let later = first + UNITS_A_STEP;
            if later < end {
                // All fields of a whole block are one tile; of another only those that are still needed.
                let from = if end - start == WORD { start } else { later };
                let waiting = &mut fields[p][from - start..end - start];
                model.flip_many(block, flipped, word[p], from, waiting);
            }
        }
    }
    for (chain, &word) in chains.iter_mut().zip(&word) {
        chain.state.set_word(block, word);
    }
    core::array::from_fn(|p| before[p] ^ word[p])
}
