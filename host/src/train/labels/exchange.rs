//! What threads pass to one another: the bits of the minibatch, and what blocks make of them.

use bitspin_core::bits::{WORD, transpose, words};
use bitspin_core::kernel::{self, GROUP};
use bitspin_core::rng::ChainRng;

use super::super::TrainingData;

/// Loads the data of one place of the minibatch.
#[derive(Debug)]
pub(super) struct Loader {
    /// Draws pixels, and the visible units of the place's chain.
    pub(super) rng: ChainRng,
}

impl Loader {
    pub(super) fn new(rng: ChainRng) -> Self {
        Self { rng }
    }

    /// Draws or copies the pixels of image `item` into a packed vector of pixels and labels.
    pub(super) fn load(
        &mut self,
        data: TrainingData<'_>,
        pixels: usize,
        item: usize,
        bits: &mut [u64],
    ) {
        bits.fill(0);
        let bits = &mut bits[..words(pixels)];
        match data {
            TrainingData::Grey(grey) => {
                kernel::binarise(&grey[item * pixels..][..pixels], &mut self.rng, bits);
            }
            TrainingData::Packed(packed) => {
                let length = bits.len();
                bits.copy_from_slice(&packed[item * length..][..length]);
            }
        }
    }
}

/// Packed vectors of the places of a minibatch, and their columns.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<u64>);

impl Columns {
    /// Transposes packed vectors of `words` words each.
    pub(super) fn of(&mut self, vectors: &[u64], words: usize) -> &Self {
        let groups = vectors.chunks(GROUP * words);
        self.0.resize(groups.len() * words * WORD, 0);
        for (vectors, columns) in groups.zip(self.0.chunks_exact_mut(words * WORD)) {
            for (word, block) in columns.chunks_exact_mut(WORD).enumerate() {
                let mut square = [0; WORD];
                for (row, vector) in square.iter_mut().zip(vectors.chunks_exact(words)) {
                    *row = vector[word];
                }
                transpose(&mut square);
                block.copy_from_slice(&square);
            }
        }
        self
    }

    /// The places of group `group` that have visible unit `unit` set.
    pub(super) fn places(&self, group: usize, unit: usize, words: usize) -> u64 {
        self.0[group * words * WORD + unit]
    }
}

/// What the blocks of one thread made of the minibatch.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// \[block\]\[place\]\[class\]: sums of softplus.
    pub(super) softplus: Vec<f64>,
    /// \[place\]\[visible stride\]: what the blocks' hidden units give to the fields of visible units.
    pub(super) visible_fields: Vec<i16>,
    /// \[visible\]: sums of magnitudes of the blocks' weights.
    pub(super) norms: Vec<i32>,
}
