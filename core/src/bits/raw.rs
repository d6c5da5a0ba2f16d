//! Spins and distances of packed words whose lengths the caller has checked.

use super::WORD;

/// The spin, -1 or +1, of unit `index` of a packed vector; -1 past its end.
#[must_use]
#[inline]
pub fn spin(bits: &[u64], index: usize) -> i32 {
    match bits.get(index / WORD) {
        Some(word) if word >> (index % WORD) & 1 != 0 => 1,
        _ => -1,
    }
}

/// Number of positions at which two vectors of words differ.
#[must_use]
pub fn hamming(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}
