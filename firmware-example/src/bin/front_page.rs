//! The recall of `bitspin-core`'s front page on a board: what stands between the marks is that page's, word for word.
//!
//! Ends with exit code 0 if the pattern is recalled, with 101 if an assertion fails, with 2 after an error.
#![no_std]
#![no_main]

use bitspin_firmware::board;

#[cortex_m_rt::entry]
fn main() -> ! {
    match recall() {
        Ok(()) => board::exit(0),
        Err(_) => board::exit(2),
    }
}

#[rustfmt::skip]
fn recall() -> Result<(), bitspin_core::Error> {
    // recall:begin
use bitspin_core::{Bits, Diagonal, Error, LearningRule, PatternMemory, Patterns, RecallChain, State, Stop};

static PATTERNS: [u64; 2] = [0x00ff, 0x0f0f];

let memory = PatternMemory::new(Patterns::new(16, &PATTERNS)?, LearningRule::Hebb, Diagonal::Zero)?;
let damaged = State::copy(&Bits::new(16, [0x00fe])?)?;
let mut chain = RecallChain::<_, 1, 2>::new(&memory, damaged)?; // 1 word of spins, 2 patterns
assert_eq!(chain.settle(10).stop, Stop::FixedPoint); // at most 10 sweeps
assert_eq!(chain.state().as_words(), [0x00ff]);
Ok::<(), Error>(())
    // recall:end
}
