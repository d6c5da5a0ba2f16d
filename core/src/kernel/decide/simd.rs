//! The kernels on vectors of sixteen lanes, one per spin.
//!
//! Bounds that random numbers make are approximated first, in floats of known error; where no field comes near its bound
//! the decisions are those of the exact integers. A group in which one does (some in 10^5) is decided anew, exactly.

use super::scalar::make_flips;
use super::{ACCEPTED, ACCEPTED_LOG2, Approximation, Block, UpdateRule};
use bytemuck::cast;

use crate::fixed::noise::NOISE_BITS;
use crate::kernel::vector::{Floats, Lanes, Magnitude, Ordered, Shifts, Signs, Simd};
use crate::rng::UNITS_A_STEP;

/// Whether approximate bounds decide.
pub const VECTORS: bool = true;

/// So many flips that are due are rather made one by one.
const FEW: u32 = 3;

/// Random numbers whose bits from here on are all set are those from [`ACCEPTED`] on.
const ACCEPTED_SHIFT: u32 = {
    let shift = (!ACCEPTED).trailing_ones();
    assert!(ACCEPTED == u32::MAX << shift);
    shift
};

/// Random numbers below 2^20 are left to the exact logarithm.
pub(super) const SMALL: u32 = 20;

/// How far the bounds of 16 spins are above their fields; `None` if only exact bounds can tell.
#[inline(always)]
fn excess<S: Simd>(
    approximation: &Approximation,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    random: [u32; UNITS_A_STEP],
) -> Option<Excess<S>> {
    /// More than any field, in an f32 and with room for one in an i32.
    const CUT: f32 = 536_870_912.0;
    let random = S::U32x16::new(random);
    let rest = S::U32x16::splat(0) - (random | S::U32x16::splat(1));
    let mut smallest = random;
    if rule == UpdateRule::Glauber {
        smallest = smallest.min(rest);
    }
    if cast::<_, S::I32x16>(smallest.shr(SMALL).simd_eq(S::U32x16::splat(0))).any() {
        return None;
    }
    let (was, mut bound) = (masks::<S>(up), minus_log2::<S>(random));
    match rule {
        UpdateRule::Metropolis => {
            bound -= S::F32x16::splat(ACCEPTED_LOG2 as f32 / (1_u32 << NOISE_BITS) as f32);
        }
        UpdateRule::Glauber => bound = minus_log2::<S>(rest) - bound,
    }
    let mut bound = (bound * S::F32x16::splat(approximation.factor))
        .max(S::F32x16::splat(-CUT))
        .min(S::F32x16::splat(CUT));
    if rule == UpdateRule::Metropolis {
        let refused = random
            .shr(ACCEPTED_SHIFT)
            .simd_eq(S::U32x16::splat(u32::MAX >> ACCEPTED_SHIFT));
        let refused: S::I32x16 = cast(refused);
        let cut: S::I32x16 = cast(S::F32x16::splat(-CUT));
        let bits: S::I32x16 = cast(bound);
        // The bound of a spin -1 is that of a spin +1, mirrored.
        let sign: S::I32x16 = !was & S::I32x16::splat(i32::MIN);
        bound = cast(((bits & !refused) | (cut & refused)) ^ sign);
    }
    let excess = S::round(bound) - S::I32x16::new(*fields).shl(approximation.shift);
    Some(Excess { excess, was, up })
}

/// Whether some excess is so small that the exact bound may be on the other side of the field.
#[inline(always)]
fn is_near<S: Simd>(approximation: &Approximation, excess: S::I32x16) -> bool {
    let near = excess.abs().simd_lt(S::I32x16::splat(approximation.margin));
    near.any()
}

/// Decides one spin after the other by making the first flip that is due, again and again.
#[inline(always)]
fn decide_few<S: Simd>(
    approximation: &Approximation,
    block: &impl Block,
    excess: Excess<S>,
) -> Option<u16> {
    let Excess {
        mut excess, mut up, ..
    } = excess;
    let mut pending = u16::MAX;
    loop {
        if is_near::<S>(approximation, excess) {
            return None;
        }
        let due = (excess.to_bitmask() as u16 ^ up) & pending;
        if due == 0 {
            return Some(up);
        }
        let first = due.trailing_zeros();
        up ^= 1 << first;
        pending &= (!1_u16) << first;
        let row = S::I32x16::new(block.row(first as usize));
        let row = row.shl(approximation.shift + 1);
        if up >> first & 1 != 0 {
            excess -= row;
        } else {
            excess += row;
        }
    }
}

