//! Contrastive divergence: the integer statistics against the reference's, and their mean against its expectation.

use super::deterministic::LOGISTIC;
use super::report::Worst;
use super::sampling::hoeffding;
use super::{FALSE_ALARM, Minibatch, Random, Row, Witnesses, unpack};
use bitspin_core::bits::words;
use bitspin_core::rbm::train::{Contrastive, Method};

/// Places of a minibatch, of which each model gets one number: within a group, whole groups, more than one, and so
/// many that sums leave 16 bits.
pub(super) const SAMPLES: [usize; 6] = [1, 37, 64, 65, 127, 150];

/// A probability in 1/256, rounded up or down at random, is less than this from the truth.
const ROUNDED: f64 = 1.0 / 256.0 + LOGISTIC;

fn vectors(packed: &[u64], units: usize) -> Vec<Vec<f64>> {
    let vectors = packed.chunks_exact(words(units));
    vectors.map(|bits| unpack(bits, units)).collect()
}

/// The statistics of one CD-1 minibatch per model, given where its chains ended.
pub(super) fn statistics(models: &[Witnesses], random: &mut Random) -> Vec<Row> {
    let mut worst = [Worst::default(); 4];
    let mut bias = [RoundingBias::default(); 2];
    for (model, &samples) in models.iter().zip(SAMPLES.iter().cycle()) {
        let shape = model.shape();
        let rngs = random.chains(samples + shape.hidden_words());
        let mut batch = Minibatch::new(shape, samples, rngs);
        batch.data = random.vectors(shape.visible(), samples);
        let error = batch.contrast(&model.engine.weights(), Method::ContrastiveDivergence, 1);
        let v1 = vectors(&batch.chain, shape.visible());
        let w = batch.weight_statistics();
        let c = batch.hidden_statistics();
        let b = batch.visible_statistics();
        let p = [1, 2].map(|block| sum_of_block(shape.hidden(), block, batch.gradient(0)));
        let v0 = vectors(&batch.data, shape.visible());
        let expected = model.quantised.cd_statistics(&v0, &v1);
        for i in 0..shape.visible() {
            worst[1].add(
                b[i] as f64 / samples as f64 - expected.visible_bias[i],
                1e-12,
            );
            for j in 0..shape.hidden() {
                let found = w[i * shape.hidden() + j] as f64 / (256 * samples) as f64;
                worst[0].add(found - expected.w[j * shape.visible() + i], 2.0 * ROUNDED);
            }
        }
        for (c, expected) in c.iter().zip(&expected.hidden_bias) {
            worst[0].add(*c as f64 / (256 * samples) as f64 - expected, 2.0 * ROUNDED);
        }
        for (block, v) in [&v0, &v1].into_iter().enumerate() {
            let expected = v.iter().flat_map(|v| model.quantised.p_hidden(v)).sum();
            bias[block].add(p[block] as f64 / 256.0, expected, samples * shape.hidden());
        }
        let (expected, bound) = reconstruction_error(model, &v0, batch.hidden());
        let each = 1.0 / (samples * shape.visible()) as f64;
        let error = error as f64 / 2_f64.powi(24);
        worst[3].add((error - expected) * each, bound * each);
    }
    bias.into_iter().for_each(|bias| bias.judge(&mut worst[2]));
    vec![
        worst[0].row("CD-1 statistics, hidden probabilities"),
        worst[1].row("CD-1 statistics, visible units"),
        worst[2].row("CD-1 statistics, bias of random rounding"),
        worst[3].row("reconstruction error, a unit"),
    ]
}

/// The sum of the probabilities at the data (block 1 of the tables), or at the ends of the chains (block 2, where they
/// are negative).
fn sum_of_block(hidden: usize, block: usize, gradient: Contrastive<'_>) -> i64 {
    let mut sum = 0_i64;
    for group in gradient.groups() {
        let stride = bitspin_core::kernel::padded(hidden);
        let first = block * bitspin_core::kernel::capacity(group.table(), stride);
        for row in group
            .table()
            .chunks_exact(stride)
            .skip(first)
            .take(group.samples())
        {
            sum += row.iter().map(|&p| i64::from(p)).sum::<i64>();
        }
    }
    sum.abs()
}

