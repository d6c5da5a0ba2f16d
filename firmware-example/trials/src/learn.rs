//! Learning on the device: a new pattern in a Hopfield memory, and an RBM from examples.

use bitspin_core::Error;
use bitspin_core::bits::{Bits, State, words};
use bitspin_core::hopfield::{ExponentialMemory, OwnedPatterns, Patterns, RecallChain};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::compact::{Buffers, Learner, LearnerBuffers};
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;

use crate::digest::Digest;
use crate::expected::EXPONENTIALS;
use crate::{Clock, EXAMPLES, Models, PIXELS, SEED, SHAPE, Tally, patterns};

/// Hidden units of the RBM that learns.
pub const UNITS: usize = 16;
/// Binary places of its weights.
const FRACTION_BITS: u32 = 9;
/// The learning rate, 0.05 in 2^-16.
const RATE: u16 = 3277;
/// Times that every example is learned.
pub const PASSES: u32 = 10;
/// Pixels of a digit of the memory, and digits.
const LARGE: usize = 28 * 28;
const DIGITS: usize = 32;
/// Words of a digit.
const WORDS: usize = words(LARGE);
/// A pixel is turned over where 32 random bits are below this: 0.15 of them.
const NOISE: u32 = 644_245_094;

/// Results of storing a pattern.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stored {
    /// The digest of the states below.
    pub digest: u64,
    /// Pixels that the recall of the new digit has wrong before it is stored, and after.
    pub wrong: [u32; 2],
}

/// Stores the last digit of the memory in a store that has the others, and recalls it from damage before and after. Shows
/// the damaged digit and both recalls.
///
/// # Errors
/// [`Error`] if the memory is not one of this shape.
pub fn store(models: &Models<'_>, mut show: impl FnMut([&[u64]; 3])) -> Result<Stored, Error> {
    let all = patterns(models.memory)?;
    let all = all.patterns();
    if (all.units(), all.count()) != (LARGE, DIGITS) {
        return Err(SHAPE);
    }
    let known = all.as_words().get(..(DIGITS - 1) * all.words());
    let known = Patterns::new(LARGE, known.unwrap_or_default())?;
    let new = all.get(DIGITS - 1).ok_or(SHAPE)?;
    let mut store = OwnedPatterns::<LARGE, WORDS, DIGITS>::new();
    for digit in known.iter() {
        store.push(&Bits::new(LARGE, digit)?)?;
    }
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let mut damaged = State::<WORDS>::of::<LARGE>();
    for unit in 0..LARGE {
        let set = new.get(unit) == Some(true);
        damaged.set(unit, set ^ (noise.next_u32() < NOISE));
    }
    let mut recalls = [damaged.clone(), damaged.clone()];
    let mut result = Stored::default();
    let mut digest = Digest::default();
    for (state, wrong) in recalls.iter_mut().zip(&mut result.wrong) {
        let memory = ExponentialMemory::new(store.patterns()?, &EXPONENTIALS[..])?;
        let start = core::mem::replace(state, State::of::<LARGE>());
        let mut chain = RecallChain::<_, WORDS, { DIGITS + 1 }>::new(&memory, start)?;
        chain.settle(20);
        *state = chain.into_state();
        *wrong = new.hamming(state)?;
        digest.add(state.as_words());
        store.push(&new)?;
    }
    digest.add(store.patterns()?.as_words());
    let [before, after] = &recalls;
    show([damaged.as_words(), before.as_words(), after.as_words()]);
    result.digest = digest.value();
    Ok(result)
}

/// Results of training.
#[derive(Clone, Copy, Debug, Default)]
pub struct Learned {
    /// The digest of weights and biases after every pass.
    pub digest: u64,
    /// Pixels that the reconstructions of all examples have wrong, in the first pass and in the last.
    pub wrong: [u32; 2],
    /// Steps of contrastive divergence.
    pub step: Tally,
}

/// Learns the examples by CD-1, from small random weights. Shows the wrong pixels of every pass.
///
/// # Errors
/// [`Error`] if the digits are not of this shape.
pub fn contrast(
    models: &Models<'_>,
    clock: &mut impl Clock,
    mut show: impl FnMut(u32, u32),
) -> Result<Learned, Error> {
    let digits = patterns(models.digits)?;
    if digits.patterns().units() != PIXELS {
        return Err(SHAPE);
    }
    let shape = Shape::new(PIXELS, UNITS)?;
    let buffers = LearnerBuffers {
        model: Buffers {
            codes: &mut [0; 2 * PIXELS * UNITS],
            visible_bias: &mut [0; PIXELS],
            hidden_bias: &mut [0; UNITS],
        },
        visible_norms: &mut [0; PIXELS],
        hidden_norms: &mut [0; UNITS],
        scratch: &mut [0; PIXELS + 3 * UNITS],
        states: &mut [0; words(PIXELS) + words(UNITS)],
    };
    let mut learner = Learner::new(shape, FRACTION_BITS, buffers)?;
    let mut rng = Streams::new(SEED, Purpose::Training).next_chain();
    learner.scatter(10, &mut rng);
    let mut learned = Learned::default();
    let mut digest = Digest::default();
    for pass in 1..=PASSES {
        let mut wrong = 0;
        for digit in digits.patterns().iter().take(EXAMPLES) {
            let digit = Bits::new(PIXELS, digit)?;
            wrong += (learned.step).of(clock, || learner.step(&digit, RATE, &mut rng))?;
        }
        let model = learner.model();
        let own = model.buffers();
        for codes in own.codes.as_chunks::<8>().0 {
            digest.add(&[u64::from_le_bytes(*codes)]);
        }
        for &bias in own.visible_bias.iter().chain(own.hidden_bias) {
            digest.add(&[bias as u64]);
        }
        if pass == 1 {
            learned.wrong[0] = wrong;
        }
        learned.wrong[1] = wrong;
        show(pass, wrong);
    }
    learned.digest = digest.value();
    Ok(learned)
}
