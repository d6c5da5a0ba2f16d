//! The kernels in plain loops: what microcontrollers run, and the witness for [`simd`](super::simd).

use super::{LANES, Rows, Step, capacity};
use crate::bits::{WORD, ones};
use crate::fixed::{decide, logistic16, magnitude, probability8, probability16, quantise};
use crate::rng::{ChainRng, UNITS_A_STEP};

/// For every sample, adds to its fields the rows of its set bits.
///
/// `inputs` holds `words` words a sample; `fields` holds `rows.stride` numbers a sample. Sums wrap.
pub fn add_set_rows(rows: &Rows<'_>, words: usize, inputs: &[u64], fields: &mut [i16]) {
    for (input, fields) in inputs
        .chunks_exact(words.max(1))
        .zip(fields.chunks_exact_mut(rows.stride.max(1)))
    {
        for (at, word) in input.iter().enumerate() {
            add_rows_of_word(rows, at, *word, 0, fields);
        }
    }
}

/// For every sample, adds to its fields the rows of the bits set in `after` alone and subtracts those of the bits set
/// in `before` alone: fields that belonged to `before` become those of `after`. Shapes as in [`add_set_rows`].
pub fn add_changed_rows(
    rows: &Rows<'_>,
    words: usize,
    before: &[u64],
    after: &[u64],
    fields: &mut [i16],
) {
    let inputs = before
        .chunks_exact(words.max(1))
        .zip(after.chunks_exact(words.max(1)));
    for ((before, after), fields) in inputs.zip(fields.chunks_exact_mut(rows.stride.max(1))) {
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            add_rows_of_word(rows, at, after & !before, before & !after, fields);
        }
    }
}

/// Adds the rows of word `at` of the matrix that `plus` names, and subtracts those that `minus` names.
fn add_rows_of_word(rows: &Rows<'_>, at: usize, plus: u64, minus: u64, fields: &mut [i16]) {
    let row = |bit: usize| {
        rows.weights
            .chunks_exact(rows.stride.max(1))
            .nth(at * WORD + bit)
            .and_then(|row| row.get(..rows.width))
            .unwrap_or_default()
    };
    for bit in ones(&[plus]) {
        for (field, weight) in fields.iter_mut().zip(row(bit)) {
            *field = field.wrapping_add(*weight);
        }
    }
    for bit in ones(&[minus]) {
        for (field, weight) in fields.iter_mut().zip(row(bit)) {
            *field = field.wrapping_sub(*weight);
        }
    }
}

/// Draws the units of one chain from their fields: bit `i` is set with probability sigmoid(field_i / 2^fraction_bits).
///
/// `fields` is [`padded`](super::padded), `bits` holds the words of `units` bits. Two generator steps every 32 fields.
pub fn sample(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
) {
    draw(fields, fraction_bits, units, rng, bits, |_, _, _| ());
}

