//! Both kernels side by side.

use rand_core::Rng;

use super::{Entries, MAX_DEGREE, REPLICAS, TOGETHER, scalar};
use crate::kernel::simd::replicas as simd;
use crate::kernel::tests::{each_level, rng};
use crate::rng::{ChainRng, Purpose, Streams};

/// Thresholds that the upper bits leave open, that are never and that are always met.
#[test]
fn replicas_are_decided_alike() {
    each_level(|| {
        let random = &mut rng(3);
        for replicas in [1, 5, REPLICAS] {
            let mut streams = Streams::new(replicas as u64, Purpose::Chains);
            let mut rngs: [ChainRng; REPLICAS] = core::array::from_fn(|_| streams.next_chain());
            let mut others = rngs.clone();
            for round in 0..200 {
                let (degree, kind) = (round % (MAX_DEGREE + 1), round % 3);
                let mut entries = Entries::new(kind == 0);
                for count in 0..=degree {
                    let mut threshold = || match random.next_u32() % 4 {
                        0 => 0,
                        1 => 1 << 32,
                        2 => u64::from(random.next_u32()) & !0xffff,
                        _ => u64::from(random.next_u32()),
                    };
                    match kind {
                        1 => {
                            entries.push(count, Some(true), threshold());
                            entries.push(count, Some(false), threshold());
                        }
                        _ => entries.push(count, None, threshold()),
                    }
                }
                let expected = scalar::draw(&mut rngs[..replicas]);
                let found = simd::draw(&mut others[..replicas]);
                for q in 0..TOGETHER {
                    let own = core::array::from_fn(|_| random.next_u64());
                    let favours: [[u64; TOGETHER]; MAX_DEGREE] =
                        core::array::from_fn(|_| core::array::from_fn(|_| random.next_u64()));
                    let favours = &favours[..degree];
                    assert_eq!(
                        simd::decide(&found, &entries, own, favours, q),
                        scalar::decide(&expected, &entries, own, favours, q)
                    );
                }
            }
            assert_eq!(rngs, others);
        }
    });
}
