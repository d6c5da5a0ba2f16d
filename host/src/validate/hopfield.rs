//! Hopfield memories: couplings, fields, energies, recall and Glauber's dynamics.

use super::report::Worst;
use super::{FALSE_ALARM, Random, Row, total_variation, total_variation_bound};
use crate::reference::{hopfield as reference, softmax, states};
use bitspin_core::bits::{Bits, spin, tail_mask, words};
use bitspin_core::hopfield::{
    DenseMemory, Diagonal, Dynamics, ExponentialMemory, Interaction, LearningRule, Order,
    PatternMemory, Patterns, RecallTemperature, exponential_table, exponential_table_len, learn,
};
use bitspin_core::kernel::scalar::overlap as scalar;
use bitspin_core::kernel::simd::overlap as simd;
use bitspin_core::network::{Couplings, Network};

/// Units and patterns: around words and vectors, and more patterns than a short list holds.
const SIZES: [(usize, usize); 6] = [(2, 1), (17, 3), (64, 5), (65, 12), (130, 9), (600, 20)];

/// Draws of Glauber's dynamics.
const CHAINS: usize = 1 << 16;

/// Patterns as the engine and as the reference see them, and a state.
struct Stored {
    packed: Patterns<Vec<u64>>,
    real: Vec<Vec<f64>>,
    state: Vec<u64>,
}

impl Stored {
    fn random(units: usize, count: usize, random: &mut Random) -> Self {
        let mut row = || -> Vec<u64> {
            let word = |_| u64::from(random.bits32()) << 32 | u64::from(random.bits32());
            let mut row: Vec<u64> = (0..words(units)).map(word).collect();
            row[words(units) - 1] &= tail_mask(units);
            row
        };
        let rows: Vec<Vec<u64>> = (0..count).map(|_| row()).collect();
        Self {
            state: row(),
            real: rows.iter().map(|row| spins(row, units)).collect(),
            packed: Patterns::new(units, rows.concat()).expect("whole patterns"),
        }
    }

    fn all(random: &mut Random) -> Vec<Self> {
        let sizes = SIZES.iter();
        sizes.map(|&(n, p)| Self::random(n, p, random)).collect()
    }
}

fn spins(bits: &[u64], units: usize) -> Vec<f64> {
    (0..units).map(|i| f64::from(spin(bits, i))).collect()
}

fn fields(network: &dyn Network, state: &[u64]) -> Vec<f64> {
    let mut cache = vec![0; network.cache_len()];
    network.prepare(state, &mut cache);
    let units = 0..network.units();
    let field = |i| network.field(state, &cache, i) as f64;
    units.map(field).collect()
}

/// Every row about Hopfield memories.
pub(super) fn rows(random: &mut Random) -> Vec<Row> {
    let stored = Stored::all(random);
    [
        packed(&stored),
        learned(&stored),
        dense(&stored),
        kernels(random),
        glauber(random),
    ]
    .concat()
}

/// Networks whose couplings are implied by the patterns: whole numbers, so exact.
fn packed(stored: &[Stored]) -> Vec<Row> {
    let (mut field, mut energy, mut recall) = <(Worst, Worst, Worst)>::default();
    for Stored {
        packed,
        real,
        state,
    } in stored
    {
        let (n, p) = (packed.units(), packed.count() as f64);
        for (rule, w, unit) in [
            (LearningRule::Hebb, reference::hebb(real), p),
            (LearningRule::Covariance, reference::covariance(real), p * p),
        ] {
            // In the engine's unit couplings are whole, and sums of them exact.
            let w: Vec<f64> = w.iter().map(|w| (w * unit).round()).collect();
            let (none, s) = (vec![0.0; n], spins(state, n));
            let memory = PatternMemory::new(packed.as_patterns(), rule, Diagonal::Zero);
            let memory = memory.expect("few patterns");
            for (i, found) in fields(&memory, state).into_iter().enumerate() {
                field.add(found - reference::field(&w, &s, i), 0.0);
            }
            let (mut moving, mut cache) = (state.clone(), vec![0; memory.cache_len()]);
            let bits = Bits::new(n, &mut moving[..]).expect("a state");
            let mut dynamics = Dynamics::new(&memory, bits, &mut cache).expect("its lengths");
            let twice = dynamics.twice_energy() as f64;
            energy.add(twice - 2.0 * reference::energy(&w, &none, &s), 0.0);
            let sweeps = dynamics.settle(Order::Ascending, 100).sweeps;
            let (expected, steps) = reference::settle(&w, &none, &s, 100);
            let found = spins(&moving, n);
            let differ = found.iter().zip(&expected).filter(|(a, b)| a != b);
            recall.add(differ.count() as f64, 0.0);
            recall.add(steps as f64 - f64::from(sweeps), 0.0);
        }
    }
    vec![
        field.row("Hopfield: fields of packed patterns"),
        energy.row("Hopfield: twice the energy"),
        recall.row("Hopfield: recall, wrong spins and sweeps"),
    ]
}