/// What decides 16 spins of a chain.
#[derive(Clone, Copy)]
struct Excess<S: Simd> {
    /// Bounds less fields: a spin is to be +1 where this is below 0.
    excess: S::I32x16,
    /// All bits set where spins are +1.
    was: S::I32x16,
    /// The same, a bit per spin.
    up: u16,
}

/// Decides the sixteen spins of `P` chains of one model, one after the other, by approximate bounds: their new values, or
/// `None` where only exact bounds can tell.
#[inline(always)]
pub(crate) fn decide<S: Simd, const P: usize>(
    _: S,
    block: &impl Block,
    approximations: &[Approximation; P],
    rule: UpdateRule,
    fields: &[[i32; UNITS_A_STEP]; P],
    up: [u16; P],
    random: &[[u32; UNITS_A_STEP]; P],
) -> [Option<u16>; P] {
    let mut next = [None; P];
    let none = Excess {
        excess: S::I32x16::splat(0),
        was: S::I32x16::splat(0),
        up: 0,
    };
    let (mut excesses, mut due) = ([none; P], 0);
    for p in 0..P {
        let Some(found) = excess::<S>(&approximations[p], rule, &fields[p], up[p], random[p])
        else {
            return next;
        };
        due += (found.excess.to_bitmask() as u16 ^ found.up).count_ones();
        excesses[p] = found;
    }
    if due <= FEW * P as u32 {
        for p in 0..P {
            next[p] = decide_few::<S>(&approximations[p], block, excesses[p]);
        }
        return next;
    }
    // Of one model, all have one shift.
    let shift = approximations.first().map_or(0, |first| first.shift + 1);
    let decided = one_after_the_other::<S, P>(block, excesses, shift);
    for p in 0..P {
        if !is_near::<S>(&approximations[p], decided[p]) {
            next[p] = Some(decided[p].to_bitmask() as u16);
        }
    }
    next
}

/// See [`scalar::wanted`](super::scalar::wanted).
#[inline(always)]
pub(crate) fn wanted<S: Simd>(
    _: S,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    let mut bounds = S::I32x16::new(*bounds);
    if rule == UpdateRule::Metropolis {
        // Where the spin is -1, the bound's complement.
        bounds ^= !masks::<S>(up);
    }
    bounds.simd_lt(S::I32x16::new(*fields)).to_bitmask() as u16
}

/// See [`scalar::decide_exactly`](super::scalar::decide_exactly).
#[inline(always)]
pub(crate) fn decide_exactly<S: Simd>(
    simd: S,
    block: &impl Block,
    count: usize,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    if count < UNITS_A_STEP {
        return make_flips(
            #[inline(always)]
            |rule, fields, up, bounds| wanted(simd, rule, fields, up, bounds),
            block,
            count,
            rule,
            fields,
            up,
            bounds,
        );
    }
    let was = masks::<S>(up);
    let mut bounds = S::I32x16::new(*bounds);
    if rule == UpdateRule::Metropolis {
        bounds ^= !was;
    }
    let fields = S::I32x16::new(*fields);
    // A field f = 2 g + p is above a bound b where g is above floor((b - p) / 2); a flip changes g by a row.
    let odd = fields & !bounds & S::I32x16::splat(1);
    let excess = bounds.shr(1) - odd - fields.shr(1);
    let [decided] = one_after_the_other::<S, 1>(block, [Excess { excess, was, up }], 0);
    decided.to_bitmask() as u16
}

/// Bit i in lane i.
const PLACES: [i32; UNITS_A_STEP] = {
    let mut places = [0; UNITS_A_STEP];
    let mut i = 0;
    while i < UNITS_A_STEP {
        places[i] = 1 << i;
        i += 1;
    }
    places
};

/// All bits set in lanes of bits that are.
#[inline(always)]
fn masks<S: Simd>(bits: u16) -> S::I32x16 {
    let bits = S::I32x16::splat(i32::from(bits)) & S::I32x16::new(PLACES);
    !bits.simd_eq(S::I32x16::splat(0))
}

