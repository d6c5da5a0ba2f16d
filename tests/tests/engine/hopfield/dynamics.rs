//! Recall: energy, fixed points and two-cycles, orders, Glauber dynamics.

use super::*;

#[test]
fn energy_never_rises_whatever_the_weights() {
    let mut random = Random::new(22);
    for (n, bits) in [(2, 2), (5, 2), (20, 2), (40, 3), (70, 8)] {
        for _ in 0..20 {
            let w = random_couplings(n, bits, &mut random);
            let h: Vec<i32> = random.fixed(n, 4).iter().map(|&h| h.into()).collect();
            let real: [Vec<f64>; 2] = [
                w.iter().map(|&w| w.into()).collect(),
                h.iter().map(|&h| h.into()).collect(),
            ];
            let network = WithFields::new(Couplings::new(n, w).unwrap(), h).unwrap();
            let mut state = random_patterns(n, 1, &mut random).as_words().to_vec();
            let mut cache = vec![0; n];
            let bits = Bits::new(n, &mut state[..]).unwrap();
            let mut dynamics = Dynamics::new(&network, bits, &mut cache[..]).unwrap();
            let energy = |d: &Dynamics<'_, _>| {
                2.0 * reference::energy(&real[0], &real[1], &unpack(d.state().as_words(), n))
            };
            let mut before = dynamics.twice_energy();
            assert_eq!(before as f64, energy(&dynamics));
            for unit in (0..n).chain((0..n).rev()) {
                let (field, own) = (
                    dynamics.field(unit),
                    i64::from(spin(dynamics.state().as_words(), unit)),
                );
                if field * own < 0 {
                    let change = dynamics.flip(unit).unwrap();
                    assert_eq!(change, 4 * own * field);
                    assert!(change < 0);
                    assert_eq!(dynamics.twice_energy(), before + change);
                    assert_eq!((before + change) as f64, energy(&dynamics));
                    before += change;
                }
            }
            let mut rng = random.chains(1).remove(0);
            for order in [
                Order::Ascending,
                Order::Random(&mut rng),
                Order::LargestGain,
            ] {
                let mut order = order;
                while dynamics.sweep(&mut order) > 0 {
                    let after = dynamics.twice_energy();
                    assert!(after < before);
                    before = after;
                }
                let start = random_patterns(n, 1, &mut random);
                for i in 0..n {
                    if spin(start.as_words(), i) != spin(dynamics.state().as_words(), i) {
                        dynamics.flip(i);
                    }
                }
                before = dynamics.twice_energy();
            }
        }
    }
}

#[test]
fn synchronous_recall_ends_in_a_fixed_point_or_a_two_cycle() {
    let mut random = Random::new(23);
    let mut ends = [0; 2];
    for round in 0..400 {
        let n = [2, 3, 7, 20, 65][round % 5];
        let w = random_couplings(n, 2 + round as u32 % 3, &mut random);
        let h = random
            .fixed(n, 2)
            .iter()
            .map(|&h| h.into())
            .collect::<Vec<i32>>();
        let network = WithFields::new(Couplings::new(n, w).unwrap(), h).unwrap();
        let mut state = random_patterns(n, 1, &mut random).as_words().to_vec();
        let (mut cache, mut scratch) = (vec![0; n], vec![0; 2 * words(n)]);
        let bits = Bits::new(n, &mut state[..]).unwrap();
        let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
        let recall = dynamics.settle_synchronous(&mut scratch, 10_000).unwrap();
        let period = match recall.stop {
            Stop::FixedPoint => 1,
            Stop::TwoCycle => 2,
            Stop::SweepLimit => panic!("it did not end"),
        };
        ends[period - 1] += 1;
        let mut states = [state.clone(), vec![0; words(n)], vec![0; words(n)]];
        for k in 0..2 {
            let now = states[k].clone();
            network.synchronous(&now, &mut cache, &mut states[k + 1]);
        }
        assert_eq!(states[period], state);
        assert_eq!(period == 1, states[1] == state);
    }
    assert!(ends.iter().all(|&count| count > 20), "{ends:?}");
}

