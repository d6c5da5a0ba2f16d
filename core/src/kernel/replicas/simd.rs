//! The kernels on vectors of four words.

use super::{Entries, REPLICAS, TOGETHER};
use crate::bits::ones;
use crate::kernel::random::simd::VectorRng;
use crate::kernel::vector::{Lanes, Shifts, Simd};
use crate::rng::{ChainRng, starstar};

/// Bits of a random number that are compared for all replicas at once; the other 16 are looked at where these tie.
const PLANES: usize = 16;

/// Random bits of 64 replicas for 16 spins: word `16 q + b` holds bit b of the upper half for spins q, 4 + q, 8 + q,
/// 12 + q, and of each replica what makes the lower half.
#[derive(Debug)]
pub struct Planes {
    upper: [[u64; TOGETHER]; REPLICAS],
    lower: [[u32; 8]; REPLICAS],
    /// The numbers themselves, for where bits tie.
    words: [[u32; 8]; REPLICAS],
}

/// One step of every generator.
#[inline(always)]
pub(crate) fn draw<S: Simd>(_: S, rngs: &mut [ChainRng]) -> Planes {
    let mut block = [S::U64x4::splat(0); REPLICAS];
    let mut planes = Planes {
        upper: [[0; TOGETHER]; REPLICAS],
        lower: [[0; 8]; REPLICAS],
        words: [[0; 8]; REPLICAS],
    };
    for (replica, rng) in rngs.iter_mut().enumerate().take(REPLICAS) {
        let mut vector = VectorRng::<S>::load(rng);
        let (words, lower) = vector.step();
        vector.store(rng);
        planes.words[replica] = words.to_array();
        planes.lower[replica] = lower.to_array();
        block[replica] = bytemuck::cast(words);
    }
    transpose::<S>(&mut block);
    for (words, vector) in planes.upper.iter_mut().zip(block) {
        *words = vector.to_array();
    }
    planes
}

/// Decides spins q, 4 + q, 8 + q, 12 + q, which are `own`. `favours` says in which replicas each coupling favours +1.
#[inline(always)]
pub(crate) fn decide<S: Simd>(
    _: S,
    planes: &Planes,
    entries: &Entries,
    own: [u64; TOGETHER],
    favours: &[[u64; TOGETHER]],
    q: usize,
) -> [u64; TOGETHER] {
    let own = S::U64x4::new(own);
    let counts = count::<S>(favours, own, entries.relative);
    let mut set = S::U64x4::splat(0);
    for entry in entries.list() {
        let mut mask = S::U64x4::splat(0);
        for count in ones(&[entry.counts.into()]) {
            let mut equal = S::U64x4::splat(u64::MAX);
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
        set |= mask & below::<S>(planes, entry.threshold, mask, q);
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
#[inline(always)]
fn below<S: Simd>(planes: &Planes, threshold: u64, mask: S::U64x4, q: usize) -> S::U64x4 {
    if threshold >> 32 != 0 {
        return S::U64x4::splat(u64::MAX);
    }
    let (mut below, mut equal) = (S::U64x4::splat(0), S::U64x4::splat(u64::MAX));
    // Numbers that agree with the threshold down to its last set bit are not below it.
    let last = threshold.trailing_zeros() as usize;
    for bit in (last.saturating_sub(PLANES).min(PLANES)..PLANES).rev() {
        let plane = S::U64x4::new(planes.upper[PLANES * q + bit]);
        if threshold >> (PLANES + bit) & 1 != 0 {
            below |= equal & !plane;
            equal &= plane;
        } else {
            equal &= !plane;
        }
    }
    let ties = (equal & mask).to_array();
    if last < PLANES && ties != [0; TOGETHER] {
        return S::U64x4::new(planes.settle(threshold, ties, below.to_array(), q));
    }
    below
}

impl Planes {
    /// Decides what the upper half left open, by the lower half.
    #[cold]
    #[inline(never)]
    fn settle(
        &self,
        threshold: u64,
        ties: [u64; TOGETHER],
        mut below: [u64; TOGETHER],
        q: usize,
    ) -> [u64; TOGETHER] {
        for (l, tie) in ties.into_iter().enumerate() {
            let at = TOGETHER * l + q;
            for replica in ones(&[tie]) {
                let half = |word: u32| word >> (16 * (at % 2)) & 0xffff;
                let upper = half(self.words[replica][at / 2]);
                let lower = half(starstar(self.lower[replica][at / 2]));
                let set = u64::from(upper << 16 | lower) < threshold;
                below[l] |= u64::from(set) << replica;
            }
        }
        below
    }
}

/// The three bits of how many couplings favour +1, or the spin as it is.
#[inline(always)]
fn count<S: Simd>(favours: &[[u64; TOGETHER]], own: S::U64x4, relative: bool) -> [S::U64x4; 3] {
    let towards = if relative { !own } else { S::U64x4::splat(0) };
    let (mut ones, mut twos, mut fours) =
        (S::U64x4::splat(0), S::U64x4::splat(0), S::U64x4::splat(0));
    for &favours in favours {
        let favours = S::U64x4::new(favours) ^ towards;
        let carry = ones & favours;
        ones ^= favours;
        fours ^= twos & carry;
        twos ^= carry;
    }
    [ones, twos, fours]
}

/// Transposes four blocks of 64 x 64 bits side by side, as [`transpose`](crate::bits::transpose) does one.
#[inline(always)]
fn transpose<S: Simd>(block: &mut [S::U64x4; 64]) {
    transpose_step::<S, 32>(block, 0x0000_0000_ffff_ffff);
    transpose_step::<S, 16>(block, 0x0000_ffff_0000_ffff);
    transpose_step::<S, 8>(block, 0x00ff_00ff_00ff_00ff);
    transpose_step::<S, 4>(block, 0x0f0f_0f0f_0f0f_0f0f);
    transpose_step::<S, 2>(block, 0x3333_3333_3333_3333);
    transpose_step::<S, 1>(block, 0x5555_5555_5555_5555);
}

#[inline(always)]
fn transpose_step<S: Simd, const WIDTH: usize>(block: &mut [S::U64x4; 64], mask: u64) {
    let mask = S::U64x4::splat(mask);
    for pair in block.chunks_exact_mut(2 * WIDTH) {
        let (low, high) = pair.split_at_mut(WIDTH);
        for (a, b) in low.iter_mut().zip(high) {
            let swap = (a.shr(WIDTH as u32) ^ *b) & mask;
            *a ^= swap.shl(WIDTH as u32);
            *b ^= swap;
        }
    }
}
