//! Contrastive divergence on a device: integers only, in buffers of fixed size.

use super::gibbs::draw;
use super::{Buffers, CompactRbm, NumberFormat, WeightFormat, check_buffers, check_format};
use crate::Error;
use crate::bits::{Bits, WORD, words};
use crate::error::check_len;
use crate::fixed::{FIELD_LIMIT, probability16};
use crate::rbm::Shape;
use crate::rng::{ChainRng, UNITS_A_STEP};

/// Binary places of probabilities and of the learning rate together.
const PLACES: u32 = 15 + 16;

/// The buffers of a [`Learner`].
#[derive(Debug)]
pub struct LearnerBuffers<'a> {
    /// The model: codes of [`WeightFormat::I16`], two bytes each, and biases.
    pub model: Buffers<&'a mut [u8], &'a mut [i16]>,
    /// \[visible\]: for every visible unit, the sum of magnitudes of its weights and its bias. Any content.
    pub visible_norms: &'a mut [u16],
    /// \[hidden\]: the same for the hidden units.
    pub hidden_norms: &'a mut [u16],
    /// [`Learner::scratch_len`] numbers of any content.
    pub scratch: &'a mut [i16],
    /// Two states of the visible and of the hidden layer's words; see [`Learner::states_len`]. Any content.
    pub states: &'a mut [u64],
}

/// An RBM that learns one example after the other by CD-1 (Hinton 2002), all in integers.
///
/// An update is W_ij += rate (v_i p(h_j | v) - v'_i p(h_j | v')), and the same for the biases, with v' drawn by one Gibbs
/// step from v. Weights have 16 bits and `fraction_bits` binary places; an update is smaller than the last of them most of
/// the time, so it is rounded up or down at random by 32 bits of the chain's generator, which leaves its expectation as it
/// is. All examples of an update share a hidden unit's three roundings. No number here is a float, no division is made, and
/// the weights after any number of steps are the same on every platform.
///
/// A weight or bias whose update would let a field overflow stays as it is, so that the model is valid after every step.
///
/// A step costs three passes over the weights, those of two Gibbs half steps and one more, and the update of the rows of
/// the visible units that are set in v or v'.
///
/// ```
/// use bitspin_core::bits::Bits;
/// use bitspin_core::rbm::compact::{Buffers, Learner, LearnerBuffers};
/// use bitspin_core::rbm::Shape;
/// use bitspin_core::rng::{Purpose, Streams};
/// let shape = Shape::new(4, 2)?;
/// let (mut codes, mut b, mut c) = ([0; 16], [0; 4], [0; 2]);
/// let (mut visible_norms, mut hidden_norms) = ([0; 4], [0; 2]);
/// let (mut scratch, mut states) = ([0; 10], [0; 2]);
/// let mut learner = Learner::new(shape, 11, LearnerBuffers {
///     model: Buffers { codes: &mut codes, visible_bias: &mut b, hidden_bias: &mut c },
///     visible_norms: &mut visible_norms,
///     hidden_norms: &mut hidden_norms,
///     scratch: &mut scratch,
///     states: &mut states,
/// })?;
/// let mut rng = Streams::new(1, Purpose::Chains).next_chain();
/// for example in [0b0011, 0b1100].iter().cycle().take(2000) {
///     learner.step(&Bits::new(4, [*example])?, 3277, &mut rng)?;
/// }
/// // What was shown is more likely than what was not.
/// let model = learner.model();
/// let mut fields = [0; 2];
/// let mut free_energy = |v: u64| model.free_energy_fixed(&Bits::new(4, [v])?, &mut fields);
/// let shown = free_energy(0b0011)?.max(free_energy(0b1100)?);
/// for other in [0b0101, 0b1001, 0b0110, 0b1010] {
///     assert!(shown < free_energy(other)?);
/// }
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Learner<'a> {
    shape: Shape,
    fraction_bits: u32,
    buffers: LearnerBuffers<'a>,
}

impl<'a> Learner<'a> {
    /// Numbers of [`LearnerBuffers::scratch`]: the fields of the larger layer, and three numbers per hidden unit.
    #[must_use]
    pub const fn scratch_len(shape: Shape) -> usize {
        let fields = if shape.visible() > shape.hidden() {
            shape.visible()
        } else {
            shape.hidden()
        };
        fields + 3 * shape.hidden()
    }

    /// Words of [`LearnerBuffers::states`]: a visible and a hidden vector.
    #[must_use]
    pub const fn states_len(shape: Shape) -> usize {
        words(shape.visible()) + words(shape.hidden())
    }

