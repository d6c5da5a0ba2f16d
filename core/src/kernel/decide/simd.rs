//! The kernels on vectors of sixteen lanes, one per spin.
//!
//! Bounds that random numbers make are approximated first, in floats of known error; where no field comes near its bound
//! the decisions are those of the exact integers. A group in which one does (some in 10^5) is decided anew, exactly.

use wide::{f32x16, i32x8, i32x16, u32x8, u32x16};

use super::scalar::make_flips;
use super::{ACCEPTED, ACCEPTED_LOG2, Block, UpdateRule};
use crate::fixed::noise::NOISE_BITS;
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
const SMALL: u32 = 20;

/// What the approximate logarithm of other numbers may be off by, from a real one and from the exact integer function.
const LOGARITHM_ERROR: f64 = 1.0 / (1 << 18) as f64;

/// Magnitudes of fields, in units of 2^-shift, stay below this.
const FIELD_BITS: u32 = 28;

/// Bounds at a temperature in finer units than those of fields, approximately.
#[derive(Clone, Copy, Debug)]
pub struct Approximation {
    /// What 1 of log2 is in units of fields.
    factor: f32,
    /// Fields are multiplied by 2^shift.
    shift: u32,
    /// No approximate bound is further from the exact one.
    margin: i32,
}

impl Approximation {
    /// For a temperature at which log2 of a half is `units` as a field, and fields of magnitudes up to `largest`. If these
    /// are too large to be told apart from bounds, nothing is sure.
    pub fn new(units: f64, largest: i32) -> Self {
        let Some(shift) = largest.leading_zeros().checked_sub(32 - FIELD_BITS) else {
            return Self {
                factor: 0.0,
                shift: 0,
                margin: i32::MAX,
            };
        };
        // Bounds are cut off where no field reaches, so that a larger factor than this changes nothing.
        let factor = (units * f64::from(1_u32 << shift)).min(1e15);
        // Two logarithms of up to 12, the factor and the product, each rounded, and a rounding to an integer.
        let margin = factor * (2.0 * LOGARITHM_ERROR + 1.0 / f64::from(1 << 18)) + 2.0;
        Self {
            factor: factor as f32,
            shift,
            margin: margin.min(2e9) as i32,
        }
    }

    /// How far the bounds of 16 spins are above their fields; `None` if only exact bounds can tell.
    #[inline]
    pub fn excess(
        &self,
        rule: UpdateRule,
        fields: &[i32; UNITS_A_STEP],
        up: u16,
        random: [u32; UNITS_A_STEP],
    ) -> Option<Excess> {
        /// More than any field, in an f32 and with room for one in an i32.
        const CUT: f32 = 536_870_912.0;
        let random = u32x16::new(random);
        let rest = u32x16::ZERO - (random | u32x16::ONE);
        let mut smallest = random;
        if rule == UpdateRule::Glauber {
            smallest = smallest.min(rest);
        }
        if (smallest >> SMALL).simd_eq(u32x16::ZERO).to_bitmask() != 0 {
            return None;
        }
        let (was, mut bound) = (masks(up), minus_log2(random));
        match rule {
            UpdateRule::Metropolis => {
                bound -= f32x16::splat(ACCEPTED_LOG2 as f32 / (1_u32 << NOISE_BITS) as f32);
            }
            UpdateRule::Glauber => bound = minus_log2(rest) - bound,
        }
        let mut bound = (bound * f32x16::splat(self.factor))
            .max(f32x16::splat(-CUT))
            .min(f32x16::splat(CUT));
        if rule == UpdateRule::Metropolis {
            let refused =
                (random >> ACCEPTED_SHIFT).simd_eq(u32x16::splat(u32::MAX >> ACCEPTED_SHIFT));
            let refused: i32x16 = bytemuck::cast(refused);
            let cut: i32x16 = bytemuck::cast(f32x16::splat(-CUT));
            let bits: i32x16 = bytemuck::cast(bound);
            // The bound of a spin -1 is that of a spin +1, mirrored.
            let sign: i32x16 = !was & i32x16::splat(i32::MIN);
            bound = bytemuck::cast(((bits & !refused) | (cut & refused)) ^ sign);
        }
        let excess = bound.fast_round_int() - (i32x16::new(*fields) << self.shift);
        Some(Excess { excess, was, up })
    }

    /// Whether some excess is so small that the exact bound may be on the other side of the field.
    #[inline]
    fn is_near(&self, excess: i32x16) -> bool {
        let near = excess.abs().simd_lt(i32x16::splat(self.margin));
        near.to_bitmask() != 0
    }

