//! The kernel on vectors of eight lanes, one a stream.

use crate::kernel::vector::{Lanes, Shifts, Simd};
use crate::rng::{ChainRng, UNITS_A_STEP};

/// [`ChainRng`] held in registers while a kernel draws from it.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct VectorRng<S: Simd> {
    s: [S::U32x8; 4],
}

#[inline(always)]
fn rotate_left<S: Simd, const BY: u32>(x: S::U32x8) -> S::U32x8 {
    x.shl(BY) | x.shr(32 - BY)
}

impl<S: Simd> VectorRng<S> {
    /// Takes the state of a generator; [`store`](Self::store) brings the advanced state back.
    #[inline(always)]
    pub(in crate::kernel) fn load(rng: &ChainRng) -> Self {
        // Written out: a closure over arrays of vectors is not always inlined.
        let [s0, s1, s2, s3] = rng.state;
        Self {
            s: [
                S::U32x8::new(s0),
                S::U32x8::new(s1),
                S::U32x8::new(s2),
                S::U32x8::new(s3),
            ],
        }
    }

    /// One step of all eight lanes: their xoshiro128++ outputs, and the second state words from before the step, from
    /// which [`starstar`](crate::rng::starstar) gives the lower bits where they are needed.
    #[inline(always)]
    pub(in crate::kernel) fn step(&mut self) -> (S::U32x8, S::U32x8) {
        let [s0, s1, s2, s3] = self.s;
        let upper = rotate_left::<S, 7>(s0 + s3) + s0;
        let a2 = s2 ^ s0;
        let a3 = s3 ^ s1;
        self.s = [s0 ^ a3, s1 ^ a2, a2 ^ s1.shl(9), rotate_left::<S, 11>(a3)];
        (upper, s1)
    }

    /// Writes the advanced state back.
    #[inline(always)]
    pub(in crate::kernel) fn store(self, rng: &mut ChainRng) {
        let [s0, s1, s2, s3] = self.s;
        rng.state = [s0.to_array(), s1.to_array(), s2.to_array(), s3.to_array()];
    }
}

/// See [`scalar::words`](super::scalar::words).
#[inline(always)]
pub(crate) fn words<S: Simd>(_: S, rng: &mut ChainRng) -> [u32; UNITS_A_STEP] {
    let mut vector = VectorRng::<S>::load(rng);
    let (upper, s1) = vector.step();
    vector.store(rng);
    let product = s1 + s1.shl(2);
    let lower = rotate_left::<S, 7>(product);
    let lower = lower + lower.shl(3);
    let even = (upper.shl(16) | (lower & S::U32x8::splat(0xffff))).to_array();
    let odd = ((upper & S::U32x8::splat(0xffff_0000)) | lower.shr(16)).to_array();
    let mut words = [0; UNITS_A_STEP];
    for (pair, (even, odd)) in words.chunks_exact_mut(2).zip(even.into_iter().zip(odd)) {
        pair.copy_from_slice(&[even, odd]);
    }
    words
}
