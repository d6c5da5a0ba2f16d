//! Both kernels side by side.

use std::vec::Vec;

use rand_core::Rng;

use super::{Flips, scalar};
use crate::bits::WORD;
use crate::kernel::simd::couplings as simd;
use crate::kernel::tests::{each_level, rng};

/// Rows of the largest magnitudes leave a byte after one, those of small ones never.
#[test]
fn flips_change_fields_alike() {
    each_level(|| {
        for (seed, magnitude) in [1_i32, 2, 3, 20, 63, 64, 127].into_iter().enumerate() {
            let random = &mut rng(seed as u64);
            let stride = 2 * WORD + 5;
            let rows: Vec<i8> = (0..WORD * stride)
                .map(|_| (random.next_u32() as i32 % (magnitude + 1)) as i8)
                .collect();
            for flipped in [0, 1, 1 << 63, u64::MAX, random.next_u64()] {
                for up in [0, u64::MAX, random.next_u64()] {
                    let flips = Flips {
                        plus: flipped & up,
                        minus: flipped & !up,
                        magnitude,
                        stride,
                        rows: &rows,
                    };
                    let mut fields = [[0; WORD]; 2];
                    fields
                        .as_flattened_mut()
                        .fill_with(|| random.next_u32() as i32 >> 4);
                    let mut expected = fields;
                    scalar::add_rows_of_bytes(&flips, &mut expected);
                    simd::add_rows_of_bytes(&flips, &mut fields);
                    assert_eq!(fields, expected);
                }
            }
        }
    });
}
