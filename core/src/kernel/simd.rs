//! The kernels on `wide`: 16-bit lanes, equal to [`scalar`](super::scalar) to the bit.
//!
//! Where weights are added, the loop runs over tiles of outputs, then samples, then set bits: a tile's accumulators
//! stay in registers, and the part of the weights that a tile reads stays in the second-level cache for all samples.

use bytemuck::cast;
use wide::{f32x16, i16x16, i16x32, i32x16, u16x32, u32x8, u32x16};

use super::{LANES, Rows, Step, capacity};
use crate::bits::{WORD, tail_mask};
use crate::fixed::{
    FIELD_LIMIT, MAX_FRACTION_BITS, NEAR, ROUNDER, SATURATION, SEGMENTS, logistic32, magnitude,
};
use crate::rng::{ChainRng, UNITS_A_STEP, VectorRng, starstar};

pub use super::scalar::probabilities16;

/// The most vectors of [`LANES`] outputs that one pass over the rows accumulates in registers, at most 8.
const TILE: usize = if cfg!(target_feature = "avx512bw") {
    8
} else {
    4
};

/// Row numbers that are listed at a time.
const LIST: usize = 8192;

/// Row numbers of set bits, for as many samples as fit.
struct Lists {
    rows: [u32; LIST],
    len: usize,
}

impl Lists {
    /// Appends the positions of the set bits of `word`, each `(first + position) * stride`.
    #[inline(always)]
    fn push_word(&mut self, word: u64, first: usize, stride: usize) {
        let mut rest = word;
        let mut row = first as u32 * stride as u32;
        let stride = stride as u32;
        row = row.wrapping_sub(stride);
        while rest != 0 {
            let skip = rest.trailing_zeros();
            if let Some(slot) = self.rows.get_mut(self.len) {
                *slot = row.wrapping_add((skip + 1).wrapping_mul(stride));
            }
            self.len += 1;
            row = row.wrapping_add((skip + 1).wrapping_mul(stride));
            rest = (rest >> skip) >> 1;
        }
    }
}

/// Adds (or subtracts) the listed rows to the accumulators of one tile that starts `column` vectors into the rows.
#[inline(always)]
fn add_listed<const V: usize, const PLUS: bool>(
    acc: &mut [i16x32; V],
    weights: &[[i16; LANES]],
    column: usize,
    list: &[u32],
) {
    for &row in list {
        let at = row as usize + column;
        let Some(chunk) = weights
            .get(at..at + V)
            .and_then(|chunk| chunk.first_chunk::<V>())
        else {
            outside();
            continue;
        };
        for (acc, row) in acc.iter_mut().zip(chunk) {
            if PLUS {
                *acc += i16x32::new(*row);
            } else {
                *acc -= i16x32::new(*row);
            }
        }
    }
}

/// Tells the compiler that rows outside of the matrix are not what to be fast at.
#[cold]
fn outside() {}

/// One sample's row lists within [`Lists`].
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    middle: usize,
    end: usize,
}

/// Adds the listed rows of all samples of a group to one tile of their fields.
#[inline(always)]
fn add_tile<const V: usize>(
    weights: &[[i16; LANES]],
    column: usize,
    lists: &Lists,
    spans: &[Span],
    fields: &mut [[i16; LANES]],
    stride: usize,
) {
    for (span, fields) in spans.iter().zip(fields.chunks_exact_mut(stride)) {
        if span.start == span.end {
            continue;
        }
        let Some(tile) = fields
            .get_mut(column..column + V)
            .and_then(|tile| tile.first_chunk_mut::<V>())
        else {
            continue;
        };
        let mut acc = tile.map(i16x32::new);
        if let Some(list) = lists.rows.get(span.start..span.middle) {
            add_listed::<V, true>(&mut acc, weights, column, list);
        }
        if let Some(list) = lists.rows.get(span.middle..span.end) {
            add_listed::<V, false>(&mut acc, weights, column, list);
        }
        *tile = acc.map(i16x32::to_array);
    }
}

/// Samples whose spans are kept at a time.
const SPANS: usize = 128;

