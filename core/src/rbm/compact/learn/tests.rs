//! The learner against expectations by enumeration in float64, and its promises.

use std::vec;
use std::vec::Vec;

use super::*;
use crate::rng::{Purpose, Streams};

/// The buffers of a learner.
struct Owned {
    shape: Shape,
    codes: Vec<u8>,
    biases: [Vec<i16>; 2],
    norms: [Vec<u16>; 2],
    scratch: Vec<i16>,
    states: Vec<u64>,
}

impl Owned {
    fn new(visible: usize, hidden: usize) -> Self {
        let shape = Shape::new(visible, hidden).unwrap();
        Self {
            shape,
            codes: vec![0; 2 * visible * hidden],
            biases: [vec![0; visible], vec![0; hidden]],
            norms: [vec![7; visible], vec![7; hidden]],
            scratch: vec![7; Learner::scratch_len(shape)],
            states: vec![7; Learner::states_len(shape)],
        }
    }

    fn learner(&mut self, fraction_bits: u32) -> Result<Learner<'_>, Error> {
        let [visible_bias, hidden_bias] = &mut self.biases;
        let [visible_norms, hidden_norms] = &mut self.norms;
        let buffers = LearnerBuffers {
            model: Buffers {
                codes: &mut self.codes,
                visible_bias,
                hidden_bias,
            },
            visible_norms,
            hidden_norms,
            scratch: &mut self.scratch,
            states: &mut self.states,
        };
        Learner::new(self.shape, fraction_bits, buffers)
    }

    /// Weights, visible and hidden biases, as numbers.
    fn parameters(&self, fraction_bits: u32) -> Vec<f64> {
        let one = f64::from(1 << fraction_bits);
        let weights = self.codes.as_chunks::<2>().0.iter();
        weights
            .map(|code| i16::from_le_bytes(*code))
            .chain(self.biases.concat())
            .map(|number| f64::from(number) / one)
            .collect()
    }
}

