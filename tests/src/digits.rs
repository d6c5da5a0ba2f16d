//! The digits that the firmware recalls, and what the desktop makes of them.

use std::fmt::Write;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset};
use bitspin::hopfield::Damage;
use bitspin_core::bits::Bits;
use bitspin_core::hopfield::{
    Diagonal, ExponentialMemory, LearningRule, PatternMemory, Patterns, exponential_table,
    exponential_table_len, settle_synchronous,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};

/// Digits that are stored: the first of the built-in sample.
pub const COUNT: usize = 32;
/// The share of the pixels that are turned over.
pub const NOISE: f64 = 0.15;
/// The seed of the noise.
pub const SEED: u64 = 5;
/// The steepness of the exponential memory.
pub const BETA: f64 = 1.0;
const SIDE: usize = 28;
const UNITS: usize = SIDE * SIDE;

/// The stored digits: set where a pixel is at least half as bright as can be.
///
/// # Panics
/// If the built-in sample does not load.
#[must_use]
pub fn patterns() -> BitMatrix {
    let digits = Dataset::load(None).expect("the built-in digits");
    let how = Binarisation::Threshold(0.5);
    BitMatrix::binarise(&digits.train.images.first(COUNT), how, 0, Purpose::Training)
}

/// The terms of the exponential memory.
///
/// # Panics
/// Never, for the steepness of this module.
#[must_use]
pub fn exponentials() -> Vec<u32> {
    let mut table = vec![0; exponential_table_len(BETA)];
    exponential_table(BETA, &mut table).expect("a steepness");
    table
}

/// FNV-1a, 64 bits, over the bytes of words, the lowest byte of a word first.
#[must_use]
pub fn digest(words: &[u64]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// What the desktop makes of the damaged digits: for each, one sweep of the exponential memory, of Hebb's rule and of the
/// covariance rule, and the state that the exponential memory settles in.
///
/// # Panics
/// Never: all shapes are those of this module.
#[must_use]
pub fn states() -> Vec<u64> {
    let digits = patterns();
    let patterns = Patterns::new(UNITS, digits.bits()).expect("digits");
    let exponential = ExponentialMemory::new(patterns, exponentials()).expect("a memory");
    let hebb = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).expect("a memory");
    let covariance = PatternMemory::new(patterns, LearningRule::Covariance, Diagonal::Kept);
    let covariance = covariance.expect("a memory");
    let networks: [&dyn Network; 3] = [&exponential, &hebb, &covariance];
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let mut states = Vec::new();
    for stored in digits.iter() {
        let mut state = stored.to_vec();
        Damage::Noise(NOISE).apply(&mut state, (SIDE, SIDE), &mut noise);
        for network in networks {
            let mut next = vec![0; state.len()];
            network.synchronous(&state, &mut vec![0; network.cache_len()], &mut next);
            states.extend(next);
        }
        let mut scratch = vec![0; 2 * state.len()];
        let mut bits = Bits::new(UNITS, &mut state[..]).expect("a state");
        let cache = &mut [0; COUNT + 1];
        settle_synchronous(&exponential, &mut bits, cache, &mut scratch, 20).expect("lengths");
        states.extend(state);
    }
    states
}

fn list(numbers: &[u32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    numbers.join(", ")
}

/// The firmware's source file with digits, terms and digest.
#[must_use]
pub fn source() -> String {
    let (patterns, exponentials) = (patterns(), exponentials());
    let mut text = format!(
        "//! {COUNT} digits of MNIST (CC BY-SA 3.0), and what a desktop makes of them.
//!
//! Written by `cargo run -p bitspin-tests --bin firmware-digits`; a test holds it to what that writes.

/// Digits.
pub const COUNT: usize = {COUNT};
/// Pixels of a row, and rows.
pub const SIDE: usize = {SIDE};
/// Pixels.
pub const UNITS: usize = SIDE * SIDE;
/// The seed of the noise.
pub const SEED: u64 = {SEED};
/// A pixel is turned over where 32 random bits are below this: {NOISE} of them.
pub const NOISE: u32 = {};
/// The digest of all states that a desktop walks through.
pub const DIGEST: u64 = {:#018x};
/// exp(-2 beta k) in 31 binary places, beta = {BETA}.
pub static EXPONENTIALS: [u32; {}] = {};
/// The digits, one bit per pixel.
pub static PATTERNS: [u64; {}] = [
",
        (NOISE * 2.0_f64.powi(32)).round() as u64,
        digest(&states()),
        exponentials.len(),
        format_args!("[\n    {},\n]", list(&exponentials)),
        patterns.bits().len(),
    );
    for word in patterns.bits() {
        writeln!(text, "    {word:#018x},").expect("a string grows");
    }
    text + "];\n"
}
