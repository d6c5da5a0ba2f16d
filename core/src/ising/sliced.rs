//! Up to 64 replicas of a regular graph, one bit each: multi-spin coding.

use wide::{u32x8, u64x4};

use super::{Colouring, Model, Rule, Sparse, Temperature};
use crate::Error;
use crate::bits::{Bits, ones};
use crate::error::check_len;
use crate::network::{Network, Weight};
use crate::rng::{ChainRng, UNITS_A_STEP, starstar};

/// Replicas that a word holds.
pub const REPLICAS: usize = 64;

/// The most neighbours of a spin: as many as three bits count.
pub const MAX_DEGREE: usize = 7;

/// Bits of a random number that are compared for all replicas at once; the other 16 are looked at where these tie.
const PLANES: usize = 16;

/// Spins that are decided at once, one to an element of a vector.
const TOGETHER: usize = 4;

/// Up to 64 replicas of a model whose spins all have as many neighbours, coupled by one magnitude of either sign, in one
/// field: lattices, ferromagnetic or not, and glasses of couplings +-J. Bit r of a spin's word is the spin in replica r.
///
/// Replica r is, to the bit, the [`Chain`](super::Chain) of its generator that makes the same
/// [coloured sweeps](super::Chain::sweep_coloured): its random numbers are its own.
///
/// # Cost
/// For four spins of a colour in all replicas, in vector operations of 256 bits, for D = 4 neighbours without field:
/// - random numbers: 16 of 64 replicas (a step of a generator serves 16 spins of one), 17 operations each, so 272;
/// - their bits turned into words of 64 replicas: 6 passes of 32 exchanges, 6 operations each, over four; 288;
/// - neighbours gathered and counted: 30; compared, 16 bits with two thresholds, 5 operations each: 160.
///
/// About 750 for 256 attempts, three an attempt; at two to three a cycle an attempt takes one to one and a half cycles.
/// What limits it are the random numbers: 16 bits an attempt, made and transposed, are three quarters of the work.
#[derive(Debug)]
pub struct Sliced<'a, W, O, I, S, H> {
    model: &'a Sparse<W, O, I, S, H>,
    colouring: Colouring<'a>,
    spins: &'a mut [u64],
    rngs: &'a mut [ChainRng],
    degree: usize,
    coupling: i32,
    field: i32,
}

/// What decides a spin of some numbers of satisfied couplings: it is +1, or flips, where a random number is below this.
#[derive(Clone, Copy)]
struct Entry {
    /// Bit k is set for a number of k.
    counts: u8,
    /// Which value of the spin it is for; both, if none.
    up: Option<bool>,
    threshold: u64,
}

/// The distinct decisions of a sweep: a count each, or a count and a spin each.
struct Entries {
    list: [Entry; 2 * (MAX_DEGREE + 1)],
    len: usize,
    /// Whether counts are of couplings that the spin satisfies, and what is decided is a flip; otherwise counts are of
    /// neighbours that favour +1, and what is decided is the spin.
    relative: bool,
}

/// Random bits of 64 replicas for 16 spins: word `16 q + b` holds bit b of the upper half for spins q, 4 + q, 8 + q,
/// 12 + q, and of each replica what makes the lower half.
struct Planes {
    upper: [u64x4; REPLICAS],
    lower: [u32x8; REPLICAS],
    /// The numbers themselves, for where bits tie.
    words: [u32x8; REPLICAS],
}

