//! The kernels in plain loops.

use super::{Entries, REPLICAS, TOGETHER};
use crate::rng::{ChainRng, Draw, UNITS_A_STEP};

/// Random numbers of 64 replicas for 16 spins.
#[derive(Debug)]
pub struct Planes {
    draws: [Draw; REPLICAS],
}

/// One step of every generator.
pub fn draw(rngs: &mut [ChainRng]) -> Planes {
    let mut draws = [Draw {
        upper: [0; UNITS_A_STEP],
        lower: [0; UNITS_A_STEP],
    }; REPLICAS];
    for (draw, rng) in draws.iter_mut().zip(rngs) {
        *draw = rng.step();
    }
    Planes { draws }
}

/// Decides spins q, 4 + q, 8 + q, 12 + q, which are `own`. `favours` says in which replicas each coupling favours +1.
pub fn decide(
    planes: &Planes,
    entries: &Entries,
    own: [u64; TOGETHER],
    favours: &[[u64; TOGETHER]],
    q: usize,
) -> [u64; TOGETHER] {
    let mut next = own;
    for (l, next) in next.iter_mut().enumerate() {
        for (replica, draw) in planes.draws.iter().enumerate() {
            let up = own[l] >> replica & 1 != 0;
            let counted = |word: &&[u64; TOGETHER]| {
                let favours = word[l] >> replica & 1 != 0;
                favours ^ (entries.relative && !up)
            };
            let count = favours.iter().filter(counted).count();
            let at = TOGETHER * l + q;
            let number = u32::from(draw.upper[at]) << 16 | u32::from(draw.lower[at]);
            let set = entries.list().iter().any(|entry| {
                entry.counts >> count & 1 != 0
                    && entry.up.is_none_or(|of| of == up)
                    && u64::from(number) < entry.threshold
            });
            let set = set ^ (entries.decide_flips() && up);
            *next = *next & !(1 << replica) | u64::from(set) << replica;
        }
    }
    next
}