    /// Makes a learner that continues from the weights and biases in its buffers. O(visible x hidden).
    ///
    /// # Errors
    /// What [`CompactRbm::new`] finds; [`Error::Length`] if a buffer has another length than [`LearnerBuffers`] states;
    /// [`Error::OutOfRange`] if there are no `fraction_bits`.
    pub fn new(
        shape: Shape,
        fraction_bits: u32,
        buffers: LearnerBuffers<'a>,
    ) -> Result<Self, Error> {
        let mut learner = Self {
            shape,
            fraction_bits,
            buffers,
        };
        let format = learner.format();
        check_format(format)?;
        if fraction_bits == 0 {
            return Err(Error::OutOfRange {
                what: "fraction_bits",
                expected: "1..=11",
            });
        }
        let own = &learner.buffers;
        for (what, expected, found) in [
            ("visible_norms", shape.visible, own.visible_norms.len()),
            ("hidden_norms", shape.hidden, own.hidden_norms.len()),
            ("scratch", Self::scratch_len(shape), own.scratch.len()),
            ("states", Self::states_len(shape), own.states.len()),
        ] {
            check_len(what, expected, found)?;
        }
        let borrowed = learner.borrowed();
        check_buffers(shape, format.weights, &borrowed)?;
        CompactRbm::new(shape, format, borrowed)?;
        learner.sum_magnitudes();
        Ok(learner)
    }

    /// The current model.
    #[must_use]
    pub fn model(&self) -> CompactRbm<&[u8], &[i16]> {
        CompactRbm {
            shape: self.shape,
            format: self.format(),
            buffers: self.borrowed(),
        }
    }

    /// Draws new weights from -amplitude..=amplitude, in units of 2^-fraction_bits, and clears the biases: learning needs hidden
    /// units that differ. The amplitude is clamped so that all fields stay in range.
    pub fn scatter(&mut self, amplitude: u8, rng: &mut ChainRng) {
        let most = FIELD_LIMIT as u32 / (self.shape.visible.max(self.shape.hidden) as u32 + 1);
        let span = 2 * u32::from(amplitude).min(most) + 1;
        let model = &mut self.buffers.model;
        let (codes, _) = model.codes.as_chunks_mut::<2>();
        for codes in codes.chunks_mut(UNITS_A_STEP) {
            let random = rng.step().upper;
            for (code, random) in codes.iter_mut().zip(random) {
                let drawn = (u32::from(random) * span) >> 16;
                *code = (drawn as i16 - (span / 2) as i16).to_le_bytes();
            }
        }
        model.visible_bias.fill(0);
        model.hidden_bias.fill(0);
        self.sum_magnitudes();
    }

    /// Learns one example, and returns the number of units in which its reconstruction v' differs from it. `rate` is the
    /// learning rate in 2^-16, clamped to 1..=32767 (just under a half).
    ///
    /// # Errors
    /// [`Error::Length`] if the example has another number of units than the visible layer.
    pub fn step<T: AsRef<[u64]>>(
        &mut self,
        example: &Bits<T>,
        rate: u16,
        rng: &mut ChainRng,
    ) -> Result<u32, Error> {
        check_len("example", self.shape.visible, example.len())?;
        Ok(self.learn(example.as_words(), rate, rng))
    }

    fn learn(&mut self, example: &[u64], rate: u16, rng: &mut ChainRng) -> u32 {
        let shape = self.shape;
        let rate = i32::from(rate.clamp(1, 32_767));
        let (fields_len, hidden) = (shape.visible.max(shape.hidden), shape.hidden);
        let visible_words = shape.visible_words();
        // What changes beside the model, in the order of the buffers.
        let scratch = core::mem::take(&mut self.buffers.scratch);
        let states = core::mem::take(&mut self.buffers.states);
        let (fields, deltas) = scratch.split_at_mut(fields_len);
        let (fantasy, drawn) = states.split_at_mut(visible_words);
        {
            let model = self.model();
            model.sum_hidden(example, &mut fields[..hidden]);
            probabilities(&fields[..hidden], self.fraction_bits, deltas);
            draw(&fields[..hidden], self.fraction_bits, rng, drawn);
            model.sum_visible(drawn, &mut fields[..shape.visible]);
            draw(&fields[..shape.visible], self.fraction_bits, rng, fantasy);
            model.sum_hidden(fantasy, &mut fields[..hidden]);
        }
        let (data, rest) = deltas.split_at_mut(hidden);
        let (both, chain) = rest.split_at_mut(hidden);
        probabilities(&fields[..hidden], self.fraction_bits, chain);
        let shift = PLACES - self.fraction_bits;
        let mut rounding = Rounding::new(rng);
        for ((p, both), q) in data.iter_mut().zip(both.iter_mut()).zip(chain.iter_mut()) {
            // A share of the last place, the same for the three.
            let random = rounding.next() >> (32 - shift);
            let step = |p: i32| ((p * rate + random as i32) >> shift) as i16;
            let (before, after) = (i32::from(*p), i32::from(*q));
            (*p, *both, *q) = (step(before), step(before - after), step(-after));
        }
        let random = rounding.next() >> (32 - shift);
        // A probability of one, for the visible units.
        let one = |sign: i32| ((sign * (rate << 15) + random as i32) >> shift) as i16;
        self.update(example, fantasy, [data, both, chain], [one(1), one(-1)]);
        let wrong = crate::bits::hamming(example, fantasy);
        self.buffers.scratch = scratch;
        self.buffers.states = states;
        wrong
    }