#[test]
fn a_pair_that_repels_goes_to_and_fro() {
    let network = Couplings::new(2, [0_i8, -1, -1, 0]).unwrap();
    let (mut state, mut cache, mut scratch) = ([0b11], [0; 2], [0; 2]);
    let bits = Bits::new(2, &mut state[..]).unwrap();
    let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
    let recall = dynamics.settle_synchronous(&mut scratch, 1).unwrap();
    assert_eq!(
        (recall.stop, recall.sweeps, recall.flips),
        (Stop::SweepLimit, 1, 2)
    );
    let recall = dynamics.settle_synchronous(&mut scratch, 10).unwrap();
    assert_eq!((recall.stop, recall.sweeps), (Stop::TwoCycle, 2));
}

/// The distribution over states after some Glauber sweeps in ascending order from `start`, exactly.
fn after_sweeps(w: &[f64], h: &[f64], beta: f64, start: usize, sweeps: usize) -> Vec<f64> {
    let n = h.len();
    let mut p = vec![0.0; states(n).len()];
    p[start] = 1.0;
    for step in 0..sweeps * n {
        let i = step % n;
        for low in states(n).filter(|s| s >> i & 1 == 0) {
            let s = unpack(&[low as u64], n);
            let field = reference::field(w, &s, i) + h[i];
            let up = 1.0 / (1.0 + (-2.0 * beta * field).exp());
            let both = p[low] + p[low | 1 << i];
            (p[low], p[low | 1 << i]) = (both * (1.0 - up), both * up);
        }
    }
    p
}

/// Pearson's statistic of 2^16 ends of Glauber chains against the distribution they should have, and the bound that it
/// exceeds in fewer than [`FALSE_ALARM`] of all seeds (Laurent and Massart 2000, lemma 1).
fn glauber_statistic(beta: f64, sampled_at: f64) -> (f64, f64) {
    const CHAINS: usize = 1 << 16;
    const SWEEPS: usize = 60;
    let n = 6;
    let mut random = Random::new(24);
    let w = random_couplings(n, 3, &mut random);
    let h: Vec<i32> = random.fixed(n, 3).iter().map(|&h| h.into()).collect();
    let real = (
        w.iter().map(|&w| w.into()).collect::<Vec<f64>>(),
        h.iter().map(|&h| h.into()).collect::<Vec<f64>>(),
    );
    let energies: Vec<f64> = states(n)
        .map(|s| reference::energy(&real.0, &real.1, &unpack(&[s as u64], n)))
        .collect();
    let expected = softmax::boltzmann(&energies, 1.0 / beta);
    let exact = after_sweeps(&real.0, &real.1, beta, 5, SWEEPS);
    let apart: f64 = exact
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .sum();
    assert!(
        apart < 1e-6,
        "the chains have forgotten their start: {apart}"
    );
    let network = WithFields::new(Couplings::new(n, w).unwrap(), h).unwrap();
    let temperature = RecallTemperature::new(sampled_at).unwrap();
    let mut rng = random.chains(1).remove(0);
    let mut counts = vec![0.0; states(n).len()];
    for _ in 0..CHAINS {
        let (mut state, mut cache) = ([5], [0; 6]);
        let bits = Bits::new(n, &mut state[..]).unwrap();
        let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
        for _ in 0..SWEEPS {
            dynamics.glauber_sweep(temperature, &mut rng);
        }
        counts[state[0] as usize] += 1.0;
    }
    let (mut rare, mut degrees, mut statistic) = ((0.0, 0.0), -1.0, 0.0);
    let mut term = |found: f64, expected: f64| {
        degrees += 1.0;
        statistic += (found - expected) * (found - expected) / expected;
    };
    for (found, p) in counts.iter().zip(&expected) {
        let expected = p * CHAINS as f64;
        if expected < 20.0 {
            rare = (rare.0 + found, rare.1 + expected);
        } else {
            term(*found, expected);
        }
    }
    if rare.1 > 0.0 {
        term(rare.0, rare.1);
    }
    assert!(degrees >= 10.0, "{degrees} degrees of freedom");
    let x = (1.0 / FALSE_ALARM).ln();
    (statistic, degrees + 2.0 * (degrees * x).sqrt() + 2.0 * x)
}

