//! The back ends, and the one place that chooses among them: by the target when the program is built and, on x86-64, by
//! the CPU when it runs.
//!
//! # Safety
//! On x86-64 every kernel is compiled once per [`Level`]. That calls of the higher ones are `unsafe` is the reason for
//! the `unsafe` code here: they are made where [`level`] says so, which never is above what the CPU was found to have.
#![cfg_attr(target_arch = "x86_64", allow(unsafe_code))]

mod level;
pub mod simd;

pub use level::{Level, detected, level, set_level};
#[cfg(feature = "std")]
pub use level::{VARIABLE, requested};

/// Asks for the cache lines of values that will be needed soon, where the CPU has an instruction for that.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    super::x86::prefetch::prefetch(values);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Plain loops.
pub mod scalar {
    pub use crate::kernel::{
        bit_block::scalar as bit_block, classes::scalar as classes, couplings::scalar as couplings,
        decide::scalar as decide, intermediate::scalar as intermediate, listed::scalar as listed,
        overlap::scalar as overlap, pairs::scalar as pairs, random::scalar as random,
        replicas::scalar as replicas, requantise::scalar::*, rows::scalar::*, sampling::scalar::*,
        softplus::scalar as softplus, stability::scalar as stability,
    };
}

/// 32-bit cores: plain loops, except where a topic has a form of its own, and where vectors in software are faster.
#[cfg(target_endian = "little")]
pub mod narrow {
    pub use super::simd::{replicas, softplus};
    pub use crate::kernel::{
        bit_block::scalar as bit_block, classes::scalar as classes, couplings::scalar as couplings,
        decide::scalar as decide, intermediate::scalar as intermediate, listed::scalar as listed,
        overlap::narrow as overlap, pairs::scalar as pairs, random::scalar as random,
        requantise::scalar::*, rows::scalar::*, sampling::scalar::*,
        stability::scalar as stability,
    };
}

#[cfg(all(not(target_pointer_width = "64"), target_endian = "little"))]
pub(super) use narrow as chosen;
#[cfg(target_endian = "big")]
pub(super) use scalar as chosen;
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
pub(super) use simd as chosen;

/// A function for the instructions of a level. [`detected`] looks for the same ones.
#[cfg(target_arch = "x86_64")]
macro_rules! compiled {
    (avx2 $($function:tt)*) => {
        #[inline]
        #[target_feature(enable = "avx2,bmi1,bmi2,fma,popcnt")]
        $($function)*
    };
    (avx512 $($function:tt)*) => {
        #[inline]
        #[target_feature(enable = "avx2,bmi1,bmi2,fma,popcnt")]
        #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vpopcntdq")]
        $($function)*
    };
}
#[cfg(target_arch = "x86_64")]
pub(crate) use compiled;

/// Functions that call a kernel on the vectors of the [`level`] in use.
macro_rules! vectorised {
    ($(
        $(#[$meta:meta])*
        fn $name:ident $([$($generics:tt)*])? ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $kernel:path;
    )*) => {$(
        $(#[$meta])*
        pub fn $name $(<$($generics)*>)? ($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                use $crate::kernel::choose::{Level, level};
                use $crate::kernel::x86::{avx2::Avx2, avx512::Avx512};

                $crate::kernel::choose::compiled! { avx2
                    fn avx2 $(<$($generics)*>)? ($($argument: $type),*) $(-> $result)? {
                        $kernel(Avx2, $($argument),*)
                    }
                }
                $crate::kernel::choose::compiled! { avx512
                    fn avx512 $(<$($generics)*>)? ($($argument: $type),*) $(-> $result)? {
                        $kernel(Avx512, $($argument),*)
                    }
                }

                match level() {
                    // SAFETY: the CPU has these instructions; see the module.
                    Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: the same.
                    Level::Avx2 => return unsafe { avx2($($argument),*) },
                    Level::Portable => {}
                }
            }
            $kernel($crate::kernel::vector::Portable, $($argument),*)
        }
    )*};
}
pub(crate) use vectorised;

/// Calls a function that is compiled for the level in use. What it calls is too, as far as it is inlined: loops that are not
/// kernels, but around them. The closure needs `#[inline(always)]`, and so do the functions in it.
///
/// With debug assertions it is compiled once, so that tests, which have chains of many types, build faster.
#[inline]
pub(crate) fn at_level<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    {
        compiled! { avx2
            fn avx2<R>(work: impl FnOnce() -> R) -> R {
                work()
            }
        }
        compiled! { avx512
            fn avx512<R>(work: impl FnOnce() -> R) -> R {
                work()
            }
        }

        match level() {
            // SAFETY: the CPU has these instructions; see the module.
            Level::Avx512 => return unsafe { avx512(work) },
            // SAFETY: the same.
            Level::Avx2 => return unsafe { avx2(work) },
            Level::Portable => {}
        }
    }
    work()
}