/// [`sample`], and each unit's probability in 1/256, rounded up or down by the lower 8 of the unit's upper random
/// bits; 0 in the padding.
pub fn sample_with_probabilities(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    probabilities: &mut [i16],
) {
    draw(
        fields,
        fraction_bits,
        units,
        rng,
        bits,
        |at, field, upper| {
            if let Some(probability) = probabilities.get_mut(at) {
                *probability = probability8(field, fraction_bits, upper as u8);
            }
        },
    );
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// [`sample`], and the sum over units of (target - probability)^2 in units of 2^-24, each difference rounded to 12
/// binary places and held to 4095/4096 (so that a unit that is wholly wrong counts 0.05% less).
pub fn sample_with_error(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    target: &[u64],
    bits: &mut [u64],
) -> u64 {
    let mut sum = 0;
    draw(fields, fraction_bits, units, rng, bits, |at, field, _| {
        let set = target
            .get(at / WORD)
            .is_some_and(|word| word >> (at % WORD) & 1 != 0);
        let against = logistic16(magnitude(field, fraction_bits));
        let difference = if set == (field >= 0) {
            against
        } else {
            against.wrapping_neg().wrapping_sub(u16::from(against == 0))
        };
        let rounded = u64::from(difference.saturating_add(8) >> 4);
        sum += rounded * rounded;
    });
    sum
}

/// Draws every unit and tells `each` unit's index, field and upper random bits.
fn draw(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    bits: &mut [u64],
    mut each: impl FnMut(usize, i16, u16),
) {
    bits.fill(0);
    for (step, fields) in whole_vectors(fields, units)
        .chunks_exact(UNITS_A_STEP)
        .enumerate()
    {
        let random = rng.step();
        for (lane, &field) in fields.iter().enumerate() {
            let at = step * UNITS_A_STEP + lane;
            if at >= units {
                continue;
            }
            each(at, field, random.upper[lane]);
            if decide(field, fraction_bits, random.upper[lane], || {
                random.lower[lane]
            }) && let Some(word) = bits.get_mut(at / WORD)
            {
                *word |= 1 << (at % WORD);
            }
        }
    }
}

/// The fields of the vectors that hold units. A row may be padded further; nothing is drawn for that, so that what a chain
/// draws does not depend on how rows are padded.
fn whole_vectors(fields: &[i16], units: usize) -> &[i16] {
    let wanted = units.next_multiple_of(LANES);
    &fields[..wanted.min(fields.len() / LANES * LANES)]
}

/// The probabilities of one chain's units in 1/256, rounded up or down at random, eight random bits each; 0 in the
/// padding. One generator step every 32 fields: its low bytes for the first sixteen units, its high bytes for the rest.
pub fn probabilities(
    fields: &[i16],
    fraction_bits: u32,
    units: usize,
    rng: &mut ChainRng,
    probabilities: &mut [i16],
) {
    let vectors = whole_vectors(fields, units)
        .chunks_exact(LANES)
        .zip(probabilities.chunks_exact_mut(LANES));
    for (vector, (fields, probabilities)) in vectors.enumerate() {
        let random = rng.step().upper;
        for (lane, (field, probability)) in fields.iter().zip(probabilities).enumerate() {
            let byte = if lane < UNITS_A_STEP {
                random[lane]
            } else {
                random[lane - UNITS_A_STEP] >> 8
            };
            let inside = vector * LANES + lane < units;
            *probability = if inside {
                probability8(*field, fraction_bits, byte as u8)
            } else {
                0
            };
        }
    }
    probabilities
        .iter_mut()
        .skip(units)
        .for_each(|probability| *probability = 0);
}

/// The probabilities of units from their fields in 1/65,536, held to 65,535. Draws nothing; the padding is like the
/// rest.
pub fn probabilities16(fields: &[i16], fraction_bits: u32, probabilities: &mut [u16]) {
    for (field, probability) in fields.iter().zip(probabilities) {
        *probability = probability16(*field, fraction_bits);
    }
}

/// Draws pixels as bits: bit `i` is set with probability pixel_i / 255, to within 2^-17. Two generator steps every 32
/// pixels (the last ones padded with zeros).
pub fn binarise(pixels: &[u8], rng: &mut ChainRng, bits: &mut [u64]) {
    bits.fill(0);
    for (vector, pixels) in pixels.chunks(LANES).enumerate() {
        let (first, second) = (rng.step(), rng.step());
        let random = first.upper.iter().chain(&second.upper);
        for (lane, (&pixel, &random)) in pixels.iter().zip(random).enumerate() {
            let at = vector * LANES + lane;
            if pixel_is_set(pixel, random)
                && let Some(word) = bits.get_mut(at / WORD)
            {
                *word |= 1 << (at % WORD);
            }
        }
    }
}

/// `random < pixel / 255 * 65536`, with the right side rounded to a whole number: 257 pixel, and one more from 128 on.
fn pixel_is_set(pixel: u8, random: u16) -> bool {
    let threshold = u32::from(pixel) * 257 + u32::from(pixel >> 7);
    u32::from(random) < threshold
}

/// Adds to `sums` the hidden probabilities at the data of the samples in `before`, and subtracts those at the end of
/// the chain of the samples in `after`: one visible unit's share of the gradient, in 1/256.
///
/// The rows of the [table of evidence](super::capacity) are `stride` long; `sums` are of the hidden units from `first`
/// on, a multiple of [`LANES`], as many as there are.
pub fn correlate(
    table: &[i16],
    stride: usize,
    first: usize,
    before: u64,
    after: u64,
    sums: &mut [i16],
) {
    let capacity = capacity(table, stride);
    let row = |at: usize| {
        table
            .get(at * stride + first..(at + 1) * stride)
            .unwrap_or_default()
    };
    for sample in ones(&[before]) {
        for (sum, p) in sums.iter_mut().zip(row(capacity + sample)) {
            *sum = sum.wrapping_add(*p);
        }
    }
    for sample in ones(&[after]) {
        for (sum, minus_p) in sums.iter_mut().zip(row(2 * capacity + sample)) {
            *sum = sum.wrapping_add(*minus_p);
        }
    }
}

/// Completes sample `sample`'s rows of a table of evidence, whose row of probabilities at the data is filled already,
/// by probabilities at the end of the chain: those of the hidden units from `first` on. Rows are `stride` long.
pub fn tabulate(chain: &[i16], stride: usize, first: usize, sample: usize, table: &mut [i16]) {
    let capacity = capacity(table, stride);
    for (at, q) in chain.iter().enumerate() {
        let entry = |row: usize| row * stride + first + at;
        let p = table.get(entry(capacity + sample)).copied().unwrap_or(0);
        for (row, value) in [(sample, p - *q), (2 * capacity + sample, -*q)] {
            if let Some(slot) = table.get_mut(entry(row)) {
                *slot = value;
            }
        }
    }
}

/// Sums rows element by element; sums wrap.
pub fn sum_rows<'a>(rows: impl Iterator<Item = &'a [i16]>, sums: &mut [i16]) {
    sums.fill(0);
    for row in rows {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add(*x);
        }
    }
}

