//! Prefetching.

use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks for the cache lines of `values`.
#[inline(always)]
pub(crate) fn prefetch<T>(values: &[T]) {
    let lines = values.iter().step_by(LINE / size_of::<T>().clamp(1, LINE));
    for line in lines {
        // SAFETY: every x86-64 CPU has the instruction, and it may be given any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>((&raw const *line).cast()) };
    }
}