impl<'a, W, O, I, S, H> Sliced<'a, W, O, I, S, H>
where
    W: Weight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[i32]>,
{
    /// As many replicas as there are generators, from the states in `spins`, one word a spin.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to 64 generators and the model is as described; [`Error::Length`] unless
    /// there is a word a spin, and the colouring is of as many.
    pub fn new(
        model: &'a Sparse<W, O, I, S, H>,
        colouring: Colouring<'a>,
        spins: &'a mut [u64],
        rngs: &'a mut [ChainRng],
    ) -> Result<Self, Error> {
        check_len("spins", model.units(), spins.len())?;
        check_len("colouring", model.units(), colouring.units())?;
        if !(1..=REPLICAS).contains(&rngs.len()) {
            return Err(Error::OutOfRange {
                what: "replicas",
                expected: "1 to 64",
            });
        }
        let degree = model.row(0).0.len();
        let coupling = model.row(0).1.first().map_or(0, |&w| w.into().abs());
        let field = model.external(0);
        let same = |unit: usize| {
            let (neighbours, weights) = model.row(unit);
            neighbours.len() == degree
                && weights.iter().all(|&w| w.into().abs() == coupling)
                && model.external(unit) == field
        };
        if degree > MAX_DEGREE || !(0..model.units()).all(same) {
            return Err(Error::OutOfRange {
                what: "model",
                expected: "as many neighbours for every spin, at most 7, one magnitude of couplings, one field",
            });
        }
        Ok(Self {
            model,
            colouring,
            spins,
            rngs,
            degree,
            coupling,
            field,
        })
    }

    /// Number of replicas.
    #[must_use]
    pub fn replicas(&self) -> usize {
        self.rngs.len()
    }

    /// One word a spin.
    #[must_use]
    pub fn spins(&self) -> &[u64] {
        self.spins
    }

    /// Writes the state of a replica; zeros past the last.
    ///
    /// # Errors
    /// [`Error::Length`] if `state` has another length than the model has spins.
    pub fn state<T: AsRef<[u64]> + AsMut<[u64]>>(
        &self,
        replica: usize,
        state: &mut Bits<T>,
    ) -> Result<(), Error> {
        check_len("state", self.spins.len(), state.len())?;
        for (unit, &word) in self.spins.iter().enumerate() {
            state.set(unit, word.unbounded_shr(replica as u32) & 1 != 0);
        }
        Ok(())
    }

    /// One attempt for every spin of every replica, colour by colour.
    pub fn sweep(&mut self, rule: Rule, temperature: Temperature) {
        let entries = self.entries(rule, temperature);
        for class in self.colouring.classes() {
            for units in class.chunks(UNITS_A_STEP) {
                let planes = Planes::draw(self.rngs);
                for q in 0..TOGETHER {
                    self.decide(&entries, &planes, units, q);
                }
            }
        }
    }

    /// What the field of a spin decides, for every field that there is.
    fn entries(&self, rule: Rule, temperature: Temperature) -> Entries {
        let relative = rule == Rule::Metropolis && self.field == 0;
        let mut entries = Entries {
            list: [Entry {
                counts: 0,
                up: None,
                threshold: 0,
            }; 2 * (MAX_DEGREE + 1)],
            len: 0,
            relative,
        };
        for count in 0..=self.degree {
            let field = self.coupling * (2 * count as i32 - self.degree as i32) + self.field;
            let mut push = |up, threshold| {
                let alike = |entry: &&mut Entry| entry.up == up && entry.threshold == threshold;
                let known = entries.list[..entries.len].iter_mut().find(alike);
                if let Some(entry) = known {
                    entry.counts |= 1 << count;
                    return;
                }
                entries.list[entries.len] = Entry {
                    counts: 1 << count,
                    up,
                    threshold,
                };
                entries.len += 1;
            };
            if rule == Rule::Metropolis && !relative {
                // An up spin stays up where it does not flip.
                push(Some(true), temperature.threshold(rule, field));
                push(Some(false), temperature.threshold(rule, -field));
            } else {
                push(None, temperature.threshold(rule, field));
            }
        }
        entries
    }

    /// Decides spins q, 4 + q, 8 + q, 12 + q of up to 16 that do not see each other.
    #[inline]
    fn decide(&mut self, entries: &Entries, planes: &Planes, units: &[u32], q: usize) {
        // Where there are no more spins the first stands in, and what is decided of it is dropped.
        let mut sites = [units[0] as usize; TOGETHER];
        let mut own = [0; TOGETHER];
        for (l, (site, own)) in sites.iter_mut().zip(&mut own).enumerate() {
            if let Some(&unit) = units.get(TOGETHER * l + q) {
                *site = unit as usize;
            }
            *own = self.spins[*site];
        }
        let own = u64x4::new(own);
        let counts = self.count(&sites, own, entries.relative);
        let mut set = u64x4::ZERO;
        for entry in &entries.list[..entries.len] {
            let mut mask = u64x4::ZERO;
            for count in ones(&[entry.counts.into()]) {
                let mut equal = u64x4::splat(u64::MAX);
                for (bit, &plane) in counts.iter().enumerate() {
                    equal &= if count >> bit & 1 != 0 { plane } else { !plane };
                }
                mask |= equal;
            }
            match entry.up {
                Some(true) => mask &= own,
                Some(false) => mask &= !own,
                None => {}
            }
            set |= mask & planes.below(entry.threshold, mask, q);
        }
        // Metropolis decides flips, Glauber's dynamics the spin itself.
        let flips = entries.relative || entries.list[0].up.is_some();
        let next = if flips { own ^ set } else { set };
        for (l, word) in next.to_array().into_iter().enumerate() {
            if TOGETHER * l + q < units.len() {
                self.spins[sites[l]] = word;
            }
        }
    }

    /// The three bits of how many couplings favour +1, or the spin as it is.
    #[inline]
    fn count(&self, sites: &[usize; TOGETHER], own: u64x4, relative: bool) -> [u64x4; 3] {
        let mut favours = [[0; TOGETHER]; MAX_DEGREE];
        for (l, &site) in sites.iter().enumerate() {
            let (neighbours, weights) = self.model.row(site);
            let pairs = neighbours.iter().zip(weights);
            for (favours, (&j, &w)) in favours.iter_mut().zip(pairs) {
                let sign = i64::from(w.into() >> 31) as u64;
                favours[l] = self.spins[j as usize] ^ sign;
            }
        }
        let towards = if relative { !own } else { u64x4::ZERO };
        let (mut ones, mut twos, mut fours) = (u64x4::ZERO, u64x4::ZERO, u64x4::ZERO);
        for &favours in &favours[..self.degree] {
            let favours = u64x4::new(favours) ^ towards;
            let carry = ones & favours;
            ones ^= favours;
            fours ^= twos & carry;
            twos ^= carry;
        }
        [ones, twos, fours]
    }

    /// Adds up, for each replica, what `each` says of spins as words: the number of set bits.
    fn tally(&self, words: impl Iterator<Item = u64>) -> [u32; REPLICAS] {
        let mut counters = [0_u64; 20];
        for word in words {
            let mut carry = word;
            for counter in &mut counters {
                if carry == 0 {
                    break;
                }
                let both = *counter & carry;
                *counter ^= carry;
                carry = both;
            }
        }
        let mut counts = [0; REPLICAS];
        for (bit, counter) in counters.into_iter().enumerate() {
            for replica in ones(&[counter]) {
                counts[replica] += 1 << bit;
            }
        }
        counts
    }

    /// sum_i s_i of every replica; of those that are not there, nothing that means anything. O(N) words.
    #[must_use]
    pub fn magnetisations(&self) -> [i64; REPLICAS] {
        let up = self.tally(self.spins.iter().copied());
        up.map(|up| 2 * i64::from(up) - self.spins.len() as i64)
    }

    /// The energy of every replica, exact, in units of 2^-fraction_bits. O(couplings) words.
    #[must_use]
    pub fn energies(&self) -> [i64; REPLICAS] {
        let spins = &*self.spins;
        let pairs = spins.iter().enumerate().flat_map(|(i, &own)| {
            let (neighbours, weights) = self.model.row(i);
            let pairs = neighbours.iter().zip(weights);
            let once = pairs.filter(move |&(&j, _)| (j as usize) < i);
            once.map(move |(&j, &w)| own ^ spins[j as usize] ^ (i64::from(w.into() >> 31) as u64))
        });
        let broken = self.tally(pairs);
        let bonds = (self.degree * spins.len() / 2) as i64;
        let magnetisations = self.magnetisations();
        core::array::from_fn(|replica| {
            let excess = 2 * i64::from(broken[replica]) - bonds;
            i64::from(self.coupling) * excess - i64::from(self.field) * magnetisations[replica]
        })
    }
}

