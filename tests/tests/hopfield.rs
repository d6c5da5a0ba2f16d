//! Hopfield memories: the reference against the file, the engine against both, and what must hold of any network.

use bitspin::reference::{boltzmann, hopfield as reference, states};
use bitspin::validate::{FALSE_ALARM, Random};
use bitspin_core::bits::{Bits, words};
use bitspin_core::hopfield::{
    ClippedCouplings, Couplings, DenseMemory, Diagonal, Dynamics, Energy, ExponentialMemory,
    Interaction, Network, Order, Outcome, PatternMemory, Patterns, Recall, Rule, Stop, Temperature,
    WithFields, exponential_table, exponential_table_len, learn, recalled,
};
use bitspin_core::kernel::overlap::spin;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "what")]
    _what: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    n: usize,
    patterns: Vec<Vec<f64>>,
    hebb: Vec<Vec<f64>>,
    covariance: Vec<Vec<f64>>,
    pseudo_inverse: Vec<Vec<f64>>,
    storkey: Vec<Vec<f64>>,
    probe: Vec<f64>,
    recall_hebb: Vec<f64>,
    energy_hebb: f64,
    recall_covariance: Vec<f64>,
    energy_covariance: f64,
    recall_pseudo_inverse: Vec<f64>,
    energy_pseudo_inverse: f64,
    recall_storkey: Vec<f64>,
    energy_storkey: f64,
}

/// A rule's couplings, recalled state and its energy.
type Result3<'a> = (&'a Vec<Vec<f64>>, &'a Vec<f64>, f64);

impl Case {
    fn all() -> Vec<Self> {
        let file: File = serde_json::from_str(include_str!("../data/hopfield.json")).unwrap();
        assert_eq!(file.cases.len(), 3);
        file.cases
    }

    fn rules(&self) -> [Result3<'_>; 4] {
        [
            (&self.hebb, &self.recall_hebb, self.energy_hebb),
            (
                &self.covariance,
                &self.recall_covariance,
                self.energy_covariance,
            ),
            (
                &self.pseudo_inverse,
                &self.recall_pseudo_inverse,
                self.energy_pseudo_inverse,
            ),
            (&self.storkey, &self.recall_storkey, self.energy_storkey),
        ]
    }

    fn packed(&self) -> Patterns<Vec<u64>> {
        let words = self.patterns.iter().flat_map(|x| pack(x)).collect();
        Patterns::new(self.n, words).unwrap()
    }
}

fn pack(s: &[f64]) -> Vec<u64> {
    let mut bits = vec![0; words(s.len())];
    for i in (0..s.len()).filter(|&i| s[i] > 0.0) {
        bits[i / 64] |= 1 << (i % 64);
    }
    bits
}

fn unpack(bits: &[u64], n: usize) -> Vec<f64> {
    (0..n).map(|i| f64::from(spin(bits, i))).collect()
}

fn random_patterns(n: usize, count: usize, random: &mut Random) -> Patterns<Vec<u64>> {
    let word = |random: &mut Random| u64::from(random.bits32()) << 32 | u64::from(random.bits32());
    let mut all = vec![];
    for _ in 0..count {
        let mut row: Vec<u64> = (0..words(n)).map(|_| word(random)).collect();
        row[words(n) - 1] &= bitspin_core::bits::tail_mask(n);
        all.extend(row);
    }
    Patterns::new(n, all).unwrap()
}

/// A pattern with some spins wrong.
fn damaged(pattern: &[u64], n: usize, one_in: u32, random: &mut Random) -> Vec<u64> {
    let mut state = pattern.to_vec();
    for i in (0..n).filter(|_| random.bits32() < u32::MAX / one_in) {
        state[i / 64] ^= 1 << (i % 64);
    }
    state
}

fn settle(network: &dyn Network, state: &mut [u64], order: Order<'_>) -> Recall {
    let mut cache = vec![0; network.cache_len()];
    let state = Bits::new(network.units(), state).unwrap();
    Dynamics::new(network, state, &mut cache)
        .unwrap()
        .settle(order, 1000)
}

fn fields(network: &dyn Network, state: &[u64]) -> Vec<i64> {
    let mut cache = vec![7; network.cache_len()];
    network.prepare(state, &mut cache);
    let units = 0..network.units();
    units.map(|i| network.field(state, &cache, i)).collect()
}