/// Both `add_*_rows`: `pair(sample, word)` gives the bits to add and the bits to subtract.
#[inline(always)]
fn add_rows(
    rows: &Rows<'_>,
    samples: usize,
    pair: impl Fn(usize, usize) -> (u64, u64),
    fields: &mut [i16],
) {
    let stride = rows.stride / LANES;
    if stride == 0 {
        return;
    }
    let (weights, _) = rows.weights.as_chunks::<LANES>();
    let (fields, _) = fields.as_chunks_mut::<LANES>();
    let words = rows.words();
    let mut lists = Lists {
        rows: [0; LIST],
        len: 0,
    };
    let mut spans = [Span::default(); SPANS];
    let mut sample = 0;
    while sample < samples {
        let first = sample;
        let mut taken = 0;
        lists.len = 0;
        while sample < samples && taken < SPANS && lists.len + listed(sample, words, &pair) <= LIST
        {
            spans[taken] = list_sample(&mut lists, sample, 0..words, stride, &pair);
            taken += 1;
            sample += 1;
        }
        let Some(fields) = fields.get_mut(first * stride..) else {
            return;
        };
        if taken > 0 {
            add_tiles(weights, &lists, &spans[..taken], fields, stride);
            continue;
        }
        // One sample names more rows than a list holds: a part of it at a time.
        for part in (0..words).step_by(LIST / WORD) {
            lists.len = 0;
            let part = list_sample(
                &mut lists,
                sample,
                part..(part + LIST / WORD).min(words),
                stride,
                &pair,
            );
            add_tiles(weights, &lists, &[part], fields, stride);
        }
        sample += 1;
    }
}

/// Rows that a sample names.
#[inline(always)]
fn listed(sample: usize, words: usize, pair: &impl Fn(usize, usize) -> (u64, u64)) -> usize {
    let count = |(plus, minus): (u64, u64)| plus.count_ones() + minus.count_ones();
    (0..words)
        .map(|word| count(pair(sample, word)) as usize)
        .sum()
}

/// Lists the rows that `sample` adds and subtracts among the words `range`.
#[inline(always)]
fn list_sample(
    lists: &mut Lists,
    sample: usize,
    range: core::ops::Range<usize>,
    stride: usize,
    pair: &impl Fn(usize, usize) -> (u64, u64),
) -> Span {
    let start = lists.len;
    for word in range.clone() {
        lists.push_word(pair(sample, word).0, word * WORD, stride);
    }
    let middle = lists.len;
    for word in range {
        lists.push_word(pair(sample, word).1, word * WORD, stride);
    }
    Span {
        start,
        middle,
        end: lists.len,
    }
}

/// Calls `$tile::<V>` for every tile of `$stride` vectors: as few tiles as possible, as equal as possible.
macro_rules! for_tiles {
    ($stride:expr, |$column:ident| $tile:ident($($argument:expr),*)) => {{
        let stride: usize = $stride;
        let tiles = stride.div_ceil(TILE);
        for tile in 0..tiles {
            let $column = stride * tile / tiles;
            match stride * (tile + 1) / tiles - $column {
                1 => $tile::<1>($($argument),*),
                2 => $tile::<2>($($argument),*),
                3 => $tile::<3>($($argument),*),
                4 => $tile::<4>($($argument),*),
                5 => $tile::<5>($($argument),*),
                6 => $tile::<6>($($argument),*),
                7 => $tile::<7>($($argument),*),
                _ => $tile::<8>($($argument),*),
            }
        }
    }};
}

/// Runs over all tiles of the outputs.
#[inline(always)]
fn add_tiles(
    weights: &[[i16; LANES]],
    lists: &Lists,
    spans: &[Span],
    fields: &mut [[i16; LANES]],
    stride: usize,
) {
    for_tiles!(stride, |column| add_tile(
        weights, column, lists, spans, fields, stride
    ));
}

/// See [`scalar::add_set_rows`](super::scalar::add_set_rows). For every tile of 64 outputs (128 with AVX-512) one load
/// and one addition a set bit and 32 (or 16, or 8) outputs.
pub fn add_set_rows(rows: &Rows<'_>, words: usize, inputs: &[u64], fields: &mut [i16]) {
    let samples = (inputs.len() / words.max(1)).min(fields.len() / rows.stride.max(1));
    let word = |sample: usize, at: usize| {
        inputs
            .get(sample * words + rows.first_word + at)
            .copied()
            .unwrap_or(0)
    };
    add_rows(rows, samples, |sample, at| (word(sample, at), 0), fields);
}

