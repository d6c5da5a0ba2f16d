//! A machine that learns and owns its buffers: the hidden biases, and the visible units in shards.

use super::Witnesses;
use bitspin_core::kernel::padded;
use bitspin_core::rbm::train::{
    Evidence, HiddenBias, HiddenBiasBuffers, LearningRate, Shard, ShardBuffers,
};
use bitspin_core::rbm::{Shape, Weights};

/// Float parameters and their quantised copies, cut into shards.
#[derive(Clone, Debug)]
pub struct Learner {
    shape: Shape,
    fraction_bits: u32,
    /// The hidden layer's biases.
    pub hidden_bias: HiddenBias<Vec<f32>, Vec<i16>>,
    /// The visible units' parameters, in ascending order.
    pub shards: Vec<Shard<Vec<f32>, Vec<i16>>>,
}

impl Learner {
    /// Starts at a machine's float parameters, with a shard from each of `starts` on (multiples of 64, ascending from
    /// 0), and with velocities where there is to be `momentum`.
    ///
    /// # Panics
    /// If `starts` are not as described.
    #[must_use]
    pub fn new(model: &Witnesses, starts: &[usize], momentum: bool) -> Self {
        let (shape, stride) = (model.shape(), model.shape().hidden_stride());
        let velocity = |length| vec![0.0; if momentum { length } else { 0 }];
        let ends = starts[1..].iter().copied().chain([shape.visible()]);
        let shards = starts.iter().zip(ends).map(|(&first, end)| {
            let units = end - first;
            let mut weights = vec![0.0; units * stride];
            for (i, row) in weights.chunks_exact_mut(stride).enumerate() {
                for (j, weight) in row[..shape.hidden()].iter_mut().enumerate() {
                    *weight = model.float.weight(j, first + i) as f32;
                }
            }
            let bias = &model.float.visible_bias[first..end];
            let buffers = ShardBuffers {
                weights,
                velocity: velocity(units * stride),
                bias: bias.iter().map(|&b| b as f32).collect(),
                bias_velocity: velocity(units),
                to_hidden: vec![0; units * stride],
                to_visible: vec![0; shape.hidden() * padded(units)],
                visible_bias: vec![0; padded(units)],
                norms: vec![0; stride],
                unit_norms: vec![0; units],
                sums: vec![0; stride],
                wide_sums: vec![0.0; stride],
            };
            Shard::new(shape, first, units, buffers).expect("a shard of whole words")
        });
        let shards = shards.collect();
        let bias = model.float.hidden_bias.iter().map(|&c| c as f32).collect();
        let buffers = HiddenBiasBuffers {
            bias,
            velocity: velocity(shape.hidden()),
            quantised: vec![0; stride],
            sums: vec![0; stride],
            wide_sums: vec![0.0; stride],
        };
        let hidden_bias = HiddenBias::new(shape, buffers);
        let mut learner = Self {
            shape,
            fraction_bits: 0,
            hidden_bias: hidden_bias.expect("lengths as documented"),
            shards,
        };
        learner.requantise(model.engine.fraction_bits());
        learner
    }

    /// Quantises all parameters to `fraction_bits`.
    pub fn requantise(&mut self, fraction_bits: u32) {
        self.fraction_bits = fraction_bits;
        self.hidden_bias.requantise(fraction_bits);
        for shard in &mut self.shards {
            shard.requantise(fraction_bits);
        }
    }

    /// Changes all parameters by the evidence of `places` places.
    pub fn update(&mut self, evidence: &[Evidence<'_>], places: usize, rate: &LearningRate) {
        self.hidden_bias
            .update(evidence, places, rate, self.fraction_bits);
        for shard in &mut self.shards {
            shard.update(evidence, places, rate, self.fraction_bits);
        }
    }

    /// Calls `sample` with the quantised weights.
    pub fn with_weights<T>(&self, sample: impl FnOnce(&Weights<'_>) -> T) -> T {
        let shards: Vec<_> = self.shards.iter().map(Shard::quantised).collect();
        let weights = Weights::new(
            self.shape,
            self.fraction_bits,
            self.hidden_bias.quantised(),
            &shards,
        );
        sample(&weights.expect("the shards were cut from this shape"))
    }

    /// The float weights, `[visible][hidden]`.
    #[must_use]
    pub fn w(&self) -> Vec<f32> {
        let rows = self.shards.iter().map(|shard| {
            let rows = shard.weights().chunks_exact(self.shape.hidden_stride());
            rows.flat_map(|row| row[..self.shape.hidden()].to_vec())
        });
        rows.flatten().collect()
    }

    /// The float biases of the visible units.
    #[must_use]
    pub fn visible_bias(&self) -> Vec<f32> {
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
