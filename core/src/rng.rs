//! Random numbers: eight xoshiro128++ streams per chain, 32 bits per unit.
//!
//! Every chain (a Markov chain, or a sample of a training minibatch) owns eight independent streams of [`rand_xoshiro`]'s
//! xoshiro128++, 2^64 numbers apart: lane `l` of chain `c` is the seeded generator jumped `8 c + l` times. A chain
//! therefore draws the same numbers whatever thread it runs on and whatever runs beside it, and eight lanes side by
//! side fill one SIMD register.
//!
//! One step of a chain serves sixteen units with 32 random bits each: the upper 16 bits of a unit are half of its
//! lane's xoshiro128++ output (even units the low half, odd units the high half); the lower 16 bits are the same half
//! of the xoshiro128** output of the same state, which is only computed where the upper 16 bits do not decide.
//! (Blackman and Vigna, *Scrambled Linear Pseudorandom Number Generators*, 2021.)

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro128PlusPlus;

/// Streams of a chain.
pub const LANES: usize = 8;

/// Units served by one step of a chain.
pub const UNITS_A_STEP: usize = 2 * LANES;

/// Which of the independent families of streams a seed is used for. Families are 2^96 numbers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Chains that sample from a model.
    Chains,
    /// The order of the training examples, and the weights that training starts from.
    Training,
    /// Measurements, kept apart so that measuring never changes what is trained or sampled.
    Evaluation,
    /// Chains that are annealed, apart from what drew the data that they may start from.
    Annealing,
    /// Replicas of parallel tempering, whose samples annealing may start from.
    Tempering,
}

/// The generators of chain 0, 1, 2, ... for a seed, one after the other.
///
/// ```
/// use bitspin_core::rng::{Purpose, Streams};
/// let mut chains = Streams::new(1, Purpose::Chains);
/// let (a, b) = (chains.next_chain(), chains.next_chain());
/// assert_ne!(a, b);
/// ```
#[derive(Clone, Debug)]
pub struct Streams {
    next: Xoshiro128PlusPlus,
}

impl Streams {
    /// The family of streams of `seed` for `purpose`. Equal seeds give equal streams, on every platform.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let mut next = Xoshiro128PlusPlus::seed_from_u64(seed);
        for _ in 0..purpose as u32 {
            next.long_jump();
        }
        Self { next }
    }

    /// The next single stream, for scalar use (shuffles, initial weights).
    pub fn next_stream(&mut self) -> Xoshiro128PlusPlus {
        let stream = self.next.clone();
        self.next.jump();
        stream
    }

    /// The next chain's eight streams. Costs eight jumps (about a microsecond on a desktop).
    pub fn next_chain(&mut self) -> ChainRng {
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            let bytes = self.next_stream().state();
            for (row, word) in state.iter_mut().zip(bytes.chunks_exact(4)) {
                row[lane] = word
                    .iter()
                    .rev()
                    .fold(0, |sum, &byte| sum << 8 | u32::from(byte));
            }
        }
        ChainRng { state }
    }
}

/// The generator of one chain: eight xoshiro128++ streams, 128 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRng {
    pub(crate) state: [[u32; LANES]; 4],
}

impl ChainRng {
    /// The generator's state, four words per lane, for a checkpoint.
    #[must_use]
    pub fn state(&self) -> [[u32; LANES]; 4] {
        self.state
    }

    /// The generator with that state.
    ///
    /// # Errors
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) if a lane's state is all zero, which xoshiro never leaves.
    pub fn from_state(state: [[u32; LANES]; 4]) -> Result<Self, crate::Error> {
        let stuck = (0..LANES).any(|lane| state.iter().all(|row| row[lane] == 0));
        if stuck {
            return Err(crate::Error::OutOfRange {
                what: "generator state",
                expected: "a lane that is not all zero",
            });
        }
        Ok(Self { state })
    }

    /// One step in plain scalar arithmetic: the upper and the lower 16 random bits of sixteen units.
    pub fn step(&mut self) -> Draw {
        let mut draw = Draw {
            upper: [0; UNITS_A_STEP],
            lower: [0; UNITS_A_STEP],
        };
        let [s0, s1, s2, s3] = &mut self.state;
        for lane in 0..LANES {
            let upper = s0[lane]
                .wrapping_add(s3[lane])
                .rotate_left(7)
                .wrapping_add(s0[lane]);
            let lower = starstar(s1[lane]);
            let shifted = s1[lane] << 9;
            s2[lane] ^= s0[lane];
            s3[lane] ^= s1[lane];
            s1[lane] ^= s2[lane];
            s0[lane] ^= s3[lane];
            s2[lane] ^= shifted;
            s3[lane] = s3[lane].rotate_left(11);
            draw.upper[2 * lane] = upper as u16;
            draw.upper[2 * lane + 1] = (upper >> 16) as u16;
            draw.lower[2 * lane] = lower as u16;
            draw.lower[2 * lane + 1] = (lower >> 16) as u16;
        }
        draw
    }
}

/// The xoshiro128** output for a state whose second word is `s1`.
#[inline]
#[must_use]
pub fn starstar(s1: u32) -> u32 {
    s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
}

/// The random bits of sixteen units: `upper << 16 | lower` is uniform on 0..2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The upper 16 bits of each unit.
    pub upper: [u16; UNITS_A_STEP],
    /// The lower 16 bits of each unit.
    pub lower: [u16; UNITS_A_STEP],
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    #[test]
    fn lanes_are_the_jumped_streams_of_rand_xoshiro() {
        let mut one = Xoshiro128PlusPlus::seed_from_u64(7);
        let mut streams = Streams::new(7, Purpose::Chains);
        for _ in 0..3 {
            let mut chain = streams.next_chain();
            let mut lanes: [Xoshiro128PlusPlus; LANES] = core::array::from_fn(|_| {
                let lane = one.clone();
                one.jump();
                lane
            });
            for _ in 0..1000 {
                let draw = chain.step();
                for (lane, stream) in lanes.iter_mut().enumerate() {
                    let word = stream.next_u32();
                    assert_eq!(draw.upper[2 * lane], word as u16);
                    assert_eq!(draw.upper[2 * lane + 1], (word >> 16) as u16);
                }
            }
        }
    }

    #[test]
    fn starstar_is_the_published_scrambler() {
        // First outputs of the published xoshiro128** from the state 1, 2, 3, 4, and of its second state (7, 0, 1026, 12288).
        assert_eq!(starstar(2), 11520);
        assert_eq!(starstar(0), 0);
    }

    #[test]
    fn purposes_and_chains_do_not_share_streams() {
        let mut seen: [Option<ChainRng>; 10] = [const { None }; 10];
        let purposes = [
            Purpose::Chains,
            Purpose::Training,
            Purpose::Evaluation,
            Purpose::Annealing,
            Purpose::Tempering,
        ];
        for (at, purpose) in purposes.into_iter().enumerate() {
            let mut streams = Streams::new(1, purpose);
            for chain in 0..2 {
                let next = Some(streams.next_chain());
                assert!(!seen.contains(&next));
                seen[2 * at + chain] = next;
            }
        }
    }

    #[test]
    fn a_state_survives_a_checkpoint_and_a_dead_lane_is_refused() {
        let chain = Streams::new(3, Purpose::Training).next_chain();
        assert_eq!(ChainRng::from_state(chain.state()), Ok(chain));
        assert!(ChainRng::from_state([[0; LANES]; 4]).is_err());
    }
}
