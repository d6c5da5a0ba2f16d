//! The kernels in plain loops.

use crate::bits::spin;
use crate::kernel::overlap::scalar::add_fields;

/// Adds sum_mu c_mu xi_mu,i to the field of every unit i, where c_mu is `up` if xi_mu,k of unit k = `unit` is +1, else
/// `down`. The sums may wrap on the way.
pub fn add_pairs(
    patterns: &[u64],
    words: usize,
    unit: usize,
    (up, down): (i32, i32),
    fields: &mut [i32],
) {
    let of = |mu: usize| {
        let pattern = patterns.get(mu * words..).unwrap_or_default();
        if spin(pattern, unit) > 0 { up } else { down }
    };
    add_fields(patterns, words, of, fields);
}

/// Subtracts (P^2 - S_i^2) s_i from the field of every unit i, with S_i = sum_mu xi_mu,i: what the covariance rule couples
/// it to itself by. P^2 is below 2^31; the sums may wrap.
pub fn subtract_own(patterns: &[u64], words: usize, state: &[u64], fields: &mut [i32]) {
    let rows = || patterns.chunks_exact(words.max(1));
    let count = rows().len() as i32;
    for (i, field) in fields.iter_mut().enumerate() {
        let sum: i32 = rows().map(|pattern| spin(pattern, i)).sum();
        let own = count.wrapping_mul(count) - sum.wrapping_mul(sum);
        *field = field.wrapping_sub(own.wrapping_mul(spin(state, i)));
    }
}
