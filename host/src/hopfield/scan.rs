//! Search for units to flip in networks whose cache holds no fields.

use bitspin_core::bits::{WORD, ones, spin};
use bitspin_core::network::Network;

/// The first unit from `from` on whose flip lowers the energy: [`Network::first_unstable`] for networks that compute a field
/// from all patterns each time.
///
/// The fields of the next `patience` units are looked at one by one, then those of all units at once: `flip` writes a state in
/// which at least these units differ, as a synchronous sweep does. With as many fields as take the time of `flip`, the
/// search takes at most twice the time of the faster way.
pub(super) fn first_unstable(
    network: &impl Network,
    state: &[u64],
    cache: &[i32],
    from: usize,
    patience: usize,
    flip: impl FnOnce(&mut [u64]),
) -> Option<usize> {
    let units = network.units();
    let near = from.saturating_add(patience).min(units);
    let unstable =
        |&unit: &usize| i64::from(spin(state, unit)) * network.field(state, cache, unit) < 0;
    if let Some(unit) = (from..near).find(&unstable) {
        return Some(unit);
    }
    if near == units {
        return None;
    }
    let mut next = vec![0; state.len()];
    flip(&mut next);
    for (next, own) in next.iter_mut().zip(state) {
        *next ^= own;
    }
    next[..near / WORD].fill(0);
    next[near / WORD] &= u64::MAX << (near % WORD);
    ones(&next).find(unstable)
}
