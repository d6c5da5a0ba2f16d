//! The engine's samplers, driven by words next to every threshold and by random ones, against [`Plain`].

use bitspin_core::Error;
use bitspin_core::bits::Bits;
use bitspin_core::ising::{
    Chain, ClusterBuffers, Colouring, Exchange, Model, REPLICAS, Sliced, Temperature, Tempering,
    UpdateRule, sweep_replicas,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{ChainRng, UNITS_A_STEP};

use super::families::PLACES;
use super::laws::temperature;
use super::plain::{Chosen, Drawn, Plain, free, site};
use super::{Family, script};
use crate::ising::Graph;
use crate::validate::Random;

/// Runs by chosen words, and steps by random ones, of a model at a temperature.
const RUNS: usize = 16;

/// Chains that are swept together: four side by side, and one that is left over.
const TOGETHER: usize = 5;

/// A way in which the engine makes a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Spin by spin, as sparse models are swept.
    Single,
    /// A block of 64 spins, as dense models are swept; whole vectors of 16 spins, and a rest.
    Blocked,
    /// Chains of a dense model together.
    Replicas,
    /// Spins drawn at random.
    RandomSites,
    /// Colour by colour.
    Coloured,
    /// 64 replicas of a bit each.
    Sliced,
    /// Clusters.
    Wolff,
    /// A ladder of temperatures.
    Tempering,
}

impl Path {
    /// Every way, and what it is called.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Single, "sweeps"),
        (Self::Blocked, "blocks"),
        (Self::Replicas, "replicas"),
        (Self::RandomSites, "random spins"),
        (Self::Coloured, "colours"),
        (Self::Sliced, "multi-spin coding"),
        (Self::Wolff, "Wolff's clusters"),
        (Self::Tempering, "tempering"),
    ];

    /// How many states the engine reaches that are not those that comparisons of the same words with its thresholds make,
    /// and how many there were.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn differences(
        self,
        family: &Family,
        rule: UpdateRule,
        beta: f64,
        random: &mut Random,
    ) -> Result<(usize, usize), Error> {
        let packed = family.copies(UNITS_A_STEP / family.units());
        let plain = |family: &Family| Plain::new(family.clone(), rule, temperature(beta));
        let mut count = Count::default();
        match self {
            Self::Single => {
                let model = packed.sparse()?;
                together(&mut plain(&packed), &model, 1, random, &mut count)?;
            }
            Self::Blocked => {
                for family in [packed.clone(), packed.padded(UNITS_A_STEP)] {
                    let model = family.dense()?;
                    together(&mut plain(&family), &model, 1, random, &mut count)?;
                }
            }
            Self::Replicas => {
                let family = packed.padded(UNITS_A_STEP);
                let model = family.dense()?;
                together(&mut plain(&family), &model, TOGETHER, random, &mut count)?;
            }
            Self::RandomSites => random_sites(&mut plain(family), random, &mut count)?,
            Self::Coloured => coloured(&mut plain(&packed), random, &mut count)?,
            Self::Sliced => sliced(&mut plain(&packed), random, &mut count)?,
            Self::Wolff => wolff(&mut plain(family), random, &mut count)?,
            Self::Tempering => tempering(family, rule, beta, random, &mut count)?,
        }
        Ok((count.wrong, count.all))
    }
}

#[derive(Default)]
struct Count {
    wrong: usize,
    all: usize,
}

impl Count {
    fn add<T: PartialEq>(&mut self, found: T, expected: T) {
        self.wrong += usize::from(found != expected);
        self.all += 1;
    }
}

fn state(units: usize, random: &mut Random) -> usize {
    random.bits32() as usize & ((1 << units) - 1)
}

