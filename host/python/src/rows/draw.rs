//! Bits drawn afresh from probabilities.
//!
//! The random number of an entry is a function of seed, epoch, row and column: 32 bits of SplitMix64 (Steele, Lea and
//! Flood 2014) at that place of its sequence. So dense and sparse rows give the same bits, at any number of threads.

use super::pack::each_part;
use super::source::Source;

/// The step of SplitMix64's counter.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Sets each bit with the probability that the source has there. O(values).
pub(crate) fn draw(source: &impl Source, seed: u64, epoch: u64, threads: usize) -> Vec<u64> {
    let (units, words) = (source.units(), source.units().div_ceil(64));
    let start = mix(mix(seed.wrapping_add(STEP)).wrapping_add(epoch.wrapping_mul(STEP)));
    let mut bits = vec![0_u64; source.count() * words];
    each_part(&mut bits, words, threads, |first, part| {
        for (row, bits) in part.chunks_exact_mut(words).enumerate() {
            let row = first + row;
            source.visit(row, |column, p| {
                if p <= 0.0 {
                    return;
                }
                let place = (row * units + column) as u64;
                let random = mix(start.wrapping_add(place.wrapping_mul(STEP))) >> 32;
                let set = (random as f64) < p * 4_294_967_296.0;
                bits[column / 64] |= u64::from(set) << (column % 64);
            });
        }
    });
    bits
}

/// The output function of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
