//! A minibatch in parts, and its statistics read from the tables of the gradient in the plainest way.

use bitspin_core::bits::words;
use bitspin_core::kernel::{capacity, padded};
use bitspin_core::rbm::train::{Contrastive, Method, contrast};
use bitspin_core::rbm::{Groups, Shape, ShardWeights, Weights};
use bitspin_core::rng::ChainRng;

use crate::train::minibatch::{OwnedHiddenUnits, OwnedSamples};

/// The samples of a minibatch and all hidden units in them, as a whole or in parts.
#[derive(Clone, Debug)]
pub struct Minibatch {
    shape: Shape,
    /// The data, packed, sample after sample.
    pub data: Vec<u64>,
    /// The chains' visible units, likewise.
    pub chain: Vec<u64>,
    samples: Vec<OwnedSamples>,
    hidden: Vec<HiddenPart>,
}

/// Some hidden units, from the first on.
#[derive(Clone, Debug)]
struct HiddenPart {
    first: usize,
    units: usize,
    owned: OwnedHiddenUnits,
}

impl Minibatch {
    /// So many samples; data and chains all zeros. The generators are one per sample, then one per word of hidden units.
    #[must_use]
    pub fn new(shape: Shape, samples: usize, rngs: Vec<ChainRng>) -> Self {
        Self::split(shape, &[samples], &[0], rngs)
    }

    /// The same in parts: of so many samples each, and of the hidden units from each of `starts` on (multiples of 64,
    /// ascending from 0).
    #[must_use]
    pub fn split(shape: Shape, samples: &[usize], starts: &[usize], rngs: Vec<ChainRng>) -> Self {
        let total: usize = samples.iter().sum();
        let mut rngs = rngs.into_iter();
        let mut first = 0;
        let samples = samples.iter().map(|&count| {
            first += count;
            OwnedSamples::new(shape, first - count, rngs.by_ref().take(count).collect())
        });
        let samples = samples.collect();
        let ends = starts[1..].iter().copied().chain([shape.hidden()]);
        let hidden = starts.iter().zip(ends).map(|(&first, end)| {
            let units = end - first;
            let rngs = rngs.by_ref().take(words(units)).collect();
            let owned = OwnedHiddenUnits::new(shape, units, total, rngs);
            HiddenPart {
                first,
                units,
                owned,
            }
        });
        Self {
            shape,
            data: vec![0; total * shape.visible_words()],
            chain: vec![0; total * shape.visible_words()],
            samples,
            hidden: hidden.collect(),
        }
    }

    /// The number of samples.
    #[must_use]
    pub fn count(&self) -> usize {
        self.data.len() / self.shape.visible_words()
    }

    /// Gives the data to the parts.
    fn hand_out(&mut self) {
        let words = self.shape.visible_words();
        for part in &mut self.samples {
            let own = part.first * words..(part.first + part.rngs.len()) * words;
            part.data.copy_from_slice(&self.data[own]);
        }
    }

    /// Takes the chains back from the parts.
    fn collect(&mut self) {
        let chains = self.samples.iter().flat_map(|part| &part.chain);
        self.chain = chains.copied().collect();
    }

    /// Runs the chains of all samples for `steps` Gibbs steps; see [`contrast`]. For minibatches that are whole.
    pub fn contrast(&mut self, weights: &Weights<'_>, method: Method, steps: usize) -> u64 {
        let count = self.count();
        self.hand_out();
        let mut samples = self.samples[0].view();
        let mut hidden = self.hidden[0].owned.view();
        let error = contrast(&mut samples, &mut hidden, weights, method, steps, count);
        self.collect();
        error
    }

