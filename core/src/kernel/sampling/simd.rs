//! Draws of units and of pixels, 32 at a time.

use bytemuck::cast;

use crate::bits::{WORD, tail_mask};
use crate::fixed::{MAX_FRACTION_BITS, NEAR, SATURATION, SEGMENTS, logistic32, magnitude};
use crate::kernel::LANES;
use crate::kernel::random::simd::VectorRng;
use crate::kernel::vector::{Lanes, Mask, Ordered, Shifts, Signs, Simd};
use crate::rng::{ChainRng, UNITS_A_STEP, starstar};

/// What the logistic needs to know of a field format.
#[derive(Clone, Copy)]
pub(in crate::kernel) struct Format<S: Simd> {
    /// Binary places short of [`MAX_FRACTION_BITS`].
    shift: u32,
    /// Largest magnitude before the shift that does not pass the polynomial's end.
    limit: S::U16x32,
}

impl<S: Simd> Format<S> {
    #[inline(always)]
    pub(in crate::kernel) fn new(fraction_bits: u32) -> Self {
        let shift = MAX_FRACTION_BITS - fraction_bits.min(MAX_FRACTION_BITS);
        // Held to the end before shifting, then again after: a magnitude of limit + 1 shifted would pass the end.
        Self {
            shift,
            limit: S::U16x32::splat((SATURATION >> shift) + 1),
        }
    }

    /// [`magnitude`], held to the polynomial's end.
    #[inline(always)]
    pub(in crate::kernel) fn magnitude(self, field: S::I16x32) -> S::I16x32 {
        let sign: S::I16x32 = field.shr(15);
        let absolute: S::U16x32 = cast((field ^ sign) - sign);
        let held = absolute.min(self.limit).shl(self.shift);
        cast(held.min(S::U16x32::splat(SATURATION)))
    }
}

/// [`logistic16`](crate::fixed::logistic16) of held magnitudes, in every lane.
#[inline(always)]
pub(in crate::kernel) fn logistic<S: Simd>(y: S::I16x32) -> S::U16x32 {
    let [a, b, c] = &SEGMENTS;
    let splat = S::I16x32::splat;
    let within_a = y.simd_lt(splat(a.end));
    let within_b = y.simd_lt(splat(b.end));
    let segment = Picked::<S> { within_a, within_b };
    let u = (y - segment.pick([a.centre, b.centre, c.centre]))
        * segment.pick([1 << a.shift, 1 << b.shift, 1 << c.shift]);
    let of = |k: usize| [a, b, c].map(|segment| segment.coefficients[k]);
    let mut sum = segment.pick(of(5));
    for k in (0..5).rev() {
        sum = S::multiply_high(sum, u) + segment.pick(of(k));
    }
    cast((sum + splat(16384)).max(splat(0)))
}

/// Where a magnitude is below the end of the first segment, and of the second.
#[derive(Clone, Copy)]
struct Picked<S: Simd> {
    within_a: S::I16x32,
    within_b: S::I16x32,
}

impl<S: Simd> Picked<S> {
    /// In each lane what belongs to its segment.
    #[inline(always)]
    fn pick(self, [a, b, c]: [i16; 3]) -> S::I16x32 {
        let splat = S::I16x32::splat;
        let beyond_a = self.within_b.select(splat(b), splat(c));
        self.within_a.select(splat(a), beyond_a)
    }
}

/// All ones in the lanes of negative fields.
#[inline(always)]
pub(in crate::kernel) fn negative<S: Simd>(field: S::I16x32) -> S::I16x32 {
    field.shr(15)
}

/// All ones in the first `units` lanes.
#[inline(always)]
pub(in crate::kernel) fn inside<S: Simd>(units: usize) -> S::I16x32 {
    const INDEX: [i16; LANES] = {
        let mut index = [0; LANES];
        let mut lane = 0;
        while lane < LANES {
            index[lane] = lane as i16;
            lane += 1;
        }
        index
    };
    S::I16x32::new(INDEX).simd_lt(S::I16x32::splat(units.min(LANES) as i16))
}

