//! The update of the parameters, and their quantised copies.

use super::contrast::PLACES;
use super::report::Worst;
use super::{
    Learner, Minibatch, Random, Row, Witnesses, hidden_statistics, unpack, weight_statistics,
};
use bitspin_core::rbm::train::{LearningRate, Method};

/// Roundings of float32, 2^-24 of a term each: the rate (2), its product with the sum, the velocity's decay, its sum, the
/// weight's decay (2), the last addition, and a share of what these second-order terms add.
const ROUNDINGS: f64 = 8.0 / (1 << 24) as f64;

/// With and without weight decay and momentum.
const RATES: [LearningRate; 3] = [
    LearningRate {
        rate: 0.1,
        weight_decay: 0.01,
        momentum: 0.0,
    },
    LearningRate {
        rate: 0.1,
        weight_decay: 0.0,
        momentum: 0.0,
    },
    LearningRate {
        rate: 0.05,
        weight_decay: 0.002,
        momentum: 0.9,
    },
];

/// One parameter by the formula: velocity = momentum velocity + rate gradient, w = (1 - rate decay) w + velocity.
struct Exact<'a> {
    rate: &'a LearningRate,
    places: usize,
    worst: &'a mut Worst,
}

impl Exact<'_> {
    /// Compares one parameter's change; `velocity` is the float64 velocity, which goes on from update to update.
    fn compare(
        &mut self,
        before: f32,
        after: f32,
        gradient: f64,
        velocity: &mut f64,
        decays: bool,
    ) {
        let rate = f64::from(self.rate.rate);
        let kept = f64::from(self.rate.momentum) * *velocity;
        let change = rate * gradient / self.places as f64;
        *velocity = kept + change;
        let decay = if decays {
            rate * f64::from(self.rate.weight_decay)
        } else {
            0.0
        };
        let before = f64::from(before);
        let expected = (1.0 - decay) * before + *velocity;
        let size = before.abs() + kept.abs() + change.abs();
        // The velocity's own error decays with it; with momentum 0.9 it sums to ten times one update's.
        let bound = ROUNDINGS * (size + 10.0 * velocity.abs());
        self.worst.add(f64::from(after) - expected, bound);
    }
}

/// Three updates of every machine by CD-1 evidence of random data, in one shard or several.
pub(super) fn parameters(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let (mut change, mut copies) = (Worst::default(), Worst::default());
    for (at, (model, &places)) in models.iter().zip(PLACES.iter().cycle()).enumerate() {
        // Every number of places meets every rate; one place leaves units untouched, which decay all the same.
        let rate = &RATES[(at + at / PLACES.len()) % RATES.len()];
        let shape = model.shape();
        let starts: Vec<usize> = (0..shape.visible()).step_by(64).collect();
        let starts = if at / 2 % 2 == 0 {
            &starts
        } else {
            &starts[..1]
        };
        let mut learner = Learner::new(model, starts, rate.momentum > 0.0);
        let mut batch = Minibatch::new(shape, random.chains(places));
        let mut velocity = vec![0.0; (shape.visible() + 1) * (shape.hidden() + 1)];
        for _ in 0..3 {
            batch.data = random.vectors(shape.visible(), places);
            let v0 = batch.data.clone();
            let mut borrowed = batch.places();
            learner.with_weights(|weights| {
                borrowed.contrast(weights, Method::ContrastiveDivergence, 1, places)
            });
            let evidence: Vec<_> = borrowed.evidence(places).collect();
            let w = weight_statistics(shape, &evidence);
            let c = hidden_statistics(shape, &evidence);
            let before = learner.clone();
            learner.update(&evidence, places, rate);
            let words = shape.visible_words();
            let sum_of = |packed: &[u64], i: usize| -> f64 {
                let vectors = packed.chunks_exact(words);
                vectors.map(|bits| unpack(bits, shape.visible())[i]).sum()
            };
            let worst = &mut change;
            let mut exact = Exact {
                rate,
                places,
                worst,
            };
            let (of_w, of_biases) = velocity.split_at_mut(w.len());
            let (of_b, of_c) = of_biases.split_at_mut(shape.visible());
            let pairs = before.w().into_iter().zip(learner.w());
            for (((before, after), sum), velocity) in pairs.zip(&w).zip(of_w) {
                exact.compare(before, after, *sum as f64 / 256.0, velocity, true);
            }
            let pairs = before
                .visible_bias()
                .into_iter()
                .zip(learner.visible_bias());
            for ((i, (before, after)), velocity) in pairs.enumerate().zip(of_b) {
                let sum = sum_of(&v0, i) - sum_of(borrowed.chain(), i);
                exact.compare(before, after, sum, velocity, false);
            }
            let pairs = before
                .hidden_bias
                .bias()
                .iter()
                .zip(learner.hidden_bias.bias());
            for (((before, after), sum), velocity) in pairs.zip(&c).zip(of_c) {
                exact.compare(*before, *after, *sum as f64 / 256.0, velocity, false);
            }
            quantised_copies(&learner, shape.hidden_stride(), &mut copies);
        }
    }
    vec![
        change.row("update of the parameters"),
        copies.row("quantised copies after an update"),
    ]
}

/// Each quantised number is the float parameter to within half a step, in both matrices and in the biases.
fn quantised_copies(learner: &Learner, stride: usize, worst: &mut Worst) {
    let scale = f64::from(1_u32 << learner.fraction_bits());
    let mut compare = |quantised: i16, float: f32| {
        worst.add(f64::from(quantised) / scale - f64::from(float), 0.5 / scale);
    };
    let bias = &learner.hidden_bias;
    for (&quantised, &float) in bias.quantised().iter().zip(bias.bias()) {
        compare(quantised, float);
    }
    for shard in &learner.shards {
        let quantised = shard.quantised();
        for (&quantised, &float) in quantised.visible_bias().iter().zip(shard.bias()) {
            compare(quantised, float);
        }
        let columns = quantised.visible_bias().len();
        for (at, &float) in shard.weights().iter().enumerate() {
            compare(quantised.to_hidden()[at], float);
            let (i, j) = (at / stride, at % stride);
            if let Some(&transposed) = quantised.to_visible().get(j * columns + i) {
                compare(transposed, float);
            }
        }
    }
}
