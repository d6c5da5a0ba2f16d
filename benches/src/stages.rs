//! Every stage of a minibatch of CD-1 on its own, on scalar and on SIMD kernels.
//!
//! A stage does a whole minibatch's work of one kernel, on the buffers that the stages before it left behind.

mod kernels;

use bitspin::aligned::{AlignedF32, AlignedI16};
use bitspin::engine::Engine;
use bitspin_core::kernel::LANES;

use crate::workload::{BATCH, Minibatch, Trained};

pub use kernels::{scalar, simd};

/// The buffers of a minibatch, and the model that works on it.
#[derive(Debug)]
pub struct Bench {
    engine: Engine,
    pixels: Vec<u8>,
    batch: Minibatch,
    chain_fields: AlignedI16,
    probabilities: AlignedI16,
    sums: AlignedI16,
    norms: AlignedI16,
    weights: AlignedF32,
    quantised: AlignedI16,
    transposed: AlignedI16,
}

/// One kernel's work in a minibatch.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// The kernel, and what it works on.
    pub name: &'static str,
    /// Whether a minibatch of CD-1 passes through it (once, or a part of it).
    pub in_training: bool,
    /// Does the work.
    pub run: fn(&mut Bench),
    /// How many vectors of 64 bytes, or of 32 units, the work is.
    pub vectors: fn(&Bench) -> usize,
}

impl Bench {
    /// The buffers as they are in the middle of training.
    #[must_use]
    pub fn new(trained: &Trained) -> Self {
        let engine = trained.engine();
        let shape = engine.shape();
        let (visible, stride) = (shape.visible(), shape.hidden_stride());
        let mut bench = Self {
            pixels: trained.pixels[..BATCH * visible].to_vec(),
            batch: Minibatch::new(shape),
            chain_fields: AlignedI16::zeros(BATCH * stride),
            probabilities: AlignedI16::zeros(BATCH * stride),
            sums: AlignedI16::zeros(stride),
            norms: AlignedI16::zeros(stride),
            weights: trained.rows(),
            quantised: AlignedI16::zeros(visible * stride),
            transposed: AlignedI16::zeros(shape.hidden() * shape.visible_stride()),
            engine,
        };
        bench
            .quantised
            .as_mut()
            .copy_from_slice(bench.engine.buffers().to_hidden);
        for stage in simd::STAGES {
            (stage.run)(&mut bench);
        }
        bench
    }

    /// Mean numbers of bits per sample: of the datum, of the chain, of those in which they differ, and of the hidden units.
    #[must_use]
    pub fn densities(&self) -> [f64; 4] {
        let mean = |count: usize| count as f64 / BATCH as f64;
        [
            mean(ones(&self.batch.samples.data)),
            mean(ones(&self.batch.samples.chain)),
            mean(self.changed()),
            mean(ones(&self.batch.hidden.hidden)),
        ]
    }

    fn changed(&self) -> usize {
        let pairs = self
            .batch
            .samples
            .data
            .iter()
            .zip(&self.batch.samples.chain);
        pairs.map(|(a, b)| (a ^ b).count_ones() as usize).sum()
    }

    /// Vectors in a row of hidden units.
    fn row(&self) -> usize {
        self.engine.shape().hidden().div_ceil(LANES)
    }

    /// Vectors in a row of visible units.
    fn column(&self) -> usize {
        self.engine.shape().visible().div_ceil(LANES)
    }

    /// For every visible unit, the samples whose datum, and the samples whose chain has it set.
    fn columns(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let pairs = self
            .batch
            .hidden
            .data_columns
            .iter()
            .zip(&self.batch.hidden.chain_columns);
        pairs
            .map(|(data, chain)| (*data, *chain))
            .take(self.engine.shape().visible())
    }

    /// Visible units that the datum or the chain of some sample has set.
    fn touched(&self) -> usize {
        self.columns().filter(|(a, b)| a | b != 0).count()
    }

    /// Starting points of blocks of rows of which one was touched.
    fn touched_blocks(&self) -> impl Iterator<Item = usize> + '_ {
        let visible = self.engine.shape().visible();
        (0..visible).step_by(LANES).filter(move |&first| {
            let end = (first + LANES).min(visible);
            (first..end).any(|i| {
                self.batch.hidden.data_columns[i] | self.batch.hidden.chain_columns[i] != 0
            })
        })
    }
}

fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_are_those_of_digits_and_of_a_machine_that_learned() {
        let trained = Trained::new(None, 500, 1).unwrap();
        let [data, chain, changed, hidden] = Bench::new(&trained).densities();
        assert!((80.0..125.0).contains(&data), "{data} of 784 set");
        assert!((60.0..140.0).contains(&chain), "{chain} of 784 set");
        assert!(changed < data, "{changed} of {data} changed");
        assert!((50.0..300.0).contains(&hidden), "{hidden} of 500 set");
    }
}
