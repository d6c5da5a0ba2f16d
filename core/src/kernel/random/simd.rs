//! The kernel on vectors of eight lanes, one a stream.

use wide::u32x8;

use crate::rng::{ChainRng, UNITS_A_STEP};

/// [`ChainRng`] held in registers while a kernel draws from it.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct VectorRng {
    s: [u32x8; 4],
}

#[inline(always)]
fn rotate_left<const BY: u32>(x: u32x8) -> u32x8 {
    (x << BY) | (x >> (32 - BY))
}

impl VectorRng {
    /// Takes the state of a generator; [`store`](Self::store) brings the advanced state back.
    #[inline]
    pub(in crate::kernel) fn load(rng: &ChainRng) -> Self {
        // Written out: a closure over arrays of vectors is not always inlined.
        let [s0, s1, s2, s3] = rng.state;
        Self {
            s: [
                u32x8::new(s0),
                u32x8::new(s1),
                u32x8::new(s2),
                u32x8::new(s3),
            ],
        }
    }

    /// One step of all eight lanes: their xoshiro128++ outputs, and the second state words from before the step, from
    /// which [`starstar`](crate::rng::starstar) gives the lower bits where they are needed.
    #[inline(always)]
    pub(in crate::kernel) fn step(&mut self) -> (u32x8, u32x8) {
        let [s0, s1, s2, s3] = self.s;
        let upper = rotate_left::<7>(s0 + s3) + s0;
        let a2 = s2 ^ s0;
        let a3 = s3 ^ s1;
        self.s = [s0 ^ a3, s1 ^ a2, a2 ^ (s1 << 9_u32), rotate_left::<11>(a3)];
        (upper, s1)
    }

    /// Writes the advanced state back.
    #[inline]
    pub(in crate::kernel) fn store(self, rng: &mut ChainRng) {
        let [s0, s1, s2, s3] = self.s;
        rng.state = [s0.to_array(), s1.to_array(), s2.to_array(), s3.to_array()];
    }
}

/// See [`scalar::words`](super::scalar::words).
#[inline]
pub fn words(rng: &mut ChainRng) -> [u32; UNITS_A_STEP] {
    let mut vector = VectorRng::load(rng);
    let (upper, s1) = vector.step();
    vector.store(rng);
    let product = s1 + (s1 << 2_u32);
    let lower = rotate_left::<7>(product);
    let lower = lower + (lower << 3_u32);
    let even = ((upper << 16_u32) | (lower & u32x8::splat(0xffff))).to_array();
    let odd = ((upper & u32x8::splat(0xffff_0000)) | (lower >> 16_u32)).to_array();
    let mut words = [0; UNITS_A_STEP];
    for (pair, (even, odd)) in words.chunks_exact_mut(2).zip(even.into_iter().zip(odd)) {
        pair.copy_from_slice(&[even, odd]);
    }
    words
}