/// Decides spin after spin, without a branch. Returns what each excess was when it decided. Chains side by side share the
/// rows, and fill the time that each waits for its last decision.
#[inline(always)]
fn one_after_the_other<S: Simd, const P: usize>(
    block: &impl Block,
    excesses: [Excess<S>; P],
    shift: u32,
) -> [S::I32x16; P] {
    let zero = S::I32x16::splat(0);
    let mut groups = excesses.map(|excess| Group::<S> {
        excess: excess.excess,
        was: excess.was,
        decided: zero,
    });
    macro_rules! row {
        ($spin:literal) => {
            S::I32x16::new(block.row($spin)).shl(shift)
        };
    }
    // Written out, so that no lane goes through memory: a compiler does not unroll so long a loop by itapproximation.
    decide_all::<S, 0, P>(&mut groups, row!(0));
    decide_all::<S, 1, P>(&mut groups, row!(1));
    decide_all::<S, 2, P>(&mut groups, row!(2));
    decide_all::<S, 3, P>(&mut groups, row!(3));
    decide_all::<S, 4, P>(&mut groups, row!(4));
    decide_all::<S, 5, P>(&mut groups, row!(5));
    decide_all::<S, 6, P>(&mut groups, row!(6));
    decide_all::<S, 7, P>(&mut groups, row!(7));
    decide_all::<S, 8, P>(&mut groups, row!(8));
    decide_all::<S, 9, P>(&mut groups, row!(9));
    decide_all::<S, 10, P>(&mut groups, row!(10));
    decide_all::<S, 11, P>(&mut groups, row!(11));
    decide_all::<S, 12, P>(&mut groups, row!(12));
    decide_all::<S, 13, P>(&mut groups, row!(13));
    decide_all::<S, 14, P>(&mut groups, row!(14));
    decide_all::<S, 15, P>(&mut groups, row!(15));
    groups.map(|group| group.decided)
}

/// Spins of a chain that are being decided.
struct Group<S: Simd> {
    excess: S::I32x16,
    was: S::I32x16,
    decided: S::I32x16,
}

/// Decides spin `I` of every chain. Its row comes off the excesses if it is to be +1, and back if it was.
#[inline(always)]
fn decide_all<S: Simd, const I: usize, const P: usize>(groups: &mut [Group<S>; P], row: S::I32x16) {
    let lane = S::I32x16::new(
        const {
            let mut lane = [0; UNITS_A_STEP];
            lane[I] = -1;
            lane
        },
    );
    for group in groups {
        let set = S::I32x16::splat(group.excess.to_array()[I]).shr(31);
        group.decided |= group.excess & lane;
        group.excess += row & S::I32x16::splat(group.was.to_array()[I]);
        group.excess -= row & set;
    }
}

/// -log2(v / 2^32), roughly: within [`LOGARITHM_ERROR`] for v from 2^20 on.
#[inline(always)]
fn minus_log2<S: Simd>(v: S::U32x16) -> S::F32x16 {
    // log2(1.5 + x / 2) for x in -1..1, Chebyshev's polynomial of degree 7.
    const TERMS: [f32; 8] = [
        1.154_587_6e-4,
        -3.925_500_5e-4,
        1.170_716_8e-3,
        -4.411_855e-3,
        1.781_579_6e-2,
        -8.015_808_3e-2,
        0.480_898,
        0.584_962_8,
    ];
    let part = |v: S::U32x16| S::to_float(cast(v));
    let v = part(v.shr(16)) * S::F32x16::splat(65_536.0) + part(v & S::U32x16::splat(0xffff));
    let bits: S::I32x16 = cast(v);
    let exponent = bits.shr(23); // 127 more
    let mantissa = (bits & S::I32x16::splat(0x7f_ffff)) | S::I32x16::splat(0x3f80_0000);
    let x = cast::<S::I32x16, S::F32x16>(mantissa) * S::F32x16::splat(2.0) - S::F32x16::splat(3.0);
    let mut log = S::F32x16::splat(TERMS[0]);
    for term in &TERMS[1..] {
        log = log.mul_add(x, S::F32x16::splat(*term));
    }
    S::to_float(S::I32x16::splat(32 + 127) - exponent) - log
}

/// -log2(v / 2^32) of sixteen numbers, as bounds are made of it.
#[cfg(test)]
#[inline(always)]
pub(crate) fn logarithms<S: Simd>(_: S, words: [u32; UNITS_A_STEP]) -> [f32; UNITS_A_STEP] {
    minus_log2::<S>(S::U32x16::new(words)).to_array()
}
