//! A model that learns and owns its buffers: the visible biases, and the hidden units in shards.

use super::{Minibatch, Witnesses};
use bitspin_core::kernel::padded;
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{
    LearningRate, Method, Shard, ShardBuffers, Source, VisibleBias, VisibleBiasBuffers,
};
use bitspin_core::rng::ChainRng;

/// Float parameters and their quantised copies, cut into shards.
#[derive(Clone, Debug)]
pub struct Learner {
    shape: Shape,
    fraction_bits: u32,
    /// The visible layer's biases.
    pub visible_bias: VisibleBias<Vec<f32>, Vec<i16>>,
    /// The hidden units' parameters, in ascending order.
    pub shards: Vec<Shard<Vec<f32>, Vec<i16>>>,
}

impl Learner {
    /// Starts at a model's float parameters, with a shard from each of `starts` on (multiples of 64, ascending from
    /// 0), and with velocities where there is to be `momentum`.
    ///
    /// # Panics
    /// If `starts` are not as described.
    #[must_use]
    pub fn new(model: &Witnesses, starts: &[usize], momentum: bool) -> Self {
        let shape = model.shape();
        let velocity = |length| vec![0.0; if momentum { length } else { 0 }];
        let ends = starts[1..].iter().copied().chain([shape.hidden()]);
        let shards = starts.iter().zip(ends).map(|(&first, end)| {
            let units = end - first;
            let (stride, visible) = (padded(units), shape.visible());
            let mut weights = vec![0.0; visible * stride];
            for (i, row) in weights.chunks_exact_mut(stride).enumerate() {
                for (j, weight) in row[..units].iter_mut().enumerate() {
                    *weight = model.float.weight(first + j, i) as f32;
                }
            }
            let bias = &model.float.hidden_bias[first..end];
            let buffers = ShardBuffers {
                weights,
                velocity: velocity(visible * stride),
                bias: bias.iter().map(|&c| c as f32).collect(),
                bias_velocity: velocity(units),
                to_hidden: vec![0; visible * stride],
                to_visible: vec![0; units * shape.visible_stride()],
                hidden_bias: vec![0; stride],
                hidden_norms: vec![0; stride],
                visible_norms: vec![0; visible],
                sums: vec![0; stride],
                wide_sums: vec![0.0; stride],
                activity: vec![0.0; stride],
            };
            Shard::new(shape, first, units, buffers).expect("a shard of whole words")
        });
        let shards = shards.collect();
        let bias = model.float.visible_bias.iter().map(|&b| b as f32);
        let buffers = VisibleBiasBuffers {
            bias: bias.collect(),
            velocity: velocity(shape.visible()),
            quantised: vec![0; shape.visible_stride()],
        };
        let mut learner = Self {
            shape,
            fraction_bits: 0,
            visible_bias: VisibleBias::new(shape, buffers).expect("lengths as documented"),
            shards,
        };
        learner.requantise(model.engine.fraction_bits());
        learner
    }

    /// Quantises all parameters to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        self.fraction_bits = fraction_bits;
        self.visible_bias.requantise(fraction_bits);
        for shard in &mut self.shards {
            shard.requantise(fraction_bits);
        }
    }

    /// A minibatch of so many samples whose hidden units are cut as the learner's are.
    #[must_use]
    pub fn minibatch(&self, samples: usize, rngs: Vec<ChainRng>) -> Minibatch {
        let starts: Vec<usize> = self.shards.iter().map(Shard::first).collect();
        Minibatch::split(self.shape, &[samples], &starts, rngs)
    }

    /// Runs the chains of the minibatch; see [`Minibatch::contrast_parts`].
    pub fn contrast(&self, batch: &mut Minibatch, method: Method, steps: usize) -> u64 {
        let shards: Vec<_> = self.shards.iter().map(Shard::quantised).collect();
        let bias = self.visible_bias.quantised();
        batch.contrast_parts(&shards, bias, self.fraction_bits, method, steps)
    }

    /// Changes all parameters by the gradient of the minibatch.
    pub fn update(&mut self, batch: &Minibatch, rate: &LearningRate) {
        let (count, bits) = (batch.count(), self.fraction_bits);
        let source = |part: usize| [Source::Contrastive(batch.gradient(part))];
        self.visible_bias.update(&source(0), count, rate, bits);
        for (at, shard) in self.shards.iter_mut().enumerate() {
            shard.update(&source(at), count, rate, bits);
        }
    }

    /// Whether no field can overflow.
    #[must_use]
    pub fn fields_fit(&self) -> bool {
        let norms: Vec<_> = self.shards.iter().map(Shard::visible_norms).collect();
        self.shards.iter().all(Shard::hidden_fields_fit) && self.visible_bias.fields_fit(&norms)
    }

    /// The float weights, `[visible][hidden]`.
    #[must_use]
    pub fn w(&self) -> Vec<f32> {
        let mut w = Vec::with_capacity(self.shape.visible() * self.shape.hidden());
        for i in 0..self.shape.visible() {
            for shard in &self.shards {
                w.extend(&shard.weights()[i * padded(shard.units())..][..shard.units()]);
            }
        }
        w
    }

    /// The float biases of the hidden units.
    #[must_use]
    pub fn hidden_bias(&self) -> Vec<f32> {
        self.shards
            .iter()
            .flat_map(|shard| shard.bias().to_vec())
            .collect()
    }

    /// Binary places of the quantised parameters.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }
}
