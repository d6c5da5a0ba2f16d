//! The kernels in plain loops.

use crate::bits::WORD;
use crate::fixed::{decide, logistic16, magnitude, probability8, probability16};
use crate::kernel::LANES;
use crate::rng::{ChainRng, UNITS_A_STEP};

/// Draws the units of one chain from their fields: bit `i` is set with probability sigmoid(field_i / 2^fraction_bits).
///
/// `fields` is [`padded`](crate::kernel::padded), `bits` holds the words of `units` bits. Two generator steps every 32 fields.
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
#[inline(always)]
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