/// What comes of a chain's state and generator.
fn one<M: Model>(
    model: &M,
    state: usize,
    rng: ChainRng,
    act: impl FnOnce(&mut Chain<'_, M>) -> Result<(), Error>,
) -> Result<(usize, ChainRng), Error> {
    let n = model.units();
    let (mut word, mut fields) = ([state as u64], vec![0; n]);
    let mut chain = Chain::new(model, Bits::new(n, &mut word[..])?, &mut fields[..], rng)?;
    act(&mut chain)?;
    Ok((chain.state().as_words()[0] as usize, chain.rng().clone()))
}

/// Sweeps of chains together.
fn together<M: Model>(
    plain: &mut Plain,
    model: &M,
    chains: usize,
    random: &mut Random,
    count: &mut Count,
) -> Result<(), Error> {
    let (n, rule) = (plain.units(), plain.rule);
    let temperatures = vec![plain.temperature; chains];
    let sweep = |states: &[usize], rngs: &[ChainRng]| -> Result<Vec<(usize, ChainRng)>, Error> {
        let mut rooms: Vec<_> = states
            .iter()
            .map(|&state| ([state as u64], vec![0; n]))
            .collect();
        let parts = rooms.iter_mut().zip(rngs);
        let chains = parts.map(|((word, fields), rng)| {
            Chain::new(
                model,
                Bits::new(n, &mut word[..])?,
                &mut fields[..],
                rng.clone(),
            )
        });
        let mut chains: Vec<_> = chains.collect::<Result<_, _>>()?;
        sweep_replicas(&mut chains, rule, &temperatures)?;
        let after =
            |chain: &Chain<'_, M>| (chain.state().as_words()[0] as usize, chain.rng().clone());
        Ok(chains.iter().map(after).collect())
    };
    for _ in 0..RUNS {
        let states: Vec<_> = (0..chains).map(|_| state(n, random)).collect();
        let (mut expected, mut rngs) = (vec![], vec![]);
        for &state in &states {
            let mut words = Chosen::new(random);
            expected.push(plain.sweep(state, &mut words));
            rngs.extend(words.generator());
        }
        let found = sweep(&states, &rngs)?;
        let found = found.into_iter().map(|(state, _)| state).collect();
        count.add(found, expected);
    }
    let mut states: Vec<_> = (0..chains).map(|_| state(n, random)).collect();
    let mut rngs = random.chains(chains);
    for _ in 0..RUNS {
        let expected = states.iter().zip(&rngs).map(|(&state, rng)| {
            let mut words = Drawn::new(rng.clone());
            (plain.sweep(state, &mut words), words.rng)
        });
        let expected: Vec<_> = expected.collect();
        let found = sweep(&states, &rngs)?;
        count.add(&found, &expected);
        (states, rngs) = found.into_iter().unzip();
    }
    Ok(())
}

fn random_sites(plain: &mut Plain, random: &mut Random, count: &mut Count) -> Result<(), Error> {
    let (n, rule, temperature) = (plain.units(), plain.rule, plain.temperature);
    let model = plain.family.sparse()?;
    let real = |from: usize, rng: ChainRng, attempts: usize| {
        one(&model, from, rng, |chain| {
            chain.random_sites(rule, temperature, attempts as u64);
            Ok(())
        })
    };
    for _ in 0..RUNS / 4 {
        let from = state(n, random);
        let sites: [usize; UNITS_A_STEP] = std::array::from_fn(|_| site(random.bits32().into(), n));
        let mut words = Chosen::new(random);
        let expected = sites.iter().fold(from, |state, &unit| {
            let up = plain.attempt(state, unit, &mut words);
            state & !(1 << unit) | usize::from(up) << unit
        });
        if let Some(words) = words.words() {
            let rng = visiting(&sites, n, words, random);
            count.add(real(from, rng, UNITS_A_STEP)?.0, expected);
        }
    }
    let (mut from, mut rng) = (state(n, random), random.chains(1).remove(0));
    for attempts in 1..2 * RUNS {
        let mut words = Drawn::new(rng.clone());
        let expected = plain.random_sites(from, attempts, &mut words);
        let found = real(from, rng, attempts)?;
        count.add(&found, &(expected, words.rng));
        (from, rng) = found;
    }
    Ok(())
}

/// A generator whose first step draws these spins, and its second these words.
fn visiting(
    sites: &[usize; UNITS_A_STEP],
    units: usize,
    words: [u32; UNITS_A_STEP],
    random: &mut Random,
) -> ChainRng {
    let mut chosen = free(random);
    loop {
        let rng = script::before(&script::generator(words, chosen));
        let found = rng.clone().words().map(|word| site(word.into(), units));
        if found == *sites {
            return rng;
        }
        // Lanes draw two spins each, by numbers of their own.
        let other = free(random);
        for (lane, (found, wanted)) in found.chunks(2).zip(sites.chunks(2)).enumerate() {
            if found != wanted {
                (0..2).for_each(|row| chosen[row][lane] = other[row][lane]);
            }
        }
    }
}

/// The classes of a colouring of a model.
fn classes(model: &Graph) -> Result<Vec<Vec<u32>>, Error> {
    let n = model.units();
    let (mut order, mut colours) = (vec![0; n], vec![0; n]);
    let colouring = Colouring::new(model, &mut order, &mut colours)?;
    Ok(colouring.classes().map(<[u32]>::to_vec).collect())
}

/// All spins in one class, whatever their couplings: so that one step of a generator decides all.
fn uncoupled(units: usize) -> Result<Graph, Error> {
    let family = Family {
        name: String::new(),
        couplings: vec![],
        fields: vec![0; units],
    };
    family.sparse()
}

fn coloured(plain: &mut Plain, random: &mut Random, count: &mut Count) -> Result<(), Error> {
    let (n, rule, temperature) = (plain.units(), plain.rule, plain.temperature);
    let model = plain.family.sparse()?;
    let alone = uncoupled(n)?;
    let real = |graph: &Graph, from: usize, rng: ChainRng| {
        let (mut order, mut colours) = (vec![0; n], vec![0; n]);
        let colouring = Colouring::new(graph, &mut order, &mut colours)?;
        one(&model, from, rng, |chain| {
            chain
                .sweep_coloured(rule, temperature, &colouring)
                .map(drop)
        })
    };
    let all = classes(&alone)?;
    for _ in 0..RUNS {
        let from = state(n, random);
        let mut words = Chosen::new(random);
        let expected = plain.coloured(from, &all, &mut words);
        if let Some(rng) = words.generator() {
            count.add(real(&alone, from, rng)?.0, expected);
        }
    }
    let classes = classes(&model)?;
    let (mut from, mut rng) = (state(n, random), random.chains(1).remove(0));
    for _ in 0..RUNS {
        let mut words = Drawn::new(rng.clone());
        let expected = plain.coloured(from, &classes, &mut words);
        let found = real(&model, from, rng)?;
        count.add(&found, &(expected, words.rng));
        (from, rng) = found;
    }
    Ok(())
}

/// Of models that multi-spin coding takes; of others nothing is counted.
fn sliced(plain: &mut Plain, random: &mut Random, count: &mut Count) -> Result<(), Error> {
    let (n, rule, temperature) = (plain.units(), plain.rule, plain.temperature);
    let model = plain.family.sparse()?;
    let alone = uncoupled(n)?;
    let real =
        |graph: &Graph, states: &[usize], rngs: &mut [ChainRng]| -> Result<Vec<usize>, Error> {
            let (mut order, mut colours) = (vec![0; n], vec![0; n]);
            let colouring = Colouring::new(graph, &mut order, &mut colours)?;
            let mut spins = vec![0; n];
            for (unit, word) in spins.iter_mut().enumerate() {
                let bits = states
                    .iter()
                    .enumerate()
                    .map(|(replica, state)| (state >> unit & 1) << replica);
                *word = bits.sum::<usize>() as u64;
            }
            let mut sliced = Sliced::new(&model, colouring, &mut spins, rngs)?;
            sliced.sweep(rule, temperature);
            let state = |replica: usize| {
                let bits = sliced
                    .spins()
                    .iter()
                    .enumerate()
                    .map(|(unit, word)| (word >> replica & 1) << unit);
                bits.sum::<u64>() as usize
            };
            Ok((0..states.len()).map(state).collect())
        };
    let mut states: Vec<_> = (0..REPLICAS).map(|_| state(n, random)).collect();
    if real(&model, &states, &mut random.chains(REPLICAS)).is_err() {
        return Ok(());
    }
    // Of a class of 16 spins four are decided at once: 0, 4, 8 and 12, then 1, 5, 9 and 13.
    let groups: Vec<Vec<usize>> = (0..4).map(|q| (q..n).step_by(4).collect()).collect();
    for _ in 0..2 {
        let (mut expected, mut rngs) = (vec![], vec![]);
        for &from in &states {
            let (mut state, mut chosen) = (from, Chosen::new(random));
            for group in &groups {
                let before = state;
                for &unit in group {
                    let up = plain.attempt(before, unit, &mut chosen);
                    state = state & !(1 << unit) | usize::from(up) << unit;
                }
            }
            expected.push(state);
            let Some(words) = chosen.words() else {
                continue;
            };
            let mut places = [0; UNITS_A_STEP];
            for (&unit, word) in groups.iter().flatten().zip(words) {
                places[unit] = word;
            }
            rngs.push(script::generator(places, free(random)));
        }
        count.add(real(&alone, &states, &mut rngs)?, expected);
    }
    let classes = classes(&model)?;
    let mut rngs = random.chains(REPLICAS);
    for _ in 0..RUNS / 4 {
        let expected = states.iter().zip(&rngs).map(|(&state, rng)| {
            let mut words = Drawn::new(rng.clone());
            (plain.coloured(state, &classes, &mut words), words.rng)
        });
        let expected: Vec<_> = expected.collect();
        states = real(&model, &states, &mut rngs)?;
        let found: Vec<_> = states.iter().copied().zip(rngs.iter().cloned()).collect();
        count.add(found, expected);
    }
    Ok(())
}

fn wolff(plain: &mut Plain, random: &mut Random, count: &mut Count) -> Result<(), Error> {
    let (n, temperature) = (plain.units(), plain.temperature);
    let model = plain.family.sparse()?;
    let real = |from: usize, rng: ChainRng| {
        one(&model, from, rng, |chain| {
            let (mut stack, mut members) = (vec![0; n], [0]);
            let (stack, members) = (&mut stack[..], &mut members[..]);
            chain
                .wolff(temperature, &mut ClusterBuffers { stack, members })
                .map(drop)
        })
    };
    for _ in 0..4 * RUNS {
        let from = state(n, random);
        let mut words = Chosen::new(random);
        let expected = plain.wolff(from, &mut words);
        if let Some(rng) = words.generator() {
            count.add(real(from, rng)?.0, expected);
        }
    }
    let (mut from, mut rng) = (state(n, random), random.chains(1).remove(0));
    for _ in 0..4 * RUNS {
        let mut words = Drawn::new(rng.clone());
        let expected = plain.wolff(from, &mut words);
        let found = real(from, rng)?;
        count.add(&found, &(expected, words.rng));
        (from, rng) = found;
    }
    Ok(())
}

/// Three chains, from beta / 4 to beta.
fn tempering(
    family: &Family,
    rule: UpdateRule,
    beta: f64,
    random: &mut Random,
    count: &mut Count,
) -> Result<(), Error> {
    let n = family.units();
    let model = family.sparse()?;
    let mut ladder = super::ladder(beta, 3)
        .iter()
        .map(|&beta| Temperature::new(beta, PLACES))
        .collect::<Result<Vec<_>, _>>()?;
    let chains = ladder.len();
    let mut plain: Vec<_> = ladder
        .iter()
        .map(|&t| Plain::new(family.clone(), rule, t))
        .collect();
    let mut states: Vec<_> = (0..chains).map(|_| state(n, random)).collect();
    let rngs = random.chains(chains);
    let mut rooms: Vec<_> = states
        .iter()
        .map(|&state| ([state as u64], vec![0; n]))
        .collect();
    let parts = rooms.iter_mut().zip(&rngs);
    let real = parts.map(|((word, fields), rng)| {
        Chain::new(
            &model,
            Bits::new(n, &mut word[..])?,
            &mut fields[..],
            rng.clone(),
        )
    });
    let mut real: Vec<_> = real.collect::<Result<_, _>>()?;
    let mut exchanges = vec![Exchange::default(); chains - 1];
    let mut tempering = Tempering::new(&mut real, &mut ladder, &mut exchanges)?;
    let mut words: Vec<_> = rngs.into_iter().map(Drawn::new).collect();
    for round in 0..4 * RUNS {
        tempering.sweep(rule);
        for ((state, plain), words) in states.iter_mut().zip(&mut plain).zip(&mut words) {
            *state = plain.sweep(*state, words);
        }
        for k in (round % 2..chains - 1).step_by(2) {
            if plain[k].exchanges(&plain[k + 1], (states[k], states[k + 1]), &mut words[k + 1]) {
                states.swap(k, k + 1);
            }
        }
        let found = tempering
            .chains()
            .iter()
            .map(|chain| chain.state().as_words()[0] as usize);
        count.add(found.collect::<Vec<_>>(), states.clone());
    }
    Ok(())
}
