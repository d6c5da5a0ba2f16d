//! Draws of units and of pixels, 32 at a time.

use bytemuck::cast;
use wide::{i16x16, i16x32, i32x16, u16x32, u32x8};

pub use super::scalar::probabilities16;
use crate::bits::{WORD, tail_mask};
use crate::fixed::{MAX_FRACTION_BITS, NEAR, SATURATION, SEGMENTS, logistic32, magnitude};
use crate::kernel::LANES;
use crate::kernel::random::simd::VectorRng;
use crate::rng::{ChainRng, UNITS_A_STEP, starstar};

/// What the logistic needs to know of a field format.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Format {
    /// Binary places short of [`MAX_FRACTION_BITS`].
    shift: u32,
    /// Largest magnitude before the shift that does not pass the polynomial's end.
    limit: u16x32,
}

impl Format {
    #[inline(always)]
    pub(in crate::kernel) fn new(fraction_bits: u32) -> Self {
        let shift = MAX_FRACTION_BITS - fraction_bits.min(MAX_FRACTION_BITS);
        // Held to the end before shifting, then again after: a magnitude of limit + 1 shifted would pass the end.
        Self {
            shift,
            limit: u16x32::splat((SATURATION >> shift) + 1),
        }
    }

    /// [`magnitude`], held to the polynomial's end.
    #[inline(always)]
    pub(in crate::kernel) fn magnitude(self, field: i16x32) -> i16x32 {
        let sign: i16x32 = field >> 15_i32;
        let absolute: u16x32 = cast((field ^ sign) - sign);
        let held = absolute.min(self.limit) << self.shift;
        cast(held.min(u16x32::splat(SATURATION)))
    }
}

/// [`logistic16`](crate::fixed::logistic16) of held magnitudes, in every lane.
#[inline(always)]
pub(in crate::kernel) fn logistic(y: i16x32) -> u16x32 {
    // The rounding multiplication has 16 lanes.
    let halves: [i16x16; 2] = cast(y);
    cast(halves.map(logistic_half))
}

#[inline(always)]
fn logistic_half(y: i16x16) -> i16x16 {
    let [a, b, c] = &SEGMENTS;
    let beyond_a = !y.simd_lt(i16x16::splat(a.end));
    let beyond_b = !y.simd_lt(i16x16::splat(b.end));
    let pick = |of_a: i16, of_b: i16, of_c: i16| {
        beyond_b.select(
            i16x16::splat(of_c),
            beyond_a.select(i16x16::splat(of_b), i16x16::splat(of_a)),
        )
    };
    let u =
        (y - pick(a.centre, b.centre, c.centre)) * pick(1 << a.shift, 1 << b.shift, 1 << c.shift);
    let coefficient = |k: usize| pick(a.coefficients[k], b.coefficients[k], c.coefficients[k]);
    let mut sum = coefficient(5);
    for k in (0..5).rev() {
        sum = sum.mul_scale_round(u) + coefficient(k);
    }
    (sum + i16x16::splat(16384)).max(i16x16::splat(0))
}

/// All ones in the lanes of negative fields.
#[inline(always)]
pub(in crate::kernel) fn negative(field: i16x32) -> i16x32 {
    field >> 15_i32
}

/// All ones in the first `units` lanes.
#[inline(always)]
pub(in crate::kernel) fn inside(units: usize) -> i16x32 {
    const INDEX: [i16; LANES] = {
        let mut index = [0; LANES];
        let mut lane = 0;
        while lane < LANES {
            index[lane] = lane as i16;
            lane += 1;
        }
        index
    };
    i16x32::new(INDEX).simd_lt(i16x32::splat(units.min(LANES) as i16))
}

/// One draw of 32 units: their upper random bits, and what their lower ones come from.
struct Draw {
    upper: u16x32,
    states: [u32x8; 2],
}

impl Draw {
    #[inline(always)]
    fn new(rng: &mut VectorRng) -> Self {
        let ((first, a), (second, b)) = (rng.step(), rng.step());
        Self {
            upper: cast([first, second]),
            states: [a, b],
        }
    }