/// The mean of what random rounding adds to a probability.
///
/// Null: none beyond the logistic's error. Each term lies in an interval 1/256 wide and has mean zero given those before
/// it, so their mean obeys Hoeffding's inequality.
#[derive(Clone, Copy, Debug, Default)]
struct RoundingBias {
    sum: f64,
    count: usize,
}

impl RoundingBias {
    fn add(&mut self, found: f64, expected: f64, count: usize) {
        self.sum += found - expected;
        self.count += count;
    }

    fn judge(self, worst: &mut Worst) {
        let noise = hoeffding(self.count, FALSE_ALARM / 2.0) / 256.0;
        worst.add(self.sum / self.count as f64, LOGISTIC + noise);
    }
}

/// The sum over samples and visible units of `(v - p(v|h))^2`, and the most by which the engine may miss it: it rounds
/// each difference to 12 binary places, of which the largest is 1 - 2^-12.
fn reconstruction_error(model: &Witnesses, v0: &[Vec<f64>], hidden: &[u64]) -> (f64, f64) {
    let (mut sum, mut bound) = (0.0, 1e-9);
    for (v, h) in v0.iter().zip(vectors(hidden, model.quantised.hidden)) {
        for (v, p) in v.iter().zip(model.quantised.p_visible(&h)) {
            let difference = (v - p).abs();
            let held = difference > 1.0 - 2_f64.powi(-12);
            let off = LOGISTIC + 2_f64.powi(if held { -12 } else { -13 });
            sum += difference * difference;
            bound += 2.0 * difference * off + off * off;
        }
    }
    (sum, bound)
}

/// The mean of many sampled CD-1 statistics against their exact expectation.
///
/// Null: each of the 2^18 samples is an independent draw of CD-1 from its datum. Every parameter's statistic lies in an
/// interval less than 1 + 2/256 wide, so Hoeffding's inequality bounds its mean; the false-alarm rate is shared among all
/// parameters of all models.
pub(super) fn expectation(random: &mut Random) -> Vec<Row> {
    const BATCHES: usize = 1 << 11;
    const BATCH: usize = 128;
    let shapes = [(3, 2, 2.0), (6, 4, 1.0), (5, 3, 4.0)];
    let tests: usize = shapes.iter().map(|(v, h, _)| v * h + v + h).sum();
    let width = 1.0 + 2.0 / 256.0;
    let noise = width * hoeffding(BATCHES * BATCH, FALSE_ALARM / tests as f64);
    let mut worst = Worst::default();
    for (visible, hidden, scale) in shapes {
        let model = Witnesses::random(visible, hidden, scale, random);
        let shape = model.shape();
        let rngs = random.chains(BATCH + shape.hidden_words());
        let mut batch = Minibatch::new(shape, BATCH, rngs);
        batch.data = random.vectors(visible, BATCH);
        let data = vectors(&batch.data, visible);
        let weights = model.engine.weights();
        let (mut w, mut b, mut c) = (vec![0; visible * hidden], vec![0; visible], vec![0; hidden]);
        let add = |sums: &mut [i64], more: Vec<i64>| {
            sums.iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += more);
        };
        for _ in 0..BATCHES {
            batch.contrast(&weights, Method::ContrastiveDivergence, 1);
            add(&mut w, batch.weight_statistics());
            add(&mut b, batch.visible_statistics());
            add(&mut c, batch.hidden_statistics());
        }
        let expected = model.quantised.expected_cd(&data, 1);
        let count = (BATCHES * BATCH) as f64;
        let mut compare = |sum: i64, unit: f64, expected: f64| {
            worst.add(
                sum as f64 / (unit * count) - expected,
                noise + 2.0 * LOGISTIC,
            );
        };
        for i in 0..visible {
            compare(b[i], 1.0, expected.visible_bias[i]);
            for j in 0..hidden {
                compare(w[i * hidden + j], 256.0, expected.w[j * visible + i]);
            }
        }
        for (sum, expected) in c.iter().zip(&expected.hidden_bias) {
            compare(*sum, 256.0, *expected);
        }
    }
    vec![worst.row("CD-1 statistics, mean of 2^18")]
}
