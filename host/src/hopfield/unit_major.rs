//! Hebb and covariance memories for the host, where a flip costs P and so does a field.

use bitspin_core::bits::{WORD, ones, spin};
use bitspin_core::hopfield::{Diagonal, LearningRule, PatternMemory, Patterns};
use bitspin_core::kernel::overlap::{add_signs, overlaps, signs, sum_of_set};
use bitspin_core::network::{Energy, Network};

use super::scan;
use crate::BitMatrix;

/// Which couplings the patterns imply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centring {
    /// Hebb's: w_ij = sum_mu xi_mu,i xi_mu,j.
    None,
    /// The covariance rule's: P times those, less S_i S_j with S_i = sum_mu xi_mu,i.
    Mean,
}

/// One in so many fields take the time of a synchronous sweep (N = 784, P = 60: 5; N = 4096, P = 400: 7).
const FIELDS_OF_A_SWEEP: usize = 6;

/// A Hopfield network of P packed patterns of N units, whose bits are stored unit by unit and pattern by pattern; its
/// diagonal is zero.
///
/// The core's memory keeps N fields, so that a flip costs N P. This one keeps the P overlaps M_mu = sum_j xi_mu,j s_j, and
/// adds them up where a field is asked for: P additions in vector registers, and as many for a flip. A sweep thus costs
/// N P however many spins flip, which are many past capacity. Where few do, all fields are compared with zero at once, in
/// bit-sliced numbers. Fields are those of the core's memory to the bit, at any number of patterns.
#[derive(Clone, Debug)]
pub struct UnitMajorMemory {
    units: usize,
    count: usize,
    /// The bits of a unit in all patterns, `words` words per unit.
    bits: Vec<u64>,
    words: usize,
    centring: Centring,
    /// S_i, one per unit.
    sums: Vec<i64>,
    /// The patterns, one behind the other.
    patterns: Vec<u64>,
}

impl UnitMajorMemory {
    /// Stores patterns. O(N P).
    #[must_use]
    pub fn new(patterns: &BitMatrix, centring: Centring) -> Self {
        let (units, count) = (patterns.units(), patterns.count());
        let words = count.div_ceil(WORD);
        let mut bits = vec![0_u64; units * words];
        for (mu, pattern) in patterns.iter().enumerate() {
            for unit in bitspin_core::bits::ones(pattern) {
                bits[unit * words + mu / WORD] |= 1 << (mu % WORD);
            }
        }
        let rows = bits.chunks_exact(words);
        let sums = rows
            .map(|row| {
                let ones: u32 = row.iter().map(|word| word.count_ones()).sum();
                2 * i64::from(ones) - count as i64
            })
            .collect();
        Self {
            units,
            count,
            bits,
            words,
            centring,
            sums,
            patterns: patterns.bits().to_vec(),
        }
    }

    /// The same network with its N fields in the cache, for dynamics that looks at all fields before each flip. `None` if
    /// they could leave the range of the core's cache: for the covariance rule from N P^2 = 2^31 on.
    #[must_use]
    pub fn with_fields(&self) -> Option<PatternMemory<&[u64]>> {
        let rule = match self.centring {
            Centring::None => LearningRule::Hebb,
            Centring::Mean => LearningRule::Covariance,
        };
        let patterns = Patterns::new(self.units, &self.patterns[..]).ok()?;
        PatternMemory::new(patterns, rule, Diagonal::Zero).ok()
    }

    /// Units whose spins point against their fields, and possibly more, as bits that differ from those of the state in
    /// `next`. By the covariance rule a unit's coupling with itself is P^2 less S_i^2: here the former is taken away
    /// from all fields, which makes every spin less stable than it is.
    fn turn_roughly(&self, state: &[u64], cache: &[i32], next: &mut [u64]) {
        let (&sum, overlaps) = cache.split_last().unwrap_or((&0, &[]));
        let count = self.count as i64;
        let (scale, less) = match self.centring {
            Centring::None => (1, 0),
            Centring::Mean => (count, i64::from(sum)),
        };
        let coefficient = |mu: usize| scale * i64::from(overlaps[mu]) - less;
        let own = -scale * count;
        signs(&self.patterns, self.units, coefficient, own, state, next);
    }

    fn is_unstable(&self, state: &[u64], cache: &[i32], unit: usize) -> bool {
        i64::from(spin(state, unit)) * self.field(state, cache, unit) < 0
    }

    fn row(&self, unit: usize) -> &[u64] {
        &self.bits[unit * self.words..][..self.words]
    }

    /// Adds `by` xi_mu,unit to every overlap, and what that comes to to their sum.
    fn add(&self, unit: usize, by: i32, cache: &mut [i32]) {
        let Some((sum, overlaps)) = cache.split_last_mut() else {
            return;
        };
        add_signs(self.row(unit), by, overlaps);
        // The places past the last pattern stay zero, whatever their bits.
        overlaps[self.count..].fill(0);
        *sum += by * self.sums[unit] as i32;
    }
}

impl Network for UnitMajorMemory {
    #[inline]
    fn units(&self) -> usize {
        self.units
    }

    /// The overlaps, up to the next whole word of patterns, and their sum.
    fn cache_len(&self) -> usize {
        self.words * WORD + 1
    }

    fn prepare(&self, state: &[u64], cache: &mut [i32]) {
        cache.fill(0);
        let Some((sum, numbers)) = cache.split_last_mut() else {
            return;
        };
        overlaps(&self.patterns, self.units, state, numbers);
        *sum = numbers.iter().sum();
    }

