//! The update of the parameters, and their quantised copies.

use super::contrast::SAMPLES;
use super::report::Worst;
use super::{Learner, Random, Row, Witnesses, unpack};
use bitspin_core::rbm::Shape;
use bitspin_core::rbm::train::{LearningRate, Method};

/// The relative error of one rounding to float32, with a little for the products of such errors.
const ROUNDING: f64 = 1.01 / (1 << 24) as f64;

/// With and without weight decay and momentum.
const RATES: [LearningRate; 3] = [
    LearningRate {
        rate: 0.1,
        weight_decay: 0.01,
        momentum: 0.0,
        ..LearningRate::plain(0.1)
    },
    LearningRate {
        rate: 0.1,
        weight_decay: 0.0,
        momentum: 0.0,
        ..LearningRate::plain(0.1)
    },
    LearningRate {
        rate: 0.05,
        weight_decay: 0.002,
        momentum: 0.9,
        ..LearningRate::plain(0.05)
    },
];

/// A velocity in float64, and how far the engine's may be from it.
#[derive(Clone, Copy, Debug, Default)]
struct Velocity {
    value: f64,
    off: f64,
}

/// One parameter by the formula: velocity = momentum velocity + rate gradient, w = (1 - rate decay) w + velocity.
struct Exact<'a> {
    rate: &'a LearningRate,
    samples: usize,
    worst: &'a mut Worst,
}

impl Exact<'_> {
    /// Compares one parameter's change; the velocity goes on from update to update.
    ///
    /// The engine rounds the rate, its product with the sum and the velocity's sum: three times, on what the velocity is
    /// made of. Of the weight it rounds the decay, what that leaves, and the product with it; then the last sum.
    fn compare(
        &mut self,
        (before, after): (f32, f32),
        gradient: f64,
        velocity: &mut Velocity,
        decays: bool,
    ) {
        let (rate, momentum) = (f64::from(self.rate.rate), f64::from(self.rate.momentum));
        let kept = momentum * velocity.value;
        let change = rate * gradient / self.samples as f64;
        let off = 3.0 * ROUNDING * (kept.abs() + change.abs());
        *velocity = Velocity {
            value: kept + change,
            off: momentum * velocity.off + off,
        };
        let decay = if decays {
            rate * f64::from(self.rate.weight_decay)
        } else {
            0.0
        };
        let before = f64::from(before);
        let expected = (1.0 - decay) * before + velocity.value;
        let roundings = 4.0 * before.abs() + velocity.value.abs();
        let bound = velocity.off + ROUNDING * roundings;
        self.worst.add(f64::from(after) - expected, bound);
    }
}

/// Three updates of every model by the CD-1 gradient of random data, in one shard or several.
pub(super) fn parameters(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let (mut change, mut copies) = (Worst::default(), Worst::default());
    for (at, (model, &samples)) in models.iter().zip(SAMPLES.iter().cycle()).enumerate() {
        // Every number of samples meets every rate; one sample leaves units untouched, which decay all the same.
        let rate = &RATES[(at + at / SAMPLES.len()) % RATES.len()];
        let shape = model.shape();
        let starts: Vec<usize> = (0..shape.hidden()).step_by(64).collect();
        let starts = if at / 2 % 2 == 0 {
            &starts
        } else {
            &starts[..1]
        };
        let mut learner = Learner::new(model, starts, rate.momentum > 0.0);
        let mut batch = learner.minibatch(samples, random.chains(samples + shape.hidden_words()));
        let mut velocities = vec![Velocity::default(); flat(&learner).len()];
        for _ in 0..3 {
            batch.data = random.vectors(shape.visible(), samples);
            let v0 = visible_sums(shape, &batch.data);
            learner.contrast(&mut batch, Method::ContrastiveDivergence, 1);
            let v1 = visible_sums(shape, &batch.chain);
            let probability = |sum: i64| sum as f64 / 256.0;
            let gradient = batch
                .weight_statistics()
                .into_iter()
                .map(probability)
                .chain(v0.iter().zip(&v1).map(|(v0, v1)| v0 - v1))
                .chain(batch.hidden_statistics().into_iter().map(probability));
            let before = flat(&learner);
            learner.update(&batch, rate);
            let mut exact = Exact {
                rate,
                samples,
                worst: &mut change,
            };
            let pairs = before.into_iter().zip(flat(&learner));
            for (at, ((pair, gradient), velocity)) in
                pairs.zip(gradient).zip(&mut velocities).enumerate()
            {
                let decays = at < shape.visible() * shape.hidden();
                exact.compare(pair, gradient, velocity, decays);
            }
            quantised_copies(&learner, &mut copies);
        }
    }
    vec![
        change.row("update of the parameters"),
        copies.row("quantised copies after an update"),
    ]
}

/// All float parameters: weights, visible biases, hidden biases.
fn flat(learner: &Learner) -> Vec<f32> {
    let (w, c) = (learner.w(), learner.hidden_bias());
    [&w[..], learner.visible_bias.bias(), &c].concat()
}

/// How many of the packed vectors have each visible unit set.
fn visible_sums(shape: Shape, packed: &[u64]) -> Vec<f64> {
    let mut sums = vec![0.0; shape.visible()];
    for bits in packed.chunks_exact(shape.visible_words()) {
        let units = unpack(bits, shape.visible());
        sums.iter_mut().zip(units).for_each(|(sum, v)| *sum += v);
    }
    sums
}

/// Each quantised number is the float parameter to within half a step, in both matrices and in the biases.
fn quantised_copies(learner: &Learner, worst: &mut Worst) {
    let scale = f64::from(1_u32 << learner.fraction_bits());
    let mut compare = |quantised: i16, float: f32| {
        worst.add(f64::from(quantised) / scale - f64::from(float), 0.5 / scale);
    };
    let bias = &learner.visible_bias;
    for (&quantised, &float) in bias.quantised().iter().zip(bias.bias()) {
        compare(quantised, float);
    }
    for shard in &learner.shards {
        let quantised = shard.quantised();
        for (&quantised, &float) in quantised.hidden_bias().iter().zip(shard.bias()) {
            compare(quantised, float);
        }
        let (stride, columns) = (quantised.hidden_bias().len(), bias.quantised().len());
        for (at, &float) in shard.weights().iter().enumerate() {
            compare(quantised.to_hidden()[at], float);
            let (i, j) = (at / stride, at % stride);
            if let Some(&transposed) = quantised.to_visible().get(j * columns + i) {
                compare(transposed, float);
            }
        }
    }
}