/// One draw of 32 units: their upper random bits, and what their lower ones come from.
struct Draw<S: Simd> {
    upper: S::U16x32,
    states: [S::U32x8; 2],
}

impl<S: Simd> Draw<S> {
    #[inline(always)]
    fn new(rng: &mut VectorRng<S>) -> Self {
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
    fn decide(&self, field: S::I16x32, fraction_bits: u32, against: S::U16x32) -> u32 {
        let below = self.upper.simd_lt(against);
        let distance = self.upper - against + S::U16x32::splat(NEAR);
        let near = distance.simd_lt(S::U16x32::splat(2 * NEAR));
        // Below the threshold is set for a negative field, clear for the others.
        let set = (cast::<S::U16x32, S::I16x32>(below) ^ !negative::<S>(field)).to_bitmask();
        if near.any() {
            self.decide_near(field, fraction_bits, near.to_bitmask(), set)
        } else {
            set
        }
    }

    /// Decides the lanes of `near` by all 32 random bits.
    #[cold]
    #[inline(never)]
    fn decide_near(&self, field: S::I16x32, fraction_bits: u32, near: u32, mut set: u32) -> u32 {
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
fn round_to_256<S: Simd>(field: S::I16x32, against: S::U16x32, random: S::U16x32) -> S::I16x32 {
    let against: S::I16x32 = cast((against + (random & S::U16x32::splat(0xff))).shr(8));
    negative::<S>(field).select(against, S::I16x32::splat(256) - against)
}

/// Draws every vector of 32 units and tells `each` vector's index, fields, thresholds and upper random bits.
#[inline(always)]
fn draw<S: Simd>(
    _: S,
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    mut each: impl FnMut(usize, S::I16x32, S::U16x32, S::U16x32),
) {
    let format = Format::<S>::new(fraction_bits);
    let mut vector_rng = VectorRng::<S>::load(rng);
    let (vectors, _) = fields.as_chunks::<LANES>();
    let vectors = &vectors[..vectors.len().min(units.div_ceil(LANES))];
    bits.fill(0);
    for (pair, vectors) in vectors.chunks(WORD / LANES).enumerate() {
        let mut word = 0;
        for (half, field) in vectors.iter().enumerate() {
            let field = S::I16x32::new(*field);
            let against = logistic::<S>(format.magnitude(field));
            let random = Draw::<S>::new(&mut vector_rng);
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
#[inline(always)]
pub(crate) fn sample<S: Simd>(
    simd: S,
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
) {
    draw(
        simd,
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        |_, _, _, _| (),
    );
}

/// See [`scalar::sample_with_probabilities`](super::scalar::sample_with_probabilities).
#[inline(always)]
pub(crate) fn sample_with_probabilities<S: Simd>(
    simd: S,
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    probabilities: &mut [i16],
) {
    let (targets, _) = probabilities.as_chunks_mut::<LANES>();
    draw(
        simd,
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        #[inline(always)]
        |vector, field, against, upper| {
            if let Some(target) = targets.get_mut(vector) {
                *target = round_to_256::<S>(field, against, upper).to_array();
            }
        },
    );
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// See [`scalar::sample_with_error`](super::scalar::sample_with_error).
#[inline(always)]
pub(crate) fn sample_with_error<S: Simd>(
    simd: S,
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    target: &[u64],
    bits: &mut [u64],
) -> u64 {
    /// Vectors whose squares of 12-bit numbers, two a lane, fit 31 bits.
    const FLUSH: usize = 64;
    let mut sums = S::I32x16::splat(0);
    let mut total = 0;
    let flush = |sums: S::I32x16| sums.to_array().iter().map(|&sum| sum as u64).sum::<u64>();
    draw(
        simd,
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        #[inline(always)]
        |vector, field, against, _| {
            let word = target.get(vector / 2).copied().unwrap_or(0);
            let set = expand::<S>((word >> (vector % 2 * LANES)) as u32);
            let agrees = set ^ negative::<S>(field);
            let other = (S::U16x32::splat(0) - against)
                - (against.simd_eq(S::U16x32::splat(0)) & S::U16x32::splat(1));
            let difference = cast::<S::I16x32, S::U16x32>(agrees).select(against, other);
            let rounded = saturating_add::<S>(difference, 8).shr(4);
            let rounded: S::I16x32 = cast::<S::U16x32, S::I16x32>(rounded)
                & inside::<S>(units.saturating_sub(vector * LANES));
            sums += S::dot(rounded, rounded);
            if vector % FLUSH == FLUSH - 1 {
                total += flush(sums);
                sums = S::I32x16::splat(0);
            }
        },
    );
    total + flush(sums)
}

/// `a + b`, held to 65,535.
#[inline(always)]
fn saturating_add<S: Simd>(a: S::U16x32, b: u16) -> S::U16x32 {
    a.min(S::U16x32::splat(u16::MAX - b)) + S::U16x32::splat(b)
}

/// All ones in the lanes whose bit is set.
#[inline(always)]
fn expand<S: Simd>(bits: u32) -> S::I16x32 {
    const BIT: [i16; LANES] = {
        let mut bit = [0; LANES];
        let mut lane = 0;
        while lane < LANES {
            bit[lane] = (1_u16 << (lane % 16)) as i16;
            lane += 1;
        }
        bit
    };
    let halves: S::I16x32 = cast([
        S::I16x16::splat(bits as i16),
        S::I16x16::splat((bits >> 16) as i16),
    ]);
    let bit = S::I16x32::new(BIT);
    (halves & bit).simd_eq(bit)
}

/// See [`scalar::probabilities`](super::scalar::probabilities).
#[inline(always)]
pub(crate) fn probabilities<S: Simd>(
    _: S,
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    probabilities: &mut [i16],
) {
    let format = Format::<S>::new(fraction_bits);
    let mut vector_rng = VectorRng::<S>::load(rng);
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
        let field = S::I16x32::new(*field);
        let against = logistic::<S>(format.magnitude(field));
        let (random, _) = vector_rng.step();
        let random: S::U16x32 = cast([random, random.shr(8) & S::U32x8::splat(0x00ff_00ff)]);
        let probability = round_to_256::<S>(field, against, random);
        *target = (probability & inside::<S>(units.saturating_sub(vector * LANES))).to_array();
    }
    vector_rng.store(rng);
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// See [`scalar::binarise`](super::scalar::binarise).
#[inline(always)]
pub(crate) fn binarise<S: Simd>(_: S, pixels: &[u8], rng: &mut ChainRng, bits: &mut [u64]) {
    let mut vector_rng = VectorRng::<S>::load(rng);
    bits.fill(0);
    for (vector, pixels) in pixels.chunks(LANES).enumerate() {
        let pixels = match pixels.first_chunk::<LANES>() {
            Some(whole) => S::widen_bytes(whole),
            None => {
                let mut part = [0; LANES];
                part.iter_mut()
                    .zip(pixels)
                    .for_each(|(to, from)| *to = *from);
                S::widen_bytes(&part)
            }
        };
        // The largest random number that sets the pixel; a pixel of 0 has none.
        let last = pixels * S::U16x32::splat(257) + pixels.shr(7) - S::U16x32::splat(1);
        let random = Draw::<S>::new(&mut vector_rng).upper;
        let clear = last.simd_lt(random) | pixels.simd_eq(S::U16x32::splat(0));
        if let Some(word) = bits.get_mut(vector / 2) {
            *word |= u64::from(!clear.to_bitmask()) << (vector % 2 * LANES);
        }
    }
    vector_rng.store(rng);
}

/// See [`scalar::probabilities16`](super::scalar::probabilities16), whose loop compilers turn into vectors.
#[inline(always)]
pub(crate) fn probabilities16<S: Simd>(
    _: S,
    fields: &[i16],
    fraction_bits: u32,
    probabilities: &mut [u16],
) {
    super::scalar::probabilities16(fields, fraction_bits, probabilities);
}