/// Adds sums to wider ones, which are whole numbers of magnitude below 2^24 and therefore exact.
pub fn widen(sums: &[i16], wide: &mut [f32]) {
    for (wide, sum) in wide.iter_mut().zip(sums) {
        *wide += f32::from(*sum);
    }
}

/// Changes a row of weights by its gradient and writes its quantised copy. All slices have one padded length.
///
/// `norms` hold sums of magnitudes of quantised weights, of this row's among others, as the bits of `u16`: they change as
/// this row's magnitudes do, held to 65,535. A norm that was held stays above 32,767 until all its rows are quantised anew
/// from zero, if the magnitudes before this update sum to less than 32,768. Returns the sum of this row's magnitudes, held
/// to 32,767. `velocity` is empty where there is no momentum.
pub fn update(
    step: &Step,
    sums: &[i16],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    update_by(
        step,
        sums.iter().map(|&sum| f32::from(sum)),
        velocity,
        weights,
        quantised,
        norms,
    )
}

/// [`update`] by sums from [`widen`].
pub fn update_wide(
    step: &Step,
    sums: &[f32],
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    update_by(
        step,
        sums.iter().copied(),
        velocity,
        weights,
        quantised,
        norms,
    )
}

fn update_by(
    step: &Step,
    sums: impl Iterator<Item = f32>,
    velocity: &mut [f32],
    weights: &mut [f32],
    quantised: &mut [i16],
    norms: &mut [i16],
) -> i16 {
    let mut norm = 0_i16;
    let targets = weights.iter_mut().zip(quantised).zip(norms);
    for (at, (sum, ((weight, quantised), column))) in sums.zip(targets).enumerate() {
        let mut change = sum * step.rate;
        if let Some(velocity) = velocity.get_mut(at) {
            change += *velocity * step.momentum;
            *velocity = change;
        }
        *weight = *weight * step.keep + change;
        let before = quantised.unsigned_abs();
        *quantised = quantise(*weight, step.scale);
        let after = quantised.unsigned_abs();
        *column = (*column as u16)
            .saturating_sub(before)
            .saturating_add(after) as i16;
        norm = norm.saturating_add(quantised.abs());
    }
    norm
}

/// Writes rows as columns: element `j` of row `i` of `rows` (each `stride` long) goes to element `column + i` of row `j`
/// of `columns` (each `column_stride` long).
pub fn transpose_rows(
    rows: &[i16],
    stride: usize,
    columns: &mut [i16],
    column_stride: usize,
    column: usize,
) {
    for (i, row) in rows.chunks_exact(stride.max(1)).enumerate() {
        for (weight, target) in row
            .iter()
            .zip(columns.chunks_exact_mut(column_stride.max(1)))
        {
            if let Some(target) = target.get_mut(column + i) {
                *target = *weight;
            }
        }
    }
}

/// Number of positions at which two vectors of words differ.
#[must_use]
pub fn hamming(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
}
