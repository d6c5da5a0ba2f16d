//! The kernels in plain loops.

use crate::bits::{WORD, ones, spin};

/// The overlaps sum_i xi_i s_i, in `-units..=units`, of every pattern with `state`.
pub fn overlaps(patterns: &[u64], units: usize, state: &[u64], overlaps: &mut [i32]) {
    for (pattern, overlap) in patterns
        .chunks_exact(state.len().max(1))
        .zip(overlaps.iter_mut())
    {
        let differing: u32 = pattern
            .iter()
            .zip(state)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum();
        *overlap = units as i32 - 2 * differing as i32;
    }
}

/// Adds sum_mu c_mu xi_mu,i to the field of every unit i, where c_mu is `coefficient(mu)`. The true fields fit an `i32`.
pub fn add_fields(
    patterns: &[u64],
    words: usize,
    coefficient: impl Fn(usize) -> i32,
    fields: &mut [i32],
) {
    for (mu, pattern) in patterns.chunks_exact(words.max(1)).enumerate() {
        let c = coefficient(mu);
        for field in fields.iter_mut() {
            *field = field.wrapping_sub(c);
        }
        for i in ones(pattern) {
            if let Some(field) = fields.get_mut(i) {
                *field = field.wrapping_add(c.wrapping_mul(2));
            }
        }
    }
}

/// The signs of the fields f_i = sum_mu c_mu xi_mu,i + d s_i into `next`, where c_mu is `coefficient(mu)` and d is
/// `diagonal`; a zero field keeps the spin. The sum of the magnitudes |c_mu| and |d| is below 2^62.
pub fn signs(
    patterns: &[u64],
    units: usize,
    coefficient: impl Fn(usize) -> i64,
    diagonal: i64,
    state: &[u64],
    next: &mut [u64],
) {
    let words = state.len();
    for (at, next) in next.iter_mut().enumerate().take(words) {
        *next = 0;
        for bit in 0..WORD.min(units.saturating_sub(at * WORD)) {
            let unit = at * WORD + bit;
            let own = spin(state, unit);
            let mut field = diagonal * i64::from(own);
            for (mu, pattern) in patterns.chunks_exact(words).enumerate() {
                field += coefficient(mu) * i64::from(spin(pattern, unit));
            }
            let set = if field == 0 { own > 0 } else { field > 0 };
            *next |= u64::from(set) << bit;
        }
    }
}

/// Adds `by` times a spin, +1 where a bit is set and -1 where not, to every number: one bit each, from the first on.
pub fn add_signs(bits: &[u64], by: i32, numbers: &mut [i32]) {
    for (numbers, &word) in numbers.chunks_mut(WORD).zip(bits) {
        for (bit, number) in numbers.iter_mut().enumerate() {
            *number += if word >> bit & 1 != 0 { by } else { -by };
        }
    }
}

/// The sum of the numbers whose bits are set.
#[must_use]
pub fn sum_of_set(bits: &[u64], numbers: &[i32]) -> i64 {
    let set = ones(bits).filter_map(|at| numbers.get(at));
    set.map(|&number| i64::from(number)).sum()
}