/// Symmetric couplings of a few bits with a zero diagonal.
fn random_couplings(n: usize, bits: u32, random: &mut Random) -> Vec<i8> {
    let mut w = vec![0; n * n];
    for i in 0..n {
        for j in 0..i {
            w[i * n + j] = random.fixed(1, bits)[0] as i8;
            w[j * n + i] = w[i * n + j];
        }
    }
    w
}

fn close(found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= bound,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn the_reference_agrees_with_the_file() {
    for case in Case::all() {
        let weights = [
            reference::hebb(&case.patterns),
            reference::covariance(&case.patterns),
            reference::pseudo_inverse(&case.patterns).unwrap(),
            reference::storkey(&case.patterns),
        ];
        let none = vec![0.0; case.n];
        for (w, (expected, state, energy)) in weights.iter().zip(case.rules()) {
            close(w, &expected.concat(), 1e-12);
            let (recalled, _) = reference::settle(w, &none, &case.probe, 100);
            assert_eq!(&recalled, state);
            close(
                &[reference::energy(w, &none, &recalled)],
                &[energy],
                1e-12 * energy.abs().max(1.0),
            );
        }
    }
}

/// Hebb and covariance couplings are exact integers, so the engine's states are those of exact arithmetic. The
/// others are rounded to 16 bits, which guarantees the turn of a spin whose field is above (N - 1) / (2 scale); on
/// these cases all states agree.
#[test]
fn the_engine_recalls_what_the_file_says() {
    for case in Case::all() {
        let (n, patterns) = (case.n, case.packed());
        let p = patterns.count();
        for (rule, (_, expected, energy), unit) in [
            (Rule::Hebb, case.rules()[0], p as f64),
            (Rule::Covariance, case.rules()[1], (p * p) as f64),
        ] {
            let memory = PatternMemory::new(patterns.as_patterns(), rule, Diagonal::Zero).unwrap();
            let mut w = vec![0_i16; n * n];
            match rule {
                Rule::Hebb => learn::hebb(&patterns, &mut w).unwrap(),
                Rule::Covariance => learn::covariance(&patterns, &mut w).unwrap(),
            }
            let couplings = Couplings::new(n, w).unwrap();
            for network in [&memory as &dyn Network, &couplings] {
                let mut state = pack(&case.probe);
                assert_eq!(
                    settle(network, &mut state, Order::Ascending).stop,
                    Stop::FixedPoint
                );
                assert_eq!(&unpack(&state, n), expected, "{rule:?}, N = {n}");
            }
            let (mut state, mut cache) = (pack(expected), vec![0; memory.cache_len()]);
            let bits = Bits::new(n, &mut state[..]).unwrap();
            let twice = Dynamics::new(&memory, bits, &mut cache)
                .unwrap()
                .twice_energy();
            close(
                &[0.5 * twice as f64 / unit],
                &[energy],
                1e-12 * energy.abs(),
            );
        }
        let (mut projection, mut basis) = (vec![0.0; n * n], vec![0.0; p * n]);
        learn::project(&patterns, &mut basis, &mut projection).unwrap();
        let (mut storkey, mut work) = (vec![0.0; n * n], vec![0.0; n]);
        for index in 0..p {
            learn::storkey_store(&patterns.get(index).unwrap(), &mut storkey, &mut work).unwrap();
        }
        for (mut w, (expected, recalled, _)) in
            [projection, storkey].into_iter().zip(&case.rules()[2..])
        {
            let mut quantised = vec![0_i16; n * n];
            let scale = learn::quantise(n, &w, &mut quantised).unwrap();
            w.iter_mut().step_by(n + 1).for_each(|w| *w = 0.0);
            close(&w, &expected.concat(), 1e-12);
            let back: Vec<f64> = quantised.iter().map(|&w| f64::from(w) / scale).collect();
            close(&back, &w, 0.5 / scale * (1.0 + 1e-9));
            let mut state = pack(&case.probe);
            settle(
                &Couplings::new(n, quantised).unwrap(),
                &mut state,
                Order::Ascending,
            );
            assert_eq!(&&unpack(&state, n), recalled);
        }
    }
}

#[test]
fn packed_fields_are_dense_fields_to_the_bit() {
    let mut random = Random::new(21);
    for n in [2, 3, 63, 64, 65, 130, 520, 784] {
        for p in [1, 2, 5, 17, 33] {
            let patterns = random_patterns(n, p, &mut random);
            for rule in [Rule::Hebb, Rule::Covariance] {
                let mut w = vec![0_i16; n * n];
                match rule {
                    Rule::Hebb => learn::hebb(&patterns, &mut w).unwrap(),
                    Rule::Covariance => learn::covariance(&patterns, &mut w).unwrap(),
                }
                for diagonal in [Diagonal::Zero, Diagonal::Kept] {
                    let memory =
                        PatternMemory::new(patterns.as_patterns(), rule, diagonal).unwrap();
                    if diagonal == Diagonal::Kept {
                        for i in 0..n {
                            w[i * n + i] = memory.coupling(i, i) as i16;
                        }
                    }
                    assert!(
                        (0..n).all(|j| memory.coupling(j, n / 2) == i32::from(w[j * n + n / 2]))
                    );
                    let dense = Couplings::new(n, w.clone()).unwrap();
                    check_agreement(&memory, &dense, &mut random);
                }
            }
        }
    }
}

/// Two networks have the same fields and energies, afresh and after flips, and take the same synchronous step.
fn check_agreement(a: &dyn Energy, b: &dyn Energy, random: &mut Random) {
    let n = a.units();
    let start = random_patterns(n, 1, random).as_words().to_vec();
    let (mut s, mut t) = (start.clone(), start);
    let (mut cache_a, mut cache_b) = (vec![0; a.cache_len()], vec![0; b.cache_len()]);
    let mut x = Dynamics::new(a, Bits::new(n, &mut s[..]).unwrap(), &mut cache_a).unwrap();
    let mut y = Dynamics::new(b, Bits::new(n, &mut t[..]).unwrap(), &mut cache_b).unwrap();
    for _ in 0..4 {
        let before = x.twice_energy();
        assert_eq!(before, y.twice_energy());
        for i in 0..n {
            assert_eq!(x.field(i), y.field(i), "field {i} of {n}");
        }
        let unit = random.bits32() as usize % n;
        let change = x.flip(unit);
        assert_eq!(change, y.flip(unit));
        assert_eq!(x.twice_energy() - before, change.unwrap());
    }
    let state = x.state().as_words().to_vec();
    let mut next = [vec![0; words(n)], vec![0; words(n)]];
    a.synchronous(&state, &mut vec![0; a.cache_len()], &mut next[0]);
    b.synchronous(&state, &mut vec![0; b.cache_len()], &mut next[1]);
    assert_eq!(next[0], next[1]);
    for (i, &field) in fields(a, &state).iter().enumerate() {
        let expected = reference::turned(f64::from(spin(&state, i)), field as f64);
        assert_eq!(f64::from(spin(&next[0], i)), expected);
    }
}

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
            let mut dynamics = Dynamics::new(&network, bits, &mut cache).unwrap();
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
    let expected = boltzmann::boltzmann(&energies, 1.0 / beta);
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
    let temperature = Temperature::new(sampled_at).unwrap();
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
        assert!(Temperature::new(beta).is_err());
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
        let temperature = Temperature::new(beta).unwrap();
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
fn a_dense_memory_of_degree_two_is_hebb() {
    let mut random = Random::new(25);
    for n in [2, 9, 64, 70, 300, 784] {
        for p in [1, 2, 6, 40] {
            let patterns = random_patterns(n, p, &mut random);
            let mut table = vec![0; n + 1];
            Interaction::Polynomial { degree: 2 }
                .tabulate(p, &mut table)
                .unwrap();
            let dense = DenseMemory::new(patterns.as_patterns(), table).unwrap();
            let hebb =
                PatternMemory::new(patterns.as_patterns(), Rule::Hebb, Diagonal::Zero).unwrap();
            let probe = damaged(patterns.get(0).unwrap().as_words(), n, 5, &mut random);
            let four: Vec<i64> = fields(&hebb, &probe).iter().map(|f| 4 * f).collect();
            assert_eq!(fields(&dense, &probe), four);
            let mut next = [vec![0; words(n)], vec![0; words(n)]];
            dense.synchronous(&probe, &mut vec![0; p], &mut next[0]);
            hebb.synchronous(&probe, &mut vec![0; n + p], &mut next[1]);
            assert_eq!(next[0], next[1]);
            for order in [|| Order::Ascending, || Order::LargestGain] {
                let mut states = [probe.clone(), probe.clone()];
                let a = settle(&dense, &mut states[0], order());
                let b = settle(&hebb, &mut states[1], order());
                assert_eq!((a, &states[0]), (b, &states[1]));
            }
        }
    }
}

#[test]
fn dense_fields_are_differences_of_the_energy() {
    let mut random = Random::new(26);
    for (n, p, degree) in [(7, 3, 3), (20, 10, 4), (65, 7, 5), (10, 20, 1)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        for (interaction, rectified) in [
            (Interaction::Polynomial { degree }, false),
            (Interaction::Rectified { degree }, true),
        ] {
            let f = |m: f64| {
                if rectified && m < 0.0 {
                    0.0
                } else {
                    m.powi(degree as i32)
                }
            };
            let mut table = vec![0; n + 1];
            interaction.tabulate(p, &mut table).unwrap();
            let memory = DenseMemory::new(patterns.as_patterns(), table).unwrap();
            let state = random_patterns(n, 1, &mut random).as_words().to_vec();
            let s = unpack(&state, n);
            let found = fields(&memory, &state);
            for (i, &found) in found.iter().enumerate() {
                let expected = reference::dense_field(&real, f, &s, i);
                assert_eq!(found as f64, expected, "degree {degree}");
            }
            let mut cache = vec![0; p];
            memory.prepare(&state, &mut cache);
            assert_eq!(
                memory.twice_energy(&state, &cache) as f64,
                2.0 * reference::dense_energy(&real, f, &s)
            );
            let mut next = vec![0; words(n)];
            memory.synchronous(&state, &mut cache, &mut next);
            for (i, &found) in found.iter().enumerate() {
                assert_eq!(
                    f64::from(spin(&next, i)),
                    reference::turned(s[i], found as f64)
                );
            }
        }
    }
}

#[test]
fn large_powers_are_scaled_to_fit() {
    for degree in [6, 7, 20, 64] {
        let (n, p) = (784, 1000);
        let mut table = vec![0; n + 1];
        Interaction::Polynomial { degree }
            .tabulate(p, &mut table)
            .unwrap();
        let top = table[n] as f64;
        assert!(top <= (2_f64).powi(59) / p as f64);
        for (agreeing, &found) in table.iter().enumerate() {
            let m = (2.0 * agreeing as f64 - n as f64) / n as f64;
            let expected = top * m.powi(degree as i32);
            assert!(
                (found as f64 - expected).abs() <= 1.0 + 1e-13 * expected.abs(),
                "{found}, {expected}"
            );
        }
    }
}

/// More patterns than units, past what pairs can hold.
#[test]
fn dense_and_exponential_memories_hold_more_patterns_than_units() {
    let mut random = Random::new(27);
    let (n, p) = (100, 400);
    let patterns = random_patterns(n, p, &mut random);
    let mut table = vec![0; n + 1];
    Interaction::Polynomial { degree: 6 }
        .tabulate(p, &mut table)
        .unwrap();
    let dense = DenseMemory::new(patterns.as_patterns(), table).unwrap();
    let mut table = vec![0; exponential_table_len(0.25)];
    exponential_table(0.25, &mut table).unwrap();
    let exponential = ExponentialMemory::new(patterns.as_patterns(), table).unwrap();
    let hebb = PatternMemory::new(patterns.as_patterns(), Rule::Hebb, Diagonal::Zero).unwrap();
    let mut right = [0; 3];
    for k in 0..40 {
        let probe = damaged(patterns.get(k).unwrap().as_words(), n, 10, &mut random);
        for (network, right) in [&dense as &dyn Network, &exponential, &hebb]
            .into_iter()
            .zip(&mut right)
        {
            let mut state = probe.clone();
            settle(network, &mut state, Order::Ascending);
            let state = Bits::new(n, &state[..]).unwrap();
            *right += usize::from(recalled(&patterns, &state, 0).unwrap().exactly() == Some(k));
        }
    }
    assert!(
        right[0] >= 38 && right[1] >= 38 && right[2] == 0,
        "{right:?}"
    );
}

#[test]
fn exponential_fields_are_those_of_exp_within_the_tables_rounding() {
    let mut random = Random::new(28);
    for (n, p, beta) in [(20, 5, 0.1), (65, 30, 0.3), (12, 40, 1.0), (130, 1, 2.0)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        let mut table = vec![0; exponential_table_len(beta)];
        exponential_table(beta, &mut table).unwrap();
        let memory = ExponentialMemory::new(patterns.as_patterns(), table).unwrap();
        for k in 0..20 {
            let near = patterns.get(k % p).unwrap();
            let state = damaged(near.as_words(), n, 1 + k as u32, &mut random);
            let s = unpack(&state, n);
            let overlaps = real
                .iter()
                .map(|x| x.iter().zip(&s).map(|(x, s)| x * s).sum::<f64>());
            let largest = overlaps.fold(f64::NEG_INFINITY, f64::max);
            // The engine's unit: F(M) - F(M - 2) of the best match is one table's unit, 2^31, less a step.
            let unit = (beta * largest).exp() * ((2.0 * beta).exp() - 1.0) / f64::from(1_u32 << 31);
            let found = fields(&memory, &state);
            let mut next = vec![0; words(n)];
            memory.synchronous(&state, &mut vec![0; p + 1], &mut next);
            for (i, &found) in found.iter().enumerate() {
                let expected = reference::dense_field(&real, |m| (beta * m).exp(), &s, i) / unit;
                let bound = 0.51 * p as f64 + 1e-5;
                assert!(
                    (found as f64 - expected).abs() <= bound,
                    "{found}, {expected}"
                );
                assert_eq!(
                    f64::from(spin(&next, i)),
                    reference::turned(s[i], found as f64)
                );
            }
        }
    }
}

#[test]
fn one_more_pattern_and_one_less() {
    let mut random = Random::new(29);
    let (n, p) = (70, 9);
    let patterns = random_patterns(n, p, &mut random);
    let fewer = Patterns::new(n, &patterns.as_words()[..(p - 1) * words(n)]).unwrap();
    let last = patterns.get(p - 1).unwrap();
    let (mut all, mut less) = (vec![0_i8; n * n], vec![0_i8; n * n]);
    learn::hebb(&patterns, &mut all).unwrap();
    learn::hebb(&fewer, &mut less).unwrap();
    let before = less.clone();
    learn::hebb_store(&last, &mut less).unwrap();
    assert_eq!(less, all);
    learn::hebb_forget(&last, &mut less).unwrap();
    assert_eq!(less, before);
    let mut full = vec![0_i8; n * n];
    for _ in 0..127 {
        learn::hebb_store(&last, &mut full).unwrap();
    }
    let before = full.clone();
    assert!(learn::hebb_store(&last, &mut full).is_err());
    assert_eq!(full, before, "nothing is half stored");

    let (mut all, mut less, mut step) = (vec![0.0; n * n], vec![0.0; n * n], vec![0.0; n * n]);
    let mut basis = vec![0.0; p * n];
    learn::project(&patterns, &mut basis, &mut all).unwrap();
    learn::project(&fewer, &mut basis[n..], &mut less).unwrap();
    for index in 0..p {
        learn::project_store(
            &patterns.get(index).unwrap(),
            &mut step,
            &mut basis[..2 * n],
        )
        .unwrap();
        if index == p - 2 {
            close(&step, &less, 1e-12);
        }
    }
    close(&step, &all, 1e-12);
    learn::project_forget(&last, &fewer, &mut basis, &mut step).unwrap();
    close(&step, &less, 1e-12);
    // A combination of what is stored is refused: the same again, an inverse.
    let inverse: Vec<u64> = patterns.get(2).unwrap().as_words().to_vec();
    let inverse = vec![!inverse[0], !inverse[1] & bitspin_core::bits::tail_mask(n)];
    let inverse = Bits::new(n, inverse).unwrap();
    assert!(learn::project_store(&inverse, &mut step, &mut basis[..2 * n]).is_err());
    close(&step, &less, 1e-12);
    let twice = Patterns::new(n, [fewer.as_words(), inverse.as_words()].concat()).unwrap();
    assert!(learn::project(&twice, &mut basis, &mut all).is_err());
    let many = random_patterns(8, 9, &mut random);
    assert!(learn::project(&many, &mut [0.0; 72], &mut [0.0; 64]).is_err());
}

#[test]
fn covariance_of_the_float_rule_is_the_reference() {
    let mut random = Random::new(30);
    for (n, p) in [(2, 1), (33, 7), (64, 200)] {
        let patterns = random_patterns(n, p, &mut random);
        let real: Vec<Vec<f64>> = patterns.iter().map(|x| unpack(x, n)).collect();
        let mut w = vec![1.0; n * n];
        learn::covariance_f64(&patterns, &mut w).unwrap();
        close(&w, &reference::covariance(&real), 1e-12);
        let mut whole = vec![1_i16; n * n];
        match learn::covariance(&patterns, &mut whole) {
            Ok(()) => {
                let unit = (p * p) as f64;
                let back: Vec<f64> = whole.iter().map(|&w| f64::from(w) / unit).collect();
                close(&back, &w, 1e-15);
            }
            Err(_) => assert!(p > 181),
        }
    }
}

#[test]
fn clipped_couplings_are_signs_of_hebbs() {
    let mut random = Random::new(31);
    for (n, p) in [(2, 1), (64, 3), (65, 4), (200, 20)] {
        let patterns = random_patterns(n, p, &mut random);
        let mut hebb = vec![0_i16; n * n];
        learn::hebb(&patterns, &mut hebb).unwrap();
        let mut rows = vec![0; n * words(n)];
        learn::clipped(&patterns, &mut rows, &mut vec![0; words(n)]).unwrap();
        let clipped = ClippedCouplings::new(n, &rows[..]).unwrap();
        let (mut ties, mut sum) = (0, 0);
        let mut signs = vec![0_i16; n * n];
        for (at, &w) in hebb.iter().enumerate() {
            let (i, j) = (at / n, at % n);
            let found = clipped.coupling(i, j);
            signs[at] = found as i16;
            if i == j {
                assert_eq!(found, 0);
            } else if w == 0 {
                (ties, sum) = (ties + 1, sum + found);
            } else {
                assert_eq!(found, i32::from(w.signum()));
            }
        }
        // Ties are fair coins: within five standard deviations, each pair counted twice.
        assert!(
            f64::from(sum).abs() <= 5.0 * (2.0 * f64::from(ties)).sqrt(),
            "{sum} of {ties}"
        );
        check_agreement(&clipped, &Couplings::new(n, signs).unwrap(), &mut random);
        if n > 2 {
            rows[0] ^= 2;
            assert!(
                ClippedCouplings::new(n, &rows[..]).is_err(),
                "not symmetric"
            );
        }
    }
}

#[test]
fn outcomes() {
    let mut random = Random::new(32);
    let (n, p) = (130, 5);
    let patterns = random_patterns(n, p, &mut random);
    let of = |state: &[u64], tolerance| {
        recalled(&patterns, &Bits::new(n, state).unwrap(), tolerance).unwrap()
    };
    for index in 0..p {
        let mut state = patterns.get(index).unwrap().as_words().to_vec();
        assert_eq!(
            of(&state, 0),
            Outcome::Pattern {
                index,
                differing: 0
            }
        );
        state[1] ^= 0b110;
        assert!(matches!(of(&state, 0), Outcome::Spurious { nearest, .. } if nearest == index));
        assert_eq!(
            of(&state, 2),
            Outcome::Pattern {
                index,
                differing: 2
            }
        );
        let mut inverse: Vec<u64> = state.iter().map(|word| !word).collect();
        inverse[2] &= bitspin_core::bits::tail_mask(n);
        assert_eq!(
            of(&inverse, 2),
            Outcome::Inverse {
                index,
                differing: 2
            }
        );
    }
    let row = |index: usize| patterns.get(index).unwrap().as_words().to_vec();
    let (a, b, c) = (row(0), row(2), row(4));
    let majority: Vec<u64> = (0..a.len())
        .map(|k| a[k] & b[k] | a[k] & !c[k] | b[k] & !c[k])
        .collect();
    match of(&majority, 0) {
        Outcome::Mixture {
            mut parts,
            differing: 0,
        } => {
            parts.sort_unstable();
            assert_eq!(parts, [(0, false), (2, false), (4, true)]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn random_orders_are_reproducible_and_reach_memories() {
    let mut random = Random::new(33);
    let (n, p) = (300, 10);
    let patterns = random_patterns(n, p, &mut random);
    let memory = PatternMemory::new(patterns.as_patterns(), Rule::Hebb, Diagonal::Zero).unwrap();
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

#[test]
fn bad_shapes_are_typed_errors() {
    use bitspin_core::Error;
    let is =
        |found: Error, expected: &str| assert!(found.to_string().contains(expected), "{found}");
    is(
        Patterns::new(10, [0_u64; 0]).unwrap_err(),
        "patterns is empty",
    );
    is(Patterns::new(1, [0_u64]).unwrap_err(), "2..=65536");
    is(Patterns::new(0, [0_u64]).unwrap_err(), "2..=65536");
    is(
        Patterns::new(65, [0_u64; 3]).unwrap_err(),
        "has 3 elements where 4 were expected",
    );
    is(
        Patterns::new(10, [1 << 10]).unwrap_err(),
        "zeros past the last unit",
    );
    is(Couplings::new(2, [0_i8, 1, 2, 0]).unwrap_err(), "symmetric");
    is(
        Couplings::new(2, [0_i16; 3]).unwrap_err(),
        "3 elements where 4",
    );
    let patterns = Patterns::new(784, vec![0; 13 * 1700]).unwrap();
    is(
        PatternMemory::new(patterns, Rule::Covariance, Diagonal::Zero).unwrap_err(),
        "N P^2",
    );
    let patterns = Patterns::new(8, [1_u64, 2]).unwrap();
    is(
        DenseMemory::new(patterns, [0; 8]).unwrap_err(),
        "8 elements where 9",
    );
    is(
        DenseMemory::new(patterns, [i64::MIN; 9]).unwrap_err(),
        "2^59 / P",
    );
    is(
        Interaction::Polynomial { degree: 0 }
            .tabulate(1, &mut [0; 3])
            .unwrap_err(),
        "1..=64",
    );
    is(
        ExponentialMemory::new(patterns, [1, 2]).unwrap_err(),
        "falling",
    );
    is(exponential_table(0.0, &mut [0; 3]).unwrap_err(), "positive");
    is(
        learn::hebb::<_, i8>(&Patterns::new(2, [0; 128]).unwrap(), &mut [0; 4]).unwrap_err(),
        "patterns",
    );
    is(
        learn::quantise::<i8>(2, &[0.0, f64::NAN, 0.0, 0.0], &mut [0; 4]).unwrap_err(),
        "not finite",
    );
    let memory = PatternMemory::new(patterns, Rule::Hebb, Diagonal::Zero).unwrap();
    let (mut state, mut cache) = ([0], [0; 9]);
    let bits = Bits::new(8, &mut state[..]).unwrap();
    is(
        Dynamics::new(&memory, bits, &mut cache).unwrap_err(),
        "9 elements where 10",
    );
}

/// What a microcontroller has to hold in RAM for N = 784, P = 32, with the patterns in flash.
#[test]
fn recall_of_784_units_fits_16_kib() {
    use std::mem::size_of;
    type Memory = PatternMemory<&'static [u64]>;
    const STATE: usize = 8 * words(784);
    const CACHE: usize = 4 * (784 + 32);
    const KEPT: usize = size_of::<Memory>() + size_of::<Dynamics<'static, Memory>>();
    const { assert!(KEPT + STATE + 2 * STATE + CACHE < 4096) }
    let (flash, _) = ([0_u64; 32 * words(784)], ());
    let memory = PatternMemory::new(
        Patterns::new(784, &flash[..]).unwrap(),
        Rule::Hebb,
        Diagonal::Zero,
    )
    .unwrap();
    assert_eq!((size_of_val(&flash), memory.cache_len() * 4), (3328, CACHE));
}
