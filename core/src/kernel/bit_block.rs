//! Blocks of 64 x 64 bits, transposed: from a word per sample to a word per unit.

pub mod scalar;
pub(super) mod simd;

pub use super::choose::chosen::bit_block::transpose;

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::scalar;
    use crate::bits::WORD;
    use crate::kernel::simd::bit_block as simd;
    use crate::kernel::tests::{each_level, rng};

    #[test]
    fn blocks() {
        each_level(|| {
            let rng = &mut rng(1);
            for _ in 0..100 {
                let mut expected = [0; WORD];
                expected.fill_with(|| rng.next_u64());
                let mut found = expected;
                scalar::transpose(&mut expected);
                simd::transpose(&mut found);
                assert_eq!(found, expected);
            }
        });
    }
}
