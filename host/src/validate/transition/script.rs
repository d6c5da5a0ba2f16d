//! Generators that draw given words.

use bitspin_core::rng::{ChainRng, LANES, UNITS_A_STEP};

/// A generator whose first step draws these words: `upper << 16 | lower` of 16 units. `free` are numbers for the parts of its
/// state that do not matter to them.
///
/// A lane draws two units at a step. Its upper halves are (s0 + s3) <<< 7 + s0, its lower ones ((5 s1) <<< 7) 9, so that s1
/// and, for any s0, s3 follow from them.
pub(super) fn generator(words: [u32; UNITS_A_STEP], free: [[u32; LANES]; 2]) -> ChainRng {
    let mut state = [[0; LANES]; 4];
    for lane in 0..LANES {
        let (even, odd) = (words[2 * lane], words[2 * lane + 1]);
        let upper = odd & 0xffff_0000 | even >> 16;
        let lower = odd << 16 | even & 0xffff;
        let s0 = free[0][lane];
        state[0][lane] = s0;
        // 9 and 5 times these are 1.
        let seven = lower.wrapping_mul(0x38e3_8e39).rotate_right(7);
        state[1][lane] = seven.wrapping_mul(0xcccc_cccd);
        state[2][lane] = free[1][lane] | 1;
        state[3][lane] = upper.wrapping_sub(s0).rotate_right(7).wrapping_sub(s0);
    }
    ChainRng::from_state(state).expect("no lane is all zero")
}

/// The generator one step before.
#[expect(clippy::needless_range_loop, reason = "lanes of four rows at once")]
pub(super) fn before(rng: &ChainRng) -> ChainRng {
    let mut state = rng.state();
    for lane in 0..LANES {
        let [t0, t1, t2, t3] = [0, 1, 2, 3].map(|row: usize| state[row][lane]);
        // A step makes t0 = s0 ^ b, t1 = s1 ^ c, t2 = c ^ (s1 << 9), t3 = b <<< 11 of b = s3 ^ s1 and c = s2 ^ s0.
        let (b, x) = (t3.rotate_right(11), t1 ^ t2);
        let s1 = x ^ x << 9 ^ x << 18 ^ x << 27;
        let s0 = t0 ^ b;
        [
            state[0][lane],
            state[1][lane],
            state[2][lane],
            state[3][lane],
        ] = [s0, s1, t1 ^ s1 ^ s0, b ^ s1];
    }
    ChainRng::from_state(state).expect("no lane is all zero")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Random;

    #[test]
    fn generators_draw_what_they_are_told_and_go_back() {
        let mut random = Random::new(5);
        for _ in 0..100 {
            let words = std::array::from_fn(|_| random.bits32());
            let free = std::array::from_fn(|_| std::array::from_fn(|_| random.bits32()));
            let mut rng = generator(words, free);
            let mut earlier = before(&rng);
            assert_eq!(rng.words(), words);
            earlier.words();
            assert_eq!(earlier.words(), words);
            assert_eq!(earlier, rng);
        }
        assert_eq!(generator([0; 16], [[0; 8]; 2]).words(), [0; 16]);
    }
}