/// Couplings learned in float64, and their rounding to 16 bits.
fn learned(stored: &[Stored]) -> Vec<Row> {
    let (mut projected, mut storkey, mut rounded) = <(Worst, Worst, Worst)>::default();
    for Stored { packed, real, .. } in stored.iter().filter(|stored| stored.packed.units() <= 130) {
        let (n, p) = (packed.units(), packed.count());
        let (mut w, mut basis) = (vec![0.0; n * n], vec![0.0; p * n]);
        let independent = learn::project(packed, &mut basis, &mut w).is_ok();
        match reference::pseudo_inverse(real) {
            Some(expected) => compare(&w, &expected, n, &mut projected),
            None => projected.add(f64::from(u8::from(independent)), 0.0),
        }
        let (mut w, mut work) = (vec![0.0; n * n], vec![0.0; n]);
        for index in 0..p {
            let pattern = packed.get(index).expect("a pattern");
            learn::storkey_store(&pattern, &mut w, &mut work).expect("its lengths");
        }
        compare(&w, &reference::storkey(real), n, &mut storkey);
        let mut quantised = vec![0_i16; n * n];
        let scale = learn::quantise(n, &w, &mut quantised).expect("finite couplings");
        let couplings = Couplings::new(n, quantised).expect("a symmetric matrix");
        for (at, (&found, w)) in couplings.weights().iter().zip(&w).enumerate() {
            if at / n != at % n {
                rounded.add(f64::from(found) / scale - w, 0.5 / scale + 1e-12);
            }
        }
    }
    vec![
        projected.row("Hopfield: pseudo-inverse couplings"),
        storkey.row("Hopfield: Storkey couplings"),
        rounded.row("Hopfield: couplings in 16 bits"),
    ]
}

/// Couplings off the diagonal.
fn compare(found: &[f64], expected: &[f64], n: usize, worst: &mut Worst) {
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        if at / n != at % n {
            worst.add(found - expected, 1e-10);
        }
    }
}

/// Dense memories: of a low degree exactly; exponential to half a unit of the table a pattern.
fn dense(stored: &[Stored]) -> Vec<Row> {
    const BETA: f64 = 0.05;
    let (mut power, mut exponential) = <(Worst, Worst)>::default();
    for Stored {
        packed,
        real,
        state,
    } in stored.iter().filter(|stored| stored.packed.units() <= 130)
    {
        let (n, p) = (packed.units(), packed.count());
        let s = spins(state, n);
        let mut table = vec![0; n + 1];
        let interaction = Interaction::Polynomial { degree: 4 };
        interaction.tabulate(p, &mut table).expect("a degree");
        let memory = DenseMemory::new(packed.as_patterns(), table).expect("a table");
        for (i, found) in fields(&memory, state).into_iter().enumerate() {
            power.add(
                found - reference::dense_field(real, |m| m.powi(4), &s, i),
                0.0,
            );
        }
        let mut table = vec![0; exponential_table_len(BETA)];
        exponential_table(BETA, &mut table).expect("a temperature");
        let memory = ExponentialMemory::new(packed.as_patterns(), table).expect("a table");
        let overlap = |x: &Vec<f64>| x.iter().zip(&s).map(|(x, s)| x * s).sum::<f64>();
        let largest = real.iter().map(overlap).fold(f64::NEG_INFINITY, f64::max);
        let unit = (BETA * largest).exp() * (2.0 * BETA).exp_m1() / f64::from(1_u32 << 31);
        for (i, found) in fields(&memory, state).into_iter().enumerate() {
            let expected = reference::dense_field(real, |m| (BETA * m).exp(), &s, i) / unit;
            exponential.add(found - expected, 0.5 * p as f64 + 1e-3);
        }
    }
    vec![
        power.row("Hopfield: dense memory, degree 4, fields"),
        exponential.row("Hopfield: exponential memory, fields / 2^-31"),
    ]
}

