//! The kernels on vectors of four words.

use wide::{u32x8, u64x4};

use super::{Entries, REPLICAS, TOGETHER};
use crate::bits::ones;
use crate::kernel::random::simd::VectorRng;
use crate::rng::{ChainRng, starstar};

/// Bits of a random number that are compared for all replicas at once; the other 16 are looked at where these tie.
const PLANES: usize = 16;

/// Random bits of 64 replicas for 16 spins: word `16 q + b` holds bit b of the upper half for spins q, 4 + q, 8 + q,
/// 12 + q, and of each replica what makes the lower half.
#[derive(Debug)]
pub struct Planes {
    upper: [u64x4; REPLICAS],
    lower: [u32x8; REPLICAS],
    /// The numbers themselves, for where bits tie.
    words: [u32x8; REPLICAS],
}

impl Planes {
    /// One step of every generator.
    #[inline]
    pub fn draw(rngs: &mut [ChainRng]) -> Self {
        let mut planes = Self {
            upper: [u64x4::ZERO; REPLICAS],
            lower: [u32x8::ZERO; REPLICAS],
            words: [u32x8::ZERO; REPLICAS],
        };
        for (replica, rng) in rngs.iter_mut().enumerate().take(REPLICAS) {
            let mut vector = VectorRng::load(rng);
            let (words, lower) = vector.step();
            vector.store(rng);
            planes.words[replica] = words;
            planes.lower[replica] = lower;
            planes.upper[replica] = bytemuck::cast(words);
        }
        transpose(&mut planes.upper);
        planes
    }

    /// Decides spins q, 4 + q, 8 + q, 12 + q, which are `own`. `favours` says in which replicas each coupling favours +1.
    #[inline]
    pub fn decide(
        &self,
        entries: &Entries,
        own: [u64; TOGETHER],
        favours: &[[u64; TOGETHER]],
        q: usize,
    ) -> [u64; TOGETHER] {
        let own = u64x4::new(own);
        let counts = count(favours, own, entries.relative);
        let mut set = u64x4::ZERO;
        for entry in entries.list() {
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
            set |= mask & self.below(entry.threshold, mask, q);
        }
        let next = if entries.decide_flips() {
            own ^ set
        } else {
            set
        };
        next.to_array()
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

/// The three bits of how many couplings favour +1, or the spin as it is.
#[inline]
fn count(favours: &[[u64; TOGETHER]], own: u64x4, relative: bool) -> [u64x4; 3] {
    let towards = if relative { !own } else { u64x4::ZERO };
    let (mut ones, mut twos, mut fours) = (u64x4::ZERO, u64x4::ZERO, u64x4::ZERO);
    for &favours in favours {
        let favours = u64x4::new(favours) ^ towards;
        let carry = ones & favours;
        ones ^= favours;
        fours ^= twos & carry;
        twos ^= carry;
    }
    [ones, twos, fours]
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