impl Planes {
    /// One step of every generator.
    #[inline]
    fn draw(rngs: &mut [ChainRng]) -> Self {
        let mut planes = Self {
            upper: [u64x4::ZERO; REPLICAS],
            lower: [u32x8::ZERO; REPLICAS],
            words: [u32x8::ZERO; REPLICAS],
        };
        for (replica, rng) in rngs.iter_mut().enumerate().take(REPLICAS) {
            let mut vector = rng.load();
            let (words, lower) = vector.step();
            vector.store(rng);
            planes.words[replica] = words;
            planes.lower[replica] = lower;
            planes.upper[replica] = bytemuck::cast(words);
        }
        transpose(&mut planes.upper);
        planes
    }

    /// In which replicas the number for spins q, 4 + q, 8 + q, 12 + q is below a threshold; of those that `mask` leaves
    /// out nothing is said.
    #[inline]
    fn below(&self, threshold: u64, mask: u64x4, q: usize) -> u64x4 {
        if threshold >> 32 != 0 {
            return u64x4::splat(u64::MAX);
        }
        let (mut below, mut equal) = (u64x4::ZERO, u64x4::splat(u64::MAX));
        // Numbers that agree with the threshold down to its last set bit are not below it.
        let last = threshold.trailing_zeros() as usize;
        for bit in (last.saturating_sub(PLANES).min(PLANES)..PLANES).rev() {
            let plane = self.upper[PLANES * q + bit];
            if threshold >> (PLANES + bit) & 1 != 0 {
                below |= equal & !plane;
                equal &= plane;
            } else {
                equal &= !plane;
            }
        }
        let ties = equal & mask;
        if last < PLANES && ties != u64x4::ZERO {
            return self.settle(threshold, ties, below, q);
        }
        below
    }

