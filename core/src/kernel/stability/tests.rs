//! All kernels side by side.

use std::vec;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro128PlusPlus;

use super::scalar;
use crate::bits::words;
use crate::kernel::simd::stability as simd;
use crate::kernel::tests::each_level;

const LENGTHS: [usize; 12] = [0, 1, 7, 8, 9, 63, 64, 65, 100, 128, 511, 784];
const CANARY: u64 = 0x5a5a_5a5a_5a5a_5a5a;

/// Fields and spins: few units unstable, many with equal gains, all stable, zeros only, the ends of the range.
fn cases(len: usize) -> Vec<(Vec<i32>, Vec<u64>)> {
    let rng = &mut Xoshiro128PlusPlus::seed_from_u64(len as u64);
    let state: Vec<u64> = (0..words(len)).map(|_| rng.next_u64()).collect();
    let spin = |i: usize| crate::bits::spin(&state, i);
    let mut cases = vec![];
    for kind in 0..6 {
        let fields = (0..len).map(|i| match kind {
            0 => rng.next_u32() as i32 >> 1,
            1 => rng.next_u32() as i32 >> 30,
            2 => spin(i) * (rng.next_u32() as i32 >> 8).abs(),
            3 => spin(i) * if rng.next_u32() % 50 == 0 { -7 } else { 7 },
            4 => 0,
            _ => [i32::MAX, -i32::MAX][rng.next_u32() as usize % 2],
        });
        cases.push((fields.collect(), state.clone()));
    }
    cases
}

#[test]
fn the_first_unstable_unit_and_the_largest_gain_are_those_of_plain_loops() {
    each_level(|| {
        let mut found = [0; 2];
        for len in LENGTHS {
            for (fields, state) in cases(len) {
                for from in (0..len + 70).step_by(1 + len / 40) {
                    let expected = scalar::first_unstable(&fields, &state, from);
                    assert_eq!(simd::first_unstable(&fields, &state, from), expected);
                    found[usize::from(expected.is_some())] += 1;
                }
                let expected = scalar::largest_gain(&fields, &state);
                assert_eq!(simd::largest_gain(&fields, &state), expected, "{len}");
            }
        }
        assert!(found.iter().all(|&count| count > 100), "{found:?}");
    });
}

#[test]
fn spins_turn_towards_their_fields() {
    each_level(|| {
        for len in LENGTHS {
            for (fields, state) in cases(len) {
                let mut expected = vec![CANARY; words(len) + 1];
                let mut next = expected.clone();
                scalar::turn_towards(&fields, &state, &mut expected);
                simd::turn_towards(&fields, &state, &mut next);
                assert_eq!(next, expected);
                assert_eq!(next[words(len)], CANARY);
                for (i, &field) in fields.iter().enumerate() {
                    let own = crate::bits::spin(&state, i);
                    let to = if field == 0 { own } else { field.signum() };
                    assert_eq!(crate::bits::spin(&next, i), to);
                }
            }
        }
    });
}

#[test]
fn wrong_shapes_do_not_panic() {
    each_level(|| {
        for first in [scalar::first_unstable, simd::first_unstable] {
            assert_eq!(first(&[1; 70], &[0], 69), Some(69));
            assert_eq!(first(&[], &[0], usize::MAX), None);
        }
        for largest in [scalar::largest_gain, simd::largest_gain] {
            assert_eq!(largest(&[1; 70], &[u64::MAX]), Some(64));
        }
        for turn in [scalar::turn_towards, simd::turn_towards] {
            turn(&[1; 70], &[0], &mut [0]);
            turn(&[1; 70], &[0; 3], &mut [0; 3]);
        }
    });
}
