//! Recalls damaged digits from a memory in flash, and draws the first three.
//!
//! All 32 digits lose 15% of their pixels to random noise and are recalled by the exponential memory, all
//! spins at once. Digits look alike, so that Hebb's rule recalls a mixture of them: it and the covariance rule make one
//! sweep each, for comparison. Ends with exit code 0 if every state of every network is the desktop's, to the bit.
#![no_std]
#![no_main]

use bitspin_core::Error;
use bitspin_core::bits::{Bits, words};
use bitspin_core::hopfield::{
    Diagonal, ExponentialMemory, LearningRule, PatternMemory, Patterns, settle_synchronous,
};
use bitspin_core::network::Network;
use bitspin_core::rng::{Purpose, Streams};
use bitspin_firmware::board::{self, Board, Timer};
use bitspin_firmware::console::Console;
use bitspin_firmware::digits::{COUNT, DIGEST, EXPONENTIALS, NOISE, PATTERNS, SEED, SIDE, UNITS};
use bitspin_firmware::{picture, report};
use bitspin_trials::digest::Digest;
use embedded_io::Write;
use rand_core::Rng;

const WORDS: usize = words(UNITS);
/// Digits that are drawn.
const DRAWN: usize = 3;
/// The most sweeps of a recall.
const SWEEPS: u32 = 20;

#[cortex_m_rt::entry]
fn main() -> ! {
    let Some(board) = Board::take() else {
        board::exit(2);
    };
    let mut console = Console::new(board.uart);
    console.text("bitspin on a ").text(board::NAME).line();
    match recall_all(&mut console, board.timer) {
        Ok(DIGEST) => board::exit(0),
        Ok(_) => board::exit(1),
        Err(_) => board::exit(2),
    }
}

/// Counts of a network's synchronous sweeps, one per digit.
#[derive(Default)]
struct Sweeps {
    ticks: u32,
    count: u32,
}

impl Sweeps {
    /// Makes one sweep and returns the next state.
    fn one(
        &mut self,
        network: &impl Network,
        state: &[u64],
        cache: &mut [i32],
        timer: &mut Timer,
    ) -> [u64; WORDS] {
        let mut next = [0; WORDS];
        let before = timer.ticks();
        network.synchronous(state, cache, &mut next);
        self.ticks += timer.ticks().wrapping_sub(before);
        self.count += 1;
        next
    }

    fn mean(&self) -> u32 {
        (Timer::counted(self.ticks) / u64::from(self.count.max(1))) as u32
    }
}

/// Damages and recalls every digit, and returns the digest of all states.
fn recall_all(console: &mut Console<impl Write>, mut timer: Timer) -> Result<u64, Error> {
    let patterns = Patterns::new(UNITS, &PATTERNS[..])?;
    let exponential = ExponentialMemory::new(patterns, &EXPONENTIALS[..])?;
    let hebb = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero)?;
    let covariance = PatternMemory::new(patterns, LearningRule::Covariance, Diagonal::Kept)?;
    let mut noise = Streams::new(SEED, Purpose::Evaluation).next_stream();
    let mut sweeps: [Sweeps; 3] = Default::default();
    let mut digest = Digest::default();
    let (mut exact, mut sum_before, mut sum_after) = (0, 0, 0);

    for mu in 0..COUNT {
        let Some(stored) = patterns.get(mu) else {
            continue;
        };
        let mut state = Bits::<[u64; WORDS]>::zeros(UNITS)?;
        for unit in 0..UNITS {
            let set = stored.get(unit) == Some(true);
            state.set(unit, set ^ (noise.next_u32() < NOISE));
        }
        let damaged = state;
        let start = damaged.as_words();

        let mut cache = [0; COUNT + 1];
        digest.add(&sweeps[0].one(&exponential, start, &mut cache, &mut timer));
        digest.add(&sweeps[1].one(&hebb, start, &mut cache, &mut timer));
        digest.add(&sweeps[2].one(&covariance, start, &mut cache, &mut timer));

        let mut scratch = [0; 2 * WORDS];
        settle_synchronous(&exponential, &mut state, &mut cache, &mut scratch, SWEEPS)?;
        digest.add(state.as_words());
        exact += u32::from(stored.hamming(&state)? == 0);
        sum_before += UNITS as u32 - 2 * stored.hamming(&damaged)?;
        sum_after += UNITS as u32 - 2 * stored.hamming(&state)?;
        if mu < DRAWN {
            picture::side_by_side(console, SIDE, &[damaged.as_words(), state.as_words()]);
        }
    }

    console.text("recalled: ").number(exact).text(" of ");
    console.number(COUNT as u32).line();
    let thousandths = |sum: u32| sum * 1000 / (UNITS * COUNT) as u32;
    console.text("overlap, in thousandths: ");
    console.number(thousandths(sum_before)).text(" before, ");
    console.number(thousandths(sum_after)).text(" after").line();
    for (sweeps, name) in
        sweeps
            .iter()
            .zip(["sweep, exponential", "sweep, Hebb", "sweep, covariance"])
    {
        report::work(console, name, sweeps.mean());
    }
    report::end(console, digest.value());
    Ok(digest.value())
}