/// See [`scalar::add_changed_rows`](super::scalar::add_changed_rows).
pub fn add_changed_rows(
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let samples =
        (after.len().min(before.len()) / words.max(1)).min(fields.len() / rows.stride.max(1));
    let pair = |sample: usize, at: usize| {
        let at = sample * words + rows.first_word + at;
        let (before, after) = (
            before.get(at).copied().unwrap_or(0),
            after.get(at).copied().unwrap_or(0),
        );
        (after & !before, before & !after)
    };
    add_rows(rows, samples, pair, fields);
}

/// What the logistic needs to know of a field format.
#[derive(Clone, Copy)]
struct Format {
    /// Binary places short of [`MAX_FRACTION_BITS`].
    shift: u32,
    /// Largest magnitude before the shift that does not pass the polynomial's end.
    limit: u16x32,
}

impl Format {
    #[inline(always)]
    fn new(fraction_bits: u32) -> Self {
        let shift = MAX_FRACTION_BITS - fraction_bits.min(MAX_FRACTION_BITS);
        // Held to the end before shifting, then again after: a magnitude of limit + 1 shifted would pass the end.
        Self {
            shift,
            limit: u16x32::splat((SATURATION >> shift) + 1),
        }
    }

    /// [`magnitude`], held to the polynomial's end.
    #[inline(always)]
    fn magnitude(self, field: i16x32) -> i16x32 {
        let sign: i16x32 = field >> 15_i32;
        let absolute: u16x32 = cast((field ^ sign) - sign);
        let held = absolute.min(self.limit) << self.shift;
        cast(held.min(u16x32::splat(SATURATION)))
    }
}