/// Null: the ends of 2^16 independent chains are draws from the Boltzmann distribution (which 60 sweeps reach to within
/// 1e-6). The same test fails at a temperature that is 5% wrong.
#[test]
fn glauber_dynamics_reaches_the_boltzmann_distribution() {
    let (statistic, bound) = glauber_statistic(0.125, 0.125);
    assert!(statistic <= bound, "{statistic} above {bound}");
    let (statistic, bound) = glauber_statistic(0.125, 0.125 * 1.05);
    assert!(statistic > bound, "a wrong temperature passes: {statistic}");
}

#[test]
fn a_temperature_decides_by_the_nearest_fixed_point_number() {
    // At beta = 0 a spin is a fair coin; at a very low temperature it follows its field; out of range is refused.
    for beta in [-1.0, f64::NAN, f64::INFINITY, 1e13] {
        assert!(RecallTemperature::new(beta).is_err());
    }
    let network = WithFields::new(Couplings::new(2, [0_i8; 4]).unwrap(), [1, -1]).unwrap();
    let mut rng = Random::new(1).chains(1).remove(0);
    for (beta, ups) in [
        (0.0, 7_500..8_600),
        (1e-300, 7_500..8_600),
        (1e12, 16_000..16_001),
        (0.5, 11_200..12_200),
    ] {
        let (mut state, mut cache) = ([0b10], [0; 2]);
        let bits = Bits::new(2, &mut state[..]).unwrap();
        let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
        let temperature = RecallTemperature::new(beta).unwrap();
        let mut up = 0;
        for _ in 0..16_000 {
            dynamics.glauber_sweep(temperature, &mut rng);
            up += u32::from(dynamics.state().get(0) == Some(true));
        }
        // sigmoid(1) = 0.731: each range is at least seven standard deviations wide to either side.
        assert!(ups.contains(&up), "beta {beta}: {up} of 16000");
    }
}

#[test]
fn random_orders_are_reproducible_and_reach_memories() {
    let mut random = Random::new(33);
    let (n, p) = (300, 10);
    let patterns = random_patterns(n, p, &mut random);
    let memory =
        PatternMemory::new(patterns.as_patterns(), LearningRule::Hebb, Diagonal::Zero).unwrap();
    let rng = random.chains(1).remove(0);
    for k in 0..p {
        let probe = damaged(patterns.get(k).unwrap().as_words(), n, 8, &mut random);
        let mut states = [probe.clone(), probe.clone(), probe];
        let (mut a, mut b) = (rng.clone(), rng.clone());
        let first = settle(&memory, &mut states[0], Order::Random(&mut a));
        let second = settle(&memory, &mut states[1], Order::Random(&mut b));
        assert_eq!((first, &states[0], a), (second, &states[1], b));
        let greedy = settle(&memory, &mut states[2], Order::LargestGain);
        assert_eq!(
            (first.stop, greedy.stop),
            (Stop::FixedPoint, Stop::FixedPoint)
        );
        let of = |state: &[u64]| recalled(&patterns, &Bits::new(n, state).unwrap(), 0).unwrap();
        assert_eq!(of(&states[0]).exactly(), Some(k));
        assert_eq!(of(&states[2]).exactly(), Some(k));
    }
}

/// Unit 0 would gain 5 and unit 1 gains 6; whichever turns first decides for both.
#[test]
fn the_largest_gain_comes_first() {
    let network = WithFields::new(Couplings::new(2, [0_i8, 5, 5, 0]).unwrap(), [0, 1]).unwrap();
    let (mut ascending, mut largest) = ([0b01], [0b01]);
    settle(&network, &mut ascending, Order::Ascending);
    let recall = settle(&network, &mut largest, Order::LargestGain);
    assert_eq!((ascending, largest), ([0b00], [0b11]));
    assert_eq!((recall.flips, recall.sweeps), (1, 2));
}