    /// Decides one spin after the other by making the first flip that is due, again and again.
    #[inline]
    fn decide_few(&self, block: &impl Block, excess: Excess) -> Option<u16> {
        let Excess {
            mut excess, mut up, ..
        } = excess;
        let mut pending = u16::MAX;
        loop {
            if self.is_near(excess) {
                return None;
            }
            let due = (excess.to_bitmask() as u16 ^ up) & pending;
            if due == 0 {
                return Some(up);
            }
            let first = due.trailing_zeros();
            up ^= 1 << first;
            pending &= (!1_u16) << first;
            let row = i32x16::new(block.row(first as usize));
            let row = row << (self.shift + 1);
            if up >> first & 1 != 0 {
                excess -= row;
            } else {
                excess += row;
            }
        }
    }
}

/// What decides 16 spins of a chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Excess {
    /// Bounds less fields: a spin is to be +1 where this is below 0.
    excess: i32x16,
    /// All bits set where spins are +1.
    was: i32x16,
    /// The same, a bit per spin.
    up: u16,
}

/// Decides the sixteen spins of `P` chains of one model, one after the other: their new values, or `None` where only exact
/// bounds can tell.
#[inline]
pub fn decide<const P: usize>(
    block: &impl Block,
    approximations: [Approximation; P],
    excesses: [Excess; P],
) -> [Option<u16>; P] {
    let due = |excess: &Excess| (excess.excess.to_bitmask() as u16 ^ excess.up).count_ones();
    if excesses.iter().map(due).sum::<u32>() <= FEW * P as u32 {
        return core::array::from_fn(|p| approximations[p].decide_few(block, excesses[p]));
    }
    // Of one model, all have one shift.
    let shift = approximations
        .first()
        .map_or(0, |approximation| approximation.shift + 1);
    let decided = one_after_the_other(block, excesses, shift);
    core::array::from_fn(|p| {
        let sure = !approximations[p].is_near(decided[p]);
        sure.then_some(decided[p].to_bitmask() as u16)
    })
}

/// See [`scalar::wanted`](super::scalar::wanted).
#[inline]
pub fn wanted(
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    const LOW: u32x8 = u32x8::new([1, 2, 4, 8, 16, 32, 64, 128]);
    let half = |at: usize, up: u32| {
        let load = |from: &[i32; UNITS_A_STEP]| {
            let eight = from.get(at..).and_then(|rest| rest.first_chunk());
            i32x8::new(eight.copied().unwrap_or([0; 8]))
        };
        let (fields, mut bounds) = (load(fields), load(bounds));
        if rule == UpdateRule::Metropolis {
            // Where the spin is -1, the bound's complement.
            let down: i32x8 = bytemuck::cast((u32x8::splat(up) & LOW).simd_eq(u32x8::ZERO));
            bounds ^= down;
        }
        fields.simd_gt(bounds).to_bitmask() as u16
    };
    half(0, u32::from(up)) | half(8, u32::from(up >> 8)) << 8
}

/// See [`scalar::decide_exactly`](super::scalar::decide_exactly).
#[inline]
pub fn decide_exactly(
    block: &impl Block,
    count: usize,
    rule: UpdateRule,
    fields: &[i32; UNITS_A_STEP],
    up: u16,
    bounds: &[i32; UNITS_A_STEP],
) -> u16 {
    if count < UNITS_A_STEP {
        return make_flips(wanted, block, count, rule, fields, up, bounds);
    }
    let was = masks(up);
    let mut bounds = i32x16::new(*bounds);
    if rule == UpdateRule::Metropolis {
        bounds ^= !was;
    }
    let fields = i32x16::new(*fields);
    // A field f = 2 g + p is above a bound b where g is above floor((b - p) / 2); a flip changes g by a row.
    let odd = fields & !bounds & i32x16::ONE;
    let excess = (bounds >> 1_u32) - odd - (fields >> 1_u32);
    let [decided] = one_after_the_other(block, [Excess { excess, was, up }], 0);
    decided.to_bitmask() as u16
}

/// All bits set in lanes of bits that are.
#[inline]
fn masks(bits: u16) -> i32x16 {
    let bits = i32x16::splat(i32::from(bits)) & i32x16::new(core::array::from_fn(|i| 1 << i));
    !bits.simd_eq(i32x16::ZERO)
}