    fn synchronous(&self, state: &[u64], cache: &mut [i32], next: &mut [u64]) {
        self.prepare(state, cache);
        self.turn_roughly(state, cache, next);
        if self.centring == Centring::None {
            return;
        }
        for (word, (next, &own)) in next.iter_mut().zip(state).enumerate() {
            for bit in ones(&[*next ^ own]) {
                if !self.is_unstable(state, cache, word * WORD + bit) {
                    *next ^= 1 << bit;
                }
            }
        }
    }

    fn first_unstable(&self, state: &[u64], cache: &[i32], from: usize) -> Option<usize> {
        let patience = self.units / FIELDS_OF_A_SWEEP;
        scan::first_unstable(self, state, cache, from, patience, |next| {
            self.turn_roughly(state, cache, next);
        })
    }

    #[inline]
    fn field(&self, state: &[u64], cache: &[i32], unit: usize) -> i64 {
        let (sum, overlaps) = cache.split_last().unwrap_or((&0, &[]));
        let set = sum_of_set(self.row(unit), overlaps);
        let (all, s) = (i64::from(*sum), i64::from(spin(state, unit)));
        let (count, own) = (self.count as i64, self.sums[unit]);
        let field = 2 * set - all;
        match self.centring {
            Centring::None => field - count * s,
            Centring::Mean => count * field - all * own - (count * count - own * own) * s,
        }
    }

    #[inline]
    fn flipped(&self, state: &[u64], cache: &mut [i32], unit: usize) {
        self.add(unit, 2 * spin(state, unit), cache);
    }
}

impl Energy for UnitMajorMemory {
    fn twice_energy(&self, _state: &[u64], cache: &[i32]) -> i64 {
        let overlaps = || cache.iter().take(self.count).map(|&m| i64::from(m));
        let squares: i64 = overlaps().map(|m| m * m).sum();
        let count = self.count as i64;
        match self.centring {
            Centring::None => count * self.units as i64 - squares,
            Centring::Mean => {
                let sum: i64 = overlaps().sum();
                let own: i64 = self.sums.iter().map(|s| count * count - s * s).sum();
                own - (count * squares - sum * sum)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bitspin_core::hopfield::{Diagonal, LearningRule, PatternMemory, Patterns};
    use bitspin_core::rng::{Purpose, Streams};

    use super::*;
    use crate::hopfield::random_patterns;

    /// From states near a pattern and far from all: few and many units are unstable.
    #[test]
    fn unstable_units_and_synchronous_sweeps_are_those_of_the_core() {
        let mut rough = 0;
        for (units, count) in [(2, 1), (65, 70), (130, 20), (700, 30)] {
            let mut random = Streams::new(6, Purpose::Evaluation).next_stream();
            let patterns = random_patterns(units, count, &mut random);
            for centring in [Centring::None, Centring::Mean] {
                let ours = UnitMajorMemory::new(&patterns, centring);
                let theirs = ours.with_fields().unwrap();
                let mut near = patterns.row(0).to_vec();
                near[units / WORD] ^= 1;
                let far = random_patterns(units, 1, &mut random).bits().to_vec();
                for state in [near, far, patterns.row(count - 1).to_vec()] {
                    let mut our_cache = vec![9; ours.cache_len()];
                    let mut their_cache = vec![9; theirs.cache_len()];
                    let mut ours_next = vec![9; state.len()];
                    let mut theirs_next = vec![9; state.len()];
                    ours.synchronous(&state, &mut our_cache, &mut ours_next);
                    theirs.synchronous(&state, &mut their_cache, &mut theirs_next);
                    assert_eq!(ours_next, theirs_next, "{units} {count} {centring:?}");
                    ours.prepare(&state, &mut our_cache);
                    theirs.prepare(&state, &mut their_cache);
                    for from in 0..=units {
                        let unit = ours.first_unstable(&state, &our_cache, from);
                        let expected = theirs.first_unstable(&state, &their_cache, from);
                        assert_eq!(unit, expected, "{units} {count} {centring:?} {from}");
                    }
                    ours.turn_roughly(&state, &our_cache, &mut ours_next);
                    rough += usize::from(ours_next != theirs_next);
                }
            }
        }
        assert!(rough > 0);
    }

    #[test]
    fn fields_are_those_of_the_core_whatever_turns() {
        for (units, count) in [(2, 1), (63, 3), (64, 64), (65, 70), (130, 200)] {
            let mut random = Streams::new(5, Purpose::Evaluation).next_stream();
            let patterns = random_patterns(units, count, &mut random);
            let start = random_patterns(units, 1, &mut random);
            for (centring, rule) in [
                (Centring::None, LearningRule::Hebb),
                (Centring::Mean, LearningRule::Covariance),
            ] {
                let ours = UnitMajorMemory::new(&patterns, centring);
                let theirs = Patterns::new(units, patterns.bits()).unwrap();
                let theirs = PatternMemory::new(theirs, rule, Diagonal::Zero).unwrap();
                let mut state = start.bits().to_vec();
                let mut our_cache = vec![9; ours.cache_len()];
                let mut their_cache = vec![9; theirs.cache_len()];
                ours.prepare(&state, &mut our_cache);
                for turned in [0, units - 1, units / 2, 0] {
                    theirs.prepare(&state, &mut their_cache);
                    assert_eq!(
                        ours.twice_energy(&state, &our_cache),
                        theirs.twice_energy(&state, &their_cache)
                    );
                    for unit in 0..units {
                        assert_eq!(
                            ours.field(&state, &our_cache, unit),
                            theirs.field(&state, &their_cache, unit),
                            "{units} {count} {rule:?} {unit}"
                        );
                    }
                    state[turned / 64] ^= 1 << (turned % 64);
                    ours.flipped(&state, &mut our_cache, turned);
                }
            }
        }
    }
}