fn chain(seed: u64) -> ChainRng {
    Streams::new(seed, Purpose::Chains).next_chain()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// The probabilities of the units of one layer given the other, and that of a state of theirs.
fn given(parameters: &[f64], (v, h): (usize, usize), state: usize, up: bool) -> Vec<f64> {
    let set = |i: usize| (state >> i & 1) as f64;
    let w = |i: usize, j: usize| parameters[i * h + j];
    let bias = &parameters[v * h..];
    if up {
        let field = |j| bias[v + j] + (0..v).map(|i| set(i) * w(i, j)).sum::<f64>();
        (0..h).map(|j| sigmoid(field(j))).collect()
    } else {
        let field = |i: usize| bias[i] + (0..h).map(|j| set(j) * w(i, j)).sum::<f64>();
        (0..v).map(|i| sigmoid(field(i))).collect()
    }
}

fn probability(units: &[f64], state: usize) -> f64 {
    let of = |(i, p): (usize, &f64)| if state >> i & 1 != 0 { *p } else { 1.0 - p };
    units.iter().enumerate().map(of).product()
}

/// v_i p(h_j | v), v_i and p(h_j | v), in the order of the parameters.
fn statistics(parameters: &[f64], (v, h): (usize, usize), state: usize) -> Vec<f64> {
    let p = given(parameters, (v, h), state, true);
    let set = |i: usize| (state >> i & 1) as f64;
    let pairs = (0..v).flat_map(|i| p.iter().map(move |p| set(i) * p));
    pairs.chain((0..v).map(set)).chain(p.clone()).collect()
}

fn expected_update(parameters: &[f64], shape: (usize, usize), example: usize) -> Vec<f64> {
    let mut update = statistics(parameters, shape, example);
    let p_hidden = given(parameters, shape, example, true);
    for hidden in 0..1 << shape.1 {
        let p_visible = given(parameters, shape, hidden, false);
        for fantasy in 0..1 << shape.0 {
            let weight = probability(&p_hidden, hidden) * probability(&p_visible, fantasy);
            let after = statistics(parameters, shape, fantasy);
            update
                .iter_mut()
                .zip(after)
                .for_each(|(u, s)| *u -= weight * s);
        }
    }
    update
}

/// Null: steps from one model are independent, and their mean is the rate times the exact CD-1 update. 20,000 steps at
/// each of two rates, the larger of which moves a parameter by many places and the smaller by less than one; 2 x 31
/// comparisons of normal means at 5.5 standard errors, a false alarm of 62 x 4e-8. Probabilities are off by 2^-14 at most.
#[test]
fn a_step_is_cd1_in_expectation() {
    const STEPS: usize = 20_000;
    let (shape, fraction_bits, example) = ((5, 4), 9, 0b10110);
    let mut start = Owned::new(shape.0, shape.1);
    let mut rng = chain(3);
    start.learner(fraction_bits).unwrap().scatter(255, &mut rng);
    start.biases = [vec![100, -200, 300, 0, -50], vec![-300, 150, 0, 80]];
    let before = start.parameters(fraction_bits);
    let expected = expected_update(&before, shape, example as usize);
    let saved = (start.codes.clone(), start.biases.clone());
    for rate in [20_000_u16, 60] {
        let (mut sums, mut squares) = (vec![0.0; before.len()], vec![0.0; before.len()]);
        for _ in 0..STEPS {
            (start.codes, start.biases) = saved.clone();
            start
                .learner(fraction_bits)
                .unwrap()
                .step(&Bits::new(shape.0, [example]).unwrap(), rate, &mut rng)
                .unwrap();
            let after = start.parameters(fraction_bits);
            for (at, (after, before)) in after.iter().zip(&before).enumerate() {
                let change = (after - before) * 65_536.0 / f64::from(rate);
                sums[at] += change;
                squares[at] += change * change;
            }
        }
        let n = STEPS as f64;
        for ((sum, square), expected) in sums.iter().zip(&squares).zip(&expected) {
            let mean = sum / n;
            let error = libm::sqrt((square / n - mean * mean) / n);
            let off = (mean - expected).abs();
            assert!(
                off <= 5.5 * error + 2.0_f64.powi(-13),
                "rate {rate}: {mean}, {expected}"
            );
        }
    }
}

/// A model that large steps drive to the edge of the fields' range stays valid, and its sums are kept.
#[test]
fn the_model_is_valid_after_every_step() {
    let mut at_the_edge = 0;
    for (visible, hidden, fraction_bits) in [(70, 9, 11), (3, 40, 11), (1, 1, 11), (33, 33, 1)] {
        let mut owned = Owned::new(visible, hidden);
        let mut rng = chain(visible as u64);
        let format = owned.learner(fraction_bits).unwrap().format();
        owned.learner(fraction_bits).unwrap().scatter(255, &mut rng);
        for step in 0..400_u64 {
            let mut example = vec![0x0f0f_3355_7777_ffff_u64.rotate_left(step as u32 % 7); 2];
            example.truncate(words(visible));
            *example.last_mut().unwrap() &= crate::bits::tail_mask(visible);
            let mut learner = owned.learner(fraction_bits).unwrap();
            for _ in 0..5 {
                let example = Bits::new(visible, &example[..]).unwrap();
                learner.step(&example, u16::MAX, &mut rng).unwrap();
                let kept = [
                    learner.buffers.visible_norms.to_vec(),
                    learner.buffers.hidden_norms.to_vec(),
                ];
                at_the_edge += kept[0].iter().filter(|&&sum| sum > 32_000).count();
                let model = learner.model();
                assert!(CompactRbm::new(learner.shape, format, model.buffers()).is_ok());
                learner.sum_magnitudes();
                assert_eq!(kept[0], learner.buffers.visible_norms);
                assert_eq!(kept[1], learner.buffers.hidden_norms);
            }
        }
    }
    assert!(at_the_edge > 100, "{at_the_edge}");
}

#[test]
fn two_patterns_are_learned() {
    let mut owned = Owned::new(64, 8);
    let mut rng = chain(1);
    let mut learner = owned.learner(9).unwrap();
    learner.scatter(40, &mut rng);
    let examples = [[0x00ff_00ff_00ff_00ff], [0xff00_ff00_ff00_ff00]];
    let mut wrong = Vec::new();
    for _ in 0..2000 {
        let examples = examples.map(|v| Bits::new(64, v).unwrap());
        let both = examples.map(|v| learner.step(&v, 3_000, &mut rng).unwrap());
        wrong.push(both.iter().sum::<u32>());
    }
    let sum = |wrong: &[u32]| wrong.iter().sum::<u32>();
    let (first, last) = (sum(&wrong[..20]), sum(&wrong[1980..]));
    assert!(first > 20 * 40 && last < 20 * 8, "{first}, then {last}");
}

#[test]
fn wrong_buffers_are_refused() {
    let what = |change: &dyn Fn(&mut Owned), fraction_bits| {
        let mut owned = Owned::new(9, 5);
        change(&mut owned);
        match owned.learner(fraction_bits) {
            Err(Error::Length { what, .. } | Error::OutOfRange { what, .. }) => Some(what),
            _ => None,
        }
    };
    assert_eq!(what(&|_| {}, 11), None);
    assert_eq!(what(&|_| {}, 12), Some("fraction_bits"));
    assert_eq!(what(&|_| {}, 0), Some("fraction_bits"));
    assert_eq!(what(&|o| o.codes.truncate(88), 9), Some("weight codes"));
    assert_eq!(what(&|o| o.norms[0].push(0), 9), Some("visible_norms"));
    assert_eq!(what(&|o| o.norms[1].push(0), 9), Some("hidden_norms"));
    assert_eq!(what(&|o| o.scratch.push(0), 9), Some("scratch"));
    assert_eq!(what(&|o| o.states.push(0), 9), Some("states"));
    assert_eq!(what(&|o| o.biases[0][0] = i16::MIN, 9), Some("weights"));
}