/// The kernels of packed patterns, scalar beside SIMD: numbers that differ.
fn kernels(random: &mut Random) -> Vec<Row> {
    let mut worst = Worst::default();
    for (n, p) in [(2, 1), (65, 7), (512, 40), (784, 60), (1000, 700)] {
        let Stored { packed, state, .. } = Stored::random(n, p, random);
        let all = packed.as_words();
        let mut overlaps = [vec![0; p], vec![0; p]];
        scalar::overlaps(all, n, &state, &mut overlaps[0]);
        simd::overlaps(all, n, &state, &mut overlaps[1]);
        let c = |mu: usize| overlaps[0][mu];
        let mut fields = [vec![1; n], vec![1; n]];
        scalar::add_fields(all, words(n), c, &mut fields[0]);
        simd::add_fields(all, words(n), c, &mut fields[1]);
        let (c, own) = (|mu: usize| i64::from(overlaps[0][mu]), -(p as i64));
        let mut next = [vec![0; words(n)], vec![0; words(n)]];
        scalar::signs(all, n, c, own, &state, &mut next[0]);
        simd::signs(all, n, c, own, &state, &mut next[1]);
        let equal = [
            overlaps[0] == overlaps[1],
            fields[0] == fields[1],
            next[0] == next[1],
        ];
        for equal in equal {
            worst.add(f64::from(u8::from(!equal)), 0.0);
        }
    }
    vec![worst.row("Hopfield: kernels, scalar against SIMD")]
}

/// Null: the ends of 2^16 chains are draws from the Boltzmann distribution of a network of 5 units at beta = 1/8, which
/// 60 sweeps reach to well within the bound.
fn glauber(random: &mut Random) -> Vec<Row> {
    const UNITS: usize = 5;
    const BETA: f64 = 0.125;
    let mut w = vec![0_i16; UNITS * UNITS];
    for i in 0..UNITS {
        for j in 0..i {
            let coupling = random.fixed(1, 3)[0];
            (w[i * UNITS + j], w[j * UNITS + i]) = (coupling, coupling);
        }
    }
    let real: Vec<f64> = w.iter().map(|&w| w.into()).collect();
    let energy = |s: usize| reference::energy(&real, &[0.0; UNITS], &spins(&[s as u64], UNITS));
    let energies: Vec<f64> = states(UNITS).map(energy).collect();
    let expected = softmax::boltzmann(&energies, 1.0 / BETA);
    let network = Couplings::new(UNITS, w).expect("a symmetric matrix");
    let temperature = RecallTemperature::new(BETA).expect("a temperature");
    let mut rng = random.chains(1).remove(0);
    let mut found = vec![0.0; expected.len()];
    for _ in 0..CHAINS {
        let (mut state, mut cache) = ([0], [0; UNITS]);
        let bits = Bits::new(UNITS, &mut state[..]).expect("a state");
        let mut dynamics = Dynamics::new(&network, bits, &mut cache).expect("its lengths");
        for _ in 0..60 {
            dynamics.glauber_sweep(temperature, &mut rng);
        }
        found[state[0] as usize] += 1.0 / CHAINS as f64;
    }
    let mut worst = Worst::default();
    worst.add(
        total_variation(&found, &expected),
        total_variation_bound(&expected, CHAINS, FALSE_ALARM),
    );
    vec![worst.row("Hopfield: Glauber dynamics, total variation")]
}
