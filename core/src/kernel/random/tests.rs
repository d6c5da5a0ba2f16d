//! Both kernels side by side.

use super::scalar;
use super::simd::VectorRng;
use crate::kernel::simd::random as simd;
use crate::kernel::tests::chain;
use crate::kernel::tests::each_level;
use crate::kernel::vector::Portable;
use crate::rng::starstar;

#[test]
fn words_are_the_halves_of_a_step() {
    each_level(|| {
        let (mut halves, mut vector) = (chain(8), chain(8));
        for _ in 0..1000 {
            assert_eq!(simd::words(&mut vector), scalar::words(&mut halves));
        }
        assert_eq!(halves, vector);
    });
}

#[test]
fn a_generator_in_registers_makes_the_same_steps() {
    let mut scalar = chain(7);
    let mut vector = VectorRng::<Portable>::load(&scalar);
    for _ in 0..1000 {
        let (words, s1) = vector.step();
        let draw = scalar.step();
        for (lane, (word, s1)) in words.to_array().into_iter().zip(s1.to_array()).enumerate() {
            let low = starstar(s1);
            let halves = |word: u32| [word as u16, (word >> 16) as u16];
            assert_eq!(draw.upper[2 * lane..][..2], halves(word));
            assert_eq!(draw.lower[2 * lane..][..2], halves(low));
        }
    }
    let mut stored = chain(1);
    vector.store(&mut stored);
    assert_eq!(stored, scalar);
}