    /// Adds the deltas: of `[data, both, chain]`, the one that says where a visible unit was set.
    fn update(
        &mut self,
        example: &[u64],
        fantasy: &[u64],
        deltas: [&[i16]; 3],
        [up, down]: [i16; 2],
    ) {
        let [data, both, chain] = deltas;
        let own = &mut self.buffers;
        let rows = own.model.codes.chunks_exact_mut(2 * self.shape.hidden);
        let units = rows.zip(own.model.visible_bias.iter_mut());
        let units = units.zip(own.visible_norms.iter_mut()).enumerate();
        for (i, ((row, bias), norm)) in units {
            let deltas = match (bit(example, i), bit(fantasy, i)) {
                (true, true) => both,
                (true, false) => data,
                (false, true) => chain,
                (false, false) => continue,
            };
            let (codes, _) = row.as_chunks_mut::<2>();
            let hidden = deltas.iter().zip(own.hidden_norms.iter_mut());
            for (code, (&delta, hidden_norm)) in codes.iter_mut().zip(hidden) {
                let old = i16::from_le_bytes(*code);
                *code = moved(old, delta, [norm, hidden_norm]).to_le_bytes();
            }
            if bit(example, i) != bit(fantasy, i) {
                let delta = if bit(example, i) { up } else { down };
                *bias = moved(*bias, delta, [norm, &mut 0]);
            }
        }
        let biases = own.model.hidden_bias.iter_mut();
        let norms = own.hidden_norms.iter_mut();
        for ((bias, &delta), norm) in biases.zip(both).zip(norms) {
            *bias = moved(*bias, delta, [norm, &mut 0]);
        }
    }

    fn format(&self) -> NumberFormat {
        NumberFormat {
            weights: WeightFormat::I16,
            weight_scale: 1,
            fraction_bits: self.fraction_bits,
        }
    }

    fn borrowed(&self) -> Buffers<&[u8], &[i16]> {
        let model = &self.buffers.model;
        Buffers {
            codes: model.codes,
            visible_bias: model.visible_bias,
            hidden_bias: model.hidden_bias,
        }
    }

    /// The norms of the model as it stands, all of which fit.
    fn sum_magnitudes(&mut self) {
        let own = &mut self.buffers;
        for (norms, biases) in [
            (&mut *own.visible_norms, &own.model.visible_bias),
            (&mut *own.hidden_norms, &own.model.hidden_bias),
        ] {
            for (norm, bias) in norms.iter_mut().zip(biases.iter()) {
                *norm = bias.unsigned_abs();
            }
        }
        let rows = own.model.codes.chunks_exact(2 * self.shape.hidden);
        for (row, norm) in rows.zip(own.visible_norms.iter_mut()) {
            for (code, hidden_norm) in row.as_chunks().0.iter().zip(own.hidden_norms.iter_mut()) {
                let magnitude = i16::from_le_bytes(*code).unsigned_abs();
                *norm += magnitude;
                *hidden_norm += magnitude;
            }
        }
    }
}

/// A parameter after a step of `delta`, and the sums of magnitudes that it is part of; as they were if one would be as
/// large as a field may be.
#[inline(always)]
fn moved(old: i16, delta: i16, norms: [&mut u16; 2]) -> i16 {
    let new = old.saturating_add(delta);
    let change = i32::from(new).abs() - i32::from(old).abs();
    let sums = norms.map(|norm| (i32::from(*norm) + change, norm));
    if sums.iter().any(|&(sum, _)| sum >= FIELD_LIMIT) {
        return old;
    }
    for (sum, norm) in sums {
        *norm = sum as u16;
    }
    new
}

/// Random numbers of 32 bits, sixteen a step of the generator.
struct Rounding<'a> {
    rng: &'a mut ChainRng,
    numbers: [u32; UNITS_A_STEP],
    used: usize,
}

impl<'a> Rounding<'a> {
    fn new(rng: &'a mut ChainRng) -> Self {
        Self {
            rng,
            numbers: [0; UNITS_A_STEP],
            used: UNITS_A_STEP,
        }
    }

    fn next(&mut self) -> u32 {
        if self.used == UNITS_A_STEP {
            let drawn = self.rng.step();
            let parts = drawn.upper.iter().zip(&drawn.lower);
            for (number, (&upper, &lower)) in self.numbers.iter_mut().zip(parts) {
                *number = u32::from(upper) << 16 | u32::from(lower);
            }
            self.used = 0;
        }
        let number = self.numbers.get(self.used).copied().unwrap_or(0);
        self.used += 1;
        number
    }
}

/// Probabilities in 2^-15.
fn probabilities(fields: &[i16], fraction_bits: u32, into: &mut [i16]) {
    for (to, &field) in into.iter_mut().zip(fields) {
        *to = (probability16(field, fraction_bits) >> 1) as i16;
    }
}

fn bit(words: &[u64], at: usize) -> bool {
    // In 32 bits, since a Cortex-M0 calls a function to shift 64.
    let word = words.get(at / WORD).copied().unwrap_or(0);
    let half = if at % WORD < 32 {
        word as u32
    } else {
        (word >> 32) as u32
    };
    half >> (at % 32) & 1 != 0
}

#[cfg(test)]
mod tests;