/// Decides spin after spin, without a branch. Returns what each excess was when it decided. Chains side by side share the
/// rows, and fill the time that each waits for its last decision.
#[inline(always)]
fn one_after_the_other<const P: usize>(
    block: &impl Block,
    excesses: [Excess; P],
    shift: u32,
) -> [i32x16; P] {
    let mut groups = excesses.map(|excess| Group {
        excess: excess.excess,
        was: excess.was,
        decided: i32x16::ZERO,
    });
    let mut rows = block.rows();
    let mut row = || i32x16::new(rows.next().unwrap_or([0; UNITS_A_STEP])) << shift;
    // Written out, so that no lane goes through memory: a compiler does not unroll so long a loop by itself.
    decide_all::<0, P>(&mut groups, row());
    decide_all::<1, P>(&mut groups, row());
    decide_all::<2, P>(&mut groups, row());
    decide_all::<3, P>(&mut groups, row());
    decide_all::<4, P>(&mut groups, row());
    decide_all::<5, P>(&mut groups, row());
    decide_all::<6, P>(&mut groups, row());
    decide_all::<7, P>(&mut groups, row());
    decide_all::<8, P>(&mut groups, row());
    decide_all::<9, P>(&mut groups, row());
    decide_all::<10, P>(&mut groups, row());
    decide_all::<11, P>(&mut groups, row());
    decide_all::<12, P>(&mut groups, row());
    decide_all::<13, P>(&mut groups, row());
    decide_all::<14, P>(&mut groups, row());
    decide_all::<15, P>(&mut groups, row());
    groups.map(|group| group.decided)
}

/// Spins of a chain that are being decided.
struct Group {
    excess: i32x16,
    was: i32x16,
    decided: i32x16,
}

/// Decides spin `I` of every chain. Its row comes off the excesses if it is to be +1, and back if it was.
#[inline(always)]
fn decide_all<const I: usize, const P: usize>(groups: &mut [Group; P], row: i32x16) {
    let lane = const {
        let mut lane = [0; UNITS_A_STEP];
        lane[I] = -1;
        i32x16::new(lane)
    };
    for group in groups {
        let set = i32x16::splat(group.excess.to_array()[I]) >> 31_u32;
        group.decided |= group.excess & lane;
        group.excess += row & i32x16::splat(group.was.to_array()[I]);
        group.excess -= row & set;
    }
}

/// -log2(v / 2^32), roughly: within [`LOGARITHM_ERROR`] for v from 2^20 on.
#[inline]
fn minus_log2(v: u32x16) -> f32x16 {
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
    let part = |v: u32x16| bytemuck::cast::<_, i32x16>(v).round_float();
    let v = part(v >> 16_u32) * f32x16::splat(65_536.0) + part(v & u32x16::splat(0xffff));
    let bits: i32x16 = bytemuck::cast(v);
    let exponent = bits >> 23_u32; // 127 more
    let mantissa = (bits & i32x16::splat(0x7f_ffff)) | i32x16::splat(0x3f80_0000);
    let x = bytemuck::cast::<_, f32x16>(mantissa) * f32x16::splat(2.0) - f32x16::splat(3.0);
    let mut log = f32x16::splat(TERMS[0]);
    for term in &TERMS[1..] {
        log = log.mul_add(x, f32x16::splat(*term));
    }
    (i32x16::splat(32 + 127) - exponent).round_float() - log
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::noise;

    #[test]
    fn the_logarithm_is_as_near_as_its_error_says() {
        let mut worst = 0.0_f64;
        let octaves = (SMALL..32).flat_map(|octave| {
            let start = 1_u32 << octave;
            (0..1_u32 << 16).map(move |k| start + ((u64::from(k) << octave) >> 16) as u32)
        });
        let ends = (SMALL..32).flat_map(|octave| [1 << octave, (1 << octave) - 1 + (1 << octave)]);
        let all: std::vec::Vec<u32> = octaves.chain(ends).collect();
        for chunk in all.chunks_exact(UNITS_A_STEP) {
            let numbers = core::array::from_fn(|i| chunk[i]);
            let found = minus_log2(u32x16::new(numbers)).to_array();
            for (v, found) in numbers.into_iter().zip(found) {
                let exact = f64::from(noise::minus_log2(v)) / f64::from(1 << noise::NOISE_BITS);
                worst = worst.max((f64::from(found) - exact).abs());
            }
        }
        assert!(worst < LOGARITHM_ERROR, "{worst} of {LOGARITHM_ERROR}");
    }
}
