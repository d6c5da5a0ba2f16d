//! The bodies of the fuzz targets on seeds and seeded mutations of them, under any compiler: `mutate [SECONDS [TARGET...]]`,
//! with so many seconds for each target.
//!
//! It knows nothing of coverage, as libFuzzer does, but it runs where libFuzzer does not. What it did is printed, and the
//! bytes that made it panic are.

use std::time::{Duration, Instant};
use std::{env, panic};

use bitspin_core::rng::{ChainRng, Purpose, Streams};
use bitspin_fuzz::{TARGETS, Target};

/// Mutations between two looks at the clock, so that every run does these at least.
const ROUND: u64 = 100;

/// The longest input, in bytes.
const MOST_BYTES: usize = 4096;

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

/// Changes, inserts, removes, doubles, cuts, or crosses with another seed, up to six times; behind the format's first bytes, and
/// sometimes within them.
fn mutate(bytes: &mut Vec<u8>, magic: usize, seeds: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let magic = if random.below(16) == 0 { 0 } else { magic };
        let at = magic + random.below(bytes.len().saturating_sub(magic));
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

/// Tries a target for so long; returns the number of mutations.
fn try_target(target: &Target, time: Duration) -> u64 {
    let (seeds, start) = ((target.seeds)(), Instant::now());
    let mut random = Random {
        rng: Streams::new(1, Purpose::Chains).next_chain(),
        numbers: Vec::new(),
    };
    let mut runs = 0;
    let mut attempt = |bytes: &[u8]| {
        if let Err(cause) = panic::catch_unwind(|| (target.run)(bytes)) {
            eprintln!(
                "{} after {runs} mutations, by these bytes: {bytes:02x?}",
                target.name
            );
            panic::resume_unwind(cause);
        }
        runs += 1;
    };
    seeds.iter().for_each(|seed| attempt(seed));
    loop {
        for _ in 0..ROUND {
            let mut bytes = seeds[random.below(seeds.len())].clone();
            mutate(&mut bytes, target.magic, &seeds, &mut random);
            bytes.truncate(MOST_BYTES);
            attempt(&bytes);
        }
        if start.elapsed() >= time {
            return runs;
        }
    }
}

fn main() {
    let mut words = env::args().skip(1);
    let seconds = words.next().unwrap_or("5".into());
    let Ok(seconds) = seconds.parse() else {
        eprintln!("error: not a number of seconds: {seconds}");
        std::process::exit(2);
    };
    let names: Vec<_> = words.collect();
    let targets = TARGETS
        .iter()
        .filter(|target| names.is_empty() || names.iter().any(|name| name == target.name));
    for target in targets {
        let runs = try_target(target, Duration::from_secs_f64(seconds));
        println!("{:<12} {runs} inputs, no panic", target.name);
    }
}