    /// The lower random bits of a unit.
    #[cold]
    fn lower(&self, lane: usize) -> u16 {
        let state = self.states[lane / UNITS_A_STEP].to_array()[lane % UNITS_A_STEP / 2];
        (starstar(state) >> (16 * (lane % 2))) as u16
    }

    /// One bit per unit: set as [`decide`](crate::fixed::decide) says. `against` is the fields' [`logistic`].
    #[inline(always)]
    fn decide(&self, field: i16x32, fraction_bits: u32, against: u16x32) -> u32 {
        let below = self.upper.simd_lt(against);
        let distance = self.upper - against + u16x32::splat(NEAR);
        let near = distance.simd_lt(u16x32::splat(2 * NEAR));
        // Below the threshold is set for a negative field, clear for the others.
        let set = (cast::<u16x32, i16x32>(below) ^ !negative(field)).to_bitmask();
        if near.any() {
            self.decide_near(field, fraction_bits, near.to_bitmask(), set)
        } else {
            set
        }
    }

    /// Decides the lanes of `near` by all 32 random bits.
    #[cold]
    #[inline(never)]
    fn decide_near(&self, field: i16x32, fraction_bits: u32, near: u32, mut set: u32) -> u32 {
        let (fields, uppers) = (field.to_array(), self.upper.to_array());
        let mut rest = near;
        while rest != 0 {
            let lane = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let random = u32::from(uppers[lane]) << 16 | u32::from(self.lower(lane));
            let below = random < logistic32(magnitude(fields[lane], fraction_bits));
            let is_set = below == (fields[lane] < 0);
            set = set & !(1 << lane) | u32::from(is_set) << lane;
        }
        set
    }
}

/// Probabilities in 1/256 from thresholds and eight random bits per lane (in the low byte of `random`).
#[inline(always)]
fn round_to_256(field: i16x32, against: u16x32, random: u16x32) -> i16x32 {
    let against: i16x32 = cast((against + (random & u16x32::splat(0xff))) >> 8_u32);
    negative(field).select(against, i16x32::splat(256) - against)
}

/// Draws every vector of 32 units and tells `each` vector's index, fields, thresholds and upper random bits.
#[inline(always)]
fn draw(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    mut each: impl FnMut(usize, i16x32, u16x32, u16x32),
) {
    let format = Format::new(fraction_bits);
    let mut vector_rng = VectorRng::load(rng);
    let (vectors, _) = fields.as_chunks::<LANES>();
    let vectors = &vectors[..vectors.len().min(units.div_ceil(LANES))];
    bits.fill(0);
    for (pair, vectors) in vectors.chunks(WORD / LANES).enumerate() {
        let mut word = 0;
        for (half, field) in vectors.iter().enumerate() {
            let field = i16x32::new(*field);
            let against = logistic(format.magnitude(field));
            let random = Draw::new(&mut vector_rng);
            word |= u64::from(random.decide(field, fraction_bits, against)) << (half * LANES);
            each(pair * (WORD / LANES) + half, field, against, random.upper);
        }
        if let Some(target) = bits.get_mut(pair) {
            let end = (pair + 1) * WORD;
            *target = if end <= units {
                word
            } else if pair * WORD >= units {
                0
            } else {
                word & tail_mask(units)
            };
        }
    }
    vector_rng.store(rng);
}

/// See [`scalar::sample`](super::scalar::sample). About 45 vector operations every 32 units.
pub fn sample(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
) {
    draw(fields, fraction_bits, units, rng, bits, |_, _, _, _| ());
}

