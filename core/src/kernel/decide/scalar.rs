//! The kernels in plain loops.

use super::{Approximation, Block, UpdateRule};
use crate::bits::tail_mask;
use crate::rng::UNITS_A_STEP;

/// Whether approximate bounds decide: not here, where exact ones cost no more.
pub const VECTORS: bool = false;

/// Which of sixteen spins are to be +1, as their fields are.
#[inline]
pub fn wanted(
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    let pairs = fields.iter().zip(bounds).enumerate();
    pairs.fold(0, |set, (at, (&field, &bound))| {
        let mirrored = rule == UpdateRule::Metropolis && up >> at & 1 == 0;
        set | u16::from(field > if mirrored { !bound } else { bound }) << at
    })
}

/// Decides the first `count` of sixteen spins one after the other. Returns their new values.
#[inline]
pub fn decide_exactly(
    block: &impl Block,
    count: usize,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    make_flips(wanted, block, count, rule, fields, up, bounds)
}

/// [`decide_exactly`] by making the first flip that is due, again and again: what follows a flip has not been decided
/// before it.
#[inline(always)]
pub(super) fn make_flips(
    wanted: impl Fn(UpdateRule, &[i32; UNITS_A_STEP], u16, &[i32; UNITS_A_STEP]) -> u16,
    block: &impl Block,
    count: usize,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    mut up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    let mut fields = *fields;
    let mut pending = tail_mask(count.min(UNITS_A_STEP)) as u16;
    loop {
        let due = (wanted(rule, &fields, up, bounds) ^ up) & pending;
        if due == 0 {
            return up;
        }
        let first = due.trailing_zeros();
        up ^= 1 << first;
        pending &= (!1_u16) << first;
        let by = if up >> first & 1 != 0 { 2 } else { -2 };
        for (field, w) in fields.iter_mut().zip(block.row(first as usize)) {
            *field += by * w;
        }
    }
}

/// `None` for every chain: only exact bounds can tell.
pub fn decide<const P: usize>(
    _block: &impl Block,
    _approximations: &[Approximation; P],
    _rule: UpdateRule,
    _fields: &[[i32; UNITS_A_STEP]; P],
    _up: [u16; P],
    _random: &[[u32; UNITS_A_STEP]; P],
) -> [Option<u16>; P] {
    [None; P]
}
