//! The kernels in plain loops.

use crate::bits::{WORD, spin};

/// - s_i f_i: half of what a flip lowers the energy by.
fn gain(fields: &[i32], state: &[u64], unit: usize) -> i32 {
    fields.get(unit).copied().unwrap_or(0).wrapping_neg() * spin(state, unit)
}

/// The first unit from `from` on whose flip lowers the energy.
#[must_use]
pub fn first_unstable(fields: &[i32], state: &[u64], from: usize) -> Option<usize> {
    (from..fields.len()).find(|&unit| gain(fields, state, unit) > 0)
}

/// The unit whose flip lowers the energy most, the first of those that lower it equally.
#[must_use]
pub fn largest_gain(fields: &[i32], state: &[u64]) -> Option<usize> {
    let mut best = (0, None);
    for unit in 0..fields.len() {
        let gain = gain(fields, state, unit);
        if gain > best.0 {
            best = (gain, Some(unit));
        }
    }
    best.1
}

/// Spins that turn towards their fields, into `next`; a zero field keeps the spin.
pub fn turn_towards(fields: &[i32], state: &[u64], next: &mut [u64]) {
    for ((fields, &own), next) in fields.chunks(WORD).zip(state).zip(next) {
        *next = 0;
        for (bit, &field) in fields.iter().enumerate() {
            let set = field > 0 || (field == 0 && own >> bit & 1 != 0);
            *next |= u64::from(set) << bit;
        }
    }
}
