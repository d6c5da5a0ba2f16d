//! Up to 64 replicas of a regular graph, one bit each: multi-spin coding.

use super::{Colouring, Model, Sparse, Temperature, UpdateRule};
use crate::Error;
use crate::bits::{Bits, ones};
use crate::error::check_len;
use crate::kernel::at_level;
use crate::kernel::replicas::{self, Entries, MAX_DEGREE, Planes, REPLICAS, TOGETHER};
use crate::network::{Network, Weight};
use crate::rng::{ChainRng, UNITS_A_STEP};

/// Up to 64 replicas of a model whose spins all have equally many neighbours, couplings of one magnitude and either sign, and
/// one external field: lattices, ferromagnetic or not, and glasses of couplings +-J. Bit r of a spin's word is the spin in replica r.
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
/// About 750 for 256 attempts, three per attempt; at two to three per cycle an attempt takes one to one and a half cycles.
/// Random numbers are the limit: 16 bits per attempt, drawn and transposed, are three quarters of the work.
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

impl<'a, W, O, I, S, H> Sliced<'a, W, O, I, S, H>
where
    W: Weight,
    O: AsRef<[u32]>,
    I: AsRef<[u32]>,
    S: AsRef<[W]>,
    H: AsRef<[i32]>,
{
    /// As many replicas as there are generators, from the states in `spins`, one word per spin.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to 64 generators and the model is as described; [`Error::Length`] unless
    /// there is a word per spin, and the colouring is of as many.
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

    /// One word per spin.
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
    pub fn sweep(&mut self, rule: UpdateRule, temperature: Temperature) {
        let entries = self.entries(rule, temperature);
        at_level(
            #[inline(always)]
            || {
                for class in self.colouring.classes() {
                    for units in class.chunks(UNITS_A_STEP) {
                        let planes = replicas::draw(self.rngs);
                        for q in 0..TOGETHER {
                            self.decide(&entries, &planes, units, q);
                        }
                    }
                }
            },
        );
    }

    /// What the field of a spin decides, for every field that there is.
    fn entries(&self, rule: UpdateRule, temperature: Temperature) -> Entries {
        let relative = rule == UpdateRule::Metropolis && self.field == 0;
        let mut entries = Entries::new(relative);
        for count in 0..=self.degree {
            let field = self.coupling * (2 * count as i32 - self.degree as i32) + self.field;
            if rule == UpdateRule::Metropolis && !relative {
                // An up spin stays up where it does not flip.
                entries.push(count, Some(true), temperature.threshold(rule, field));
                entries.push(count, Some(false), temperature.threshold(rule, -field));
            } else {
                entries.push(count, None, temperature.threshold(rule, field));
            }
        }
        entries
    }

    /// Decides spins q, 4 + q, 8 + q, 12 + q of up to 16 that do not see each other.
    #[inline(always)]
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
        let favours = self.favours(&sites);
        let next = replicas::decide(planes, entries, own, &favours[..self.degree], q);
        for (l, word) in next.into_iter().enumerate() {
            if TOGETHER * l + q < units.len() {
                self.spins[sites[l]] = word;
            }
        }
    }

    /// In which replicas each coupling of four spins favours +1.
    #[inline(always)]
    fn favours(&self, sites: &[usize; TOGETHER]) -> [[u64; TOGETHER]; MAX_DEGREE] {
        let mut favours = [[0; TOGETHER]; MAX_DEGREE];
        for (l, &site) in sites.iter().enumerate() {
            let (neighbours, weights) = self.model.row(site);
            let pairs = neighbours.iter().zip(weights);
            for (favours, (&j, &w)) in favours.iter_mut().zip(pairs) {
                let sign = i64::from(w.into() >> 31) as u64;
                favours[l] = self.spins[j as usize] ^ sign;
            }
        }
        favours
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

    /// sum_i s_i of every replica; unspecified for absent replicas. O(N) words.
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
