//! Hopfield memories: the reference against the file, the engine against both, and what must hold of any network.

mod dynamics;
mod networks;
mod rules;

use bitspin::reference::{hopfield as reference, softmax, states};
use bitspin::validate::{FALSE_ALARM, Random};
use bitspin_core::bits::{Bits, spin, words};
use bitspin_core::hopfield::{
    ClippedCouplings, DenseMemory, Diagonal, Dynamics, ExponentialMemory, Interaction,
    LearningRule, Order, Outcome, PatternMemory, Patterns, Recall, RecallTemperature, Stop,
    WithFields, exponential_table, exponential_table_len, learn, recalled,
};
use bitspin_core::network::{Couplings, Energy, Network};
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
        let file: File = serde_json::from_str(include_str!("../../data/hopfield.json")).unwrap();
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
fn bad_shapes_are_typed_errors() {
    use bitspin_core::Error;
    let is =
        |found: Error, expected: &str| assert!(found.to_string().contains(expected), "{found}");
    is(
        Patterns::new(10, [0_u64; 0]).unwrap_err(),
        "patterns: expected at least one",
    );
    is(Patterns::new(1, [0_u64]).unwrap_err(), "2..=65536");
    is(Patterns::new(0, [0_u64]).unwrap_err(), "2..=65536");
    is(
        Patterns::new(65, [0_u64; 3]).unwrap_err(),
        "expected 4 elements, found 3",
    );
    is(
        Patterns::new(10, [1 << 10]).unwrap_err(),
        "zeros past the last unit",
    );
    is(Couplings::new(2, [0_i8, 1, 2, 0]).unwrap_err(), "symmetric");
    is(
        Couplings::new(2, [0_i16; 3]).unwrap_err(),
        "expected 4 elements, found 3",
    );
    let patterns = Patterns::new(784, vec![0; 13 * 1700]).unwrap();
    is(
        PatternMemory::new(patterns, LearningRule::Covariance, Diagonal::Zero).unwrap_err(),
        "N P^2",
    );
    let patterns = Patterns::new(8, [1_u64, 2]).unwrap();
    is(
        DenseMemory::new(patterns, [0; 8]).unwrap_err(),
        "expected 9 elements, found 8",
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
    let memory = PatternMemory::new(patterns, LearningRule::Hebb, Diagonal::Zero).unwrap();
    let (mut state, mut cache) = ([0], [0; 9]);
    let bits = Bits::new(8, &mut state[..]).unwrap();
    is(
        Dynamics::new(&memory, bits, &mut cache).unwrap_err(),
        "expected 10 elements, found 9",
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
        LearningRule::Hebb,
        Diagonal::Zero,
    )
    .unwrap();
    assert_eq!((size_of_val(&flash), memory.cache_len() * 4), (3328, CACHE));
}
