//! What the tests of several kernels share: sizes where vectors, words and lists end, and random inputs.

use std::sync::{Mutex, PoisonError};
use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::{LANES, Level, detected, padded, set_level};
use crate::bits::{WORD, tail_mask, words};
use crate::rng::{ChainRng, Purpose, Streams};

/// Around one, a generator step, a vector, a word, two words; the lecture's layers.
pub(super) const UNITS: [usize; 14] = [
    1,
    15,
    16,
    17,
    LANES - 1,
    LANES,
    LANES + 1,
    WORD - 1,
    WORD,
    WORD + 1,
    129,
    200,
    500,
    784,
];
/// Held by whatever sets the level of the process.
pub(super) static LEVEL: Mutex<()> = Mutex::new(());

/// Runs a check at every level of this CPU.
pub(super) fn each_level(mut check: impl FnMut()) {
    let _guard = LEVEL.lock().unwrap_or_else(PoisonError::into_inner);
    for level in Level::available() {
        set_level(level).unwrap();
        check();
    }
    assert!(set_level(detected()).is_ok());
}

/// What surrounds an output, and must be untouched.
pub(super) const CANARY: i16 = 0x5a5a;

pub(super) fn rng(seed: u64) -> Xoshiro128PlusPlus {
    Xoshiro128PlusPlus::seed_from_u64(seed)
}

pub(super) fn chain(seed: u64) -> ChainRng {
    Streams::new(seed, Purpose::Chains).next_chain()
}

/// Random bits for `samples` vectors of `units`; dense ones, sparse ones, full ones and empty ones by turns.
pub(super) fn random_bits(units: usize, samples: usize, rng: &mut Xoshiro128PlusPlus) -> Vec<u64> {
    let mut bits = vec![];
    for sample in 0..samples {
        for word in 0..words(units) {
            let mask = if word + 1 == words(units) {
                tail_mask(units)
            } else {
                u64::MAX
            };
            let random = match sample % 4 {
                0 => rng.next_u64() & rng.next_u64() & rng.next_u64(),
                1 => rng.next_u64(),
                2 => u64::MAX,
                _ => 0,
            };
            bits.push(random & mask);
        }
    }
    bits
}

/// `rows` padded rows of random numbers, with zeros in the padding.
pub(super) fn random_rows(
    rows: usize,
    units: usize,
    bits: u32,
    rng: &mut Xoshiro128PlusPlus,
) -> Vec<i16> {
    let mut values = vec![0; rows * padded(units)];
    for row in values.chunks_exact_mut(padded(units)) {
        row[..units].fill_with(|| (rng.next_u32() as i16) >> (16 - bits));
    }
    values
}

#[test]
fn rows_are_padded_to_whole_vectors_and_not_to_256() {
    assert_eq!(
        [0, 1, 32, 64, 65, 500].map(padded),
        [0, 32, 32, 64, 96, 544]
    );
}
