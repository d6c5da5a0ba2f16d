//! The body of the fuzz target on seeds and seeded mutations of them, under any compiler: `mutate [SECONDS]`.
//!
//! It knows nothing of coverage, as libFuzzer does, but it runs where libFuzzer does not. What it did is printed, and the
//! bytes that made it panic are.

use std::time::{Duration, Instant};
use std::{env, panic};

use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_fuzz::{blob, seeds};

/// Mutations between two looks at the clock, so that every run does these at least.
const ROUND: u64 = 20_000;

/// A byte of the magic, so that most mutations get past it.
const MAGIC: usize = 8;

struct Random {
    rng: ChainRng,
    numbers: Vec<u32>,
}

impl Random {
    fn below(&mut self, end: usize) -> usize {
        if self.numbers.is_empty() {
            let draw = self.rng.step();
            let pairs = draw.upper.iter().zip(draw.lower);
            self.numbers
                .extend(pairs.map(|(&upper, lower)| u32::from(upper) << 16 | u32::from(lower)));
        }
        self.numbers.pop().unwrap_or(0) as usize % end.max(1)
    }
}

/// Changes, inserts, removes, doubles, cuts, or crosses with another seed, up to six times.
fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = MAGIC + random.below(bytes.len().saturating_sub(MAGIC));
        let at = at.min(bytes.len());
        match random.below(16) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.below(256) as u8),
            2 if at < bytes.len() => _ = bytes.remove(at),
            3 => {
                let behind = (at + 8).min(bytes.len());
                let copy = bytes[at..behind].to_vec();
                bytes.splice(at..at, copy);
            }
            4 => {
                let other = &seeds[random.below(seeds.len())];
                bytes.truncate(at);
                bytes.extend(other.iter().skip(at));
            }
            kind => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = match kind % 3 {
                        0 => random.below(256) as u8,
                        1 => *byte ^ 1 << random.below(8),
                        _ => byte.wrapping_add(random.below(5) as u8).wrapping_sub(2),
                    };
                }
            }
        }
    }
}

fn main() {
    let seconds = env::args().nth(1).map_or(Ok(10), |word| word.parse());
    let Ok(seconds) = seconds else {
        eprintln!(
            "error: not a number of seconds: {}",
            env::args().nth(1).unwrap_or_default()
        );
        std::process::exit(2);
    };
    let (seeds, start) = (seeds(), Instant::now());
    let mut random = Random {
        rng: Streams::new(1, Purpose::Chains).next_chain(),
        numbers: Vec::new(),
    };
    seeds.iter().for_each(|seed| blob(seed));
    let mut runs = 0_u64;
    while runs == 0 || start.elapsed() < Duration::from_secs(seconds) {
        for _ in 0..ROUND {
            let mut bytes = seeds[random.below(seeds.len())].clone();
            mutate(&mut bytes, &seeds, &mut random);
            if let Err(cause) = panic::catch_unwind(|| blob(&bytes)) {
                eprintln!("after {runs} mutations, by these bytes: {bytes:02x?}");
                panic::resume_unwind(cause);
            }
            runs += 1;
        }
    }
    println!(
        "{runs} mutations of {} seeds: no panic, no model with two blobs",
        seeds.len()
    );
}