/// See [`scalar::sample_with_probabilities`](super::scalar::sample_with_probabilities).
pub fn sample_with_probabilities(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    probabilities: &mut [i16],
) {
    let (targets, _) = probabilities.as_chunks_mut::<LANES>();
    draw(
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        |vector, field, against, upper| {
            if let Some(target) = targets.get_mut(vector) {
                *target = round_to_256(field, against, upper).to_array();
            }
        },
    );
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// See [`scalar::sample_with_error`](super::scalar::sample_with_error).
pub fn sample_with_error(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    target: &[u64],
    bits: &mut [u64],
) -> u64 {
    /// Vectors whose squares of 12-bit numbers, two a lane, fit 31 bits.
    const FLUSH: usize = 64;
    let mut sums = i32x16::splat(0);
    let mut total = 0;
    let flush = |sums: i32x16| sums.to_array().iter().map(|&sum| sum as u64).sum::<u64>();
    draw(
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        |vector, field, against, _| {
            let word = target.get(vector / 2).copied().unwrap_or(0);
            let set = expand((word >> (vector % 2 * LANES)) as u32);
            let agrees = set ^ negative(field);
            let other = (u16x32::splat(0) - against)
                - (against.simd_eq(u16x32::splat(0)) & u16x32::splat(1));
            let difference = cast::<i16x32, u16x32>(agrees).select(against, other);
            let rounded = saturating_add(difference, 8) >> 4_u32;
            let rounded: i16x32 =
                cast::<u16x32, i16x32>(rounded) & inside(units.saturating_sub(vector * LANES));
            sums += rounded.dot(rounded);
            if vector % FLUSH == FLUSH - 1 {
                total += flush(sums);
                sums = i32x16::splat(0);
            }
        },
    );
    total + flush(sums)
}

/// `a + b`, held to 65,535.
#[inline(always)]
fn saturating_add(a: u16x32, b: u16) -> u16x32 {
    a.min(u16x32::splat(u16::MAX - b)) + u16x32::splat(b)
}

/// All ones in the lanes whose bit is set.
#[inline(always)]
fn expand(bits: u32) -> i16x32 {
    const BIT: [i16; LANES] = {
        let mut bit = [0; LANES];
        let mut lane = 0;
        while lane < LANES {
            bit[lane] = (1_u16 << (lane % 16)) as i16;
            lane += 1;
        }
        bit
    };
    let halves: i16x32 = cast([
        i16x16::splat(bits as i16),
        i16x16::splat((bits >> 16) as i16),
    ]);
    let bit = i16x32::new(BIT);
    (halves & bit).simd_eq(bit)
}

/// See [`scalar::probabilities`](super::scalar::probabilities).
pub fn probabilities(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    probabilities: &mut [i16],
) {
    let format = Format::new(fraction_bits);
    let mut vector_rng = VectorRng::load(rng);
    let ((fields, _), (targets, _)) = (
        fields.as_chunks::<LANES>(),
        probabilities.as_chunks_mut::<LANES>(),
    );
    for (vector, (field, target)) in fields
        .iter()
        .zip(targets)
        .take(units.div_ceil(LANES))
        .enumerate()
    {
        let field = i16x32::new(*field);
        let against = logistic(format.magnitude(field));
        let (random, _) = vector_rng.step();
        let random: u16x32 = cast([random, (random >> 8_u32) & u32x8::splat(0x00ff_00ff)]);
        let probability = round_to_256(field, against, random);
        *target = (probability & inside(units.saturating_sub(vector * LANES))).to_array();
    }
    vector_rng.store(rng);
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// See [`scalar::binarise`](super::scalar::binarise).
pub fn binarise(pixels: &[u8], rng: &mut ChainRng, bits: &mut [u64]) {
    let mut vector_rng = VectorRng::load(rng);
    bits.fill(0);
    for (vector, pixels) in pixels.chunks(LANES).enumerate() {
        let pixels: [u16; LANES] = match pixels.first_chunk::<LANES>() {
            Some(whole) => whole.map(u16::from),
            None => {
                core::array::from_fn(|lane| pixels.get(lane).map_or(0, |&pixel| u16::from(pixel)))
            }
        };
        let pixels = u16x32::new(pixels);
        // The largest random number that sets the pixel; a pixel of 0 has none.
        let last = pixels * u16x32::splat(257) + (pixels >> 7_u32) - u16x32::splat(1);
        let random = Draw::new(&mut vector_rng).upper;
        let clear = last.simd_lt(random) | pixels.simd_eq(u16x32::splat(0));
        if let Some(word) = bits.get_mut(vector / 2) {
            *word |= u64::from(!clear.to_bitmask()) << (vector % 2 * LANES);
        }
    }
    vector_rng.store(rng);
}
