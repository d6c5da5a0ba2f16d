//! The back ends, each with the kernels of all topics, and the one that the target runs fastest.

/// Plain loops.
pub mod scalar {
    pub use crate::kernel::{
        classes::scalar as classes, couplings::scalar as couplings, decide::scalar as decide,
        intermediate::scalar as intermediate, overlap::scalar as overlap, random::scalar as random,
        replicas::scalar as replicas, requantise::scalar::*, rows::scalar::*, sampling::scalar::*,
        softplus::scalar as softplus,
    };
}

/// Vectors of `wide`.
pub mod simd {
    pub use crate::kernel::{
        classes::simd as classes, couplings::simd as couplings, decide::simd as decide,
        intermediate::simd as intermediate, overlap::simd as overlap, random::simd as random,
        replicas::simd as replicas, requantise::simd::*, rows::simd::*, sampling::simd::*,
        softplus::simd as softplus,
    };
}

/// 32-bit cores: plain loops, except where a topic has a form of its own, and where vectors in software are faster.
#[cfg(target_endian = "little")]
pub mod narrow {
    pub use crate::kernel::{
        classes::scalar as classes, couplings::scalar as couplings, decide::scalar as decide,
        intermediate::scalar as intermediate, overlap::narrow as overlap, random::scalar as random,
        replicas::simd as replicas, requantise::scalar::*, rows::scalar::*, sampling::scalar::*,
        softplus::simd as softplus,
    };
}

#[cfg(all(not(target_pointer_width = "64"), target_endian = "little"))]
pub(super) use narrow as chosen;
#[cfg(target_endian = "big")]
pub(super) use scalar as chosen;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub(super) use simd as chosen;
