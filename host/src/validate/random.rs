//! Random inputs for comparisons.

use bitspin_core::bits::{WORD, tail_mask, words};
use bitspin_core::rng::{ChainRng, Draw, Purpose, Streams, UNITS_A_STEP};

/// Random numbers and chains of one seed. What it draws is input; no decision of the engine's is taken with it.
#[derive(Clone, Debug)]
pub struct Random {
    streams: Streams,
    rng: ChainRng,
    draw: Draw,
    used: usize,
}

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut streams = Streams::new(seed, Purpose::Evaluation);
        let mut rng = streams.next_chain();
        let draw = rng.step();
        Self {
            streams,
            rng,
            draw,
            used: 0,
        }
    }

    /// Generators for so many chains, which no one else has.
    pub fn chains(&mut self, chains: usize) -> Vec<ChainRng> {
        (0..chains).map(|_| self.streams.next_chain()).collect()
    }

    /// 32 random bits.
    pub fn bits32(&mut self) -> u32 {
        if self.used == UNITS_A_STEP {
            self.draw = self.rng.step();
            self.used = 0;
        }
        let at = self.used;
        self.used += 1;
        u32::from(self.draw.upper[at]) << 16 | u32::from(self.draw.lower[at])
    }

    /// A number between `-scale` and `scale`, a multiple of 2^-20: a float32 holds it, and sums of many are exact in
    /// float64.
    pub fn number(&mut self, scale: f64) -> f64 {
        let unit = f64::from(self.bits32() as i32) / f64::from(1_u32 << 31);
        (unit * scale * f64::from(1 << 20)).round() / f64::from(1 << 20)
    }

    /// So many numbers between `-scale` and `scale`.
    pub fn numbers(&mut self, count: usize, scale: f64) -> Vec<f64> {
        (0..count).map(|_| self.number(scale)).collect()
    }

    /// 16-bit numbers of `bits` bits, sign included; never -32,768.
    pub fn fixed(&mut self, count: usize, bits: u32) -> Vec<i16> {
        let number = |random: u32| ((random as i16) >> (16 - bits)).max(-i16::MAX);
        (0..count).map(|_| number(self.bits32())).collect()
    }

    /// Packed vectors of `units` bits: by turns half full, sparse, full and empty.
    pub fn vectors(&mut self, units: usize, samples: usize) -> Vec<u64> {
        let mut packed = vec![];
        for sample in 0..samples {
            for word in 1..=words(units) {
                let mut random = || u64::from(self.bits32()) << 32 | u64::from(self.bits32());
                let bits = match sample % 8 {
                    1 => random() & random() & random(),
                    3 => u64::MAX,
                    5 => 0,
                    _ => random(),
                };
                let mask = if word * WORD > units {
                    tail_mask(units)
                } else {
                    u64::MAX
                };
                packed.push(bits & mask);
            }
        }
        packed
    }
}
