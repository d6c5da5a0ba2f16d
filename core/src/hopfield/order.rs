//! Permutations without a table.

use crate::rng::ChainRng;

/// A pseudo-random order of the units, 16 bytes whatever their number: a bijection of the numbers of so many bits that
/// multiplies by odd numbers and folds upper bits into lower ones, drawn afresh for each sweep; numbers that are no
/// unit are passed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permutation {
    units: u32,
    bits: u32,
    keys: [u32; 4],
}

/// Numbers that are mapped at once, by vectors where there are such.
const TOGETHER: usize = 16;

impl Permutation {
    /// An order drawn from one step of the generator.
    pub(super) fn draw(units: usize, rng: &mut ChainRng) -> Self {
        let draw = rng.step();
        let word = |at: usize| u32::from(draw.upper[at]) << 16 | u32::from(draw.lower[at]);
        Self {
            units: units as u32,
            bits: (units.max(2) - 1).ilog2() + 1,
            keys: [word(0), word(1), word(2), word(3)],
        }
    }

    /// The units, each once.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        let numbers = 1_u32 << self.bits;
        (0..numbers).step_by(TOGETHER).flat_map(move |first| {
            let mut order = self.apply(first);
            // Those that are units move to the front. A branch here would often be predicted wrongly.
            let mut count = 0;
            for at in 0..TOGETHER.min((numbers - first) as usize) {
                let unit = order[at];
                order[count % TOGETHER] = unit;
                count += usize::from(unit < self.units);
            }
            order.into_iter().take(count).map(|unit| unit as usize)
        })
    }

    /// What numbers from `first` on are mapped to.
    #[inline]
    fn apply(self, first: u32) -> [u32; TOGETHER] {
        let mask = (1 << self.bits) - 1;
        let fold = self.bits / 2 + 1;
        let mut numbers = core::array::from_fn(|at| first + at as u32);
        for key in self.keys {
            for x in &mut numbers {
                let product = x.wrapping_add(key >> 16).wrapping_mul(key | 1) & mask;
                *x = product ^ product >> fold;
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Streams};
    use std::vec::Vec;

    #[test]
    fn every_unit_comes_once() {
        let mut rng = Streams::new(1, Purpose::Chains).next_chain();
        for units in [2, 3, 4, 5, 63, 64, 65, 784, 1000] {
            let order: Vec<usize> = Permutation::draw(units, &mut rng).iter().collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..units).collect::<Vec<_>>());
        }
    }

    /// Null: every unit is equally often first, 2^16 orders of 16 units. The statistic is below 15 + 2 sqrt(15 x) + 2 x
    /// except with probability exp(-x) (Laurent and Massart 2000), x = 14: one seed in a million.
    #[test]
    fn the_first_unit_is_any() {
        let mut rng = Streams::new(2, Purpose::Chains).next_chain();
        let mut counts = [0.0; 16];
        for _ in 0..1 << 16 {
            if let Some(first) = Permutation::draw(16, &mut rng).iter().next() {
                counts[first] += 1.0;
            }
        }
        let expected = f64::from(1 << 16) / 16.0;
        let statistic: f64 = counts
            .iter()
            .map(|count: &f64| (count - expected) * (count - expected) / expected)
            .sum();
        let x = 14.0;
        assert!(
            statistic < 15.0 + 2.0 * libm::sqrt(15.0 * x) + 2.0 * x,
            "{statistic}"
        );
    }
}