    /// Decides what the upper half left open, by the lower half.
    #[cold]
    #[inline(never)]
    fn settle(&self, threshold: u64, ties: u64x4, below: u64x4, q: usize) -> u64x4 {
        let mut below = below.to_array();
        for (l, tie) in ties.to_array().into_iter().enumerate() {
            let at = TOGETHER * l + q;
            for replica in ones(&[tie]) {
                let half = |word: u32| word >> (16 * (at % 2)) & 0xffff;
                let upper = half(self.words[replica].to_array()[at / 2]);
                let lower = half(starstar(self.lower[replica].to_array()[at / 2]));
                let set = u64::from(upper << 16 | lower) < threshold;
                below[l] |= u64::from(set) << replica;
            }
        }
        u64x4::new(below)
    }
}

/// Transposes four blocks of 64 x 64 bits side by side, as [`transpose`](crate::bits::transpose) does one.
#[inline]
fn transpose(block: &mut [u64x4; 64]) {
    transpose_step::<32>(block, 0x0000_0000_ffff_ffff);
    transpose_step::<16>(block, 0x0000_ffff_0000_ffff);
    transpose_step::<8>(block, 0x00ff_00ff_00ff_00ff);
    transpose_step::<4>(block, 0x0f0f_0f0f_0f0f_0f0f);
    transpose_step::<2>(block, 0x3333_3333_3333_3333);
    transpose_step::<1>(block, 0x5555_5555_5555_5555);
}

#[inline(always)]
fn transpose_step<const WIDTH: usize>(block: &mut [u64x4; 64], mask: u64) {
    let mask = u64x4::splat(mask);
    for pair in block.chunks_exact_mut(2 * WIDTH) {
        let (low, high) = pair.split_at_mut(WIDTH);
        for (a, b) in low.iter_mut().zip(high) {
            let swap = ((*a >> WIDTH as u32) ^ *b) & mask;
            *a ^= swap << WIDTH as u32;
            *b ^= swap;
        }
    }
}
