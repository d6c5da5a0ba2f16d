//! The visible units of some samples of a minibatch: data, chains, and the generators that draw them.

use super::super::{Groups, Shape};
use super::Method;
use crate::Error;
use crate::error::check_lens;
use crate::kernel;
use crate::rng::ChainRng;

/// The buffers of a [`Samples`], for `samples` many samples; their lengths are those that each line states.
#[derive(Debug)]
pub struct SamplesBuffers<'a> {
    /// samples x visible words: the data.
    pub data: &'a mut [u64],
    /// samples x visible words: the chains' visible units.
    pub chain: &'a mut [u64],
    /// visible stride: room for the fields of one sample.
    pub fields: &'a mut [i16],
    /// One generator per sample.
    pub rngs: &'a mut [ChainRng],
}

/// Some samples of a minibatch, over buffers of the caller's.
#[derive(Debug)]
pub struct Samples<'a> {
    shape: Shape,
    buffers: SamplesBuffers<'a>,
}

impl<'a> Samples<'a> {
    /// Takes the buffers of as many samples as there are generators, for models of `shape`.
    ///
    /// # Errors
    /// [`Error::Length`] naming the buffer that has another length than [`SamplesBuffers`] states.
    pub fn new(shape: Shape, buffers: SamplesBuffers<'a>) -> Result<Self, Error> {
        let words = buffers.rngs.len() * shape.visible_words();
        check_lens(&[
            ("data", words, buffers.data.len()),
            ("chain", words, buffers.chain.len()),
            ("fields", shape.visible_stride(), buffers.fields.len()),
        ])?;
        Ok(Self { shape, buffers })
    }

    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffers.rngs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Draws the data from grey levels (0..=255, one visible unit a pixel), sample `k` from `image(k)`, of the first
    /// `count` samples.
    pub fn draw_data<'p>(&mut self, count: usize, image: impl Fn(usize) -> &'p [u8]) {
        let data = self
            .buffers
            .data
            .chunks_exact_mut(self.shape.visible_words());
        for (k, (data, rng)) in data
            .zip(self.buffers.rngs.iter_mut())
            .take(count)
            .enumerate()
        {
            kernel::binarise(image(k), rng, data);
        }
    }

    /// The packed data.
    #[must_use]
    pub fn data(&self) -> &[u64] {
        self.buffers.data
    }

    /// The packed data, to be filled by the caller where they are not drawn.
    pub fn data_mut(&mut self) -> &mut [u64] {
        self.buffers.data
    }

    /// Draws the visible units of the first `count` chains in Gibbs step `step`, from 0. Their fields are the sum of `bias`,
    /// the visible biases unless the only part begins from them, and of `parts`, each of which holds a visible stride per
    /// sample: what the shards of hidden units [contribute](super::HiddenUnits::contribute).
    ///
    /// Returns the sum over binary visible units and samples of (v - p(v|h))^2 in 2^-24 where the step
    /// [reconstructs](Method::reconstructs) the data, and 0 elsewhere.
    pub fn draw_chains(
        &mut self,
        (bias, parts): (&[i16], &[&[i16]]),
        groups: &Groups<'_>,
        fraction_bits: u32,
        method: Method,
        step: usize,
        count: usize,
    ) -> u64 {
        let words = self.shape.visible_words();
        let stride = self.shape.visible_stride();
        let b = &mut self.buffers;
        let vectors = b
            .data
            .chunks_exact(words)
            .zip(b.chain.chunks_exact_mut(words));
        let mut error = 0;
        for (k, ((data, chain), rng)) in vectors.zip(b.rngs.iter_mut()).take(count).enumerate() {
            let sample = k * stride..(k + 1) * stride;
            let fields = match (bias, parts) {
                ([], [whole]) => whole.get(sample).unwrap_or_default(),
                _ => {
                    let parts = parts.iter().filter_map(|part| part.get(sample.clone()));
                    kernel::sum_rows(core::iter::once(bias).chain(parts), b.fields);
                    &*b.fields
                }
            };
            if method.reconstructs(step) {
                error += groups.sample_with_error(fields, fraction_bits, rng, data, chain);
            } else {
                groups.sample(fields, fraction_bits, rng, chain);
            }
        }
        error
    }

    /// The packed visible units at the ends of the chains.
    #[must_use]
    pub fn chain(&self) -> &[u64] {
        self.buffers.chain
    }
}