/// [`logistic16`](crate::fixed::logistic16) of held magnitudes, in every lane.
#[inline(always)]
fn logistic(y: i16x32) -> u16x32 {
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
fn negative(field: i16x32) -> i16x32 {
    field >> 15_i32
}

/// All ones in the first `units` lanes.
#[inline(always)]
fn inside(units: usize) -> i16x32 {
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

    /// One bit a unit: set as [`decide`](crate::fixed::decide) says. `against` is the fields' [`logistic`].
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

/// Probabilities in 1/256 from thresholds and eight random bits a lane (in the low byte of `random`).
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
    let mut vector_rng = rng.load();
    let (vectors, _) = fields.as_chunks::<LANES>();
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
    let mut vector_rng = rng.load();
    let ((fields, _), (targets, _)) = (
        fields.as_chunks::<LANES>(),
        probabilities.as_chunks_mut::<LANES>(),
    );
    for (vector, (field, target)) in fields.iter().zip(targets).enumerate() {
        let field = i16x32::new(*field);
        let against = logistic(format.magnitude(field));
        let (random, _) = vector_rng.step();
        let random: u16x32 = cast([random, (random >> 8_u32) & u32x8::splat(0x00ff_00ff)]);
        let probability = round_to_256(field, against, random);
        *target = (probability & inside(units.saturating_sub(vector * LANES))).to_array();
    }
    vector_rng.store(rng);
}

/// See [`scalar::binarise`](super::scalar::binarise).
pub fn binarise(pixels: &[u8], rng: &mut ChainRng, bits: &mut [u64]) {
    let mut vector_rng = rng.load();
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

/// See [`scalar::correlate`](super::scalar::correlate). Samples in both `before` and `after` cost one row, not two.
pub fn correlate(table: &[i16], before: u64, after: u64, sums: &mut [i16]) {
    let capacity = capacity(table, sums.len());
    let stride = sums.len() / LANES;
    let mut lists = [0_u32; 128];
    let mut len = 0;
    for (word, first) in [
        (before & after, 0),
        (before & !after, capacity),
        (after & !before, 2 * capacity),
    ] {
        let mut rest = word;
        while rest != 0 {
            if let Some(slot) = lists.get_mut(len) {
                *slot = ((first + rest.trailing_zeros() as usize) * stride) as u32;
            }
            len += 1;
            rest &= rest - 1;
        }
    }
    let list = lists.get(..len).unwrap_or_default();
    let ((table, _), (sums, _)) = (table.as_chunks::<LANES>(), sums.as_chunks_mut::<LANES>());
    for_tiles!(stride, |column| add_list(table, column, list, sums));
}

/// Adds the listed rows to one tile of a row of sums.
#[inline(always)]
fn add_list<const V: usize>(
    weights: &[[i16; LANES]],
    column: usize,
    list: &[u32],
    sums: &mut [[i16; LANES]],
) {
    let Some(tile) = sums
        .get_mut(column..)
        .and_then(|rest| rest.first_chunk_mut::<V>())
    else {
        return;
    };
    let mut acc = tile.map(i16x32::new);
    add_listed::<V, true>(&mut acc, weights, column, list);
    *tile = acc.map(i16x32::to_array);
}

/// See [`scalar::tabulate`](super::scalar::tabulate).
pub fn tabulate(chain: &[i16], sample: usize, table: &mut [i16]) {
    let capacity = capacity(table, chain.len());
    let stride = chain.len() / LANES;
    let ((chain, _), (table, _)) = (chain.as_chunks::<LANES>(), table.as_chunks_mut::<LANES>());
    for (at, q) in chain.iter().enumerate() {
        let q = i16x32::new(*q);
        let p = table
            .get((capacity + sample) * stride + at)
            .map_or(i16x32::splat(0), |p| i16x32::new(*p));
        for (row, value) in [
            (sample, p - q),
            (2 * capacity + sample, i16x32::splat(0) - q),
        ] {
            if let Some(slot) = table.get_mut(row * stride + at) {
                *slot = value.to_array();
            }
        }
    }
}

/// See [`scalar::widen`](super::scalar::widen).
pub fn widen(sums: &[i16], wide: &mut [f32]) {
    for (wide, sum) in wide.iter_mut().zip(sums) {
        *wide += f32::from(*sum);
    }
}

/// Sixteen 32-bit lanes to 16 bits, the upper halves dropped.
#[inline(always)]
fn low_halves(x: u32x16) -> [i16; 16] {
    x.to_array().map(|x| x as i16)
}

/// Updates sixteen weights by sixteen integer sums; returns their quantised form.
#[inline(always)]
fn update_lanes(
    step: &Step,
    sums: f32x16,
    velocity: Option<&mut [f32; 16]>,
    weights: &mut [f32; 16],
) -> [i16; 16] {
    let limit = f32x16::splat(FIELD_LIMIT as f32);
    let mut change = sums * f32x16::splat(step.rate);
    if let Some(velocity) = velocity {
        change += f32x16::new(*velocity) * f32x16::splat(step.momentum);
        *velocity = change.to_array();
    }
    let weight = f32x16::new(*weights) * f32x16::splat(step.keep) + change;
    *weights = weight.to_array();
    let scaled = weight * f32x16::splat(step.scale);
    let held = scaled.simd_lt(limit).select(scaled, limit);
    let held = held.simd_gt(-limit).select(held, -limit);
    low_halves(cast(held + f32x16::splat(ROUNDER)))
}

/// Runs [`update_lanes`] over a row; `sums(at)` gives the sums of lanes `16 at ..`.
#[inline(always)]
fn update_row(
    step: &Step,
    sums: impl Fn(usize) -> f32x16,
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let mut norm = i16x16::splat(0);
    let (velocity, _) = velocity.as_chunks_mut::<16>();
    let ((weights, _), (quantised, _)) = (
        weights.as_chunks_mut::<16>(),
        quantised.as_chunks_mut::<16>(),
    );
    let (norms, _) = norms.as_chunks_mut::<16>();
    for (at, ((weights, quantised), norms)) in
        weights.iter_mut().zip(quantised).zip(norms).enumerate()
    {
        *quantised = update_lanes(step, sums(at), velocity.get_mut(at), weights);
        let magnitude = i16x16::new(*quantised).abs();
        *norms = i16x16::new(*norms).saturating_add(magnitude).to_array();
        norm = norm.saturating_add(magnitude);
    }
    held_sum(norm)
}

/// See [`scalar::update`](super::scalar::update).
pub fn update(
    step: &Step,
    sums: &[i16],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    let load = |at: usize| {
        let sums = i16x16::new(sums.get(at).copied().unwrap_or([0; 16]));
        f32x16::from_i32x16(i32x16::from_i16x16(sums))
    };
    update_row(step, load, velocity, weights, quantised, norms)
}

/// See [`scalar::update_wide`](super::scalar::update_wide).
pub fn update_wide(
    step: &Step,
    sums: &[f32],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let (sums, _) = sums.as_chunks::<16>();
    let load = |at: usize| f32x16::new(sums.get(at).copied().unwrap_or([0.0; 16]));
    update_row(step, load, velocity, weights, quantised, norms)
}

/// See [`scalar::add_norms`](super::scalar::add_norms).
#[must_use]
pub fn add_norms(quantised: &[i16], norms: &mut [i16]) -> i16 {
    let mut norm = i16x16::splat(0);
    let ((quantised, _), (norms, _)) = (quantised.as_chunks::<16>(), norms.as_chunks_mut::<16>());
    for (quantised, norms) in quantised.iter().zip(norms) {
        let magnitude = i16x16::new(*quantised).abs();
        *norms = i16x16::new(*norms).saturating_add(magnitude).to_array();
        norm = norm.saturating_add(magnitude);
    }
    held_sum(norm)
}

/// The sum of the lanes, held to 32,767.
#[inline(always)]
fn held_sum(norm: i16x16) -> i16 {
    let sum: i32 = norm.to_array().iter().map(|&norm| i32::from(norm)).sum();
    sum.min(i32::from(i16::MAX)) as i16
}

/// Transposes a square of 16 x 16 numbers: pairs of rows are zipped into 32-bit lanes, which are then transposed.
#[inline(always)]
fn transpose_square(rows: [i16x16; 16]) -> [i16x16; 16] {
    let low = u32x8::splat(0xffff);
    let (mut even, mut odd) = ([low; 8], [low; 8]);
    for (k, pair) in rows.chunks_exact(2).enumerate() {
        let (a, b): (u32x8, u32x8) = (cast(pair[0]), cast(pair[1]));
        even[k] = (a & low) | (b << 16_u32);
        odd[k] = (a >> 16_u32) | (b & !low);
    }
    let (even, odd) = (u32x8::transpose(even), u32x8::transpose(odd));
    core::array::from_fn(|column| {
        cast(if column % 2 == 0 {
            even[column / 2]
        } else {
            odd[column / 2]
        })
    })
}

/// See [`scalar::transpose_rows`](super::scalar::transpose_rows). Where there are 32 rows, every column gets a whole
/// cache line.
pub fn transpose_rows(
    rows: &[i16],
    stride: usize,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let stride = stride.max(1);
    let mut first = column;
    let mut blocks = rows.chunks_exact(LANES * stride);
    for block in &mut blocks {
        transpose_block::<2>(block, stride, columns, column_stride, first);
        first += LANES;
    }
    let mut halves = blocks.remainder().chunks_exact(16 * stride);
    for block in &mut halves {
        transpose_block::<1>(block, stride, columns, column_stride, first);
        first += 16;
    }
    super::scalar::transpose_rows(halves.remainder(), stride, columns, column_stride, first);
}

/// Transposes `16 H` rows.
#[inline(always)]
fn transpose_block<const H: usize>(
    block: &[i16],
    stride: usize,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    let targets = columns.chunks_mut(16 * column_stride.max(1));
    for (j, targets) in (0..stride).step_by(16).zip(targets) {
        let squares: [[i16x16; 16]; H] = core::array::from_fn(|half| {
            transpose_square(core::array::from_fn(|i| {
                let row = block
                    .get((16 * half + i) * stride + j..)
                    .and_then(|row| row.first_chunk::<16>());
                i16x16::new(row.copied().unwrap_or([0; 16]))
            }))
        });
        for (k, target) in targets.chunks_exact_mut(column_stride.max(1)).enumerate() {
            if let Some((target, _)) = target
                .get_mut(column..)
                .map(|rest| rest.as_chunks_mut::<16>())
            {
                for (half, target) in target.iter_mut().take(H).enumerate() {
                    *target = squares[half][k].to_array();
                }
            }
        }
    }
}

/// See [`scalar::hamming`](super::scalar::hamming).
#[must_use]
pub fn hamming(a: &[u64], b: &[u64]) -> u32 {
    super::scalar::hamming(a, b)
}