    /// The same for minibatches in parts, with the weights of each part's hidden units and the visible biases.
    pub fn contrast_parts(
        &mut self,
        shards: &[ShardWeights<'_>],
        visible_bias: &[i16],
        fraction_bits: u32,
        method: Method,
        steps: usize,
    ) -> u64 {
        self.hand_out();
        let (count, stride) = (self.count(), self.shape.visible_stride());
        let groups = Groups::all_binary(self.shape);
        for (part, weights) in self.hidden.iter_mut().zip(shards) {
            let mut hidden = part.owned.view();
            hidden.take_data(0, &self.data);
            hidden.positive(weights, fraction_bits, method, count);
            hidden.contribute(weights, &[], count);
        }
        let mut error = 0;
        for step in 0..steps {
            for part in &mut self.samples {
                let first = part.first * stride;
                let hidden = self.hidden.iter();
                let fields: Vec<&[i16]> = hidden
                    .map(|hidden| &hidden.owned.visible_fields.as_ref()[first..])
                    .collect();
                let count = part.rngs.len();
                let mut samples = part.view();
                error += samples.draw_chains(
                    (visible_bias, &fields),
                    &groups,
                    fraction_bits,
                    method,
                    step,
                    count,
                );
            }
            self.collect();
            for (part, weights) in self.hidden.iter_mut().zip(shards) {
                let mut hidden = part.owned.view();
                hidden.take_chains(0, &self.chain);
                hidden.move_fields(weights, method, step, count);
                if step + 1 < steps {
                    hidden.draw(fraction_bits, count);
                    hidden.contribute(weights, &[], count);
                } else {
                    hidden.negative(fraction_bits, method, count);
                }
            }
        }
        error
    }

    /// The contrastive gradient of the hidden units of part `part`.
    #[must_use]
    pub fn gradient(&self, part: usize) -> Contrastive<'_> {
        self.hidden[part].owned.gradient(self.count(), 1.0)
    }

    /// The hidden units that were drawn last, packed, sample after sample. For minibatches that are whole.
    #[must_use]
    pub fn hidden(&self) -> &[u64] {
        &self.hidden[0].owned.hidden
    }

    /// The sum over samples of `p_j v_i - p'_j v'_i`, in 1/256, `[visible][hidden]`: what the update of the weights takes.
    #[must_use]
    pub fn weight_statistics(&self) -> Vec<i64> {
        let mut sums = vec![0; self.shape.visible() * self.shape.hidden()];
        for (at, part) in self.hidden.iter().enumerate() {
            let stride = padded(part.units);
            for group in self.gradient(at).groups() {
                let rows = capacity(group.table(), stride);
                let entry = |row: usize, j: usize| i64::from(group.table()[row * stride + j]);
                for (i, sums) in sums.chunks_exact_mut(self.shape.hidden()).enumerate() {
                    let (data, chain) = group.columns(i);
                    let set = |column: u64, k: usize| column >> k & 1 == 1;
                    for k in 0..group.samples() {
                        for (j, sum) in sums[part.first..][..part.units].iter_mut().enumerate() {
                            if set(data, k) {
                                *sum += entry(rows + k, j);
                            }
                            if set(chain, k) {
                                *sum += entry(2 * rows + k, j);
                            }
                        }
                    }
                }
            }
        }
        sums
    }

    /// The sum over samples of `p_j - p'_j`, in 1/256, `[hidden]`: what the update of the hidden biases takes.
    #[must_use]
    pub fn hidden_statistics(&self) -> Vec<i64> {
        let mut sums = vec![0; self.shape.hidden()];
        for (at, part) in self.hidden.iter().enumerate() {
            for group in self.gradient(at).groups() {
                let rows = group.table().chunks_exact(padded(part.units));
                for row in rows.take(group.samples()) {
                    let sums = sums[part.first..][..part.units].iter_mut();
                    sums.zip(row).for_each(|(sum, p)| *sum += i64::from(*p));
                }
            }
        }
        sums
    }

    /// The sum over samples of `v_i - v'_i`, `[visible]`: what the update of the visible biases takes.
    #[must_use]
    pub fn visible_statistics(&self) -> Vec<i64> {
        let difference = |i: usize| {
            let groups = self.gradient(0).groups();
            groups.map(|group| i64::from(group.difference(i))).sum()
        };
        (0..self.shape.visible()).map(difference).collect()
    }
}
