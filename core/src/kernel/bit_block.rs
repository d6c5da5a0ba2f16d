//! Blocks of 64 x 64 bits, transposed: from a word per sample to a word per unit.

pub mod scalar;
pub mod simd;

#[cfg(not(all(target_pointer_width = "64", target_endian = "little")))]
pub use scalar::transpose;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub use simd::transpose;

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::{scalar, simd};
    use crate::bits::WORD;
    use crate::kernel::tests::rng;

    #[test]
    fn blocks() {
        let rng = &mut rng(1);
        for _ in 0..100 {
            let mut expected = [0; WORD];
            expected.fill_with(|| rng.next_u64());
            let mut found = expected;
            scalar::transpose(&mut expected);
            simd::transpose(&mut found);
            assert_eq!(found, expected);
        }
    }
}
